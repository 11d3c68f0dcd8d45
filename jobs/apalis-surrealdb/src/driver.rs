//! The part of a worker that apalis does not poll: it claims, renews and gives back on a task of its
//! own, so that a slow job, a full buffer or a drain can't starve a lease.

use std::{collections::HashSet, sync::Arc, time::Duration};

use apalis_core::{task::Task, worker::context::WorkerContext};
use chrono::{DateTime, Utc};
use rand::seq::SliceRandom;
use surrealdb::types::RecordId;
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};

use ulid::Ulid;

use crate::{
    Config, Error, Steward,
    claim::{self, Claimer},
    ended::{self, Ended, Ending},
    entry::Entry,
    held::{Counts, Held, Renewed},
    look::{Look, Seen, look},
    stored::{Holder, Stored},
    worker,
};

/// A check that a task's bytes are the arguments that its job expects.
pub(crate) type Check = Arc<dyn Fn(&[u8]) -> Result<(), String> + Send + Sync>;

/// How much further back than the latest claim is looked: so long may a transaction take that enqueues, and so far apart may the
/// clocks be of those who do.
const MARGIN: Duration = Duration::from_millis(200);
/// How long before now everything is committed that was enqueued then; no transaction takes longer.
const SETTLED: Duration = Duration::from_secs(60);
/// How often, in looks at all that may wait, everything is looked at that was ever enqueued.
const FROM_THE_BEGINNING: u32 = 100;

/// How often as many as may be held may have ended and not be stored.
const MOST_ENDED: usize = 4;
/// The shortest wait for a task whose time is about to come.
const SHORTEST: Duration = Duration::from_millis(2);

/// What a claim took.
enum Claimed {
    /// Tasks, and the lease under which they are held.
    Some(Vec<Stored>, Arc<RecordId>),
    /// Nothing, and nothing will come for so long by itself.
    None(Duration),
}

/// How far a worker's claims came, in the order in which tasks may run.
struct Cursor {
    /// Up to where it claimed.
    from: DateTime<Utc>,
    /// Before it nothing waits.
    settled: DateTime<Utc>,
    /// When to look next at all that may wait, and how often that was done.
    next_look: Instant,
    looks: u32,
}

impl Default for Cursor {
    fn default() -> Self {
        Self { from: DateTime::UNIX_EPOCH, settled: DateTime::UNIX_EPOCH, next_look: Instant::now(), looks: 0 }
    }
}

impl Cursor {
    fn is_look_due(&self) -> bool {
        Instant::now() >= self.next_look
    }

    /// From where to look at all that may wait.
    fn begin_look(&mut self) -> DateTime<Utc> {
        self.looks = self.looks.wrapping_add(1);
        if self.looks.is_multiple_of(FROM_THE_BEGINNING) { DateTime::UNIX_EPOCH } else { self.settled }
    }

    /// Notes what a look at all found. It goes through what is taken and not swept yet, and is not to take much of the time.
    fn end_look(&mut self, ready: &[Entry], is_rest: bool, begun: (DateTime<Utc>, Instant), poll: Duration) {
        let first = first_and_last(ready).map(|(first, _)| first);
        let settled = begun.0 - SETTLED;
        match first {
            Some(first) => self.settled = self.settled.max(first.min(settled)),
            None if is_rest => self.settled = self.settled.max(settled),
            None => {}
        }
        self.next_look = Instant::now() + poll.max(begun.1.elapsed() * 20);
    }
}

