//! What the console shows.

use maud::{Markup, html};

use crate::{
    access::Holder,
    account::Account,
    mailbox::{
        pages::{Writing, body_fields, table},
        text,
        thread::Listed,
    },
    page::{
        Crumb, Frame, Page,
        fields::{Text, choose_some, summary_of_faults},
        parts, time,
    },
};

/// The search for an account and what it found.
pub fn search(frame: &Frame, typed: &str, found: Option<&[Account]>) -> Page {
    let body = html! {
        form method="get" action="/staff" role="search" class="card" {
            div class="field" {
                label for="q" { "Account number, or the beginning of its name" }
                input id="q" name="q" type="search" value=(typed);
            }
            button class="button" { "Find" }
        }
        p { a href="/staff/messages" { "Messages that wait for an answer" } }
        p { a href="/staff/bulk-posts" { "Messages to many accounts" } }
        @if let Some(accounts) = found { (results(frame, accounts)) }
    };
    Page::new("Find an account", body)
}

fn results(frame: &Frame, accounts: &[Account]) -> Markup {
    html! {
        @if accounts.is_empty() { p role="status" { "No account was found." } }
        @else {
            table class="stack" {
                caption { (accounts.len()) @if accounts.len() == 1 { " account" } @else { " accounts" } " found" }
                thead { tr { th scope="col" { "Number" } th scope="col" { "Type" } th scope="col" { "Name" } } }
                tbody {
                    @for account in accounts {
                        tr {
                            th scope="row" { a href=(path(account)) { (account.id.number) } }
                            td data-label="Type" { (frame.agency.type_name(&account.id.kind)) }
                            td data-label="Name" { (account.name) }
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
    /// How many people were reached by the message that was just posted.
    pub posted: Option<&'a str>,
    /// Whether the message is shown before it is posted.
    pub preview: bool,
}

/// An account: details, who has access, messages, and the form for a new one.
pub fn account(frame: &Frame, view: &View<'_>, writing: Writing<'_>) -> Page {
    let form = writing.form;
    let kind = frame.agency.type_name(&view.account.id.kind);
    let body = html! {
        @if let Some(holders) = view.posted {
            (parts::notice(&html! { p { "The message was posted. " (holders) @if holders == "1" { " person has" } @else { " people have" } " access to this account." } }))
        }
        (summary_of_faults(form.faults))
        div class="card" {
            (parts::recap(&[
                ("Account Type", html! { (kind) }),
                ("Account Number", html! { (view.account.id.number) }),
                ("Name", html! { (view.account.name) }),
                ("Address on record", html! { @for line in &view.account.street { (line) br; } }),
                ("E-mail on record", html! { @match &view.account.email { Some(email) => (email), None => "none" } }),
                ("Balance", html! { (view.account.balance) }),
            ]))
        }
        section class="card" {
            h2 { "Post a message" }
            @if view.preview {
                div class="notice warn" role="status" { p { "This is how the message will look. Nothing was posted yet." } }
                h3 { (form.fields.text("subject")) }
                div class="message-text" data-hx-ignore { (text::show(form.fields.text("body"))) }
            }
            form method="post" action=(format!("{}/messages", path(view.account))) enctype="multipart/form-data" novalidate {
                (frame.form_token())
                input type="hidden" name="draft" value=(writing.draft.as_str());
                (Text::new("subject", "Subject").show(form))
                (body_fields(writing))
                (Text::new("answer-by", "Answer by").kind("date").optional().hint("The day until which an answer is asked for, if one is.").show(form))
                (Text::new("confirm-by", "Confirm by").kind("date").optional().hint("Makes the message a notice: everyone with access is asked to confirm by this day that they have read it.").show(form))
                (choose_some("remind", "Remind who has not confirmed", "choices", &[("7", "7 days before"), ("3", "3 days before"), ("1", "1 day before")], form))
                div class="bar" {
                    div class="right" {
                        button class="button" name="go" value="post" { "Post" }
                        button class="button second" name="go" value="preview" { "Preview" }
                    }
                }
            }
        }
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
            p { a href=(format!("{}/correspondence", path(view.account))) { "Letters and e-mails that were sent" } }
        }
    };
    Page::new(format!("{kind} {}", view.account.id.number), body)
        .crumbs(vec![Crumb::new("Find an account", "/staff")])
        .faulty(!form.faults.is_empty())
}
