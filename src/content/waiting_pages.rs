//! What the console shows of a version that waits for a second employee.

use maud::{Markup, html};

use super::{Document, edit_pages::Draft, pages, publish_pages, waiting::Waiting};
use crate::{
    form::Faults,
    page::{Frame, Page, time},
    session::staff::{By, Supervisor},
};

/// The path of what waits of a document.
pub fn path(document: &Document) -> String {
    format!("{}/waiting", pages::path(document))
}

/// Word of what waits, on the document's page.
pub fn word(frame: &Frame, document: &Document, waiting: Option<&Waiting>) -> Markup {
    html! {
        @if let Some(waiting) = waiting {
            div class="notice warn" {
                p {
                    "A version of " (waiting.author_name) ", " (time::stamp(&frame.agency, waiting.at))
                    @match &waiting.refused_by {
                        None => ", waits for another supervisor to publish it. ",
                        Some(name) => { ", was not published by " (name) ". " }
                    }
                    a href=(path(document)) { "Look at it" }
                }
            }
        }
    }
}

/// What was found of a version that waits.
pub struct Seen<'a> {
    /// What it looks like, or why it can't be published.
    pub shown: Result<&'a Markup, &'a Faults>,
    /// What came between, if something did.
    pub word: Option<&'a str>,
}

/// What waits, and what may be done with it.
pub fn one(frame: &Frame, document: &Document, waiting: &Waiting, seen: &Seen<'_>, by: By<'_>) -> Page {
    let faults = Faults::default();
    let is_gone = waiting.items.is_empty();
    let draft = Draft {
        base: waiting.base,
        note: &waiting.note,
        is_correction: waiting.is_correction,
        is_gone,
        replaces: &waiting.mark,
        ..Draft::new(document, &waiting.items, &faults)
    };
    let is_own = waiting.author == by.id;
    let is_refused = waiting.refused_by.is_some();
    let body = html! {
        @if let Some(word) = seen.word { div class="notice warn" role="alert" { p { (word) } } }
        @if let Some(name) = &waiting.refused_by { div class="notice warn" { p { (name) " did not publish it." } } }
        p {
            "Written by " (waiting.author_name) ", " (time::stamp(&frame.agency, waiting.at)) ". " (waiting.note)
            @if document.is_terms() {
                " "
                @if waiting.is_correction { "Only a correction: nobody is asked to agree again." }
                @else { "Everybody is asked to agree to it before their next page." }
            }
        }
        @match seen.shown {
            Ok(shown) => (publish_pages::as_shown(shown)),
            Err(faults) => div class="notice warn" role="alert" {
                p { "It can't be published as things are now." }
                @for (_, sentence) in faults.iter() { p { (sentence) } }
            },
        }
        @if is_own && !is_refused { p { "Another employee, a supervisor, has to publish it." } }
        @if by.role.may::<Supervisor>() {
            div class="bar" {
                @if !is_own && !is_refused && seen.shown.is_ok() { (button(frame, document, waiting, ("publish", "Publish"), "button")) }
                @if is_own || is_refused { (button(frame, document, waiting, ("withdraw", "Withdraw it"), "button second")) }
                @else { (button(frame, document, waiting, ("refuse", "Don't publish it"), "button second")) }
                @if is_own {
                    form method="post" action=(pages::path(document)) {
                        (frame.form_token())
                        (publish_pages::hidden(&draft))
                        (publish_pages::kept(&draft))
                        button class="button second" name="act" value="edit" { "Change it" }
                    }
                }
            }
        }
    };
    Page::new(format!("{}, waiting", document.label(&frame.agency)), body).of_console(pages::way_from(frame, document))
}

fn button(frame: &Frame, document: &Document, waiting: &Waiting, (act, label): (&str, &str), class: &str) -> Markup {
    html! {
        form method="post" action=(format!("{}/{act}", path(document))) {
            (frame.form_token())
            input type="hidden" name="mark" value=(waiting.mark);
            button class=(class) { (label) }
        }
    }
}
