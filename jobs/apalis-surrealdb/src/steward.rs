//! What one process does for all of its queues: it hears of what others enqueue by one LIVE query, brings back what dead workers
//! held, and deletes what has served.

use std::{
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use futures_util::StreamExt;
use surrealdb::types::{RecordId, SurrealValue};
use tokio::{sync::watch, time::Instant};

use crate::{
    Bells, Database, Error, NewTask,
    enqueue::{self, enqueue},
    reclaim, retry,
    sweep::{self, Walk},
    together::{Answer, Together},
    worker,
};

/// How long ended tasks are kept.
const KEPT: Duration = Duration::from_secs(14 * 24 * 60 * 60);
/// How often is looked, at most, for what dead workers held.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);
/// How often is looked for tasks that ended long ago, and how often for what dead workers left, in looks of the other kind.
const OLD: u64 = 10;
const LEFT: u64 = 600;
/// How many ids of what has served wait at most; what comes beyond is found later.
const MOST_SPENT: usize = 100_000;
/// The wait after a database error; the work goes on when it is over.
const PAUSE: Duration = Duration::from_millis(500);

/// Shared by a process's workers; the last handle that goes ends its two tasks.
#[derive(Clone)]
pub struct Steward(Arc<Inner>);

struct Inner {
    db: Database,
    bells: Bells,
    pushes: Together<Vec<NewTask>, ()>,
    /// Entries and leases that have served.
    spent: Mutex<Vec<RecordId>>,
    /// The longest time between two looks.
    poll: Duration,
    /// How many workers' drivers have not ended, and how many ends of jobs are not stored.
    present: watch::Sender<usize>,
    /// Rings when a task of any queue ended in this process.
    ended: watch::Sender<u64>,
    /// Goes with the last handle, and with it its two tasks.
    _here: watch::Sender<()>,
}

/// Somebody who has not ended.
pub(crate) struct Present(Steward);

impl Drop for Present {
    fn drop(&mut self) {
        self.0.0.present.send_modify(|count| *count -= 1);
    }
}

impl Steward {
    /// Starts to look after the queues on the runtime that calls it.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn start(db: Database, poll: Duration) -> Self {
        let (here, gone) = watch::channel(());
        let inner = Arc::new(Inner {
            bells: db.bells().unwrap_or_default(),
            db,
            pushes: Together::new(enqueue::TOGETHER, 2),
            spent: Mutex::default(),
            poll,
            present: watch::channel(0).0,
            ended: watch::channel(0).0,
            _here: here,
        });
        tokio::spawn(follow(Arc::downgrade(&inner), gone.clone()));
        tokio::spawn(keep_time(Arc::downgrade(&inner), gone));
        Self(inner)
    }

    /// The bells of this process, for those who enqueue in transactions of their own.
    pub fn bells(&self) -> &Bells {
        &self.0.bells
    }

    /// Enqueues, in a transaction that those share who enqueue at the same moment.
    pub(crate) async fn enqueue(&self, tasks: Vec<NewTask>) -> Answer<()> {
        let queues: Vec<String> = tasks.iter().map(|task| task.queue().to_owned()).collect();
        let write = |pushes: Vec<Vec<NewTask>>| async move {
            enqueue(&self.0.db, &pushes).await?;
            Ok(vec![(); pushes.len()])
        };
        if tasks.iter().any(NewTask::has_own_id) {
            // One whose id is there already is refused by itself.
            enqueue(&self.0.db, &[tasks]).await.map_err(Arc::new)?;
        } else {
            self.0.pushes.write(tasks, write).await?;
        }
        queues.iter().for_each(|queue| self.0.bells.ring(queue));
        Ok(())
    }

    /// Notes entries and leases that have served.
    pub(crate) fn spent(&self, ids: impl IntoIterator<Item = RecordId>) {
        let mut spent = self.0.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let room = MOST_SPENT.saturating_sub(spent.len());
        spent.extend(ids.into_iter().take(room));
    }

    /// Resolves when every worker under this steward has ended and given back what it had not begun.
    /// apalis itself does not wait for that.
    pub async fn drained(&self) {
        drop(self.0.present.subscribe().wait_for(|count| *count == 0).await);
    }

    /// A bell that rings when a task ended in this process.
    pub(crate) fn ended(&self) -> watch::Receiver<u64> {
        self.0.ended.subscribe()
    }

    pub(crate) fn ring_ended(&self) {
        self.0.ended.send_modify(|count| *count += 1);
    }

    pub(crate) fn enter(&self) -> Present {
        self.0.present.send_modify(|count| *count += 1);
        Present(self.clone())
    }

    pub(crate) fn db(&self) -> &Database {
        &self.0.db
    }
}

