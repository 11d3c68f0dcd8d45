//! The live checks beside the wizard's fields: the same rules as on the server's last word (R69, R79).

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use chrono::Duration;
use maud::html;

use crate::{
    db::rate_limit::Limit,
    http::{Caller, Fault, Portal, Posted, answer},
    logon::{password, queries},
    session::Visitor,
    words::UserId,
};

/// It must be told whether a user ID is free; so it is told to nobody very often (G14).
pub(super) const CHECKS: Limit = Limit { what: "user ID check", most: 120, within: Duration::hours(1) };

/// Which rules a password keeps.
///
/// # Errors
/// [`Fault::TooMany`] when they are looked at too often, [`Fault::Busy`] when too many are.
pub async fn guidelines(
    _: Visitor,
    portal: Portal,
    Caller(caller): Caller,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    if !portal.password_checks.allows(&caller) {
        return Err(Fault::TooMany);
    }
    let password = posted.text("password").to_owned();
    let context = password::Context::of(&portal, posted.text("user-id"));
    let looked = portal.pools.text.run(Some(&caller), move || password::guidelines(&password, &context));
    Ok(answer(StatusCode::OK, looked.await?))
}

/// Whether a user ID is free.
///
/// # Errors
/// When the database does not answer, or it was asked too often.
pub async fn user_id(
    _: Visitor,
    portal: Portal,
    request: HttpRequest,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let typed = posted.text("user-id");
    if typed.trim().is_empty() {
        return Ok(answer(StatusCode::OK, html! {}));
    }
    let user_id = match UserId::parse_new(typed) {
        Ok(user_id) => user_id,
        Err(fault) => return Ok(answer(StatusCode::OK, html! { (fault) })),
    };
    let address = portal.keys.hash("address", portal.address(&request).as_bytes());
    if !CHECKS.allows(&portal.db, &address, portal.now()).await? {
        return Err(Fault::TooMany);
    }
    let taken = queries::is_taken(&portal.db, &user_id).await?;
    Ok(answer(StatusCode::OK, html! { @if taken { "This user ID is taken." } @else { "✓ This user ID is free." } }))
}
