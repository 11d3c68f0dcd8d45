//! A task before it is in the queue.

use std::{collections::HashMap, time::Duration};

use chrono::{DateTime, Utc};
use serde::Serialize;
use surrealdb::types::{Bytes, SurrealValue};

use crate::Error;

/// What `fn::apalis_enqueue` takes.
#[derive(Clone, Debug, SurrealValue)]
pub struct NewTask {
    id: String,
    queue: String,
    args: Bytes,
    run_at: Option<DateTime<Utc>>,
    priority: Option<i64>,
    max_attempts: Option<i64>,
    attempts: Option<i64>,
    idempotency_key: Option<String>,
    meta: Option<HashMap<String, String>>,
}

/// A new task's row in `apalis_task`. What it leaves out, the table's definition says.
#[derive(Clone, Debug, SurrealValue)]
pub struct TaskRow {
    id: String,
    queue: String,
    args: Bytes,
    stage: Option<&'static str>,
    due: Option<DateTime<Utc>>,
    run_at: Option<DateTime<Utc>>,
    rank: Option<i64>,
    max_attempts: Option<i64>,
    attempts: Option<i64>,
    idempotency_key: Option<String>,
    meta: Option<HashMap<String, String>>,
}

impl NewTask {
    /// A task with its arguments as JSON, to run at once, 25 tries at most.
    ///
    /// # Errors
    /// When the arguments have no JSON form.
    pub fn json<T: Serialize>(queue: &str, args: &T) -> Result<Self, Error> {
        Ok(Self::raw(queue, serde_json::to_vec(args)?))
    }

    pub(crate) fn raw(queue: &str, args: Vec<u8>) -> Self {
        Self {
            id: ulid::Ulid::generate().to_string(),
            queue: queue.to_owned(),
            args: args.into(),
            run_at: None,
            priority: None,
            max_attempts: None,
            attempts: None,
            idempotency_key: None,
            meta: None,
        }
    }

    /// Its id: a ULID of its own, unless another is given.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    /// Only one task with this key is ever taken into the queue.
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.idempotency_key = Some(key.into());
        self
    }

    /// Not before this moment.
    pub fn run_at(mut self, moment: DateTime<Utc>) -> Self {
        self.run_at = Some(moment);
        self
    }

    /// Not before this much time has gone by, by this machine's clock.
    pub fn run_after(self, wait: Duration) -> Self {
        self.run_at(Utc::now() + wait)
    }

    /// How often it may be tried.
    pub fn max_attempts(mut self, attempts: usize) -> Self {
        self.max_attempts = Some(i64::try_from(attempts.max(1)).unwrap_or(i64::MAX));
        self
    }

    /// A higher priority is taken first.
    pub fn priority(mut self, priority: i64) -> Self {
        self.priority = Some(priority);
        self
    }

    /// The task as a row: `INSERT IGNORE INTO apalis_task $rows` enqueues many at once, in a transaction of the caller's. One
    /// whose idempotency key is there already is ignored.
    pub fn into_row(self) -> TaskRow {
        TaskRow {
            id: self.id,
            queue: self.queue,
            args: self.args,
            // One whose time has come is found at once.
            stage: self.run_at.map(|_| "delayed"),
            due: self.run_at,
            run_at: self.run_at,
            rank: self.priority.map(|priority| -priority),
            max_attempts: self.max_attempts,
            attempts: self.attempts,
            idempotency_key: self.idempotency_key,
            meta: self.meta,
        }
    }

    pub(crate) fn attempts(mut self, attempts: usize) -> Self {
        self.attempts = i64::try_from(attempts).ok();
        self
    }

    pub(crate) fn meta(mut self, meta: HashMap<String, String>) -> Self {
        self.meta = Some(meta);
        self
    }
}
