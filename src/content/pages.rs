//! What the console shows of content: the documents, one to change, what it would look like, and its versions.

use maud::{Markup, html};

use super::{
    Document, form,
    item::{Field, Input, Item},
    reading::name,
    rows::{Now, Version},
};
use crate::{
    form::{Faults, Fields},
    page::{
        Crumb, Frame, Page,
        fields::{Filled, Text, long_text, summary_of_faults, tick},
        parts, time,
    },
    session::staff::{By, Supervisor},
    words::{Occasion, wording::Form},
};

/// The list of documents.
pub const LIST: &str = "/staff/content";

/// The path of a document.
pub fn path(document: &Document) -> String {
    format!("{LIST}/{}", document.key())
}

fn crumbs() -> Vec<Crumb> {
    vec![Crumb::new("Content", LIST)]
}

/// All documents, and who changed each last.
pub fn list(frame: &Frame, changed: &[Now], by: By<'_>, form: Filled<'_>) -> Page {
    let last = |document: &Document| changed.iter().find(|now| now.document == document.key());
    let body = html! {
        (summary_of_faults(form.faults))
        p { "What the portal says, on its pages and to people. Whatever is published here holds at once." }
        @for (heading, documents) in Document::all(&frame.agency) {
            @if !documents.is_empty() {
                table class="stack" {
                    caption { (heading) }
                    thead { tr { th scope="col" { "What" } th scope="col" { "Version" } th scope="col" { "Changed" } } }
                    tbody {
                        @for document in documents {
                            tr {
                                th scope="row" {
                                    a href=(path(&document)) { (document.label(&frame.agency)) }
                                    @if let Document::Service(_) | Document::Guide(_) = document { @if let Some(public) = document.public_path() { " " span class="quiet" { (public) } } }
                                }
                                @match last(&document) {
                                    Some(now) => {
                                        td data-label="Version" { (now.version) }
                                        td data-label="Changed" { (now.by_name) ", " (time::stamp(&frame.agency, now.at)) }
                                    }
                                    None => {
                                        td data-label="Version" { "0" }
                                        td data-label="Changed" { "as configured" }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        @if by.role.may::<Supervisor>() {
            form method="get" action=(format!("{LIST}/new")) class="card" {
                h2 { "A new page" }
                (Text::new("name", "Name in its address").hint("For /services/winter-plates it is winter-plates.").show(form))
                button class="button" { "Write it" }
            }
        }
    };
    Page::new("Content", body).of_console(vec![]).faulty(!form.faults.is_empty())
}

/// A document that is being changed, or looked at.
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
}

/// A document to change: its items, and below them its versions.
pub fn edit(frame: &Frame, draft: &Draft<'_>, history: &Markup, is_published: bool) -> Page {
    let fields = form::fields(draft.items);
    let form = Filled { fields: &fields, faults: draft.faults };
    let is_list = !draft.document.offers().is_empty();
    let body = html! {
        (summary_of_faults(draft.faults))
        @if is_published { (parts::notice(&html! { "It is published." })) }
        (places(draft.document))
        form method="post" action=(path(draft.document)) novalidate class="card" id="document" tabindex="-1" {
            (frame.form_token())
            input type="hidden" name="base" value=(draft.base);
            // The first button is what Enter presses.
            @if is_list { p { button class="button second" name="act" value="preview" { "Preview" } } }
            @for (index, item) in draft.items.iter().enumerate() { (one(draft, index, item, form)) }
            @if draft.items.is_empty() { (adding(draft.document, 0, None)) }
            div class="bar" {
                a class="button second" href=(LIST) { "Cancel" }
                div class="right" {
                    button class="button" name="act" value="preview" { "Preview" }
                    @if matches!(draft.document, Document::Guide(key) if frame.agency.guide(key).is_some()) {
                        button class="button second" name="act" value="away" { "Take this page away" }
                    }
                }
            }
        }
        (history)
    };
    Page::new(draft.document.label(&frame.agency), body).of_console(crumbs()).faulty(!draft.faults.is_empty())
}

/// The places that a text may have.
fn places(document: &Document) -> Markup {
    let Document::Text(occasion) = document else { return html! {} };
    let must = occasion.places().iter().filter(|place| place.required).map(|place| place.name);
    let braced = |names: Vec<&str>| names.iter().map(|name| format!("{{{name}}}")).collect::<Vec<_>>().join(", ");
    let must = braced(must.collect());
    html! {
        p class="hint" {
            "Filled in when it is written: " (braced(occasion.place_names().collect())) "."
            @if !must.is_empty() { " It must say " (must) "." }
        }
    }
}

fn one(draft: &Draft<'_>, index: usize, item: &Item, form: Filled<'_>) -> Markup {
    let Some(kind) = item.kind() else { return html! {} };
    let title =
        ["label", "title", "question", "step"].into_iter().map(|name| item.text(name)).find(|text| !text.is_empty());
    let is_movable = draft.document.offers().iter().any(|offered| offered.name == kind.name);
    html! {
        details class={ "item " (kind.name) } id=(format!("item-{index}")) open[is_open(draft, index, item)] {
            summary { (kind.label) @if let Some(title) = title { ": " (title) } }
            fieldset {
                legend class="unseen" { (kind.label) @if let Some(title) = title { ": " (title) } }
                input type="hidden" name=(name(index, "kind")) value=(kind.name);
                // Short fields that follow one another share a row.
                @for fields in kind.fields.chunk_by(|one, next| one.input == Input::Line && next.input == Input::Line) {
                    div class=[(fields.len() > 1).then_some("row")] { @for field in fields { (self::field(index, field, form)) } }
                }
                @if is_movable { (tools(draft, index, title.unwrap_or_default())) }
                @else if !draft.document.offers().is_empty() { (adding(draft.document, index, title)) }
            }
        }
    }
}

/// A long list shows its fields where something is to be done: where a button was pressed, where a fault is, where nothing
/// is filled in.
fn is_open(draft: &Draft<'_>, index: usize, item: &Item) -> bool {
    let is_faulty = draft.faults.iter().any(|(field, _)| field.starts_with(&name(index, "")));
    draft.document.offers().is_empty() || draft.touched == Some(index) || is_faulty || item.values.is_empty()
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

/// The buttons of an item; the page comes back with the item in sight.
fn tools(draft: &Draft<'_>, index: usize, title: &str) -> Markup {
    let button = |act: &str, label: &str, at: usize| {
        let target = format!("{}#item-{at}", path(draft.document));
        html! { button class="plain" name="act" value=(format!("{act}-{index}")) formaction=(target) { (label) span class="unseen" { " " (title) } } }
    };
    html! {
        p class="tools" {
            @if index > 0 { (button("up", "Move up", index - 1)) }
            @if index + 1 < draft.items.len() { (button("down", "Move down", index + 1)) }
            (button("remove", "Remove", index.saturating_sub(1)))
            @for (kind, offered) in draft.document.offers().iter().enumerate() {
                (button(&format!("add-{kind}"), &format!("Add {} below", article(offered.label)), index + 1))
            }
        }
    }
}

fn adding(document: &Document, index: usize, title: Option<&str>) -> Markup {
    html! {
        p class="tools" {
            @for (kind, offered) in document.offers().iter().enumerate() {
                button class="plain" name="act" value=(format!("add-{kind}-{index}")) {
                    "Add " (article(offered.label)) @if let Some(title) = title { " below" span class="unseen" { " " (title) } }
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

/// What a changed document would look like, and the button that publishes it.
pub fn preview(frame: &Frame, draft: &Draft<'_>, shown: &Markup, is_changed: bool) -> Page {
    let (fields, faults) = <(Fields, Faults)>::default();
    let form = Filled { fields: &fields, faults: &faults };
    let is_letter = matches!(draft.document, Document::Text(occasion) if occasion.form() == Form::Letter);
    let body = html! {
        (parts::notice(&html! { @if is_changed { "This is not published yet." } @else { "This is what is published: nothing was changed." } }))
        (as_shown(shown))
        form method="post" action=(path(draft.document)) class="card" {
            (frame.form_token())
            (hidden(draft))
            @if is_changed {
                (Text::new("note", "What you changed").optional().hint("For your colleagues, in the list of versions.").show(form))
                @if draft.document.is_terms() {
                    (tick("correction", &html! { "Only a correction: nobody is asked to agree again." }, false, form))
                }
            }
            div class="bar" {
                div class="right" {
                    @if is_changed { button class="button" name="act" value="publish" { "Publish" } }
                    @if is_letter { button class="button second" name="act" value="print" formtarget="_blank" { "As a letter (PDF)" span class="unseen" { ", opens in a new tab" } } }
                    button class="button second" name="act" value="edit" { "Go back and change it" }
                }
            }
        }
    };
    Page::new(format!("Preview: {}", draft.document.label(&frame.agency)), body)
        .of_console([crumbs(), vec![Crumb::new(draft.document.label(&frame.agency), path(draft.document))]].concat())
}

/// The items, for a form that does not show them.
fn hidden(draft: &Draft<'_>) -> Markup {
    let fields = form::fields(draft.items);
    html! {
        input type="hidden" name="base" value=(draft.base);
        @for (index, item) in draft.items.iter().enumerate() { input type="hidden" name=(name(index, "kind")) value=(item.kind); }
        @for (key, value) in fields.pairs() { input type="hidden" name=(key) value=(value); }
    }
}

fn as_shown(shown: &Markup) -> Markup {
    html! { section class="preview" aria-label="As it will be seen" { (shown) } }
}

/// A document for those who do not change it.
pub fn look(frame: &Frame, document: &Document, shown: &Markup, history: &Markup) -> Page {
    Page::new(document.label(&frame.agency), html! { (as_shown(shown)) (history) }).of_console(crumbs())
}

/// The versions of a document, newest first; which one holds, and whether older ones follow.
pub fn history(frame: &Frame, document: &Document, versions: &[Version], (holds, first): (i64, i64)) -> Markup {
    let at = |number: i64| format!("{}/versions/{number}", path(document));
    let oldest = versions.last().map_or(1, |version| version.number);
    html! {
        table class="stack" {
            caption { "Versions, newest first" }
            thead { tr { th scope="col" { "Version" } th scope="col" { "By" } th scope="col" { "What changed" } } }
            tbody {
                @for version in versions {
                    tr {
                        th scope="row" { a href=(at(version.number)) { "Version " (version.number) } @if version.number == holds { " (published)" } }
                        td data-label="By" { (version.by_name) ", " (time::stamp(&frame.agency, version.at)) }
                        td data-label="What changed" { (version.note) }
                    }
                }
                @if oldest <= 1 {
                    tr {
                        th scope="row" { a href=(at(0)) { "Version 0" } @if holds == 0 { " (published)" } }
                        td data-label="By" { "as configured" }
                        td data-label="What changed" {}
                    }
                }
            }
        }
        p {
            @if oldest > 1 { a href=(format!("{}?before={oldest}", path(document))) { "Older versions" } " " }
            @if first < holds { a href=(path(document)) { "Newest versions" } " " }
            @if let Some(public) = document.public_path() { a href=(public) { "See it as it is" } }
        }
    }
}

/// One version, and the button that brings it back.
pub fn version(
    frame: &Frame,
    draft: &Draft<'_>,
    (number, published): (i64, Option<&Version>),
    shown: Result<&Markup, &Faults>,
    by: By<'_>,
) -> Page {
    let document = draft.document;
    let body = html! {
        @match published {
            Some(version) => p { "Published by " (version.by_name) ", " (time::stamp(&frame.agency, version.at)) ". " (version.note) },
            None => p { "As the agency's configuration has it." },
        }
        @match shown {
            Ok(shown) => (as_shown(shown)),
            Err(faults) => { (parts::notice(&html! { @for (_, sentence) in faults.iter() { p { (sentence) } } })) },
        }
        @if number != draft.base && by.role.may::<Supervisor>() {
            form method="post" action=(path(document)) {
                (frame.form_token())
                (hidden(draft))
                p { button class="button" name="act" value="preview" { "Bring this version back" } }
            }
        } @else if number == draft.base { p { "This version is published." } }
    };
    let crumbs = [crumbs(), vec![Crumb::new(document.label(&frame.agency), path(document))]].concat();
    Page::new(format!("Version {number}"), body).of_console(crumbs)
}

/// Whether a document is a letter, which has a PDF.
pub fn as_letter(document: &Document) -> Option<Occasion> {
    match document {
        Document::Text(occasion) if occasion.form() == Form::Letter => Some(*occasion),
        _ => None,
    }
}
