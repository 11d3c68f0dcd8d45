//! Who asks: the middleware that recognises sessions, and the guards that handlers name.

use std::{cell::Cell, future::Ready, rc::Rc, sync::Arc};

use actix_web::{
    Error, FromRequest, HttpMessage, HttpRequest,
    body::MessageBody,
    cookie::{Cookie, SameSite, time::Duration},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{self, HeaderMap},
    },
    middleware::Next,
    web,
};
use futures_util::future::LocalBoxFuture;

use super::{Desk, Gate, IDLE, Kind, Role, Session, kept, queries, second_factor, token};
use crate::{
    audit::{
        self, Deed,
        origin::{self, Origin},
    },
    http::{
        Fault, Portal, Visit,
        answer::{IsFault, RefusedByRole, here, of_fault, percent},
        portal::HttpHead,
        resend_views,
        uploaded::Uploaded,
    },
    page::Signed,
    wizard::Owner,
};

/// The cookie that names a browser to which a form was shown.
const BROWSER: &str = "browser";

/// What an open page asks for by itself: no activity of its person.
const BY_ITSELF: [&str; 5] = ["/live", "/staff/live", "/session/notice", "/springboard/alerts", "/springboard/panel/"];

/// What needs no agreement to terms.
const UNASKED: [&str; 5] = ["/agree", "/sign-out", "/live", "/session/notice", "/session/stay"];

/// Somebody, signed in or not, to whom a form is shown.
pub struct Visitor {
    /// The browser's name; drafts of people without a logon hang on it.
    pub browser: Rc<str>,
    /// The person's session, if there is one.
    pub session: Option<Arc<Session>>,
}

/// A person who is signed in.
pub struct Person(pub Arc<Session>);

impl Person {
    /// The logon.
    pub fn logon(&self) -> &str {
        &self.0.who
    }

    /// The user ID.
    pub fn user_id(&self) -> &str {
        &self.0.user_id
    }
}

/// Put into an app whose every page is the staff's.
#[derive(Clone, Copy)]
pub struct StaffOnly;

/// The session of a request, a person's or an employee's.
pub(super) fn present(request: &HttpRequest) -> Option<Arc<Session>> {
    request.extensions().get::<Arc<Session>>().cloned()
}

/// Somebody who is signed in by a password, a person or a staff member, however far the session may go: for the pages of
/// second factors.
pub struct AnySession(pub Arc<Session>);

impl FromRequest for AnySession {
    type Error = Fault;
    type Future = Ready<Result<Self, Fault>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let sign_in = || match is_for_staff(request.path(), request.app_data::<StaffOnly>()) {
            true => Fault::StaffSignIn,
            false => Fault::SignIn(here(request)),
        };
        std::future::ready(present(request).map(Self).ok_or_else(sign_in))
    }
}

/// Somebody who proved a second factor within the last ten minutes: an argument of handlers that do what is risky, after
/// the one that says who may.
pub struct StepUp(());

impl FromRequest for StepUp {
    type Error = Fault;
    type Future = std::future::Ready<Result<Self, Fault>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (session, portal) = (present(request), request.app_data::<web::Data<Portal>>().cloned());
        let back = match *request.method() {
            Method::GET => here(request),
            // A form is not sent again by itself: its page is gone back to.
            _ => referring_page(request),
        };
        std::future::ready(match session.zip(portal) {
            None => Err(Fault::StaffSignIn),
            Some((session, portal)) if session.is_stepped_up(portal.now()) => Ok(Self(())),
            Some((session, _)) => Err(second_factor::step_up_first(&session, &back)),
        })
    }
}

/// The page of this portal that a form was on, fit to come back to.
fn referring_page(request: &HttpRequest) -> String {
    let referrer = request.headers().get(header::REFERER).and_then(|referrer| referrer.to_str().ok());
    let path = referrer
        .and_then(|referrer| referrer.split_once("://"))
        .and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
    percent(path.unwrap_or("/staff"))
}

fn is_for_staff(path: &str, staff_only: Option<&StaffOnly>) -> bool {
    path.starts_with("/staff") || staff_only.is_some()
}

impl FromRequest for Visitor {
    type Error = Fault;
    type Future = Ready<Result<Self, Fault>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Visit::of(request).map(|visit| {
            visit.keep.set(true);
            let session =
                present(request).filter(|session| session.kind == Kind::Person && session.gate() == Gate::Open);
            Self { browser: visit.browser, session }
        }))
    }
}

