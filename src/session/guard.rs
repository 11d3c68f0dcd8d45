//! Who asks: the middleware that recognises sessions, and the guards that handlers name.

use std::{cell::Cell, future::Ready, rc::Rc, sync::Arc};

use actix_web::{
    Error, FromRequest, HttpMessage, HttpRequest,
    body::MessageBody,
    cookie::{Cookie, SameSite, time::Duration},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::{Method, header},
    middleware::Next,
    web,
};
use futures_util::future::LocalBoxFuture;

use super::{Desk, IDLE, Kind, Role, Session, rows, token};
use crate::{
    http::{Fault, Portal, Visit, answer::here},
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

impl FromRequest for Visitor {
    type Error = Fault;
    type Future = Ready<Result<Self, Fault>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Visit::of(request).map(|visit| {
            visit.keep.set(true);
            let session = present(request).filter(|session| session.kind == Kind::Person);
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
        let portal = request.app_data::<web::Data<Portal>>().cloned();
        Box::pin(async move {
            let session = session.ok_or_else(|| Fault::SignIn(back.clone()))?;
            if let (true, Some(portal)) = (demand != Demand::Nothing, portal) {
                let published = portal.publication.now();
                let agreed = session.facts(rows::agreed(&portal.store, &session.who)).await?;
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
    fn draft_owner(&self) -> String {
        self.0.who.clone()
    }
}

impl Owner for Visitor {
    fn draft_owner(&self) -> String {
        token::record_key(&self.browser)
    }
}

/// Middleware that finds the session of a request's cookie and fills in the [`Visit`].
///
/// # Errors
/// None of its own: a database that is away is a fault page.
pub async fn recognise(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let desk = request.app_data::<web::Data<Desk>>().cloned();
    let portal = request.app_data::<web::Data<Portal>>().cloned();
    let (Some(desk), Some(portal)) = (desk, portal) else {
        let fault = Fault::Broken("the session desk is not part of the app".into());
        return Ok(request.error_response(fault).map_into_right_body());
    };
    let for_staff = request.path().starts_with("/staff") || request.app_data::<StaffOnly>().is_some();
    let kind = if for_staff { Kind::Staff } else { Kind::Person };
    let session = match cookie(&request, &name(kind_cookie(kind), portal.secure)) {
        None => None,
        Some(token) => {
            match desk.find(kind, &token, !BY_ITSELF.iter().any(|path| request.path().starts_with(path))).await {
                Ok(session) => session,
                Err(fault) => {
                    request.extensions_mut().insert(visit(&portal, None, &request));
                    return Ok(request.error_response(Fault::from(fault)).map_into_right_body());
                }
            }
        }
    };
    let visit = visit(&portal, session.as_deref(), &request);
    let (keep, browser) = (visit.keep.clone(), visit.browser.clone());
    let known = cookie(&request, &name(BROWSER, portal.secure)).is_some();
    if let Some(session) = session {
        request.extensions_mut().insert(session);
    }
    request.extensions_mut().insert(visit);
    let mut answered = next.call(request).await?;
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
    request.headers().get_all(header::COOKIE).filter_map(|line| line.to_str().ok()).find_map(|line| {
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
fn name(plain: &str, secure: bool) -> String {
    if secure { format!("__Host-{plain}") } else { plain.to_owned() }
}

fn build(plain: &str, value: &str, secure: bool, age: Option<Duration>) -> Cookie<'static> {
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
