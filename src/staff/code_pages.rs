//! What the console shows of authorization codes.

use maud::{Markup, html};

use crate::{
    authorization_code::{
        Channel,
        track::{State, Tracked, Wanted},
    },
    form::Fields,
    page::{
        Crumb, Frame, Page,
        fields::{Filled, Text, choose, summary_of_faults},
        parts, time, track,
    },
    session::staff::{By, Clerk},
    words::{ConfirmationNumber, Moment},
};

const LIST: &str = "/staff/codes";

/// The path of a code's page.
pub fn path(id: &str) -> String {
    format!("{LIST}/{id}")
}

fn way(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => "by e-mail",
        Channel::Letter => "by letter",
    }
}

/// The codes.
pub fn list(frame: &Frame, codes: &[Tracked], wanted: &Wanted, next: Option<i64>) -> Page {
    let of = Fields::default().with("state", wanted.state.map(State::label).unwrap_or_default());
    let of = match &wanted.account {
        Some(account) => of.with("kind", account.kind.clone()).with("number", account.number.to_string()),
        None => of,
    };
    let older = next.map(|next| of.query("after", &next.to_string()));
    let body = html! {
        form method="get" action=(LIST) class="card" role="search" {
            div class="field" {
                label for="state" { "State" }
                select id="state" name="state" {
                    option value="" { "All" }
                    @for one in State::ALL { option value=(one.label()) selected[Some(one) == wanted.state] { (one.label()) } }
                }
            }
            @if let Some(account) = &wanted.account {
                p { "Of " a href=(format!("/staff{}", account.path())) { (frame.agency.type_name(&account.kind)) " " (account.number) } " only. " a href=(LIST) { "All codes" } }
                input type="hidden" name="kind" value=(account.kind);
                input type="hidden" name="number" value=(account.number);
            }
            button class="button" { "Show" }
        }
        @if codes.is_empty() { p role="status" { "There are none." } }
        @else {
            (table(frame, codes))
            p {
                @if let Some(older) = &older { a href=(format!("{LIST}?{older}")) { "Older ones" } " · " }
                a href=(format!("{LIST}/export?{}", of.query("", ""))) { "All of these as CSV" }
            }
        }
    };
    Page::new("Authorization codes", body).of_console(vec![])
}

/// Codes in a table.
pub fn table(frame: &Frame, codes: &[Tracked]) -> Markup {
    html! {
        table class="stack" {
            caption { "Requests for a code, newest first" }
            thead { tr { th scope="col" { "Requested" } th scope="col" { "Account" } th scope="col" { "User ID" } th scope="col" { "Sent" } th scope="col" { "State" } } }
            tbody {
                @for code in codes {
                    tr {
                        th scope="row" { a href=(path(&code.id)) { (time::stamp(&frame.agency, code.requested)) } }
                        td data-label="Account" { a href=(format!("/staff{}", code.account.path())) { (frame.agency.type_name(&code.account.kind)) " " (code.account.number) } }
                        td data-label="User ID" { (code.user_id) }
                        td data-label="Sent" { (way(code.channel)) }
                        td data-label="State" { (code.state.label()) }
                    }
                }
            }
        }
    }
}

/// What a code's page shows.
pub struct View<'a> {
    /// The code.
    pub code: &'a Tracked,
    /// The present moment.
    pub now: Moment,
    /// Whether an e-mail address is on record.
    pub by_email: bool,
    /// Who looks.
    pub by: By<'a>,
}

/// A code: its way, and what may be done.
pub fn one(frame: &Frame, view: &View<'_>, form: Filled<'_>) -> Page {
    let code = view.code;
    let number = ConfirmationNumber::new(code.submission).map(|number| number.to_string()).unwrap_or_default();
    let kind = frame.agency.type_name(&code.account.kind);
    let ways: &[(&str, &str)] =
        if view.by_email { &[("email", "By e-mail"), ("letter", "By letter")] } else { &[("letter", "By letter")] };
    let body = html! {
        (summary_of_faults(form.faults))
        section class="card" {
            (parts::recap(&[
                ("Account", html! { a href=(format!("/staff{}", code.account.path())) { (kind) " " (code.account.number) } }),
                ("Requested by", html! { (code.user_id) }),
                ("Sent", html! { (way(code.channel)) }),
                ("Confirmation number", html! { (number) }),
                ("State", html! { (code.state.label()) }),
            ]))
            @if let Some(why) = &code.said { div class="notice warn" { p { "Code not delivered: " (why) "." } } }
            h2 { "Activity" }
            (track::show(&frame.agency, &code.track(view.now)))
        }
        @if view.by.role.may::<Clerk>() {
            @if code.state.is_live() {
                section class="card" {
                    h2 { "Make it void" }
                    p { "It can't be used any more. Who asked for it sees that on the springboard, and is not e-mailed." }
                    form method="post" action=(format!("{}/void", path(&code.id))) novalidate {
                        (frame.form_token())
                        (Text::new("reason", "Reason").hint("Kept in the audit").show(form))
                        button class="button" { "Make it void" }
                    }
                }
            }
            @if code.state != State::Used {
                section class="card" {
                    h2 { "Send another one" }
                    p { "Nobody can read a code, so the same one can't be sent again. Another one takes its place, for the same person." }
                    form method="post" action=(format!("{}/again", path(&code.id))) novalidate {
                        (frame.form_token())
                        (choose("by", "By which way", "choices", ways, form))
                        button class="button" { "Send another code" }
                    }
                }
            }
        }
    };
    Page::new(format!("Code for {kind} {}", code.account.number), body)
        .of_console(vec![Crumb::new("Authorization codes", LIST)])
        .faulty(!form.faults.is_empty())
}
