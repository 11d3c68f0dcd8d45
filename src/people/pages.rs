//! What the console shows of logons.

use maud::{Markup, html};

use super::queries::{Found, Held, MOST};
use crate::{
    audit,
    logon::queries::{Logon, Status},
    page::{
        Crumb, Frame, Page,
        fields::{Filled, Text, select, summary_of_faults},
        parts, time,
    },
    session::{
        Listed,
        staff::{Auditor, By, Clerk, Supervisor},
    },
    words::Moment,
};

/// Where logons are searched for.
pub const LIST: &str = "/staff/logons";

/// The path of a logon's sheet.
pub fn path(id: &str) -> String {
    format!("{LIST}/{id}")
}

/// The search for a logon: as one types, or by the button.
pub fn search(typed: &str, found: Option<&[Found]>) -> Page {
    let body = html! {
        form method="get" action=(LIST) role="search" class="card" data-hx-get="/staff/find/logons" data-hx-target="#found"
            data-hx-trigger="input changed delay:150ms from:#q, submit" data-hx-sync="this:replace"
            data-hx-swap="innerHTML" data-hx-status:4xx="swap:none" data-hx-status:5xx="swap:none" {
            div class="field" {
                label for="q" { "User ID, last name or e-mail address" }
                input id="q" name="q" type="search" value=(typed) autocomplete="off" spellcheck="false" autofocus;
            }
            button class="button" { "Find" }
        }
        div id="found" { (results(found)) }
    };
    Page::new("Find a logon", body).of_console(vec![])
}

