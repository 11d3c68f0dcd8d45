//! The routes of what waits for a second employee to publish it.

use actix_web::{HttpResponse, web};

use super::{
    Document, follow, load, pages, preview_pages, queries,
    waiting::{self, Waiting},
    waiting_pages::{self, Seen},
};
use crate::{
    db::DbError,
    form::Faults,
    http::{Done, Fault, Portal, Posted, page, see_other, unprocessable},
    page::{Frame, Page},
    session::{
        Staff, StepUp,
        staff::{By, Employee, Supervisor},
    },
};

/// What is wrong with a version that waits when another one was published since it was written.
const OUTRUN: &str = "Another version was published since it was written. Whoever wrote it has to look at it again.";

/// What is said when something came between.
const CHANGED: &str = "It was changed since you looked at it, or something else was published. Please look once more.";

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
    Ok(page(&frame, &shown(&portal, &frame, (&document, &waiting), None, staff.by())))
}

async fn find(portal: &Portal, key: &str) -> Result<(Document, Waiting), Fault> {
    let document = Document::of_key(key, &portal.agency()).ok_or(Fault::NotFound)?;
    let waiting = waiting::find(&portal.db, &document).await?.ok_or(Fault::NotFound)?;
    Ok((document, waiting))
}

fn shown(
    portal: &Portal,
    frame: &Frame,
    (document, waiting): (&Document, &Waiting),
    word: Option<&str>,
    by: By<'_>,
) -> Page {
    let published = portal.publication.now();
    let put = if waiting.base == published.version(&document.key()) {
        document.put(&waiting.items, &published.agency)
    } else {
        Err(Faults::one("document", OUTRUN))
    };
    let shown = put.map(|agency| preview_pages::show(&portal.public_url, document, &agency));
    waiting_pages::one(frame, document, waiting, &Seen { shown: shown.as_ref(), word }, by)
}

/// What waits now, with word that it is not what was looked at; on to the document, if nothing waits any more.
async fn look_again(portal: &Portal, frame: &Frame, key: &str, by: By<'_>) -> Result<HttpResponse, Fault> {
    follow(portal).await?;
    match find(portal, key).await {
        Ok((document, waiting)) => {
            Ok(unprocessable(frame, &shown(portal, frame, (&document, &waiting), Some(CHANGED), by)))
        }
        Err(Fault::NotFound) => Ok(see_other(&format!("{}/{key}", pages::LIST))),
        Err(fault) => Err(fault),
    }
}

/// Publishes what a colleague wrote.
///
/// # Errors
/// [`Fault::NotFound`] for what one wrote oneself.
pub async fn publish(
    staff: Staff<Supervisor>,
    _: StepUp,
    portal: Portal,
    frame: Frame,
    key: web::Path<String>,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    follow(&portal).await?;
    let Ok((document, waiting)) = find(&portal, &key).await else {
        return look_again(&portal, &frame, &key, staff.by()).await;
    };
    if waiting.author == staff.id() {
        return Err(Fault::NotFound);
    }
    let published = portal.publication.now();
    let is_what_was_seen = waiting.mark == posted.text("mark") && waiting.refused_by.is_none();
    if !is_what_was_seen || document.put(&waiting.items, &published.agency).is_err() {
        return look_again(&portal, &frame, &key, staff.by()).await;
    }
    let new = queries::New {
        base: waiting.base,
        items: &waiting.items,
        note: &waiting.note,
        is_correction: waiting.is_correction,
        head: published.head,
        author: Some(&waiting.author_name),
    };
    let taken = waiting::take(&document, &waiting.mark, true);
    match queries::publish(&portal.db, &document, new, taken, staff.by(), portal.now()).await {
        Ok(()) => {
            load(&portal).await?;
            Ok(Done::Published.then(&pages::path(&document)))
        }
        Err(fault)
            if [queries::CHANGED, queries::MOVED, waiting::GONE].into_iter().any(|why| fault.is_refusal(why)) =>
        {
            look_again(&portal, &frame, &key, staff.by()).await
        }
        Err(fault) => Err(fault.into()),
    }
}

/// Does not publish what a colleague wrote: its author takes it up again.
///
/// # Errors
/// [`Fault::NotFound`] for what one wrote oneself.
pub async fn refuse(
    staff: Staff<Supervisor>,
    portal: Portal,
    frame: Frame,
    key: web::Path<String>,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let (document, waiting) = find(&portal, &key).await?;
    if waiting.author == staff.id() {
        return Err(Fault::NotFound);
    }
    let seen = (posted.text("mark"), waiting.author_name.as_str());
    let refused = waiting::refuse(&portal.db, &document, seen, staff.by(), portal.now()).await;
    done(&portal, &frame, (&key, staff.by()), (refused, Done::Refused)).await
}

/// Withdraws one's own, or what was not published.
///
/// # Errors
/// [`Fault::NotFound`] for a colleague's that may be published.
pub async fn withdraw(
    staff: Staff<Supervisor>,
    portal: Portal,
    frame: Frame,
    key: web::Path<String>,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let (document, waiting) = find(&portal, &key).await?;
    if waiting.author != staff.id() && waiting.refused_by.is_none() {
        return Err(Fault::NotFound);
    }
    let seen = (posted.text("mark"), waiting.author_name.as_str());
    let withdrawn = waiting::withdraw(&portal.db, &document, seen, staff.by(), portal.now()).await;
    done(&portal, &frame, (&key, staff.by()), (withdrawn, Done::Withdrawn)).await
}

async fn done(
    portal: &Portal,
    frame: &Frame,
    (key, by): (&str, By<'_>),
    (what, word): (Result<(), DbError>, Done),
) -> Result<HttpResponse, Fault> {
    match what {
        Ok(()) => Ok(word.then(&format!("{}/{key}", pages::LIST))),
        Err(fault) if fault.is_refusal(waiting::GONE) => look_again(portal, frame, key, by).await,
        Err(fault) => Err(fault.into()),
    }
}
