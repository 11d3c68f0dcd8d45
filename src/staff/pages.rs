//! What the console shows.

use maud::{Markup, html};

use super::code_pages;
use crate::{
    access::Holder,
    account::{self, Account, Status},
    audit,
    authorization_code::track::Tracked,
    mailbox::{
        pages::{Writing, body_fields, table},
        thread::{After, Listed},
    },
    page::{
        Frame, Page,
        fields::{Text, choose_some, kept, summary_of_faults},
        parts, time,
    },
    session::staff::{Auditor, By, Clerk},
    template,
};

/// The search for an account and what it found: as one types, or by the button.
pub fn search(frame: &Frame, typed: &str, kind: &str, found: Option<&[Account]>) -> Page {
    let body = html! {
        form method="get" action="/staff" role="search" class="card" data-hx-get="/staff/find" data-hx-target="#found"
            data-hx-trigger="input changed delay:150ms from:#q, change from:#kind, submit" data-hx-sync="this:replace"
            data-hx-swap="innerHTML" data-hx-status:4xx="swap:none" data-hx-status:5xx="swap:none" {
            div class="row" {
                div class="field" {
                    label for="q" { "Number, name, ZIP code or e-mail address" }
                    input id="q" name="q" type="search" value=(typed) autocomplete="off" spellcheck="false" autofocus;
                }
                div class="field" {
                    label for="kind" { "Account type" }
                    select id="kind" name="kind" {
                        option value="" { "All types" }
                        @for one in &frame.agency.account_types { option value=(one.key) selected[one.key == kind] { (one.name) } }
                    }
                }
            }
            button class="button" { "Find" }
        }
        div id="found" { (results(frame, found)) }
    };
    Page::new("Find an account", body)
}

