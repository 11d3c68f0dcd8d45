//! What a board shows: queues, workers, tasks, and counts.

use std::collections::BTreeMap;

use apalis_core::{
    backend::{
        Filter, ListAllTasks, ListQueues, ListTasks, ListWorkers, Metrics, QueueInfo, RunningWorker, StatType,
        Statistic,
    },
    task::Task,
};
use chrono::{DateTime, Utc};
use surrealdb::types::{SurrealValue, Variables};

use crate::{
    Error, SurrealStorage,
    claim::ask,
    stored::{Stored, tasks},
    waiting::HELD,
    worker,
};

/// Days of activity that a queue shows.
const DAYS: usize = 7;

/// How many tasks of a queue are at a stage with a status; of those that are held the stage is 'held'.
#[derive(Clone, Debug, SurrealValue)]
struct Count {
    queue: String,
    stage: String,
    status: String,
    count: i64,
}

/// How many tasks of a queue ended on a day.
#[derive(Debug, SurrealValue)]
struct Day {
    queue: String,
    day: DateTime<Utc>,
    count: i64,
}

impl<Args> SurrealStorage<Args> {
    /// Counts what is in the table: its time grows with the history that is kept.
    async fn counts(&self, queue: Option<&str>) -> Result<Vec<Count>, Error> {
        let mut bindings = Variables::new();
        let of_queue = queue.map_or("", |queue| {
            bindings.insert("queue", queue);
            "WHERE queue = $queue"
        });
        let text = format!(
            "SELECT queue, stage, status, count() AS count FROM apalis_task {of_queue} GROUP BY queue, stage, status"
        );
        let mut counts: Vec<Count> = ask(self.db(), &text, bindings.clone()).await?;
        let text = format!(
            "SELECT queue, 'held' AS stage, status, count() AS count FROM {HELD} {of_queue} GROUP BY queue, status"
        );
        let held: Vec<Count> = ask(self.db(), &text, bindings).await?;
        for held in &held {
            let open = counts
                .iter_mut()
                .find(|count| (&count.queue, &count.status) == (&held.queue, &held.status) && count.stage == "open");
            if let Some(open) = open {
                open.count -= held.count;
            }
        }
        counts.extend(held);
        Ok(counts)
    }

    async fn page(&self, queue: Option<&str>, filter: &Filter) -> Result<Vec<Stored>, Error> {
        let mut bindings = Variables::new();
        let mut conditions = Vec::new();
        if let Some(queue) = queue {
            conditions.push("queue = $queue");
            bindings.insert("queue", queue);
        }
        if let Some(status) = &filter.status {
            conditions.push("status = $status");
            bindings.insert("status", status.to_string());
        }
        let conditions =
            if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
        // Pages count from 1; apalis's own offset would overflow on a 0.
        let start = i64::from(filter.page.max(1) - 1) * i64::from(filter.limit());
        bindings.insert("limit", i64::from(filter.limit()));
        bindings.insert("start", start);
        let text = format!(
            "SELECT * FROM apalis_task {conditions} ORDER BY created_at DESC, id DESC LIMIT $limit START $start"
        );
        ask(self.db(), &text, bindings).await
    }
}

impl<Args> ListTasks for SurrealStorage<Args> {
    /// The newest tasks of this queue. A task whose arguments can't be read is left out, because a board reads
    /// all of a page or none; [`ListAllTasks`] has it.
    async fn list_tasks(&self, filter: &Filter) -> Result<Vec<Task<Vec<u8>>>, Error> {
        let rows = self.page(Some(self.queue()), filter).await?;
        tasks(self.db(), rows.into_iter().filter(|row| self.can_read(&row.args)).collect()).await
    }
}

impl<Args> ListAllTasks for SurrealStorage<Args> {
    /// The newest tasks of all queues.
    async fn list_all_tasks(&self, filter: &Filter) -> Result<Vec<Task<Vec<u8>>>, Error> {
        tasks(self.db(), self.page(None, filter).await?).await
    }
}

impl<Args> ListWorkers for SurrealStorage<Args> {
    /// The workers of this queue.
    async fn list_workers(&self) -> Result<Vec<RunningWorker>, Error> {
        Ok(worker::list(self.db(), Some(self.queue())).await?.into_iter().map(running).collect())
    }

