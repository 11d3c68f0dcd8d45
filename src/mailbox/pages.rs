//! What a mailbox shows: folders, what a search found, an open thread, the form of a new one.

use maud::{Markup, html};

use super::{
    attachment::{ACCEPTED, Attachment},
    text,
    thread::{Author, Folder, Hit, Listed, Message, Slice, Thread},
};
use crate::{
    page::{
        Crumb, Frame, Page,
        fields::{Filled, Text, long_text, summary_of_faults},
        open, parts, time,
    },
    words::{AccountId, DraftId, Moment},
};

/// A message that is being written.
#[derive(Clone, Copy)]
pub struct Writing<'a> {
    /// Of one draft there is one post.
    pub draft: &'a DraftId,
    /// The files that it brings already.
    pub files: &'a [Attachment],
    /// What was typed, with its faults.
    pub form: Filled<'a>,
}

/// The fields that every message has, past its subject: text and files.
pub fn body_fields(writing: Writing<'_>) -> Markup {
    let fault = writing.form.faults.of("files");
    html! {
        (long_text("body", "Text", Some(MARKDOWN), true, writing.form))
        @if !writing.files.is_empty() {
            fieldset {
                legend { "Attached files" }
                @for file in writing.files {
                    div class="choice" {
                        input type="checkbox" id=(format!("remove-{}", file.id)) name="remove" value=(file.id);
                        label for=(format!("remove-{}", file.id)) { "Remove " (file.name) ", " (file.size()) }
                    }
                }
            }
        }
        div class=(if fault.is_some() { "field faulty" } else { "field" }) {
            label for="files" { "Files" }
            p class="hint" id="files-hint" { "Up to 5 files of 10 MB each: PDF, pictures, Word, Excel, OpenDocument, text." }
            @if let Some(fault) = fault { p class="fault" id="files-fault" { span class="unseen" { "Error: " } (fault) } }
            input type="file" id="files" name="files" multiple accept=(ACCEPTED)
                aria-describedby=(if fault.is_some() { "files-hint files-fault" } else { "files-hint" });
        }
    }
}

/// What a text may hold.
pub const MARKDOWN: &str = "Markdown: **bold**, *italic*, - lists, [links](https://…).";

/// The path of a thread, or of the one that a message stands in.
pub fn path(account: &AccountId, sequence: i64) -> String {
    format!("{}/messages/{sequence}", account.path())
}

/// A person's folder with the way to the others, a search, and the next page (R139).
pub fn folder(frame: &Frame, folder: Folder, threads: &Slice<Listed>) -> Markup {
    html! {
        h2 { "Correspondence" }
        (search_form(""))
        nav aria-label="Folders" {
            ul class="folders" {
                @for one in Folder::ALL {
                    li { a href=(folder_path(one)) aria-current=[(one == folder).then_some("page")] { (one.label()) } }
                }
            }
        }
        @if threads.items.is_empty() { p { (nothing_in(folder)) } }
        @else {
            (table(frame, &threads.items, |thread| path(&thread.account, thread.first)))
            @if let Some(next) = threads.next {
                p { a href=(format!("{}?folder={}&after={next}", FOLDERS, folder.word())) { "Older messages" } }
            }
        }
    }
}

const FOLDERS: &str = "/springboard/correspondence";

fn folder_path(folder: Folder) -> String {
    match folder {
        Folder::Inbox => FOLDERS.to_owned(),
        other => format!("{FOLDERS}?folder={}", other.word()),
    }
}

fn nothing_in(folder: Folder) -> &'static str {
    match folder {
        Folder::Inbox => "There are no messages yet.",
        Folder::Unread => "You have read everything.",
        Folder::Sent => "You have not written anything yet.",
        Folder::Archived => "You have not put anything away.",
    }
}

fn search_form(typed: &str) -> Markup {
    html! {
        form method="get" action=(FOLDERS) role="search" class="search no-print" {
            div class="field" {
                label for="q" { "Search your messages" }
                input id="q" name="q" type="search" value=(typed) maxlength="100";
            }
            button class="button second" { "Search" }
        }
    }
}

