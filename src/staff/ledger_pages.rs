//! What the console shows of a ledger.

use maud::html;

use crate::{
    account::{Account, Entry},
    page::{Crumb, Frame, Page, parts, time},
    words::Cents,
};

/// The lines, newest first.
pub fn ledger(frame: &Frame, account: &Account, entries: &[Entry], next: Option<i64>) -> Page {
    let own = super::pages::path(account);
    let body = html! {
        div class="card" {
            (parts::recap(&[("Name", html! { (account.name) }), ("Balance", html! { (account.balance) })]))
            p { a href=(format!("{own}/ledger/statement")) { "Statement (PDF)" } " · " a href=(format!("{own}/ledger/export")) { "All lines as CSV" } }
        }
        @if entries.is_empty() { p { "Nothing was charged or paid yet." } }
        @else {
            table class="stack" {
                caption { "Lines of the ledger, newest first" }
                thead { tr { th scope="col" { "Date" } th scope="col" { "Entry" } th scope="col" class="money" { "Amount" } th scope="col" class="money" { "Balance" } } }
                tbody {
                    @for entry in entries {
                        tr {
                            td data-label="Date" { (time::day(&frame.agency, entry.at)) }
                            th scope="row" { (entry.text) }
                            td data-label="Amount" class="money" { (Cents(entry.cents)) }
                            td data-label="Balance" class="money" { (Cents(entry.balance)) }
                        }
                    }
                }
            }
            @if let Some(next) = next { p { a href=(format!("{own}/ledger?before={next}")) { "Older lines" } } }
        }
    };
    let name = format!("{} {}", frame.agency.type_name(&account.id.kind), account.id.number);
    Page::new("Ledger", body).of_console(vec![Crumb::new(name, own)])
}
