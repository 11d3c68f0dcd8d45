//! The threads that actors run on: not those that answer requests, which end with their server.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use actix::{Arbiter, ArbiterHandle};

/// A set of threads for actors.
#[derive(Clone)]
pub struct Stage {
    threads: Arc<Vec<ArbiterHandle>>,
    next: Arc<AtomicUsize>,
}

impl Stage {
    /// Starts so many threads. Within an actix system.
    pub fn start(threads: usize) -> Self {
        let threads = (0..threads.max(1)).map(|_| Arbiter::new().handle()).collect();
        Self { threads: Arc::new(threads), next: Arc::default() }
    }

    /// The thread for the next actor, each in turn.
    pub fn next(&self) -> &ArbiterHandle {
        &self.threads[self.next.fetch_add(1, Ordering::Relaxed) % self.threads.len()]
    }

    /// Ends the threads with all actors on them.
    pub fn stop(&self) {
        for thread in self.threads.iter() {
            thread.stop();
        }
    }
}
