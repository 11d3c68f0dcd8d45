//! Freezing a logon after a change that its owner did not make: by a link in the mail that told of it. Following the link
//! only asks.

use actix_web::{HttpResponse, web};
use subtle::ConstantTimeEq;

use super::{freeze_pages as pages, queries, recovery_letter};
use crate::{
    audit::{self, Deed},
    http::{Fault, Portal, Posted, page, see_other},
    logon::changes::{self, Noted},
    page::Frame,
    session::{self, Desk, Visitor},
};

type Place = web::Path<(String, String)>;

async fn of_link(portal: &Portal, place: &Place) -> Result<Noted, Fault> {
    let proof = changes::proof(&portal.keys, &place.0);
    let is_right = bool::from(proof.as_bytes().ct_eq(place.1.as_bytes()));
    let found = if is_right { changes::find(&portal.db, &place.0, portal.now()).await? } else { None };
    found.ok_or(Fault::NotFound)
}

/// Asks whether to freeze.
///
/// # Errors
/// [`Fault::NotFound`] for a link that the portal did not send.
pub async fn ask_to_freeze(_: Visitor, portal: Portal, frame: Frame, place: Place) -> Result<HttpResponse, Fault> {
    let change = of_link(&portal, &place).await?;
    let action = format!("/changes/{}/{}", place.0, place.1);
    Ok(page(&frame, &pages::freeze(&frame, &change, &action)))
}

/// Freezes: the logon is suspended and its sessions end; staff reinstate it, two of them.
///
/// # Errors
/// [`Fault::NotFound`] for a link that the portal did not send.
pub async fn freeze(
    _: Visitor,
    portal: Portal,
    desk: web::Data<Desk>,
    place: Place,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    let change = of_link(&portal, &place).await?;
    let back = format!("/changes/{}/{}", place.0, place.1);
    if !change.is_freezable {
        return Ok(see_other(&back));
    }
    let (logon, now) = (change.logon.as_str(), portal.now());
    let written = changes::freeze(&change, now)
        .then(queries::withdraw_all(logon, now))
        .then(recovery_letter::void(logon))
        .then(session::end_others(logon, ""))
        .then(audit::row(now, logon, Deed::FrozeLogon, logon, change.what.sentence()))
        .run(&portal.db)
        .await;
    match written {
        Ok(()) => desk.ended_all(logon),
        Err(fault) if fault.is_refusal(changes::FROZEN) => {}
        Err(fault) => return Err(fault.into()),
    }
    Ok(see_other(&back))
}
