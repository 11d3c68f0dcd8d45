//! The routes of releasing, pausing, going on and stopping.

use actix_web::{HttpResponse, web};

use super::{Act, Releasable};
use crate::{
    http::{Done, Fault, Portal, Posted, see_other},
    session::{
        Staff, StepUp,
        staff::{By, Clerk, Supervisor},
    },
};

/// Releases another employee's.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there, and for one's own.
pub async fn release<R: Releasable>(
    staff: Staff<Supervisor>,
    _: StepUp,
    portal: Portal,
    id: web::Path<String>,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    let it = find::<R>(&portal, &id).await?;
    if it.standing().author == staff.id() {
        return Err(Fault::NotFound);
    }
    acted(&portal, &it, Act::Release, staff.by()).await
}

/// Pauses it, goes on, or stops it for good.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there.
pub async fn act<R: Releasable>(
    staff: Staff<Clerk>,
    portal: Portal,
    path: web::Path<(String, String)>,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    let act = Act::of_word(&path.1).ok_or(Fault::NotFound)?;
    let it = find::<R>(&portal, &path.0).await?;
    acted(&portal, &it, act, staff.by()).await
}

async fn find<R: Releasable>(portal: &Portal, id: &str) -> Result<R, Fault> {
    R::find(&portal.db, id).await?.ok_or(Fault::NotFound)
}

/// Somebody else may have been quicker: the page shows where it stands now.
async fn acted<R: Releasable>(portal: &Portal, it: &R, act: Act, by: By<'_>) -> Result<HttpResponse, Fault> {
    if act.is_possible(&it.standing(), by) {
        super::act(&portal.db, it, act, by, portal.now()).await?;
        if find::<R>(portal, it.standing().id).await?.standing().state != it.standing().state {
            return Ok(done(act).then(&it.path()));
        }
    }
    Ok(see_other(&it.path()))
}

fn done(act: Act) -> Done {
    match act {
        Act::Release => Done::Released,
        Act::Resume => Done::Resumed,
        Act::Pause => Done::Paused,
        Act::Cancel => Done::Cancelled,
    }
}
