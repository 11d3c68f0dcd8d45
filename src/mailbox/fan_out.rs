//! Brings a message to the many who have access to its account, some hundreds at a time.

use springboard_jobs::{FanOut, Job, Outcome, Verdict};

use super::{
    post_rows::{MOVED, Reach},
    rows_of_post::{HolderRow, Placed, Rows, SPREAD_ABOVE},
};
use crate::{
    db::{Db, DbError, Query, Transaction, Whole, record_id, statement, unless_moved, value::SurrealValue},
    http::Portal,
    words::{AccountId, AccountNumber, Moment},
};

#[derive(SurrealValue)]
struct Found {
    thread: i64,
    at: Moment,
    logon: Option<String>,
    confirm_by: Option<Moment>,
    reached: Option<String>,
    changes: Option<i64>,
    sort_key: Option<i64>,
    holders: Vec<HolderRow>,
}

statement! {
    Next { kind: String, number: String, sequence: i64, after: String, most: i64 } -> Whole<Option<Found>>;
    reads mailbox, message, thread, access, thread_state;
    "LET $message = (SELECT thread, at, logon, confirm_by, reached FROM ONLY type::record('message', [$kind, $number, -$sequence]));
     IF $message = NONE { RETURN NONE };
     RETURN {
        changes: type::record('mailbox', [$kind, $number]).changes,
        thread: $message.thread, at: $message.at, logon: $message.logon, confirm_by: $message.confirm_by, reached: $message.reached,
        sort_key: type::record('thread', [$kind, $number, $message.thread]).sort_key,
        holders: (SELECT logon, pace, record::exists(type::record('thread_state', [logon, $kind, $number, $message.thread])) AS has_thread
            FROM type::record('access', [$kind, $number, $after]..[$kind, $number, ..]) WHERE logon != $after LIMIT $most)
     };"
}

// Who gains or loses access counts it in the mailbox's record: holders that were read before that are read again.
statement! {
    Meet { kind: String, number: String, changes: i64 };
    writes mailbox;
    refuses MOVED;
    "IF (UPDATE type::record('mailbox', [$kind, $number]) SET fan_outs = (fan_outs ?? 0) + 1
        WHERE (changes ?? 0) = $changes RETURN VALUE last) = [] { THROW $MOVED };"
}

/// Brings a message to the next holders. Safe to run twice: the message says how far it came.
///
/// # Errors
/// When the database does not answer.
pub async fn bring(portal: &Portal, job: FanOut) -> Outcome {
    let number = AccountNumber::parse(&job.number).map_err(|_| Verdict::Never("the job names no account".into()))?;
    let account = AccountId::new(job.kind.clone(), number);
    let brought = unless_moved(MOVED, || bring_once(&portal.db, &account, &job, portal.now())).await;
    brought.map_err(|fault| Verdict::Again(fault.to_string()))
}

async fn bring_once(db: &Db, account: &AccountId, job: &FanOut, now: Moment) -> Result<(), DbError> {
    let next = Next {
        kind: job.kind.clone(),
        number: job.number.clone(),
        sequence: job.sequence,
        after: job.after.clone(),
        most: i64::try_from(SPREAD_ABOVE).unwrap_or(i64::MAX),
    };
    let Some(found) = next.run(db).await?.0 else { return Ok(()) };
    let Some(last) = found.holders.last().map(|holder| holder.logon.clone()) else { return Ok(()) };
    if found.reached.unwrap_or_default() != job.after {
        return Ok(());
    }
    let mut rows = Rows::new(now);
    rows.named(job.key());
    let placed = Placed {
        account,
        sequence: job.sequence,
        thread: found.thread,
        at: found.at,
        sort_key: found.sort_key.unwrap_or_default(),
        author: found.logon.as_deref(),
        is_notice: found.confirm_by.is_some(),
    };
    rows.bring(&placed, &found.holders);
    rows.task(FanOut { after: last.clone(), ..job.clone() }.task());
    let message = record_id("message", (job.kind.clone(), job.number.clone(), -job.sequence));
    Transaction::from(Reach { message, after: job.after.clone(), upto: last })
        .then(Meet { kind: job.kind.clone(), number: job.number.clone(), changes: found.changes.unwrap_or(0) })
        .then(rows.transaction())
        .run(db)
        .await
}
