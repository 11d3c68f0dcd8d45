//! The forms of entries by hand and reversals.

use maud::{Markup, html};

use crate::{
    account::{Account, Entry, views},
    page::{
        Crumb, Frame, Page,
        fields::{Filled, Text, choose, kept, required_note, summary_of_faults},
    },
};

fn page(frame: &Frame, account: &Account, title: String, body: Markup, form: Filled<'_>) -> Page {
    let own = format!("/staff{}", account.id.path());
    let name = format!("{} {}", frame.agency.type_name(&account.id.kind), account.id.number);
    let way = vec![Crumb::new(name, own.clone()), Crumb::new("Ledger", format!("{own}/ledger"))];
    Page::new(title, body).of_console(way).faulty(!form.faults.is_empty())
}

fn bar(account: &Account, label: &str) -> Markup {
    html! {
        div class="bar" {
            a class="button second" href=(format!("/staff{}/ledger", account.id.path())) { "Cancel" }
            div class="right" { button class="button" { (label) } }
        }
    }
}

/// A new entry.
pub fn entry(frame: &Frame, account: &Account, form: Filled<'_>) -> Page {
    let kinds = [("charge", "Charge: lowers the balance"), ("credit", "Payment or credit: raises the balance")];
    let body = html! {
        (summary_of_faults(form.faults))
        p { (account.name) ", balance " (account.balance) }
        p { "A supervisor approves the entry before it is posted. A posted entry can be reversed, not changed." }
        (required_note())
        form method="post" action=(format!("/staff{}/ledger", account.id.path())) novalidate class="card" {
            (frame.form_token())
            (kept(form.fields, &["draft"]))
            (choose("kind", "Kind", "choices", &kinds, form))
            (Text::new("amount", "Amount in dollars").class("short").hint("For example: 25.00").show(form))
            (Text::new("text", "Entry").hint("What the account's holders read. For example: Returned check fee").show(form))
            (Text::new("book-date", "Book date").kind("date").optional().hint("The day in the agency's books, if it is another one").show(form))
            (Text::new("reason", "Reason").hint("For the staff member who approves").show(form))
            (bar(account, "Request entry"))
        }
    };
    page(frame, account, "Post an entry".to_owned(), body, form)
}

/// The reversal of an entry.
pub fn reversal(frame: &Frame, account: &Account, entry: &Entry, form: Filled<'_>) -> Page {
    let body = html! {
        (summary_of_faults(form.faults))
        p { "The entry stays on the ledger. A second entry with the opposite amount is posted when a supervisor approves." }
        (views::entries(frame, "The entry", std::slice::from_ref(entry), None))
        (required_note())
        form method="post" action=(format!("/staff{}/ledger/{}/reverse", account.id.path(), entry.line)) novalidate class="card" {
            (frame.form_token())
            (kept(form.fields, &["draft"]))
            (Text::new("reason", "Reason").hint("For the staff member who approves").show(form))
            (bar(account, "Request reversal"))
        }
    };
    page(frame, account, format!("Reverse entry {}", entry.line), body, form)
}
