//! Floor 2: one door to the database. Queries run on the process's own runtime, not on
//! the thread that answers a request, and a transaction that lost against another is tried again.

pub mod ceiling;
pub mod changes;
pub mod counters;
mod error;
pub mod migrate;
pub mod queue;
pub mod rate_limit;
pub mod statement;
mod transaction;
pub mod user;

use std::{borrow::Cow, sync::Arc, time::Duration};

use apalis_surrealdb::{Database as Handle, is_conflict, worst};
use secrecy::ExposeSecret;
use surrealdb::{
    IndexedResults, Surreal,
    engine::any::{Any, connect},
    opt::auth::Database as SignIn,
    types::Variables,
};

use tokio::sync::Semaphore;

pub use error::DbError;
pub(crate) use statement::statement;
pub use statement::{Answer, Query, STATEMENTS, Statement, Whole};
pub use surrealdb::types as value;
pub use transaction::Transaction;

use crate::words::config::Database;

/// How long a question may take before its asker is told that the database is away.
const PATIENCE: Duration = Duration::from_secs(15);
/// How many questions are put to the database at a time.
const AT_ONCE: usize = 512;
/// How often a transaction that lost against another one is tried.
const TRIES: u32 = 12;
/// Namespace and database within the engine.
const NAME: &str = "springboard";

/// The door to the database; a clone is the same door.
#[derive(Clone)]
pub struct Db {
    handle: Handle,
    runtime: tokio::runtime::Handle,
    places: Arc<Semaphore>,
    observer: Option<QueryObserver>,
}

/// Sees every question with its values before it is asked, and may answer in the database's place: for tests
/// that look at plans or take the database away.
pub type QueryObserver = Arc<dyn Fn(&str, &Variables) -> Result<(), DbError> + Send + Sync>;

impl Db {
    /// Connects, on the runtime that calls: it must live as long as the process.
    ///
    /// # Errors
    /// When the engine can't be opened or the server refuses.
    pub async fn open(database: &Database) -> Result<Self, DbError> {
        let db = connect(database.url.as_str()).await?;
        if let Some((user, password)) = &database.sign_in {
            let (username, password) = (user.clone(), password.expose_secret().to_owned());
            db.signin(SignIn { namespace: NAME.into(), database: NAME.into(), username, password }).await?;
        }
        Self::on(db).await
    }

    /// A database in memory, for tests.
    ///
    /// # Errors
    /// When the engine can't be opened.
    pub async fn in_memory() -> Result<Self, DbError> {
        Self::on(connect("mem://").await?).await
    }

    async fn on(db: Surreal<Any>) -> Result<Self, DbError> {
        db.use_ns(NAME).use_db(NAME).await?;
        Ok(Self {
            handle: Arc::new(db),
            runtime: tokio::runtime::Handle::current(),
            places: Arc::new(Semaphore::new(AT_ONCE)),
            observer: None,
        })
    }

    /// The same database, observed.
    pub fn observed(mut self, observer: QueryObserver) -> Self {
        self.observer = Some(observer);
        self
    }

    /// The handle itself, for the queue, which knows nothing of this door.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// The runtime that queries run on.
    pub fn runtime(&self) -> &tokio::runtime::Handle {
        &self.runtime
    }

    /// Asks, and waits for the answer; each statement of the text is answered by itself. If the asker goes away, what was
    /// begun is finished all the same.
    ///
    /// # Errors
    /// [`DbError::Refused`] with the text of a `THROW`; [`DbError::Away`] when the database
    /// does not answer; [`DbError::Broken`] for anything that should not be.
    pub async fn ask<Q: Query>(&self, query: Q) -> Result<Q::Answer, DbError> {
        self.execute(Q::statement().text.into(), statement::bound(query)).await
    }

    /// Puts a text to the database. One that writes is a single block `{ … }`: one transaction, which is tried again as a
    /// whole when it lost against another.
    async fn execute<A: Answer>(&self, text: Cow<'static, str>, values: Variables) -> Result<A, DbError> {
        if let Some(observer) = &self.observer {
            observer(&text, &values)?;
        }
        let handle = self.handle.clone();
        // The patience is the asker's: a transaction is never dropped half-way. What was given up keeps its
        // place until it ends, so that a slow database is not asked ever more.
        let asked = async {
            let place = self.places.clone().acquire_owned().await;
            let running = self.runtime.spawn(async move {
                let answer = until_settled(handle, &text, &values).await;
                drop(place);
                answer
            });
            running.await.unwrap_or_else(|_| Err(DbError::Broken("the query's task ended".into())))
        };
        let answered = tokio::time::timeout(PATIENCE, asked).await;
        let mut answers = answered.unwrap_or_else(|_| Err(DbError::Away("no answer in time".into())))?;
        A::take(&mut answers, 0)
    }
}

/// Asks again while the transaction loses against others, after a wait that grows and varies.
async fn until_settled(handle: Handle, text: &str, values: &Variables) -> Result<IndexedResults, DbError> {
    let mut tried = 0;
    loop {
        let mut answers = handle.query(text).bind(values.clone()).await?;
        let Some(error) = worst(answers.take_errors()) else { return Ok(answers) };
        tried += 1;
        if !is_conflict(&error) || tried >= TRIES {
            return Err(error.into());
        }
        let longest = Duration::from_millis(2 << tried.min(7));
        tokio::time::sleep(longest.mul_f64(rand::random_range(0.2..=1.0))).await;
    }
}
