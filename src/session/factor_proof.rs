//! Proving a second factor: after the password, and again before something risky.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::{
    AnySession, Desk, Gate, Kind, Session, queries,
    second_factor::{hand_over, note_failure, places, relying_party, renew},
    tries::{self, Try},
};
use crate::{
    audit::{self, Deed},
    db::rate_limit::Limit,
    form::{Faults, Fields},
    http::{Fault, Portal, Posted, answer::safe_back, page, see_other, unprocessable},
    logon::Hasher,
    page::{Frame, fields::Filled},
    second_factor::{self as factors, Typed, passkeys::PasskeyError, views},
};

const WRONG: &str = "This code is not right, or it was used before. Wait for the next one and try again.";
pub(super) const NOT_ACCEPTED: &str = "The passkey was not accepted. Try again, or use another way.";

/// Where the page leads.
#[derive(Deserialize)]
pub struct Coming {
    #[serde(default)]
    back: String,
}

/// Why a second factor is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// To sign in.
    SignIn,
    /// Before something risky.
    StepUp,
}

impl Asked {
    fn title(self) -> &'static str {
        match self {
            Self::SignIn => "Two-step sign-in",
            Self::StepUp => "Confirm that it is you",
        }
    }

    fn action(self, kind: Kind) -> &'static str {
        match self {
            Self::SignIn => places(kind).prove,
            Self::StepUp => places(kind).step_up,
        }
    }

    /// Where a session goes that has nothing to prove here.
    fn elsewhere(self, session: &Session) -> Option<&'static str> {
        match (self, session.gate()) {
            (_, Gate::Enroll) => Some(places(session.kind).manage),
            (Self::SignIn, Gate::Open) => Some(home(session.kind)),
            (Self::StepUp, Gate::Prove) => Some(places(session.kind).prove),
            _ => None,
        }
    }
}

fn home(kind: Kind) -> &'static str {
    match kind {
        Kind::Person => "/springboard",
        Kind::Staff => "/staff",
    }
}

fn onward(kind: Kind, back: &str) -> &str {
    if back.is_empty() { home(kind) } else { safe_back(back) }
}

async fn asking(
    asked: Asked,
    session: &Session,
    portal: &Portal,
    frame: &Frame,
    back: &str,
    faults: &Faults,
) -> Result<HttpResponse, Fault> {
    if let Some(place) = asked.elsewhere(session) {
        return Ok(see_other(place));
    }
    let own = factors::find(&portal.db, &session.who).await?;
    let fields = Fields::default();
    let form = Filled { fields: &fields, faults };
    let action = asked.action(session.kind);
    let shown = match own.is_any() {
        true => views::prove(frame, asked.title(), action, back, &own, form),
        false => views::password_again(frame, asked.title(), action, back, form),
    };
    Ok(if faults.is_empty() { page(frame, &shown) } else { unprocessable(frame, &shown) })
}

/// Asks for a second factor after the password.
///
/// # Errors
/// When the database does not answer.
pub async fn show_prove(
    AnySession(session): AnySession,
    portal: Portal,
    frame: Frame,
    coming: web::Query<Coming>,
) -> Result<HttpResponse, Fault> {
    asking(Asked::SignIn, &session, &portal, &frame, &coming.back, &Faults::default()).await
}

/// Asks for a second factor again.
///
/// # Errors
/// When the database does not answer.
pub async fn show_step_up(
    AnySession(session): AnySession,
    portal: Portal,
    frame: Frame,
    coming: web::Query<Coming>,
) -> Result<HttpResponse, Fault> {
    asking(Asked::StepUp, &session, &portal, &frame, &coming.back, &Faults::default()).await
}

/// What proving one stands on.
struct Proving<'a> {
    asked: Asked,
    session: &'a Arc<Session>,
    portal: &'a Portal,
    frame: &'a Frame,
    desk: &'a Desk,
    hasher: &'a Hasher,
    request: &'a HttpRequest,
}

