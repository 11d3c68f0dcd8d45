//! A document as the console's form shows it: its items, and what its buttons do.

use maud::{Markup, html};

use super::{
    Document, form,
    item::{self, Field, Input, Item},
    pages, publish_pages,
    reading::name,
};
use crate::{
    form::Faults,
    page::{
        Frame, Page,
        fields::{Filled, Text, long_text, summary_of_faults, tick},
    },
    words::help,
};

/// A document that is being changed, or looked at.
#[derive(Clone, Copy)]
pub struct Draft<'a> {
    /// Which.
    pub document: &'a Document,
    /// The version that it was made from.
    pub base: i64,
    /// What it says.
    pub items: &'a [Item],
    /// What is wrong with it.
    pub faults: &'a Faults,
    /// The item that a button of the form has just moved or added.
    pub touched: Option<usize>,
    /// What was changed, as far as it was typed.
    pub note: &'a str,
    /// Whether nobody is to be asked to agree again.
    pub is_correction: bool,
    /// Whether the page is to be taken away.
    pub is_gone: bool,
    /// The mark of the version that waits and that it takes the place of; empty for none.
    pub replaces: &'a str,
}

impl<'a> Draft<'a> {
    /// A document as it stands, made from the configuration.
    pub fn new(document: &'a Document, items: &'a [Item], faults: &'a Faults) -> Self {
        Self {
            document,
            base: 0,
            items,
            faults,
            touched: None,
            note: "",
            is_correction: false,
            is_gone: false,
            replaces: "",
        }
    }
}

/// What is said over the form of a document.
#[derive(Default)]
pub struct Note<'a> {
    /// Why what was published does not hold.
    pub unfit: Option<&'a str>,
    /// Word of a version that waits.
    pub waits: Markup,
}

/// A document to change: its items, and below them its versions.
pub fn edit(frame: &Frame, draft: &Draft<'_>, history: &Markup, note: Note<'_>) -> Page {
    let fields = form::fields(draft.items);
    let form = Filled { fields: &fields, faults: draft.faults };
    let is_there = draft.document.is_there(&frame.agency);
    let body = html! {
        (summary_of_faults(draft.faults))
        (said(draft, &note))
        (places(draft.document))
        form method="post" action=(pages::path(draft.document)) novalidate class="card" id="document" tabindex="-1" {
            (frame.form_token())
            input type="hidden" name="base" value=(draft.base);
            (publish_pages::kept(draft))
            @if !draft.replaces.is_empty() { input type="hidden" name="replaces" value=(draft.replaces); }
            // The first button is what Enter presses.
            @if !draft.document.offers().is_empty() { p { button class="button second" name="act" value="preview" { "Preview" } } }
            @for (index, item) in draft.items.iter().enumerate() { (one(frame, draft, index, item, form)) }
            @if draft.items.is_empty() { (adding(draft.document, 0, "")) }
            div class="bar" {
                a class="button second" href=(pages::LIST) { "Cancel" }
                div class="right" {
                    button class="button" name="act" value="preview" { "Preview" }
                    @if is_there && matches!(draft.document, Document::Guide(_)) {
                        button class="button second" name="act" value="away" { "Take this page away" }
                    }
                }
            }
        }
        (history)
    };
    Page::new(draft.document.label(&frame.agency), body).of_console(pages::way()).faulty(!draft.faults.is_empty())
}

fn said(draft: &Draft<'_>, note: &Note<'_>) -> Markup {
    let touched = draft.touched.and_then(|index| Some((index + 1, draft.items.get(index)?)));
    html! {
        @if let Some(why) = note.unfit {
            div class="notice warn" role="alert" {
                p { "What was published does not fit the agency's configuration any more, and the portal says what the configuration says. " (why) }
            }
        }
        (note.waits)
        @if let Some((place, item)) = touched {
            div class="notice" role="status" { p { (named(item)) " is number " (place) " of " (draft.items.len()) " now." } }
        }
    }
}

fn named(item: &Item) -> String {
    let kind = item.kind().map_or("", |kind| kind.label);
    if item.title().is_empty() { format!("New {}", kind.to_lowercase()) } else { format!("{kind}: {}", item.title()) }
}

