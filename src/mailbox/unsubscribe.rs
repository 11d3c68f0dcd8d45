//! Turning the alerts of one account off from an e-mail: by a link that asks, and by the one click of a mail program
//! (RFC 8058). Whoever has the address can do that and nothing else.

use actix_web::{HttpResponse, web};
use subtle::ConstantTimeEq;

use super::pages;
use crate::{
    access,
    audit::{self, Deed},
    http::{Fault, Portal, page},
    page::Frame,
    words::{AccountId, AccountNumber, Keys},
};

fn subject(logon: &str, account: &AccountId) -> String {
    format!("{logon}/{}", account.key())
}

/// The path that turns a logon's alerts for an account off.
pub fn path(keys: &Keys, logon: &str, account: &AccountId) -> String {
    let proof = keys.hash("unsubscribe", subject(logon, account).as_bytes());
    format!("/alerts/off/{logon}/{}/{}/{proof}", account.kind, account.number.digits())
}

type Place = web::Path<(String, String, String, String)>;

/// The logon and account of a path, if its proof is right: under any key that is still in use, for mails are kept.
fn proved(portal: &Portal, place: &Place) -> Result<(String, AccountId), Fault> {
    let (logon, kind, number, proof) = (&place.0, &place.1, &place.2, &place.3);
    let account = AccountId::new(kind, AccountNumber::parse(number).map_err(|_| Fault::NotFound)?);
    let right = portal.keys.hashes("unsubscribe", subject(logon, &account).as_bytes());
    let is_right = right.iter().any(|hash| bool::from(hash.as_bytes().ct_eq(proof.as_bytes())));
    if is_right { Ok((logon.clone(), account)) } else { Err(Fault::NotFound) }
}

/// Asks whether to turn them off: following a link changes nothing, for programs follow links too.
///
/// # Errors
/// [`Fault::NotFound`] when the proof is not right.
pub async fn ask(portal: Portal, frame: Frame, place: Place) -> Result<HttpResponse, Fault> {
    let (logon, account) = proved(&portal, &place)?;
    let action = path(&portal.keys, &logon, &account);
    Ok(page(&frame, &pages::turn_off(&frame, &account, &action)))
}

/// Turns them off.
///
/// # Errors
/// [`Fault::NotFound`] when the proof is not right.
pub async fn turn_off(portal: Portal, frame: Frame, place: Place) -> Result<HttpResponse, Fault> {
    let (logon, account) = proved(&portal, &place)?;
    access::turn_off(&logon, &account)
        .then(audit::row(portal.now(), &logon, Deed::TurnedAlertsOff, &account.key(), ""))
        .run(&portal.db)
        .await?;
    Ok(page(&frame, &pages::turned_off(&frame, &account)))
}
