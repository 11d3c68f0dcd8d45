//! The worker: takes jobs from their queues and runs their handlers.

use std::{future::Future, time::Duration};

use apalis::layers::{WorkerBuilderExt, catch_panic::CatchPanicLayer};
use apalis_core::{
    error::{AbortError, BoxDynError, RetryAfterError},
    monitor::Monitor,
    task::{attempt::Attempt, task_id::TaskId},
    worker::builder::WorkerBuilder,
};
use apalis_surrealdb::{Config, Database, Steward, SurrealStorage};

use crate::{Job, Outcome, Verdict};

/// How often a queue is looked at when nothing woke it.
const POLL: Duration = Duration::from_secs(2);
/// How long a claim lasts unless renewed; what a dead worker held comes back after it.
const LEASE: Duration = Duration::from_secs(30);
/// How long running jobs are waited for at the end.
const DEADLINE: Duration = Duration::from_secs(25);

/// How long giving unstarted jobs back may take after that.
const GIVING_BACK: Duration = Duration::from_secs(3);

/// Which try of a job this is.
#[derive(Clone, Debug)]
pub struct Try {
    /// The job's own id in the queue.
    pub job: String,
    /// The number of this try, from 1.
    pub number: usize,
    /// Whether no other follows if this one fails.
    pub is_last: bool,
}

/// The queues of a process, for those who look at them.
#[derive(Clone)]
pub struct Queues(Steward);

impl Queues {
    /// The queues in this database, on the runtime that calls.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn new(db: Database) -> Self {
        Self(Steward::start(db, POLL))
    }

    /// The queue of a job.
    pub fn of<J: Job>(&self) -> SurrealStorage<J> {
        SurrealStorage::under(self.0.clone(), Config::new(J::QUEUE))
    }
}

/// The handlers of a process, by job.
pub struct Worker {
    steward: Steward,
    monitor: Monitor,
}

impl Worker {
    /// A worker on the runtime that calls it.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn new(db: Database) -> Self {
        Self { steward: Steward::start(db, POLL), monitor: Monitor::new().should_restart(|_, _| true) }
    }

    /// Runs `handler` for each job of this kind.
    pub fn handle<J, F, Fut>(mut self, handler: F) -> Self
    where
        J: Job,
        F: Fn(J, Try) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Outcome> + Send + 'static,
    {
        let config = Config::new(J::QUEUE).hold(J::AT_ONCE * 2).lease(LEASE).poll(POLL);
        let storage = SurrealStorage::<J>::under(self.steward.clone(), config);
        self.monitor = self.monitor.register(move |restarts| {
            let handler = handler.clone();
            let run = move |job: J, id: TaskId, attempt: Attempt| {
                let number = attempt.current();
                let this = Try { job: id.to_string(), number, is_last: number >= J::PATIENCE.tries };
                let running = handler(job, this.clone());
                async move { settle::<J>(running.await, &this) }
            };
            WorkerBuilder::new(format!("{} {restarts}", J::QUEUE))
                .backend(storage.clone())
                .concurrency(J::AT_ONCE)
                // A panic is a failed try like another: it must not end the worker and its other jobs.
                .layer(CatchPanicLayer::with_panic_handler(|_| std::io::Error::other("the handler panicked")))
                .build(run)
        });
        self
    }

    /// Works until `stop` resolves, then lets running jobs finish and gives the others back.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let context = self.monitor.context();
        let steward = self.steward;
        let mut working = Box::pin(self.monitor.run());
        tokio::select! {
            ended = &mut working => {
                tracing::error!(?ended, "all workers ended by themselves");
                return;
            }
            () = stop => {
                if let Err(error) = context.shutdown() {
                    tracing::error!(%error, "the workers could not be told to stop");
                }
            }
        }
        if tokio::time::timeout(DEADLINE, &mut working).await.is_err() {
            tracing::warn!("jobs still ran at the deadline; their leases will end and they will run again");
        }
        // Dropped, the workers let their drivers go, which give back what had not begun.
        drop(working);
        if tokio::time::timeout(GIVING_BACK, steward.drained()).await.is_err() {
            tracing::warn!("not all unstarted jobs were given back; their leases will end");
        }
    }
}

/// A handler's verdict in apalis's terms.
fn settle<J: Job>(outcome: Outcome, this: &Try) -> Result<(), BoxDynError> {
    let queue = J::QUEUE;
    match outcome {
        Ok(()) => {
            tracing::info!(queue, job = this.job, attempt = this.number, "job done");
            Ok(())
        }
        Err(Verdict::Never(reason)) => {
            tracing::warn!(queue, job = this.job, attempt = this.number, reason, "job given up");
            Err(Box::new(AbortError::new(std::io::Error::other(reason))))
        }
        Err(Verdict::Again(reason)) => {
            tracing::warn!(queue, job = this.job, attempt = this.number, reason, "job failed");
            let cause = std::io::Error::other(reason);
            match J::PATIENCE.wait_after(this.number) {
                Some(wait) => Err(Box::new(RetryAfterError::new(cause, wait))),
                None => Err(Box::new(AbortError::new(cause))),
            }
        }
    }
}
