//! The settings' routes. What guards the logon asks for the present password.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Duration;
use serde::Deserialize;

use super::pages;
use crate::{
    access::{self, Pace, Quiet},
    audit::{self, Deed},
    db::{Transaction, rate_limit::Limit},
    form::{Faults, Fields},
    http::{Fault, Portal, Posted, page, see_other, unprocessable},
    logon::{
        self, Hasher,
        changes::{self, CredentialChange},
        queries::{self, Logon},
    },
    mailbox::alert_queries,
    page::{Frame, Page, fields::Filled},
    session::{self, Desk, Kind, Person},
    sign_up,
    words::{AccountId, AccountNumber, LogonId},
};

/// Wrong present passwords of one logon.
const TRIES: Limit = Limit { what: "present password", most: 10, within: Duration::minutes(30) };

/// Whether something was just saved.
#[derive(Deserialize)]
pub struct After {
    saved: Option<String>,
}

async fn own(person: &Person, portal: &Portal) -> Result<Logon, Fault> {
    queries::find(&portal.db, &LogonId::known(person.logon())).await?.ok_or(Fault::NotFound)
}

/// All settings.
///
/// # Errors
/// When the database does not answer.
pub async fn overview(
    person: Person,
    portal: Portal,
    frame: Frame,
    after: web::Query<After>,
) -> Result<HttpResponse, Fault> {
    let logon = own(&person, &portal).await?;
    let (accounts, sessions) = futures_util::try_join!(
        access::of_logon(&portal.db, person.logon()),
        session::list(&portal.db, person.logon(), portal.now()),
    )?;
    let troubles = alert_queries::troubles(&portal.db, person.logon(), &accounts).await?;
    let seen = pages::Seen { logon: &logon, accounts: &accounts, troubles: &troubles, sessions: &sessions };
    Ok(page(&frame, &pages::overview(&frame, &seen, &person.0.key, after.saved.is_some())))
}

/// The profile's form, filled in.
///
/// # Errors
/// When the database does not answer.
pub async fn profile(person: Person, portal: Portal, frame: Frame) -> Result<HttpResponse, Fault> {
    let fields = logon::form::fill(&own(&person, &portal).await?.profile);
    Ok(page(&frame, &pages::profile(&frame, Filled { fields: &fields, faults: &Faults::default() })))
}

/// Changes the profile.
///
/// # Errors
/// When the database does not answer.
pub async fn change_profile(
    person: Person,
    portal: Portal,
    frame: Frame,
    hasher: Hasher,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let logon = own(&person, &portal).await?;
    let again =
        |faults: &Faults| Ok(unprocessable(&frame, &pages::profile(&frame, Filled { fields: &posted, faults })));
    let changed = match logon::form::parse(&posted) {
        Ok(changed) => changed,
        Err(faults) => return again(&faults),
    };
    if let Err(faults) = confirm(&portal, &hasher, &logon, &posted).await? {
        return again(&faults);
    }
    let now = portal.now();
    let other_address = changed.email != logon.profile.email;
    let other_phone = changed.work_phone != logon.profile.work_phone || changed.mobile != logon.profile.mobile;
    let old = Some(&logon.profile.email).filter(|_| other_address);
    let told = [(other_address, CredentialChange::Email), (other_phone, CredentialChange::Phone)];
    let told = told.into_iter().filter(|(is_other, _)| *is_other);
    let noted = |what| changes::noted(person.logon(), what, old, now);
    let told = told.fold(Transaction::default(), |told, (_, what)| told.then(noted(what)));
    queries::change_profile(person.logon(), &logon.password, &changed)
        .then(if other_address { access::address_changed(person.logon()) } else { Transaction::default() })
        .then(told)
        .then(audit::row(now, person.logon(), Deed::ChangedProfile, person.logon(), ""))
        .run(&portal.db)
        .await?;
    Ok(see_other("/settings?saved=profile"))
}

/// The password's form.
pub async fn password(person: Person, frame: Frame) -> HttpResponse {
    let (fields, faults) = <(Fields, Faults)>::default();
    page(&frame, &pages::password(&frame, person.user_id(), Filled { fields: &fields, faults: &faults }))
}

/// Changes the password: not one of the last three; all sessions end, and this one begins anew.
///
/// # Errors
/// When the database does not answer.
pub async fn change_password(
    person: Person,
    portal: Portal,
    frame: Frame,
    hasher: Hasher,
    desk: web::Data<Desk>,
    request: HttpRequest,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let logon = own(&person, &portal).await?;
    let page_of = |faults: &Faults| pages::password(&frame, person.user_id(), Filled { fields: &posted, faults });
    let new = match logon::password::read(&portal, &request, &posted, person.user_id()).await? {
        Ok(new) => new,
        Err(faults) => return Ok(unprocessable(&frame, &page_of(&faults))),
    };
    if let Err(faults) = confirm(&portal, &hasher, &logon, &posted).await? {
        return Ok(unprocessable(&frame, &page_of(&faults)));
    }
    let used: Vec<String> = std::iter::once(logon.password.clone()).chain(logon.former_passwords.clone()).collect();
    if hasher.is_any(new.clone(), used).await? {
        let faults = Faults::one("password", "Password: Should not be one of the last 3 used passwords.");
        return Ok(unprocessable(&frame, &page_of(&faults)));
    }
    let now = portal.now();
    // Whoever holds a copy of the old session's token is thrown out with all others.
    let agent = request.headers().get("user-agent").and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let begun = session::begin(Kind::Person, person.logon(), person.0.hint.clone(), agent, now);
    queries::change_password(person.logon(), &logon.password, hasher.hash(new).await?)
        .then(session::end_others(person.logon(), ""))
        .then(begun.transaction)
        .then(changes::noted(person.logon(), CredentialChange::Password, None, now))
        .then(audit::row(now, person.logon(), Deed::ChangedPassword, person.logon(), ""))
        .run(&portal.db)
        .await?;
    desk.ended_others(person.logon(), &begun.key);
    let mut answer = see_other("/settings?saved=password");
    let cookie = session::cookie_for(Kind::Person, &begun.token, &portal);
    answer.add_cookie(&cookie).map_err(|fault| Fault::Broken(fault.to_string()))?;
    Ok(answer)
}

