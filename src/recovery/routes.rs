//! The forgotten user ID (R50): the same answer whether or not the address is known.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Duration;
use serde::Deserialize;
use springboard_jobs::{Job, Notice, NoticeKind};

use super::pages;
use crate::{
    db::{Transaction, rate_limit::Limit},
    form::{Faults, Fields},
    http::{Fault, Portal, Posted, page, see_other, unprocessable},
    logon::queries,
    page::{Frame, fields::Filled},
    session::Visitor,
    words::EmailAddress,
};

/// Requests from one address, and for one e-mail address.
const PER_ADDRESS: Limit = Limit { what: "user ID address", most: 20, within: Duration::hours(1) };
const PER_EMAIL: Limit = Limit { what: "user ID e-mail", most: 3, within: Duration::hours(1) };

/// Whether it was just asked for.
#[derive(Deserialize)]
pub struct After {
    sent: Option<String>,
}

/// The form, or word that it is done.
pub async fn user_id(_: Visitor, frame: Frame, after: web::Query<After>) -> HttpResponse {
    let (fields, faults) = <(Fields, Faults)>::default();
    page(&frame, &pages::user_id(&frame, after.sent.is_some(), Filled { fields: &fields, faults: &faults }))
}

/// Mails the user IDs of an address to it.
///
/// # Errors
/// When the database does not answer, or it was asked too often.
pub async fn send_user_id(
    _: Visitor,
    portal: Portal,
    frame: Frame,
    request: HttpRequest,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let email = match EmailAddress::parse(posted.text("email")) {
        Ok(email) => email,
        Err(fault) => {
            let faults = Faults::one("email", fault);
            return Ok(unprocessable(
                &frame,
                &pages::user_id(&frame, false, Filled { fields: &posted, faults: &faults }),
            ));
        }
    };
    let now = portal.now();
    let address = portal.keys.hash("address", portal.address(&request).as_bytes());
    if !PER_ADDRESS.allows(&portal.db, &address, now).await? {
        return Err(Fault::TooMany);
    }
    let asked = portal.keys.hash("user ID e-mail", email.folded().as_bytes());
    if PER_EMAIL.allows(&portal.db, &asked, now).await? {
        // Without a logon the job finds nothing to send: both take as long.
        let first = queries::first_of(&portal.db, &email).await?;
        let notice = Notice {
            kind: NoticeKind::UserIds,
            about: first.unwrap_or_default(),
            to: String::new(),
            event: now.timestamp_millis().to_string(),
        };
        Transaction::enqueue(notice.task()).run(&portal.db).await?;
    }
    Ok(see_other("/recover/user-id?sent=yes"))
}
