//! Adding and removing second factors, for people and for staff.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};

use super::{
    AnySession, Desk, Gate, Kind, Session, end_all_of_staff, end_others,
    factor_proof::{NOT_ACCEPTED, OF_OWNER, options},
    second_factor::{first, fresh, hand_over, places, relying_party, renew, step_up_first},
};
use crate::{
    audit::{self, Deed},
    db::Transaction,
    form::{Faults, Fields, line},
    http::{Fault, Portal, Posted, page, see_other, unprocessable, visit},
    logon::changes::{self, CredentialChange},
    page::{Frame, fields::Filled},
    post::qr,
    second_factor::{
        self as factors, RecoveryCodes,
        passkeys::{PasskeyError, PasskeyOwner},
        views,
    },
    words::text,
};

const LAST_ONE: &str = "You need an authenticator app or a passkey. Add another one before you remove this.";

/// A session that may change its owner's second factors: one that has to add the first, or one that proved who it is
/// lately, by a factor or by signing in.
fn may_manage(session: &Session, portal: &Portal) -> Result<(), Fault> {
    let now = portal.now();
    match session.gate() {
        Gate::Prove => Err(first(session, "")),
        Gate::Enroll => Ok(()),
        Gate::Open if session.has_factor => {
            let manage = places(session.kind).manage;
            if session.is_stepped_up(now) { Ok(()) } else { Err(step_up_first(session, manage)) }
        }
        // Without a factor the password is what proves it.
        Gate::Open => fresh(session, now, places(session.kind).manage),
    }
}

/// What somebody has, and what can be added.
///
/// # Errors
/// When the database does not answer.
pub async fn manage(AnySession(session): AnySession, portal: Portal, frame: Frame) -> Result<HttpResponse, Fault> {
    may_manage(&session, &portal)?;
    managing(&session, &portal, &frame, &Fields::default(), &Faults::default()).await
}

async fn managing(
    session: &Session,
    portal: &Portal,
    frame: &Frame,
    fields: &Fields,
    faults: &Faults,
) -> Result<HttpResponse, Fault> {
    let own = factors::find(&portal.db, &session.who).await?;
    let passkeys = relying_party(portal).is_there();
    let form = Filled { fields, faults };
    let shown = views::manage(frame, places(session.kind), &own, passkeys, session.needs_factor, form);
    Ok(if faults.is_empty() { page(frame, &shown) } else { unprocessable(frame, &shown) })
}

async fn app_page(
    session: &Session,
    portal: &Portal,
    frame: &Frame,
    app: &factors::Authenticator,
    faults: &Faults,
) -> Result<HttpResponse, Fault> {
    let address = app.address(&portal.agency().portal, &session.user_id);
    let drawing = address.and_then(|address| qr::drawing(&address));
    let fields = Fields::default();
    let shown = views::authenticator(frame, places(session.kind), app, drawing, Filled { fields: &fields, faults });
    Ok(if faults.is_empty() { page(frame, &shown) } else { unprocessable(frame, &shown) })
}

/// The secret for an authenticator app.
///
/// # Errors
/// When the database does not answer.
pub async fn authenticator(
    AnySession(session): AnySession,
    portal: Portal,
    frame: Frame,
) -> Result<HttpResponse, Fault> {
    may_manage(&session, &portal)?;
    let app = factors::begin_totp(&portal.db, &portal.keys, (&session.who, &session.key), portal.now()).await?;
    app_page(&session, &portal, &frame, &app, &Faults::default()).await
}

/// Takes an authenticator app whose first digits are right: all other sessions end, this one is renewed, and recovery
/// codes are shown once.
///
/// # Errors
/// [`Fault::TooMany`] after too many tries.
pub async fn confirm_authenticator(
    AnySession(session): AnySession,
    portal: Portal,
    frame: Frame,
    desk: web::Data<Desk>,
    request: HttpRequest,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    may_manage(&session, &portal)?;
    let now = portal.now();
    let app = factors::begin_totp(&portal.db, &portal.keys, (&session.who, &session.key), portal.now()).await?;
    let digits: String = text::identifier(posted.text("code")).chars().filter(char::is_ascii_digit).collect();
    if !OF_OWNER.allows(&portal.db, &session.who, now).await? {
        return Err(Fault::TooMany);
    }
    let Some(step) = app.step_of(&digits, now) else {
        let sentence = "Enter the 6 digits that the app shows now. Check that your phone's clock is right.";
        return app_page(&session, &portal, &frame, &app, &Faults::one("code", sentence)).await;
    };
    let codes = RecoveryCodes::draw(&portal.keys, &session.who);
    let change = factors::confirm_totp((&session.who, &session.key), step, &codes);
    added(&portal, &session, &desk, &request, change, Some(codes), "an authenticator app").await
}

/// Adds a factor with all that follows from it: the session is renewed, and all others of its owner end.
async fn added(
    portal: &Portal,
    session: &Arc<Session>,
    desk: &Desk,
    request: &HttpRequest,
    change: Transaction,
    codes: Option<RecoveryCodes>,
    what: &str,
) -> Result<HttpResponse, Fault> {
    let change = change.then(told(session, CredentialChange::FactorAdded, portal));
    let with = change.then(audit::row(portal.now(), &session.who, Deed::AddedSecondFactor, &session.who, what));
    let started = renew(portal, session, request, with).await?;
    let others = match session.kind {
        Kind::Person => end_others(&session.who, &started.key),
        Kind::Staff => end_all_of_staff(&session.who, &started.key),
    };
    others.run(&portal.db).await?;
    // Here at once; other processes hear of it by the feed.
    desk.ended_others(&session.who, &started.key);
    let places = places(session.kind);
    let mut answer = match &codes {
        Some(codes) => {
            let frame = visit::frame(request)?;
            page(&frame, &views::recovery_codes(places, &codes.plain, places.settings))
        }
        None => see_other(places.manage),
    };
    hand_over(&mut answer, portal, session.kind, &started);
    Ok(answer)
}

