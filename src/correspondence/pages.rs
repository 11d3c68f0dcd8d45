//! What is shown of an account's correspondence.

use maud::{Markup, html};

use crate::{
    delivery::{
        Way,
        sent::{Listed, Sent},
    },
    mailbox::thread::Slice,
    page::{Crumb, Frame, Page, parts, time},
    post::LetterText,
    words::Moment,
};

/// Where the correspondence of an account is, for a holder or for staff.
pub struct Place {
    /// The list's path.
    pub path: String,
    /// The way there.
    pub crumbs: Vec<Crumb>,
}

/// What was sent, ready to be shown.
pub enum Content {
    /// An e-mail's or a text message's text.
    Text(String),
    /// A letter's parts.
    Letter(Box<LetterText>),
}

fn way(way: Way) -> &'static str {
    match way {
        Way::Email => "E-mail",
        Way::Text => "Text message",
        Way::Letter => "Letter",
    }
}

/// The list, a page at a time.
pub fn list(frame: &Frame, place: Place, sent: &Slice<Listed>) -> Page {
    let body = html! {
        @if sent.items.is_empty() { p { "There are no letters or e-mails to show." } }
        @else {
            table class="stack" {
                caption { "Letters, e-mails and text messages that we sent, newest first" }
                thead { tr { th scope="col" { "Subject" } th scope="col" { "By" } th scope="col" { "To" } th scope="col" { "Sent" } } }
                tbody {
                    @for one in &sent.items {
                        tr {
                            th scope="row" { a href=(format!("{}/{}", place.path, one.name)) { (one.subject) } }
                            td data-label="By" { (way(one.way)) }
                            td data-label="To" { (one.recipient) }
                            td data-label="Sent" { (time::stamp(&frame.agency, one.at)) (returned(frame, one.returned, one.said.as_deref())) }
                        }
                    }
                }
            }
            @if let Some(next) = sent.next { p { a href=(format!("{}?after={next}", place.path)) { "Older ones" } } }
        }
    };
    Page::new("Letters and e-mails", body).crumbs(place.crumbs)
}

fn returned(frame: &Frame, at: Option<Moment>, said: Option<&str>) -> Markup {
    html! {
        @if let Some(at) = at {
            br; strong { "Came back" } " " (time::stamp(&frame.agency, at)) @if let Some(said) = said { ": " (said) }
        }
    }
}

/// One letter, e-mail or text message.
pub fn one(frame: &Frame, place: Place, sent: &Sent, content: &Content) -> Page {
    let body = html! {
        div class="card" {
            (parts::recap(&[
                ("By", html! { (way(sent.way)) }),
                ("To", html! { (sent.recipient) }),
                ("Sent", html! { (time::stamp(&frame.agency, sent.at)) (returned(frame, sent.returned, sent.said.as_deref())) }),
            ]))
        }
        div class="card message-text" {
            @match content {
                Content::Text(text) => { p class="lines" { (text) } },
                Content::Letter(text) => (letter(text)),
            }
        }
        div class="bar no-print" {
            a class="button second" href=(place.path) { "All letters and e-mails" }
            div class="right" {
                a class="button" href=(format!("{}/{}/pdf", place.path, sent.name)) download { "Save as PDF" }
                button class="button second" type="button" data-print { "Print" }
            }
        }
    };
    let mut crumbs = place.crumbs;
    crumbs.push(Crumb::new("Letters and e-mails", place.path));
    Page::new(sent.subject.clone(), body).crumbs(crumbs)
}

fn letter(text: &LetterText) -> Markup {
    html! {
        p { @for line in &text.letterhead { (line) br; } }
        p { @for line in &text.address { (line) br; } }
        p { (text.date) }
        h2 { (text.subject) }
        p { @for (name, value) in &text.facts { strong { (name) ":" } " " (value) br; } }
        @if let Some(code) = &text.code { p { strong { (text.code_label) ":" } " " (code) } }
        h3 { "What to do" }
        ol { @for step in &text.steps { li { (step) } } }
        h3 { (text.aside) }
        p { (text.warning) }
        p { small { (text.reference) } }
    }
}
