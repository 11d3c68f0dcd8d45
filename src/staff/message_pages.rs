//! What the console shows of threads.

use maud::{Markup, html};

use crate::{
    delivery::History,
    mailbox::{
        alert_queries::Told,
        pages::{Reader, Writing, body_fields, messages, table},
        receipts::Receipt,
        thread::{After, Listed, Slice, Thread},
    },
    page::{
        Crumb, Frame, Page,
        fields::{Text, summary_of_faults},
        open, time,
    },
    session::staff::{By, Clerk},
    words::{AccountId, Moment},
};

/// The console's path of a thread.
pub fn path(account: &AccountId, sequence: i64) -> String {
    format!("/staff{}/messages/{sequence}", account.path())
}

/// The threads that wait for an answer: a list that keeps itself up to date.
pub fn waiting(frame: &Frame, mine: bool, after: After, threads: &Slice<Listed>) -> Page {
    let live = format!("/staff/live/waiting?after={after}{}", of(mine));
    let body = html! {
        (open::stream_for_staff())
        nav aria-label="Whose" {
            ul class="folders" {
                li { a href="/staff/messages" aria-current=[(!mine).then_some("page")] { "All" } }
                li { a href="/staff/messages?of=me" aria-current=[mine.then_some("page")] { "Mine" } }
            }
        }
        (open::part("waiting", &live, &waiting_list(frame, mine, threads)))
    };
    Page::new("Messages that wait for an answer", body).of_console(vec![])
}

fn of(mine: bool) -> &'static str {
    if mine { "&of=me" } else { "" }
}

/// The list itself.
pub fn waiting_list(frame: &Frame, mine: bool, threads: &Slice<Listed>) -> Markup {
    html! {
        @if threads.items.is_empty() { p { "Nothing waits for an answer." } }
        @else {
            (table(frame, &threads.items, |thread| path(&thread.account, thread.first)))
            @if let Some(next) = threads.next { p { a href=(format!("/staff/messages?after={next}{}", of(mine))) { "Older messages" } } }
        }
    }
}

/// What is known of how a thread's first message reached people.
pub struct Known {
    /// What came of the alerts.
    pub told: Vec<Told>,
    /// What each person did, if it is a notice.
    pub receipts: Vec<Receipt>,
}

/// A thread's messages and how they reached people: the part of its page that keeps itself up to date.
pub fn state(frame: &Frame, thread: &Thread, known: &Known) -> Markup {
    let own = path(&thread.head.account, thread.head.first);
    html! {
        (messages(frame, thread, Reader::Staff, &own))
        @if thread.head.confirm_by.is_some() { (receipts(frame, &known.receipts, &own)) }
        @else if !known.told.is_empty() { (told(frame, &known.told)) }
    }
}

/// A thread, and the form for an answer.
pub fn thread(frame: &Frame, thread: &Thread, by: By<'_>, known: &Known, writing: Writing<'_>) -> Page {
    let form = writing.form;
    let account = &thread.head.account;
    let kind = frame.agency.type_name(&account.kind);
    let own = path(account, thread.head.first);
    let mine = thread.assigned.as_deref() == Some(by.name);
    let body = html! {
        (open::stream_for_staff())
        (summary_of_faults(form.faults))
        @if by.role.may::<Clerk>() { form method="post" action=(format!("{own}/assign")) class="no-print" {
            (frame.form_token())
            input type="hidden" name="take" value=(if mine { "no" } else { "yes" });
            p {
                @match &thread.assigned {
                    Some(who) => { "Looked after by " (who) ". " },
                    None => "Nobody looks after it. ",
                }
                button class="button second" { (if mine { "Let it go" } else { "Take it" }) }
            }
        } }
        (open::part("thread", &thread.live_path("/staff"), &state(frame, thread, known)))
        @if by.role.may::<Clerk>() { section class="card no-print" {
            h2 { "Answer" }
            form method="post" action=(own) enctype="multipart/form-data" novalidate {
                (frame.form_token())
                input type="hidden" name="draft" value=(writing.draft.as_str());
                (body_fields(writing))
                (Text::new("answer-by", "Answer by").kind("date").optional().hint("The day until which an answer is asked for, if one is.").show(form))
                div class="bar" {
                    div class="right" {
                        button class="button" { "Send" }
                        button class="button second" type="button" data-print { "Print" }
                    }
                }
            }
        } }
    };
    Page::new(thread.head.subject.clone(), body)
        .of_console(vec![Crumb::new(format!("{kind} {}", account.number), format!("/staff{}", account.path()))])
        .faulty(!form.faults.is_empty())
}

fn told(frame: &Frame, told: &[Told]) -> Markup {
    html! {
        section class="card" {
            h2 { "Who was told" }
            table class="stack" {
                caption { "Alerts of the first message" }
                thead { tr { th scope="col" { "User ID" } th scope="col" { "Alert" } th scope="col" { "Since" } } }
                tbody {
                    @for one in told {
                        tr {
                            th scope="row" { (one.user_id.as_deref().unwrap_or("gone")) }
                            td data-label="Alert" { (alert(frame, &one.history)) }
                            td data-label="Since" { (time::stamp(&frame.agency, one.history.changed)) }
                        }
                    }
                }
            }
        }
    }
}

/// What came of an alert, and which ways failed before.
fn alert(frame: &Frame, told: &History) -> Markup {
    html! {
        @for step in told.failed() {
            (step.way.label()) " failed " (time::stamp(&frame.agency, step.at)) ": " (step.said) br;
        }
        (told.outcome())
    }
}

fn receipts(frame: &Frame, receipts: &[Receipt], own: &str) -> Markup {
    let moment = |at: Option<Moment>, none: &str| match at {
        Some(at) => time::stamp(&frame.agency, at),
        None => html! { (none) },
    };
    html! {
        section class="card" {
            h2 { "Receipts" }
            table class="stack" {
                caption { "What each person did with this notice" }
                thead { tr { th scope="col" { "User ID" } th scope="col" { "Alert" } th scope="col" { "Read" } th scope="col" { "Confirmed" } } }
                tbody {
                    @for one in receipts {
                        tr {
                            th scope="row" { (one.user_id.as_deref().unwrap_or("gone")) }
                            td data-label="Alert" { @match &one.alert { Some(told) => (alert(frame, told)), None => "had access later" } }
                            td data-label="Read" { (moment(one.read, "no")) }
                            td data-label="Confirmed" { (moment(one.confirmed, if one.missed.is_some() { "never confirmed" } else { "no" })) }
                        }
                    }
                }
            }
            p { a class="button second" href=(format!("{own}/evidence")) { "Evidence (PDF)" } }
        }
    }
}
