//! What one process does for all of its queues: it follows enqueues by one LIVE query, makes delayed
//! tasks ready when their time comes, brings back what dead workers held, and prunes what is old.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use futures_util::StreamExt;
use surrealdb::types::SurrealValue;
use tokio::{
    sync::{Notify, watch},
    time::Instant,
};

use crate::{Database, Error, claim, retry, worker};

/// How long ended tasks are kept.
const KEPT: Duration = Duration::from_secs(14 * 24 * 60 * 60);
/// How often is looked, at most, for what dead workers held.
const BETWEEN_RECLAIMS: Duration = Duration::from_secs(1);
/// The wait after a database error; the work goes on when it is over.
const PAUSE: Duration = Duration::from_millis(500);

/// Shared by a process's workers; the last handle that goes ends its two tasks.
#[derive(Clone)]
pub struct Steward(Arc<Inner>);

struct Inner {
    db: Database,
    bells: Mutex<HashMap<String, watch::Sender<u64>>>,
    /// Rings when the timer is to look sooner than it meant to.
    timer: Arc<Notify>,
    /// When it is to look then.
    sooner: Mutex<Option<Instant>>,
    /// The longest time between two looks.
    poll: Duration,
    /// How many workers' drivers have not ended.
    drivers: watch::Sender<usize>,
    /// Rings when a task of any queue ended in this process.
    ended: watch::Sender<u64>,
    /// Goes with the last handle, and with it its two tasks.
    _here: watch::Sender<()>,
}

/// A driver that has not ended.
pub(crate) struct Present(Steward);

impl Drop for Present {
    fn drop(&mut self) {
        self.0.0.drivers.send_modify(|count| *count -= 1);
    }
}

impl Steward {
    /// Starts to look after the queues on the runtime that calls it.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn start(db: Database, poll: Duration) -> Self {
        let (here, gone) = watch::channel(());
        let (drivers, ended) = (watch::channel(0).0, watch::channel(0).0);
        let inner = Arc::new(Inner {
            db,
            bells: Mutex::default(),
            timer: Arc::default(),
            sooner: Mutex::default(),
            poll,
            drivers,
            ended,
            _here: here,
        });
        tokio::spawn(follow(Arc::downgrade(&inner), gone.clone()));
        tokio::spawn(keep_time(Arc::downgrade(&inner), gone));
        Self(inner)
    }

    /// A bell that rings when a task of this queue becomes ready; it may ring without cause.
    pub(crate) fn bell(&self, queue: &str) -> watch::Receiver<u64> {
        let mut bells = self.0.bells.lock().unwrap_or_else(PoisonError::into_inner);
        bells.entry(queue.to_owned()).or_insert_with(|| watch::channel(0).0).subscribe()
    }

    /// Resolves when every worker under this steward has ended and given back what it had not begun.
    /// apalis itself does not wait for that.
    pub async fn drained(&self) {
        drop(self.0.drivers.subscribe().wait_for(|count| *count == 0).await);
    }

    /// A bell that rings when a task ended in this process.
    pub(crate) fn ended(&self) -> watch::Receiver<u64> {
        self.0.ended.subscribe()
    }

    pub(crate) fn ring_ended(&self) {
        self.0.ended.send_modify(|count| *count += 1);
    }

    pub(crate) fn enter(&self) -> Present {
        self.0.drivers.send_modify(|count| *count += 1);
        Present(self.clone())
    }

    pub(crate) fn db(&self) -> &Database {
        &self.0.db
    }
}

