//! What the pages behind one account show (R137).

use maud::html;

use crate::{
    access::Holder,
    account::{Account, Entry},
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
    words::Cents,
};

fn home() -> Crumb {
    Crumb::new("Home", "/springboard")
}

/// An account: details, ledger, messages, who has access.
pub fn account(
    frame: &Frame,
    account: &Account,
    ledger: &[Entry],
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
        section class="card" {
            h2 { "Balance and history" }
            @if ledger.is_empty() { p { "Nothing was charged or paid yet." } }
            @else {
                table class="stack" {
                    caption { "The latest entries, newest first" }
                    thead { tr { th scope="col" { "Date" } th scope="col" { "Entry" } th scope="col" class="money" { "Amount" } th scope="col" class="money" { "Balance" } } }
                    tbody {
                        @for entry in ledger {
                            tr {
                                td data-label="Date" { (time::day(&frame.agency, entry.at)) }
                                th scope="row" { (entry.text) }
                                td data-label="Amount" class="money" { (Cents(entry.cents)) }
                                td data-label="Balance" class="money" { (Cents(entry.balance)) }
                            }
                        }
                    }
                }
            }
        }
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
