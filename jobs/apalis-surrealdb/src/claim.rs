//! What a worker asks while it holds tasks: claim, renew, give back.

use std::time::Duration;

use chrono::{DateTime, Utc};
use surrealdb::types::{Object, RecordId, SurrealValue, Value, Variables};

use crate::{
    Database, Error, Executor, RecordWrites, Records,
    entry::{ENTRY, Entry},
    executor::values,
};

/// Takes entries, and writes down who holds their tasks. Others may have taken them since they were seen.
const TAKE: &str = "INSERT INTO apalis_lease {
    id: $held,
    queue: $queue,
    worker: $me,
    since: time::now(),
    until: time::now() + $lease,
    tasks: IF array::len((UPDATE $entries SET taken = true WHERE taken = NONE RETURN VALUE taken)) = array::len($entries) { $tasks }
        ELSE { THROW 'taken by another' }
} RETURN NONE";

/// Which leases are still there, and which of their tasks are still theirs.
const RENEW: &str = "{
    UPDATE $leases SET until = time::now() + $lease RETURN NONE;
    RETURN (SELECT VALUE [record::id(id), epoch] FROM $tasks WHERE stage = 'open');
}";

/// Back into the queue, as if it had not been claimed.
const GIVE_BACK: &str =
    "array::flatten($held.map(|$h: any| (UPDATE $h.id SET status = 'Pending', due = time::now(), epoch += 1
    WHERE stage = 'open' AND epoch = $h.epoch RETURN";

/// Asks for the rows, or the one, that a text answers.
pub(crate) async fn ask<T: SurrealValue>(
    db: &(impl Executor + ?Sized),
    text: &str,
    bindings: Variables,
) -> Result<Vec<T>, Error> {
    let first = values(db.execute(text, bindings).await?)?.into_iter().next();
    let rows = match first {
        None | Some(Value::None) => return Ok(Vec::new()),
        Some(Value::Array(rows)) => rows.into_vec(),
        Some(one) => vec![one],
    };
    Ok(rows.into_iter().map(T::from_value).collect::<Result<_, _>>()?)
}

pub(crate) fn record(id: &str) -> RecordId {
    RecordId::new("apalis_task", id)
}

#[derive(SurrealValue)]
struct Claimed {
    id: RecordId,
    epoch: i64,
}

fn claimed(held: &[(String, i64)]) -> Vec<Claimed> {
    held.iter().map(|(id, epoch)| Claimed { id: record(id), epoch: *epoch }).collect()
}

/// Who claims.
pub(crate) struct Claimer<'a> {
    pub queue: &'a str,
    pub me: &'a str,
    pub lease: Duration,
}

/// A lease's record.
#[derive(SurrealValue)]
struct LeaseRow<'a> {
    id: RecordId,
    queue: &'a str,
    worker: &'a str,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
    tasks: Vec<(String, i64)>,
}

/// As [`TAKE`].
async fn take(records: &dyn Records, claimer: &Claimer<'_>, lease: &RecordId, entries: &[Entry]) -> Result<(), Error> {
    let since = Utc::now();
    let row = LeaseRow {
        id: lease.clone(),
        queue: claimer.queue,
        worker: claimer.me,
        since,
        until: since + claimer.lease,
        tasks: entries.iter().map(Entry::task).collect(),
    };
    let mark = |_: usize, entry: &mut Object| {
        let is_free = matches!(entry.get("taken"), None | Some(Value::None));
        entry.insert("taken", true);
        is_free
    };
    let ids = entries.iter().map(|entry| entry.id.clone()).collect();
    let writes = RecordWrites { new: vec![row.into_value()], ids, change: &mark, all_or_none: true };
    if records.write(writes).await?.contains(&false) { Err(Error::Taken) } else { Ok(()) }
}

/// Takes the tasks of these entries, under a new lease of this id.
///
/// # Errors
/// [`Error::Taken`] when another worker was there before.
pub(crate) async fn claim(
    db: &Database,
    claimer: &Claimer<'_>,
    lease: &RecordId,
    entries: &[Entry],
) -> Result<(), Error> {
    if let Some(records) = db.records() {
        return take(records, claimer, lease, entries).await;
    }
    let mut bindings = Variables::new();
    bindings.insert("queue", claimer.queue);
    bindings.insert("me", claimer.me);
    bindings.insert("lease", claimer.lease);
    bindings.insert("held", lease.clone());
    bindings.insert("entries", entries.iter().map(|entry| entry.id.clone()).collect::<Vec<_>>());
    bindings.insert("tasks", entries.iter().map(Entry::task).collect::<Vec<_>>());
    match ask::<String>(db, TAKE, bindings).await {
        Ok(_) => Ok(()),
        Err(Error::Database(error)) if error.is_thrown() => Err(Error::Taken),
        Err(error) => Err(error),
    }
}

/// Renews leases; returns those of `tasks` that are still held, with their epochs.
pub(crate) async fn renew(
    db: &Database,
    leases: Vec<RecordId>,
    tasks: &[(String, i64)],
    lease: Duration,
) -> Result<Vec<(String, i64)>, Error> {
    let mut bindings = Variables::new();
    bindings.insert("leases", leases);
    bindings.insert("tasks", tasks.iter().map(|(id, _)| record(id)).collect::<Vec<_>>());
    bindings.insert("lease", lease);
    ask(db, RENEW, bindings).await
}

/// Gives claims back whose jobs never began; the attempt does not count.
pub(crate) async fn give_back(db: &Database, held: &[(String, i64)]) -> Result<(), Error> {
    let mut bindings = Variables::new();
    bindings.insert("held", claimed(held));
    ask::<String>(db, &format!("INSERT INTO apalis_entry {GIVE_BACK} {ENTRY}))) RETURN NONE"), bindings).await.map(drop)
}
