//! Enqueueing by the queue itself, in transactions of its own.

use surrealdb::types::Variables;

use crate::{Database, ENQUEUE, Error, NewRows, NewTask, RING, RecordWrites, task::ENQUEUE_WITHOUT_KEYS, values};

/// How many pushes share a transaction.
pub(crate) const TOGETHER: usize = 100;

/// Writes the tasks of several pushes.
pub(crate) async fn enqueue(db: &Database, pushes: &[Vec<NewTask>]) -> Result<(), Error> {
    let NewRows { rows, keys } = NewTask::into_rows(pushes.iter().flatten().cloned());
    if let (Some(records), true, false) = (db.records(), keys.is_empty(), db.is_shared()) {
        return Ok(records.write(RecordWrites::new(rows)).await.map(drop)?);
    }
    let mut bindings = Variables::new();
    bindings.insert("rows", rows);
    let enqueue = if keys.is_empty() {
        ENQUEUE_WITHOUT_KEYS
    } else {
        bindings.insert("keys", keys);
        ENQUEUE
    };
    let ring = if db.is_shared() {
        let mut queues: Vec<String> = pushes.iter().flatten().map(|task| task.queue().to_owned()).collect();
        queues.sort_unstable();
        queues.dedup();
        bindings.insert("queues", queues);
        RING
    } else {
        ""
    };
    values(db.execute(&format!("{{ {enqueue} {ring} }}"), bindings).await?)?;
    Ok(())
}
