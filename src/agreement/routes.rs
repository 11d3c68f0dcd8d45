//! The routes of agreeing to terms that changed.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::{pages, rows};
use crate::{
    form::{Faults, Fields},
    http::{Fault, Portal, Posted, answer::safe_back, page, see_other, unprocessable},
    page::{Frame, fields::Filled},
    session::{Desk, Person},
};

/// Where a person was going.
#[derive(Deserialize)]
pub struct Coming {
    #[serde(default)]
    back: String,
}

/// Shows the terms that a person has not agreed to.
///
/// # Errors
/// When the database does not answer.
pub async fn ask(
    person: Person,
    portal: Portal,
    frame: Frame,
    desk: web::Data<Desk>,
    coming: web::Query<Coming>,
) -> Result<HttpResponse, Fault> {
    let asked = rows::asked(&portal.store, person.logon(), &frame.agency).await?;
    if asked.is_nothing() {
        // Agreed to in another tab, perhaps at another process.
        desk.changed(person.logon());
        return Ok(see_other(safe_back(&coming.back)));
    }
    let (fields, faults) = <(Fields, Faults)>::default();
    Ok(page(&frame, &pages::ask(&frame, &asked, &coming.back, Filled { fields: &fields, faults: &faults })))
}

/// Takes the agreement, to the terms that were shown.
///
/// # Errors
/// When the database does not answer.
pub async fn agree(
    person: Person,
    portal: Portal,
    frame: Frame,
    desk: web::Data<Desk>,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let (agency, back) = (&frame.agency, posted.text("back"));
    let asked = rows::asked(&portal.store, person.logon(), agency).await?;
    let mut faults = Faults::default();
    if posted.text("versions") != pages::versions(&agency.terms, &agency.access_terms) {
        faults.add("main", "The terms changed while you read them. Please read them once more.");
    }
    if asked.terms && !posted.has("terms") {
        faults.add("terms", "Agree to the terms & conditions to continue.");
    }
    if !asked.accounts.is_empty() && !posted.has("access") {
        faults.add("access", "Agree to the Access Terms & Conditions to continue.");
    }
    if !faults.is_empty() {
        let form = Filled { fields: &posted, faults: &faults };
        return Ok(unprocessable(&frame, &pages::ask(&frame, &asked, back, form)));
    }
    rows::agree(&portal.store, person.logon(), agency, portal.now()).await?;
    desk.changed(person.logon());
    Ok(see_other(safe_back(back)))
}
