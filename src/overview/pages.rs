//! What the overview shows.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use maud::{Markup, html};
use serde::Deserialize;

use super::queries::{Lost, Now, Queue, Used};
use crate::{
    audit::Deed,
    db::ceiling::Daily,
    form::Fields,
    page::{
        Crumb, Frame, Page,
        plot::{Plot, Series},
        time,
    },
    session::staff::{Auditor, By},
    words::measure::Measure,
};

/// Alerts on one page.
pub const ON_A_PAGE: usize = 50;

/// What the overview is made from.
pub struct View<'a> {
    /// The days, oldest first.
    pub days: &'a [NaiveDate],
    /// What was counted.
    pub counts: &'a BTreeMap<(NaiveDate, Measure), i64>,
    /// What waits now.
    pub now: &'a Now,
    /// Letters that wait for a batch.
    pub letters: i64,
    /// Codes that were used.
    pub used: &'a [Used],
    /// The queues.
    pub queues: &'a [Queue],
    /// What was counted today, and the day's ceiling.
    pub ceilings: &'a [(Daily, i64, i64)],
    /// Who looks.
    pub by: By<'a>,
}

impl View<'_> {
    fn series(&self, measures: &[Measure]) -> Vec<Series> {
        let of = |measure: &Measure| {
            let counts = self.days.iter().map(|day| self.counts.get(&(*day, *measure)).copied().unwrap_or(0));
            Series { label: measure.label(), counts: counts.collect() }
        };
        measures.iter().map(of).collect()
    }

    fn plot(&self, title: &str, measures: &[Measure], behind: (&str, &str)) -> Markup {
        Plot { title, days: self.days, series: self.series(measures), behind }.show()
    }

    /// The same with each act behind it, for whoever may read the audit; others are led to the nearest list.
    fn plot_of_acts(&self, title: &str, measures: &[Measure], deed: Deed, nearest: (&str, &str)) -> Markup {
        let (Some(first), true) = (self.days.first(), self.by.role.may::<Auditor>()) else {
            return self.plot(title, measures, nearest);
        };
        let did = Fields::default().with("did", deed.label()).query("from", &first.to_string());
        self.plot(title, measures, ("Each of these in the audit", &format!("/staff/audit?{did}")))
    }
}

fn ceiling_name(what: Daily) -> &'static str {
    match what {
        Daily::Letters => "letters",
        Daily::Texts => "text messages",
    }
}

/// Today at a glance, and the last thirty days.
pub fn overview(view: &View<'_>) -> Page {
    let waits = [
        ("Messages that wait for an answer", view.now.messages, "/staff/messages"),
        ("Letters that wait for a batch", view.letters, "/staff/letters"),
        ("Requests for approval", view.now.approvals, "/staff/approvals"),
        ("Addresses to correct", view.now.addresses, "/staff/letters"),
        ("Codes that may be used", view.now.codes, "/staff/codes?state=may+be+used"),
    ];
    let body = html! {
        section {
            h2 { "What waits" }
            ul class="figures" { @for (label, count, href) in waits { li class="card" { a href=(href) { strong { (count) } " " (label) } } } }
        }
        section {
            h2 { "Today's ceilings" }
            @for (what, counted, most) in view.ceilings.iter().filter(|(_, counted, most)| counted.saturating_mul(5) >= most.saturating_mul(4)) {
                div class="notice warn" role="status" { p { (ceiling_name(*what)) ": " (counted) " of " (most) " were used today. When all are used, no more can be requested until tomorrow." } }
            }
            ul class="figures" { @for (what, counted, most) in view.ceilings { li class="card" { strong { (counted) } " of " (most) " " (ceiling_name(*what)) } } }
        }
        section {
            h2 { "The last 30 days" }
            div class="plots" {
                (view.plot_of_acts("Sign-ups", &[Measure::SignUps], Deed::SignedUp, ("Find a logon", "/staff/logons")))
                (view.plot("Codes asked for", &[Measure::CodesByEmail, Measure::CodesByLetter], ("All codes", "/staff/codes")))
                (view.plot("Codes used", &[Measure::CodesUsed], ("Used codes", "/staff/codes?state=used")))
                (view.plot_of_acts("Messages posted", &[Measure::MessagesOfStaff, Measure::MessagesOfHolders], Deed::PostedMessage, ("Messages to many accounts", "/staff/bulk-posts")))
                (view.plot("Conversations read", &[Measure::ThreadsRead], ("Messages that wait for an answer", "/staff/messages")))
                (view.plot("Alerts", &[Measure::AlertsByEmail, Measure::AlertsByText, Measure::AlertsByLetter, Measure::AlertsUndeliverable], ("Alerts that reached nobody", "/staff/alerts")))
            }
            p { a href="/staff/overview/export" { "All of these figures as CSV" } }
        }
        section class="card" { h2 { "How long until a code is used" } (until_used(view.used)) }
        section class="card" { h2 { "Queues" } (queues(view.queues)) }
    };
    Page::new("Overview", body).of_console(vec![])
}

