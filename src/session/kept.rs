//! Forms that were sent after the session had ended. What was typed is kept for whoever typed it, and offered after the next
//! sign-in: nobody writes a message twice.

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    http::{Method, header},
    web,
};
use ulid::Ulid;

use super::{AnySession, Gate, Kind, Person, Session, kept_views as views, second_factor};
use crate::{
    db::{Db, DbError, Query, Transaction, statement, value::SurrealValue},
    form::Fields,
    http::{Fault, Portal, Posted, answer::here, page, resend_views::repeatable, see_other},
    page::Frame,
    words::Moment,
};

/// Where it is offered to people.
pub const OF_PEOPLE: &str = "/kept";
/// And to staff.
pub const OF_STAFF: &str = "/staff/kept";
/// How long it is kept.
const KEPT: chrono::Duration = chrono::Duration::days(1);
/// The most that is kept of one form, in bytes.
const LONGEST: usize = 1024 * 1024;
/// How many forms are kept for one person, as from several open pages: after that the oldest goes.
const MOST: usize = 5;
/// Parts of addresses whose forms are never kept: signing out, second factors, and what decides who may do what. An open
/// page of a session that has ended shall leave nothing of the kind for its person to send.
const NEVER: [&str; 10] = [
    "/sign-out",
    "/second-factor",
    "/staff/confirm",
    "/staff/members",
    "/staff/settings",
    "/staff/logons/",
    "/staff/approvals/",
    "/requests/",
    "/waiting/",
    "/release",
];
/// Addresses of people's forms that nobody sends signed out.
const OF_SESSIONS: [&str; 3] = ["/accounts/", "/access/", "/springboard"];
/// Begins the query of an address that a kept form is sent to; its id follows.
const MARK: &str = "kept=";

