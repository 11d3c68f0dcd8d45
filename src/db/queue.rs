//! What became of jobs, for the slices whose records hang on them.

use springboard_jobs::Job;

use super::{Db, DbError, statement, value::Bytes};
use crate::words::Moment;

statement! {
    GivenUp { queue: &'static str, now: Moment } -> Vec<Bytes>;
    reads apalis_task;
    "SELECT VALUE args FROM apalis_task WITH INDEX apalis_task_timer
        WHERE stage = 'finished' AND due > $now - 1d AND queue = $queue AND status = 'Killed'"
}

/// A queue's jobs that the queue itself ended during the last day, because their worker died each time: nobody else sees to
/// what they were about.
///
/// # Errors
/// When the database does not answer.
pub async fn given_up<J: Job>(db: &Db, now: Moment) -> Result<Vec<J>, DbError> {
    let given_up = db.ask(GivenUp { queue: J::QUEUE, now }).await?;
    // What can't be read was ended for that.
    Ok(given_up.into_iter().filter_map(|args| serde_json::from_slice(&args.to_vec()).ok()).collect())
}