/// Spans that the time until a code was used is told in.
const SPANS: [(&str, TimeDelta); 5] = [
    ("within an hour", TimeDelta::hours(1)),
    ("within a day", TimeDelta::days(1)),
    ("within 3 days", TimeDelta::days(3)),
    ("within a week", TimeDelta::days(7)),
    ("within 2 weeks", TimeDelta::days(14)),
];

fn until_used(used: &[Used]) -> Markup {
    let count = |channel: &str, from: Option<TimeDelta>, to: Option<TimeDelta>| {
        let those =
            used.iter().filter(|code| code.channel == channel).filter_map(|code| Some(code.ended? - code.requested));
        those.filter(|took| from.is_none_or(|from| *took > from) && to.is_none_or(|to| *took <= to)).count()
    };
    let mut spans = Vec::new();
    let mut from = None;
    for (label, to) in SPANS {
        spans.push((label, from, Some(to)));
        from = Some(to);
    }
    spans.push(("later", from, None));
    html! {
        @if used.is_empty() { p { "No code was used yet." } }
        @else {
            table {
                caption { "The latest " (used.len()) " codes that were used" }
                thead { tr { th scope="col" { "From request to use" } th scope="col" class="money" { "By e-mail" } th scope="col" class="money" { "By letter" } } }
                tbody {
                    @for (label, from, to) in spans {
                        tr { th scope="row" { (label) } td class="money" { (count("email", from, to)) } td class="money" { (count("letter", from, to)) } }
                    }
                }
            }
            p { a href="/staff/codes?state=used" { "Used codes" } }
        }
    }
}

fn queues(queues: &[Queue]) -> Markup {
    html! {
        @let stages = ["Ready", "For later", "Running"];
        table class="stack" {
            caption { "Jobs that wait or run" }
            thead { tr { th scope="col" { "Queue" } @for stage in stages { th scope="col" class="money" { (stage) } } } }
            tbody {
                @for queue in queues {
                    tr { th scope="row" { (queue.name) } @for (stage, count) in stages.iter().zip(queue.stages) { td class="money" data-label=(stage) { (count) } } }
                }
            }
        }
    }
}

/// Which alerts are shown.
#[derive(Deserialize)]
pub struct After {
    after: Option<i64>,
}

impl After {
    /// The place in the list.
    pub fn after(&self) -> i64 {
        self.after.unwrap_or(i64::MIN)
    }
}

/// Alerts that nothing could tell of.
pub fn alerts(frame: &Frame, mut lost: Vec<Lost>) -> Page {
    let more = lost.len() > ON_A_PAGE;
    lost.truncate(ON_A_PAGE);
    let body = html! {
        p { "Neither an e-mail nor a text message nor a letter told these people of a message." }
        @if lost.is_empty() { p { "There are none." } }
        @else {
            table class="stack" {
                caption { "Newest first" }
                thead { tr { th scope="col" { "User ID" } th scope="col" { "Message" } th scope="col" { "Given up" } th scope="col" { "Why" } } }
                tbody {
                    @for alert in &lost {
                        tr {
                            th scope="row" { (alert.user_id) }
                            td data-label="Message" { a href=(crate::staff::message_path(&alert.account, alert.thread)) { (frame.agency.type_name(&alert.account.kind)) " " (alert.account.number) } }
                            td data-label="Given up" { (time::stamp(&frame.agency, alert.changed)) }
                            td data-label="Why" class="breaks" { (alert.said) }
                        }
                    }
                }
            }
            @if let Some(last) = lost.last().filter(|_| more) { p { a href=(format!("/staff/alerts?after={}", last.rank)) { "Older ones" } } }
        }
    };
    Page::new("Alerts that reached nobody", body).of_console(vec![Crumb::new("Overview", "/staff/overview")])
}