/// When the first and the last of them were due, of those whose priority is the usual one.
fn first_and_last(ready: &[Entry]) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let due = || ready.iter().filter(|entry| entry.is_usual()).map(Entry::due);
    due().min().zip(due().max())
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
        let mut bell = self.steward.bells().of(&self.config.queue);
        let (mut backoff, mut contended) = (Duration::ZERO, false);
        let mut cursor = Cursor::default();
        self.be_seen().await;
        // A worker that is told to stop takes nothing more, though its running jobs free places.
        while !*closing.borrow() && !out.is_closed() && !self.worker.is_shutting_down() {
            bell.borrow_and_update();
            let room = self.room();
            let claimed = if room == 0 {
                Ok(Claimed::None(self.config.poll))
            } else {
                self.take(room, contended, &mut cursor).await
            };
            let pause = match claimed {
                Ok(Claimed::Some(rows, under)) => {
                    (backoff, contended) = (Duration::ZERO, false);
                    for row in rows {
                        self.hand_over(row, &under, &out).await;
                    }
                    self.held.claimed(under);
                    self.steward.spent(self.held.take_spent());
                    continue;
                }
                Ok(Claimed::None(wait)) => {
                    (backoff, contended) = (Duration::ZERO, false);
                    wait
                }
                // Another process claims at the same moment: soon again, and not for the same tasks.
                Err(error) if error.is_conflict() => {
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

    /// How many to claim: none while enough wait for their turn, so that a claim is for some and not for one, and none while
    /// many have ended whose ends can't be stored.
    fn room(&self) -> usize {
        let hold = self.config.hold;
        let Counts { unbegun, begun, ended } = self.held.counts();
        if unbegun > hold / 4 || ended > hold * MOST_ENDED { 0 } else { hold.saturating_sub(unbegun + begun) }
    }

    /// Says to the lists that this worker lives.
    async fn be_seen(&self) {
        let (db, queue) = (self.steward.db(), &self.config.queue);
        if let Err(error) = worker::register(db, &self.me, queue, self.worker.get_service()).await {
            tracing::debug!(%error, "the worker is not listed yet");
        }
    }

    /// Claims from where the claim before ended and, when nothing is there and at intervals, from where something may have been
    /// left behind: what was committed late, and what others gave back while this worker's clock was ahead.
    async fn take(&self, room: usize, contended: bool, cursor: &mut Cursor) -> Result<Claimed, Error> {
        let Config { queue, lease, poll, .. } = &self.config;
        let begun = (Utc::now(), Instant::now());
        let is_whole = cursor.is_look_due();
        let from = if is_whole { cursor.begin_look() } else { cursor.from.min(begun.0 - MARGIN) };
        let what = Look { queue, from, with_last: is_whole };
        // Any of the first are taken, and not the very first, so that those who claim at the same moment do not all want the same.
        let most = if contended { room.saturating_mul(4) } else { room };
        let Seen { mut ready, next } = look(self.steward.db(), &what, most).await?;
        if is_whole {
            cursor.end_look(&ready, ready.len() < most, begun, *poll);
        }
        if contended {
            ready.shuffle(&mut rand::rng());
            ready.truncate(room);
        }
        if ready.is_empty() {
            let look = cursor.next_look.saturating_duration_since(Instant::now());
            let next = next.and_then(|next| next.to_std().ok());
            return Ok(Claimed::None(next.map_or(look, |next| next.min(look)).max(SHORTEST)));
        }
        let under = RecordId::new("apalis_lease", format!("{} {}", self.me, Ulid::generate()));
        let claimer = Claimer { queue, me: &self.me, lease: *lease };
        claim::claim(self.steward.db(), &claimer, &under, &ready).await?;
        if !contended {
            cursor.from = first_and_last(&ready).map_or(cursor.from, |(_, last)| last);
        }
        self.steward.spent(ready.iter().map(|entry| entry.id.clone()));
        Ok(Claimed::Some(ready.into_iter().map(|entry| entry.into_task(queue)).collect(), Arc::new(under)))
    }

    /// Notes the claim and passes the task on; one that can't be read is ended at once, visibly.
    async fn hand_over(&self, row: Stored, under: &Arc<RecordId>, out: &mpsc::Sender<Task<Vec<u8>>>) {
        let lease = self.held.add(under, row.key(), row.epoch, row.attempts + 1);
        if let Err(fault) = (self.check)(&row.args) {
            let attempts = usize::try_from(row.attempts).unwrap_or(0) + 1;
            let ending = Ending::Killed(format!("its arguments can't be read: {fault}"));
            let ended = Ended { id: row.key().to_owned(), epoch: row.epoch, attempts, ending };
            match ended::acknowledge(self.steward.db(), &[ended]).await {
                Ok(_) => self.held.end(&lease),
                Err(error) => {
                    tracing::warn!(%error, "an unreadable task could not be ended yet");
                    drop(self.held.begin(&lease));
                }
            }
            return;
        }
        let holder = Holder { worker: self.me.clone(), since: Utc::now() };
        let task = row.builder(Some(&holder)).data(lease).build();
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
            if closed && self.held.renewed().tasks.is_empty() {
                self.steward.spent(self.held.take_spent());
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
            self.steward.spent(self.held.take_spent());
            next = match self.renew_once().await {
                Ok(()) => every,
                Err(error) => {
                    // Soon again: the lease is not long.
                    tracing::debug!(%error, queue = %self.config.queue, "leases could not be renewed; trying again");
                    soon
                }
            };
            if !*closing.borrow() {
                self.be_seen().await;
            }
        }
    }

    async fn renew_once(&self) -> Result<(), Error> {
        let db = self.steward.db();
        let Renewed { leases, tasks } = self.held.renewed();
        if tasks.is_empty() {
            return Ok(());
        }
        let kept: HashSet<(String, i64)> =
            claim::renew(db, leases, &tasks, self.config.lease).await?.into_iter().collect();
        for (id, epoch) in tasks.iter().filter(|task| !kept.contains(task)) {
            self.held.lose(id, *epoch);
        }
        Ok(())
    }

    async fn give_back(&self) {
        let unbegun = self.held.take_unbegun();
        if unbegun.is_empty() {
            return;
        }
        for tried in 1..=5 {
            match claim::give_back(self.steward.db(), &unbegun).await {
                Ok(()) => {
                    self.held.forget(&unbegun);
                    self.steward.bells().ring(&self.config.queue);
                    return;
                }
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
