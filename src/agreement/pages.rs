//! What a person is shown who is to agree to terms.

use maud::{Markup, html};

use super::rows::Asked;
use crate::{
    page::{
        Frame, Page,
        fields::{Filled, summary_of_faults, tick},
    },
    words::{AccountNumber, agency::Terms},
};

/// The page.
pub fn ask(frame: &Frame, asked: &Asked, back: &str, form: Filled<'_>) -> Page {
    let agency = &frame.agency;
    let body = html! {
        (summary_of_faults(form.faults))
        p { "Please read and agree before you go on. To leave instead, log off." }
        form method="post" action="/agree" novalidate {
            (frame.form_token())
            input type="hidden" name="back" value=(back);
            input type="hidden" name="versions" value=(versions(&agency.terms, &agency.access_terms));
            @if asked.terms {
                (terms(&agency.terms, &html! {}))
                (tick("terms", &html! { "I agree to the terms & conditions." }, true, form))
            }
            @if !asked.accounts.is_empty() {
                (terms(&agency.access_terms, &accounts(frame, asked)))
                (tick("access", &html! { "I Agree to the Access Terms & Conditions" }, true, form))
            }
            p { button class="button" { "Continue" } }
        }
    };
    Page::new("Terms to agree to", body).faulty(!form.faults.is_empty())
}

/// Which versions the page shows: agreement to others is none.
pub fn versions(terms: &Terms, access: &Terms) -> String {
    format!("{} {}", terms.version, access.version)
}

fn terms(terms: &Terms, about: &Markup) -> Markup {
    html! {
        section class="card" {
            h2 { (terms.title) }
            (about)
            ol { @for paragraph in &terms.text { li { p { (paragraph) } } } }
            p class="hint" { "Version " (terms.version) }
        }
    }
}

fn accounts(frame: &Frame, asked: &Asked) -> Markup {
    let more = asked.total - i64::try_from(asked.accounts.len()).unwrap_or(0);
    html! {
        p { "For your access to:" }
        ul {
            @for account in &asked.accounts {
                li {
                    (frame.agency.type_name(&account.kind)) " "
                    @match AccountNumber::parse(&account.number) { Ok(number) => (number), Err(_) => (account.number) }
                }
            }
            @if more > 0 { li { "and " (more) " more" } }
        }
    }
}
