//! Bounded pools for work that keeps a processor busy: password hashes, password strength, Markdown, PDF. A pool runs a
//! few pieces of work at a time and lets a few more wait; whoever comes beyond that is told at once. One address holds at
//! most a quarter of a pool, so that it can't keep others out (ASVS 5.0, 15.2.2).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Semaphore;

/// Why a piece of work was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// The pool, or the caller's share of it, is full: try again in a moment.
    #[error("the {0} pool is full")]
    Full(&'static str),
    /// The work panicked.
    #[error("the work in the {0} pool ended early")]
    Lost(&'static str),
}

/// The portal's pools.
#[derive(Clone)]
pub struct Pools {
    /// Password hashes (argon2id).
    pub hashing: WorkPool,
    /// Password strength and Markdown.
    pub text: WorkPool,
    /// PDF and archives.
    pub documents: WorkPool,
}

impl Pools {
    /// Pools for a machine with this many processors.
    pub fn for_processors(count: usize) -> Self {
        let count = count.max(1);
        Self {
            hashing: WorkPool::new("hashing", count, 32 * count),
            text: WorkPool::new("text", count, 64 * count),
            documents: WorkPool::new("documents", count.div_ceil(2), 16),
        }
    }

    /// All of them, for metrics.
    pub fn all(&self) -> [&WorkPool; 3] {
        [&self.hashing, &self.text, &self.documents]
    }
}

/// One pool; a clone is the same pool.
#[derive(Clone)]
pub struct WorkPool(Arc<Inner>);

struct Inner {
    name: &'static str,
    running: Arc<Semaphore>,
    places: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    by_client: HashMap<String, usize>,
    refused: u64,
}

impl WorkPool {
    /// A pool that runs `at_once` pieces of work, and has `places` for those that run or wait.
    pub fn new(name: &'static str, at_once: usize, places: usize) -> Self {
        let running = Arc::new(Semaphore::new(at_once.max(1)));
        Self(Arc::new(Inner { name, running, places: places.max(4), taken: Mutex::default() }))
    }

    /// Its name in metrics.
    pub fn name(&self) -> &'static str {
        self.0.name
    }

    /// How many pieces of work run or wait, and how many were refused since the process began.
    pub fn load(&self) -> (usize, u64) {
        let taken = self.0.lock();
        (taken.all, taken.refused)
    }

    /// Runs work on a thread that may block. `client` is the address that asks; the portal's own work has none, waits
    /// for its turn and takes nobody's place.
    ///
    /// # Errors
    /// [`PoolError::Full`] at once, when the pool or the client's quarter of it is full.
    pub async fn run<T, W>(&self, client: Option<&str>, work: W) -> Result<T, PoolError>
    where
        T: Send + 'static,
        W: FnOnce() -> T + Send + 'static,
    {
        let place = client.map(|client| self.enter(client)).transpose()?;
        let turn = self.0.running.clone().acquire_owned().await.map_err(|_| PoolError::Lost(self.0.name))?;
        // Both are given back when the work ends, whether or not anybody still waits for it.
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop((turn, place));
            done
        });
        done.await.map_err(|_| PoolError::Lost(self.0.name))
    }

    fn enter(&self, client: &str) -> Result<Place, PoolError> {
        let mut taken = self.0.lock();
        let own = taken.by_client.get(client).copied().unwrap_or(0);
        if taken.all >= self.0.places || own >= self.0.places / 4 {
            taken.refused += 1;
            return Err(PoolError::Full(self.0.name));
        }
        taken.all += 1;
        taken.by_client.insert(client.to_owned(), own + 1);
        drop(taken);
        Ok(Place { pool: self.0.clone(), client: client.to_owned() })
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A client's place, given back when it is dropped.
struct Place {
    pool: Arc<Inner>,
    client: String,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.pool.lock();
        taken.all -= 1;
        match taken.by_client.get_mut(&self.client) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(taken.by_client.remove(&self.client)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Work that ends when its sender is dropped.
    fn held() -> (mpsc::Sender<()>, impl FnOnce() + Send + 'static) {
        let (hold, held) = mpsc::channel::<()>();
        (hold, move || held.recv().unwrap_or(()))
    }

    #[tokio::test]
    async fn one_address_holds_a_quarter_and_the_rest_is_for_others() {
        let pool = WorkPool::new("test", 1, 8);
        let (mut holds, mut tasks) = (Vec::new(), Vec::new());
        let mut start = |client: &str| {
            let (hold, work) = held();
            let (pool, client) = (pool.clone(), client.to_owned());
            holds.push(hold);
            tasks.push(tokio::spawn(async move { pool.run(Some(&client), work).await }));
        };
        start("a");
        start("a");
        tokio::task::yield_now().await;
        assert_eq!(pool.run(Some("a"), || ()).await, Err(PoolError::Full("test")), "its quarter is full");
        for client in ["b", "b", "c", "c", "d", "d"] {
            start(client);
        }
        tokio::task::yield_now().await;
        assert_eq!(pool.run(Some("e"), || ()).await, Err(PoolError::Full("test")), "the pool is full");
        assert_eq!(pool.load(), (8, 2));
        drop(holds);
        for task in tasks {
            assert_eq!(task.await.unwrap(), Ok(()));
        }
        assert_eq!(pool.load().0, 0);
        assert_eq!(pool.run(Some("a"), || 7).await, Ok(7));
    }

    #[tokio::test]
    async fn a_panic_gives_the_place_back() {
        let pool = WorkPool::new("test", 1, 4);
        assert_eq!(pool.run::<(), _>(Some("a"), || panic!("on purpose")).await, Err(PoolError::Lost("test")));
        assert_eq!(pool.run(Some("a"), || 7).await, Ok(7));
    }
}
