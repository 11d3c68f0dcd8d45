//! Is a letter genuine? A public page says so to whoever has its short code: that it was sent, and when, and nothing else.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Duration;

use super::confirm_pages as pages;
use crate::{
    db::rate_limit::Limit,
    form::{Faults, Fields},
    http::{Fault, Portal, Posted, page, see_other, unprocessable},
    letter::room,
    page::{Frame, fields::Filled},
    session::Visitor,
    words::LetterCode,
};

/// Look-ups from one address: nobody tries them all.
const LOOK_UPS: Limit = Limit { what: "letter look-up", most: 60, within: Duration::hours(1) };

/// The form.
pub async fn ask(_: Visitor, frame: Frame) -> HttpResponse {
    let (fields, faults) = <(Fields, Faults)>::default();
    page(&frame, &pages::ask(&frame, Filled { fields: &fields, faults: &faults }))
}

/// What was typed leads to its answer.
pub async fn look(_: Visitor, frame: Frame, Posted(posted): Posted) -> HttpResponse {
    match LetterCode::parse(posted.text("code")) {
        Ok(code) => see_other(&format!("/letter/{}", code.as_str())),
        Err(sentence) => {
            let faults = Faults::one("code", sentence);
            unprocessable(&frame, &pages::ask(&frame, Filled { fields: &posted, faults: &faults }))
        }
    }
}

/// The answer, which a letter's QR code leads to.
///
/// # Errors
/// [`Fault::TooMany`] after too many.
pub async fn answer(
    portal: Portal,
    frame: Frame,
    request: HttpRequest,
    code: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let address = portal.keys.hash("address", portal.address(&request).as_bytes());
    if !LOOK_UPS.allows(&portal.db, &address, portal.now()).await? {
        return Err(Fault::TooMany);
    }
    let letter = match LetterCode::parse(&code) {
        Ok(code) => room::find(&portal.db, &code).await?,
        Err(_) => None,
    };
    let sent = letter.map(|letter| letter.mailed.unwrap_or(letter.spooled));
    Ok(page(&frame, &pages::answer(&frame, sent)))
}
