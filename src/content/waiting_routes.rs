//! The routes of what waits for a second employee to publish it.

use actix_web::{HttpResponse, web};

use super::{
    Document, follow, load, pages, preview_pages, rows,
    waiting::{self, Waiting},
    waiting_pages,
};
use crate::{
    form::Faults,
    http::{Fault, Portal, Posted, Published, page, see_other, unprocessable},
    page::Frame,
    session::{
        ALL_STAFF, Desk, Staff,
        staff::{By, Employee, Supervisor},
    },
};

/// What is wrong with a version that waits when another one was published since it was written.
const OUTRUN: &str = "Another version was published since it was written. Whoever wrote it has to look at it again.";

/// What waits of a document.
///
/// # Errors
/// [`Fault::NotFound`] when nothing does.
pub async fn open(
    staff: Staff<Employee>,
    portal: Portal,
    frame: Frame,
    key: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let (document, waiting) = find(&portal, &key).await?;
    let published = portal.publication.now();
    Ok(page(&frame, &shown(&portal, &frame, &document, &waiting, &published, staff.by())))
}

async fn find(portal: &Portal, key: &str) -> Result<(Document, Waiting), Fault> {
    let document = Document::of_key(key, &portal.agency()).ok_or(Fault::NotFound)?;
    let waiting = waiting::find(&portal.store, &document).await?.ok_or(Fault::NotFound)?;
    Ok((document, waiting))
}

fn shown(
    portal: &Portal,
    frame: &Frame,
    document: &Document,
    waiting: &Waiting,
    published: &Published,
    by: By<'_>,
) -> crate::page::Page {
    let put = if waiting.base == published.version(&document.key()) {
        document.put(&waiting.items, &published.agency)
    } else {
        Err(Faults::one("document", OUTRUN))
    };
    let seen = put.map(|agency| preview_pages::show(portal, document, &agency));
    waiting_pages::one(frame, document, waiting, seen.as_ref(), by)
}

/// Publishes what a colleague wrote.
///
/// # Errors
/// [`Fault::NotFound`] when nothing waits, and for what one wrote oneself.
pub async fn publish(
    staff: Staff<Supervisor>,
    portal: Portal,
    frame: Frame,
    desk: web::Data<Desk>,
    key: web::Path<String>,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    follow(&portal).await?;
    let (document, waiting) = find(&portal, &key).await?;
    if waiting.author == staff.id() {
        return Err(Fault::NotFound);
    }
    let published = portal.publication.now();
    let again = || Ok(unprocessable(&frame, &shown(&portal, &frame, &document, &waiting, &published, staff.by())));
    let is_what_was_seen = waiting.draft == posted.text("draft");
    if !is_what_was_seen || document.put(&waiting.items, &published.agency).is_err() {
        return again();
    }
    let author = Some(waiting.author_name.as_str());
    let new = rows::New {
        base: waiting.base,
        items: &waiting.items,
        note: &waiting.note,
        is_correction: waiting.is_correction,
        head: published.head,
        author,
    };
    let taken = waiting::take(&document, &waiting.draft);
    match rows::publish(&portal.store, &document, new, taken, staff.by(), portal.now()).await {
        Ok(()) => {
            load(&portal).await?;
            desk.changed(ALL_STAFF);
            Ok(see_other(&format!("{}?published=true", pages::path(&document))))
        }
        Err(fault) if [rows::CHANGED, rows::MOVED, waiting::GONE].iter().any(|why| fault.is_refusal(why)) => again(),
        Err(fault) => Err(fault.into()),
    }
}

/// Takes back what one wrote, or does not publish what a colleague wrote.
///
/// # Errors
/// [`Fault::NotFound`] when nothing waits.
pub async fn end(
    staff: Staff<Supervisor>,
    portal: Portal,
    desk: web::Data<Desk>,
    key: web::Path<String>,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let (document, waiting) = find(&portal, &key).await?;
    if waiting.draft == posted.text("draft") {
        match waiting::end(&portal.store, &document, &waiting, staff.by(), portal.now()).await {
            Err(fault) if !fault.is_refusal(waiting::GONE) => return Err(fault.into()),
            _ => desk.changed(ALL_STAFF),
        }
    }
    Ok(see_other(&pages::path(&document)))
}
