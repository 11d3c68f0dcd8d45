//! What operators do with single tasks, beside enqueueing and running them.

use std::{collections::HashMap, time::Duration};

use apalis_core::{
    backend::{FetchById, RegisterWorker, Reschedule, ResumeAbandoned, ResumeById, Update, Vacuum},
    task::{Task, status::Status, task_id::TaskId},
};
use chrono::{DateTime, Utc};
use surrealdb::types::{Bytes, SurrealValue, Variables};

use crate::{
    Database, Error, SurrealStorage,
    claim::{self, PRUNED_AT_ONCE, ask, record},
    stored::{FIELDS, Stored},
    transaction::retry,
    worker,
};

/// What `update` may change.
#[derive(SurrealValue)]
struct Changes {
    args: Bytes,
    attempts: i64,
    max_attempts: i64,
    rank: i64,
    run_at: DateTime<Utc>,
    meta: HashMap<String, String>,
    ended: bool,
    status: String,
}

impl<Args> FetchById for SurrealStorage<Args> {
    /// The task with this id, whatever its queue.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use std::sync::Arc;
    /// # use apalis_surrealdb::*;
    /// # let db = surrealdb::engine::any::connect("mem://").await?;
    /// # db.use_ns("app").use_db("app").await?;
    /// # let db = Arc::new(db);
    /// # setup(&db).await?;
    /// use apalis_core::{backend::FetchById, task::{status::Status, task_id::TaskId}};
    ///
    /// db.query("fn::apalis_enqueue($task)").bind(("task", NewTask::json("mail", &"a letter")?.id("letter-1"))).await?.check()?;
    /// let mut storage = SurrealStorage::<String>::new(db, Config::new("mail"));
    /// let task = storage.fetch_by_id(&TaskId::from_string("letter-1")).await?.expect("it is there");
    /// assert_eq!((task.args.as_slice(), task.ctx().status()), (br#""a letter""#.as_slice(), Status::Pending));
    /// # Ok(())
    /// # }
    /// ```
    async fn fetch_by_id(&mut self, id: &TaskId) -> Result<Option<Task<Vec<u8>>>, Error> {
        let mut bindings = Variables::new();
        bindings.insert("id", record(&id.to_string()));
        let rows: Vec<Stored> = ask(self.db(), &format!("SELECT {FIELDS} FROM $id"), bindings).await?;
        Ok(rows.into_iter().next().map(Into::into))
    }
}

impl<Args> Update for SurrealStorage<Args> {
    /// Writes a task's arguments, attempts, priority, time, metadata and status anew. With a status that is an
    /// end (`Done`, `Killed`) it is finished, with any other it will run.
    ///
    /// # Errors
    /// [`Error::Held`] while a worker holds it, [`Error::NotFound`] when there is none with its id.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use std::sync::Arc;
    /// # use apalis_surrealdb::*;
    /// # let db = surrealdb::engine::any::connect("mem://").await?;
    /// # db.use_ns("app").use_db("app").await?;
    /// # let db = Arc::new(db);
    /// # setup(&db).await?;
    /// use apalis_core::{backend::{FetchById, Update}, task::{builder::TaskBuilder, task_id::TaskId}};
    ///
    /// db.query("fn::apalis_enqueue($task)").bind(("task", NewTask::json("mail", &"a leter")?.id("letter-1"))).await?.check()?;
    /// let mut storage = SurrealStorage::<String>::new(db, Config::new("mail"));
    /// let id = TaskId::from_string("letter-1");
    /// let corrected = TaskBuilder::new(serde_json::to_vec("a letter")?).task_id(id.clone()).priority(7).build();
    /// storage.update(corrected).await?;
    /// let task = storage.fetch_by_id(&id).await?.expect("it is there");
    /// assert_eq!((task.args.as_slice(), task.ctx().priority()), (br#""a letter""#.as_slice(), Some(7)));
    /// # Ok(())
    /// # }
    /// ```
    async fn update(&mut self, task: Task<Vec<u8>>) -> Result<(), Error> {
        let (args, context) = task.take();
        let id = context.task_id().map(ToString::to_string).ok_or(Error::NotFound)?;
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let ended = matches!(context.status(), Status::Done | Status::Killed);
        let changes = Changes {
            args: args.into(),
            attempts: count(context.attempt()),
            max_attempts: count(context.max_attempts().unwrap_or(25).max(1)),
            rank: -count(context.priority().unwrap_or(0)),
            run_at: context.run_at().and_then(moment).unwrap_or_else(Utc::now),
            meta: context.metadata().clone().into_inner(),
            ended,
            status: if ended { context.status().to_string() } else { Status::Pending.to_string() },
        };
        let text = "{
            LET $stage = (SELECT VALUE stage FROM ONLY $id);
            IF $stage = NONE { RETURN 'none' };
            IF $stage = 'claimed' { RETURN 'held' };
            UPDATE $id SET args = $new.args, attempts = $new.attempts, max_attempts = $new.max_attempts, rank = $new.rank,
                run_at = $new.run_at, meta = $new.meta, status = $new.status, result = NONE,
                stage = IF $new.ended { 'finished' } ELSE IF $new.run_at <= time::now() { 'ready' } ELSE { 'delayed' },
                due = IF $new.ended { time::now() } ELSE { $new.run_at },
                done_at = IF $new.ended { time::now() } ELSE { NONE } RETURN NONE;
            RETURN 'written';
        }";
        let mut bindings = Variables::new();
        bindings.insert("id", record(&id));
        bindings.insert("new", changes);
        match settled::<String>(self.db(), text, bindings).await?.first().map(String::as_str) {
            Some("written") => Ok(()),
            Some("held") => Err(Error::Held),
            _ => Err(Error::NotFound),
        }
    }
}

