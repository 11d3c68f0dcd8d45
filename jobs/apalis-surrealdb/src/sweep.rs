//! Deleting what has served: by ids, off the way of those who claim.

use std::time::Duration;

use chrono::{DateTime, Utc};
use surrealdb::types::{Array, RecordId, SurrealValue, Variables};

use crate::{Database, Error, claim::ask};

/// How many records are read or deleted at a time.
const AT_ONCE: usize = 500;

/// A part of the tasks, in the order of their ids.
const WALK: &str = "{
    LET $start = $from ?? 0;
    RETURN (SELECT id, record::id(id) AS key, queue, stage, done_at, idempotency_key FROM type::record('apalis_task', $start..)
        LIMIT $most);
}";

/// What a dead worker had marked, and notes that nobody asks for any more.
const LEFT: &str = "RETURN array::concat(
    (SELECT VALUE id FROM apalis_entry WHERE taken = true AND record::id(id)[2] < time::now() - 1h LIMIT $most),
    (SELECT VALUE id FROM apalis_killed WHERE record::id(id)[1] < time::now() - $age LIMIT $most))";

/// Deletes records.
///
/// # Errors
/// What the database answered; what was deleted until then stays so.
pub(crate) async fn delete(db: &Database, ids: Vec<RecordId>) -> Result<(), Error> {
    for some in ids.chunks(AT_ONCE) {
        db.delete(some.to_vec()).await?;
    }
    Ok(())
}

/// Deletes what was left over by workers that died, and notes older than `age`.
pub(crate) async fn left(db: &Database, age: Duration) -> Result<(), Error> {
    let mut bindings = Variables::new();
    bindings.insert("age", age);
    bindings.insert("most", i64::try_from(db.most_deleted().max(AT_ONCE)).unwrap_or(i64::MAX));
    delete(db, ask(db, LEFT, bindings).await?).await
}

#[derive(SurrealValue)]
struct Row {
    id: RecordId,
    key: String,
    queue: String,
    stage: String,
    done_at: Option<DateTime<Utc>>,
    idempotency_key: Option<String>,
}

/// A walk through all tasks, a part at a time, that deletes those that ended long ago.
#[derive(Default)]
pub(crate) struct Walk {
    from: Option<String>,
}

impl Walk {
    /// Goes on by one part; of `queue` or of all, tasks go that ended `age` ago. Returns how many went, and whether the walk is
    /// over: then the next part is the first one again.
    pub async fn step(&mut self, db: &Database, queue: Option<&str>, age: Duration) -> Result<(usize, bool), Error> {
        let mut bindings = Variables::new();
        bindings.insert("from", self.from.take());
        bindings.insert("most", i64::try_from(AT_ONCE).unwrap_or(i64::MAX));
        let rows: Vec<Row> = ask(db, WALK, bindings).await?;
        let is_over = rows.len() < AT_ONCE;
        self.from = rows.last().filter(|_| !is_over).map(|row| row.key.clone());
        let until = Utc::now() - age;
        let is_old = |row: &Row| {
            row.stage == "finished"
                && queue.is_none_or(|queue| queue == row.queue)
                && row.done_at.is_none_or(|at| at <= until)
        };
        let old: Vec<Row> = rows.into_iter().filter(is_old).collect();
        let count = old.len();
        let keys = old.iter().filter_map(|row| Some(key(&row.queue, row.idempotency_key.as_deref()?)));
        let ids: Vec<RecordId> = keys.chain(old.iter().map(|row| row.id.clone())).collect();
        delete(db, ids).await?;
        Ok((count, is_over))
    }
}

/// The record of an idempotency key.
fn key(queue: &str, key: &str) -> RecordId {
    RecordId::new("apalis_key", Array::from(vec![queue.to_owned(), key.to_owned()]))
}
