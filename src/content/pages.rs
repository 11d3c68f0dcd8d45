//! What the console shows of content: the documents, one to change, and what it would look like.

use maud::{Markup, html};

use super::{
    Document, form,
    item::{Field, Input, Item},
    reading::name,
    rows::Holding,
};
use crate::{
    form::{Faults, Fields},
    http::Published,
    page::{
        Crumb, Frame, Page,
        fields::{Filled, Text, long_text, summary_of_faults, tick},
        parts, time,
    },
    session::staff::{By, Supervisor},
    words::help,
};

/// The list of documents.
pub const LIST: &str = "/staff/content";
/// The id of the list of places that a text may have.
const PLACES: &str = "places";

/// The path of a document.
pub fn path(document: &Document) -> String {
    format!("{LIST}/{}", document.key())
}

/// The way back to a document's page.
pub fn way() -> Vec<Crumb> {
    vec![Crumb::new("Content", LIST)]
}

/// The way back to a page about a document.
pub fn way_from(frame: &Frame, document: &Document) -> Vec<Crumb> {
    [way(), vec![Crumb::new(document.label(&frame.agency), path(document))]].concat()
}

/// What the list of documents is made of.
pub struct List<'a> {
    /// Those that were published.
    pub holding: &'a [Holding],
    /// The names of those of which a version waits for a second employee.
    pub waiting: &'a [String],
    /// What the portal says.
    pub published: &'a Published,
    /// Who looks.
    pub by: By<'a>,
}

/// All documents, and who changed each last.
pub fn list(frame: &Frame, list: &List<'_>, form: Filled<'_>) -> Page {
    let gone = list.holding.iter().filter_map(|held| Document::of_key(&held.document, &frame.agency));
    let gone: Vec<Document> = gone.filter(|document| !document.is_there(&frame.agency)).collect();
    let all = Document::all(&frame.agency).into_iter().chain([("Pages that were taken away", gone)]);
    let body = html! {
        (summary_of_faults(form.faults))
        p { "What the portal says, on its pages and to people. Whatever is published here holds at once." }
        @for (heading, documents) in all {
            @if !documents.is_empty() {
                table class="stack" {
                    caption { (heading) }
                    thead { tr { th scope="col" { "What" } th scope="col" { "Version" } th scope="col" { "Changed" } } }
                    tbody { @for document in &documents { (row(frame, list, document)) } }
                }
            }
        }
        @if list.by.role.may::<Supervisor>() {
            form method="get" action=(format!("{LIST}/new")) class="card" {
                h2 { "A new page" }
                (Text::new("name", "Name in its address").hint("For /services/winter-plates it is winter-plates.").show(form))
                button class="button" { "Write it" }
            }
        }
    };
    Page::new("Content", body).of_console(vec![]).faulty(!form.faults.is_empty())
}

fn row(frame: &Frame, list: &List<'_>, document: &Document) -> Markup {
    let key = document.key();
    let held = list.holding.iter().find(|held| held.document == key);
    html! {
        tr {
            th scope="row" {
                a href=(path(document)) { (document.label(&frame.agency)) }
                @if let Document::Service(_) | Document::Guide(_) = document { @if let Some(public) = document.public_path() { " " span class="quiet" { (public) } } }
            }
            td data-label="Version" {
                (held.map_or(0, |held| held.version))
                @if list.waiting.contains(&key) { ", another waits to be published" }
                @if list.published.unfit.contains_key(&key) { ", does not fit the configuration" }
            }
            td data-label="Changed" {
                @match held {
                    Some(held) => { (held.by_name) ", " (time::stamp(&frame.agency, held.at)) },
                    None => "as configured",
                }
            }
        }
    }
}

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
        form method="post" action=(path(draft.document)) novalidate class="card" id="document" tabindex="-1" {
            (frame.form_token())
            input type="hidden" name="base" value=(draft.base);
            (kept(draft))
            @if !draft.replaces.is_empty() { input type="hidden" name="replaces" value=(draft.replaces); }
            // The first button is what Enter presses.
            @if !draft.document.offers().is_empty() { p { button class="button second" name="act" value="preview" { "Preview" } } }
            @for (index, item) in draft.items.iter().enumerate() { (one(frame, draft, index, item, form)) }
            @if draft.items.is_empty() { (adding(draft.document, 0, "")) }
            div class="bar" {
                a class="button second" href=(LIST) { "Cancel" }
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
    Page::new(draft.document.label(&frame.agency), body).of_console(way()).faulty(!draft.faults.is_empty())
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
        details class="tip" id=(PLACES) open {
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
    let is_heading = draft.items[index].is(&super::item::GROUP);
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

/// What a changed document would look like, and the button that publishes it.
pub fn preview(frame: &Frame, draft: &Draft<'_>, shown: &Markup, is_changed: bool) -> Page {
    let fields = if draft.is_correction { Fields::default().with("correction", "yes") } else { Fields::default() };
    let (fields, faults) = (fields.with("note", draft.note), Faults::default());
    let form = Filled { fields: &fields, faults: &faults };
    let body = html! {
        (before(draft, is_changed))
        @if is_changed { p { a href="#publish" { "Skip the preview" } } }
        (as_shown(shown))
        form method="post" action=(path(draft.document)) class="card" id="publish" tabindex="-1" {
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
        .of_console(way_from(frame, draft.document))
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
    Page::new(document.label(&frame.agency), html! { (waits) (as_shown(shown)) (history) }).of_console(way())
}
