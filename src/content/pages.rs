//! What the console shows of content: the list of documents, and the way to each.

use maud::{Markup, html};

use super::Document;
use crate::{
    http::Published,
    page::{
        Crumb, Frame, Page,
        fields::{Filled, Text, summary_of_faults},
        time,
    },
    session::staff::{By, Supervisor},
};

/// The list of documents.
pub const LIST: &str = "/staff/content";
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
    /// The names of those of which a version waits for a second employee.
    pub waiting: &'a [String],
    /// What the portal says.
    pub published: &'a Published,
    /// Who looks.
    pub by: By<'a>,
}

/// All documents, and who changed each last.
pub fn list(frame: &Frame, list: &List<'_>, form: Filled<'_>) -> Page {
    let gone = list.published.holding.keys().filter_map(|key| Document::of_key(key, &frame.agency));
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
    let held = list.published.holding.get(&key);
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
