//! A posted form whose token was checked: there is no other way to its fields.

use std::time::Duration;

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use futures_util::future::LocalBoxFuture;
use subtle::ConstantTimeEq;

use super::{Fault, Portal, Visit, headers::is_from_own_page, resend_views};
use crate::form::Fields;

/// The longest form, in bytes: a message of staff with room to spare.
pub const LONGEST: usize = 256 * 1024;

/// What arrives before the deadline.
///
/// # Errors
/// [`Fault::Slow`] when it does not: a sender of a byte now and then holds a connection no longer than this.
pub(super) async fn within<T>(deadline: Option<Duration>, arriving: impl Future<Output = T>) -> Result<T, Fault> {
    match deadline {
        Some(deadline) => tokio::time::timeout(deadline, arriving).await.map_err(|_| Fault::Slow),
        None => Err(Fault::Broken("the portal is not part of the app".into())),
    }
}

/// The fields of a form that this browser was given (R7).
pub struct Posted(pub Fields);

impl FromRequest for Posted {
    type Error = Fault;
    type Future = LocalBoxFuture<'static, Result<Self, Fault>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let form = web::Form::<Vec<(String, String)>>::from_request(request, payload);
        let (visit, noting) = (Visit::of(request), request.clone());
        resend_views::expect(request);
        let deadline = request.app_data::<web::Data<Portal>>().map(|portal| portal.limits.form_deadline);
        Box::pin(async move {
            let form = within(deadline, form).await?.map_err(|_| Fault::Unreadable)?;
            let fields = Fields::new(form.into_inner());
            let token = visit?.token;
            let same: bool = fields.text("token").as_bytes().ct_eq(token.as_bytes()).into();
            if !same {
                return Err(other_token(&noting, &fields));
            }
            resend_views::note(&noting, &fields);
            Ok(Self(fields))
        })
    }
}

/// What a form with another token is: one that this portal's own page sent is shown to whoever sent it, to be sent again. Of
/// any other nothing is shown, and of one that can't be repeated there is nothing to show.
pub(super) fn other_token(request: &HttpRequest, fields: &Fields) -> Fault {
    if !is_from_own_page(request) || resend_views::whole(fields).is_none() {
        return Fault::Stale;
    }
    resend_views::note(request, fields);
    Fault::OtherSession
}
