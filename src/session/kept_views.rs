//! Kept forms, as they are offered.

use maud::{Markup, html};

use super::kept::Kept;
use crate::{
    http::resend_views::{hidden, label, shown},
    page::{Frame, Page, time},
};

/// Shows what was typed, form by form, each to be sent or discarded.
pub(super) fn kept(frame: &Frame, place: &str, forms: &[Kept]) -> Page {
    let (title, intro) = match forms {
        [_] => ("Form not sent", "Your session ended before this form was sent. Check what you typed, then send it."),
        _ => (
            "Forms not sent",
            "Your session ended before these forms were sent. Check what you typed, then send each. To return here for the next one, use your browser's Back button.",
        ),
    };
    let body = html! {
        p { (intro) }
        p class="hint" { "Passwords, codes, and files were not saved. If a form needs them, you will be asked for them again." }
        @for kept in forms { (one(frame, place, kept)) }
    };
    Page::new(title, body)
}

fn one(frame: &Frame, place: &str, kept: &Kept) -> Markup {
    let fields = kept.fields();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    html! {
        h2 { (place_names(&kept.path)) }
        dl class="recap" {
            dt { "Entered" } dd { (time::stamp(&frame.agency, kept.at)) }
            (shown(&fields))
        }
        form method="post" action=(format!("{place}/{}/send", kept.id)) {
            (hidden(frame, &fields))
            div class="bar" {
                button class="button second" formaction=(format!("{place}/{}/discard", kept.id)) { "Discard form" }
                div class="right" { button class="button action" { "Send form" } }
            }
        }
    }
}

/// Where a form goes, as people read it: `/accounts/dealer/00-0001/messages` is “Accounts, Dealer, 00-0001, Messages”.
fn place_names(path: &str) -> String {
    let names = path.split('/').filter(|name| !["", "staff"].contains(name));
    let is_number = |name: &str| name.contains(|letter: char| letter.is_ascii_digit());
    names.map(|name| if is_number(name) { name.to_owned() } else { label(name) }).collect::<Vec<_>>().join(", ")
}
