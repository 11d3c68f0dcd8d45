//! What the public is shown of letters.

use maud::html;

use crate::{
    page::{
        Crumb, Frame, Page,
        fields::{Filled, Text, summary_of_faults},
        time,
    },
    words::Moment,
};

const TITLE: &str = "Is this letter genuine?";

/// The form.
pub fn ask(frame: &Frame, form: Filled<'_>) -> Page {
    let body = html! {
        (summary_of_faults(form.faults))
        p { "Each letter of ours has a short code beside a square. Enter it, and we tell you whether we sent the letter, and when." }
        form method="post" action="/letter" novalidate class="card" {
            (frame.form_token())
            (Text::new("code", "Code of the letter").class("code").hint("10 letters and digits").show(form))
            button class="button" { "Check" }
        }
    };
    Page::new(TITLE, body).crumbs(vec![Crumb::new("Home", "/")]).faulty(!form.faults.is_empty())
}

/// The answer.
pub fn answer(frame: &Frame, sent: Option<Moment>) -> Page {
    let body = html! {
        @match sent {
            Some(at) => div class="notice" role="status" {
                p { strong { "Yes. " } (frame.agency.name) " sent this letter on " (time::day(&frame.agency, at)) "." }
            },
            None => div class="notice warn" role="status" {
                p { strong { "We know of no letter with this code. " } "Check the code. If it is right, do not do what the letter says, and " a href="/contact" { "tell us" } "." }
            },
        }
        p { a href="/letter" { "Check another letter" } }
    };
    Page::new(TITLE, body).crumbs(vec![Crumb::new("Home", "/")])
}
