//! A kept form, as it is offered.

use maud::html;

use super::kept::Kept;
use crate::{
    http::resend_views::{hidden, label, shown},
    page::{Frame, Page, time},
};

/// Shows what was typed, to be sent or discarded.
pub(super) fn kept(frame: &Frame, place: &str, kept: &Kept) -> Page {
    let fields = kept.fields();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let body = html! {
        p { "Your session ended before this form was sent. Check what you typed, then send it." }
        dl class="recap" {
            dt { "Form" } dd { (place_names(&kept.path)) }
            dt { "Entered" } dd { (time::stamp(&frame.agency, kept.at)) }
            (shown(&fields))
        }
        p class="hint" { "Passwords, codes, and files were not saved. If the form needs them, you will be asked for them again." }
        form method="post" action=(format!("{place}/send")) {
            (hidden(frame, &fields))
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
