//! The routes of templates.

use actix_web::{HttpResponse, web};

use super::{Template, name, pages, queries};
use crate::{
    form::{Faults, Fields, line, required},
    http::{Done, Fault, Portal, Posted, page, see_other, unprocessable},
    mailbox::thread::LONGEST_SUBJECT,
    page::{Frame, fields::Filled},
    session::{
        Staff,
        staff::{By, Clerk, Employee},
    },
};

const LIST: &str = "/staff/templates";
/// The longest text, in letters.
const LONGEST: usize = 20_000;

/// All templates.
///
/// # Errors
/// When the database does not answer.
pub async fn list(staff: Staff<Employee>, portal: Portal, frame: Frame) -> Result<HttpResponse, Fault> {
    Ok(page(&frame, &pages::list(&frame, &queries::all(&portal.db).await?, staff.by())))
}

/// The form of a new one.
pub async fn compose(_: Staff<Clerk>, frame: Frame) -> HttpResponse {
    let (fields, faults) = <(Fields, Faults)>::default();
    page(&frame, &pages::compose(&frame, None, Filled { fields: &fields, faults: &faults }))
}

/// Writes a new one.
///
/// # Errors
/// When the database does not answer.
pub async fn create(
    staff: Staff<Clerk>,
    portal: Portal,
    frame: Frame,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    write(&portal, &frame, None, &posted, staff.by()).await
}

async fn find(portal: &Portal, id: &str) -> Result<Template, Fault> {
    queries::find(&portal.db, id).await?.ok_or(Fault::NotFound)
}

/// One template, to change.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there.
pub async fn open(_: Staff<Clerk>, portal: Portal, frame: Frame, id: web::Path<String>) -> Result<HttpResponse, Fault> {
    let template = find(&portal, &id).await?;
    let fields = Fields::default()
        .with("name", template.name.clone())
        .with("subject", template.subject.clone())
        .with("body", template.body.clone());
    let faults = Faults::default();
    Ok(page(&frame, &pages::compose(&frame, Some(&template), Filled { fields: &fields, faults: &faults })))
}

/// Writes another text of one.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there.
pub async fn change(
    staff: Staff<Clerk>,
    portal: Portal,
    frame: Frame,
    id: web::Path<String>,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let template = find(&portal, &id).await?;
    write(&portal, &frame, Some(&template), &posted, staff.by()).await
}

async fn write(
    portal: &Portal,
    frame: &Frame,
    template: Option<&Template>,
    posted: &Fields,
    by: By<'_>,
) -> Result<HttpResponse, Fault> {
    let again =
        |faults: &Faults| Ok(unprocessable(frame, &pages::compose(frame, template, Filled { fields: posted, faults })));
    let mut faults = Faults::default();
    let name = faults.take("name", line(posted.text("name"), "a name", 80));
    let subject = faults.take("subject", line(posted.text("subject"), "a subject", LONGEST_SUBJECT));
    let body = faults.take("body", required(posted.text("body"), "a text", LONGEST));
    let parsed = match faults.or(name.zip(subject).zip(body)) {
        Ok(((name, subject), body)) => (name, subject, body),
        Err(faults) => return again(&faults),
    };
    let id = template.map_or_else(|| ulid::Ulid::generate().to_string(), |template| template.id.clone());
    match queries::write(&portal.db, &id, parsed, by, portal.now()).await {
        Ok(()) => Ok(Done::Saved.then(LIST)),
        Err(fault) if fault.is_refusal(queries::TAKEN) => {
            again(&Faults::one("name", "Another template has this name."))
        }
        Err(fault) => Err(fault.into()),
    }
}

/// Asks before one is deleted.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there.
pub async fn ask_to_delete(
    _: Staff<Clerk>,
    portal: Portal,
    frame: Frame,
    id: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    Ok(page(&frame, &pages::delete(&frame, &find(&portal, &id).await?)))
}

/// Deletes one.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there.
pub async fn delete(
    staff: Staff<Clerk>,
    portal: Portal,
    id: web::Path<String>,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    let template = find(&portal, &id).await?;
    queries::delete(&portal.db, &template, staff.by(), portal.now()).await?;
    Ok(Done::Deleted.then(LIST))
}

/// Asks for a template's fields; the filled message goes into the form that is named.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there.
pub async fn ask(
    _: Staff<Clerk>,
    portal: Portal,
    frame: Frame,
    id: web::Path<String>,
    query: web::Query<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    let template = find(&portal, &id).await?;
    let typed = Fields::new(query.into_inner());
    let target = pages::Target::of(typed.text("for"));
    if template.fields().is_empty() {
        return Ok(see_other(&format!("{}?template={}", target.path(), template.id)));
    }
    Ok(page(&frame, &pages::ask(&template, &target)))
}

/// A message made of the template that an address names, with its fields, as a form shows it; nothing if it names none.
///
/// # Errors
/// When the database does not answer.
pub async fn made_of(portal: &Portal, query: &Fields) -> Result<Option<Fields>, Fault> {
    let Some(template) = queries::find(&portal.db, query.text("template")).await? else { return Ok(None) };
    let cut = |text: &str| text.chars().take(500).collect::<String>();
    let typed = (0..template.fields().len())
        .fold(Fields::default(), |fields, index| fields.with(&name(index), cut(query.text(&name(index)))));
    let (subject, body) = template.filled(&typed);
    Ok(Some(Fields::default().with("subject", subject).with("body", body)))
}
