//! Finds the notices of which people are to be reminded at a moment, or whose time is over.

use springboard_jobs::{Job, Outcome, Reminder, Reminders, Try, Verdict};

use super::notices;
use crate::{
    db::{Db, DbError, Transaction, statement},
    delivery::Courier,
    http::Portal,
};

/// Notices of one job.
const AT_ONCE: i64 = 200;

statement! {
    Next { at: i64, kind: String, number: String, sequence: i64, days: i64, most: i64 } -> Vec<(i64, String, String, i64, i64)>;
    reads reminder_due;
    "SELECT VALUE record::id(id) FROM type::record('reminder_due', [$at, $kind, $number, $sequence, $days]..[$at, ..]) LIMIT $most"
}

async fn next(db: &Db, job: &Reminders) -> Result<Vec<(i64, String, String, i64, i64)>, DbError> {
    // A range begins with its first key: what is one further than the last one.
    let (kind, number, sequence, days) = job.after.clone().unwrap_or_default();
    db.ask(Next { at: job.at, kind, number, sequence, days: days + 1 - i64::from(job.after.is_none()), most: AT_ONCE })
        .await
}

/// Reminds of the next notices of a moment. Safe to run twice: nobody is reminded twice of one, on one day.
///
/// # Errors
/// Whether it may be tried again.
pub async fn find(portal: &Portal, courier: &Courier, job: Reminders, this: &Try) -> Outcome {
    let again = |fault: DbError| Verdict::Again(fault.to_string());
    let found = next(&portal.db, &job).await.map_err(again)?;
    let Some((_, kind, number, sequence, days)) = found.last().cloned() else { return Ok(()) };
    for (_, kind, number, sequence, days) in found {
        notices::remind(portal, courier, Reminder { kind, number, sequence, days, logon: None, due: None }, this)
            .await?;
    }
    let further = Reminders { after: Some((kind, number, sequence, days)), ..job };
    Transaction::enqueue(further.task()).run(&portal.db).await.map_err(again)
}
