//! What whoever follows the link of a change's mail sees.

use maud::html;

use crate::{
    logon::changes::Noted,
    page::{Frame, Page},
};

/// Asks whether to freeze the logon after a change.
pub fn freeze(frame: &Frame, change: &Noted, action: &str) -> Page {
    let body = html! {
        p { (change.what.sentence()) }
        @if change.is_freezable {
            p { "If you did not make this change, freeze the logon. Nobody can sign in with it until our staff have looked at it. The change itself stays as it is." }
            form method="post" action=(action) {
                (frame.form_token())
                div class="bar" { a class="button second" href="/" { "Cancel" } div class="right" { button class="button action" { "Freeze logon" } } }
            }
        } @else {
            p role="status" { "The logon is frozen, or the change is too old to freeze. " a href="/contact" { "Contact us" } " if you need help." }
        }
    };
    Page::new("A change to your logon", body)
}
