//! How a ledger looks, for whoever may see it.

use maud::{Markup, html};

use super::Entry;
use crate::{
    page::{Frame, time},
    words::{Cents, Month},
};

/// Entries in their order, with what can be done with one, if anything.
pub fn entries(frame: &Frame, caption: &str, entries: &[Entry], acts: Option<&dyn Fn(&Entry) -> Markup>) -> Markup {
    html! {
        table class="stack" {
            caption { (caption) }
            thead { tr {
                th scope="col" { "Date" } th scope="col" { "Entry" } th scope="col" class="money" { "Amount" } th scope="col" class="money" { "Balance" }
                @if acts.is_some() { th scope="col" { "Action" } }
            } }
            tbody {
                @for entry in entries {
                    tr {
                        td data-label="Date" { (time::day(&frame.agency, entry.at)) }
                        th scope="row" class="breaks" { (entry.text) (remarks(entry)) }
                        td data-label="Amount" class="money" { (Cents(entry.cents)) }
                        td data-label="Balance" class="money" { (Cents(entry.balance)) }
                        @if let Some(acts) = acts { td data-label="Action" { (acts(entry)) } }
                    }
                }
            }
        }
    }
}

fn remarks(entry: &Entry) -> Markup {
    let remarks: Vec<String> = [
        entry.reference.as_ref().map(|reference| format!("Reference {reference}")),
        entry.book_day.as_ref().map(|day| format!("Book date {day}")),
        entry.reverses.map(|line| format!("Reverses entry {line}")),
        entry.reversed_by.map(|line| format!("Reversed by entry {line}")),
    ]
    .into_iter()
    .flatten()
    .collect();
    html! { span class="entry-note" { "Entry " (entry.line) @for remark in &remarks { " · " (remark) } } }
}

/// The statements of these months: each as a page, PDF and CSV. `own` is the path of the account's page.
pub fn statements(own: &str, months: &[Month], present: Month) -> Markup {
    html! {
        ul {
            @for month in months {
                li {
                    a href=(format!("{own}/statements/{month}")) { (month.name()) }
                    @if *month == present { " (to date)" }
                    " · " a href=(format!("{own}/statements/{month}/pdf")) { "PDF" span class="unseen" { " for " (month.name()) } }
                    " · " a href=(format!("{own}/statements/{month}/csv")) { "CSV" span class="unseen" { " for " (month.name()) } }
                }
            }
        }
    }
}
