//! What the console shows before a document is published, and to those who do not change it.

use maud::{Markup, html};

use super::{Document, edit_pages::Draft, form, pages, reading::name};
use crate::{
    form::{Faults, Fields},
    page::{
        Frame, Page,
        fields::{Filled, Text, tick},
        parts,
    },
};

/// What a changed document would look like, and the button that publishes it.
pub fn preview(frame: &Frame, draft: &Draft<'_>, shown: &Markup, is_changed: bool) -> Page {
    let fields = if draft.is_correction { Fields::default().with("correction", "yes") } else { Fields::default() };
    let (fields, faults) = (fields.with("note", draft.note), Faults::default());
    let form = Filled { fields: &fields, faults: &faults };
    let body = html! {
        (before(draft, is_changed))
        @if is_changed { p { a href="#publish" { "Skip the preview" } } }
        (as_shown(shown))
        form method="post" action=(pages::path(draft.document)) class="card" id="publish" tabindex="-1" {
            (frame.form_token())
            (hidden(draft))
            @if is_changed {
                @if draft.document.is_terms() {
                    (tick("correction", &html! { "Only a correction: nobody is asked to agree again." }, false, form))
                }
                (Text::new("note", "What you changed").optional().hint("For your colleagues, in the list of versions.").show(form))
            } @else { (kept(draft)) }
            div class="bar" {
                div class="right" {
                    @if is_changed { button class="button" name="act" value="publish" { (publishing(draft)) } }
                    @if draft.document.letter().is_some() { button class="button second" name="act" value="print" formtarget="_blank" { "As a letter (PDF)" span class="unseen" { ", opens in a new tab" } } }
                    button class="button second" name="act" value="edit" { "Go back and change it" }
                }
            }
        }
    };
    Page::new(format!("Preview: {}", draft.document.label(&frame.agency)), body)
        .of_console(pages::way_from(frame, draft.document))
}

fn publishing(draft: &Draft<'_>) -> &'static str {
    match (draft.is_gone, draft.document.needs_release()) {
        (true, _) => "Take the page away",
        (false, true) => "Submit to a colleague",
        (false, false) => "Publish",
    }
}

fn before(draft: &Draft<'_>, is_changed: bool) -> Markup {
    let is_asked = draft.document.is_terms() && is_changed;
    parts::notice(&html! {
        @if !is_changed { p { "This is what is published: nothing was changed." } }
        @else if draft.is_gone { p { "This page will be gone. Its versions stay, and each can be brought back." } }
        @else { p { "This is not published yet." @if draft.document.needs_release() { " A second employee, a supervisor, has to publish it." } } }
        @if is_asked { p { "Everybody is asked to agree to it before their next page, unless it is only a correction." } }
    })
}

/// The items, for a form that does not show them.
pub fn hidden(draft: &Draft<'_>) -> Markup {
    let fields = form::fields(draft.items);
    html! {
        input type="hidden" name="base" value=(draft.base);
        @if draft.is_gone { input type="hidden" name="gone" value="yes"; }
        @if !draft.replaces.is_empty() { input type="hidden" name="replaces" value=(draft.replaces); }
        @for (index, item) in draft.items.iter().enumerate() { input type="hidden" name=(name(index, "kind")) value=(item.kind); }
        @for (key, value) in fields.pairs() { input type="hidden" name=(key) value=(value); }
    }
}

/// What was typed beside the items, for a form that does not show it.
pub fn kept(draft: &Draft<'_>) -> Markup {
    html! {
        @if !draft.note.is_empty() { input type="hidden" name="note" value=(draft.note); }
        @if draft.is_correction { input type="hidden" name="correction" value="yes"; }
    }
}

/// A document as those see it whom it is for.
pub fn as_shown(shown: &Markup) -> Markup {
    html! { section class="preview" aria-label="As it is seen" { (shown) } }
}

/// A document for those who do not change it.
pub fn look(frame: &Frame, document: &Document, (waits, shown): (&Markup, &Markup), history: &Markup) -> Page {
    Page::new(document.label(&frame.agency), html! { (waits) (as_shown(shown)) (history) }).of_console(pages::way())
}
