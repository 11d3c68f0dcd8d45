//! Signing in and off (R47–R53, R7).

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use chrono::Duration;
use serde::Deserialize;

use super::{
    Desk, Kind, Person, Staff, StaffOnly, Visitor, cookie_for, device, guard, kept, pages, queries,
    refused::{self, Why},
    staff::Employee,
    tries::{self, Try},
    without_cookie,
};
use crate::{
    audit::{self, Deed},
    db::{DbError, Transaction, rate_limit::Limit},
    form::Fields,
    http::{Fault, Portal, Posted, answer::safe_back, page, see_other},
    logon::{self, Hasher, queries::Status},
    page::{Frame, Page, fields::Filled},
    staff_member,
    words::{Moment, UserId},
};

/// Sign-ins from one address, however many user IDs it tries.
const PER_ADDRESS: Limit = Limit { what: "sign-in address", most: 100, within: Duration::minutes(10) };

/// Where a sign-in came from and leads to.
#[derive(Deserialize)]
pub struct Coming {
    #[serde(default, rename = "for")]
    hint: String,
    #[serde(default)]
    back: String,
    created: Option<String>,
    changed: Option<String>,
}

/// The page; whoever is signed in already goes on.
pub async fn show(
    visitor: Visitor,
    frame: Frame,
    portal: Portal,
    request: HttpRequest,
    coming: web::Query<Coming>,
) -> HttpResponse {
    if visitor.session.is_some() {
        return see_other(safe_back(&coming.back));
    }
    let news = match (&coming.created, &coming.changed) {
        (Some(_), _) => Some("Your logon was created. Sign in with your user ID and password."),
        (_, Some(_)) => Some("Your password was changed. Sign in with the new one."),
        _ => None,
    };
    entry(&frame, &portal, &request, Kind::Person, |form| {
        pages::sign_in(&frame, Kind::Person, &coming.hint, &coming.back, news, form)
    })
}

