//! The part of a worker that apalis does not poll: it claims, renews and gives back on a task of its
//! own, so that a slow job, a full buffer or a drain can't starve a lease.

use std::{sync::Arc, time::Duration};

use apalis_core::{task::Task, worker::context::WorkerContext};
use chrono::{DateTime, TimeDelta, Utc};
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};

use crate::{
    Config, Error, Steward,
    claim::{self, Claimer, Ended, Ending},
    error::is_conflict,
    held::Held,
    stored::Stored,
    worker,
};

/// A check that a task's bytes are the arguments that its job expects.
pub(crate) type Check = Arc<dyn Fn(&[u8]) -> Result<(), String> + Send + Sync>;

/// How much further back than the latest claimed task is looked: so long may a transaction take that enqueues.
const MARGIN: TimeDelta = TimeDelta::milliseconds(200);

/// How far a worker's claims came, in the order in which tasks may run.
struct Cursor {
    since: Option<DateTime<Utc>>,
    /// When all tasks were looked at last.
    looked: Instant,
}

impl Default for Cursor {
    fn default() -> Self {
        Self { since: None, looked: Instant::now() }
    }
}

impl Cursor {
    fn is_due(&self, poll: Duration) -> bool {
        self.since.is_none() || self.looked.elapsed() >= poll
    }

    /// From where the claim after this one looks. Those of another priority say nothing of where the others are.
    fn latest(claimed: &[Stored]) -> Option<DateTime<Utc>> {
        claimed.iter().filter(|task| task.rank == 0).map(|task| task.run_at - MARGIN).max()
    }
}

/// What the driver works with.
pub(crate) struct Driver {
    pub steward: Steward,
    pub config: Config,
    pub held: Arc<Held>,
    pub check: Check,
    pub me: String,
    pub worker: WorkerContext,
}

impl Driver {
    /// Starts claiming into `out` until `closing` turns true, then gives back what never began.
    /// Returns what tells that it has ended.
    pub fn start(
        self,
        out: mpsc::Sender<Task<Vec<u8>>>,
        closing: watch::Receiver<bool>,
    ) -> tokio::task::JoinHandle<()> {
        let (renewing, claiming) = (self.steward.enter(), self.steward.enter());
        let driver = Arc::new(self);
        let (renewer, until) = (driver.clone(), closing.clone());
        tokio::spawn(async move {
            renewer.renew(until).await;
            drop(renewing);
        });
        tokio::spawn(async move {
            driver.claim(out, closing).await;
            drop(claiming);
        })
    }

