//! What the console shows of the audit.

use maud::{Markup, html};

use crate::{
    audit::{Cursor, Deed, Listed, Report, Seal},
    page::{
        Frame, Page,
        fields::{Filled, Text, select, summary_of_faults},
        time,
    },
    words::AccountNumber,
};

const PATH: &str = "/staff/audit";

/// What the page shows.
pub struct View<'a> {
    /// The rows.
    pub rows: &'a [Listed],
    /// Where older ones begin.
    pub next: Option<Cursor>,
    /// The end of the chain.
    pub head: &'a Seal,
    /// What verifying it found.
    pub report: Option<&'a Report>,
    /// What was typed.
    pub form: Filled<'a>,
}

/// The trail, newest first.
pub fn trail(frame: &Frame, view: &View<'_>) -> Page {
    let typed = view.form.fields;
    let body = html! {
        (summary_of_faults(view.form.faults))
        @if let Some(report) = view.report { (found(report)) }
        (search(frame, view.form))
        @if view.rows.is_empty() { p role="status" { "Nothing was found." } }
        @else {
            (table(frame, view.rows))
            p class="no-print" {
                @if let Some(next) = view.next { a href=(format!("{PATH}?{}", typed.query("after", &next.to_string()))) { "Older rows" } " · " }
                a href=(format!("{PATH}/export?{}", typed.query("after", ""))) { "All of these as CSV" }
            }
        }
        (chain(frame, view))
    };
    Page::new("Audit", body).of_console(vec![]).faulty(!view.form.faults.is_empty())
}

fn search(frame: &Frame, form: Filled<'_>) -> Markup {
    let deeds: Vec<(&str, &str)> = Deed::ALL.iter().map(|deed| (deed.label(), deed.label())).collect();
    let kinds: Vec<(&str, &str)> =
        frame.agency.account_types.iter().map(|kind| (kind.key.as_str(), kind.name.as_str())).collect();
    html! {
        form method="get" action=(PATH) role="search" class="card no-print" {
            div class="row" {
                (Text::new("who", "Done by").hint("A user ID, a person's or an employee's").identifier().optional().show(form))
                (Text::new("about", "Done to").hint("A user ID").identifier().optional().show(form))
                (select("did", "What was done", false, &deeds, form))
                (select("kind", "Account type", false, &kinds, form))
                (Text::new("number", "Account number").digits().optional().show(form))
                (Text::new("from", "From").kind("date").optional().show(form))
                (Text::new("until", "Until").kind("date").optional().show(form))
            }
            button class="button" { "Find" }
        }
    }
}

fn table(frame: &Frame, rows: &[Listed]) -> Markup {
    html! {
        table class="stack" {
            caption { "Newest first" }
            thead { tr { th scope="col" { "At" } th scope="col" { "By" } th scope="col" { "Did" } th scope="col" { "Record" } th scope="col" { "Note" } th scope="col" { "Source" } th scope="col" { "Sealed" } } }
            tbody {
                @for row in rows {
                    tr {
                        td data-label="At" { (time::stamp(&frame.agency, row.at)) }
                        th scope="row" { (row.name.as_deref().unwrap_or(if row.who.is_empty() { "the portal" } else { &row.who })) }
                        td data-label="Did" { (row.did) }
                        td data-label="Record" class="breaks" { (record(frame, row)) }
                        td data-label="Note" class="breaks" { (row.note) }
                        td data-label="Source" class="breaks" { (row.source.as_deref().unwrap_or("the portal")) }
                        td data-label="Sealed" { @match row.sealed { Some(number) => (number), None => "not yet" } }
                    }
                }
            }
        }
    }
}

/// An account leads to its page.
fn record(frame: &Frame, row: &Listed) -> Markup {
    let account = row.what.split_once('/').and_then(|(kind, number)| Some((kind, AccountNumber::parse(number).ok()?)));
    html! {
        @match account {
            Some((kind, number)) => a href=(format!("/staff/accounts/{kind}/{number}")) { (frame.agency.type_name(kind)) " " (number) },
            None if row.what == row.who => "own",
            None => (row.about.as_deref().unwrap_or(&row.what)),
        }
    }
}

fn found(report: &Report) -> Markup {
    html! {
        div class={ "notice" @if !report.flaws.is_empty() { " warn" } } role="status" {
            @if report.flaws.is_empty() {
                p { strong { "The audit holds. " } (report.head.number) " rows are sealed; none was changed, left out or moved." }
            } @else {
                p { strong { "The audit does not hold." } }
                ul { @for flaw in report.flaws.iter().take(20) { li { (flaw) } } }
                @if report.flaws.len() > 20 { p { "And " (report.flaws.len() - 20) " more." } }
            }
        }
    }
}

fn chain(frame: &Frame, view: &View<'_>) -> Markup {
    html! {
        section class="card no-print" {
            h2 { "The chain" }
            p { "Each row is sealed with a hash of itself and of the row before it. Note the present seal where nobody who can write to the database can reach it: with it you can tell later that no row was cut off." }
            p { "Present seal: " code class="breaks" { (view.head) } }
            form method="post" action=(format!("{PATH}/verify")) novalidate {
                (frame.form_token())
                (Text::new("seal", "A seal that you noted").optional().show(view.form))
                button class="button" { "Verify the whole chain" }
            }
        }
    }
}
