//! What the console shows of a document's versions.

use maud::{Markup, html};

use super::{Document, edit_pages::Draft, pages, publish_pages, queries::Version};
use crate::{
    form::Faults,
    http::Publication,
    page::{Frame, Page, time},
    session::staff::{By, Supervisor},
};

/// The versions of a document, newest first: those from `newest` on.
pub fn history(
    frame: &Frame,
    publication: &Publication,
    document: &Document,
    versions: &[Version],
    newest: i64,
) -> Markup {
    let (published, key) = (publication.now(), document.key());
    let holds = published.version(&key);
    let is_unfit = published.unfit.contains_key(&key);
    let oldest = versions.last().map_or(1, |version| version.number);
    let is_configured = document.is_there(publication.configured());
    let public = document.public_path().filter(|_| document.is_there(&published.agency));
    let mark = |number: i64| match (number == holds, is_unfit) {
        (true, false) => " (published)",
        (true, true) => " (published, does not fit)",
        _ => "",
    };
    html! {
        @if holds > 0 || is_configured {
            table class="stack" {
                caption { "Versions, newest first" }
                thead { tr { th scope="col" { "Version" } th scope="col" { "By" } th scope="col" { "What changed" } } }
                tbody {
                    @for version in versions {
                        tr {
                            th scope="row" { (link(document, version.number)) (mark(version.number)) }
                            td data-label="By" { (version.by_name) ", " (time::stamp(&frame.agency, version.at)) }
                            td data-label="What changed" { (version.note) }
                        }
                    }
                    @if oldest <= 1 && is_configured {
                        tr {
                            th scope="row" { (link(document, 0)) (mark(0)) }
                            td data-label="By" { "as configured" }
                            td data-label="What changed" {}
                        }
                    }
                }
            }
        }
        p {
            @if oldest > 1 { a href=(format!("{}?newest={}", pages::path(document), oldest - 1)) { "Older versions" } " " }
            @if newest < holds { a href=(pages::path(document)) { "Newest versions" } " " }
            @if let Some(public) = public { a href=(public) { "See it as it is" } }
        }
    }
}

/// In a tab of its own: beside it stands a form.
fn link(document: &Document, number: i64) -> Markup {
    let to = format!("{}/versions/{number}", pages::path(document));
    html! { a href=(to) target="_blank" { "Version " (number) span class="unseen" { " (opens in a new tab)" } } }
}

/// One version.
pub struct One<'a> {
    /// Its number.
    pub number: i64,
    /// What is known of it; nothing for what the configuration says.
    pub version: Option<&'a Version>,
    /// Whether the document's published version does not hold.
    pub is_unfit: bool,
    /// What it looks like, or why it can't be published.
    pub shown: Result<Markup, Faults>,
}

/// One version, and the button that brings it back.
pub fn one(frame: &Frame, draft: &Draft<'_>, one: &One<'_>, by: By<'_>) -> Page {
    let document = draft.document;
    let body = html! {
        @match one.version {
            Some(version) => p { "Published by " (version.by_name) ", " (time::stamp(&frame.agency, version.at)) ". " (version.note) },
            None => p { "As the agency's configuration has it." },
        }
        @match &one.shown {
            Ok(shown) => (publish_pages::as_shown(shown)),
            Err(faults) => div class="notice warn" {
                p { "This version does not fit as things are now." }
                @for (_, sentence) in faults.iter() { p { (sentence) } }
            },
        }
        @if one.number == draft.base { p { @if one.is_unfit { "This version is published, and does not hold: the portal says what the configuration says." } @else { "This version is published." } } }
        @else if by.role.may::<Supervisor>() && one.shown.is_ok() {
            form method="post" action=(pages::path(document)) {
                (frame.form_token())
                (publish_pages::hidden(&Draft { is_gone: draft.items.is_empty(), ..*draft }))
                p { button class="button" name="act" value="preview" { "Bring this version back" } }
            }
        }
    };
    Page::new(format!("{}, version {}", document.label(&frame.agency), one.number), body)
        .of_console(pages::way_from(frame, document))
}