    async fn claim(self: Arc<Self>, out: mpsc::Sender<Task<Vec<u8>>>, mut closing: watch::Receiver<bool>) {
        let mut bell = self.steward.bell(&self.config.queue);
        let (mut backoff, mut contended) = (Duration::ZERO, false);
        let mut cursor = Cursor::default();
        self.be_seen().await;
        // A worker that is told to stop takes nothing more, though its running jobs free places.
        while !*closing.borrow() && !out.is_closed() && !self.worker.is_shutting_down() {
            bell.borrow_and_update();
            let room = self.room();
            let claimed = if room == 0 { Ok(Vec::new()) } else { self.take(room, contended, &mut cursor).await };
            let pause = match claimed {
                Ok(rows) if !rows.is_empty() => {
                    (backoff, contended) = (Duration::ZERO, false);
                    for row in rows {
                        self.hand_over(row, &out).await;
                    }
                    continue;
                }
                Ok(_) => {
                    (backoff, contended) = (Duration::ZERO, false);
                    self.config.poll
                }
                // Another process claims at the same moment: soon again, and not for the same tasks.
                Err(Error::Database(error)) if is_conflict(&error) => {
                    contended = true;
                    Duration::from_millis(20).mul_f64(rand::random_range(0.1..=1.0))
                }
                Err(error) => {
                    // The database is away: the worker lives and looks again.
                    tracing::debug!(%error, queue = %self.config.queue, "no claim");
                    backoff = next_pause(backoff);
                    backoff
                }
            };
            tokio::select! {
                _ = closing.changed() => {}
                _ = bell.changed() => {}
                () = self.held.moved.notified() => {}
                () = out.closed() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
        self.give_back().await;
        if let Err(error) = worker::leave(self.steward.db(), &self.me).await {
            tracing::debug!(%error, "the worker's row stays until it is pruned");
        }
    }

    /// How many to claim: none while enough wait for their turn, so that a claim is for some and not for one.
    fn room(&self) -> usize {
        let hold = self.config.hold;
        if self.held.unbegun() > hold / 4 { 0 } else { hold.saturating_sub(self.held.count()) }
    }

    /// Says to the lists that this worker lives.
    async fn be_seen(&self) {
        let (db, queue) = (self.steward.db(), &self.config.queue);
        if let Err(error) = worker::register(db, &self.me, queue, self.worker.get_service()).await {
            tracing::debug!(%error, "the worker is not listed yet");
        }
    }

    /// Claims from where the claim before ended and, at intervals, from the beginning: what came back, and what was committed
    /// late, lies before the cursor.
    async fn take(&self, room: usize, contended: bool, cursor: &mut Cursor) -> Result<Vec<Stored>, Error> {
        let Config { queue, lease, poll, .. } = &self.config;
        let claim = |since, room| {
            let claimer = Claimer { queue, me: &self.me, lease: *lease, contended, since };
            async move { claim::claim(self.steward.db(), &claimer, room).await }
        };
        let mut claimed = match cursor.since {
            Some(since) if cursor.looked.elapsed() < *poll => claim(Some(since), room).await?,
            _ => Vec::new(),
        };
        if claimed.is_empty() && cursor.is_due(*poll) {
            claimed = claim(None, room).await?;
            cursor.looked = Instant::now();
            // Of what others claim at the same moment some are passed over. It goes on from there, also if that is further back.
            if !contended {
                cursor.since = Cursor::latest(&claimed).or(cursor.since);
            }
        } else if !contended {
            cursor.since = cursor.since.max(Cursor::latest(&claimed));
        }
        Ok(claimed)
    }

    /// Notes the claim and passes the task on; one that can't be read is ended at once, visibly.
    async fn hand_over(&self, row: Stored, out: &mpsc::Sender<Task<Vec<u8>>>) {
        let lease = self.held.add(&row.key, row.epoch, row.attempts + 1);
        if let Err(fault) = (self.check)(&row.args) {
            let attempts = usize::try_from(row.attempts).unwrap_or(0) + 1;
            let ending = Ending::Killed(format!("its arguments can't be read: {fault}"));
            let ended = vec![Ended::new(&row.key, row.epoch, attempts, &ending)];
            if let Err(error) = claim::acknowledge(self.steward.db(), ended).await {
                tracing::warn!(%error, "an unreadable task could not be ended; its lease will");
            }
            self.held.end(&lease);
            return;
        }
        let task = row.builder().data(lease).build();
        // The channel holds as many as may be held, so this never waits; closed means: give back.
        drop(out.send(task).await);
    }

    /// Renews every lease well before it ends, for as long as anything is held.
    async fn renew(self: Arc<Self>, mut closing: watch::Receiver<bool>) {
        let every = self.config.lease / 3;
        let soon = every.min(Duration::from_millis(200));
        let mut next = every;
        loop {
            let closed = *closing.borrow();
            if closed && self.held.count() == 0 {
                return;
            }
            let wait = if closed { soon } else { next };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                changed = closing.changed(), if !closed => match changed {
                    // What has not begun is being given back: renewing it would be in the way.
                    Ok(()) => continue,
                    Err(_) => return,
                },
            }
            let held = self.held.all();
            if held.is_empty() {
                if !*closing.borrow() {
                    self.be_seen().await;
                }
                continue;
            }
            match claim::renew(self.steward.db(), &held, self.config.lease).await {
                Ok(kept) => {
                    next = every;
                    if !*closing.borrow() {
                        self.be_seen().await;
                    }
                    for (id, epoch) in held.iter().filter(|(id, _)| !kept.contains(id)) {
                        self.held.lose(id, *epoch);
                    }
                }
                Err(error) => {
                    // Most likely an acknowledgement came between. Soon again: the lease is not long.
                    next = soon;
                    tracing::debug!(%error, queue = %self.config.queue, "leases could not be renewed; trying again");
                }
            }
        }
    }

    async fn give_back(&self) {
        let unbegun = self.held.take_unbegun();
        if unbegun.is_empty() {
            return;
        }
        for tried in 1..=5 {
            match claim::give_back(self.steward.db(), &unbegun).await {
                Ok(()) => return,
                Err(error) if tried == 5 => {
                    tracing::warn!(%error, "unstarted tasks could not be given back; their leases will end");
                }
                Err(_) => tokio::time::sleep(next_pause(Duration::from_millis(20 * tried))).await,
            }
        }
    }
}

fn next_pause(pause: Duration) -> Duration {
    let longer = (pause * 2).clamp(Duration::from_millis(10), Duration::from_secs(5));
    longer.mul_f64(rand::random_range(0.5..=1.0))
}
