//! Confirming the e-mail address or the mobile number of a profile by a PIN (R58, R62).

use actix_web::{HttpResponse, web};
use chrono::Duration;

use super::pages;
use crate::{
    audit::{self, Deed},
    challenge::pin::{self, Purpose, To},
    db::rate_limit::Limit,
    form::{Faults, Fields},
    http::{Caller, Fault, Portal, Posted, page, see_other, unprocessable},
    logon::queries,
    page::{Frame, fields::Filled},
    session::Person,
    words::LogonId,
};

/// PINs that one logon may ask for.
const SENT: Limit = Limit { what: "confirmation", most: 5, within: Duration::hours(1) };
const NO_TEXTS_THERE: &str =
    "We can't send text messages to numbers of this country. Change the mobile number in your profile.";
const REFUSAL: &str = "The PIN is not right or has expired. After 5 tries, send another one.";

/// Whether it is the mobile number that is confirmed.
fn by_text(portal: &Portal, what: &str) -> Result<bool, Fault> {
    match what {
        "mobile" if portal.offers_texts => Ok(true),
        "email" => Ok(false),
        _ => Err(Fault::NotFound),
    }
}

/// Asks whether to send a PIN.
///
/// # Errors
/// [`Fault::NotFound`] for anything else than `email` and `mobile`.
pub async fn ask(_: Person, portal: Portal, frame: Frame, what: web::Path<String>) -> Result<HttpResponse, Fault> {
    by_text(&portal, &what)?;
    let (fields, faults) = <(Fields, Faults)>::default();
    Ok(page(&frame, &pages::confirm(&frame, &what, None, Filled { fields: &fields, faults: &faults })))
}

/// Sends a PIN and asks for it.
///
/// # Errors
/// [`Fault::TooMany`] when too many were sent.
pub async fn send(
    person: Person,
    portal: Portal,
    frame: Frame,
    Caller(caller): Caller,
    what: web::Path<String>,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    let by_text = by_text(&portal, &what)?;
    if !SENT.allows(&portal.db, person.logon(), portal.now()).await? {
        return Err(Fault::TooMany);
    }
    let to = if by_text { To::Mobile } else { To::Profile };
    if by_text {
        let logon = queries::find(&portal.db, &LogonId::known(person.logon())).await?.ok_or(Fault::NotFound)?;
        let Some(mobile) = logon.profile.mobile else { return Err(Fault::NotFound) };
        if !portal.texts_to(&mobile) {
            let (fields, faults) = (Fields::default(), Faults::one("mobile", NO_TEXTS_THERE));
            let form = Filled { fields: &fields, faults: &faults };
            return Ok(unprocessable(&frame, &pages::confirm(&frame, &what, None, form)));
        }
        let address = portal.keys.hash("address", caller.as_bytes());
        let number = portal.keys.hash("number", mobile.as_e164().as_bytes());
        let allowed = pin::TEXTS_OF_ADDRESS.allows(&portal.db, &address, portal.now()).await?
            && pin::TO_NUMBER.allows(&portal.db, &number, portal.now()).await?;
        if !allowed {
            return Err(Fault::TooMany);
        }
    }
    let challenge = pin::send(&portal, Purpose::Confirmation, Some(person.logon()), &to).await?;
    let (fields, faults) = <(Fields, Faults)>::default();
    Ok(page(&frame, &pages::confirm(&frame, &what, Some(&challenge), Filled { fields: &fields, faults: &faults })))
}

/// Takes the PIN.
///
/// # Errors
/// When the database does not answer.
pub async fn check(
    person: Person,
    portal: Portal,
    frame: Frame,
    what: web::Path<String>,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let by_text = by_text(&portal, &what)?;
    let challenge = posted.text("challenge");
    let again = || {
        let faults = Faults::one("pin", REFUSAL);
        unprocessable(
            &frame,
            &pages::confirm(&frame, &what, Some(challenge), Filled { fields: &posted, faults: &faults }),
        )
    };
    if !pin::is_proved_by(&portal, Purpose::Confirmation, challenge, posted.text("pin")).await? {
        return Ok(again());
    }
    let now = portal.now();
    let to = if by_text { To::Mobile } else { To::Profile };
    let written = pin::use_up(Purpose::Confirmation, &to, challenge, person.logon(), now)
        .then(queries::confirmed(person.logon(), by_text))
        .then(audit::row(now, person.logon(), Deed::Confirmed, person.logon(), &what))
        .run(&portal.db)
        .await;
    match written {
        Ok(()) => Ok(see_other("/settings?saved=confirmed")),
        Err(fault) if fault.is_refusal(pin::USED) => Ok(again()),
        Err(fault) => Err(fault.into()),
    }
}
