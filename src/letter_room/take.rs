//! Taking a batch's letters as PDF. They hold codes in plain: one staff member asks, another one lets them.

use actix_web::{HttpResponse, web};

use super::{
    Files, State,
    pages::{self, Taking},
    routes::{file, find},
};
use crate::{
    approval::{self, NewRequest, RestrictedAction, routes as requests},
    audit::{self, Deed},
    db::DbError,
    http::{Done, Fault, Portal, Posted},
    letter::room,
    mailbox::files::chunks,
    session::{
        Staff, StepUp,
        staff::{By, Clerk},
    },
    words::DraftId,
};

/// How long an approval lets its asker take a batch.
const APPROVED_FOR: chrono::Duration = chrono::Duration::hours(24);

/// How far this staff member is with taking a batch.
pub(super) async fn taking(portal: &Portal, name: &str, by: By<'_>) -> Result<Taking, DbError> {
    let now = portal.now();
    let asked = approval::open_for(&portal.db, RestrictedAction::TakeBatch, name, by.id).await?;
    Ok(if asked.iter().any(|request| request.is_approved_for(by, now - APPROVED_FOR)) {
        Taking::Approved
    } else if asked.iter().any(|request| request.asked_by == by.id && request.is_open(now)) {
        Taking::Asked
    } else {
        Taking::NotAsked
    })
}

/// A batch's letters as one PDF. They hold codes: who took them is kept.
///
/// # Errors
/// [`Fault::NotFound`] for a batch that is not there, not made, or has left.
pub async fn pdf(
    staff: Staff<Clerk>,
    _: StepUp,
    portal: Portal,
    name: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let batch = find(&portal, &name).await?;
    if !matches!(batch.state, State::Made | State::Printed) {
        return Err(Fault::NotFound);
    }
    // It takes two, because it holds codes in plain: one asks, and another one lets them.
    if taking(&portal, &name, staff.by()).await? != Taking::Approved {
        return Err(Fault::Role);
    }
    // A person's recovery takes two employees; neither of them gets its code.
    if room::bars(&portal.db, &name, staff.id()).await? {
        return Err(Fault::Role);
    }
    let open = tokio::fs::File::open(Files::of(&portal, &name).pdf()).await.map_err(|_| Fault::NotFound)?;
    audit::row(portal.now(), staff.id(), Deed::TookBatch, &name, &batch.hash).run(&portal.db).await?;
    Ok(file("application/pdf", &format!("letters-{name}.pdf")).streaming(Box::pin(chunks(open))))
}

/// Asks another staff member to let one take a batch's PDF.
///
/// # Errors
/// [`Fault::NotFound`] for a batch that is not there, not made, or has left.
pub async fn ask_for_pdf(
    staff: Staff<Clerk>,
    portal: Portal,
    name: web::Path<String>,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    let batch = find(&portal, &name).await?;
    if !matches!(batch.state, State::Made | State::Printed) {
        return Err(Fault::NotFound);
    }
    if taking(&portal, &name, staff.by()).await? == Taking::NotAsked {
        let summary = format!("{}, {} letters", batch.name, batch.letters);
        let action = RestrictedAction::TakeBatch;
        let id = DraftId::draw();
        let request = NewRequest { id, action, subject: &batch.name, payload: String::new(), summary, reason: "" };
        approval::ask(request, staff.by(), portal.now()).run(&portal.db).await?;
    }
    Ok(Done::RequestSent.then(&pages::path(&name)))
}

/// Lets another staff member take a batch's PDF, for a day.
///
/// # Errors
/// [`Fault::NotFound`] for one's own request.
pub async fn approve_pdf(
    staff: Staff<Clerk>,
    _: StepUp,
    portal: Portal,
    id: web::Path<String>,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    let request = requests::of_another(&portal, &id, &[RestrictedAction::TakeBatch], staff.by()).await?;
    let written = approval::approve(&request, staff.by(), portal.now()).run(&portal.db).await;
    requests::decided(Done::RequestApproved, written)
}
