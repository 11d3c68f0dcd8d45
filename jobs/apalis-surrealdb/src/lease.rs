//! A claim in the hands of its handler: what happens in the database happens exactly once.

use std::{
    future::{Ready, ready},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use apalis_core::task::{Task, from_request::FromRequest};
use surrealdb::types::SurrealValue;
use tokio::sync::watch;

use crate::Error;

/// The claim under which a job runs. A handler that names it among its arguments can end the job in the very
/// transaction of its effects: a worker that lost its lease meanwhile can't commit, so that no effect happens
/// twice and none without the job's end.
///
/// ```no_run
/// # use std::sync::Arc;
/// # use apalis_surrealdb::Lease;
/// # use apalis_core::{error::BoxDynError, task::data::Data};
/// # use surrealdb::{Surreal, engine::any::Any};
/// async fn book(entry: String, lease: Lease, db: Data<Arc<Surreal<Any>>>) -> Result<(), BoxDynError> {
///     db.query("{ CREATE entry SET text = $entry; fn::apalis_complete($claim); }")
///         .bind(("entry", entry))
///         .bind(("claim", lease.claim()))
///         .await?
///         .check()?;
///     Ok(())
/// }
/// ```
///
/// Effects outside the database (an e-mail) happen at least once, as ever.
#[derive(Clone, Debug)]
pub struct Lease {
    pub(crate) id: String,
    pub(crate) epoch: i64,
    pub(crate) attempt: i64,
    pub(crate) lost: watch::Receiver<bool>,
    pub(crate) lent: Arc<AtomicBool>,
}

/// What `fn::apalis_complete` takes.
#[derive(Clone, Debug, SurrealValue)]
pub struct Claim {
    id: String,
    epoch: i64,
    attempt: i64,
}

impl Lease {
    /// The claim, for `fn::apalis_complete` in a transaction of the handler's own.
    pub fn claim(&self) -> Claim {
        self.lent.store(true, Ordering::Relaxed);
        Claim { id: self.id.clone(), epoch: self.epoch, attempt: self.attempt }
    }

    /// Whether the lease was lost to another worker.
    pub fn is_lost(&self) -> bool {
        *self.lost.borrow()
    }

    /// Whether the handler may have ended the job by itself.
    pub(crate) fn was_lent(&self) -> bool {
        self.lent.load(Ordering::Relaxed)
    }
}

impl<Args: Sync> FromRequest<Task<Args>> for Lease {
    type Error = Error;

    fn from_request(task: &Task<Args>) -> impl Future<Output = Result<Self, Error>> + Send {
        let found: Ready<Result<Self, Error>> = ready(task.ctx().data().get::<Self>().cloned().ok_or(Error::NoLease));
        found
    }
}