#[derive(Debug, SurrealValue)]
struct Rung {
    queues: Vec<String>,
}

/// Rings the bell of each queue that got a task. The LIVE query ends with its connection: then all
/// bells ring once, because something may have been missed, and a new one is opened.
async fn follow(inner: Weak<Inner>, mut gone: watch::Receiver<()>) {
    loop {
        let Some(strong) = inner.upgrade() else { return };
        let opened = retry(|| async { Ok(strong.db.follow("LIVE SELECT queues FROM apalis_bell").await?) }).await;
        strong.bells.ring_all();
        drop(strong);
        match opened {
            Ok(mut arrivals) => {
                // A transaction that began before the LIVE query and commits after it is not told.
                let mut settle = Box::pin(tokio::time::sleep(PAUSE));
                let mut settled = false;
                loop {
                    let arrival = tokio::select! {
                        arrival = arrivals.next() => arrival,
                        _ = gone.changed() => return,
                        () = &mut settle, if !settled => {
                            settled = true;
                            let Some(strong) = inner.upgrade() else { return };
                            strong.bells.ring_all();
                            continue;
                        }
                    };
                    let Some(Ok(arrival)) = arrival else { break };
                    let Some(strong) = inner.upgrade() else { return };
                    if let Ok(Rung { queues }) = arrival.data.into_t() {
                        queues.iter().for_each(|queue| strong.bells.ring(queue));
                    }
                }
                tracing::info!("the queue's LIVE query ended; opening another");
            }
            Err(error) => tracing::warn!(%error, "the queue's LIVE query could not be opened; polling meanwhile"),
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            _ = gone.changed() => return,
        }
    }
}

/// Reclaims, sweeps and prunes, at the latest every `poll`.
async fn keep_time(inner: Weak<Inner>, mut gone: watch::Receiver<()>) {
    let (mut rounds, mut walk) = (0_u64, Walk::default());
    loop {
        let Some(strong) = inner.upgrade() else { return };
        let begun = Instant::now();
        let wait = strong.poll.min(BETWEEN_LOOKS);
        if let Err(error) = strong.round(rounds, &mut walk).await {
            // A conflict ends it for this time; a database that is away comes back.
            tracing::debug!(%error, "the queue's timer could not look; trying again");
        }
        rounds += 1;
        // Waiting holds no strong handle, so that the last worker's end is noticed.
        drop(strong);
        tokio::select! {
            () = tokio::time::sleep_until(begun + wait.max(begun.elapsed() * 2)) => {}
            _ = gone.changed() => return,
        }
    }
}

impl Inner {
    async fn round(&self, round: u64, walk: &mut Walk) -> Result<(), Error> {
        let (leases, queues) = reclaim::reclaim(&self.db).await?;
        if !queues.is_empty() {
            tracing::warn!(leases, tasks = queues.len(), "tasks of dead workers came back");
            queues.iter().for_each(|queue| self.bells.ring(queue));
        }
        let spent: Vec<RecordId> = {
            let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
            let count = spent.len().min(self.db.most_deleted());
            spent.drain(..count).collect()
        };
        sweep::delete(&self.db, spent).await?;
        if round.is_multiple_of(OLD) {
            while let (1.., false) = walk.step(&self.db, None, KEPT).await? {}
        }
        if round.is_multiple_of(LEFT) {
            worker::prune(&self.db).await?;
            sweep::left(&self.db, KEPT).await?;
        }
        Ok(())
    }
}