impl FromRequest for Person {
    type Error = Fault;
    type Future = LocalBoxFuture<'static, Result<Self, Fault>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let session = present(request).filter(|session| session.kind == Kind::Person);
        let (back, path, demand) = (here(request), request.path().to_owned(), Demand::of(request));
        let desk = request.app_data::<web::Data<Desk>>().cloned();
        let (portal, request) = (request.app_data::<web::Data<Portal>>().cloned(), request.clone());
        Box::pin(async move {
            let session = session.ok_or_else(|| Fault::SignIn(back.clone()))?;
            if session.gate() != Gate::Open {
                return Err(second_factor::first(&session, &back));
            }
            if let (true, Some(portal), Some(desk)) = (demand != Demand::Nothing, portal, desk) {
                let published = portal.publication.now();
                let agreed = match desk.agreed(&session).await {
                    Ok(agreed) => agreed,
                    Err(fault) => {
                        resend_views::arrived(&request).await;
                        return Err(fault.into());
                    }
                };
                let is_fresh = published.terms_since.is_some_and(|since| portal.now() - since < IDLE);
                let is_taken = is_fresh || agreed.is_to_all_but_given(&published.agency);
                match demand {
                    _ if agreed.is_to(&published.agency) => {}
                    Demand::Page => return Err(Fault::Agree(back)),
                    Demand::Part => return Err(Fault::Stale),
                    Demand::Form if agreed.is_given(&path) || !is_taken => {
                        return Err(Fault::Agree("/springboard".into()));
                    }
                    Demand::Form | Demand::Nothing => {}
                }
            }
            Ok(Self(session))
        })
    }
}

/// What a request may have before terms that changed are agreed to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Demand {
    /// A page: they are asked for first.
    Page,
    /// A part of an open page: it is not brought.
    Part,
    /// A form: one that was being filled in when they changed is taken, and the next page asks.
    Form,
    /// What has to do with leaving, agreeing, and the page's own life.
    Nothing,
}

impl Demand {
    fn of(request: &HttpRequest) -> Self {
        let path = request.path();
        if UNASKED.contains(&path) {
            Self::Nothing
        } else if request.method() == Method::POST {
            Self::Form
        } else if BY_ITSELF.iter().any(|own| path.starts_with(own)) {
            Self::Part
        } else {
            Self::Page
        }
    }
}

impl Owner for Person {
    const IS_ANONYMOUS: bool = false;

    fn draft_owner(&self) -> String {
        self.0.who.clone()
    }
}

impl Owner for Visitor {
    const IS_ANONYMOUS: bool = true;

    fn draft_owner(&self) -> String {
        token::record_key(&self.browser)
    }
}

/// Keeps what a form brings whose session has ended by itself. The handler asks to sign in all the same; if it could not be
/// kept, that is all there is.
async fn keep_form(portal: &Portal, request: &mut ServiceRequest, kind: Kind) {
    let (path, method) = (request.path().to_owned(), request.method().clone());
    let Some(token) = cookie(request, &name(kind_cookie(kind), portal.secure)) else { return };
    if !kept::is_of_session(&method, kind, &path) {
        return;
    }
    let Ok(Some(who)) = queries::whose(&portal.db, kind, &token::record_key(&token)).await else { return };
    // The form has the token of the session that ended: it was this person's.
    let ended = Visit { token: token::for_forms(&portal.keys, &token).into(), ..visit(portal, None, request) };
    request.extensions_mut().insert(ended);
    if let Ok(posted) = request.extract::<Uploaded<0>>().await
        && let Err(fault) = kept::keep(&portal.db, (kind, &who), &path, &posted.fields, portal.now()).await
    {
        tracing::warn!(%fault, "a form of a session that ended could not be kept");
    }
}

/// Reads the form of a request whose session can't be looked up, for the page of the fault: whose token it bears can be told
/// without the database.
async fn note_form(portal: &Portal, request: &mut ServiceRequest, token: &str) {
    let unknown = Visit { token: token::for_forms(&portal.keys, token).into(), ..visit(portal, None, request) };
    request.extensions_mut().insert(unknown);
    if request.method() == Method::POST
        && let Err(fault) = request.extract::<Uploaded<0>>().await
    {
        tracing::debug!(%fault, "the form of a request without a session can't be read");
    }
}