/// What was found.
pub fn results(found: Option<&[Found]>) -> Markup {
    html! {
        @match found {
            None => {},
            Some([]) => p role="status" { "No logon was found." },
            Some(logons) => {
                p role="status" class="unseen" { (logons.len()) " found" }
                table class="stack" {
                    caption { @if logons.len() as i64 == MOST { "The first " (MOST) " logons found" } @else { "Logons found" } }
                    thead { tr { th scope="col" { "User ID" } th scope="col" { "Name" } th scope="col" { "E-mail" } } }
                    tbody {
                        @for logon in logons {
                            tr {
                                th scope="row" { a href=(path(&logon.id)) { (logon.user_id) } @if logon.suspended { " (suspended)" } }
                                td data-label="Name" { (logon.name) }
                                td data-label="E-mail" class="breaks" { (logon.email) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What is known of a logon.
pub struct Sheet<'a> {
    /// The logon.
    pub logon: &'a Logon,
    /// The accounts that it may see.
    pub held: &'a [Held],
    /// Its sessions.
    pub sessions: &'a [Listed],
    /// Until when its sign-in is locked.
    pub locked: Option<Moment>,
    /// What happened lately, newest first.
    pub happened: &'a [audit::Listed],
}

/// A sheet, and who looks at it.
pub struct View<'a> {
    /// The sheet.
    pub sheet: Sheet<'a>,
    /// Who looks.
    pub by: By<'a>,
}

/// A logon's sheet.
pub fn sheet(frame: &Frame, view: &View<'_>, form: Filled<'_>) -> Page {
    let sheet = &view.sheet;
    let (logon, profile) = (sheet.logon, &sheet.logon.profile);
    let own = path(logon.id.as_str());
    let moment = |at: Option<Moment>| match at {
        Some(at) => time::stamp(&frame.agency, at),
        None => html! { "never" },
    };
    let body = html! {
        (summary_of_faults(form.faults))
        @if logon.status == Status::Suspended { div class="notice warn" role="status" { p { "This logon is suspended: it can't sign in." } } }
        @if let Some(until) = sheet.locked {
            div class="notice warn" role="status" { p { "Its sign-in is locked until " (time::stamp(&frame.agency, until)) ", after wrong passwords." } }
        }
        section class="card" {
            (parts::recap(&[
                ("User ID", html! { (logon.user_id) }),
                ("Name", html! { (profile.first) " " (profile.last) }),
                ("E-mail", html! { (profile.email) @if logon.email_confirmed { ", confirmed" } @else { ", not confirmed" } }),
                ("Work phone", html! { (profile.work_phone) }),
                ("Last signed in", moment(logon.signed_in)),
                ("Open sessions", html! { (sheet.sessions.len()) }),
            ]))
            @if view.by.role.may::<Clerk>() {
                @if sheet.locked.is_some() || !sheet.sessions.is_empty() { p { "The person is told of each by e-mail." } }
                div class="bar" {
                    @if sheet.locked.is_some() { (button(frame, &format!("{own}/unlock"), "Unlock the sign-in")) }
                    @if !sheet.sessions.is_empty() { (button(frame, &format!("{own}/end-sessions"), "End all sessions")) }
                }
            }
        }
        section class="card" {
            h2 { "Access" }
            @if sheet.held.is_empty() { p { "This logon has access to no account." } }
            @else {
                ul {
                    @for held in sheet.held {
                        li { a href=(format!("/staff{}", held.account.path())) { (frame.agency.type_name(&held.account.kind)) " " (held.account.number) } ", " (held.name) }
                    }
                }
            }
        }
        @if view.by.role.may::<Clerk>() { (acts(frame, view, form)) }
        section class="card" {
            h2 { "What happened" }
            ol class="track" reversed {
                @for row in sheet.happened {
                    li { (time::stamp(&frame.agency, row.at)) ": " strong { (row.name.as_deref().unwrap_or("the portal")) } " " (row.did) @if !row.note.is_empty() { " (" (row.note) ")" } }
                }
            }
            @if view.by.role.may::<Auditor>() { p { a href=(format!("/staff/audit?about={}", logon.user_id)) { "All that was done to it" } " · " a href=(format!("/staff/audit?who={}", logon.user_id)) { "All that it did" } } }
        }
    };
    Page::new(format!("Logon {}", logon.user_id), body)
        .of_console(vec![Crumb::new("Find a logon", LIST)])
        .faulty(!form.faults.is_empty())
}

fn button(frame: &Frame, action: &str, label: &str) -> Markup {
    html! {
        form method="post" action=(action) {
            (frame.form_token())
            button class="button second" { (label) }
        }
    }
}

/// What may be done, each with its reason.
fn acts(frame: &Frame, view: &View<'_>, form: Filled<'_>) -> Markup {
    let own = path(view.sheet.logon.id.as_str());
    let held: Vec<(String, String)> = view
        .sheet
        .held
        .iter()
        .map(|held| {
            (held.account.key(), format!("{} {}", frame.agency.type_name(&held.account.kind), held.account.number))
        })
        .collect();
    let held: Vec<(&str, &str)> = held.iter().map(|(key, label)| (key.as_str(), label.as_str())).collect();
    let kinds: Vec<(&str, &str)> =
        frame.agency.account_types.iter().map(|kind| (kind.key.as_str(), kind.name.as_str())).collect();
    let is_suspended = view.sheet.logon.status == Status::Suspended;
    let reason = |name: &str| Text::new(name, "Reason").hint("Kept in the audit").show(form);
    html! {
        @if !held.is_empty() {
            (act(frame, &format!("{own}/revoke"), "Take access away", "The person, the others who have access, and the address on record are told.", &html! {
                (select("revoke-account", "Account", true, &held, form)) (reason("revoke-reason"))
            }))
            (act(frame, &format!("{own}/ask/recover"), "Recover by letter", "For a person who can't recover the password alone. A letter with a code goes to the account's address on record; with it the person sets a password, and two-step sign-in is turned off. Needs a second employee.", &html! {
                (select("recover-account", "Account whose address gets the letter", true, &held, form)) (reason("recover-reason"))
            }))
        }
        (act(frame, &format!("{own}/ask/grant"), "Give access", "Without an authorization code. Needs a second employee.", &html! {
            (select("grant-kind", "Account type", true, &kinds, form))
            (Text::new("grant-number", "Account number").digits().show(form))
            (reason("grant-reason"))
        }))
        @if is_suspended {
            (act(frame, &format!("{own}/ask/reinstate"), "Reinstate", "It may sign in again. Needs a second employee.", &reason("reinstate-reason")))
        } @else if view.by.role.may::<Supervisor>() {
            (act(frame, &format!("{own}/suspend"), "Suspend", "It can't sign in, and its sessions end at once.", &reason("suspend-reason")))
        }
    }
}

fn act(frame: &Frame, action: &str, title: &str, about: &str, fields: &Markup) -> Markup {
    html! {
        section class="card" {
            h2 { (title) }
            p { (about) }
            form method="post" action=(action) novalidate {
                (frame.form_token())
                (fields)
                button class="button" { (title) }
            }
        }
    }
}
