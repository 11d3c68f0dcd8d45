//! What the console shows of a file of ledger entries.

use maud::{Markup, html};

use super::{Import, entries::EntryLine, pages::path};
use crate::{page::Frame, words::Cents};

/// The first entries that would be posted.
pub fn entries(frame: &Frame, import: &Import, lines: &[EntryLine]) -> Markup {
    html! {
        @if lines.is_empty() { p { "There is nothing to post." } }
        @else {
            table class="stack" {
                caption { "New entries" @if import.fresh > 50 { ": the first 50 of " (import.fresh) } }
                thead { tr { th scope="col" { "Reference" } th scope="col" { "Account" } th scope="col" { "Book date" } th scope="col" { "Entry" } th scope="col" class="money" { "Amount" } } }
                tbody {
                    @for line in lines {
                        tr {
                            th scope="row" class="breaks" { (line.reference) }
                            td data-label="Account" { (frame.agency.type_name(&line.account.kind)) " " (line.account.number) }
                            td data-label="Book date" { (line.book_day.as_deref().unwrap_or("none")) }
                            td data-label="Entry" class="breaks" { (line.text) }
                            td data-label="Amount" class="money" { (Cents(line.cents)) }
                        }
                    }
                }
            }
            p { a href=(format!("{}/changes", path(&import.id))) { "All of them as CSV" } }
        }
    }
}
