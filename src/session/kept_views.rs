//! A kept form, as it is offered.

use maud::html;

use super::kept::Kept;
use crate::page::{Frame, Page};

/// Shows what was typed, to be sent or discarded.
pub(super) fn kept(frame: &Frame, place: &str, kept: &Kept) -> Page {
    let fields = kept.fields();
    let is_typed = |name: &str, value: &str| !["draft", "go"].contains(&name) && !value.trim().is_empty();
    let body = html! {
        p { "Your session ended before this was sent. It was not lost: check it and send it now." }
        dl class="recap" {
            dt { "Goes to" } dd class="lines" { (kept.path) }
            @for (name, value) in fields.iter().filter(|(name, value)| is_typed(name, value)) {
                dt { (label(name)) } dd class="lines" { (value) }
            }
        }
        p class="hint" { "Passwords, codes and files are not kept. If some are needed, you are asked for them." }
        form method="post" action=(format!("{place}/send")) {
            (frame.form_token())
            @for (name, value) in &fields { input type="hidden" name=(name) value=(value); }
            div class="bar" {
                button class="button second" formaction=(format!("{place}/discard")) { "Discard" }
                div class="right" { button class="button action" { "Send" } }
            }
        }
    };
    Page::new("Not sent yet", body)
}

/// A field's name as people read it: `answer-by` is “Answer by”.
fn label(name: &str) -> String {
    let words = name.replace('-', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
