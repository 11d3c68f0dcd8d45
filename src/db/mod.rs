//! Floor 2: one door to the database. Queries run on the process's own runtime, not on
//! the thread that answers a request, and a transaction that lost against another is tried again.

pub mod ceiling;
pub mod changes;
pub mod counters;
mod error;
pub mod migrate;
pub mod queue;
pub mod rate_limit;
pub mod transaction;
pub mod user;

use std::{borrow::Cow, sync::Arc, time::Duration};

use apalis_surrealdb::{Database as Handle, is_conflict, worst};
use secrecy::ExposeSecret;
use surrealdb::{
    IndexedResults, Surreal,
    engine::any::{Any, connect},
    opt::auth::Database as SignIn,
    types::{SurrealValue, Value, Variables},
};

use tokio::sync::Semaphore;

pub use error::DbError;
pub use surrealdb::types as value;
pub use transaction::Piece;

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
    db: Handle,
    runtime: tokio::runtime::Handle,
    places: Arc<Semaphore>,
    witness: Option<Witness>,
}

/// Sees every question with its values before it is asked, and may answer in the database's place: for tests
/// that look at plans or take the database away.
pub type Witness = Arc<dyn Fn(&str, &Variables) -> Result<(), DbError> + Send + Sync>;

/// A question with its values.
#[derive(Clone)]
pub struct Ask {
    text: Cow<'static, str>,
    values: Variables,
}

impl Ask {
    /// A query. One that writes is a single block `{ … }`: one transaction, which is tried again as
    /// a whole when it lost against another.
    pub fn new(text: &'static str) -> Self {
        Self { text: Cow::Borrowed(text), values: Variables::new() }
    }

    /// Gives a value for `$name`.
    pub fn with(mut self, name: &str, value: impl SurrealValue) -> Self {
        self.values.insert(name, value);
        self
    }
}

/// What the statements of a question answered.
pub struct Answer(IndexedResults);

impl Answer {
    /// The one record or value of a statement, if there is one.
    ///
    /// # Errors
    /// When it is not of this type.
    pub fn one<T: SurrealValue>(&mut self, statement: usize) -> Result<Option<T>, DbError> {
        Ok(self.0.take(statement)?)
    }

    /// All records of a statement.
    ///
    /// # Errors
    /// When they are not of this type.
    pub fn all<T: SurrealValue>(&mut self, statement: usize) -> Result<Vec<T>, DbError> {
        Ok(self.0.take(statement)?)
    }

    /// What a statement returned, as it is: for objects that hold lists.
    ///
    /// # Errors
    /// When it is not of this type.
    pub fn whole<T: SurrealValue>(&mut self, statement: usize) -> Result<T, DbError> {
        let value: Value = self.0.take(statement)?;
        Ok(value.into_t()?)
    }
}

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
            db: Arc::new(db),
            runtime: tokio::runtime::Handle::current(),
            places: Arc::new(Semaphore::new(AT_ONCE)),
            witness: None,
        })
    }

    /// The same door, with a witness.
    pub fn witnessed(mut self, witness: Witness) -> Self {
        self.witness = Some(witness);
        self
    }

    /// The handle itself, for the queue, which knows nothing of this door.
    pub fn handle(&self) -> &Handle {
        &self.db
    }

    /// The runtime that queries run on.
    pub fn runtime(&self) -> &tokio::runtime::Handle {
        &self.runtime
    }

    /// Asks, and waits for the answer. If the asker goes away, what was begun is finished all the same.
    ///
    /// # Errors
    /// [`DbError::Refused`] with the text of a `THROW`; [`DbError::Away`] when the database
    /// does not answer; [`DbError::Broken`] for anything that should not be.
    pub async fn ask(&self, ask: Ask) -> Result<Answer, DbError> {
        if let Some(witness) = &self.witness {
            witness(&ask.text, &ask.values)?;
        }
        let db = self.db.clone();
        // The patience is the asker's: a transaction is never dropped half-way. What was given up keeps its
        // place until it ends, so that a slow database is not asked ever more.
        let asked = async {
            let place = self.places.clone().acquire_owned().await;
            let running = self.runtime.spawn(async move {
                let answer = until_settled(db, ask).await;
                drop(place);
                answer
            });
            running.await.unwrap_or_else(|_| Err(DbError::Broken("the query's task ended".into())))
        };
        let answered = tokio::time::timeout(PATIENCE, asked).await;
        answered.unwrap_or_else(|_| Err(DbError::Away("no answer in time".into())))
    }
}

/// Asks again while the transaction loses against others, after a wait that grows and varies.
async fn until_settled(db: Handle, ask: Ask) -> Result<Answer, DbError> {
    let mut tried = 0;
    loop {
        let mut answer = db.query(ask.text.clone()).bind(ask.values.clone()).await?;
        let Some(error) = worst(answer.take_errors()) else { return Ok(Answer(answer)) };
        tried += 1;
        if !is_conflict(&error) || tried >= TRIES {
            return Err(error.into());
        }
        let longest = Duration::from_millis(2 << tried.min(7));
        tokio::time::sleep(longest.mul_f64(rand::random_range(0.2..=1.0))).await;
    }
}