/// What a search found.
pub fn hits(frame: &Frame, typed: &str, hits: &[Hit], has_older: bool) -> Markup {
    html! {
        h2 { "Correspondence" }
        (search_form(typed))
        p role="status" { @match hits.len() {
            0 => "No message was found.",
            1 => "1 message was found.",
            many => { (many) " messages were found." },
        } }
        @if has_older { p { "Only your latest messages were searched. Older ones are on the pages of your accounts." } }
        @if !hits.is_empty() {
            table class="stack" {
                caption { "Messages that were found" }
                thead { tr { th scope="col" { "Subject" } th scope="col" { "Account" } th scope="col" { "Posted" } } }
                tbody {
                    @for hit in hits {
                        tr {
                            th scope="row" { a href=(format!("{}#message-{}", path(&hit.account, hit.sequence), hit.sequence)) { (hit.subject) } }
                            td data-label="Account" { (frame.agency.type_name(&hit.account.kind)) " " (hit.account.number) }
                            td data-label="Posted" { (time::stamp(&frame.agency, hit.at)) }
                        }
                    }
                }
            }
        }
        p { a href=(FOLDERS) { "All messages" } }
    }
}

/// A table of threads, newest first; `path` says where each is opened.
pub fn table(frame: &Frame, threads: &[Listed], path: impl Fn(&Listed) -> String) -> Markup {
    html! {
        table class="stack" {
            caption { "Messages, newest first" }
            thead { tr { th scope="col" { "Subject" } th scope="col" { "Account" } th scope="col" { "Posted" } } }
            tbody {
                @for thread in threads {
                    tr class=[(thread.unread > 0).then_some("unread")] {
                        th scope="row" {
                            @if thread.unread > 0 { span class="mark" { "● " span class="unseen" { "Unread: " } } }
                            a href=(path(thread)) { (thread.subject) }
                            @if thread.messages > 1 { span class="entry-note" { (thread.messages) " messages" } }
                        }
                        td data-label="Account" { (frame.agency.type_name(&thread.account.kind)) " " (thread.account.number) }
                        td data-label="Posted" {
                            (time::stamp(&frame.agency, thread.at))
                            @if let Some(by) = thread.answer_by { span class="entry-note" { "Answer by " (time::day(&frame.agency, by)) } }
                            @if let Some(by) = thread.confirm_by { span class="entry-note" { "Notice, to be confirmed by " (time::day(&frame.agency, by)) } }
                        }
                    }
                }
            }
        }
    }
}

/// Who reads a thread, and where its files are handed out: to holders the agency speaks with one voice, among themselves staff have names.
#[derive(Clone, Copy)]
pub enum Reader<'a> {
    /// A person, by logon.
    Holder(&'a str),
    /// Staff.
    Staff,
}

/// The messages of a thread: the part of its page that keeps itself up to date.
pub fn messages(frame: &Frame, thread: &Thread, reader: Reader<'_>, own_path: &str) -> Markup {
    html! {
        @if let Some(by) = thread.head.answer_by {
            (parts::notice(&html! { p { "Please answer by " (time::day(&frame.agency, by)) "." } }))
        }
        @if thread.earlier && let Some(first) = thread.messages.first() {
            p class="no-print" { a href=(format!("{own_path}?before={}", first.sequence)) { "Earlier messages" } }
        }
        @for message in &thread.messages {
            (one(frame, message, reader, thread.files.iter().filter(|file| file.message == Some(message.sequence)), &thread.head.account))
        }
    }
}

fn one<'a>(
    frame: &Frame,
    message: &Message,
    reader: Reader<'_>,
    files: impl Iterator<Item = &'a Attachment>,
    account: &AccountId,
) -> Markup {
    let mut files = files.peekable();
    let before = if matches!(reader, Reader::Staff) { "/staff" } else { "" };
    html! {
        article class="message" id=(format!("message-{}", message.sequence)) aria-label=(format!("Message {}", message.sequence)) {
            p class="message-head" { strong { (author_name(frame, &message.author, reader)) } " · " (time::stamp(&frame.agency, message.at)) }
            div class="message-text" data-hx-ignore { (text::stored(&message.html)) }
            @if files.peek().is_some() {
                ul class="files" {
                    @for file in files { li { a href=(format!("{before}{}", file.path(account))) download { (file.name) } ", " (file.size()) } }
                }
            }
        }
    }
}

/// Who wrote a message, as its reader knows them.
pub fn author_name(frame: &Frame, author: &Author, reader: Reader<'_>) -> String {
    match (author, reader) {
        (Author::Holder { logon, .. }, Reader::Holder(me)) if logon == me => "You".into(),
        // The side stands beside each name: nobody can call themselves the agency.
        (Author::Holder { name, .. }, _) => format!("{name} (account holder)"),
        (Author::Staff { name, .. }, Reader::Staff) if !name.is_empty() => name.clone(),
        (Author::Staff { .. }, _) => frame.agency.name.clone(),
    }
}

