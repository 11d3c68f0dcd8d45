//! Where a session goes first: to prove a second factor after the password, to add one that is required, or to prove one
//! again before something risky.

use actix_web::{HttpRequest, HttpResponse};

use super::{Gate, Kind, Session, cookie_for, queries, sign_in};
use crate::{
    audit::{self, Deed},
    db::{DbError, Transaction},
    http::{Fault, Portal},
    second_factor::{
        keep_pending,
        passkeys::RelyingParty,
        views::{OF_PEOPLE, OF_STAFF, Places},
    },
    words::Moment,
};

/// Where the pages for this kind of session are.
pub fn places(kind: Kind) -> Places {
    match kind {
        Kind::Person => OF_PEOPLE,
        Kind::Staff => OF_STAFF,
    }
}

/// The portal as one that passkeys are made for.
pub(super) fn relying_party(portal: &Portal) -> RelyingParty {
    RelyingParty::new(&portal.public_url, &portal.agency().portal)
}

/// What a page answers that opens only after a second factor; `back` is where to go then.
pub(super) fn first(session: &Session, back: &str) -> Fault {
    let places = places(session.kind);
    match session.gate() {
        Gate::Enroll => Fault::Prove(places.manage.to_owned()),
        Gate::Open | Gate::Prove => Fault::Prove(format!("{}?back={back}", places.prove)),
    }
}

/// What something risky answers before a second factor was proved lately.
pub(super) fn step_up_first(session: &Session, back: &str) -> Fault {
    let places = places(session.kind);
    match session.gate() {
        Gate::Enroll => Fault::Prove(places.manage.to_owned()),
        Gate::Open | Gate::Prove => Fault::Prove(format!("{}?back={back}", places.step_up)),
    }
}

/// Whether somebody proved who it is lately, by signing in or again; `back` is where they go once they did.
///
/// # Errors
/// [`Fault::Prove`] before they did.
pub fn fresh(session: &Session, now: Moment, back: &str) -> Result<(), Fault> {
    if session.is_fresh(now) { Ok(()) } else { Err(step_up_first(session, back)) }
}

/// A session that takes another one's place, because more was proved: with a new token, and all else as it was. `with` is
/// written in the same transaction.
///
/// # Errors
/// [`Fault::Stale`] when it ended meanwhile.
pub async fn renew(
    portal: &Portal,
    before: &Session,
    request: &HttpRequest,
    with: Transaction,
) -> Result<super::Started, Fault> {
    let now = portal.now();
    let agent = sign_in::agent(request);
    let started = queries::begin_with(before.kind, &before.who, before.hint.clone(), agent, Some(now), now);
    let pending = keep_pending(&before.who, &before.key, &started.key);
    let written = started.transaction.clone().then(queries::renewed(before)).then(with).then(pending);
    match written.run(&portal.db).await {
        Ok(()) => Ok(started),
        // Somebody ended it: what was proved in it counts for nothing.
        Err(fault) if fault.is_refusal(queries::ENDED) => Err(Fault::Stale),
        Err(fault) => Err(fault.into()),
    }
}

/// Gives the browser the session that [`renew`] began.
pub(super) fn hand_over(answer: &mut HttpResponse, portal: &Portal, kind: Kind, started: &super::Started) {
    sign_in::set(answer, cookie_for(kind, &started.token, portal));
}

/// Keeps in the audit that a second factor was wrong.
pub(super) async fn note_failure(portal: &Portal, session: &Session) -> Result<(), DbError> {
    audit::row(portal.now(), &session.who, Deed::FailedSecondFactor, &session.who, "").run(&portal.db).await
}
