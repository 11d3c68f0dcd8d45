//! What a document would look like to those it is for.

use maud::{Markup, html};

use super::Document;
use crate::{
    page::{parts, time},
    post::LetterText,
    site,
    words::{
        Agency, Moment, Occasion, help,
        wording::{Way, Wording},
    },
};

/// The document as an agency has it.
pub fn show(url: &str, document: &Document, agency: &Agency) -> Markup {
    match document {
        Document::Home | Document::Menu => site::pages::home(agency).body,
        Document::Links => html! {
            ul { @for link in &agency.links { li { (parts::link(&link.label, &link.href)) } } }
        },
        Document::Service(key) => agency.service(key).map_or_else(gone, |service| {
            html! { p { strong { (service.title) } } (site::pages::service(agency, &service).body) }
        }),
        Document::Guide(key) => agency
            .guide(key)
            .map_or_else(gone, |guide| html! { p { strong { (guide.title) } } (site::pages::guide(guide).body) }),
        Document::Faqs => site::pages::faqs(agency).body,
        Document::Contact => site::pages::contact(agency).body,
        Document::Help => html! {
            @for (step, name) in help::steps(agency) {
                @if let Some(text) = agency.help(&step) { p class="hint" { (name) } (parts::help(Some(text))) }
            }
        },
        Document::Terms => terms(&agency.terms),
        Document::AccessTerms => terms(&agency.access_terms),
        Document::Text(occasion) => text(*occasion, &filled(url, *occasion, agency)),
    }
}

fn gone() -> Markup {
    html! { p { "There will be no such page." } }
}

fn terms(terms: &crate::words::agency::Terms) -> Markup {
    html! { p { strong { (terms.title) } } (site::pages::paragraphs(terms)) }
}

fn text(occasion: Occasion, said: &Wording) -> Markup {
    html! {
        @if !said.subject.is_empty() { p { strong { (said.subject) } } }
        @if occasion.way() == Way::Letter {
            p { "What to do" }
            ol { @for step in &said.steps { li { (step) } } }
            p { (said.aside) }
        }
        p class="as-typed" { (said.text) }
    }
}

/// A text with samples in its places.
fn filled(url: &str, occasion: Occasion, agency: &Agency) -> Wording {
    let mut places: Vec<(&str, &str)> = occasion.places().iter().map(|place| (place.name, place.sample)).collect();
    places.extend([("portal", &*agency.portal), ("agency", &*agency.name), ("url", url)]);
    agency.wording(occasion).filled(&places)
}

/// A letter as it would be printed, to an account that nobody has.
pub fn letter((url, now): (&str, Moment), occasion: Occasion, agency: &Agency) -> LetterText {
    let said = filled(url, occasion, agency);
    let has_code = occasion.brings_a_secret();
    LetterText {
        letterhead: agency.letterhead.clone(),
        address: ["LAKESIDE MOTORS", "12 SAMPLE ST", "LANSING MI 48901"].map(str::to_owned).into(),
        date: time::day(agency, now),
        subject: said.subject,
        facts: vec![("Account".into(), "Dealer 00-00001001".into())],
        code_label: if has_code { "Code".into() } else { String::new() },
        code: has_code.then(|| "ABCDE-FGHJK".into()),
        steps: said.steps,
        aside: said.aside,
        warning: said.text,
        reference: "A preview: this letter was not sent".into(),
        genuine: None,
    }
}
