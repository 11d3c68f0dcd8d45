//! What this worker holds: claimed and not yet acknowledged.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{Notify, watch};

use crate::Lease;

/// A claim whose job has begun. Dropped, with its job or after it, it is held no more: the lease of a job
/// that its worker let go must end.
pub(crate) struct Begun {
    held: Arc<Held>,
    lease: Lease,
}

impl Drop for Begun {
    fn drop(&mut self) {
        self.held.end(&self.lease);
    }
}

struct Entry {
    epoch: i64,
    begun: bool,
    lost: watch::Sender<bool>,
}

/// The claims of one worker.
#[derive(Default)]
pub(crate) struct Held {
    entries: Mutex<HashMap<String, Entry>>,
    /// Rings when a job begins or a place becomes free.
    pub moved: Notify,
}

impl Held {
    fn entries(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a claim.
    pub fn add(self: &Arc<Self>, id: &str, epoch: i64, attempt: i64) -> Lease {
        let (lost, watched) = watch::channel(false);
        self.entries().insert(id.to_owned(), Entry { epoch, begun: false, lost });
        Lease { id: id.to_owned(), epoch, attempt, lost: watched, lent: Arc::default() }
    }

    /// Notes that the job of this claim begins; nothing if the claim was given back meanwhile.
    pub fn begin(self: &Arc<Self>, lease: &Lease) -> Option<Begun> {
        match self.entries().get_mut(&lease.id) {
            Some(entry) if entry.epoch == lease.epoch => {
                entry.begun = true;
                self.moved.notify_one();
                Some(Begun { held: self.clone(), lease: lease.clone() })
            }
            _ => None,
        }
    }

    /// Forgets a claim that ended.
    pub fn end(&self, lease: &Lease) {
        let mut entries = self.entries();
        if entries.get(&lease.id).is_some_and(|entry| entry.epoch == lease.epoch) {
            entries.remove(&lease.id);
        }
        drop(entries);
        self.moved.notify_one();
    }

    /// How many are held.
    pub fn count(&self) -> usize {
        self.entries().len()
    }

    /// How many are held whose job has not begun.
    pub fn unbegun(&self) -> usize {
        self.entries().values().filter(|entry| !entry.begun).count()
    }

    /// Ids and tokens of all that are held.
    pub fn all(&self) -> Vec<(String, i64)> {
        self.entries().iter().map(|(id, entry)| (id.clone(), entry.epoch)).collect()
    }

    /// Takes out those whose job has not begun.
    pub fn take_unbegun(&self) -> Vec<(String, i64)> {
        let mut entries = self.entries();
        let ids: Vec<(String, i64)> =
            entries.iter().filter(|(_, entry)| !entry.begun).map(|(id, entry)| (id.clone(), entry.epoch)).collect();
        for (id, _) in &ids {
            entries.remove(id);
        }
        ids
    }

    /// Tells the job of a claim that another worker has it now.
    pub fn lose(&self, id: &str, epoch: i64) {
        let mut entries = self.entries();
        if entries.get(id).is_some_and(|entry| entry.epoch == epoch)
            && let Some(entry) = entries.remove(id)
        {
            entry.lost.send_replace(true);
        }
    }
}