/// Statements that tell a person of the change; staff are told by nobody yet: their colleagues see it in the audit.
fn told(session: &Session, what: CredentialChange, portal: &Portal) -> Transaction {
    match session.kind {
        Kind::Person => changes::noted(&session.who, what, None, portal.now()),
        Kind::Staff => Transaction::default(),
    }
}

/// Whether somebody who must have a second factor would have none without one of these.
fn is_last(session: &Session, own: &factors::Factors) -> bool {
    session.needs_factor && usize::from(own.has_totp) + own.passkeys.len() < 2
}

/// Removes the authenticator app.
///
/// # Errors
/// When the database does not answer.
pub async fn remove_authenticator(
    AnySession(session): AnySession,
    portal: Portal,
    frame: Frame,
    desk: web::Data<Desk>,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let change = factors::remove_totp(&session.who);
    Removal { field: "authenticator", what: "an authenticator app", change }
        .run(&session, &portal, &frame, &desk, &posted)
        .await
}

/// Removes a passkey.
///
/// # Errors
/// When the database does not answer.
pub async fn remove_passkey(
    AnySession(session): AnySession,
    portal: Portal,
    frame: Frame,
    desk: web::Data<Desk>,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let change = factors::remove_passkey(&session.who, posted.text("id"));
    Removal { field: "passkey", what: "a passkey", change }.run(&session, &portal, &frame, &desk, &posted).await
}

/// A second factor that is removed, unless it is the last one of somebody who needs one.
struct Removal {
    /// Where a fault stands.
    field: &'static str,
    /// What it is, in the audit.
    what: &'static str,
    change: Transaction,
}

impl Removal {
    async fn run(
        self,
        session: &Arc<Session>,
        portal: &Portal,
        frame: &Frame,
        desk: &Desk,
        posted: &Fields,
    ) -> Result<HttpResponse, Fault> {
        may_manage(session, portal)?;
        let own = factors::find(&portal.db, &session.who).await?;
        if is_last(session, &own) {
            return managing(session, portal, frame, posted, &Faults::one(self.field, LAST_ONE)).await;
        }
        self.change
            .then(told(session, CredentialChange::FactorRemoved, portal))
            .then(audit::row(portal.now(), &session.who, Deed::RemovedSecondFactor, &session.who, self.what))
            .run(&portal.db)
            .await?;
        desk.reload(session);
        Ok(see_other(places(session.kind).manage))
    }
}

/// Makes new recovery codes; those of before are void.
///
/// # Errors
/// When the database does not answer.
pub async fn recovery_codes(
    AnySession(session): AnySession,
    portal: Portal,
    frame: Frame,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    may_manage(&session, &portal)?;
    let codes = RecoveryCodes::draw(&portal.keys, &session.who);
    factors::add_recovery_codes(&session.who, &codes)
        .then(audit::row(portal.now(), &session.who, Deed::MadeRecoveryCodes, &session.who, ""))
        .run(&portal.db)
        .await?;
    let places = places(session.kind);
    Ok(page(&frame, &views::recovery_codes(places, &codes.plain, places.manage)))
}

/// The options of a passkey that is to be made, for the page's script.
///
/// # Errors
/// [`Fault::NotFound`] where passkeys can't be used.
pub async fn begin_adding_passkey(
    AnySession(session): AnySession,
    portal: Portal,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    may_manage(&session, &portal)?;
    let owner = PasskeyOwner { id: &session.who, user_id: &session.user_id };
    options(relying_party(&portal).begin_adding(&portal.db, owner, portal.now()).await)
}

/// Takes a passkey that the browser made.
///
/// # Errors
/// When the database does not answer.
pub async fn add_passkey(
    AnySession(session): AnySession,
    portal: Portal,
    frame: Frame,
    desk: web::Data<Desk>,
    request: HttpRequest,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    may_manage(&session, &portal)?;
    let called = match line(posted.text("name"), "a name for the passkey", 60) {
        Ok(called) => called,
        Err(sentence) => {
            return managing(&session, &portal, &frame, &posted, &Faults::one("name", sentence)).await;
        }
    };
    let owner = PasskeyOwner { id: &session.who, user_id: &session.user_id };
    let party = relying_party(&portal);
    let change = match party.add(&portal.db, owner, &called, posted.text("credential"), portal.now()).await {
        Ok(change) => change,
        Err(PasskeyError::Db(fault)) => return Err(fault.into()),
        Err(PasskeyError::Refused(_)) => {
            return managing(&session, &portal, &frame, &posted, &Faults::one("name", NOT_ACCEPTED)).await;
        }
    };
    let own = factors::find(&portal.db, &session.who).await?;
    // Whoever has none yet gets recovery codes with the first factor.
    let codes = (own.recovery_codes == 0).then(|| RecoveryCodes::draw(&portal.keys, &session.who));
    let change = match &codes {
        Some(codes) => change.then(factors::add_recovery_codes(&session.who, codes)),
        None => change,
    };
    added(&portal, &session, &desk, &request, change, codes, "a passkey").await
}
