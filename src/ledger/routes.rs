//! Reading a ledger: on pages, as CSV, and as monthly statements.

use actix_web::{HttpResponse, http::header, web};
use futures_util::stream;
use serde::Deserialize;

use super::{
    reader::{Place, Reader},
    views,
};
use crate::{
    account::{self, Account, Entry, MonthlyStatement},
    delivery::document_fault,
    http::{Caller, Fault, Portal, csv, page},
    page::{Frame, time},
    post::statement::Statement,
    words::{Agency, Cents, Moment, Month},
};

/// Entries on one page.
const ON_A_PAGE: usize = 50;
/// Entries that an export reads at a time.
const AT_ONCE: usize = 500;
/// Entries of a statement on paper: about a hundred pages.
const ON_PAPER: i64 = 4000;
const COLUMNS: [&str; 8] =
    ["Number", "Posted", "Book date", "Entry", "Reference", "Amount", "Balance", "Reverses entry"];

type Of = web::Path<(String, String)>;
type OfMonth = web::Path<(String, String, String)>;

/// Which entries are shown.
#[derive(Deserialize)]
pub struct From {
    before: Option<i64>,
    after: Option<i64>,
}

/// The ledger, newest entry first.
///
/// # Errors
/// [`Fault::NotFound`] for an account that the reader may not see.
pub async fn show<R: Reader>(
    reader: R,
    portal: Portal,
    frame: Frame,
    path: Of,
    from: web::Query<From>,
) -> Result<HttpResponse, Fault> {
    let account = reader.account(&portal, &path).await?;
    let mut entries = account::ledger(&portal.db, &account.id, from.before, ON_A_PAGE + 1).await?;
    let more = entries.len() > ON_A_PAGE;
    entries.truncate(ON_A_PAGE);
    let next = entries.last().filter(|_| more).map(|entry| entry.line);
    Ok(page(&frame, &views::ledger(&frame, &Place::new(&account, &reader), &entries, next)))
}

/// All entries as CSV, newest first: amounts in dollars and cents, without signs of a currency.
///
/// # Errors
/// [`Fault::NotFound`] for an account that the reader may not see.
pub async fn export<R: Reader>(reader: R, _: R::Proof, portal: Portal, path: Of) -> Result<HttpResponse, Fault> {
    let account = reader.account(&portal, &path).await?;
    reader.note_export(&portal, &account).await?;
    let name = format!("ledger-{}-{}", account.id.kind, account.id.number);
    let pages = stream::try_unfold(Some(None), move |before: Option<Option<i64>>| {
        let (db, id) = (portal.db.clone(), account.id.clone());
        async move {
            let Some(before) = before else { return Ok(None) };
            let entries = account::ledger(&db, &id, before, AT_ONCE).await?;
            let next = if entries.len() < AT_ONCE { None } else { entries.last().map(|entry| Some(entry.line)) };
            Ok::<_, Fault>(Some((entries.iter().map(row).collect(), next)))
        }
    });
    Ok(csv(&name, &COLUMNS, pages))
}

fn row(entry: &Entry) -> Vec<String> {
    vec![
        entry.line.to_string(),
        crate::http::csv::moment(entry.at),
        entry.book_day.clone().unwrap_or_default(),
        entry.text.clone(),
        entry.reference.clone().unwrap_or_default(),
        Cents(entry.cents).plain(),
        Cents(entry.balance).plain(),
        entry.reverses.map(|line| line.to_string()).unwrap_or_default(),
    ]
}

/// The months that there are statements of.
///
/// # Errors
/// [`Fault::NotFound`] for an account that the reader may not see.
pub async fn statements<R: Reader>(reader: R, portal: Portal, frame: Frame, path: Of) -> Result<HttpResponse, Fault> {
    let account = reader.account(&portal, &path).await?;
    let (zone, now) = (frame.agency.zone(), portal.now());
    let months = account::months(&portal.db, &account.id, zone, now).await?;
    let present = Month::of(now, zone);
    Ok(page(&frame, &views::statements(&frame, &Place::new(&account, &reader), &months, present)))
}

/// The statement of an address.
async fn read(portal: &Portal, account: &Account, month: &str) -> Result<MonthlyStatement, Fault> {
    let month = Month::parse(month).ok_or(Fault::NotFound)?;
    let zone = portal.agency().zone();
    let read = MonthlyStatement::read(&portal.db, &account.id, month, zone, portal.now()).await?;
    read.ok_or(Fault::NotFound)
}

