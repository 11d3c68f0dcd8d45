//! The queue's statements: jobs are enqueued in the transaction of what causes them, and looked at by those who watch.

use apalis_surrealdb::KeyRow;
pub use apalis_surrealdb::Waiting;
use chrono::TimeDelta;
use springboard_jobs::{Job, QUEUES};

use super::{
    Db, DbError, statement,
    value::{Bytes, Value},
};
use crate::words::Moment;

statement! {
    /// Enqueues jobs.
    pub(super) Enqueue { rows: Vec<Value>, keys: Vec<KeyRow> };
    writes apalis_entry, apalis_key, apalis_task;
    const apalis_surrealdb::ENQUEUE
}

statement! {
    /// Wakes the workers of other processes when the transaction is committed.
    pub(super) Ring { queues: Vec<String> };
    writes apalis_bell;
    const apalis_surrealdb::RING
}

statement! {
    WaitingTasks { queues: Vec<String> } -> Vec<Waiting>;
    reads apalis_entry, apalis_lease, apalis_task;
    const apalis_surrealdb::WAITING
}

statement! {
    Killed { queue: &'static str, since: Moment } -> Vec<Bytes>;
    reads apalis_killed, apalis_task;
    const apalis_surrealdb::KILLED
}

/// What waits in each queue.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting(db: &Db) -> Result<Vec<(&'static str, Waiting)>, DbError> {
    let counts = db.ask(WaitingTasks { queues: QUEUES.iter().map(ToString::to_string).collect() }).await?;
    Ok(QUEUES.into_iter().zip(counts).collect())
}

/// A queue's jobs that the queue itself ended during the last day, because their worker died each time: nobody else sees to
/// what they were about.
///
/// # Errors
/// When the database does not answer.
pub async fn given_up<J: Job>(db: &Db, now: Moment) -> Result<Vec<J>, DbError> {
    let given_up = db.ask(Killed { queue: J::QUEUE, since: now - TimeDelta::days(1) }).await?;
    // What can't be read was ended for that.
    Ok(given_up.into_iter().filter_map(|args| serde_json::from_slice(&args.to_vec()).ok()).collect())
}