/// The page of an entry, with what was refused just before.
fn entry(
    frame: &Frame,
    portal: &Portal,
    request: &HttpRequest,
    kind: Kind,
    view: impl FnOnce(Filled<'_>) -> Page,
) -> HttpResponse {
    let refusal = refused::shown(portal, kind, request);
    let is_refusal = refusal.is_some();
    let (fields, faults) = refusal.unwrap_or_default();
    let mut answer = page(frame, &view(Filled { fields: &fields, faults: &faults }));
    if is_refusal {
        set(&mut answer, refused::without(portal, kind));
    }
    answer
}

/// Signs a person in.
///
/// # Errors
/// When the database does not answer.
pub async fn enter(
    visitor: Visitor,
    portal: Portal,
    hasher: Hasher,
    desk: web::Data<Desk>,
    request: HttpRequest,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let (hint, back) = (posted.text("for"), posted.text("back"));
    let Attempt { user_id, is_last, device } = match attempt(&portal, Kind::Person, &request, &posted).await? {
        Ok(attempt) => attempt,
        Err(why) => return Ok(refused::answer(&portal, Kind::Person, &posted, why)),
    };
    let found = logon::queries::find_by_user_id(&portal.db, &user_id).await?;
    let whose = found.as_ref().map(|logon| logon.id.to_string());
    let found = found.map(|logon| (user_id, logon));
    let usable = found.filter(|(_, logon)| logon.status == Status::Active);
    let hash = usable.as_ref().map(|(_, logon)| logon.password.clone());
    let right = hasher.check(posted.text("password").to_owned(), hash).await?;
    let Some((user_id, logon)) = usable.filter(|_| right) else {
        note_failure(&portal, is_last, whose).await?;
        return Ok(refused::answer(&portal, Kind::Person, &posted, Why::Wrong));
    };

    let renewed = hasher.renewed(posted.text("password"), &logon.password).await;
    let now = portal.now();
    let hint = portal.agency().account_type(hint).map(|kind| kind.key.clone());
    let started = queries::begin(Kind::Person, logon.id.as_str(), hint, agent(&request), now);
    let written = started
        .transaction
        .then(visitor.session.as_deref().map(queries::replaced).unwrap_or_default())
        .then(logon::queries::signed_in(&logon.id, &logon.password, now))
        .then(renewed.map(|hash| logon::queries::rehashed(&logon.id, hash)).unwrap_or_default())
        .then(forgive(&portal, Kind::Person, &user_id, device.as_deref()))
        .then(audit::row(now, logon.id.as_str(), Deed::SignedIn, logon.id.as_str(), ""))
        .run(&portal.db)
        .await;
    match written {
        Ok(()) => {}
        // It was changed while this one was being checked.
        Err(fault) if fault.is_refusal(logon::queries::CHANGED) => {
            return Ok(refused::answer(&portal, Kind::Person, &posted, Why::Wrong));
        }
        Err(fault) => return Err(fault.into()),
    }
    if let Some(before) = &visitor.session {
        desk.ended(before);
    }
    // A second factor is asked for by the page that is gone to.
    let back = if back.is_empty() { "/springboard" } else { safe_back(back) };
    let mut answer = see_other(&kept::or_kept(&portal, Kind::Person, logon.id.as_str(), back).await?);
    set(&mut answer, cookie_for(Kind::Person, &started.token, &portal));
    set(&mut answer, device::cookie_for(&portal, Kind::Person, &user_id));
    Ok(answer)
}

/// The staff's page.
pub async fn show_staff(_: Visitor, frame: Frame, portal: Portal, request: HttpRequest) -> HttpResponse {
    entry(&frame, &portal, &request, Kind::Staff, |form| pages::sign_in(&frame, Kind::Staff, "", "", None, form))
}

/// Signs an employee in.
///
/// # Errors
/// When the database does not answer.
pub async fn enter_staff(
    _: Visitor,
    portal: Portal,
    hasher: Hasher,
    desk: web::Data<Desk>,
    request: HttpRequest,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let Attempt { user_id, is_last, device } = match attempt(&portal, Kind::Staff, &request, &posted).await? {
        Ok(attempt) => attempt,
        Err(why) => return Ok(refused::answer(&portal, Kind::Staff, &posted, why)),
    };
    let found = staff_member::queries::find_credentials(&portal.db, &user_id).await?;
    let hash = found.as_ref().filter(|staff| staff.is_active).map(|staff| staff.password.clone());
    let right = hasher.check(posted.text("password").to_owned(), hash).await?;
    let whose = found.as_ref().map(|staff| staff.key.clone());
    let Some(staff) = found.filter(|staff| right && staff.is_active) else {
        note_failure(&portal, is_last, whose).await?;
        return Ok(refused::answer(&portal, Kind::Staff, &posted, Why::Wrong));
    };
    let renewed = hasher.renewed(posted.text("password"), &staff.password).await;
    let now = portal.now();
    let started = queries::begin(Kind::Staff, &staff.key, None, agent(&request), now);
    // A session of before on this browser ends with the new one.
    let before = guard::present(&request).filter(|session| session.kind == Kind::Staff);
    let written = staff_member::queries::still(&staff.key, &staff.password)
        .then(renewed.map(|hash| staff_member::queries::rehashed(&staff.key, hash)).unwrap_or_default())
        .then(started.transaction)
        .then(before.as_deref().map(queries::replaced).unwrap_or_default())
        .then(forgive(&portal, Kind::Staff, &user_id, device.as_deref()))
        .then(audit::row(now, &staff.key, Deed::SignedIn, &staff.key, ""))
        .run(&portal.db)
        .await;
    // Reset or disabled while the password was checked.
    if written.as_ref().is_err_and(|fault| fault.is_refusal(staff_member::queries::CHANGED)) {
        return Ok(refused::answer(&portal, Kind::Staff, &posted, Why::Wrong));
    }
    written?;
    if let Some(before) = &before {
        desk.ended(before);
    }
    // The board's listener has no page for it.
    let next = match request.app_data::<StaffOnly>() {
        Some(_) => "/staff".to_owned(),
        None => kept::or_kept(&portal, Kind::Staff, &staff.key, "/staff").await?,
    };
    let mut answer = see_other(&next);
    set(&mut answer, cookie_for(Kind::Staff, &started.token, &portal));
    set(&mut answer, device::cookie_for(&portal, Kind::Staff, &user_id));
    Ok(answer)
}

/// Signs a person off and returns to the public home.
///
/// # Errors
/// When the database does not answer: then the session still stands.
pub async fn leave(person: Person, portal: Portal, desk: web::Data<Desk>, _: Posted) -> Result<HttpResponse, Fault> {
    queries::end(&portal.db, &person.0.key, &person.0.who, portal.now()).await?;
    desk.ended(&person.0);
    let mut answer = see_other("/");
    forget_pages(&mut answer);
    set(&mut answer, without_cookie(Kind::Person, &portal));
    Ok(answer)
}

/// Signs an employee off.
///
/// # Errors
/// When the database does not answer: then the session still stands.
pub async fn leave_staff(
    staff: Staff<Employee>,
    portal: Portal,
    desk: web::Data<Desk>,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    queries::end(&portal.db, &staff.session().key, staff.id(), portal.now()).await?;
    desk.ended(staff.session());
    let mut answer = see_other("/staff/sign-in");
    forget_pages(&mut answer);
    set(&mut answer, without_cookie(Kind::Staff, &portal));
    Ok(answer)
}

/// An attempt that may be made.
struct Attempt {
    user_id: UserId,
    /// Whether it is locked if this one fails.
    is_last: bool,
    /// The device that this user ID signed in on before.
    device: Option<String>,
}

/// An attempt that may be made: both fields filled in, not locked, not too many.
async fn attempt(
    portal: &Portal,
    kind: Kind,
    request: &HttpRequest,
    posted: &Fields,
) -> Result<Result<Attempt, Why>, Fault> {
    let is_blank = (posted.text("user-id").trim().is_empty(), posted.text("password").is_empty());
    if let (true, _) | (_, true) = is_blank {
        return Ok(Err(Why::Blank { user_id: is_blank.0, password: is_blank.1 }));
    }
    let (now, address) = (portal.now(), portal.keys.hash("address", portal.address(request).as_bytes()));
    let Ok(user_id) = UserId::parse(posted.text("user-id")) else {
        let may = PER_ADDRESS.allows(&portal.db, &address, now).await?;
        return if may { Ok(Err(Why::Wrong)) } else { Err(Fault::TooMany) };
    };
    let device = device::known(portal, request, kind, &user_id);
    let key = lock_key(portal, kind, &user_id, device.as_deref());
    let by_address = Some((&PER_ADDRESS, address.as_str()));
    let is_last = match tries::may_try(&portal.db, by_address, &key, device.is_some(), now).await? {
        Try::Slowed => return Err(Fault::TooMany),
        Try::Locked => return Ok(Err(Why::Wrong)),
        Try::Open => false,
        Try::Last => true,
    };
    Ok(Ok(Attempt { user_id, is_last, device }))
}

/// Keeps in the audit that a sign-in failed, and whether it is locked by that. A user ID that nobody has takes as long.
async fn note_failure(portal: &Portal, is_last: bool, whose: Option<String>) -> Result<(), DbError> {
    let deed = if is_last { Deed::LockedSignIn } else { Deed::FailedSignIn };
    let whose = whose.unwrap_or_else(|| "a user ID that nobody has".into());
    audit::row(portal.now(), "", deed, &whose, "").run(&portal.db).await
}

/// Tries are counted under a keyed hash: people type passwords into the wrong field. People and staff
/// are counted apart, for a person may have an employee's user ID; and so is each device that signed in before.
fn lock_key(portal: &Portal, kind: Kind, user_id: &UserId, device: Option<&str>) -> String {
    let whose = format!("{}/{}/{}", kind.word(), user_id.folded(), device.unwrap_or_default());
    portal.keys.hash("sign-in", whose.as_bytes())
}

fn forgive(portal: &Portal, kind: Kind, user_id: &UserId, device: Option<&str>) -> Transaction {
    let of_device = device.map(|device| lock_key(portal, kind, user_id, Some(device)));
    tries::forgive([lock_key(portal, kind, user_id, None)].into_iter().chain(of_device).collect(), portal.now())
}

/// Until when a user ID can't sign in on a new device, after too many wrong passwords.
///
/// # Errors
/// When the database does not answer.
pub async fn locked_until(portal: &Portal, kind: Kind, user_id: &UserId) -> Result<Option<Moment>, DbError> {
    tries::locked_until(&portal.db, &lock_key(portal, kind, user_id, None), portal.now()).await
}

/// Statements that let a user ID sign in again.
pub fn unlock(portal: &Portal, kind: Kind, user_id: &UserId) -> Transaction {
    forgive(portal, kind, user_id, None)
}

pub(super) fn agent(request: &HttpRequest) -> &str {
    request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or("")
}

/// Has the browser forget what it keeps of the pages (ASVS 5.0, 14.3.1).
fn forget_pages(answer: &mut HttpResponse) {
    let name = header::HeaderName::from_static("clear-site-data");
    answer.headers_mut().insert(name, header::HeaderValue::from_static("\"cache\""));
}

pub(super) fn set(answer: &mut HttpResponse, cookie: actix_web::cookie::Cookie<'static>) {
    if let Err(fault) = answer.add_cookie(&cookie) {
        tracing::error!(%fault, "a cookie could not be set");
    }
}
