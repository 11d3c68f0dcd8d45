//! What the console shows of letters.

use maud::{Markup, html};

use super::{Batch, State};
use crate::{
    account::Account,
    letter::room::{Letter, Stage},
    page::{
        Crumb, Frame, Page,
        fields::{Filled, Text, summary_of_faults},
        open, parts, time,
    },
    session::staff::{By, Clerk},
    words::Moment,
};

const ROOM: &str = "/staff/letters";

/// The path of a batch.
pub fn path(name: &str) -> String {
    format!("{ROOM}/batches/{name}")
}

/// What the room's page shows.
pub struct View<'a> {
    /// How many letters wait for a batch.
    pub waiting: i64,
    /// When the next batch is made by itself.
    pub next: Moment,
    /// The latest batches.
    pub batches: &'a [Batch],
    /// Accounts whose address on record is wrong.
    pub faulty: &'a [Account],
    /// The account of a letter that was just marked as returned.
    pub returned: Option<&'a str>,
    /// Who looks.
    pub by: By<'a>,
}

/// The letter room.
pub fn room(frame: &Frame, view: &View<'_>, form: Filled<'_>) -> Page {
    let body = html! {
        (open::stream_for_staff())
        (summary_of_faults(form.faults))
        @if let Some(account) = view.returned {
            (parts::notice(&html! { p { "The letter to " (account) " is marked as returned. Its code is void, and who asked for it is told. Correct the address under “Addresses to correct”." } }))
        }
        (open::part("batches", "/staff/live/letters", &batches(frame, view)))
        @if view.by.role.may::<Clerk>() { (came_back(frame, form)) }
        (faulty(frame, view))
    };
    Page::new("Letters", body).of_console(vec![]).faulty(!form.faults.is_empty())
}

/// The batches: the part of the page that keeps itself up to date.
pub fn batches(frame: &Frame, view: &View<'_>) -> Markup {
    html! {
        section class="card" {
            h2 { "To be printed" }
            p {
                @match view.waiting { 0 => "No letter waits.", 1 => "1 letter waits for a batch.", count => { (count) " letters wait for a batch." } }
                " The next one is made by itself in the morning of a business day: " (time::stamp(&frame.agency, view.next)) "."
            }
            @if view.by.role.may::<Clerk>() && view.waiting > 0 {
                form method="post" action=(format!("{ROOM}/batches")) {
                    (frame.form_token())
                    button id="make" class="button" { "Make a batch now" }
                }
            }
        }
        @if view.batches.is_empty() { p { "No batch was made yet." } }
        @else {
            table class="stack" {
                caption { "The latest batches, newest first" }
                thead { tr { th scope="col" { "Batch" } th scope="col" { "Letters" } th scope="col" { "State" } th scope="col" { "Made for" } } }
                tbody {
                    @for batch in view.batches {
                        tr {
                            th scope="row" { a href=(path(&batch.name)) { (batch.name) } }
                            td data-label="Letters" { (batch.letters) }
                            td data-label="State" { (batch.state.label()) }
                            td data-label="Made for" { (batch.by_name.as_deref().unwrap_or("the morning")) }
                        }
                    }
                }
            }
            p { a href=(format!("{ROOM}/export")) { "All of these as CSV" } }
        }
    }
}

fn came_back(frame: &Frame, form: Filled<'_>) -> Markup {
    html! {
        section class="card" {
            h2 { "A letter came back" }
            p { "Its code becomes void, who asked for it is told, and no more letters go to this address until it is corrected." }
            form method="post" action=(format!("{ROOM}/returned")) novalidate {
                (frame.form_token())
                (Text::new("code", "Code of the letter").class("code").hint("Scan the square on it, or enter the 10 letters and digits beside.").show(form))
                button class="button" { "Mark it as returned" }
            }
        }
    }
}

