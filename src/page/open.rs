//! What makes a page live: one stream of hints, and parts that fetch themselves anew.

use maud::{Markup, html};

/// When a part of an open page fetches itself anew: it is told to when something changed, and when it comes back and has
/// not heard of all that did. A session ends as well when a new one takes its place, in another tab: two seconds later the
/// browser has that one's cookie, and the page goes on.
pub const WHEN_CHANGED: &str = "changed from:body, ended from:body delay:2s";

/// The stream of hints of a person's page, at `/live`. It is fetched again if it ever ends; a swap of its own is not
/// wanted.
pub fn stream() -> Markup {
    stream_of("/live")
}

/// The same for staff.
pub fn stream_for_staff() -> Markup {
    stream_of("/staff/live")
}

fn stream_of(path: &str) -> Markup {
    html! { div hidden data-hx-sse:connect=(path) data-hx-swap="none" data-hx-trigger="load, every 30s" {} }
}

/// A part of a page that keeps itself up to date from this path. What has not changed stays, and with it the focus and
/// what was typed: give what may have the focus an id.
pub fn part(id: &str, path: &str, body: &Markup) -> Markup {
    html! {
        div id=(id) data-hx-get=(path) data-hx-trigger=(WHEN_CHANGED) data-hx-swap="innerMorph" data-hx-status:4xx="swap:none"
            data-hx-status:5xx="swap:none" { (body) }
    }
}
