//! Bells: one a queue, which wakes those who wait for its tasks in this process.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::watch;

/// The bells of a process. Whoever enqueues in a transaction of his own rings when it is committed; it may ring without cause.
#[derive(Clone, Debug, Default)]
pub struct Bells(Arc<Mutex<HashMap<String, watch::Sender<u64>>>>);

impl Bells {
    /// Wakes those who wait for this queue's tasks.
    pub fn ring(&self, queue: &str) {
        if let Some(bell) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(queue) {
            bell.send_modify(|count| *count += 1);
        }
    }

    /// Wakes everybody.
    pub(crate) fn ring_all(&self) {
        let bells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        bells.values().for_each(|bell| bell.send_modify(|count| *count += 1));
    }

    /// The bell of a queue.
    pub(crate) fn of(&self, queue: &str) -> watch::Receiver<u64> {
        let mut bells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        bells.entry(queue.to_owned()).or_insert_with(|| watch::channel(0).0).subscribe()
    }
}
