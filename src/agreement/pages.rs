//! What a person is shown who is to agree to terms.

use maud::{Markup, html};

use super::queries::Asked;
use crate::{
    page::{
        Frame, Page,
        fields::{Filled, agree, summary_of_faults},
    },
    site,
    words::{AccountNumber, agency::Terms},
};

/// The page.
pub fn ask(frame: &Frame, asked: &Asked, back: &str, form: Filled<'_>) -> Page {
    let agency = &frame.agency;
    let body = html! {
        (summary_of_faults(form.faults))
        p { (why(asked)) " Please read and agree before you go on. To leave instead, log off." }
        form method="post" action="/agree" novalidate {
            (frame.form_token())
            input type="hidden" name="back" value=(back);
            @if let Some(until) = asked.until { input type="hidden" name="until" value=(until.to_rfc3339()); }
            @if asked.terms {
                (terms(&agency.terms, &html! {}))
                (agree("terms", &agency.terms.version, &html! { "I agree to the terms & conditions." }, form))
            }
            @if !asked.accounts.is_empty() {
                (terms(&agency.access_terms, &accounts(frame, asked)))
                (agree("access", &agency.access_terms.version, &html! { "I Agree to the Access Terms & Conditions" }, form))
            }
            p { button class="button" { "Continue" } }
        }
    };
    Page::new("Terms to agree to", body).faulty(!form.faults.is_empty())
}

fn why(asked: &Asked) -> &'static str {
    let is_given = !asked.accounts.is_empty() && asked.accounts.iter().all(|account| account.version.is_empty());
    match (asked.terms, is_given) {
        (false, true) => "Our staff gave you access.",
        _ => "Our terms have changed since you agreed to them.",
    }
}

fn terms(terms: &Terms, about: &Markup) -> Markup {
    html! {
        section class="card" {
            h2 { (terms.title) }
            (about)
            (site::pages::paragraphs(terms))
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
            @if more > 0 { li { "and to " (more) " more of your accounts" } }
        }
    }
}
