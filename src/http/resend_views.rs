//! A form that a fault kept from being taken: its own page shows what was typed, and sends it again. Browsers forget what was
//! typed into pages that they may not keep, and no page of the portal may be kept.

use std::{rc::Rc, time::Duration};

use actix_web::{HttpMessage, HttpRequest};
use maud::{Markup, html};
use tokio::sync::Notify;

use crate::{form::Fields, page::Frame};

/// Fields that are never repeated, on any page: secrets, files, and what belongs to one page of one session.
const NOT_REPEATED: [&str; 11] = [
    "token",
    "password",
    "password-again",
    "present",
    "code",
    "pin",
    "files",
    "seen",
    "credential",
    "answer-1",
    "answer-2",
];
/// Fields that nobody types. A form of nothing else is a button.
const UNTYPED: [&str; 9] = ["draft", "go", "act", "back", "id", "user-id", "mark", "away", "take"];

/// How long a fault waits for the rest of a form that is on its way.
const PATIENCE: Duration = Duration::from_secs(1);

/// A form whose token was right, in the extensions of its request.
#[derive(Clone)]
struct Sent(Fields);

/// A form that is on its way, beside what else a handler asks for.
#[derive(Clone, Default)]
struct Arriving(Rc<Notify>);

/// Notes that a form is being read.
pub(super) fn expect(request: &HttpRequest) {
    request.extensions_mut().insert(Arriving::default());
}

/// Notes what a form brings, for the page of a fault.
pub(super) fn note(request: &HttpRequest, fields: &Fields) {
    let mut known = request.extensions_mut();
    known.insert(Sent(fields.clone()));
    if let Some(Arriving(arrived)) = known.get() {
        arrived.notify_one();
    }
}

/// Waits until the form of a request was read, if it has one: what its handler asks for besides has failed, and the fault's
/// page repeats the form.
pub async fn arrived(request: &HttpRequest) {
    let arriving = request.extensions().get::<Arriving>().cloned();
    if let Some(Arriving(arrived)) = arriving {
        // One that never comes is not repeated.
        let _ = tokio::time::timeout(PATIENCE, arrived.notified()).await;
    }
}

/// The form of a request, to be sent again; none where there is none, or where it would not be [`whole`].
pub(super) fn again(request: &HttpRequest, frame: &Frame) -> Option<Markup> {
    let Sent(fields) = request.extensions().get::<Sent>().cloned()?;
    let pairs = whole(&fields)?;
    // With its query, which may say that the form was kept.
    let action = request.uri().path_and_query().map_or(request.path(), |place| place.as_str());
    Some(html! {
        h2 { "What you typed" }
        dl class="recap" { (shown(&pairs)) }
        form method="post" action=(action) {
            (hidden(frame, &pairs))
            div class="bar" { div class="right" { button class="button action" { "Send again" } } }
        }
    })
}

/// A form that is whole when it is repeated; none where nothing was typed, or a secret would be missing.
pub(super) fn whole(fields: &Fields) -> Option<Vec<(&str, &str)>> {
    let is_missed = |(name, value): (&str, &str)| name != "token" && NOT_REPEATED.contains(&name) && !value.is_empty();
    let pairs = repeatable(fields);
    (!pairs.is_empty() && !fields.pairs().any(is_missed)).then_some(pairs)
}

/// What is repeated of a form; nothing of one in which nothing was typed.
pub fn repeatable(fields: &Fields) -> Vec<(&str, &str)> {
    let pairs: Vec<(&str, &str)> = fields.pairs().filter(|(name, _)| !NOT_REPEATED.contains(name)).collect();
    let is_typed = |(name, value): &(&str, &str)| !UNTYPED.contains(name) && !value.trim().is_empty();
    if pairs.iter().any(is_typed) { pairs } else { Vec::new() }
}

/// The fields of a form, to be read: all that say something to people.
pub fn shown(pairs: &[(&str, &str)]) -> Markup {
    let is_shown = |(name, value): &&(&str, &str)| !["draft", "go"].contains(name) && !value.trim().is_empty();
    html! { @for (name, value) in pairs.iter().filter(is_shown) { dt { (label(name)) } dd class="lines" { (value) } } }
}

/// The same fields, to be sent, with the token of this page.
pub fn hidden(frame: &Frame, pairs: &[(&str, &str)]) -> Markup {
    html! {
        (frame.form_token())
        @for (name, value) in pairs { input type="hidden" name=(name) value=(value); }
    }
}

/// A field's name as people read it: `answer-by` is “Answer by”.
pub fn label(name: &str) -> String {
    let words = name.replace('-', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
