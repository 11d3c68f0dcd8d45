//! Parts that many pages have: section heads, recaps, help, notices.

use maud::{Markup, html};

use super::Icon;

/// A section's heading with its icon, which screen readers pass over (R9).
pub fn section(icon: Icon, text: &str) -> Markup {
    html! { h2 class="section-head" { (icon.show()) (text) } }
}

/// The agency's help for a step (R13).
pub fn help(text: Option<&str>) -> Markup {
    html! { @if let Some(text) = text { aside class="help no-print" aria-label="Help for this step" { p { (text) } } } }
}

/// Names and values, read-only (R108).
pub fn recap(rows: &[(&str, Markup)]) -> Markup {
    html! { dl class="recap" { @for (name, value) in rows { dt { (name) } dd { (value) } } } }
}

/// Something that went well, announced once.
pub fn notice(text: &Markup) -> Markup {
    html! { div class="notice" role="status" { (text) } }
}

/// Help that opens on demand, by keyboard as well (R162).
pub fn tip(title: &str, body: &Markup) -> Markup {
    html! { details class="tip" { summary { (Icon::Question.show()) (title) } (body) } }
}

/// A link that leaves the portal says so.
pub fn link(label: &str, href: &str) -> Markup {
    let outside = href.starts_with("https://") || href.starts_with("http://");
    html! {
        @if outside { a href=(href) rel="noopener noreferrer" { (label) span class="unseen" { " (external site)" } span aria-hidden="true" { " ↗" } } }
        @else { a href=(href) { (label) } }
    }
}
