//! The routes of saved filters.

use actix_web::{HttpResponse, web};

use super::{
    audience::{self, Audience},
    audience_pages as pages,
};
use crate::{
    form::{Faults, Fields, line},
    http::{Done, Fault, Portal, Posted, page, unprocessable},
    page::{Frame, fields::Filled},
    session::{
        Staff,
        staff::{By, Clerk, Employee},
    },
    words::{Agency, Moment, text::identifier},
};

const LIST: &str = "/staff/audiences";

/// All filters, and the form of a new one.
///
/// # Errors
/// When the database does not answer.
pub async fn list(staff: Staff<Employee>, portal: Portal, frame: Frame) -> Result<HttpResponse, Fault> {
    let (fields, faults) = <(Fields, Faults)>::default();
    let all = audience::all(&portal.db).await?;
    Ok(page(&frame, &pages::list(&frame, &all, staff.by(), Filled { fields: &fields, faults: &faults })))
}

/// Saves a filter.
///
/// # Errors
/// When the database does not answer.
pub async fn create(
    staff: Staff<Clerk>,
    portal: Portal,
    frame: Frame,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let saved = match parse(&posted, &portal.agency(), staff.by(), portal.now()) {
        Err(faults) => Err(faults),
        Ok(audience) => match audience::save(&portal.db, &audience, staff.by(), portal.now()).await {
            Ok(()) => Ok(()),
            Err(fault) if fault.is_refusal(audience::TAKEN) => {
                Err(Faults::one("name", "Another filter has this name."))
            }
            Err(fault) => return Err(fault.into()),
        },
    };
    match saved {
        Ok(()) => Ok(Done::Saved.then(LIST)),
        Err(faults) => {
            let all = audience::all(&portal.db).await?;
            let form = Filled { fields: &posted, faults: &faults };
            Ok(unprocessable(&frame, &pages::list(&frame, &all, staff.by(), form)))
        }
    }
}

fn parse(posted: &Fields, agency: &Agency, by: By<'_>, now: Moment) -> Result<Audience, Faults> {
    let mut faults = Faults::default();
    let name = faults.take("name", line(posted.text("name"), "a name", 80));
    let kind = faults.take("kind", agency.account_type(posted.text("kind")).ok_or("Select an account type."));
    let zip = identifier(posted.text("zip"));
    let is_zip = zip.len() <= 5 && zip.bytes().all(|digit| digit.is_ascii_digit());
    let zip = faults.take("zip", if is_zip { Ok(zip) } else { Err("Enter the first digits of a ZIP code.") });
    let ((name, kind), zip) = faults.or(name.zip(kind).zip(zip))?;
    let either = |field: &str| match posted.text(field) {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    Ok(Audience {
        id: ulid::Ulid::generate().to_string(),
        name,
        kind: kind.key.clone(),
        zip,
        owes: either("owes"),
        has_access: either("has-access"),
        by_name: by.name.to_owned(),
        changed: now,
    })
}

/// Asks before a filter is deleted.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there.
pub async fn ask_to_delete(
    _: Staff<Clerk>,
    portal: Portal,
    frame: Frame,
    id: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let found = audience::find(&portal.db, &id).await?.ok_or(Fault::NotFound)?;
    Ok(page(&frame, &pages::delete(&frame, &found)))
}

/// Deletes a filter.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there.
pub async fn delete(
    staff: Staff<Clerk>,
    portal: Portal,
    id: web::Path<String>,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    let found = audience::find(&portal.db, &id).await?.ok_or(Fault::NotFound)?;
    audience::delete(&portal.db, &found, staff.by(), portal.now()).await?;
    Ok(Done::Deleted.then(LIST))
}
