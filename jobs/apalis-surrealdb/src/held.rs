//! What this worker holds: claimed and not yet acknowledged.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use surrealdb::types::RecordId;
use tokio::sync::{Notify, watch};

use crate::Lease;

/// A claim whose job has begun. Dropped before its end is stored, its job was let go: it runs again when the lease ends, which is
/// not renewed for it.
pub(crate) struct Begun {
    held: Arc<Held>,
    lease: Lease,
}

impl Begun {
    /// Its job has ended.
    pub fn job_ended(&self) {
        self.held.job_ended(&self.lease);
    }

    /// Its end is stored, or is no longer this worker's to store.
    pub fn end(self) {
        self.held.end(&self.lease);
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        self.held.let_go(&self.lease);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Waits,
    Begun,
    /// Its job has ended, and its end is not stored yet.
    Ended,
    /// Its job was dropped in the middle.
    LetGo,
    /// It is being given back.
    GoesBack,
}

struct Entry {
    epoch: i64,
    state: State,
    /// The record under which it was claimed.
    under: Arc<RecordId>,
    lost: watch::Sender<bool>,
}

/// How many are held whose job has not begun, runs, and has ended.
pub(crate) struct Counts {
    pub unbegun: usize,
    pub begun: usize,
    pub ended: usize,
}

/// What is renewed: leases, and the tasks that are held under them.
pub(crate) struct Renewed {
    pub leases: Vec<RecordId>,
    pub tasks: Vec<(String, i64)>,
}

/// The claims of one worker.
#[derive(Default)]
pub(crate) struct Held {
    entries: Mutex<HashMap<String, Entry>>,
    /// Rings when a job begins or a place becomes free.
    pub moved: Notify,
    /// Leases under which nothing is held any more.
    spent: Mutex<Vec<RecordId>>,
}

impl Held {
    fn entries(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a claim.
    pub fn add(self: &Arc<Self>, under: &Arc<RecordId>, id: &str, epoch: i64, attempt: i64) -> Lease {
        let (lost, watched) = watch::channel(false);
        self.entries().insert(id.to_owned(), Entry { epoch, state: State::Waits, under: under.clone(), lost });
        Lease { id: id.to_owned(), epoch, attempt, lost: watched, lent: Arc::default() }
    }

    /// Notes that the job of this claim begins; nothing if the claim was given back meanwhile.
    pub fn begin(self: &Arc<Self>, lease: &Lease) -> Option<Begun> {
        match self.entries().get_mut(&lease.id) {
            Some(entry) if entry.epoch == lease.epoch && entry.state == State::Waits => {
                entry.state = State::Begun;
                self.moved.notify_one();
                Some(Begun { held: self.clone(), lease: lease.clone() })
            }
            _ => None,
        }
    }

    /// Forgets a claim that ended.
    pub fn end(&self, lease: &Lease) {
        drop(self.remove(&lease.id, lease.epoch));
        self.moved.notify_one();
    }

    /// Notes that the job of this claim ended: its place is free, though its end is not stored.
    fn job_ended(&self, lease: &Lease) {
        if let Some(entry) = self.entries().get_mut(&lease.id)
            && entry.epoch == lease.epoch
        {
            entry.state = State::Ended;
        }
        self.moved.notify_one();
    }

    /// Notes that the job of this claim was dropped in the middle.
    fn let_go(&self, lease: &Lease) {
        if let Some(entry) = self.entries().get_mut(&lease.id)
            && entry.epoch == lease.epoch
        {
            entry.state = State::LetGo;
        }
        self.moved.notify_one();
    }

    /// Takes a claim out, and notes its lease if nothing is left under it.
    fn remove(&self, id: &str, epoch: i64) -> Option<Entry> {
        let mut entries = self.entries();
        entries.get(id).filter(|entry| entry.epoch == epoch)?;
        let entry = entries.remove(id)?;
        // Whoever claims under it holds it as well.
        if Arc::strong_count(&entry.under) == 1 {
            self.spend(&entry.under);
        }
        drop(entries);
        Some(entry)
    }

    /// Notes that all tasks of a lease were added.
    pub fn claimed(&self, under: Arc<RecordId>) {
        let entries = self.entries();
        if Arc::strong_count(&under) == 1 {
            self.spend(&under);
        }
        drop((under, entries));
    }

    fn spend(&self, lease: &RecordId) {
        self.spent.lock().unwrap_or_else(PoisonError::into_inner).push(lease.clone());
    }

    /// Takes the leases under which nothing is held any more.
    pub fn take_spent(&self) -> Vec<RecordId> {
        std::mem::take(&mut self.spent.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many are held.
    pub fn counts(&self) -> Counts {
        let entries = self.entries();
        let count = |state| entries.values().filter(|entry| entry.state == state).count();
        Counts { unbegun: count(State::Waits), begun: count(State::Begun), ended: count(State::Ended) }
    }

    /// All that is renewed.
    pub fn renewed(&self) -> Renewed {
        let entries = self.entries();
        let held =
            || entries.iter().filter(|(_, entry)| matches!(entry.state, State::Waits | State::Begun | State::Ended));
        let mut leases: Vec<&Arc<RecordId>> = held().map(|(_, entry)| &entry.under).collect();
        leases.sort_unstable_by_key(|lease| Arc::as_ptr(lease));
        leases.dedup_by_key(|lease| Arc::as_ptr(lease));
        let leases = leases.into_iter().map(|lease| RecordId::clone(lease)).collect();
        Renewed { leases, tasks: held().map(|(id, entry)| (id.clone(), entry.epoch)).collect() }
    }

    /// Those whose job has not begun; none of these jobs begins any more.
    pub fn take_unbegun(&self) -> Vec<(String, i64)> {
        let mut entries = self.entries();
        entries
            .values_mut()
            .filter(|entry| entry.state == State::Waits)
            .for_each(|entry| entry.state = State::GoesBack);
        ids(&entries, State::GoesBack)
    }

    /// Forgets claims that were given back.
    pub fn forget(&self, ids: &[(String, i64)]) {
        for (id, epoch) in ids {
            self.lose(id, *epoch);
        }
    }

    /// Tells the job of a claim that another worker has it now.
    pub fn lose(&self, id: &str, epoch: i64) {
        if let Some(entry) = self.remove(id, epoch) {
            entry.lost.send_replace(true);
        }
    }
}

fn ids(entries: &HashMap<String, Entry>, state: State) -> Vec<(String, i64)> {
    entries.iter().filter(|(_, entry)| entry.state == state).map(|(id, entry)| (id.clone(), entry.epoch)).collect()
}