impl Proving<'_> {
    /// The key that tries are counted under: with the password somebody else could use up the owner's, so each device
    /// that is known has its own.
    fn key(&self) -> String {
        let whose = format!("{}/{}", self.session.who, self.session.key);
        self.portal.keys.hash("second factor", whose.as_bytes())
    }

    /// Whoever knows only the password uses up tries at sign-in, and none of those of a session that proved a factor before.
    fn of_owner(&self) -> &'static Limit {
        match self.asked {
            Asked::SignIn => &AT_SIGN_IN,
            Asked::StepUp => &OF_OWNER,
        }
    }

    async fn by_code(&self, posted: &Fields) -> Result<HttpResponse, Fault> {
        // Not by what the session remembers: the factor may have been removed in another one.
        if self.asked == Asked::StepUp && !factors::find(&self.portal.db, &self.session.who).await?.is_any() {
            return self.by_password(posted).await;
        }
        let back = posted.text("back");
        let again = async |sentence: &str| {
            asking(self.asked, self.session, self.portal, self.frame, back, &Faults::one("code", sentence)).await
        };
        let typed = match Typed::parse(posted.text("code")) {
            Ok(typed) => typed,
            Err(sentence) => return again(sentence).await,
        };
        let (portal, now) = (self.portal, self.portal.now());
        // Counted before it is looked at, for this session and for its owner on all of them.
        let may = tries::may_try(&portal.db, None, &self.key(), true, now).await? != Try::Locked
            && self.of_owner().allows(&portal.db, &self.session.who, now).await?;
        if !may {
            return Err(Fault::TooMany);
        }
        if !factors::prove(&portal.db, &portal.keys, &self.session.who, &typed, now).await? {
            note_failure(portal, self.session).await?;
            return again(WRONG).await;
        }
        let note = if matches!(typed, Typed::Recovery(_)) { "by a recovery code" } else { "by an authenticator app" };
        self.proved(back, note).await
    }

    async fn by_password(&self, posted: &Fields) -> Result<HttpResponse, Fault> {
        let (portal, session, back) = (self.portal, self.session, posted.text("back"));
        let key = self.key();
        if tries::may_try(&portal.db, None, &key, true, portal.now()).await? == Try::Locked {
            return Err(Fault::TooMany);
        }
        let hash = queries::password_of(&portal.db, session.kind, &session.who).await?;
        if self.hasher.check(posted.text("password").to_owned(), hash).await? {
            return self.proved(back, "by the password").await;
        }
        audit::row(portal.now(), &session.who, Deed::GaveWrongPassword, &session.who, "").run(&portal.db).await?;
        let faults = Faults::one("password", "This is not your password.");
        asking(self.asked, session, portal, self.frame, back, &faults).await
    }

    async fn by_passkey(&self, posted: &Fields) -> Result<HttpResponse, Fault> {
        let (portal, back) = (self.portal, posted.text("back"));
        if tries::may_try(&portal.db, None, &self.key(), true, portal.now()).await? == Try::Locked {
            return Err(Fault::TooMany);
        }
        let party = relying_party(portal);
        match party.prove(&portal.db, &self.session.who, posted.text("credential"), portal.now()).await {
            Ok(()) => self.proved(back, "by a passkey").await,
            Err(PasskeyError::Db(fault)) => Err(fault.into()),
            Err(PasskeyError::Refused(_)) => {
                note_failure(portal, self.session).await?;
                asking(self.asked, self.session, portal, self.frame, back, &Faults::one("code", NOT_ACCEPTED)).await
            }
        }
    }

    async fn proved(&self, back: &str, note: &str) -> Result<HttpResponse, Fault> {
        let (portal, session) = (self.portal, self.session);
        let now = portal.now();
        let kept = audit::row(now, &session.who, Deed::ProvedSecondFactor, &session.who, note)
            .then(tries::forgive(vec![self.key()], portal.now()));
        let mut answer = see_other(onward(session.kind, back));
        let started = renew(portal, session, self.request, kept).await?;
        self.desk.ended(session);
        hand_over(&mut answer, portal, session.kind, &started);
        Ok(answer)
    }
}

/// Wrong and right codes of one owner, from wherever: guessing one of a million takes years.
pub(super) const OF_OWNER: Limit = Limit { what: "second factor", most: 60, within: chrono::Duration::hours(1) };

/// The same at sign-in.
const AT_SIGN_IN: Limit = Limit { what: "second factor at sign-in", most: 60, within: chrono::Duration::hours(1) };

macro_rules! proving {
    ($($(#[$doc:meta])* $name:ident: $asked:ident, $by:ident;)+) => {
        $($(#[$doc])*
        ///
        /// # Errors
        /// [`Fault::TooMany`] after too many tries.
        pub async fn $name(
            AnySession(session): AnySession,
            portal: Portal,
            frame: Frame,
            desk: web::Data<Desk>,
            hasher: Hasher,
            request: HttpRequest,
            Posted(posted): Posted,
        ) -> Result<HttpResponse, Fault> {
            let asked = Asked::$asked;
            if let Some(place) = asked.elsewhere(&session) {
                return Ok(see_other(place));
            }
            let (session, portal, frame, desk) = (&session, &portal, &frame, &desk);
            let proving = Proving { asked, session, portal, frame, desk, hasher: &hasher, request: &request };
            proving.$by(&posted).await
        })+
    };
}

proving! {
    /// Takes the digits or a recovery code after the password.
    prove: SignIn, by_code;
    /// Takes a passkey after the password.
    prove_passkey: SignIn, by_passkey;
    /// Takes the digits or a recovery code before something risky.
    step_up: StepUp, by_code;
    /// Takes a passkey before something risky.
    step_up_passkey: StepUp, by_passkey;
}

/// The options of a passkey that is to be proved, for the page's script.
///
/// # Errors
/// [`Fault::NotFound`] when there is none.
pub async fn begin_passkey(AnySession(session): AnySession, portal: Portal, _: Posted) -> Result<HttpResponse, Fault> {
    let begun = relying_party(&portal).begin_proving(&portal.db, &session.who, portal.now()).await;
    options(begun)
}

pub(super) fn options(begun: Result<String, PasskeyError>) -> Result<HttpResponse, Fault> {
    match begun {
        Ok(options) => Ok(HttpResponse::Ok()
            .content_type("application/json")
            .insert_header(("Cache-Control", "no-store"))
            .body(options)),
        Err(PasskeyError::Db(fault)) => Err(fault.into()),
        Err(PasskeyError::Refused(_)) => Err(Fault::NotFound),
    }
}
