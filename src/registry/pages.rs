//! What the console shows of imports.

use maud::{Markup, html};

use super::{
    Import, State, Subject,
    compare::Change,
    entries::{self, EntryLine},
    entry_pages,
    source::{COLUMNS, FaultyLine, Line},
};
use crate::{
    account::Status,
    page::{
        Crumb, Frame, Page,
        fields::{Filled, choose, file, summary_of_faults, tick},
        open, parts, time,
    },
    session::staff::{By, Supervisor},
    words::AccountNumber,
};

const LIST: &str = "/staff/imports";

/// The path of an import.
pub fn path(id: &str) -> String {
    format!("{LIST}/{id}")
}

fn crumbs() -> Vec<Crumb> {
    vec![Crumb::new("Registry", LIST)]
}

/// The latest ones.
pub fn list(frame: &Frame, imports: &[Import], by: By<'_>) -> Page {
    let body = html! {
        p { "Upload a file of accounts or ledger entries. You see what would change, and another supervisor applies it." }
        @if by.role.may::<Supervisor>() { p { a class="button" href=(format!("{LIST}/new")) { "Bring a file" } } }
        p { a href=(format!("{LIST}/accounts")) { "All accounts on file as CSV" } }
        @if imports.is_empty() { p { "No file was brought yet." } }
        @else {
            table class="stack" {
                caption { "The latest files, newest first" }
                thead { tr { th scope="col" { "File" } th scope="col" { "About" } th scope="col" { "Brought" } th scope="col" { "State" } th scope="col" { "Changes" } } }
                tbody {
                    @for import in imports {
                        tr {
                            th scope="row" class="breaks" { a href=(path(&import.id)) { (import.file) } }
                            td data-label="About" { (import.subject.label()) }
                            td data-label="Brought" { (import.author_name) ", " (time::stamp(&frame.agency, import.created)) }
                            td data-label="State" { (import.state.label()) }
                            td data-label="Changes" { (import.applied) " of " (import.changes()) }
                        }
                    }
                }
            }
        }
    };
    Page::new("Registry", body).of_console(vec![])
}