    /// The workers of all queues.
    async fn list_all_workers(&self) -> Result<Vec<RunningWorker>, Error> {
        Ok(worker::list(self.db(), None).await?.into_iter().map(running).collect())
    }
}

impl<Args> ListQueues for SurrealStorage<Args> {
    /// Every queue that has a task or a worker, with what ended in it on each of the last 7 days, today last.
    async fn list_queues(&self) -> Result<Vec<QueueInfo>, Error> {
        let (counts, workers) = futures_util::try_join!(self.counts(None), worker::list(self.db(), None))?;
        let text = "SELECT queue, time::floor(done_at, 1d) AS day, count() AS count FROM apalis_task
            WHERE stage = 'finished' AND done_at > time::floor(time::now(), 1d) - 6d GROUP BY queue, day";
        let days: Vec<Day> = ask(self.db(), text, Variables::new()).await?;
        let mut queues: BTreeMap<String, (Vec<Count>, Vec<String>)> = BTreeMap::new();
        for count in counts {
            queues.entry(count.queue.clone()).or_default().0.push(count);
        }
        for worker in workers {
            queues.entry(worker.queue).or_default().1.push(worker.name);
        }
        let today = Utc::now().date_naive();
        let listed = queues.into_iter().map(|(name, (counts, workers))| {
            let mut activity = vec![0; DAYS];
            for day in days.iter().filter(|day| day.queue == name) {
                let ago = (today - day.day.date_naive()).num_days().clamp(0, DAYS as i64 - 1);
                let at = DAYS - 1 - usize::try_from(ago).unwrap_or(0);
                activity[at] += usize::try_from(day.count).unwrap_or(0);
            }
            QueueInfo { stats: statistics(&counts), workers, activity, name }
        });
        Ok(listed.collect())
    }
}

impl<Args> Metrics for SurrealStorage<Args> {
    /// Counts over all queues.
    async fn global(&self) -> Result<Vec<Statistic>, Error> {
        Ok(statistics(&self.counts(None).await?))
    }

    /// Counts of this queue.
    async fn fetch_by_queue(&self) -> Result<Vec<Statistic>, Error> {
        Ok(statistics(&self.counts(Some(self.queue())).await?))
    }
}

fn running(row: worker::Row) -> RunningWorker {
    let seconds = |moment: DateTime<Utc>| u64::try_from(moment.timestamp()).unwrap_or(0);
    RunningWorker {
        id: row.name,
        queue: row.queue,
        backend: "SurrealStorage".into(),
        started_at: seconds(row.started_at),
        last_heartbeat: seconds(row.seen_at),
        layers: row.layers,
    }
}

/// The counts under the names that apalis's SQL backends give them.
fn statistics(counts: &[Count]) -> Vec<Statistic> {
    let sum = |wanted: &dyn Fn(&Count) -> bool| -> i64 {
        counts.iter().filter(|count| wanted(count)).map(|count| count.count).sum()
    };
    let total = sum(&|_| true);
    let running = sum(&|count| count.stage == "held");
    let pending = sum(&|count| count.stage == "open");
    let killed = sum(&|count| count.status == "Killed");
    let rate = if total == 0 { 0.0 } else { 100.0 * killed as f64 / total as f64 };
    let number = |priority, title: &str, value: i64| Statistic {
        title: title.into(),
        stat_type: StatType::Number,
        value: value.to_string(),
        priority: Some(priority),
    };
    vec![
        number(1, "RUNNING_JOBS", running),
        number(1, "PENDING_JOBS", pending),
        number(2, "FAILED_JOBS", sum(&|count| count.status == "Failed")),
        number(2, "KILLED_JOBS", killed),
        number(2, "ACTIVE_JOBS", running + pending),
        Statistic {
            title: "KILL_RATE".into(),
            stat_type: StatType::Percentage,
            value: format!("{rate:.2}"),
            priority: Some(2),
        },
        number(3, "DONE_JOBS", sum(&|count| count.status == "Done")),
        number(4, "TOTAL_JOBS", total),
    ]
}
