//! Writes that come while a transaction is under way share the next one, and its sync.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{
    Semaphore,
    oneshot::{self, error::TryRecvError},
};

use crate::Error;

/// What became of a write. Those who shared a transaction share its error.
pub(crate) type Answer<A> = Result<A, Arc<Error>>;

struct Waiting<T, A> {
    item: T,
    tell: oneshot::Sender<Answer<A>>,
}

/// Items that wait for a transaction.
pub(crate) struct Together<T, A> {
    waiting: Mutex<Vec<Waiting<T, A>>>,
    turns: Semaphore,
    most: usize,
}

impl<T: Clone, A> Together<T, A> {
    /// At most `most` items share a transaction, and at most `transactions` are under way.
    pub fn new(most: usize, transactions: usize) -> Self {
        Self { waiting: Mutex::default(), turns: Semaphore::new(transactions), most }
    }

    /// Writes an item, with those that wait at the same moment: `write` takes them, first come, first written, and returns an
    /// answer for each. Returns when the database has it.
    pub async fn write<F, Fut>(&self, item: T, write: F) -> Answer<A>
    where
        F: Fn(Vec<T>) -> Fut,
        Fut: Future<Output = Result<Vec<A>, Error>>,
    {
        let mut told = self.wait(item.clone());
        loop {
            let turn = self.turns.acquire().await;
            match told.try_recv() {
                // Whoever had the turn before took this one along.
                Ok(answer) => return answer,
                Err(TryRecvError::Empty) => {}
                // Whoever had the turn before was let go in the middle of it.
                Err(TryRecvError::Closed) => told = self.wait(item.clone()),
            }
            let (items, tells): (Vec<T>, Vec<_>) = self.first().into_iter().map(|one| (one.item, one.tell)).unzip();
            match write(items).await {
                // Nobody waits any more when a caller was let go.
                Ok(answers) => tells.into_iter().zip(answers).for_each(|(tell, answer)| drop(tell.send(Ok(answer)))),
                Err(error) => {
                    let error = Arc::new(error);
                    tells.into_iter().for_each(|tell| drop(tell.send(Err(error.clone()))));
                }
            }
            drop(turn);
        }
    }

    fn wait(&self, item: T) -> oneshot::Receiver<Answer<A>> {
        let (tell, told) = oneshot::channel();
        self.lock().push(Waiting { item, tell });
        told
    }

    fn first(&self) -> Vec<Waiting<T, A>> {
        let mut waiting = self.lock();
        let count = waiting.len().min(self.most);
        waiting.drain(..count).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Waiting<T, A>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
