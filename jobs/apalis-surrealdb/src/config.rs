//! How a queue is worked.

use std::{fmt, time::Duration};

use crate::Database;

/// The settings of one queue's worker.
#[derive(Clone)]
pub struct Config {
    /// The queue's name: stable, for it is stored with each task.
    pub queue: String,
    /// How many tasks may be claimed and not yet acknowledged. At least the worker's concurrency.
    pub hold: usize,
    /// How long a claim lasts unless it is renewed. A dead worker's tasks come back after it.
    pub lease: Duration,
    /// How often to look for tasks when nothing woke the worker.
    pub poll: Duration,
    /// The wait after a first failure; it doubles with each further one.
    pub backoff: Duration,
    /// The longest wait between two tries.
    pub longest_backoff: Duration,
    /// Whether the queue carries a workflow's steps.
    pub steps: bool,
    /// Whether a task's arguments are its idempotency key.
    pub once_per_args: bool,
    pub(crate) db: Option<Database>,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("queue", &self.queue)
            .field("hold", &self.hold)
            .field("lease", &self.lease)
            .field("poll", &self.poll)
            .finish_non_exhaustive()
    }
}

impl Config {
    /// Defaults for a queue: 10 held, a lease of 60 s, a poll every 2 s, backoff from 1 s to 10 min.
    pub fn new(queue: impl Into<String>) -> Self {
        Self {
            queue: queue.into(),
            hold: 10,
            lease: Duration::from_secs(60),
            poll: Duration::from_secs(2),
            backoff: Duration::from_secs(1),
            longest_backoff: Duration::from_secs(600),
            steps: false,
            once_per_args: false,
            db: None,
        }
    }

    /// How many tasks may be held at once.
    pub fn hold(mut self, tasks: usize) -> Self {
        self.hold = tasks.max(1);
        self
    }

    /// How long a claim lasts.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    /// How often to look unasked.
    pub fn poll(mut self, poll: Duration) -> Self {
        self.poll = poll;
        self
    }

    /// The first and the longest wait after a failure.
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.backoff = first;
        self.longest_backoff = longest;
        self
    }

    /// The queue carries the steps of an apalis workflow, whose arguments are each of a type of their own. Without
    /// it a task whose arguments are not the queue's own is killed when it is claimed.
    pub fn steps(mut self) -> Self {
        self.steps = true;
        self
    }

    /// Two tasks with the same arguments are one, for as long as the first is kept: of the ticks that each replica
    /// of a cron schedule pipes into the queue, one is taken. A task with an idempotency key keeps its own.
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
    /// use apalis_core::backend::TaskSink;
    ///
    /// let config = Config::new("ticks").once_per_args();
    /// let mut replicas = [SurrealStorage::<u64>::new(db.clone(), config.clone()), SurrealStorage::<u64>::new(db.clone(), config)];
    /// for replica in &mut replicas {
    ///     replica.push(1_800_000_000).await?;
    /// }
    /// let there: Option<i64> = db.query("RETURN count((SELECT VALUE id FROM apalis_task))").await?.take(0)?;
    /// assert_eq!(there, Some(1));
    /// # Ok(())
    /// # }
    /// ```
    pub fn once_per_args(mut self) -> Self {
        self.once_per_args = true;
        self
    }

    /// The database, for [`TryNewBackend`](apalis_core::backend::TryNewBackend).
    pub fn on(mut self, db: Database) -> Self {
        self.db = Some(db);
        self
    }

    /// The wait after the `attempt`-th try failed: doubled each time, and shortened by up to half at
    /// random so that tasks that failed together do not come back together.
    pub(crate) fn wait_after(&self, attempt: usize) -> Duration {
        let doublings = u32::try_from(attempt.saturating_sub(1)).unwrap_or(u32::MAX).min(30);
        let full = self.backoff.saturating_mul(1 << doublings).min(self.longest_backoff);
        full.mul_f64(rand::random_range(0.5..=1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let config = Config::new("q").backoff(Duration::from_secs(1), Duration::from_secs(10));
        let between = |attempt, low: f64, high: f64| {
            let wait = config.wait_after(attempt).as_secs_f64();
            assert!((low..=high).contains(&wait), "{attempt}: {wait}");
        };
        between(1, 0.5, 1.0);
        between(2, 1.0, 2.0);
        between(3, 2.0, 4.0);
        between(1000, 5.0, 10.0);
    }
}
