//! A posted form whose token was checked: there is no other way to its fields.

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use futures_util::future::LocalBoxFuture;
use subtle::ConstantTimeEq;

use super::{Fault, Visit};
use crate::form::Fields;

/// The longest form, in bytes: a message of staff with room to spare.
pub const LONGEST: usize = 256 * 1024;

/// The fields of a form that this browser was given (R7).
pub struct Posted(pub Fields);

impl FromRequest for Posted {
    type Error = Fault;
    type Future = LocalBoxFuture<'static, Result<Self, Fault>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let form = web::Form::<Vec<(String, String)>>::from_request(request, payload);
        let visit = Visit::of(request);
        Box::pin(async move {
            let fields = Fields::new(form.await.map_err(|_| Fault::Unreadable)?.into_inner());
            let token = visit?.token;
            let same: bool = fields.text("token").as_bytes().ct_eq(token.as_bytes()).into();
            if same { Ok(Self(fields)) } else { Err(Fault::Stale) }
        })
    }
}
