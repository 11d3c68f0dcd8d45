//! What became of jobs, for the slices whose records hang on them.

use super::{Db, DbError, statement};
use crate::words::Moment;

statement! {
    GivenUp { queue: String, now: Moment } -> Vec<String>;
    reads apalis_task;
    "SELECT VALUE idempotency_key FROM apalis_task WITH INDEX apalis_task_timer
        WHERE stage = 'finished' AND due > $now - 1d AND queue = $queue AND status = 'Killed'"
}

/// The keys of a queue's jobs that the queue itself ended during the last day, because their worker died each time: nobody
/// else sees to what they were about.
///
/// # Errors
/// When the database does not answer.
pub async fn given_up(db: &Db, queue: &str, now: Moment) -> Result<Vec<String>, DbError> {
    db.ask(GivenUp { queue: queue.to_owned(), now }).await
}
