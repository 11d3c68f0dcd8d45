//! A task as it is stored, and as apalis has it.

use std::{collections::HashMap, str::FromStr};

use apalis_core::task::{Task, builder::TaskBuilder, metadata::MetadataStore, status::Status, task_id::TaskId};
use chrono::{DateTime, Utc};
use surrealdb::types::{Bytes, SurrealValue};

/// The fields that [`Stored`] reads.
pub(crate) const FIELDS: &str =
    "record::id(id) AS key, queue, args, status, attempts, max_attempts, epoch, rank, run_at, lock_by,
    lock_at, done_at, idempotency_key, meta";

/// A task's row.
#[derive(Clone, Debug, SurrealValue)]
pub(crate) struct Stored {
    pub key: String,
    pub queue: String,
    pub args: Bytes,
    pub status: String,
    pub attempts: i64,
    pub max_attempts: i64,
    pub epoch: i64,
    pub rank: i64,
    pub run_at: DateTime<Utc>,
    pub lock_by: Option<String>,
    pub lock_at: Option<DateTime<Utc>>,
    pub done_at: Option<DateTime<Utc>>,
    pub idempotency_key: Option<String>,
    pub meta: HashMap<String, String>,
}

impl Stored {
    /// The task with its arguments as bytes.
    pub fn builder(self) -> TaskBuilder<Vec<u8>> {
        let count = |number: i64| usize::try_from(number).unwrap_or(0);
        let seconds = |moment: DateTime<Utc>| u64::try_from(moment.timestamp()).unwrap_or(0);
        let mut task = TaskBuilder::new(self.args.to_vec())
            .task_id(task_id(&self.key))
            .attempt(count(self.attempts))
            .max_attempts(count(self.max_attempts))
            .priority(count(-self.rank))
            .status(Status::from_str(&self.status).unwrap_or(Status::Pending))
            .queue(self.queue.as_str().into())
            .run_at_timestamp(seconds(self.run_at))
            .lock_by(self.lock_by)
            .lock_at(self.lock_at.map(seconds))
            .done_at(self.done_at.map(seconds))
            .with_metadata(MetadataStore::from_map(self.meta));
        if let Some(key) = self.idempotency_key {
            task = task.idempotency_key(key);
        }
        task
    }
}

impl From<Stored> for Task<Vec<u8>> {
    fn from(stored: Stored) -> Self {
        stored.builder().build()
    }
}

/// The id of a record's key, in the variant that apalis would have parsed it to.
pub(crate) fn task_id(key: &str) -> TaskId {
    TaskId::from_str(key).unwrap_or_else(|_| TaskId::from_string(key))
}
