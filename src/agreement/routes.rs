//! The routes of agreeing to terms that changed.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::{
    pages,
    queries::{self, Asked},
};
use crate::{
    content,
    form::{Faults, Fields, agreed},
    http::{Fault, Portal, Posted, Published, answer::safe_back, page, see_other, unprocessable},
    page::{Frame, fields::Filled},
    session::{Desk, Person},
    words::Moment,
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
    mut frame: Frame,
    desk: web::Data<Desk>,
    coming: web::Query<Coming>,
) -> Result<HttpResponse, Fault> {
    let (fields, faults) = <(Fields, Faults)>::default();
    let form = Filled { fields: &fields, faults: &faults };
    match asked(&person, &portal, &mut frame).await? {
        Some((asked, _)) => Ok(page(&frame, &pages::ask(&frame, &asked, &coming.back, form))),
        None => Ok(go_on(&person, &desk, &coming.back)),
    }
}

/// Takes the agreement, to the terms that were shown.
///
/// # Errors
/// When the database does not answer.
pub async fn agree(
    person: Person,
    portal: Portal,
    mut frame: Frame,
    desk: web::Data<Desk>,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let back = posted.text("back");
    let Some((asked, published)) = asked(&person, &portal, &mut frame).await? else {
        return Ok(go_on(&person, &desk, back));
    };
    let again = |faults: &Faults| {
        let form = Filled { fields: &posted, faults };
        Ok(unprocessable(&frame, &pages::ask(&frame, &asked, back, form)))
    };
    let mut faults = Faults::default();
    if asked.terms {
        let asking = "Agree to the terms & conditions to continue.";
        faults.take("terms", agreed(&posted, "terms", &frame.agency.terms.version, asking));
    }
    if !asked.accounts.is_empty() {
        let asking = "Agree to the Access Terms & Conditions to continue.";
        faults.take("access", agreed(&posted, "access", &frame.agency.access_terms.version, asking));
    }
    if !faults.is_empty() {
        return again(&faults);
    }
    // Only what was on the page; without a word of it, nothing.
    let until = posted.text("until").parse().unwrap_or(Moment::UNIX_EPOCH);
    match queries::agree(&portal.db, person.logon(), (&asked, until), &published, portal.now()).await {
        Ok(()) => Ok(go_on(&person, &desk, back)),
        Err(fault) if fault.is_refusal(queries::MOVED) => again(&Faults::one(
            "main",
            "Something was published while you read this. Please look once more and continue.",
        )),
        Err(fault) => Err(fault.into()),
    }
}

/// What a person is to agree to, by what is published everywhere: another process may have published it.
async fn asked(person: &Person, portal: &Portal, frame: &mut Frame) -> Result<Option<(Asked, Arc<Published>)>, Fault> {
    content::follow(portal).await?;
    let published = portal.publication.now();
    frame.agency = published.agency.clone();
    let asked = queries::asked(&portal.db, person.logon(), &published).await?;
    Ok((!asked.is_nothing()).then_some((asked, published)))
}

/// On to where the person was going, by the facts as they are now.
fn go_on(person: &Person, desk: &Desk, back: &str) -> HttpResponse {
    desk.changed(person.logon());
    see_other(safe_back(back))
}
