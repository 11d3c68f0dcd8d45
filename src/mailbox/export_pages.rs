//! The pages of an exported mailbox: they stand alone, without style or script.

use maud::{DOCTYPE, Markup, html};

use super::{
    attachment::Attachment,
    pages::{Reader, author_name},
    text,
    thread::{Listed, Thread},
};
use crate::{
    page::{Frame, time},
    words::AccountId,
};

/// The name of a thread's page.
pub fn name(first: i64) -> String {
    format!("threads/{first:06}.html")
}

/// The name of a file that came with a message: its own, behind its id, so that two of one name are two.
pub fn file_name(file: &Attachment) -> String {
    format!("files/{}-{}", file.id, file.name)
}

fn page(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; title { (title) } }
            body { h1 { (title) } (body) }
        }
    }
}

/// The list of all threads, newest first.
pub fn index(frame: &Frame, account: &AccountId, threads: &[Listed]) -> Markup {
    let title = format!("Messages of {} {}", frame.agency.type_name(&account.kind), account.number);
    let body = html! {
        ul { @for thread in threads { li { a href=(name(thread.first)) { (thread.subject) } ", " (time::stamp(&frame.agency, thread.at)) } } }
    };
    page(&title, &body)
}

/// A whole thread.
pub fn thread(frame: &Frame, thread: &Thread, me: &str) -> Markup {
    let body = html! {
        @for message in &thread.messages {
            article {
                p { strong { (author_name(frame, &message.author, Reader::Holder(me))) } ", " (time::stamp(&frame.agency, message.at)) }
                (text::stored(&message.html))
                @for file in thread.files.iter().filter(|file| file.message == Some(message.sequence)) {
                    p { a href=(format!("../{}", file_name(file))) { (file.name) } }
                }
            }
            hr;
        }
        p { a href="../index.html" { "All messages" } }
    };
    page(&thread.head.subject, &body)
}
