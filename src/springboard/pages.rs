//! What the springboard shows.

use std::sync::OnceLock;

use maud::{Markup, html};

use super::Facts;
use crate::{
    access::Held,
    delivery::{History, State},
    page::{Frame, Icon, open, open::WHEN_CHANGED, parts, time},
    submission::Submission,
    words::Agency,
};

/// The tabs under the cards (R135).
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// Accounts and balances.
    Accounts,
    /// Requests that were made.
    Submissions,
    /// Messages.
    Correspondence,
}

impl Tab {
    const ALL: [Self; 3] = [Self::Accounts, Self::Submissions, Self::Correspondence];

    /// Its name in addresses.
    pub fn word(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Submissions => "submissions",
            Self::Correspondence => "correspondence",
        }
    }

    /// The tab of this name.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tab| tab.word() == word)
    }

    fn label(self) -> &'static str {
        match self {
            Self::Accounts => "Accounts",
            Self::Submissions => "Submissions",
            Self::Correspondence => "Correspondence",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Accounts => "/springboard",
            Self::Submissions => "/springboard/submissions",
            Self::Correspondence => "/springboard/correspondence",
        }
    }
}

/// A body that was drawn once and serves until the facts that it is made of are replaced.
#[derive(Default)]
pub struct Drawn(OnceLock<Markup>);

impl Drawn {
    /// The body, drawn now if it never was.
    pub fn or(&self, draw: impl FnOnce() -> Markup) -> Markup {
        self.0.get_or_init(draw).clone()
    }
}

/// The springboard with one tab's panel.
pub fn springboard(agency: &Agency, facts: &Facts, tab: Tab, panel: &Markup) -> Markup {
    html! {
        (open::stream())
        (parts::help(agency.help("springboard")))
        div class="cards" { (logon(agency, facts)) (alerts_card(agency, facts)) (i_want_to()) }
        section id="tab" {
            nav aria-label="Springboard" {
                ul class="tabs" {
                    @for one in Tab::ALL {
                        li {
                            a id=(format!("tab-{}", one.word())) href=(one.path()) aria-current=[(one == tab).then_some("page")]
                                data-hx-get=(one.path()) data-hx-target="#tab" data-hx-select="#tab" data-hx-swap="outerHTML" data-hx-push-url="true"
                                data-hx-status:4xx="swap:none push:false" data-hx-status:5xx="swap:none push:false" { (one.label()) }
                        }
                    }
                }
            }
            (panel)
        }
    }
}

/// A tab's panel, which keeps itself up to date.
pub fn panel(tab: Tab, query: &str, body: &Markup) -> Markup {
    html! {
        div class="panel" data-hx-get=(format!("/springboard/panel/{}{query}", tab.word())) data-hx-trigger=(WHEN_CHANGED)
            data-hx-swap="innerHTML" data-hx-status:4xx="swap:none" data-hx-status:5xx="swap:none" { (body) }
    }
}

/// A panel that stays as it is.
pub fn still(body: &Markup) -> Markup {
    html! { div class="panel" { (body) } }
}

fn logon(agency: &Agency, facts: &Facts) -> Markup {
    html! {
        section class="card" {
            h2 { (Icon::Person.show()) "Logon" }
            p { a href="/settings" { (facts.name) } }
            p { (facts.email) }
            p { (facts.phone) }
            p { "Last logged on: " @match facts.signed_in_before {
                Some(moment) => (time::stamp(agency, moment)),
                None => "First sign-in",
            } }
        }
    }
}

fn alerts_card(agency: &Agency, facts: &Facts) -> Markup {
    html! {
        section class="card" {
            h2 { (Icon::Bell.show()) "Alerts" }
            div id="alerts" aria-live="polite" data-hx-get="/springboard/alerts" data-hx-trigger=(WHEN_CHANGED)
                data-hx-swap="innerHTML" data-hx-status:4xx="swap:none" data-hx-status:5xx="swap:none" { (alerts(agency, facts)) }
        }
    }
}

/// The alerts themselves: the fragment that an open page fetches when something changed (R132).
pub fn alerts(agency: &Agency, facts: &Facts) -> Markup {
    html! {
        p { @match facts.unread {
            0 => "No unread messages",
            1 => { a href="/springboard/correspondence" { (Icon::Bubble.show()) "1 unread message" } },
            many => { a href="/springboard/correspondence" { (Icon::Bubble.show()) (many) " unread messages" } },
        } }
        @if !facts.email_confirmed { p { a href="/settings/confirm/email" { (Icon::Envelope.show()) "Confirm your e-mail address" } } }
        @for held in &facts.accounts { @if let Some(history) = facts.troubles.get(&held.account) { (trouble(agency, held, history)) } }
    }
}

/// What came of an alert that could not be e-mailed, step by step.
fn trouble(agency: &Agency, held: &Held, history: &History) -> Markup {
    let day = |at| time::day(agency, at);
    html! {
        div class="notice warn" {
            p { "We could not reach you about " (agency.type_name(&held.account.kind)) " " (held.account.number) "." }
            ul {
                @for step in history.failed() { li { "By " (step.way.label()) ": failed on " (day(step.at)) } }
                @match (history.state, history.way) {
                    (State::Waiting, Some(way)) => li { "A " (way.label()) " will be sent" },
                    (State::Sent, Some(way)) => li { "By " (way.label()) ": sent on " (day(history.changed)) },
                    _ => {}
                }
            }
            p { a href="/settings" { "Check your address" span class="unseen" { " for " (held.account.number) } } }
        }
    }
}

fn i_want_to() -> Markup {
    html! {
        section class="card" {
            h2 { (Icon::Arrow.show()) "I Want To" }
            ul {
                li { a href="/access/request-code" { "Request Authorization Code" } }
                li { a href="/access/add" { "Add Account Access" } }
            }
        }
    }
}

/// The accounts (R136).
pub fn accounts(frame: &Frame, accounts: &[Held]) -> Markup {
    html! {
        h2 { "Accounts" }
        table class="stack" {
            caption { "View Accounts" }
            thead { tr { th scope="col" { "Type" } th scope="col" { "Number" } th scope="col" { "Name" } th scope="col" class="money" { "Balance" } } }
            tbody {
                @for held in accounts {
                    tr {
                        th scope="row" { a href=(held.account.path()) { (frame.agency.type_name(&held.account.kind)) span class="unseen" { " " (held.account.number) } } }
                        td data-label="Number" { (held.account.number) }
                        td data-label="Name" { (held.name) }
                        td data-label="Balance" class="money" { (held.balance) }
                    }
                }
            }
        }
    }
}

/// The submissions (R138).
pub fn submissions(frame: &Frame, submissions: &[Submission]) -> Markup {
    html! {
        h2 { "Submissions" }
        @if submissions.is_empty() { p { "You have not submitted anything yet." } }
        @else {
            table class="stack" {
                caption { "Your submissions, newest first" }
                thead { tr { th scope="col" { "Confirmation number" } th scope="col" { "Title" } th scope="col" { "Account" } th scope="col" { "Submitted" } th scope="col" { "Status" } } }
                tbody {
                    @for one in submissions {
                        tr {
                            th scope="row" { a href=(one.number.path()) { (one.number) } }
                            td data-label="Title" { (one.title) }
                            td data-label="Account" { (frame.agency.type_name(&one.kind)) " " (one.account) }
                            td data-label="Submitted" { (time::stamp(&frame.agency, one.at)) }
                            td data-label="Status" { (one.status) }
                        }
                    }
                }
            }
        }
    }
}