impl<Args> Reschedule for SurrealStorage<Args> {
    /// Runs a task again after `wait`, whatever became of it. A worker that holds it loses its lease: what it
    /// acknowledges later is fenced out.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none with its id.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use std::sync::Arc;
    /// # use apalis_surrealdb::*;
    /// # let db = surrealdb::engine::any::connect("mem://").await?;
    /// # db.use_ns("app").use_db("app").await?;
    /// # let db = Arc::new(db);
    /// # setup(&db).await?;
    /// use std::time::Duration;
    /// use apalis_core::{backend::{FetchById, Reschedule, ResumeById}, task::task_id::TaskId};
    ///
    /// db.query("fn::apalis_enqueue($task)").bind(("task", NewTask::json("mail", &"a letter")?.id("letter-1"))).await?.check()?;
    /// let mut storage = SurrealStorage::<String>::new(db, Config::new("mail"));
    /// let id = TaskId::from_string("letter-1");
    /// let task = storage.fetch_by_id(&id).await?.expect("it is there");
    /// storage.reschedule(task, Duration::from_secs(3600)).await?;
    /// // Not in an hour, but now.
    /// assert!(storage.resume_by_id(id).await?);
    /// # Ok(())
    /// # }
    /// ```
    async fn reschedule(&mut self, task: Task<Vec<u8>>, wait: Duration) -> Result<(), Error> {
        let id = task.ctx().task_id().map(ToString::to_string).ok_or(Error::NotFound)?;
        let text = "UPDATE $id SET stage = 'delayed', status = 'Pending', epoch += 1, run_at = time::now() + $wait,
            due = time::now() + $wait, done_at = NONE, result = NONE, lock_by = NONE, lock_at = NONE
            RETURN VALUE record::id(id)";
        let mut bindings = Variables::new();
        bindings.insert("id", record(&id));
        bindings.insert("wait", wait);
        match settled::<String>(self.db(), text, bindings).await?.is_empty() {
            true => Err(Error::NotFound),
            false => Ok(()),
        }
    }
}

impl<Args> ResumeById for SurrealStorage<Args> {
    /// Runs a task now that waits or has ended, with all its attempts before it; false while a worker holds it
    /// and when there is none.
    async fn resume_by_id(&mut self, id: TaskId) -> Result<bool, Error> {
        let text = "UPDATE $id SET stage = 'ready', status = 'Pending', run_at = time::now(), due = time::now(),
            attempts = IF stage = 'finished' { 0 } ELSE { attempts }, done_at = NONE, result = NONE
            WHERE stage != 'claimed' RETURN VALUE record::id(id)";
        let mut bindings = Variables::new();
        bindings.insert("id", record(&id.to_string()));
        Ok(!settled::<String>(self.db(), text, bindings).await?.is_empty())
    }
}