/// The recovery's form.
///
/// # Errors
/// When the database does not answer.
pub async fn recovery(person: Person, portal: Portal, frame: Frame) -> Result<HttpResponse, Fault> {
    let logon = own(&person, &portal).await?;
    let fields = logon.recovery.iter().fold(Fields::default(), |fields, way| fields.with("recovery", way.word()));
    Ok(page(&frame, &pages::recovery(&frame, Filled { fields: &fields, faults: &Faults::default() })))
}

/// Changes the ways of recovery.
///
/// # Errors
/// When the database does not answer.
pub async fn change_recovery(
    person: Person,
    portal: Portal,
    frame: Frame,
    hasher: Hasher,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let logon = own(&person, &portal).await?;
    let again = |faults: &Faults| -> Page { pages::recovery(&frame, Filled { fields: &posted, faults }) };
    let (ways, answers) = match sign_up::ways(&posted, logon.profile.mobile.is_some(), portal.offers_texts) {
        Ok(ways) => ways,
        Err(faults) => return Ok(unprocessable(&frame, &again(&faults))),
    };
    if let Err(faults) = confirm(&portal, &hasher, &logon, &posted).await? {
        return Ok(unprocessable(&frame, &again(&faults)));
    }
    let questions = sign_up::hash_answers(&hasher, answers).await?;
    queries::change_recovery(person.logon(), &logon.password, ways, questions)
        .then(changes::noted(person.logon(), CredentialChange::Recovery, None, portal.now()))
        .then(audit::row(portal.now(), person.logon(), Deed::ChangedRecovery, person.logon(), ""))
        .run(&portal.db)
        .await?;
    Ok(see_other("/settings?saved=recovery"))
}

/// Sets how soon the person is told of one account's messages, and when not.
///
/// # Errors
/// [`Fault::NotFound`] for an account that is not one's own.
pub async fn notifications(person: Person, portal: Portal, Posted(posted): Posted) -> Result<HttpResponse, Fault> {
    let number = AccountNumber::parse(posted.text("number")).map_err(|_| Fault::NotFound)?;
    let account = AccountId::new(posted.text("kind"), number);
    if !access::has(&portal.db, person.logon(), &account).await? {
        return Err(Fault::NotFound);
    }
    let pace = Pace::named(posted.text("pace")).ok_or(Fault::Unreadable)?;
    let hour = |name: &str| posted.text(name).parse::<u32>().ok();
    let quiet = hour("quiet-from").zip(hour("quiet-until")).and_then(|(from, until)| Quiet::new(from, until));
    let home = posted.text("logons-address") == "yes";
    access::set_pace(person.logon(), &account, pace, quiet)
        .then(if home { access::use_logons_address(person.logon(), &account) } else { Transaction::default() })
        .run(&portal.db)
        .await?;
    Ok(see_other("/settings?saved=notifications"))
}

/// Ends one other session, or all of them, for whoever proved who it is lately.
///
/// # Errors
/// When the database does not answer.
pub async fn sessions(
    person: Person,
    portal: Portal,
    desk: web::Data<Desk>,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    session::fresh(&person.0, portal.now(), "/settings")?;
    let (logon, key) = (person.logon(), posted.text("session"));
    let ended = if key.is_empty() { session::end_others(logon, &person.0.key) } else { session::end_one(logon, key) };
    ended.then(audit::row(portal.now(), logon, Deed::SignedOffOtherSessions, logon, "")).run(&portal.db).await?;
    if key.is_empty() {
        desk.ended_others(logon, &person.0.key);
    } else {
        desk.ended_one(logon, key);
    }
    Ok(see_other("/settings?saved=sessions"))
}

/// The present password again, before what guards the logon is changed.
async fn confirm(
    portal: &Portal,
    hasher: &Hasher,
    logon: &Logon,
    posted: &Fields,
) -> Result<Result<(), Faults>, Fault> {
    let typed = posted.text("present");
    if typed.is_empty() {
        return Ok(Err(Faults::one("present", "Enter your present password.")));
    }
    if !TRIES.allows(&portal.db, logon.id.as_str(), portal.now()).await? {
        return Err(Fault::TooMany);
    }
    if hasher.check(typed.to_owned(), Some(logon.password.clone())).await? {
        return Ok(Ok(()));
    }
    let id = logon.id.as_str();
    audit::row(portal.now(), id, Deed::GaveWrongPassword, id, "").run(&portal.db).await?;
    Ok(Err(Faults::one("present", "This is not your present password.")))
}
