//! What the console shows of threads.

use maud::html;

use crate::{
    mailbox::{
        pages::{Reader, Writing, body_fields, messages, table},
        thread::{Listed, Slice, Thread},
    },
    page::{
        Crumb, Frame, Page,
        fields::{Text, summary_of_faults},
    },
    words::AccountId,
};

/// The console's path of a thread.
pub fn path(account: &AccountId, sequence: i64) -> String {
    format!("/staff{}/messages/{sequence}", account.path())
}

/// The threads that wait for an answer.
pub fn waiting(frame: &Frame, mine: bool, threads: &Slice<Listed>) -> Page {
    let body = html! {
        nav aria-label="Whose" {
            ul class="folders" {
                li { a href="/staff/messages" aria-current=[(!mine).then_some("page")] { "All" } }
                li { a href="/staff/messages?of=me" aria-current=[mine.then_some("page")] { "Mine" } }
            }
        }
        @if threads.items.is_empty() { p { "Nothing waits for an answer." } }
        @else {
            (table(frame, &threads.items, |thread| path(&thread.account, thread.first)))
            @if let Some(next) = threads.next {
                p { a href=(format!("/staff/messages?after={next}{}", if mine { "&of=me" } else { "" })) { "Older messages" } }
            }
        }
    };
    Page::new("Messages that wait for an answer", body).crumbs(vec![Crumb::new("Find an account", "/staff")])
}

/// A thread, and the form for an answer.
pub fn thread(frame: &Frame, thread: &Thread, me: &str, writing: Writing<'_>) -> Page {
    let form = writing.form;
    let account = &thread.head.account;
    let kind = frame.agency.type_name(&account.kind);
    let own = path(account, thread.head.first);
    let mine = thread.head.assigned.as_deref() == Some(me);
    let body = html! {
        (summary_of_faults(form.faults))
        form method="post" action=(format!("{own}/assign")) class="no-print" {
            (frame.form_token())
            input type="hidden" name="take" value=(if mine { "no" } else { "yes" });
            p {
                @match &thread.head.assigned {
                    Some(who) => { "Looked after by " (who) ". " },
                    None => "Nobody looks after it. ",
                }
                button class="button second" { (if mine { "Let it go" } else { "Take it" }) }
            }
        }
        (messages(frame, thread, Reader::Staff, &own))
        section class="card no-print" {
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
        }
    };
    Page::new(thread.head.subject.clone(), body)
        .crumbs(vec![
            Crumb::new("Find an account", "/staff"),
            Crumb::new(format!("{kind} {}", account.number), format!("/staff{}", account.path())),
        ])
        .faulty(!form.faults.is_empty())
}
