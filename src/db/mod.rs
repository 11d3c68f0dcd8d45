//! Floor 2: one door to the database. Queries run on the process's own runtime, not on
//! the thread that answers a request, and a transaction that lost against another is tried again.

pub mod ceiling;
pub mod changes;
pub mod counters;
mod embedded;
mod engine;
mod error;
mod keyed;
pub mod migrate;
pub mod queue;
pub mod rate_limit;
mod raw;
mod record_read;
mod record_write;
pub mod statement;
pub mod topic;
mod transact;
mod transaction;
pub mod user;

use std::{borrow::Cow, path::Path, sync::Arc, time::Duration};

use apalis_surrealdb::{Database as Queue, Executor, is_conflict};
use secrecy::ExposeSecret;
use surrealdb::{
    engine::any::connect,
    opt::auth::Database as SignIn,
    types::{SurrealValue, Value, Variables},
};
use tokio::sync::Semaphore;

use self::{changes::Feed, embedded::Embedded, engine::Engine, keyed::Beside, transaction::Effects};

pub use error::{DbError, Refusal};
pub use keyed::Change;
pub use raw::Raw;
pub(crate) use statement::statement;
pub use statement::{Answer, Query, Results, STATEMENTS, Statement, Whole};
pub use surrealdb::types as value;
pub use topic::Topic;
pub use transaction::Transaction;

use crate::words::config::Database;

/// How long a question may take before its asker is told that the database is away.
const PATIENCE: Duration = Duration::from_secs(15);
/// How many questions are put to the database at a time.
const AT_ONCE: usize = 512;
/// How often a transaction that lost against another one is tried.
const TRIES: u32 = 12;
/// The text of a statement that [`Db::sweep`] takes.
pub const SWEEP: &str = "DELETE $ids RETURN NONE;";
/// Namespace and database within the engine.
const NAME: &str = "springboard";

/// The door to the database; a clone is the same door.
#[derive(Clone)]
pub struct Db {
    engine: Arc<Engine>,
    runtime: tokio::runtime::Handle,
    places: Arc<Semaphore>,
    observer: Option<QueryObserver>,
    feed: Arc<Feed>,
}

/// Sees every question with its values before it is asked, and may answer in the database's place: for tests
/// that look at plans or take the database away.
pub type QueryObserver = Arc<dyn Fn(&str, &Variables) -> Result<(), DbError> + Send + Sync>;

/// What is put to the database.
struct Asked {
    text: Cow<'static, str>,
    values: Variables,
    /// What is written by keys, in the same transaction.
    beside: Beside,
}

impl Asked {
    fn text(text: impl Into<Cow<'static, str>>, values: Variables) -> Self {
        Self { text: text.into(), values, beside: Beside::default() }
    }
}

/// The id of a record whose key is an array of these values: statements take such ids as parameters.
pub fn record_id(table: &'static str, key: impl value::SurrealValue) -> value::RecordId {
    let parts = match key.into_value() {
        Value::Array(parts) => parts,
        one => vec![one].into(),
    };
    value::RecordId::new(table, parts)
}

impl Db {
    /// Connects, on the runtime that calls: it must live as long as the process.
    ///
    /// # Errors
    /// When the engine can't be opened or the server refuses.
    pub async fn open(database: &Database) -> Result<Self, DbError> {
        if !database.is_server() {
            return Ok(Self::on(Engine::embedded(Embedded::open(&database.url, database.cache).await?)));
        }
        let client = connect(database.url.as_str()).await?;
        if let Some((user, password)) = &database.sign_in {
            let (username, password) = (user.clone(), password.expose_secret().to_owned());
            client.signin(SignIn { namespace: NAME.into(), database: NAME.into(), username, password }).await?;
        }
        client.use_ns(NAME).use_db(NAME).await?;
        Ok(Self::on(Engine::server(client)))
    }

    /// A database in memory, for tests.
    ///
    /// # Errors
    /// When the engine can't be opened.
    pub async fn in_memory() -> Result<Self, DbError> {
        Ok(Self::on(Engine::embedded(Embedded::open("mem://", None).await?)))
    }

    fn on(engine: Engine) -> Self {
        Self {
            engine: Arc::new(engine),
            runtime: tokio::runtime::Handle::current(),
            places: Arc::new(Semaphore::new(AT_ONCE)),
            observer: None,
            feed: Arc::default(),
        }
    }

    /// The same database, observed.
    pub fn observed(mut self, observer: QueryObserver) -> Self {
        self.observer = Some(observer);
        self
    }

    /// The same database for the queue, which has statements of its own.
    pub fn queue(&self) -> Queue {
        self.engine.clone()
    }

    /// Writes all that is in it to a file.
    ///
    /// # Errors
    /// When the database or the disk refuses.
    pub async fn export(&self, file: &Path) -> Result<(), DbError> {
        Ok(self.engine.export(file).await?)
    }

