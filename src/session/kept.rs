//! Forms that were sent after the session had ended. What was typed is kept for whoever typed it, and offered after the next
//! sign-in: nobody writes a message twice.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, header},
};

use super::{AnySession, Gate, Kind, Session, kept_views as views, second_factor};
use crate::{
    form::Fields,
    http::{Fault, Portal, Posted, answer::here, page, see_other},
    page::Frame,
    store::{Ask, Piece, Store, StoreFault, value::SurrealValue},
    words::Moment,
};

/// Where it is offered to people.
pub const OF_PEOPLE: &str = "/kept";
/// And to staff.
pub const OF_STAFF: &str = "/staff/kept";
/// How long it is kept.
const KEPT: chrono::Duration = chrono::Duration::days(1);
/// The most that is kept of one form, in bytes.
const LONGEST: usize = 64 * 1024;
/// Fields that are not kept: secrets, what belongs to the session that ended, and files.
const LEFT_OUT: [&str; 9] =
    ["token", "password", "password-again", "present", "code", "pin", "files", "seen", "credential"];
/// Fields that nobody types. A form of nothing else is a button, and is not pressed later.
const UNTYPED: [&str; 6] = ["draft", "go", "act", "back", "id", "user-id"];
/// Parts of addresses whose forms are never kept: signing out, and second factors.
const NEVER: [&str; 3] = ["/sign-out", "/second-factor", "/staff/confirm"];
/// Addresses of people's forms that nobody sends signed out.
const OF_SESSIONS: [&str; 4] = ["/accounts/", "/access/", "/settings", "/springboard"];

/// A form that was kept.
#[derive(Clone, Debug, SurrealValue)]
pub struct Kept {
    /// Where it goes.
    pub path: String,
    fields: String,
    at: Moment,
}

impl Kept {
    /// What was typed.
    pub fn fields(&self) -> Vec<(String, String)> {
        serde_json::from_str(&self.fields).unwrap_or_default()
    }
}

/// Where a kept form is offered.
pub(super) fn place(kind: Kind) -> &'static str {
    match kind {
        Kind::Person => OF_PEOPLE,
        Kind::Staff => OF_STAFF,
    }
}

/// Whether a request brings a form that needs a session.
pub(super) fn is_of_session(method: &Method, kind: Kind, path: &str) -> bool {
    let is_needed = match kind {
        Kind::Person => OF_SESSIONS.iter().any(|begin| path.starts_with(begin)),
        Kind::Staff => !["/staff/sign-in", "/staff/enroll"].iter().any(|begin| path.starts_with(begin)),
    };
    let is_never = NEVER.iter().any(|part| path.contains(part)) || path.starts_with(place(kind));
    method == Method::POST && is_needed && !is_never
}

/// Keeps a form in the place of the one before.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn keep(
    store: &Store,
    (kind, who): (Kind, &str),
    path: &str,
    posted: &Fields,
    now: Moment,
) -> Result<(), StoreFault> {
    // Of a form for a new password nothing is worth keeping.
    if posted.has("password") {
        return Ok(());
    }
    let is_kept = |name: &str| !LEFT_OUT.contains(&name) && !name.starts_with("answer-");
    let typed: Vec<(&str, &str)> = posted.pairs().filter(|(name, _)| is_kept(name)).collect();
    if !typed.iter().any(|(name, value)| !UNTYPED.contains(name) && !value.trim().is_empty()) {
        return Ok(());
    }
    let fields = serde_json::to_string(&typed).unwrap_or_default();
    if fields.len() > LONGEST {
        return Ok(());
    }
    let ask = Ask::new(
        "UPSERT type::record('kept_form', [$kind, $who]) SET path = $path, fields = $fields, at = $now RETURN NONE",
    );
    let ask = ask.with("kind", kind.word()).with("who", who.to_owned()).with("path", path.to_owned());
    store.ask(ask.with("fields", fields).with("now", now)).await.map(drop)
}

/// What is kept for somebody.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn find(store: &Store, kind: Kind, who: &str, now: Moment) -> Result<Option<Kept>, StoreFault> {
    let ask = Ask::new("SELECT path, fields, at FROM ONLY type::record('kept_form', [$kind, $who])");
    let kept: Option<Kept> = store.ask(ask.with("kind", kind.word()).with("who", who.to_owned())).await?.one(0)?;
    Ok(kept.filter(|kept| kept.at > now - KEPT))
}

async fn forget(store: &Store, session: &Session) -> Result<(), StoreFault> {
    let ask = Ask::new("DELETE type::record('kept_form', [$kind, $who])");
    store.ask(ask.with("kind", session.kind.word()).with("who", session.who.clone())).await.map(drop)
}

/// Deletes what nobody came back for.
pub fn expired(now: Moment) -> Piece {
    Piece::new("DELETE kept_form WHERE at < $now - 1d;").with("now", now)
}

/// Whoever has signed in all the way.
fn open(session: &Session, request: &HttpRequest) -> Result<(), Fault> {
    if session.gate() == Gate::Open { Ok(()) } else { Err(second_factor::first(session, &here(request))) }
}

/// The form, to be sent or discarded.
///
/// # Errors
/// When the database does not answer.
pub async fn show(
    AnySession(session): AnySession,
    portal: Portal,
    frame: Frame,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    open(&session, &request)?;
    let found = find(&portal.store, session.kind, &session.who, portal.now()).await?;
    Ok(match found {
        Some(kept) => page(&frame, &views::kept(&frame, place(session.kind), &kept)),
        None => see_other(home(session.kind)),
    })
}

/// Sends it where it was going: the browser posts the same fields there.
///
/// # Errors
/// When the database does not answer.
pub async fn send(
    AnySession(session): AnySession,
    portal: Portal,
    request: HttpRequest,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    open(&session, &request)?;
    let found = find(&portal.store, session.kind, &session.who, portal.now()).await?;
    let Some(kept) = found else { return Ok(see_other(home(session.kind))) };
    forget(&portal.store, &session).await?;
    Ok(HttpResponse::TemporaryRedirect()
        .insert_header((header::LOCATION, kept.path))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish())
}

/// Discards it.
///
/// # Errors
/// When the database does not answer.
pub async fn discard(
    AnySession(session): AnySession,
    portal: Portal,
    request: HttpRequest,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    open(&session, &request)?;
    forget(&portal.store, &session).await?;
    Ok(see_other(home(session.kind)))
}

fn home(kind: Kind) -> &'static str {
    match kind {
        Kind::Person => "/springboard",
        Kind::Staff => "/staff",
    }
}

/// The path after a sign-in: the kept form's, if there is one.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn or_kept(portal: &Portal, kind: Kind, who: &str, otherwise: &str) -> Result<String, Fault> {
    let kept = find(&portal.store, kind, who, portal.now()).await?;
    Ok(kept.map_or(otherwise, |_| place(kind)).to_owned())
}
