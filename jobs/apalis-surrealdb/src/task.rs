//! A task before it is in the queue.

use std::{collections::HashMap, time::Duration};

use chrono::{DateTime, Utc};
use serde::Serialize;
use surrealdb::types::{Bytes, RecordId, SurrealValue, Value};

use crate::{Error, entry::Entry};

/// What `fn::apalis_enqueue` takes.
#[derive(Clone, Debug, SurrealValue)]
pub struct NewTask {
    id: String,
    has_own_id: bool,
    queue: String,
    args: Bytes,
    run_at: Option<DateTime<Utc>>,
    priority: Option<i64>,
    max_attempts: Option<i64>,
    attempts: Option<i64>,
    idempotency_key: Option<String>,
    meta: Option<HashMap<String, String>>,
}

/// A new task's row in `apalis_task`.
#[derive(Clone, Debug, SurrealValue)]
struct TaskRow {
    id: RecordId,
    /// Its own id, if it is only to be there when its idempotency key is new.
    keyed: Option<String>,
    queue: String,
    args: Bytes,
    stage: &'static str,
    status: &'static str,
    due: DateTime<Utc>,
    run_at: Option<DateTime<Utc>>,
    rank: i64,
    max_attempts: i64,
    attempts: i64,
    epoch: i64,
    idempotency_key: Option<String>,
    meta: HashMap<String, String>,
    created_at: DateTime<Utc>,
}

/// The row in `apalis_key` of a new task that has an idempotency key.
#[derive(Clone, Debug, SurrealValue)]
pub struct KeyRow {
    id: Vec<String>,
    task: String,
}

/// The rows of new tasks, as [`ENQUEUE`] takes them.
#[derive(Clone, Debug, Default)]
pub struct NewRows {
    /// The tasks, and where they wait.
    pub rows: Vec<Value>,
    /// The keys of those that have one.
    pub keys: Vec<KeyRow>,
}

/// Enqueues [`NewRows`] in a transaction of the caller's; one whose key is there already is ignored. When it is committed, the
/// queue's bell is to be rung: [`Bells::ring`](crate::Bells::ring); and [`RING`] is to be in the transaction, if other processes
/// work the queue.
pub const ENQUEUE: &str = "LET $fresh = (INSERT IGNORE INTO apalis_key $keys RETURN VALUE task);
LET $new = IF array::len($fresh) = array::len($keys) { $rows } ELSE {
    $rows.filter(|$row: object| $row.keyed = NONE OR $fresh CONTAINS $row.keyed)
};
INSERT $new RETURN NONE;";

/// As [`ENQUEUE`], when no task has a key.
pub(crate) const ENQUEUE_WITHOUT_KEYS: &str = "INSERT $rows RETURN NONE;";

/// Wakes the workers of these `$queues` in other processes.
pub const RING: &str =
    "UPDATE type::record('apalis_bell', rand::int(0, 255)) SET queues = $queues, rung = time::now() RETURN NONE;";

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
            has_own_id: false,
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

    /// Its id: a ULID of its own, unless another is given, which no other task may have.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        (self.id, self.has_own_id) = (id.into(), true);
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

    /// Whether a task with its id may be there already.
    pub(crate) fn has_own_id(&self) -> bool {
        self.has_own_id
    }

    /// The queue.
    pub fn queue(&self) -> &str {
        &self.queue
    }

    fn add_to(self, new: &mut NewRows) {
        let now = Utc::now();
        let (run_at, rank) = (self.run_at.filter(|moment| *moment > now), -self.priority.unwrap_or(0));
        let due = run_at.unwrap_or(now);
        let (attempts, max_attempts) = (self.attempts.unwrap_or(0), self.max_attempts.unwrap_or(25));
        let meta = self.meta.unwrap_or_default();
        let keyed = self.idempotency_key.as_ref().map(|_| self.id.clone());
        let entry = Entry {
            id: Entry::id(&self.queue, rank, due, &self.id),
            taken: None,
            keyed: keyed.clone(),
            at_once: run_at.is_none().then_some(true),
            args: self.args.clone(),
            attempts,
            max_attempts,
            epoch: 0,
            run_at: self.run_at,
            idempotency_key: self.idempotency_key.clone(),
            meta: meta.clone(),
        };
        if let Some(key) = &self.idempotency_key {
            new.keys.push(KeyRow { id: vec![self.queue.clone(), key.clone()], task: self.id.clone() });
        }
        let task = TaskRow {
            id: RecordId::new("apalis_task", self.id),
            keyed,
            queue: self.queue,
            args: self.args,
            stage: "open",
            status: "Pending",
            due,
            run_at: self.run_at,
            rank,
            max_attempts,
            attempts,
            epoch: 0,
            idempotency_key: self.idempotency_key,
            meta,
            created_at: now,
        };
        new.rows.extend([task.into_value(), entry.into_value()]);
    }

    /// Tasks as rows.
    pub fn into_rows(tasks: impl IntoIterator<Item = Self>) -> NewRows {
        let mut new = NewRows::default();
        tasks.into_iter().for_each(|task| task.add_to(&mut new));
        new
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
