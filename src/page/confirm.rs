//! Asking before something is gone for good.

use maud::html;

use super::{Frame, Page};

/// What is about to be done.
pub struct Asked<'a> {
    /// The question, as the page's title.
    pub question: String,
    /// What follows from it.
    pub sentence: &'a str,
    /// Where it is done, by POST.
    pub action: String,
    /// What the button says.
    pub label: &'a str,
    /// Where to go instead.
    pub back: &'a str,
}

/// The page that asks.
pub fn confirm(frame: &Frame, asked: Asked<'_>) -> Page {
    let body = html! {
        p { (asked.sentence) }
        form method="post" action=(asked.action) {
            (frame.form_token())
            div class="bar" {
                a class="button second" href=(asked.back) { "Cancel" }
                div class="right" { button class="button" { (asked.label) } }
            }
        }
    };
    Page::new(asked.question, body)
}