fn faulty(frame: &Frame, view: &View<'_>) -> Markup {
    html! {
        @if !view.faulty.is_empty() {
            section class="card" {
                h2 { "Addresses to correct" }
                p { "Letters to these addresses came back. They are off this list as soon as another address is on record." }
                table class="stack" {
                    caption { "Addresses on record that letters came back from" }
                    thead { tr { th scope="col" { "Account" } th scope="col" { "Name" } th scope="col" { "Address on record" } @if view.by.role.may::<Clerk>() { th scope="col" { "It is right" } } } }
                    tbody {
                        @for account in view.faulty {
                            tr {
                                th scope="row" { a href=(format!("/staff{}", account.id.path())) { (frame.agency.type_name(&account.id.kind)) " " (account.id.number) } }
                                td data-label="Name" { (account.name) }
                                td data-label="Address on record" { (account.street.join(", ")) @if view.by.role.may::<Clerk>() { " " a href=(format!("/staff{}/address", account.id.path())) { "Correct" span class="unseen" { ": " (account.name) } } } }
                                @if view.by.role.may::<Clerk>() {
                                    td data-label="It is right" {
                                        form method="post" action=(format!("{ROOM}/addresses/{}/{}", account.id.kind, account.id.number)) {
                                            (frame.form_token())
                                            button class="button second" { "It is right" span class="unseen" { ": " (account.name) } }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// How far a staff member is with taking a batch's letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taking {
    /// Nothing was asked for.
    NotAsked,
    /// Another staff member has to approve.
    Asked,
    /// It may be taken.
    Approved,
}

/// Who looks at a batch, and what can be done with it here.
#[derive(Clone, Copy)]
pub struct BatchView<'a> {
    /// Whether there is a print provider's folder.
    pub has_printer: bool,
    /// How far they are with taking its letters.
    pub taking: Taking,
    /// Who looks.
    pub by: By<'a>,
}

/// A batch.
pub fn batch(
    frame: &Frame,
    batch: &Batch,
    letters: &[Letter],
    (after, next): (i64, Option<i64>),
    view: BatchView<'_>,
) -> Page {
    let body = html! {
        (open::stream_for_staff())
        (open::part("batch", &format!("/staff/live/letters/{}?after={after}", batch.name), &state(frame, batch, letters, next, view)))
    };
    let crumbs = vec![Crumb::new("Letters", ROOM)];
    Page::new(format!("Batch {}", batch.name), body).of_console(crumbs)
}

/// Where a batch stands: the part of its page that keeps itself up to date.
pub fn state(frame: &Frame, batch: &Batch, letters: &[Letter], next: Option<i64>, view: BatchView<'_>) -> Markup {
    let moment = |at: Option<Moment>| match at {
        Some(at) => time::stamp(&frame.agency, at),
        None => html! { "not yet" },
    };
    let own = path(&batch.name);
    html! {
        section class="card" {
            (parts::recap(&[
                ("State", html! { (batch.state.label()) }),
                ("Letters", html! { (batch.letters) @if batch.missing > 0 { ", and " (batch.missing) " that were not in the spool" } }),
                ("Pages", html! { (batch.pages) }),
                ("Made", html! { (time::stamp(&frame.agency, batch.created)) " for " (batch.by_name.as_deref().unwrap_or("the morning")) }),
                ("Printed", moment(batch.printed)),
                ("Mailed", moment(batch.mailed)),
                ("SHA-256", html! { span class="breaks" { @if batch.hash.is_empty() { "not yet" } @else { (batch.hash) } } }),
            ]))
            @if batch.state == State::Making {
                p role="status" { "Its letters are gathered." }
                @if view.by.role.may::<Clerk>() { p { "If that takes longer than a few minutes, its job was given up." } (button(frame, &own, "retry", "Try again")) }
            }
            @if matches!(batch.state, State::Printed | State::Mailed | State::Made) { p { a href=(format!("{own}/manifest")) { "Manifest (CSV)" } } }
            @if view.by.role.may::<Clerk>() && matches!(batch.state, State::Made | State::Printed) {
                @match view.taking {
                    Taking::Approved => p { a class="button second" href=(format!("{own}/pdf")) { "Letters (PDF)" } },
                    Taking::Asked => p { "Another staff member must approve that you take the letters." },
                    Taking::NotAsked => (button(frame, &own, "ask", "Request letters (PDF)")),
                }
                p class="hint" { "The letters hold authorization codes. That you took them is kept in the audit; the file is deleted when the batch is marked as mailed." }
                div class="bar" {
                    @if batch.state == State::Made { (button(frame, &own, "printed", "Mark as printed")) }
                    (button(frame, &own, "mailed", "Mark as mailed"))
                    @if view.has_printer { (button(frame, &own, "again", "Hand over to the printer again")) }
                }
            }
        }
        @if view.by.role.may::<Clerk>() && is_behind(batch, letters) {
            p { "Not all letters are marked yet. If that takes longer than a few minutes, the job was given up." }
            (button(frame, &own, "retry", "Mark them again"))
        }
        @if !letters.is_empty() { (table(frame, letters, batch, view.by)) }
        @else if batch.state != State::Making { p { "No letter is in it." } }
        @if let Some(next) = next { p { a href=(format!("{own}?after={next}")) { "More letters" } } }
    }
}

/// Whether some letters of a batch do not stand where it does.
fn is_behind(batch: &Batch, letters: &[Letter]) -> bool {
    let behind: &[Stage] = match batch.state {
        State::Making | State::Made => &[],
        State::Printed => &[Stage::Batched],
        State::Mailed => &[Stage::Batched, Stage::Printed],
    };
    letters.iter().any(|letter| behind.contains(&letter.stage))
}

fn button(frame: &Frame, own: &str, act: &str, label: &str) -> Markup {
    html! {
        form method="post" action=(format!("{own}/{act}")) {
            (frame.form_token())
            button id=(format!("act-{act}")) class="button second" { (label) }
        }
    }
}

fn table(frame: &Frame, letters: &[Letter], batch: &Batch, by: By<'_>) -> Markup {
    let in_hand = matches!(batch.state, State::Made | State::Printed);
    let again = by.role.may::<Clerk>() && (in_hand || letters.iter().any(|letter| letter.stage == Stage::Missing));
    html! {
        table class="stack" {
            caption { "Letters in the order of their pages" }
            thead { tr { th scope="col" { "Place" } th scope="col" { "Account" } th scope="col" { "State" } th scope="col" { "Pages" } @if again { th scope="col" { "Once more" } } } }
            tbody {
                @for letter in letters {
                    tr {
                        th scope="row" { (letter.place) }
                        td data-label="Account" { a href=(format!("/staff{}", letter.account.path())) { (frame.agency.type_name(&letter.account.kind)) " " (letter.account.number) } }
                        td data-label="State" { (letter.stage.label()) }
                        td data-label="Pages" { (letter.pages) }
                        @if again {
                            td data-label="Once more" {
                                @if letter.stage == Stage::Missing || in_hand && matches!(letter.stage, Stage::Batched | Stage::Printed) {
                                    form method="post" action=(format!("{ROOM}/{}/reprint", letter.name)) {
                                        (frame.form_token())
                                        button id=(format!("again-{}", letter.name)) class="button second" { "Print again" span class="unseen" { ": " (letter.place) } }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
