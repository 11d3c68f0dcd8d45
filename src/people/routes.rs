//! Logons in the console: looked up, and helped.

use actix_web::{HttpResponse, http::StatusCode, web};
use serde::Deserialize;

use super::{
    Risky, acts, pages,
    pages::{Sheet, View},
    queries,
};
use crate::{
    audit::{self, Cursor, Deed, Filter},
    form::{Faults, Fields, line},
    http::{Done, Fault, Portal, Posted, answer, at_address, page, unprocessable},
    logon::{self, queries::Logon},
    page::{Frame, Page, fields::Filled},
    session::{
        self, Desk, Kind, Staff, sign_in,
        staff::{By, Clerk, Employee, Supervisor},
    },
    staff_member::queries::with_user_ids,
    words::{AccountId, AccountNumber, LogonId},
};

/// How much of what happened a sheet shows.
const HAPPENED: usize = 15;

/// What is searched for.
#[derive(Deserialize)]
pub struct Search {
    q: Option<String>,
}

impl Search {
    async fn found(&self, portal: &Portal) -> Result<Option<Vec<queries::Found>>, Fault> {
        let typed = self.q.as_deref().unwrap_or_default().trim();
        if typed.is_empty() { Ok(None) } else { Ok(Some(queries::search(&portal.db, typed).await?)) }
    }
}

/// The search for a logon.
///
/// # Errors
/// When the database does not answer.
pub async fn search(
    _: Staff<Employee>,
    portal: Portal,
    frame: Frame,
    search: web::Query<Search>,
) -> Result<HttpResponse, Fault> {
    let found = search.found(&portal).await?;
    Ok(page(&frame, &pages::search(search.q.as_deref().unwrap_or_default(), found.as_deref())))
}

/// What was found, for a page on which somebody types.
///
/// # Errors
/// When the database does not answer.
pub async fn results(_: Staff<Employee>, portal: Portal, search: web::Query<Search>) -> Result<HttpResponse, Fault> {
    let shown = answer(StatusCode::OK, pages::results(search.found(&portal).await?.as_deref()));
    let typed = Fields::default().with("q", search.q.as_deref().unwrap_or_default());
    Ok(at_address(shown, &typed.address(pages::LIST)))
}

async fn find(portal: &Portal, id: &str) -> Result<Logon, Fault> {
    logon::queries::find(&portal.db, &LogonId::known(id)).await?.ok_or(Fault::NotFound)
}

/// A logon's sheet.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there.
pub async fn open(
    staff: Staff<Employee>,
    portal: Portal,
    frame: Frame,
    id: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let logon = find(&portal, &id).await?;
    audit::row(portal.now(), staff.id(), Deed::ViewedLogon, logon.id.as_str(), "").run(&portal.db).await?;
    let (fields, faults) = <(Fields, Faults)>::default();
    let form = Filled { fields: &fields, faults: &faults };
    Ok(page(&frame, &sheet(&portal, &frame, &logon, staff.by(), form).await?))
}

async fn sheet(portal: &Portal, frame: &Frame, logon: &Logon, by: By<'_>, form: Filled<'_>) -> Result<Page, Fault> {
    let (db, id) = (&portal.db, logon.id.as_str());
    let own = Filter { who: Some(vec![id.to_owned()]), without_views: true, ..Filter::default() };
    let about = Filter { what: Some(vec![id.to_owned()]), without_views: true, ..Filter::default() };
    let (held, sessions, locked, own, about) = futures_util::try_join!(
        queries::held(db, id),
        session::list(db, id, portal.now()),
        sign_in::locked_until(portal, Kind::Person, &logon.user_id),
        audit::find(db, &own, Cursor::NEWEST, HAPPENED),
        audit::find(db, &about, Cursor::NEWEST, HAPPENED),
    )?;
    // What somebody did with their own logon is on both lists.
    let mut happened = about;
    happened.extend(own.into_iter().filter(|row| row.what != id));
    happened.sort_by_key(audit::Listed::cursor);
    happened.truncate(HAPPENED);
    let happened = with_user_ids(db, happened).await?;
    let sheet = Sheet { logon, held: &held, sessions: &sessions, locked, happened: &happened };
    Ok(pages::sheet(frame, &View { sheet, by }, form))
}

/// Lets a logon that was locked sign in again.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there.
pub async fn unlock(
    staff: Staff<Clerk>,
    portal: Portal,
    id: web::Path<String>,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    let logon = find(&portal, &id).await?;
    acts::unlock(&portal, &logon, staff.by()).await?;
    Ok(Done::Unlocked.then(&pages::path(&id)))
}

/// Ends all sessions of a logon.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there.
pub async fn end_sessions(
    staff: Staff<Clerk>,
    portal: Portal,
    desk: web::Data<Desk>,
    id: web::Path<String>,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    let logon = find(&portal, &id).await?;
    acts::end_sessions(&portal, &logon, staff.by()).await?;
    desk.ended_all(&id);
    Ok(Done::EndedSessions.then(&pages::path(&id)))
}

