//! Requests for approval: another employee decides what one asked for.

use actix_web::{HttpResponse, http::StatusCode, web};

use super::{Approval, State, acts, approval_pages as pages, queries};
use crate::{
    approval::{self, ActionRequest},
    db::DbError,
    http::{Done, Fault, Portal, Posted, answer, page},
    page::Frame,
    session::{
        Staff, StepUp,
        staff::{Clerk, Employee, Supervisor},
    },
};

const LIST: &str = "/staff/approvals";

/// All requests: those about logons, and those of other slices.
pub(super) struct Requests {
    /// About logons: open, and decided lately.
    pub logons: (Vec<Approval>, Vec<Approval>),
    /// Of other slices: open, and decided lately.
    pub others: (Vec<ActionRequest>, Vec<ActionRequest>),
}

impl Requests {
    async fn read(portal: &Portal) -> Result<Self, DbError> {
        let db = &portal.db;
        let (logons, open, latest) =
            futures_util::try_join!(queries::approvals(db), approval::open(db, portal.now()), approval::latest(db))?;
        Ok(Self { logons, others: (open, latest) })
    }
}

/// The requests that nobody decided yet, and the latest ones that somebody did.
///
/// # Errors
/// When the database does not answer.
pub async fn list(staff: Staff<Employee>, portal: Portal, frame: Frame) -> Result<HttpResponse, Fault> {
    let requests = Requests::read(&portal).await?;
    Ok(page(&frame, &pages::list(&frame, &requests, staff.by())))
}

/// The same, for an open page that was told that something changed.
///
/// # Errors
/// When the database does not answer.
pub async fn part(staff: Staff<Employee>, portal: Portal, frame: Frame) -> Result<HttpResponse, Fault> {
    let requests = Requests::read(&portal).await?;
    Ok(answer(StatusCode::OK, pages::both(&frame, &requests, staff.by())))
}

/// Somebody else's request; one's own is not found.
async fn others(portal: &Portal, id: &str, staff: &Staff<Supervisor>) -> Result<Approval, Fault> {
    let approval = queries::approval(&portal.db, id).await?;
    approval.filter(|approval| approval.by != staff.id()).ok_or(Fault::NotFound)
}

/// Approves another employee's request: it is done at once.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there, and for one's own.
pub async fn approve(
    staff: Staff<Supervisor>,
    _: StepUp,
    portal: Portal,
    id: web::Path<String>,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    let approval = others(&portal, &id, &staff).await?;
    let done = match acts::approve(&portal, &approval, staff.by()).await {
        // What was asked for is over: it leaves the list, and says so there.
        Err(fault) if fault.is_refusal(queries::CHANGED) => {
            decided(acts::refuse(&portal, &approval, State::Overtaken, staff.by()).await)?;
            Done::Overtaken
        }
        approved => {
            decided(approved)?;
            Done::Approved
        }
    };
    Ok(done.then(LIST))
}

/// Refuses another employee's request.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there, and for one's own.
pub async fn refuse(
    staff: Staff<Supervisor>,
    portal: Portal,
    id: web::Path<String>,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    let approval = others(&portal, &id, &staff).await?;
    decided(acts::refuse(&portal, &approval, State::Refused, staff.by()).await)?;
    Ok(Done::NotApproved.then(LIST))
}

/// Takes one's own request back.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there, and for somebody else's.
pub async fn withdraw(
    staff: Staff<Clerk>,
    portal: Portal,
    id: web::Path<String>,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    let approval = queries::approval(&portal.db, &id).await?;
    let own = approval.filter(|approval| approval.by == staff.id()).ok_or(Fault::NotFound)?;
    decided(acts::refuse(&portal, &own, State::Withdrawn, staff.by()).await)?;
    Ok(Done::TakenBack.then(LIST))
}

/// Somebody else may have been quicker: the list shows how it stands now.
fn decided(done: Result<(), DbError>) -> Result<(), Fault> {
    match done {
        Err(fault) if fault.is_refusal(queries::DECIDED) => Ok(()),
        other => Ok(other?),
    }
}