    /// Reads all from a file that [`Db::export`] wrote.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn import(&self, file: &Path) -> Result<(), DbError> {
        Ok(self.engine.import(file).await?)
    }

    fn is_embedded(&self) -> bool {
        self.engine.is_embedded()
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
        let statement = Q::statement();
        debug_assert!(statement.topics.is_empty(), "{} changes topics: it is run, not asked", statement.name);
        let values = statement::bound(query);
        if statement.is_point_read() && self.engine.is_embedded() {
            return Q::Answer::take(&mut self.read_here(statement.text, values).await?, 0);
        }
        self.execute(Asked::text(statement.text, values), Effects::default()).await
    }

    /// Deletes rows that nobody needs any more, of a statement whose text is [`SWEEP`]. Embedded, they are deleted record by
    /// record: the engine's own DELETE reads the definitions of all tables for each row (3.3.5), and takes 2 ms for what
    /// takes 8 microseconds so. Their tables have no index and no event, which would not notice.
    ///
    /// # Errors
    /// As [`Db::ask`].
    pub async fn sweep<Q: Query<Answer = ()>>(&self, query: Q) -> Result<(), DbError> {
        let text = Q::statement().text;
        let values = statement::bound(query);
        let ids = values.get("ids").cloned().map(Vec::<value::RecordId>::from_value);
        let (true, true, Some(Ok(ids))) = (self.engine.is_embedded(), text == SWEEP, ids) else {
            return self.execute(Asked::text(format!("{{ {text} }}"), values), Effects::default()).await;
        };
        self.observe(text, &values)?;
        let engine = self.engine.clone();
        let swept = self.runtime.spawn(async move { engine.delete(ids).await });
        Ok(swept.await.map_err(|_| DbError::Broken("the sweep's task ended".into()))??)
    }

    /// Reads on the task that asks, without a way to another thread and back: for what takes less than that. To drop a read
    /// half-way does no harm.
    async fn read_here(&self, text: &'static str, values: Variables) -> Result<Results, DbError> {
        self.observe(text, &values)?;
        let read = async {
            let _place = self.places.acquire().await;
            if let Some(answer) = self.engine.read_record(text, &values).await? {
                return Ok(Results::new(vec![answer]));
            }
            Ok(Results::new(until_settled(&self.engine, &Asked::text(text, values)).await?))
        };
        tokio::time::timeout(PATIENCE, read).await.unwrap_or_else(|_| Err(away()))
    }

    /// What a text reads that names one record and no more than its fields, without a plan; nothing for any other text, and
    /// from a server. For tests: [`Db::ask`] reads so by itself.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn read_record(&self, text: &str, values: &Variables) -> Result<Option<Value>, DbError> {
        Ok(self.engine.read_record(text, values).await?)
    }

    fn observe(&self, text: &str, values: &Variables) -> Result<(), DbError> {
        self.observer.as_ref().map_or(Ok(()), |observer| observer(text, values))
    }

    async fn execute<A: Answer>(&self, asked: Asked, effects: Effects) -> Result<A, DbError> {
        A::take(&mut self.settled(asked, effects).await?, 0)
    }

    /// Puts a text to the database. One that writes is a single block `{ … }`: one transaction, which is tried again as a
    /// whole when it lost against another. Its effects in this process follow its commit.
    async fn settled(&self, asked: Asked, effects: Effects) -> Result<Results, DbError> {
        self.observe(&asked.text, &asked.values)?;
        let (engine, feed) = (self.engine.clone(), self.feed.clone());
        // The patience is the asker's: a transaction is never dropped half-way. What was given up keeps its
        // place until it ends, so that a slow database is not asked ever more.
        let answered = async {
            let place = self.places.clone().acquire_owned().await;
            let running = self.runtime.spawn(async move {
                let answers = until_settled(&engine, &asked).await;
                drop(place);
                match answers {
                    Ok(answers) => Ok(Results::new(effects.follow(answers, &engine, &feed))),
                    Err(fault) => {
                        if matches!(fault, DbError::Away(_)) {
                            effects.may_have_been(&feed);
                        }
                        Err(fault)
                    }
                }
            });
            running.await.unwrap_or_else(|_| Err(DbError::Broken("the query's task ended".into())))
        };
        tokio::time::timeout(PATIENCE, answered).await.unwrap_or_else(|_| Err(away()))
    }
}

fn away() -> DbError {
    DbError::Away("no answer in time".into())
}

/// How often something is begun anew because its guard found that somebody else was faster.
const ATTEMPTS: u32 = 12;

/// Runs what reads, and then writes on the ground of what it read; anew when the guard of its transaction throws `moved`,
/// because somebody else was faster.
///
/// # Errors
/// What the last attempt answered.
pub async fn unless_moved<T, F>(moved: Refusal, mut attempt: impl FnMut() -> F) -> Result<T, DbError>
where
    F: Future<Output = Result<T, DbError>>,
{
    let mut attempts = 1;
    loop {
        match attempt().await {
            Err(fault) if fault.is_refusal(moved) && attempts < ATTEMPTS => attempts += 1,
            answer => return answer,
        }
    }
}

/// Asks again while the transaction loses against others, after a wait that grows and varies.
async fn until_settled(engine: &Engine, asked: &Asked) -> Result<Vec<Value>, DbError> {
    let mut tried = 0;
    loop {
        let answers = engine.transact(&asked.text, asked.values.clone(), &asked.beside).await?;
        let error = match apalis_surrealdb::values(answers) {
            Ok(answers) => return Ok(answers),
            Err(error) => error,
        };
        tried += 1;
        if !is_conflict(&error) || tried >= TRIES {
            return Err(error.into());
        }
        let longest = Duration::from_millis(2 << tried.min(7));
        tokio::time::sleep(longest.mul_f64(rand::random_range(0.2..=1.0))).await;
    }
}
