//! Recovery by letter, the person's part: user ID, the code of the letter, and a password of one's own.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Duration;

use super::{assisted_pages as pages, recovery_letter};
use crate::{
    audit::{self, Deed},
    db::{Transaction, rate_limit::Limit},
    form::{Faults, Fields},
    http::{Fault, Portal, Posted, page, see_other, unprocessable},
    logon::{
        Hasher,
        changes::{self, CredentialChange},
        password,
        queries::{self, Logon, Status},
    },
    page::{Frame, fields::Filled},
    second_factor,
    session::{self, Desk, Visitor},
    words::{AuthorizationCode, UserId},
};

/// Tries from one address.
const PER_ADDRESS: Limit = Limit { what: "recovery letter address", most: 20, within: Duration::hours(1) };
const REFUSAL: &str =
    "The user ID or the code is not right, or the code has expired or was used. After 10 tries, wait an hour.";

/// The form.
pub async fn ask(_: Visitor, frame: Frame) -> HttpResponse {
    let (fields, faults) = <(Fields, Faults)>::default();
    page(&frame, &pages::ask(&frame, Filled { fields: &fields, faults: &faults }))
}

/// Sets the password, if the code is right: all sessions end.
///
/// # Errors
/// [`Fault::TooMany`] after too many tries.
pub async fn recover(
    _: Visitor,
    portal: Portal,
    frame: Frame,
    hasher: Hasher,
    desk: web::Data<Desk>,
    request: HttpRequest,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let again = |faults: &Faults| Ok(unprocessable(&frame, &pages::ask(&frame, Filled { fields: &posted, faults })));
    let now = portal.now();
    let address = portal.keys.hash("address", portal.address(&request).as_bytes());
    if !PER_ADDRESS.allows(&portal.db, &address, now).await? {
        return Err(Fault::TooMany);
    }
    let new = password::read(&portal, &request, &posted, posted.text("user-id")).await?;
    let ((user_id, code), new) = match Faults::both(parse(&posted), new) {
        Ok(parsed) => parsed,
        Err(faults) => return again(&faults),
    };
    let found = queries::find_by_user_id(&portal.db, &user_id).await?.filter(|logon| logon.status == Status::Active);
    // The same is asked for a user ID that nobody has.
    let id = found.as_ref().map_or_else(|| "nobody".to_owned(), |logon| logon.id.to_string());
    let id = id.as_str();
    let is_right = recovery_letter::is_right(&portal.db, &portal.keys, id, &code, now).await?;
    if !is_right {
        let note = "of a recovery letter";
        audit::row(now, "", Deed::EnteredWrongCode, id, note).run(&portal.db).await?;
    }
    let Some(logon) = found.filter(|_| is_right) else { return again(&Faults::one("code", REFUSAL)) };
    let used: Vec<String> = std::iter::once(logon.password.clone()).chain(logon.former_passwords.clone()).collect();
    if hasher.is_any(new.clone(), used).await? {
        return again(&Faults::one("password", "Password: Should not be one of the last 3 used passwords."));
    }
    let hash = hasher.hash(new).await?;
    let has_factor = second_factor::find(&portal.db, id).await?.is_any();
    let written = set(&portal, &logon, &code, hash).then(without_factor(&portal, &logon, has_factor));
    let written = written.run(&portal.db).await;
    match written {
        Ok(()) => {
            desk.ended_all(logon.id.as_str());
            Ok(see_other("/sign-in?changed=yes"))
        }
        Err(fault) if fault.is_refusal(recovery_letter::USED) || fault.is_refusal(queries::CHANGED) => {
            again(&Faults::one("code", REFUSAL))
        }
        Err(fault) => Err(fault.into()),
    }
}

fn parse(posted: &Fields) -> Result<(UserId, AuthorizationCode), Faults> {
    let mut faults = Faults::default();
    let user_id = faults.take("user-id", UserId::parse(posted.text("user-id")));
    let code = faults.take("code", AuthorizationCode::parse(posted.text("code")));
    faults.or(user_id.zip(code))
}

/// Whoever lost everything lost the second factor as well: two staff members and the address on record stand for it.
fn without_factor(portal: &Portal, logon: &Logon, has_factor: bool) -> Transaction {
    if !has_factor {
        return Transaction::default();
    }
    let (id, now) = (logon.id.as_str(), portal.now());
    second_factor::remove_all(id).then(changes::noted(id, CredentialChange::FactorRemoved, None, now)).then(audit::row(
        now,
        id,
        Deed::RemovedSecondFactor,
        id,
        "by letter",
    ))
}

fn set(portal: &Portal, logon: &Logon, code: &AuthorizationCode, hash: String) -> Transaction {
    let (id, now) = (logon.id.as_str(), portal.now());
    recovery_letter::use_up(id, &portal.keys, code)
        .then(queries::change_password(id, &logon.password, hash))
        .then(session::end_others(id, ""))
        .then(changes::noted(id, CredentialChange::Password, None, now))
        .then(audit::row(now, id, Deed::RecoveredPassword, id, "by letter"))
}