impl Inner {
    fn ring(&self, queue: &str) {
        let bells = self.bells.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bell) = bells.get(queue) {
            bell.send_modify(|count| *count += 1);
        }
    }

    fn ring_all(&self) {
        let bells = self.bells.lock().unwrap_or_else(PoisonError::into_inner);
        bells.values().for_each(|bell| bell.send_modify(|count| *count += 1));
        drop(bells);
        self.look_in(Duration::ZERO);
    }

    /// Has the timer look after this time, if it meant to look later.
    fn look_in(&self, wait: Duration) {
        let at = Instant::now() + wait;
        let mut sooner = self.sooner.lock().unwrap_or_else(PoisonError::into_inner);
        *sooner = Some(sooner.map_or(at, |sooner| sooner.min(at)));
        drop(sooner);
        self.timer.notify_one();
    }
}

#[derive(Debug, SurrealValue)]
struct Arrival {
    queue: String,
    stage: String,
    wait: Duration,
}

/// Rings the bell of each queue that got a task. The LIVE query ends with its connection: then all
/// bells ring once, because something may have been missed, and a new one is opened.
async fn follow(inner: Weak<Inner>, mut gone: watch::Receiver<()>) {
    loop {
        let Some(strong) = inner.upgrade() else { return };
        let opened = retry(|| async {
            let live = "LIVE SELECT queue, stage, IF due > time::now() { due - time::now() } ELSE { 0s } AS wait FROM apalis_task
                WHERE stage = 'ready' OR stage = 'delayed'";
            Ok(strong.db.follow(live).await?)
        })
        .await;
        strong.ring_all();
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
                            strong.ring_all();
                            continue;
                        }
                    };
                    let Some(Ok(arrival)) = arrival else { break };
                    let Some(strong) = inner.upgrade() else { return };
                    let Ok(arrival) = arrival.data.into_t::<Arrival>() else { continue };
                    if arrival.stage == "delayed" {
                        strong.look_in(arrival.wait);
                    } else {
                        strong.ring(&arrival.queue);
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

/// Promotes, reclaims and prunes, at the latest every `poll`.
async fn keep_time(inner: Weak<Inner>, mut gone: watch::Receiver<()>) {
    let mut rounds: u64 = 0;
    let mut reclaimed: Option<Instant> = None;
    loop {
        let Some(strong) = inner.upgrade() else { return };
        // A lease is many seconds long: what comes more often are delayed tasks whose time has come.
        let is_reclaiming = reclaimed.is_none_or(|at| at.elapsed() >= strong.poll.min(BETWEEN_RECLAIMS));
        if is_reclaiming {
            reclaimed = Some(Instant::now());
        }
        let wait = match round(&strong.db, rounds, is_reclaiming).await {
            Ok(next) => next.unwrap_or(strong.poll).clamp(Duration::from_millis(5), strong.poll),
            Err(error) => {
                tracing::warn!(%error, "the queue's timer could not look; trying again");
                PAUSE
            }
        };
        rounds += u64::from(is_reclaiming);
        // Waiting holds no strong handle, so that the last worker's end is noticed.
        let timer = strong.timer.clone();
        drop(strong);
        let mut until = Instant::now() + wait;
        while Instant::now() < until {
            tokio::select! {
                () = timer.notified() => {
                    let Some(strong) = inner.upgrade() else { return };
                    let sooner = strong.sooner.lock().unwrap_or_else(PoisonError::into_inner).take();
                    until = sooner.map_or(until, |sooner| until.min(sooner));
                }
                () = tokio::time::sleep_until(until) => {}
                _ = gone.changed() => return,
            }
        }
    }
}

async fn round(db: &Database, rounds: u64, is_reclaiming: bool) -> Result<Option<Duration>, Error> {
    if !is_reclaiming {
        return claim::promote(db).await;
    }
    let reclaimed = claim::reclaim(db).await?;
    if reclaimed > 0 {
        tracing::warn!(reclaimed, "tasks of a dead worker came back");
    }
    if rounds.is_multiple_of(100) {
        // A conflict ends it for this time; it must not keep the timer waiting.
        drop(worker::prune(db).await);
        while matches!(claim::prune(db, KEPT).await, Ok(pruned) if pruned >= claim::PRUNED_AT_ONCE) {}
    }
    claim::promote(db).await
}
