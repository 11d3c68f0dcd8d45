//! What every request passes before anything is looked up for it: how many of one address may wait at a time, and
//! `HEAD`, which is answered as `GET` is (RFC 9110, 9.3.2).

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    Error, HttpResponse,
    body::{BodySize, EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, header},
    middleware::Next,
    web::{self, Bytes},
};

use super::Portal;

/// Middleware that lets a request in, or says at once that its address has too many open. Reading a form counts, so that
/// slow senders hold a few places and no more.
///
/// # Errors
/// None of its own.
pub async fn admit(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let portal = request.app_data::<web::Data<Portal>>().cloned();
    let Some(portal) = portal else { return Ok(next.call(request).await?.map_into_left_body()) };
    let Some(ticket) = portal.requests.admit(&portal.address(request.request())) else {
        let refusal = HttpResponse::ServiceUnavailable()
            .insert_header((header::RETRY_AFTER, "5"))
            .insert_header((header::CONNECTION, "close"))
            .content_type("text/plain; charset=utf-8")
            .body("Too many requests from your network are waiting. Try again in a few seconds.");
        return Ok(request.into_response(refusal).map_into_right_body());
    };
    let answered = next.call(request).await;
    drop(ticket);
    Ok(answered?.map_into_left_body())
}

/// Middleware that answers `HEAD` with the head of what `GET` answers.
///
/// # Errors
/// None of its own.
pub async fn head_as_get(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if *request.method() != Method::HEAD {
        return Ok(next.call(request).await?.map_body(|_, body| EitherBody::<_, Silent>::left(body)));
    }
    request.head_mut().method = Method::GET;
    Ok(next.call(request).await?.map_body(|_, body| EitherBody::right(Silent(body.size()))))
}

/// A body that says how long it would be, and nothing else.
struct Silent(BodySize);

impl MessageBody for Silent {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        self.0
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        Poll::Ready(None)
    }
}