/// Entries of a statement, oldest first: some, after this one.
async fn part(portal: &Portal, account: &Account, of: &MonthlyStatement, after: i64) -> Result<Vec<Entry>, Fault> {
    let first = of.first.max(after.saturating_add(1));
    let last = of.last.min(first.saturating_add(AT_ONCE as i64 - 1));
    let mut entries = account::entries(&portal.db, &account.id, first, last).await?;
    entries.reverse();
    Ok(entries)
}

/// A statement as a page.
///
/// # Errors
/// [`Fault::NotFound`] for an account that the reader may not see, and for a month without a statement.
pub async fn statement<R: Reader>(
    reader: R,
    portal: Portal,
    frame: Frame,
    path: OfMonth,
    from: web::Query<From>,
) -> Result<HttpResponse, Fault> {
    let (kind, number, month) = path.into_inner();
    let account = reader.account(&portal, &(kind, number)).await?;
    let statement = read(&portal, &account, &month).await?;
    let entries = part(&portal, &account, &statement, from.after.unwrap_or(0)).await?;
    Ok(page(&frame, &views::statement(&frame, &Place::new(&account, &reader), &statement, &entries)))
}

/// A statement as CSV, oldest entry first.
///
/// # Errors
/// As [`statement`].
pub async fn statement_csv<R: Reader>(
    reader: R,
    _: R::Proof,
    portal: Portal,
    path: OfMonth,
) -> Result<HttpResponse, Fault> {
    let (kind, number, month) = path.into_inner();
    let account = reader.account(&portal, &(kind, number)).await?;
    let statement = read(&portal, &account, &month).await?;
    reader.note_export(&portal, &account).await?;
    let name = format!("statement-{}-{}-{month}", account.id.kind, account.id.number);
    let pages = stream::try_unfold(0, move |after| {
        let (portal, account, statement) = (portal.clone(), account.clone(), statement.clone());
        async move {
            let entries = part(&portal, &account, &statement, after).await?;
            let Some(last) = entries.last().map(|entry| entry.line) else { return Ok(None) };
            Ok::<_, Fault>(Some((entries.iter().map(row).collect(), last)))
        }
    });
    Ok(csv(&name, &COLUMNS, pages))
}

/// A statement as PDF.
///
/// # Errors
/// As [`statement`].
pub async fn statement_pdf<R: Reader>(
    reader: R,
    _: R::Proof,
    portal: Portal,
    Caller(caller): Caller,
    path: OfMonth,
) -> Result<HttpResponse, Fault> {
    let (kind, number, month) = path.into_inner();
    let account = reader.account(&portal, &(kind, number)).await?;
    let statement = read(&portal, &account, &month).await?;
    reader.note_export(&portal, &account).await?;
    let first = statement.first.max(statement.last - ON_PAPER + 1);
    let entries = account::entries(&portal.db, &account.id, first, statement.last).await?;
    let name = format!("statement-{}-{}-{month}.pdf", account.id.kind, account.id.number);
    let now = portal.now();
    let on_paper = on_paper(&portal.agency(), &account, &statement, &entries, now);
    let pdf = portal.pools.documents.run(Some(&caller), move || on_paper.render(now)).await?;
    let pdf = pdf.map_err(document_fault)?;
    Ok(HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header((header::CONTENT_DISPOSITION, format!("inline; filename=\"{name}\"")))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .body(pdf))
}

/// A statement for paper, its newest entries if it has too many.
fn on_paper(agency: &Agency, account: &Account, of: &MonthlyStatement, newest: &[Entry], now: Moment) -> Statement {
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
        ("Opening balance".to_owned(), of.opening.to_string()),
        ("Closing balance".to_owned(), of.closing.to_string()),
        ("Made".to_owned(), time::in_full(agency, now)),
    ];
    if of.len() > ON_PAPER {
        facts.push(("Shown".to_owned(), format!("the latest {ON_PAPER} of {} entries", of.len())));
    }
    let to_date = if of.is_to_date { " (to date)" } else { "" };
    Statement {
        agency: agency.name.clone(),
        subject: format!("Statement for {}{to_date}", of.month.name()),
        facts,
        entries: newest.iter().rev().map(row).collect(),
    }
}
