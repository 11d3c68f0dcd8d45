//! What the pages behind one account show (R137).

use maud::{Markup, html};

use crate::{
    access::Holder,
    account::{Account, Entry, views},
    mailbox::{
        pages::path,
        pages::table,
        thread::{Listed, Slice},
    },
    page::{
        Crumb, Frame, Page, parts, time,
        track::{self, Mark},
    },
    submission::Submission,
    words::Month,
};

fn home() -> Crumb {
    Crumb::new("Home", "/springboard")
}

/// What an account's page shows of its ledger.
#[derive(Clone, Copy)]
pub struct Money<'a> {
    /// The latest entries, newest first.
    pub entries: &'a [Entry],
    /// The latest months that there are statements of, newest first: the first one goes on.
    pub months: &'a [Month],
}

fn funds(frame: &Frame, account: &Account, Money { entries, months }: Money<'_>) -> Markup {
    let own = account.id.path();
    html! {
        section class="card" {
            h2 { "EFT Management" }
            p { "Balance: " strong { (account.balance) } }
            @if let Some(present) = months.first() {
                (views::entries(frame, "The latest entries, newest first", entries, None))
                p { a href=(format!("{own}/ledger")) { "All entries" } }
                h3 { "Statements" }
                (views::statements(&own, months, *present))
                p { a href=(format!("{own}/statements")) { "All statements" } }
            } @else { p { "No entries yet. Charges and payments appear here when they are posted." } }
        }
    }
}

/// An account: details, ledger, messages, who has access.
pub fn account(
    frame: &Frame,
    account: &Account,
    money: Money<'_>,
    threads: &Slice<Listed>,
    holders: &[Holder],
) -> Page {
    let kind = frame.agency.type_name(&account.id.kind);
    let body = html! {
        div class="card" {
            (parts::recap(&[
                ("Account Type", html! { (kind) }),
                ("Account Number", html! { (account.id.number) }),
                ("Name", html! { (account.name) }),
                ("Balance", html! { (account.balance) }),
            ]))
        }
        section class="card" {
            h2 { "Messages" }
            @if threads.items.is_empty() { p { "There are no messages yet." } }
            @else {
                (table(frame, &threads.items, |thread| path(&thread.account, thread.first)))
                @if let Some(next) = threads.next { p { a href=(format!("{}?after={next}", account.id.path())) { "Older messages" } } }
            }
            p { a class="button second" href=(format!("{}/messages/new", account.id.path())) { "Write to us" } }
            p { a href=(format!("{}/correspondence", account.id.path())) { "Letters and e-mails that we sent" } }
            p { a href=(format!("{}/export", account.id.path())) download { "Download all messages (ZIP)" } }
        }
        (funds(frame, account, money))
        section class="card" {
            h2 { "Who has access" }
            ul { @for holder in holders { li { (holder.user_id) ", since " (time::day(&frame.agency, holder.granted)) } } }
        }
    };
    Page::new(format!("{kind} {}", account.id.number), body).crumbs(vec![home()])
}

/// One submission, printable (R112).
pub fn submission(frame: &Frame, submission: &Submission, way: &[Mark]) -> Page {
    let body = html! {
        div class="card" {
            (parts::recap(&[
                ("Confirmation Number", html! { (submission.number) }),
                ("Action", html! { (submission.title) }),
                ("Account Type", html! { (frame.agency.type_name(&submission.kind)) }),
                ("Account Number", html! { (submission.account) }),
                ("Submitted", time::stamp(&frame.agency, submission.at)),
                ("Status", html! { (submission.status) ", " (time::stamp(&frame.agency, submission.changed)) }),
            ]))
            @if !submission.notice.is_empty() { p { (submission.notice) } }
            @if !way.is_empty() { h2 { "The way of your code" } (track::show(&frame.agency, way)) }
        }
        div class="bar" {
            a class="button second" href="/springboard/submissions" { "All submissions" }
            div class="right" { button class="button" type="button" data-print { "Print" } }
        }
    };
    Page::new(format!("Submission {}", submission.number), body)
        .crumbs(vec![home(), Crumb::new("Submissions", "/springboard/submissions")])
}