impl<Args> ResumeAbandoned for SurrealStorage<Args> {
    /// Brings back what dead workers of all queues held, without waiting for the timer; returns how many.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use std::sync::Arc;
    /// # use apalis_surrealdb::*;
    /// # let db = surrealdb::engine::any::connect("mem://").await?;
    /// # db.use_ns("app").use_db("app").await?;
    /// # let db = Arc::new(db);
    /// # setup(&db).await?;
    /// use apalis_core::backend::ResumeAbandoned;
    ///
    /// let mut storage = SurrealStorage::<String>::new(db, Config::new("mail"));
    /// assert_eq!(storage.resume_abandoned().await?, 0, "nobody died");
    /// # Ok(())
    /// # }
    /// ```
    async fn resume_abandoned(&mut self) -> Result<usize, Error> {
        let mut resumed = 0;
        loop {
            let some = retry(|| claim::reclaim(self.db())).await?;
            resumed += some;
            if some == 0 {
                return Ok(resumed);
            }
        }
    }
}

impl<Args> Vacuum for SurrealStorage<Args> {
    /// Deletes every finished task of this queue.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use std::sync::Arc;
    /// # use apalis_surrealdb::*;
    /// # let db = surrealdb::engine::any::connect("mem://").await?;
    /// # db.use_ns("app").use_db("app").await?;
    /// # let db = Arc::new(db);
    /// # setup(&db).await?;
    /// use apalis_core::backend::Vacuum;
    ///
    /// db.query("fn::apalis_enqueue($task)").bind(("task", NewTask::json("mail", &"a letter")?)).await?.check()?;
    /// let mut storage = SurrealStorage::<String>::new(db, Config::new("mail"));
    /// assert_eq!(storage.vacuum().await?, 0, "what has not run is kept");
    /// # Ok(())
    /// # }
    /// ```
    async fn vacuum(&mut self) -> Result<usize, Error> {
        self.vacuum_before(Duration::ZERO).await
    }

    /// Deletes the tasks of this queue that finished longer ago than `age`.
    async fn vacuum_before(&mut self, age: Duration) -> Result<usize, Error> {
        let text = "{
            LET $ids = (SELECT VALUE id FROM apalis_task WHERE queue = $queue AND stage = 'finished'
                AND due <= time::now() - $age LIMIT $most);
            DELETE $ids;
            RETURN array::len($ids);
        }";
        let mut deleted = 0;
        loop {
            let mut bindings = Variables::new();
            bindings.insert("queue", self.queue());
            bindings.insert("age", age);
            bindings.insert("most", PRUNED_AT_ONCE);
            let some = settled::<i64>(self.db(), text, bindings).await?.into_iter().next().unwrap_or(0);
            deleted += usize::try_from(some).unwrap_or(0);
            if some < PRUNED_AT_ONCE {
                return Ok(deleted);
            }
        }
    }
}

impl<Args> RegisterWorker for SurrealStorage<Args> {
    /// Lists a worker under this name. A worker that runs does it for itself.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use std::sync::Arc;
    /// # use apalis_surrealdb::*;
    /// # let db = surrealdb::engine::any::connect("mem://").await?;
    /// # db.use_ns("app").use_db("app").await?;
    /// # let db = Arc::new(db);
    /// # setup(&db).await?;
    /// use apalis_core::backend::{ListWorkers, RegisterWorker};
    ///
    /// let mut storage = SurrealStorage::<String>::new(db, Config::new("mail"));
    /// storage.register_worker("a machine".into()).await?;
    /// assert_eq!(storage.list_workers().await?.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    async fn register_worker(&mut self, worker_id: String) -> Result<(), Error> {
        worker::register(self.db(), &worker_id, self.queue(), "").await
    }
}

/// Asks, again when a worker's claim or acknowledgement came between.
async fn settled<T: SurrealValue>(db: &Database, text: &str, bindings: Variables) -> Result<Vec<T>, Error> {
    retry(|| ask(db, text, bindings.clone())).await
}

fn moment(seconds: u64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, 0)
}