/// A person's page of a thread.
pub fn thread(frame: &Frame, thread: &Thread, me: &str, writing: Writing<'_>) -> Page {
    let account = &thread.head.account;
    let kind = frame.agency.type_name(&account.kind);
    let own = path(account, thread.head.first);
    let body = html! {
        (open::stream())
        (summary_of_faults(writing.form.faults))
        p { (kind) " " (account.number) }
        (open::part("thread", &thread.live_path(""), &messages(frame, thread, Reader::Holder(me), &own)))
        @if let Some(by) = thread.head.confirm_by { (confirmation(frame, by, thread.confirmed, &own)) }
        section class="card no-print" {
            h2 { "Answer" }
            form method="post" action=(own) enctype="multipart/form-data" novalidate {
                (frame.form_token())
                input type="hidden" name="draft" value=(writing.draft.as_str());
                (body_fields(writing))
                div class="bar" { div class="right" { button class="button" { "Send" } } }
            }
        }
        div class="bar" {
            form method="post" action=(format!("{own}/archive")) {
                (frame.form_token())
                input type="hidden" name="away" value=(if thread.archived { "no" } else { "yes" });
                button class="button second" { (if thread.archived { "Move to inbox" } else { "Archive" }) }
            }
            div class="right" { button class="button second" type="button" data-print { "Print" } }
        }
        p class="no-print" { a href=(FOLDERS) { "All messages" } }
    };
    Page::new(thread.head.subject.clone(), body)
        .crumbs(vec![
            Crumb::new("Home", "/springboard"),
            Crumb::new(format!("{kind} {}", account.number), account.path()),
        ])
        .faulty(!writing.form.faults.is_empty())
}

/// What a notice asks for, and whether this person did it.
fn confirmation(frame: &Frame, by: Moment, confirmed: Option<Moment>, own: &str) -> Markup {
    html! {
        section class="card" {
            h2 { "Notice" }
            @match confirmed {
                Some(at) => p { "You confirmed on " (time::stamp(&frame.agency, at)) " that you have read this notice." },
                None => {
                    p { "Please confirm by " (time::day(&frame.agency, by)) " that you have read this notice." }
                    form method="post" action=(format!("{own}/confirm")) class="no-print" {
                        (frame.form_token())
                        button class="button" { "I have read this notice" }
                    }
                }
            }
        }
    }
}

/// The form of a person's new thread.
pub fn compose(frame: &Frame, account: &AccountId, writing: Writing<'_>) -> Page {
    let kind = frame.agency.type_name(&account.kind);
    let body = html! {
        (summary_of_faults(writing.form.faults))
        div class="card" {
            p { "Your message goes to " (frame.agency.name) ". Everyone with access to this account can read it." }
            form method="post" action=(format!("{}/messages", account.path())) enctype="multipart/form-data" novalidate {
                (frame.form_token())
                input type="hidden" name="draft" value=(writing.draft.as_str());
                (Text::new("subject", "Subject").show(writing.form))
                (body_fields(writing))
                div class="bar" {
                    a class="button second" href=(account.path()) { "Cancel" }
                    div class="right" { button class="button" { "Send" } }
                }
            }
        }
    };
    Page::new("New message", body)
        .crumbs(vec![
            Crumb::new("Home", "/springboard"),
            Crumb::new(format!("{kind} {}", account.number), account.path()),
        ])
        .faulty(!writing.form.faults.is_empty())
}

/// Asks whether the alerts of an account are to be turned off.
pub fn turn_off(frame: &Frame, account: &AccountId, action: &str) -> Page {
    let body = html! {
        p { "E-mail about new messages for " (frame.agency.type_name(&account.kind)) " " (account.number) " will stop. The messages themselves stay in your mailbox." }
        form method="post" action=(action) {
            div class="bar" { a class="button second" href="/settings" { "Settings" } div class="right" { button class="button" { "Turn off" } } }
        }
    };
    Page::new("Turn notifications off", body)
}

/// Says that they are off.
pub fn turned_off(frame: &Frame, account: &AccountId) -> Page {
    let body = html! {
        (parts::notice(&html! { p { "You will get no more e-mail about messages for " (frame.agency.type_name(&account.kind)) " " (account.number) "." } }))
        p { "You can turn it on again under " a href="/settings" { "Settings" } "." }
    };
    Page::new("Notifications are off", body)
}