/// What was found.
pub fn results(frame: &Frame, found: Option<&[Account]>) -> Markup {
    html! {
        @match found {
            None => {},
            Some([]) => p role="status" { "No account was found." },
            Some(accounts) => {
                p role="status" class="unseen" { (accounts.len()) " found" }
                table class="stack" {
                    caption {
                        @if accounts.len() == account::MOST { "The first " (account::MOST) " accounts found" }
                        @else { (accounts.len()) @if accounts.len() == 1 { " account" } @else { " accounts" } " found; for common words type more, or the number" }
                    }
                    thead { tr { th scope="col" { "Number" } th scope="col" { "Type" } th scope="col" { "Name" } th scope="col" { "Address" } } }
                    tbody {
                        @for account in accounts {
                            tr {
                                th scope="row" { a href=(path(account)) { (account.id.number) } }
                                td data-label="Type" { (frame.agency.type_name(&account.id.kind)) }
                                td data-label="Name" { (account.name) @if account.status == Status::Closed { " (closed)" } }
                                td data-label="Address" { (account.street.last().map(String::as_str).unwrap_or_default()) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The console's path of an account.
pub fn path(account: &Account) -> String {
    format!("/staff{}", account.id.path())
}

/// What an account's page shows.
pub struct View<'a> {
    /// The account.
    pub account: &'a Account,
    /// Who has access.
    pub holders: &'a [Holder],
    /// The latest threads.
    pub threads: &'a [Listed],
    /// Where older ones begin.
    pub older: Option<After>,
    /// The latest codes.
    pub codes: &'a [Tracked],
    /// What happened lately, newest first.
    pub happened: &'a [audit::Listed],
    /// Whether a letter to its address on record came back.
    pub faulty: bool,
    /// Templates that the form offers: id and name.
    pub templates: &'a [(String, String)],
    /// How many people were reached by the message that was just posted.
    pub posted: Option<&'a str>,
    /// The message as it is shown before it is posted.
    pub preview: Option<Preview>,
    /// Who looks.
    pub by: By<'a>,
}

/// A message before it is posted.
pub struct Preview {
    /// Its text, as it will be shown.
    pub body: Markup,
    /// What proves that this very message was shown.
    pub seen: String,
}

/// What the form of a message asks for.
pub const FIELDS: [&str; 5] = ["subject", "body", "answer-by", "confirm-by", "remind"];

/// An account: details, who has access, messages, and the form for a new one.
pub fn account(frame: &Frame, view: &View<'_>, writing: Writing<'_>) -> Page {
    let form = writing.form;
    let kind = frame.agency.type_name(&view.account.id.kind);
    let body = html! {
        @if let Some(holders) = view.posted {
            (parts::notice(&html! { p { "The message was posted. " (holders) @if holders == "1" { " person has" } @else { " people have" } " access to this account." } }))
        }
        (summary_of_faults(form.faults))
        @if view.faulty {
            div class="notice warn" role="status" { p { "A letter to the address on record came back. No more are mailed there until it is " a href=(format!("/staff{}/address", view.account.id.path())) { "corrected" } "." } }
        }
        div class="card" {
            (parts::recap(&[
                ("Account Type", html! { (kind) }),
                ("Account Number", html! { (view.account.id.number) }),
                ("Name", html! { (view.account.name) }),
                ("Address on record", html! {
                    @for line in &view.account.street { (line) br; }
                    @if view.by.role.may::<Clerk>() { a href=(format!("/staff{}/address", view.account.id.path())) { "Correct" span class="unseen" { " the address on record" } } }
                }),
                ("E-mail on record", html! { @match &view.account.email { Some(email) => (email), None => "none" } }),
                ("Balance", html! { a href=(format!("{}/ledger", path(view.account))) { (view.account.balance) } }),
                ("Status", html! { @match view.account.status { Status::Active => "active", Status::Closed => "closed" } }),
            ]))
        }
        @if let Some(preview) = &view.preview { (check(frame, view, preview, writing)) }
        @else if view.by.role.may::<Clerk>() && view.account.status == Status::Active { section class="card" {
            h2 { "Post a message" }
            (template::pages::offer(view.templates, &format!("{}/{}", view.account.id.kind, view.account.id.number)))
            form method="post" action=(format!("{}/messages", path(view.account))) enctype="multipart/form-data" novalidate {
                (frame.form_token())
                input type="hidden" name="draft" value=(writing.draft.as_str());
                (Text::new("subject", "Subject").show(form))
                (body_fields(writing))
                (Text::new("answer-by", "Answer by").kind("date").optional().hint("The day until which an answer is asked for, if one is.").show(form))
                (Text::new("confirm-by", "Confirm by").kind("date").optional().hint("Makes the message a notice: everyone with access is asked to confirm by this day that they have read it.").show(form))
                (choose_some("remind", "Remind who has not confirmed", "choices", &[("7", "7 days before"), ("3", "3 days before"), ("1", "1 day before")], form))
                div class="bar" { div class="right" { button class="button" name="go" value="preview" { "Preview" } } }
            }
        } }
        section class="card" {
            h2 { "Who has access" }
            @if view.holders.is_empty() { p { "Nobody has access to this account." } }
            @else {
                table class="stack" {
                    caption { "Logons with access" }
                    thead { tr { th scope="col" { "User ID" } th scope="col" { "Since" } th scope="col" { "Alerts by e-mail" } } }
                    tbody {
                        @for holder in view.holders {
                            tr {
                                th scope="row" { (holder.user_id) }
                                td data-label="Since" { (time::stamp(&frame.agency, holder.granted)) }
                                td data-label="Alerts by e-mail" { (holder.pace.word()) }
                            }
                        }
                    }
                }
            }
        }
        section class="card" {
            h2 { "Messages" }
            @if view.threads.is_empty() { p { "No message was posted yet." } }
            @else { (table(frame, view.threads, |thread| super::message_pages::path(&thread.account, thread.first))) }
            @if let Some(older) = view.older { p { a href=(format!("{}?after={older}", path(view.account))) { "Older messages" } } }
            p { a href=(format!("{}/correspondence", path(view.account))) { "Letters and e-mails that were sent" } }
        }
        section class="card" {
            h2 { "Authorization codes" }
            @if view.codes.is_empty() { p { "No code was requested." } } @else {
                (code_pages::table(frame, view.codes))
                p { a href=(format!("/staff/codes?kind={}&number={}", view.account.id.kind, view.account.id.number)) { "All codes of this account" } }
            }
        }
        section class="card" {
            h2 { "What happened" }
            @if view.happened.is_empty() { p { "Nothing yet." } }
            @else {
                ol class="track" reversed {
                    @for row in view.happened {
                        li { (time::stamp(&frame.agency, row.at)) ": " strong { (row.name.as_deref().unwrap_or("the portal")) } " " (row.did) @if !row.note.is_empty() { " (" (row.note) ")" } }
                    }
                }
                @if view.by.role.may::<Auditor>() {
                    p { a href=(format!("/staff/audit?kind={}&number={}", view.account.id.kind, view.account.id.number)) { "All of it in the audit" } }
                }
            }
        }
    };
    Page::new(format!("{kind} {}", view.account.id.number), body).of_console(vec![]).faulty(!form.faults.is_empty())
}

/// Asks whether to post what is shown. Nothing can be changed here, so that nobody posts what was not seen.
fn check(frame: &Frame, view: &View<'_>, preview: &Preview, writing: Writing<'_>) -> Markup {
    let fields = writing.form.fields;
    let day = |name: &str, label: &str| html! { @if !fields.text(name).trim().is_empty() { p { (label) " " (fields.text(name)) } } };
    html! {
        section class="card" {
            h2 { "Check the message" }
            div class="notice warn" role="status" { p { "This is how the message will look. Nothing was posted yet." } }
            h3 { (fields.text("subject")) }
            div class="message-text" data-hx-ignore { (preview.body) }
            @if !writing.files.is_empty() { ul class="files" { @for file in writing.files { li { (file.name) ", " (file.size()) } } } }
            (day("answer-by", "Answer by"))
            (day("confirm-by", "Confirm by"))
            form method="post" action=(format!("{}/messages", path(view.account))) {
                (frame.form_token())
                input type="hidden" name="draft" value=(writing.draft.as_str());
                (kept(fields, &FIELDS))
                input type="hidden" name="seen" value=(preview.seen);
                div class="bar" {
                    button class="button second" name="go" value="change" { "Change message" }
                    div class="right" { button class="button" name="go" value="post" { "Post message" } }
                }
            }
        }
    }
}
