//! The form of a correction.

use maud::html;

use super::LINES;
use crate::{
    account::Account,
    page::{
        Crumb, Frame, Page,
        fields::{Filled, Text, required_note, summary_of_faults},
    },
};

/// The form.
pub fn form(frame: &Frame, account: &Account, form: Filled<'_>) -> Page {
    let own = format!("/staff{}", account.id.path());
    let name = format!("{} {}", frame.agency.type_name(&account.id.kind), account.id.number);
    let labels = ["Address", "Address, line 2", "Address, line 3", "Address, line 4"];
    let body = html! {
        (summary_of_faults(form.faults))
        p { (account.name) }
        p { "Authorization codes go to this address. A supervisor approves the correction. The old address, the new one and everyone with access are told." }
        (required_note())
        form method="post" action=(format!("{own}/address")) novalidate class="card" {
            (frame.form_token())
            @for (field, label) in LINES.into_iter().zip(labels) {
                @if field == LINES[0] { (Text::new(field, label).show(form)) } @else { (Text::new(field, label).optional().show(form)) }
            }
            (Text::new("email", "E-mail address on record").kind("email").optional().hint("Empty if there is none").show(form))
            (Text::new("reason", "How you know").hint("For example: telephone call from the owner").show(form))
            div class="bar" {
                a class="button second" href=(own) { "Cancel" }
                div class="right" { button class="button" { "Request correction" } }
            }
        }
    };
    Page::new("Correct an address on record", body)
        .of_console(vec![Crumb::new(name, own)])
        .faulty(!form.faults.is_empty())
}
