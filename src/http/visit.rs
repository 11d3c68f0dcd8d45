//! What is known of a request before its handler runs: who asks, and which form token is theirs.
//! The session's middleware fills it in.

use std::{cell::Cell, future::Ready, rc::Rc};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, web};

use super::{Done, Fault, Portal};
use crate::page::{Frame, Signed};

/// What the middleware found out.
#[derive(Clone)]
pub struct Visit {
    /// Who is signed in.
    pub signed: Signed,
    /// The token that forms on this page carry.
    pub token: Rc<str>,
    /// A name for this browser, drawn at random; drafts of people without a logon hang on it.
    pub browser: Rc<str>,
    /// Set when the browser must keep its name, because a form was shown to it.
    pub keep: Rc<Cell<bool>>,
}

impl Visit {
    /// The visit of this request.
    ///
    /// # Errors
    /// When the session's middleware is not part of the app.
    pub fn of(request: &HttpRequest) -> Result<Self, Fault> {
        let found = request.extensions().get::<Self>().cloned();
        found.ok_or_else(|| Fault::Broken("the visit was not filled in".into()))
    }
}

impl FromRequest for Visit {
    type Error = Fault;
    type Future = Ready<Result<Self, Fault>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Self::of(request))
    }
}

/// The frame that this request's page is shown in.
pub fn frame(request: &HttpRequest) -> Result<Frame, Fault> {
    let visit = Visit::of(request)?;
    let portal = request
        .app_data::<web::Data<Portal>>()
        .ok_or_else(|| Fault::Broken("the portal is not part of the app".into()))?;
    Ok(Frame {
        agency: portal.agency(),
        signed: visit.signed,
        token: visit.token.to_string(),
        path: request.path().to_owned(),
        partial: request.headers().contains_key("HX-Request"),
        demo: portal.demo,
        offers_texts: portal.offers_texts,
        done: Done::of_query(request.query_string()).map(Done::sentence),
    })
}

impl FromRequest for Frame {
    type Error = Fault;
    type Future = Ready<Result<Self, Fault>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(frame(request))
    }
}