/// The places that a text may have, and what stands in them.
fn places(document: &Document) -> Markup {
    let Document::Text(occasion) = document else { return html! {} };
    html! {
        details class="tip" open {
            summary { "What is filled in" }
            ul {
                @for place in occasion.places() {
                    li { code { "{" (place.name) "}" } ", for example “" (place.sample.trim()) "”" @if place.required { ": must stay" } }
                }
                li { code { "{portal}" } ", " code { "{agency}" } ", " code { "{url}" } ": the portal's and the agency's names, the portal's address" }
            }
        }
    }
}

fn one(frame: &Frame, draft: &Draft<'_>, index: usize, item: &Item, form: Filled<'_>) -> Markup {
    let Some(kind) = item.kind() else { return html! {} };
    let step = item.text("step");
    let step = help::steps(&frame.agency).into_iter().find(|(key, _)| key == step).map(|(_, name)| name);
    let title = step.unwrap_or_else(|| named(item));
    let is_movable = draft.document.offers().iter().any(|offered| offered.name == kind.name);
    let fields = html! {
        input type="hidden" name=(name(index, "kind")) value=(kind.name);
        @if item.has("step") { input type="hidden" name=(name(index, "step")) value=(item.text("step")); }
        // Short fields that follow one another share a row.
        @for fields in kind.fields.chunk_by(|one, next| one.input == Input::Line && next.input == Input::Line) {
            div class=[(fields.len() > 1).then_some("row")] { @for field in fields { (self::field(index, field, form)) } }
        }
        @if is_movable { (tools(draft, index, &title)) } @else { (adding(draft.document, index, &title)) }
    };
    let id = format!("item-{index}");
    html! {
        @if draft.items.len() == 1 && !is_movable { div class="item" id=(id) { (fields) } }
        @else {
            details class={ "item " (kind.name) } id=(id) open[is_open(draft, index, item)] {
                summary id=(format!("{id}-summary")) autofocus[draft.touched == Some(index)] { (title) }
                div role="group" aria-label=(title) { (fields) }
            }
        }
    }
}

/// A long list shows its fields where something is to be done: where a button was pressed, where a fault is, where nothing
/// is filled in.
fn is_open(draft: &Draft<'_>, index: usize, item: &Item) -> bool {
    let is_faulty = draft.faults.iter().any(|(field, _)| field.starts_with(&name(index, "")));
    draft.touched == Some(index) || is_faulty || item.values.is_empty()
}

fn field(index: usize, field: &Field, form: Filled<'_>) -> Markup {
    let name = name(index, field.name);
    let hint = (!field.hint.is_empty()).then_some(field.hint);
    match field.input {
        Input::Lines => long_text(&name, field.label, hint, field.required, form),
        Input::Tick => tick(&name, &html! { (field.label) }, false, form),
        Input::Line => {
            let text = Text::new(&name, field.label);
            let text = if field.required { text } else { text.optional() };
            let text = match hint {
                Some(hint) => text.hint(hint),
                None => text,
            };
            text.show(form)
        }
    }
}

/// The buttons of an item.
fn tools(draft: &Draft<'_>, index: usize, title: &str) -> Markup {
    let is_heading = draft.items[index].is(&item::GROUP);
    let button = |act: &str, label: &str| {
        html! { button class="plain" name="act" value=(format!("{act}-{index}")) { (label) span class="unseen" { " (" (title) ")" } } }
    };
    html! {
        p class="tools" {
            @if index > 0 { (button("up", if is_heading { "Move up with its entries" } else { "Move up" })) }
            @if index + 1 < draft.items.len() { (button("down", if is_heading { "Move down with its entries" } else { "Move down" })) }
            (button("remove", if is_heading { "Remove only the heading" } else { "Remove" }))
            @for (kind, offered) in draft.document.offers().iter().enumerate() {
                (button(&format!("add-{kind}"), &format!("Add {} below", article(offered.label))))
            }
        }
    }
}

fn adding(document: &Document, index: usize, title: &str) -> Markup {
    html! {
        @if !document.offers().is_empty() {
            p class="tools" {
                @for (kind, offered) in document.offers().iter().enumerate() {
                    button class="plain" name="act" value=(format!("add-{kind}-{index}")) {
                        "Add " (article(offered.label)) @if !title.is_empty() { " below" span class="unseen" { " (" (title) ")" } }
                    }
                }
            }
        }
    }
}

fn article(label: &str) -> String {
    let label = label.to_lowercase();
    let article = if label.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {label}")
}
