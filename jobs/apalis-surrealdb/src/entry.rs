//! An entry: a task's place in its queue, with all that its worker needs.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use surrealdb::types::{Array, Bytes, RecordId, RecordIdKey, SurrealValue, Value};

use crate::{claim::record, stored::Stored};

/// A task's entry, which says all that a worker needs, in a `RETURN` of a statement that writes tasks.
pub(crate) const ENTRY: &str = "VALUE { id: [queue, rank, due, record::id(id)], args: args, attempts: attempts,
    max_attempts: max_attempts, epoch: epoch, run_at: run_at, idempotency_key: idempotency_key, meta: meta }";

/// An entry of a queue.
#[derive(Clone, Debug, SurrealValue)]
pub(crate) struct Entry {
    /// [queue, rank, due, task].
    pub id: RecordId,
    /// Whether a worker claimed it.
    pub taken: Option<bool>,
    /// Whether it waits for nothing, whatever the clocks say.
    pub at_once: Option<bool>,
    /// Its task, if it is only to be there when that one's idempotency key is new.
    pub keyed: Option<String>,
    /// As its task has them.
    pub args: Bytes,
    pub attempts: i64,
    pub max_attempts: i64,
    pub epoch: i64,
    pub run_at: Option<DateTime<Utc>>,
    pub idempotency_key: Option<String>,
    pub meta: HashMap<String, String>,
}

impl Entry {
    /// The id of a task's entry.
    pub fn id(queue: &str, rank: i64, due: DateTime<Utc>, task: &str) -> RecordId {
        let parts = [queue.to_owned().into_value(), rank.into_value(), due.into_value(), task.to_owned().into_value()];
        RecordId::new("apalis_entry", Array::from(parts.to_vec()))
    }

    /// Whether a worker claimed it.
    pub fn is_taken(&self) -> bool {
        self.taken.is_some()
    }

    /// Whether it waits for nothing.
    pub fn is_at_once(&self) -> bool {
        self.at_once.is_some()
    }

    fn part(&self, at: usize) -> Option<&Value> {
        match &self.id.key {
            RecordIdKey::Array(parts) => parts.get(at),
            _ => None,
        }
    }

    /// The id of its task, and the epoch under which that is claimed.
    pub fn task(&self) -> (String, i64) {
        (self.part(3).and_then(Value::as_string).cloned().unwrap_or_default(), self.epoch)
    }

    /// When it may run.
    pub fn due(&self) -> DateTime<Utc> {
        self.part(2).and_then(Value::as_datetime).map_or(DateTime::UNIX_EPOCH, |due| (*due).into())
    }

    fn rank(&self) -> i64 {
        match self.part(1) {
            Some(Value::Number(rank)) => rank.to_int().unwrap_or(0),
            _ => 0,
        }
    }

    /// Whether its priority is the usual one.
    pub fn is_usual(&self) -> bool {
        self.rank() == 0
    }

    /// The task that waits there.
    pub fn into_task(self, queue: &str) -> Stored {
        Stored {
            id: record(&self.task().0),
            queue: queue.to_owned(),
            due: self.due(),
            rank: self.rank(),
            args: self.args,
            stage: "open".to_owned(),
            status: "Pending".to_owned(),
            attempts: self.attempts,
            max_attempts: self.max_attempts,
            epoch: self.epoch,
            run_at: self.run_at,
            done_at: None,
            idempotency_key: self.idempotency_key,
            meta: self.meta,
        }
    }
}