/// Middleware that finds the session of a request's cookie and fills in the [`Visit`].
///
/// # Errors
/// None of its own: a database that is away is a fault page.
pub async fn recognise(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let desk = request.app_data::<web::Data<Desk>>().cloned();
    let portal = request.app_data::<web::Data<Portal>>().cloned();
    let (Some(desk), Some(portal)) = (desk, portal) else {
        let fault = Fault::Broken("the session desk is not part of the app".into());
        return Ok(request.error_response(fault).map_into_right_body());
    };
    let kind = if is_for_staff(request.path(), request.app_data::<StaffOnly>()) { Kind::Staff } else { Kind::Person };
    let session = match cookie(&request, &name(kind_cookie(kind), portal.secure)) {
        None => None,
        Some(token) => {
            match desk.find(kind, &token, !BY_ITSELF.iter().any(|path| request.path().starts_with(path))).await {
                Ok(session) => session,
                Err(fault) => {
                    note_form(&portal, &mut request, &token).await;
                    let page = of_fault(request.request(), &fault.into());
                    return Ok(request.into_response(page).map_into_right_body());
                }
            }
        }
    };
    if session.is_none() {
        keep_form(&portal, &mut request, kind).await;
    }
    let visit = visit(&portal, session.as_deref(), &request);
    let (keep, browser) = (visit.keep.clone(), visit.browser.clone());
    let known = cookie(&request, &name(BROWSER, portal.secure)).is_some();
    if let Some(session) = session {
        request.extensions_mut().insert(session);
    }
    request.extensions_mut().insert(visit);
    let source =
        portal.source(&HttpHead { peer: request.peer_addr().map(|peer| peer.ip()), headers: request.headers() });
    let origin = Origin {
        source: source.map(|source| source.to_string().into()),
        session: present(request.request()).map(|session| session.key[..12].into()),
    };
    let (who, path) = (present(request.request()).map(|session| session.who.clone()), request.path().to_owned());
    let brought = present(request.request()).zip(kept::brought(request.method(), request.query_string()));
    let mut answered = origin::on_behalf_of(origin.clone(), next.call(request)).await?;
    if let Some((session, id)) = brought
        && !answered.response().extensions().contains::<IsFault>()
    {
        kept::answered(&portal, &session, &id).await;
    }
    let refused = answered.response().extensions().contains::<RefusedByRole>();
    if let (Some(who), true) = (who, refused) {
        let row = async { audit::row(portal.now(), &who, Deed::WasRefusedByRole, &who, &path) };
        let kept = origin::on_behalf_of(origin, row).await.run(&portal.db).await;
        if let Err(fault) = kept {
            tracing::warn!(%fault, "a refusal could not be kept in the audit");
        }
    }
    if keep.get()
        && !known
        && let Ok(value) = build(BROWSER, &browser, portal.secure, None).to_string().parse()
    {
        answered.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(answered.map_into_left_body())
}

fn visit(portal: &Portal, session: Option<&Session>, request: &ServiceRequest) -> Visit {
    let browser = cookie(request, &name(BROWSER, portal.secure)).unwrap_or_else(token::draw);
    let (signed, forms) = match session {
        None => (Signed::Out, token::for_forms(&portal.keys, &browser)),
        Some(session) if session.gate() != Gate::Open => (Signed::Out, session.form_token.clone()),
        Some(session) if session.kind == Kind::Staff => {
            let menu = session.role.map(Role::menu).unwrap_or_default();
            (Signed::Staff { user_id: session.user_id.clone(), menu }, session.form_token.clone())
        }
        Some(session) => (Signed::Person(session.user_id.clone()), session.form_token.clone()),
    };
    Visit { signed, token: forms.into(), browser: browser.into(), keep: Rc::new(Cell::new(false)) }
}

/// The value of a cookie, without decoding all of them.
fn cookie(request: &ServiceRequest, name: &str) -> Option<String> {
    cookie_of(request.headers(), name)
}

/// The value of a cookie that names a session or a device, among a request's headers; those have 64 letters.
pub(super) fn cookie_of(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get_all(header::COOKIE).filter_map(|line| line.to_str().ok()).find_map(|line| {
        line.split(';').find_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            (key == name && value.len() == 64).then(|| value.to_owned())
        })
    })
}

fn kind_cookie(kind: Kind) -> &'static str {
    match kind {
        Kind::Person => "session",
        Kind::Staff => "staff-session",
    }
}

/// With TLS the name says that no other host and no path set it (RFC 6265bis, `__Host-`).
pub(super) fn name(plain: &str, secure: bool) -> String {
    if secure { format!("__Host-{plain}") } else { plain.to_owned() }
}

pub(super) fn build(plain: &str, value: &str, secure: bool, age: Option<Duration>) -> Cookie<'static> {
    let cookie = Cookie::build(name(plain, secure), value.to_owned())
        .path("/")
        .http_only(true)
        .secure(secure)
        .same_site(SameSite::Lax);
    match age {
        Some(age) => cookie.max_age(age).finish(),
        None => cookie.finish(),
    }
}

/// The cookie of a new session; it goes with the browser's window.
pub fn cookie_for(kind: Kind, token: &str, portal: &Portal) -> Cookie<'static> {
    build(kind_cookie(kind), token, portal.secure, None)
}

/// The cookie that takes a session's away.
pub fn without_cookie(kind: Kind, portal: &Portal) -> Cookie<'static> {
    build(kind_cookie(kind), "", portal.secure, Some(Duration::ZERO))
}
