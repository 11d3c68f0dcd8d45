//! Ledgers and statements as pages.

use maud::{Markup, html};

use super::reader::Place;
use crate::{
    account::{Entry, MonthlyStatement, views},
    page::{Crumb, Frame, Page, parts},
    session::staff::Clerk,
    words::Month,
};

fn name(frame: &Frame, place: &Place<'_>) -> String {
    format!("{} {}", frame.agency.type_name(&place.account.id.kind), place.account.id.number)
}

/// The entries, newest first.
pub fn ledger(frame: &Frame, place: &Place<'_>, entries: &[Entry], next: Option<i64>) -> Page {
    let own = place.own();
    let posts = place.by.is_some_and(|by| by.role.may::<Clerk>());
    let reverse = |entry: &Entry| reverse(&own, entry);
    let body = html! {
        div class="card" {
            (parts::recap(&[("Name", html! { (place.account.name) }), ("Balance", html! { (place.account.balance) })]))
            p { a href=(format!("{own}/statements")) { "Monthly statements" } " · " a href=(format!("{own}/ledger/export")) { "All entries as CSV" } }
            @if posts { p { a class="button second" href=(format!("{own}/ledger/new")) { "Post an entry" } } }
        }
        @if entries.is_empty() { p { "No entries yet. Charges and payments appear here when they are posted." } }
        @else {
            (views::entries(frame, "Entries, newest first", entries, posts.then_some(&reverse as &dyn Fn(&Entry) -> Markup)))
            @if let Some(next) = next { p { a href=(format!("{own}/ledger?before={next}")) { "Older entries" } } }
        }
    };
    place.page(name(frame, place), "Ledger", vec![], body)
}

fn reverse(own: &str, entry: &Entry) -> Markup {
    html! {
        @if entry.reverses.is_none() && entry.reversed_by.is_none() {
            a href=(format!("{own}/ledger/{}/reverse", entry.line)) { "Reverse" span class="unseen" { " entry " (entry.line) } }
        } @else { span class="unseen" { "none" } }
    }
}

/// All months.
pub fn statements(frame: &Frame, place: &Place<'_>, months: &[Month], present: Month) -> Page {
    let body = html! {
        @if months.is_empty() { p { "No entries yet. Charges and payments appear here when they are posted." } }
        @else { section class="card" { h2 { "Months" } (views::statements(&place.own(), months, present)) } }
    };
    place.page(name(frame, place), "Monthly statements", vec![], body)
}

/// One month.
pub fn statement(frame: &Frame, place: &Place<'_>, statement: &MonthlyStatement, entries: &[Entry]) -> Page {
    let own = place.own();
    let path = format!("{own}/statements/{}", statement.month);
    let next = entries.last().map(|entry| entry.line).filter(|line| *line < statement.last);
    let body = html! {
        div class="card" {
            (parts::recap(&[
                ("Name", html! { (place.account.name) }),
                ("Opening balance", html! { (statement.opening) }),
                ("Closing balance", html! { (statement.closing) }),
                ("Entries", html! { (statement.len()) }),
            ]))
            p { a href=(format!("{path}/pdf")) { "PDF" } " · " a href=(format!("{path}/csv")) { "CSV" } }
        }
        @if statement.is_empty() { p { "No entries were posted in this month." } }
        @else {
            (views::entries(frame, "Entries, oldest first", entries, None))
            @if let Some(next) = next { p { a href=(format!("{path}?after={next}")) { "Later entries" } } }
        }
    };
    let to_date = if statement.is_to_date { " (to date)" } else { "" };
    let title = format!("Statement for {}{to_date}", statement.month.name());
    place.page(name(frame, place), title, vec![Crumb::new("Statements", format!("{own}/statements"))], body)
}
