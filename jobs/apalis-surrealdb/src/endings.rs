//! How jobs ended, on its way into the database: what comes while a transaction is under way shares the next one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{
    Semaphore,
    oneshot::{self, error::TryRecvError},
};

use crate::{
    Database, Error,
    claim::{self, Ended},
};

/// How many share a transaction, and how many transactions are under way.
const TOGETHER: usize = 50;
const TRANSACTIONS: usize = 2;

/// Whether the claim was still its worker's, or why that is not known. Those who shared a transaction share its error.
type Answer = Result<bool, Arc<Error>>;

struct Waiting {
    id: String,
    ended: Ended,
    tell: oneshot::Sender<Answer>,
}

/// The endings of one worker's jobs.
pub(crate) struct Endings {
    waiting: Mutex<Vec<Waiting>>,
    turns: Semaphore,
}

impl Default for Endings {
    fn default() -> Self {
        Self { waiting: Mutex::default(), turns: Semaphore::new(TRANSACTIONS) }
    }
}

impl Endings {
    /// Stores how a job ended; returns when the database has it. False: the claim was no longer this worker's.
    pub async fn store(&self, db: &Database, id: &str, ended: Ended) -> Answer {
        let mut told = self.wait(id, &ended);
        loop {
            let turn = self.turns.acquire().await;
            match told.try_recv() {
                // Whoever had the turn before took this one along.
                Ok(answer) => return answer,
                Err(TryRecvError::Empty) => {}
                // Whoever had the turn before was let go in the middle of it.
                Err(TryRecvError::Closed) => told = self.wait(id, &ended),
            }
            self.write(db).await;
            drop(turn);
        }
    }

    fn wait(&self, id: &str, ended: &Ended) -> oneshot::Receiver<Answer> {
        let (tell, told) = oneshot::channel();
        self.lock().push(Waiting { id: id.to_owned(), ended: ended.clone(), tell });
        told
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what waits, the first that came first.
    async fn write(&self, db: &Database) {
        let batch: Vec<Waiting> = {
            let mut waiting = self.lock();
            let count = waiting.len().min(TOGETHER);
            waiting.drain(..count).collect()
        };
        let stored = claim::acknowledge(db, batch.iter().map(|one| one.ended.clone()).collect()).await;
        let stored = stored.map_err(Arc::new);
        for one in batch {
            let answer = stored.as_ref().map(|ids| ids.contains(&one.id)).map_err(Arc::clone);
            // Nobody waits any more when the worker was let go.
            one.tell.send(answer).ok();
        }
    }
}