/// The form that brings a file.
pub fn compose(frame: &Frame, largest: u64, form: Filled<'_>) -> Page {
    let hint = format!("Excel workbook (.xlsx), CSV, text with tabs, or JSON; at most {} MB.", largest >> 20);
    let body = html! {
        (summary_of_faults(form.faults))
        form method="post" action=(LIST) enctype="multipart/form-data" novalidate class="card" {
            (frame.form_token())
            (choose("subject", "What the file is about", "choices", &[("accounts", Subject::Accounts.label()), ("ledger", Subject::Ledger.label())], form))
            (file("file", "File", &hint, form))
            (tick("close-gone", &html! { "Accounts: close accounts that are not in the file, of the types that it has" }, false, form))
            p class="hint" { "Nothing is changed yet: you are shown what would be." }
            div class="bar" {
                a class="button second" href=(LIST) { "Cancel" }
                div class="right" { button class="button" { "Read it" } }
            }
        }
        section class="card" {
            h2 { "What a file of accounts looks like" }
            p { "A workbook or CSV begins with a heading. Of a workbook the first sheet that is shown is read. Columns, in any order: " @for (index, column) in COLUMNS.iter().enumerate() { @if index > 0 { ", " } code { (column) } } ". Type, number and name must be there; status is " code { "active" } " or " code { "closed" } "." }
            p { "JSON is one array, or one object on each line: " code class="breaks" { r#"{"type":"dealer","number":"00-00001005","name":"EXAMPLE MOTORS","address":["5 EXAMPLE AVE","LANSING MI 48901"],"email":"dealer@example.com"}"# } }
        }
        section class="card" {
            h2 { "What a file of ledger entries looks like" }
            p { "Its columns, in any order: " @for (index, column) in entries::COLUMNS.iter().enumerate() { @if index > 0 { ", " } code { (column) } } ". Only the date may be missing; it is written as " code { "2026-11-24" } ". An amount below zero is a charge. An account takes each reference once, so that the same file can be brought again. The file has at most " (entries::LARGEST >> 20) " MB." }
            p { "JSON: " code class="breaks" { r#"{"type":"dealer","number":"00-00001005","reference":"INV-2041","amount":"-125.00","text":"License renewal","date":"2026-11-24"}"# } }
        }
    };
    Page::new("Bring a file", body).of_console(crumbs()).faulty(!form.faults.is_empty())
}

/// The first of what reading an import found.
pub struct Found {
    /// Lines that can't be read.
    pub faults: Vec<FaultyLine>,
    /// Changes.
    pub changes: Changes,
}

/// What would be changed.
pub enum Changes {
    /// Of accounts.
    Accounts(Vec<Change>),
    /// Of ledgers.
    Ledger(Vec<EntryLine>),
}

/// An import.
pub fn one(frame: &Frame, import: &Import, found: &Found, by: By<'_>, form: Filled<'_>) -> Page {
    let live = format!("/staff/live/imports/{}", import.id);
    let body = html! {
        (open::stream_for_staff())
        (summary_of_faults(form.faults))
        (open::part("import", &live, &state(frame, import, found, by, form)))
    };
    Page::new(import.file.clone(), body).of_console(crumbs()).faulty(!form.faults.is_empty())
}

/// Where an import stands: the part of its page that keeps itself up to date.
pub fn state(frame: &Frame, import: &Import, found: &Found, by: By<'_>, form: Filled<'_>) -> Markup {
    let is_read = !matches!(import.state, State::Reading | State::Unreadable);
    html! {
        section class="card" {
            (parts::recap(&[
                ("Brought", html! { (import.author_name) ", " (time::stamp(&frame.agency, import.created)) }),
                ("State", html! { (import.state.label()) ", since " (time::stamp(&frame.agency, import.since)) }),
                ("About", html! { (import.subject.label()) }),
            ]))
            @if import.subject == Subject::Accounts { p { "Accounts that are not in the file " @if import.close_gone { "are closed, but none while a line does not say which account it is of." } @else { "stay as they are." } } }
            @match import.state {
                State::Reading => { p role="status" { "The file is being read and compared with what is on file." } progress aria-label="Reading the file" {} },
                State::Unreadable => div class="notice warn" role="status" { p { (import.said) } },
                State::Applying | State::Applied | State::Cancelled => {
                    p { (import.applied) " of " (import.changes()) " changes are applied." }
                    progress value=(import.applied) max=(import.changes().max(1)) aria-label="Changes that are applied" { (import.applied) " of " (import.changes()) }
                },
                State::Read => {},
            }
            (acts(frame, import, by, form))
        }
        @if is_read {
            (counts(import)) (faulty(import, &found.faults))
            @match &found.changes {
                Changes::Accounts(some) => (changes(frame, import, some)),
                Changes::Ledger(some) => (entry_pages::entries(frame, import, some)),
            }
        }
    }
}

fn acts(frame: &Frame, import: &Import, by: By<'_>, form: Filled<'_>) -> Markup {
    html! {
        @if by.role.may::<Supervisor>() {
            @if import.state == State::Read && import.changes() > 0 && import.author == by.id {
                p id="apply" { "Another supervisor must apply this file." }
            } @else if import.state == State::Read && import.changes() > 0 {
                form method="post" action=(format!("{}/apply", path(&import.id))) novalidate {
                    (frame.form_token())
                    @if import.faults > 0 {
                        (tick("without", &html! { @if import.faults == 1 { "Leave out the line with a fault" } @else { "Leave out the " (import.faults) " lines with faults" } }, true, form))
                    }
                    @if import.close_gone && import.gone > 0 { p { strong { (import.gone) } @if import.gone == 1 { " account is" } @else { " accounts are" } " closed with it." } }
                    button id="apply" class="button" { "Apply " (import.changes()) @if import.changes() == 1 { " change" } @else { " changes" } }
                }
            }
            @if matches!(import.state, State::Reading | State::Read | State::Applying) {
                form method="post" action=(format!("{}/cancel", path(&import.id))) {
                    (frame.form_token())
                    @if import.state == State::Applying { p { "What was applied stays." } }
                    p { button id="cancel" class="button second" { @if import.state == State::Applying { "Stop for good" } @else { "Discard" } } }
                }
            }
        }
    }
}

fn counts(import: &Import) -> Markup {
    let of_subject = match import.subject {
        Subject::Accounts => vec![
            ("New accounts", import.fresh),
            ("Changed accounts", import.changed),
            ("The same as on file", import.same),
            ("On file and not in this file", import.gone),
        ],
        Subject::Ledger => vec![("New entries", import.fresh), ("On the ledger already", import.same)],
    };
    let of_all = [(unread(import.subject), import.faults), ("Lines in all", import.lines)];
    let rows = of_subject.into_iter().chain(of_all);
    html! {
        table {
            caption { "What the file says" }
            thead { tr { th scope="col" { "Lines" } th scope="col" class="money" { "Count" } } }
            tbody { @for (label, count) in rows { tr { th scope="row" { (label) } td class="money" { (count) } } } }
        }
    }
}

/// What lines with a fault are called.
fn unread(subject: Subject) -> &'static str {
    match subject {
        Subject::Accounts => "Lines that can't be read",
        Subject::Ledger => "Lines that can't be posted",
    }
}

fn faulty(import: &Import, faults: &[FaultyLine]) -> Markup {
    html! {
        @if !faults.is_empty() {
            table class="stack" {
                caption { (unread(import.subject)) @if import.faults > 50 { ": the first 50" } }
                thead { tr { th scope="col" { "Line" } th scope="col" { "What is wrong" } } }
                tbody { @for fault in faults { tr { th scope="row" { (fault.line) } td data-label="What is wrong" class="breaks" { (fault.sentence) } } } }
            }
            p { a href=(format!("{}/faults", path(&import.id))) { "All of them as CSV" } }
        }
    }
}

fn changes(frame: &Frame, import: &Import, changes: &[Change]) -> Markup {
    let all = import.fresh + import.changed + import.gone;
    html! {
        @if changes.is_empty() { p { "Nothing is different from what is on file." } }
        @else {
            table class="stack" {
                caption { "What is different" @if all > 50 { ": the first 50 of " (all) } }
                thead { tr { th scope="col" { "Account" } th scope="col" { "Change" } th scope="col" { "On file" } th scope="col" { "In the file" } } }
                tbody {
                    @for change in changes {
                        @let (label, before, after) = sides(change, import.close_gone);
                        tr {
                            th scope="row" { @if let Some(line) = before.or(after) { (frame.agency.type_name(&line.kind)) " " (number(line)) } }
                            td data-label="Change" { (label) }
                            td data-label="On file" class="breaks" { (side(before, after)) }
                            td data-label="In the file" class="breaks" { (side(after, before)) }
                        }
                    }
                }
            }
            p { a href=(format!("{}/changes", path(&import.id))) { "All of them as CSV" } }
        }
    }
}

fn number(line: &Line) -> String {
    AccountNumber::parse(&line.number).map_or_else(|_| line.number.clone(), |number| number.to_string())
}

/// What a change is called, and its two sides.
pub fn sides(change: &Change, close_gone: bool) -> (&'static str, Option<&Line>, Option<&Line>) {
    match change {
        Change::New { after } => ("new", None, Some(after)),
        Change::Changed { before, after } => ("changed", Some(before), Some(after)),
        Change::Gone { before } => (if close_gone { "closed" } else { "not in the file" }, Some(before), None),
    }
}

/// What one side says; beside another, only what differs.
fn side(line: Option<&Line>, other: Option<&Line>) -> Markup {
    let Some(line) = line else { return html! {} };
    let differs = |same: fn(&Line, &Line) -> bool| other.is_none_or(|other| !same(line, other));
    html! {
        @if differs(|one, other| one.name == other.name) { (line.name) br; }
        @if differs(|one, other| one.street == other.street) { (line.street.join(", ")) br; }
        // Of an account without another side, only what is out of the ordinary.
        @match &line.email {
            Some(email) if differs(|one, other| one.email == other.email) => { (email) br; },
            None if other.is_some_and(|other| other.email.is_some()) => { "no e-mail address" br; },
            _ => {},
        }
        @match (line.status, other) {
            (Status::Closed, _) if differs(|one, other| one.status == other.status) => "closed",
            (Status::Active, Some(other)) if other.status == Status::Closed => "active",
            _ => {},
        }
    }
}
