//! Refusing another staff member's request, and withdrawing one's own. Approving is where the action is.

use actix_web::{HttpResponse, web};

use super::{ALREADY_DECIDED, ActionRequest, RestrictedAction, find};
use crate::{
    db::DbError,
    http::{Done, Fault, Portal, Posted},
    session::{
        Staff,
        staff::{By, Clerk},
    },
};

/// Where requests are listed.
pub const LIST: &str = "/staff/approvals";

/// A request of another staff member, which this one may decide.
///
/// # Errors
/// [`Fault::NotFound`] for one's own and for what is not there; [`Fault::Role`] for another role's.
pub async fn of_another(
    portal: &Portal,
    id: &str,
    actions: &[RestrictedAction],
    by: By<'_>,
) -> Result<ActionRequest, Fault> {
    let request = find(&portal.db, id).await?.filter(|request| request.asked_by != by.id);
    let request = request.filter(|request| actions.contains(&request.action)).ok_or(Fault::NotFound)?;
    if request.may_be_decided_by(by) { Ok(request) } else { Err(Fault::Role) }
}

/// On to the list, with word of what was done; somebody may have been quicker.
///
/// # Errors
/// When the database does not answer.
pub fn decided(done: Done, written: Result<(), DbError>) -> Result<HttpResponse, Fault> {
    match written {
        Ok(()) => Ok(done.then(LIST)),
        Err(fault) if fault.is_refusal(ALREADY_DECIDED) => Ok(Done::DecidedBefore.then(LIST)),
        Err(fault) => Err(fault.into()),
    }
}

/// Refuses a request.
///
/// # Errors
/// As [`of_another`].
pub async fn refuse(
    staff: Staff<Clerk>,
    portal: Portal,
    id: web::Path<String>,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    let request = of_another(&portal, &id, &RestrictedAction::ALL, staff.by()).await?;
    decided(Done::RequestRefused, super::refuse(&portal.db, &request, staff.by(), portal.now()).await)
}

/// Takes one's own request back.
///
/// # Errors
/// [`Fault::NotFound`] for another's.
pub async fn withdraw(
    staff: Staff<Clerk>,
    portal: Portal,
    id: web::Path<String>,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    let request = find(&portal.db, &id).await?.filter(|request| request.asked_by == staff.id());
    let request = request.ok_or(Fault::NotFound)?;
    decided(Done::RequestWithdrawn, super::withdraw(&portal.db, &request, staff.by(), portal.now()).await)
}
