//! An account's ledger in the console: on a page, as CSV, and as a statement on paper (R140).

use actix_web::{HttpResponse, http::header, web};
use futures_util::stream;
use serde::Deserialize;

use super::{ledger_pages as pages, routes::find};
use crate::{
    account::{self, Account, Entry},
    audit::{self, Deed},
    http::{Caller, Fault, Portal, csv, page},
    page::{Frame, time},
    post::statement::Statement,
    session::{Staff, StepUp, staff::Employee},
    words::{Agency, Cents},
};

/// Lines on one page.
const ON_A_PAGE: usize = 50;
/// Lines that an export reads at a time.
const AT_ONCE: usize = 500;
/// Lines of a statement on paper: about a hundred pages.
const ON_PAPER: usize = 4000;

/// Which lines are shown.
#[derive(Deserialize)]
pub struct Before {
    before: Option<i64>,
}

/// The ledger, newest line first.
///
/// # Errors
/// [`Fault::NotFound`] for an account that is not on file.
pub async fn show(
    _: Staff<Employee>,
    portal: Portal,
    frame: Frame,
    path: web::Path<(String, String)>,
    before: web::Query<Before>,
) -> Result<HttpResponse, Fault> {
    let account = find(&portal, &path.0, &path.1).await?;
    let mut entries = account::ledger(&portal.store, &account.id, before.before, ON_A_PAGE + 1).await?;
    let more = entries.len() > ON_A_PAGE;
    entries.truncate(ON_A_PAGE);
    let next = entries.last().filter(|_| more).map(|entry| entry.line);
    Ok(page(&frame, &pages::ledger(&frame, &account, &entries, next)))
}

/// All lines as CSV: amounts in dollars and cents, without signs of a currency.
///
/// # Errors
/// [`Fault::NotFound`] for an account that is not on file.
pub async fn export(
    staff: Staff<Employee>,
    _: StepUp,
    portal: Portal,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Fault> {
    audit::row(portal.now(), staff.id(), Deed::ExportedList, "ledger", "").run(&portal.store).await?;
    let account = find(&portal, &path.0, &path.1).await?;
    let name = format!("ledger-{}-{}", account.id.kind, account.id.number);
    let store = portal.store.clone();
    let pages = stream::try_unfold(Some(None), move |before: Option<Option<i64>>| {
        let (store, id) = (store.clone(), account.id.clone());
        async move {
            let Some(before) = before else { return Ok(None) };
            let entries = account::ledger(&store, &id, before, AT_ONCE).await?;
            let next = if entries.len() < AT_ONCE { None } else { entries.last().map(|entry| Some(entry.line)) };
            Ok::<_, Fault>(Some((entries.iter().map(line).collect(), next)))
        }
    });
    Ok(csv(&name, &["At", "Entry", "Amount", "Balance"], pages))
}

fn line(entry: &Entry) -> Vec<String> {
    let at = entry.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    vec![at, entry.text.clone(), Cents(entry.cents).plain(), Cents(entry.balance).plain()]
}

/// A statement as PDF, oldest line first.
///
/// # Errors
/// [`Fault::NotFound`] for an account that is not on file.
pub async fn statement(
    staff: Staff<Employee>,
    _: StepUp,
    portal: Portal,
    Caller(caller): Caller,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Fault> {
    audit::row(portal.now(), staff.id(), Deed::ExportedList, "statement", "").run(&portal.store).await?;
    let account = find(&portal, &path.0, &path.1).await?;
    let entries = account::ledger(&portal.store, &account.id, None, ON_PAPER).await?;
    let name = format!("statement-{}-{}.pdf", account.id.kind, account.id.number);
    let now = portal.now();
    let statement = written(&portal.agency(), &account, &entries, now);
    let pdf = portal.pools.documents.run(Some(&caller), move || statement.render(now)).await?;
    let pdf = pdf.map_err(|fault| Fault::Broken(fault.to_string()))?;
    Ok(HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header((header::CONTENT_DISPOSITION, format!("inline; filename=\"{name}\"")))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .body(pdf))
}

fn written(agency: &Agency, account: &Account, entries: &[Entry], now: crate::words::Moment) -> Statement {
    let row = |entry: &Entry| {
        [
            time::day(agency, entry.at),
            entry.text.clone(),
            Cents(entry.cents).to_string(),
            Cents(entry.balance).to_string(),
        ]
    };
    let mut facts = vec![
        ("Account".to_owned(), format!("{} {}", agency.type_name(&account.id.kind), account.id.number)),
        ("Name".to_owned(), account.name.clone()),
        ("Balance".to_owned(), account.balance.to_string()),
        ("Made".to_owned(), time::in_full(agency, now)),
    ];
    if entries.len() == ON_PAPER {
        facts.push(("Shown".to_owned(), format!("the latest {ON_PAPER} lines")));
    }
    Statement {
        agency: agency.name.clone(),
        subject: "Statement of account".to_owned(),
        facts,
        entries: entries.iter().rev().map(row).collect(),
    }
}
