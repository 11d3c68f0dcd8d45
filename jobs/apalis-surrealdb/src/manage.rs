//! What operators do with single tasks, beside enqueueing and running them.

use std::{collections::HashMap, time::Duration};

use apalis_core::{
    backend::{FetchById, RegisterWorker, Reschedule, ResumeAbandoned, ResumeById, Update, Vacuum},
    task::{Task, status::Status, task_id::TaskId},
};
use chrono::{DateTime, Utc};
use surrealdb::types::{Bytes, SurrealValue, Variables};

use crate::{
    Error, SurrealStorage,
    claim::{ask, record},
    entry::ENTRY,
    reclaim,
    stored::{Stored, tasks},
    sweep::Walk,
    transaction::retry,
    worker,
};

/// Where a task's entry is, and whether it waits there: then no worker holds it.
const PLACE: &str = "
    LET $there = (SELECT queue, rank, due, stage FROM ONLY $id);
    IF $there = NONE { RETURN [] };
    LET $entry = type::record('apalis_entry', [$there.queue, $there.rank, $there.due, record::id($id)]);
    LET $waits = $there.stage = 'open' AND (SELECT VALUE id FROM $entry WHERE taken = NONE) != [];";

/// Has it wait where it is due now, and says in which queue.
fn enter() -> String {
    format!("INSERT INTO apalis_entry (SELECT {ENTRY} FROM $id) RETURN NONE; RETURN $there.queue;")
}

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
        let rows: Vec<Stored> = ask(self.db(), "SELECT * FROM $id", bindings).await?;
        Ok(tasks(self.db(), rows).await?.pop())
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
        let text = format!(
            "{{
            {PLACE}
            IF $there.stage = 'open' AND !$waits {{ RETURN '' }};
            IF $waits {{ DELETE $entry RETURN NONE }};
            LET $now = time::now();
            UPDATE $id SET args = $new.args, attempts = $new.attempts, max_attempts = $new.max_attempts, rank = $new.rank,
                run_at = $new.run_at, meta = $new.meta, status = $new.status, result = NONE, epoch += 1,
                stage = IF $new.ended {{ 'finished' }} ELSE {{ 'open' }},
                due = IF $new.run_at > $now {{ $new.run_at }} ELSE {{ $now }},
                done_at = IF $new.ended {{ $now }} ELSE {{ NONE }} RETURN NONE;
            IF $new.ended {{ RETURN $there.queue }};
            {enter}
        }}",
            enter = enter()
        );
        let mut bindings = Variables::new();
        bindings.insert("id", record(&id));
        bindings.insert("new", changes);
        match self.moved(&text, bindings).await?.as_deref() {
            Some("") => Err(Error::Held),
            Some(_) => Ok(()),
            None => Err(Error::NotFound),
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
        let text = format!(
            "{{
            {PLACE}
            IF $waits {{ DELETE $entry RETURN NONE }};
            LET $due = time::now() + $wait;
            UPDATE $id SET stage = 'open', status = 'Pending', epoch += 1, run_at = $due, due = $due, done_at = NONE, result = NONE
                RETURN NONE;
            {enter}
        }}",
            enter = enter()
        );
        let mut bindings = Variables::new();
        bindings.insert("id", record(&id));
        bindings.insert("wait", wait);
        self.moved(&text, bindings).await?.map(drop).ok_or(Error::NotFound)
    }
}

impl<Args> ResumeById for SurrealStorage<Args> {
    /// Runs a task now that waits or has ended, with all its attempts before it; false while a worker holds it
    /// and when there is none.
    async fn resume_by_id(&mut self, id: TaskId) -> Result<bool, Error> {
        let text = format!(
            "{{
            {PLACE}
            IF $there.stage = 'open' AND !$waits {{ RETURN [] }};
            IF $waits {{ DELETE $entry RETURN NONE }};
            LET $now = time::now();
            UPDATE $id SET status = 'Pending', epoch += 1, run_at = NONE, due = $now,
                attempts = IF stage = 'finished' {{ 0 }} ELSE {{ attempts }}, stage = 'open', done_at = NONE, result = NONE RETURN NONE;
            {enter}
        }}",
            enter = enter()
        );
        let mut bindings = Variables::new();
        bindings.insert("id", record(&id.to_string()));
        Ok(self.moved(&text, bindings).await?.is_some())
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
            let (leases, queues) = retry(|| reclaim::reclaim(self.db())).await?;
            if leases == 0 {
                return Ok(resumed);
            }
            resumed += queues.len();
            queues.iter().for_each(|queue| self.steward().bells().ring(queue));
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
        let (mut walk, mut deleted) = (Walk::default(), 0);
        loop {
            let (some, is_over) = walk.step(self.db(), Some(self.queue()), age).await?;
            deleted += some;
            if is_over {
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

impl<Args> SurrealStorage<Args> {
    /// Runs a text that gives a task another place, again when a worker's claim or acknowledgement came between. What it
    /// answers: the task's queue, whose workers are told.
    async fn moved(&self, text: &str, bindings: Variables) -> Result<Option<String>, Error> {
        let moved = retry(|| ask::<String>(self.db(), text, bindings.clone())).await?.pop();
        if let Some(queue) = &moved {
            self.steward().bells().ring(queue);
        }
        Ok(moved)
    }
}

fn moment(seconds: u64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, 0)
}