/// A form that was kept.
#[derive(Clone, Debug, SurrealValue)]
pub struct Kept {
    /// Its id: a ULID, so that ids are in the order in which the forms were kept.
    pub id: String,
    /// Where it goes.
    pub path: String,
    fields: String,
    /// When it was sent.
    pub at: Moment,
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

statement! {
    Keep { kind: &'static str, who: String, id: String, path: String, fields: String, now: Moment };
    writes kept_form;
    "CREATE ONLY type::record('kept_form', [$kind, $who, $id]) SET path = $path, fields = $fields, at = $now RETURN NONE;"
}

/// Keeps a form beside the others of the same person. One that was sent twice is kept once.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn keep(
    db: &Db,
    (kind, who): (Kind, &str),
    path: &str,
    posted: &Fields,
    now: Moment,
) -> Result<(), DbError> {
    // Of a form for a new password nothing is worth keeping.
    if posted.has("password") {
        return Ok(());
    }
    let typed = repeatable(posted);
    if typed.is_empty() {
        return Ok(());
    }
    let fields = serde_json::to_string(&typed).unwrap_or_default();
    if fields.len() > LONGEST {
        return Ok(());
    }
    let before = find(db, kind, who, now).await?;
    if before.iter().any(|kept| kept.path == path && kept.fields == fields) {
        return Ok(());
    }
    for oldest in before.iter().take((before.len() + 1).saturating_sub(MOST)) {
        forget(db, kind, who, &oldest.id).await?;
    }
    let id = Ulid::generate().to_string().to_lowercase();
    Keep { kind: kind.word(), who: who.to_owned(), id, path: path.to_owned(), fields, now }.run(db).await
}

statement! {
    KeptOf { kind: &'static str, who: String } -> Vec<Kept>;
    reads kept_form;
    "SELECT record::id(id)[2] AS id, path, fields, at FROM type::record('kept_form', [$kind, $who, '']..[$kind, $who, ..])"
}

/// What is kept for somebody, in the order in which it was sent.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn find(db: &Db, kind: Kind, who: &str, now: Moment) -> Result<Vec<Kept>, DbError> {
    let kept = db.ask(KeptOf { kind: kind.word(), who: who.to_owned() }).await?;
    Ok(kept.into_iter().filter(|kept| kept.at > now - KEPT).collect())
}

/// Forgets the form that a request brings, now that its page has taken or refused it. One that did not get that far, for
/// new terms, a second factor or a database that was away, is still offered.
pub(super) async fn answered(portal: &Portal, session: &Session, id: &str) {
    if let Err(fault) = forget(&portal.db, session.kind, &session.who, id).await {
        tracing::warn!(%fault, "a form that was kept and sent could not be deleted");
    }
}

/// The id of the kept form that a request brings.
pub(super) fn brought(method: &Method, query: &str) -> Option<String> {
    query.strip_prefix(MARK).filter(|_| method == Method::POST).map(str::to_owned)
}

statement! {
    Forget { kind: &'static str, who: String, id: String };
    writes kept_form;
    "DELETE type::record('kept_form', [$kind, $who, $id]) RETURN NONE;"
}

async fn forget(db: &Db, kind: Kind, who: &str, id: &str) -> Result<(), DbError> {
    Forget { kind: kind.word(), who: who.to_owned(), id: id.to_owned() }.run(db).await
}

statement! {
    Expired { now: Moment };
    writes kept_form;
    "DELETE kept_form WHERE at < $now - 1d;"
}

/// Deletes what nobody came back for.
pub fn expired(now: Moment) -> Transaction {
    Expired { now }.into()
}

/// Whoever has signed in all the way, and agreed to the terms: the form's own page would ask for that, and take no form.
async fn open(session: &Session, request: &HttpRequest) -> Result<(), Fault> {
    match session.kind {
        Kind::Person => Person::extract(request).await.map(drop),
        Kind::Staff if session.gate() == Gate::Open => Ok(()),
        Kind::Staff => Err(second_factor::first(session, &here(request))),
    }
}

/// The forms, each to be sent or discarded.
///
/// # Errors
/// When the database does not answer.
pub async fn show(
    AnySession(session): AnySession,
    portal: Portal,
    frame: Frame,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    open(&session, &request).await?;
    let found = find(&portal.db, session.kind, &session.who, portal.now()).await?;
    if found.is_empty() {
        return Ok(see_other(home(session.kind)));
    }
    Ok(page(&frame, &views::kept(&frame, place(session.kind), &found)))
}

/// Sends it where it was going: the browser posts the same fields there.
///
/// # Errors
/// When the database does not answer.
pub async fn send(
    AnySession(session): AnySession,
    portal: Portal,
    request: HttpRequest,
    id: web::Path<String>,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    open(&session, &request).await?;
    let found = find(&portal.db, session.kind, &session.who, portal.now()).await?;
    let found = found.into_iter().find(|kept| kept.id == *id);
    let Some(kept) = found else { return Ok(see_other(place(session.kind))) };
    Ok(HttpResponse::TemporaryRedirect()
        .insert_header((header::LOCATION, format!("{}?{MARK}{}", kept.path, kept.id)))
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
    id: web::Path<String>,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    open(&session, &request).await?;
    forget(&portal.db, session.kind, &session.who, &id).await?;
    Ok(see_other(place(session.kind)))
}

fn home(kind: Kind) -> &'static str {
    match kind {
        Kind::Person => "/springboard",
        Kind::Staff => "/staff",
    }
}

/// The path after a sign-in: that of the kept forms, if there are any.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn or_kept(portal: &Portal, kind: Kind, who: &str, otherwise: &str) -> Result<String, Fault> {
    let kept = find(&portal.db, kind, who, portal.now()).await?;
    Ok(if kept.is_empty() { otherwise } else { place(kind) }.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_left_out_and_buttons_are_not_kept() {
        let fields = |pairs: &[(&str, &str)]| {
            Fields::new(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
        };
        let typed = [("token", "t"), ("subject", "S"), ("answer-by", "2026-12-24"), ("answer-1", "Rex"), ("code", "1")];
        let form = fields(&typed);
        assert_eq!(repeatable(&form), [("subject", "S"), ("answer-by", "2026-12-24")]);
        assert_eq!(repeatable(&fields(&[("go", "post"), ("draft", "d"), ("subject", " ")])), []);
    }

    #[test]
    fn what_decides_who_may_do_what_is_never_kept() {
        let is_kept = |kind, path| is_of_session(&Method::POST, kind, path);
        assert!(
            is_kept(Kind::Person, "/accounts/dealer/1/messages")
                && is_kept(Kind::Staff, "/staff/accounts/dealer/1/messages")
        );
        assert!(!is_of_session(&Method::GET, Kind::Person, "/accounts/dealer/1/messages"));
        for path in ["/settings/profile", "/sign-up/user-id", "/kept/send"] {
            assert!(!is_kept(Kind::Person, path), "{path}");
        }
        for path in [
            "/staff/members/m/role",
            "/staff/settings/password",
            "/staff/approvals/a/approve",
            "/staff/bulk-posts/b/release",
            "/staff/requests/r/withdraw",
            "/staff/content/terms/waiting/publish",
            "/staff/logons/l/suspend",
            "/staff/sign-in",
        ] {
            assert!(!is_kept(Kind::Staff, path), "{path}");
        }
    }
}
