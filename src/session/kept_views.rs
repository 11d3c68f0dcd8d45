//! A kept form, as it is offered.

use maud::html;

use super::kept::Kept;
use crate::{
    http::resend_views::label,
    page::{Frame, Page, time},
};

/// Shows what was typed, to be sent or discarded.
pub(super) fn kept(frame: &Frame, place: &str, kept: &Kept) -> Page {
    let fields = kept.fields();
    let is_typed = |name: &str, value: &str| !["draft", "go"].contains(&name) && !value.trim().is_empty();
    let body = html! {
        p { "Your session ended before this form was sent. Check what you typed, then send it." }
        dl class="recap" {
            dt { "Form" } dd { (place_names(&kept.path)) }
            dt { "Entered" } dd { (time::stamp(&frame.agency, kept.at)) }
            @for (name, value) in fields.iter().filter(|(name, value)| is_typed(name, value)) {
                dt { (label(name)) } dd class="lines" { (value) }
            }
        }
        p class="hint" { "Passwords, codes, and files were not saved. If the form needs them, you will be asked for them again." }
        form method="post" action=(format!("{place}/send")) {
            (frame.form_token())
            @for (name, value) in &fields { input type="hidden" name=(name) value=(value); }
            div class="bar" {
                button class="button second" formaction=(format!("{place}/discard")) { "Discard form" }
                div class="right" { button class="button action" { "Send form" } }
            }
        }
    };
    Page::new("Form not sent", body)
}

/// Where a form goes, as people read it: `/accounts/dealer/00-0001/messages` is “Accounts, Dealer, 00-0001, Messages”.
fn place_names(path: &str) -> String {
    let names = path.split('/').filter(|name| !["", "staff"].contains(name));
    let is_number = |name: &str| name.contains(|letter: char| letter.is_ascii_digit());
    names.map(|name| if is_number(name) { name.to_owned() } else { label(name) }).collect::<Vec<_>>().join(", ")
}
