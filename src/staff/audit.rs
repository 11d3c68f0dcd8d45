//! The audit in the console: searched, exported, verified.

use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use futures_util::stream;

use super::{audit_pages as pages, queries};
use crate::{
    audit::{self, Cursor, Deed, Filter},
    db::Db,
    form::{Faults, Fields},
    http::{Fault, Portal, Posted, csv, page, unprocessable},
    page::{Frame, fields::Filled},
    session::{Staff, StepUp, staff::Auditor},
    staff_member::queries::with_user_ids,
    words::{AccountId, AccountNumber, Agency, Moment, UserId},
};

/// Rows on one page.
const ON_A_PAGE: usize = 50;
/// Rows that an export reads at a time.
const AT_ONCE: usize = 500;

/// The trail, or what is looked for in it.
///
/// # Errors
/// When the database does not answer.
pub async fn search(
    staff: Staff<Auditor>,
    portal: Portal,
    frame: Frame,
    query: web::Query<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    let typed = Fields::new(query.into_inner());
    shown(&portal, &frame, &typed, None, staff).await
}

async fn shown(
    portal: &Portal,
    frame: &Frame,
    typed: &Fields,
    report: Option<&audit::Report>,
    _: Staff<Auditor>,
) -> Result<HttpResponse, Fault> {
    let db = &portal.db;
    let head = audit::head(db).await?;
    let view =
        |rows, faults| pages::View { rows, next: None, head: &head, report, form: Filled { fields: typed, faults } };
    let filter = match filter(db, typed, &portal.agency()).await? {
        Ok(filter) => filter,
        Err(faults) => return Ok(unprocessable(frame, &pages::trail(frame, &view(&[], &faults)))),
    };
    let (rows, next) = audit::find_page(db, &filter, Cursor::parse(typed.text("after")), ON_A_PAGE).await?;
    let rows = with_user_ids(db, rows).await?;
    let faults = Faults::default();
    Ok(page(frame, &pages::trail(frame, &pages::View { next, ..view(&rows, &faults) })))
}

/// What was found, as CSV: all of it. That it was taken away is a row itself.
///
/// # Errors
/// When the database does not answer.
pub async fn export(
    staff: Staff<Auditor>,
    _: StepUp,
    portal: Portal,
    query: web::Query<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    let typed = Fields::new(query.into_inner());
    let filter = filter(&portal.db, &typed, &portal.agency()).await?.map_err(|_| Fault::NotFound)?;
    let head = audit::head(&portal.db).await?;
    audit::row(portal.now(), staff.id(), Deed::ExportedAudit, "audit", &head.to_string()).run(&portal.db).await?;
    let db = portal.db.clone();
    let pages = stream::try_unfold(Some(Cursor::NEWEST), move |after| {
        let (db, filter) = (db.clone(), filter.clone());
        async move {
            let Some(after) = after else { return Ok(None) };
            let (rows, next) = audit::find_page(&db, &filter, after, AT_ONCE).await?;
            let rows = with_user_ids(&db, rows).await?;
            Ok::<_, Fault>(Some((rows.into_iter().map(line).collect(), next)))
        }
    });
    Ok(csv("audit", &["At", "By", "By (id)", "Did", "Record", "Note", "Source", "Session", "Sealed as"], pages))
}

fn line(row: audit::Listed) -> Vec<String> {
    let at = row.at.to_rfc3339_opts(chrono::SecondsFormat::Nanos, true);
    let sealed = row.sealed.map(|number| number.to_string()).unwrap_or_default();
    let (source, session) = (row.source.unwrap_or_default(), row.session.unwrap_or_default());
    vec![at, row.name.unwrap_or_default(), row.who, row.did, row.what, row.note, source, session, sealed]
}

/// Walks the whole chain, and says what it found.
///
/// # Errors
/// When the database does not answer.
pub async fn verify(
    staff: Staff<Auditor>,
    portal: Portal,
    frame: Frame,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let noted =
        match Some(posted.text("seal").trim()).filter(|typed| !typed.is_empty()).map(audit::Seal::parse).transpose() {
            Ok(noted) => noted,
            Err(sentence) => {
                let head = audit::head(&portal.db).await?;
                let faults = Faults::one("seal", sentence);
                let form = Filled { fields: &posted, faults: &faults };
                let view = pages::View { rows: &[], next: None, head: &head, report: None, form };
                return Ok(unprocessable(&frame, &pages::trail(&frame, &view)));
            }
        };
    let report = audit::verify(&portal.db, audit::Trust::of(&portal), noted.as_ref()).await?;
    let note = format!("{} flaws, {}", report.flaws.len(), report.head);
    audit::row(portal.now(), staff.id(), Deed::VerifiedAudit, "audit", &note).run(&portal.db).await?;
    shown(&portal, &frame, &Fields::default(), Some(&report), staff).await
}

/// What was typed to search with.
async fn filter(db: &Db, typed: &Fields, agency: &Agency) -> Result<Result<Filter, Faults>, Fault> {
    let mut faults = Faults::default();
    let who = ids(db, "who", typed, &mut faults).await?;
    let about = ids(db, "about", typed, &mut faults).await?;
    let account = faults.take("number", account(typed, agency)).flatten();
    if about.is_some() && account.is_some() {
        faults.add("about", "Either a user ID or an account, not both.");
    }
    let did = match typed.text("did") {
        "" => None,
        label => faults.take("did", Deed::of_label(label).ok_or("Select one of the list.")),
    };
    let from = faults.take("from", midnight(typed.text("from"), agency, 0)).flatten();
    let until = faults.take("until", midnight(typed.text("until"), agency, 1)).flatten();
    let what = account.map(|account| vec![account.key()]).or(about);
    let without_views = false;
    Ok(faults.or(Some(Filter { who, did, what, from, until, without_views })))
}

/// The ids of a user ID: an employee's, a person's, or both.
async fn ids(db: &Db, field: &str, typed: &Fields, faults: &mut Faults) -> Result<Option<Vec<String>>, Fault> {
    let typed = typed.text(field).trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let found = match UserId::parse(typed) {
        Ok(user_id) => queries::ids_of(db, &user_id).await?,
        Err(_) => Vec::new(),
    };
    Ok(faults.take(field, if found.is_empty() { Err("Nobody has this user ID.") } else { Ok(found) }))
}

fn account(typed: &Fields, agency: &Agency) -> Result<Option<AccountId>, String> {
    let (kind, number) = (typed.text("kind"), typed.text("number").trim());
    if number.is_empty() {
        return if kind.is_empty() { Ok(None) } else { Err("Enter the account's number as well.".into()) };
    }
    let number = AccountNumber::parse(number)?;
    let kind = agency.account_type(kind).ok_or("Select the account's type as well.")?;
    Ok(Some(AccountId::new(kind.key.clone(), number)))
}

/// The first moment of the day that was typed, or of one some days later.
fn midnight(typed: &str, agency: &Agency, later: i64) -> Result<Option<Moment>, &'static str> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    let day =
        NaiveDate::parse_from_str(typed.trim(), "%Y-%m-%d").map_err(|_| "Enter a day, for instance 2027-01-31.")?;
    let day = day.checked_add_signed(chrono::TimeDelta::days(later)).ok_or("Enter a day of this century.")?;
    agency.start_of(day).map(Some).ok_or("Enter a day of this century.")
}