/// Suspends a logon.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there.
pub async fn suspend(
    staff: Staff<Supervisor>,
    portal: Portal,
    frame: Frame,
    desk: web::Data<Desk>,
    id: web::Path<String>,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let logon = find(&portal, &id).await?;
    match reason(&posted, "suspend-reason") {
        Ok(reason) => {
            acts::suspend(&portal, &logon, &reason, staff.by()).await?;
            desk.ended_all(&id);
            Ok(Done::Suspended.then(&pages::path(&id)))
        }
        Err(faults) => again(&portal, &frame, &logon, staff.by(), &posted, &faults).await,
    }
}

fn reason(posted: &Fields, field: &str) -> Result<String, Faults> {
    line(posted.text(field), "a reason", 200).map_err(|sentence| Faults::one(field, sentence))
}

async fn again(
    portal: &Portal,
    frame: &Frame,
    logon: &Logon,
    by: By<'_>,
    posted: &Fields,
    faults: &Faults,
) -> Result<HttpResponse, Fault> {
    let form = Filled { fields: posted, faults };
    Ok(unprocessable(frame, &sheet(portal, frame, logon, by, form).await?))
}

/// Takes an access away.
///
/// # Errors
/// [`Fault::NotFound`] for a logon that is not there.
pub async fn revoke(
    staff: Staff<Clerk>,
    portal: Portal,
    frame: Frame,
    id: web::Path<String>,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let logon = find(&portal, &id).await?;
    let mut faults = Faults::default();
    let reason = faults.take("revoke-reason", line(posted.text("revoke-reason"), "a reason", 200));
    let account = faults.take("revoke-account", held(&portal, &logon, posted.text("revoke-account")).await?);
    match faults.or(reason.zip(account)) {
        Ok((reason, account)) => {
            acts::revoke(&portal, &logon, &account, &reason, staff.by()).await?;
            Ok(Done::Revoked.then(&pages::path(&id)))
        }
        Err(faults) => again(&portal, &frame, &logon, staff.by(), &posted, &faults).await,
    }
}

/// One of the accounts that a logon may see.
async fn held(portal: &Portal, logon: &Logon, key: &str) -> Result<Result<AccountId, &'static str>, Fault> {
    let held = queries::held(&portal.db, logon.id.as_str()).await?;
    Ok(held.into_iter().map(|held| held.account).find(|account| account.key() == key).ok_or("Select an account."))
}

/// Asks a second employee to do what is risky.
///
/// # Errors
/// [`Fault::NotFound`] for a logon that is not there.
pub async fn ask(
    staff: Staff<Clerk>,
    portal: Portal,
    frame: Frame,
    path: web::Path<(String, String)>,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let logon = find(&portal, &path.0).await?;
    let parsed = match path.1.as_str() {
        "reinstate" => reason(&posted, "reinstate-reason").map(|reason| (Risky::Reinstate, None, reason)),
        "recover" => recover(&portal, &logon, &posted).await?,
        "grant" => grant(&portal, &posted).await?,
        _ => return Err(Fault::NotFound),
    };
    match parsed {
        Ok((act, account, reason)) => {
            let id = logon.id.as_str();
            queries::ask_for(&portal.db, act, id, account.as_ref(), &reason, staff.by(), portal.now()).await?;
            Ok(Done::Asked.then("/staff/approvals"))
        }
        Err(faults) => again(&portal, &frame, &logon, staff.by(), &posted, &faults).await,
    }
}

type Asked = Result<(Risky, Option<AccountId>, String), Faults>;

async fn recover(portal: &Portal, logon: &Logon, posted: &Fields) -> Result<Asked, Fault> {
    let mut faults = Faults::default();
    let account = match held(portal, logon, posted.text("recover-account")).await? {
        Ok(account) if acts::can_be_written_to(portal, &account).await? => Ok(account),
        Ok(_) => Err("No letter can be sent to this account's address on record."),
        Err(sentence) => Err(sentence),
    };
    let account = faults.take("recover-account", account);
    let reason = faults.take("recover-reason", line(posted.text("recover-reason"), "a reason", 200));
    Ok(faults.or(account.zip(reason)).map(|(account, reason)| (Risky::RecoverByLetter, Some(account), reason)))
}

async fn grant(portal: &Portal, posted: &Fields) -> Result<Asked, Fault> {
    let (agency, mut faults) = (portal.agency(), Faults::default());
    let kind = agency.account_type(posted.text("grant-kind")).ok_or("Select the account's type.");
    let kind = faults.take("grant-kind", kind);
    let number = faults.take("grant-number", AccountNumber::parse(posted.text("grant-number")));
    let reason = faults.take("grant-reason", line(posted.text("grant-reason"), "a reason", 200));
    let account = kind.zip(number).map(|(kind, number)| AccountId::new(kind.key.clone(), number));
    if let Some(account) = &account
        && crate::account::find(&portal.db, account).await?.is_none()
    {
        faults.add("grant-number", "There is no active account of this type and number.");
    }
    Ok(faults.or(account.zip(reason)).map(|(account, reason)| (Risky::GrantAccess, Some(account), reason)))
}
