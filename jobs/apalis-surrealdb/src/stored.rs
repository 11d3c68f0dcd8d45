//! A task as it is stored, and as apalis has it.

use std::{collections::HashMap, str::FromStr};

use apalis_core::task::{Task, builder::TaskBuilder, metadata::MetadataStore, status::Status, task_id::TaskId};
use chrono::{DateTime, Utc};
use surrealdb::types::{Bytes, RecordId, RecordIdKey, SurrealValue, Variables};

use crate::{Database, Error, claim::ask};

/// A task's row.
#[derive(Clone, Debug, SurrealValue)]
pub(crate) struct Stored {
    pub id: RecordId,
    pub queue: String,
    pub args: Bytes,
    pub stage: String,
    pub status: String,
    pub attempts: i64,
    pub max_attempts: i64,
    pub epoch: i64,
    pub rank: i64,
    /// When it may run: the place of its entry.
    pub due: DateTime<Utc>,
    /// When it was to run, if somebody said so.
    pub run_at: Option<DateTime<Utc>>,
    pub done_at: Option<DateTime<Utc>>,
    pub idempotency_key: Option<String>,
    pub meta: HashMap<String, String>,
}

impl Stored {
    /// Its id in the queue.
    pub fn key(&self) -> &str {
        match &self.id.key {
            RecordIdKey::String(key) => key,
            _ => "",
        }
    }

    /// The task with its arguments as bytes, and who holds it.
    pub fn builder(self, held: Option<&Holder>) -> TaskBuilder<Vec<u8>> {
        let count = |number: i64| usize::try_from(number).unwrap_or(0);
        let seconds = |moment: DateTime<Utc>| u64::try_from(moment.timestamp()).unwrap_or(0);
        let status =
            if held.is_some() { Status::Queued } else { Status::from_str(&self.status).unwrap_or(Status::Pending) };
        let mut task = TaskBuilder::new(self.args.to_vec())
            .task_id(task_id(self.key()))
            .attempt(count(self.attempts))
            .max_attempts(count(self.max_attempts))
            .priority(count(-self.rank))
            .status(status)
            .queue(self.queue.as_str().into())
            .run_at_timestamp(seconds(self.run_at.unwrap_or(self.due)))
            .lock_by(held.map(|holder| holder.worker.clone()))
            .lock_at(held.map(|holder| seconds(holder.since)))
            .done_at(self.done_at.map(seconds))
            .with_metadata(MetadataStore::from_map(self.meta));
        if let Some(key) = self.idempotency_key {
            task = task.idempotency_key(key);
        }
        task
    }
}

/// The id of a record's key, in the variant that apalis would have parsed it to.
pub(crate) fn task_id(key: &str) -> TaskId {
    TaskId::from_str(key).unwrap_or_else(|_| TaskId::from_string(key))
}

/// Who holds a task, for lists.
#[derive(Clone, Debug, SurrealValue)]
pub(crate) struct Holder {
    pub worker: String,
    pub since: DateTime<Utc>,
}

#[derive(SurrealValue)]
struct Held {
    worker: String,
    since: DateTime<Utc>,
    tasks: Vec<(String, i64)>,
}

/// The tasks that workers hold, by id and epoch: what they ended since their claim is among them.
pub(crate) async fn holders(db: &Database) -> Result<HashMap<(String, i64), Holder>, Error> {
    let held: Vec<Held> = ask(db, "SELECT worker, since, tasks FROM apalis_lease", Variables::new()).await?;
    let each = held.into_iter().flat_map(|held| {
        let holder = Holder { worker: held.worker, since: held.since };
        held.tasks.into_iter().map(move |task| (task, holder.clone()))
    });
    Ok(each.collect())
}

/// Tasks as apalis has them, those that are held with their holders.
pub(crate) async fn tasks(db: &Database, rows: Vec<Stored>) -> Result<Vec<Task<Vec<u8>>>, Error> {
    let holders = if rows.iter().any(|row| row.stage == "open") { holders(db).await? } else { HashMap::new() };
    let task = |row: Stored| {
        let holder = holders.get(&(row.key().to_owned(), row.epoch)).filter(|_| row.stage == "open");
        row.builder(holder).build()
    };
    Ok(rows.into_iter().map(task).collect())
}
