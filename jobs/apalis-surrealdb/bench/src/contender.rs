//! The four backends, each set up as its own documentation advises, and so that nothing is lost when the power goes.

use std::{path::Path, pin::Pin, str::FromStr, sync::Arc, time::Duration};

use apalis::layers::WorkerBuilderExt;
use apalis_core::{
    backend::{
        TaskSink,
        ext::{BackendExt, poll_strategy::Strategy},
        finalize::Durable,
    },
    task::data::Data,
    worker::builder::WorkerBuilder,
};
use apalis_postgres::{PgPool, PostgresStorage};
use apalis_redis::RedisStorage;
use apalis_sqlite::{SqlitePool, SqliteStorage};
use apalis_surrealdb::{Answers, Changes, Database, Executor, Records, Steward, SurrealStorage};
use futures_util::{FutureExt, StreamExt, future::BoxFuture};
use sqlx::sqlite::SqliteConnectOptions;
use surrealdb::types::{RecordId, Value, Variables};
use tokio::sync::mpsc::UnboundedSender;

use crate::{
    embedded::Embedded,
    measure::{Ran, Work, ran},
};

/// A queue, opened: where to push, and the worker that has not started.
pub struct Opened<Sink> {
    pub sink: Sink,
    pub worker: Pin<Box<dyn Future<Output = ()> + Send>>,
}

/// A backend that is measured.
pub trait Contender {
    const NAME: &str;
    type Sink: TaskSink<Work, Durable> + Clone + Send + 'static;

    async fn open(&self, queue: &str, concurrency: usize, tell: UnboundedSender<Ran>) -> Opened<Self::Sink>;

    /// Whether this queue's jobs, so many, are all done, as the database has it. All have run.
    async fn are_done(&self, queue: &str, jobs: usize) -> bool;
}

async fn handle(work: Work, tell: Data<UnboundedSender<Ran>>) {
    tell.send(ran(&work)).ok();
}

/// As many as run at once, and at least ten, are fetched together.
fn batch(concurrency: usize) -> usize {
    concurrency.max(10)
}

macro_rules! worker {
    ($queue:expr, $backend:expr, $concurrency:expr, $tell:expr) => {{
        let worker = WorkerBuilder::new($queue).backend($backend).concurrency($concurrency).data($tell).build(handle);
        Box::pin(async move { worker.run().await.expect("the worker lives") })
    }};
}

/// The engine as Springboard embeds it: statements from prepared plans, and deletes below SurrealQL.
struct Engine(Embedded);

impl Executor for Engine {
    fn execute<'a>(&'a self, text: &'a str, values: Variables) -> BoxFuture<'a, Result<Answers, surrealdb::Error>> {
        self.0.execute(text, values).boxed()
    }

    fn follow<'a>(&'a self, text: &'a str) -> BoxFuture<'a, Result<Changes, surrealdb::Error>> {
        self.0.client.follow(text)
    }

    fn delete<'a>(&'a self, ids: Vec<RecordId>) -> BoxFuture<'a, Result<(), surrealdb::Error>> {
        self.0.delete(ids).boxed()
    }

    fn records(&self) -> Option<&dyn Records> {
        Some(&self.0)
    }

    fn most_deleted(&self) -> usize {
        20_000
    }

    fn is_shared(&self) -> bool {
        false
    }
}

pub struct Surreal {
    db: Database,
    steward: Steward,
}

impl Surreal {
    pub async fn open(path: &Path) -> Self {
        let engine = Embedded::open(&format!("rocksdb://{}?sync=every", path.display()), None).await.unwrap();
        let db: Database = Arc::new(Engine(engine));
        apalis_surrealdb::setup(&db).await.unwrap();
        Self { steward: Steward::start(db.clone(), Duration::from_secs(2)), db }
    }
}

impl Contender for Surreal {
    const NAME: &str = "apalis-surrealdb (RocksDB)";
    type Sink = SurrealStorage<Work>;

    async fn open(&self, queue: &str, concurrency: usize, tell: UnboundedSender<Ran>) -> Opened<Self::Sink> {
        let config = apalis_surrealdb::Config::new(queue).hold(2 * batch(concurrency));
        let sink = SurrealStorage::under(self.steward.clone(), config);
        Opened { worker: worker!(queue, sink.clone(), concurrency, tell), sink }
    }

    async fn are_done(&self, queue: &str, _: usize) -> bool {
        let open = "RETURN (SELECT VALUE id FROM array::flatten((SELECT VALUE tasks FROM apalis_lease WHERE queue = $queue))
            .map(|$task: array| type::record('apalis_task', $task[0])) WHERE stage = 'open') = []";
        let mut bindings = Variables::new();
        bindings.insert("queue", queue.to_owned());
        let answers = apalis_surrealdb::values(self.db.execute(open, bindings).await.unwrap()).unwrap();
        answers == [Value::Bool(true)]
    }
}

pub struct Sqlite(String, SqlitePool);

impl Sqlite {
    /// `setup` sets `synchronous = OFF` on the connection that runs it; the pools that are measured are opened
    /// afterwards and have SQLite's own default, FULL.
    pub async fn open(path: &Path) -> Self {
        let url = format!("sqlite://{}?mode=rwc", path.display());
        let pool = SqlitePool::connect(&url).await.unwrap();
        SqliteStorage::setup(&pool).await.unwrap();
        pool.close().await;
        Self(url.clone(), SqlitePool::connect_with(SqliteConnectOptions::from_str(&url).unwrap()).await.unwrap())
    }
}

impl Contender for Sqlite {
    const NAME: &str = "apalis-sqlite";
    type Sink = SqliteStorage<Work>;

    async fn open(&self, queue: &str, concurrency: usize, tell: UnboundedSender<Ran>) -> Opened<Self::Sink> {
        let (pool, listener) = SqliteStorage::connect_with_callback(&self.0).unwrap();
        let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&pool).await.unwrap();
        let journal: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&pool).await.unwrap();
        assert_eq!((synchronous, journal.as_str()), (2, "wal"));
        let batch = batch(concurrency);
        let sink =
            SqliteStorage::new(&pool).with_config(apalis_sqlite::Config::default().queue(queue).batch_size(batch));
        let strategy = Strategy::new().stream(listener.ready_chunks(batch)).interval(Duration::from_millis(500));
        Opened { worker: worker!(queue, sink.clone().poll_with_strategy(strategy), concurrency, tell), sink }
    }

    async fn are_done(&self, queue: &str, jobs: usize) -> bool {
        let counted: i64 = sqlx::query_scalar("SELECT count(*) FROM Jobs WHERE job_type = ? AND status = 'Done'")
            .bind(queue)
            .fetch_one(&self.1)
            .await
            .unwrap();
        counted as usize >= jobs
    }
}

pub struct Postgres(PgPool);

impl Postgres {
    /// PostgreSQL's own defaults: `fsync` and `synchronous_commit` on.
    pub async fn open(url: &str) -> Self {
        let pool = PgPool::connect(url).await.unwrap();
        for setting in ["SHOW fsync", "SHOW synchronous_commit"] {
            assert_eq!(sqlx::query_scalar::<_, String>(setting).fetch_one(&pool).await.unwrap(), "on");
        }
        PostgresStorage::setup(&pool).await.unwrap();
        Self(pool)
    }
}

impl Contender for Postgres {
    const NAME: &str = "apalis-postgres";
    type Sink = PostgresStorage<Work>;

    async fn open(&self, queue: &str, concurrency: usize, tell: UnboundedSender<Ran>) -> Opened<Self::Sink> {
        let config = apalis_postgres::Config::default().queue(queue).batch_size(batch(concurrency));
        let sink = PostgresStorage::new(&self.0).with_config(config);
        Opened { worker: worker!(queue, sink.clone().with_pubsub(), concurrency, tell), sink }
    }

    async fn are_done(&self, queue: &str, jobs: usize) -> bool {
        let counted: i64 =
            sqlx::query_scalar("SELECT count(*) FROM apalis.jobs WHERE job_type = $1 AND status = 'Done'")
                .bind(queue)
                .fetch_one(&self.0)
                .await
                .unwrap();
        counted as usize >= jobs
    }
}

pub struct Redis(apalis_redis::ConnectionManager);

impl Redis {
    /// The server appends to its file and syncs it at each write: `appendfsync always`.
    pub async fn open(url: &str) -> Self {
        let mut connection = apalis_redis::connect(url).await.unwrap();
        for (setting, value) in [("appendonly", "yes"), ("appendfsync", "always")] {
            let set: Vec<String> =
                redis::cmd("CONFIG").arg("GET").arg(setting).query_async(&mut connection).await.unwrap();
            assert_eq!(set, [setting, value]);
        }
        Self(connection)
    }
}

impl Contender for Redis {
    const NAME: &str = "apalis-redis";
    type Sink = RedisStorage<Work>;

    /// It has nothing that wakes an idle worker; it is asked every 100 ms.
    async fn open(&self, queue: &str, concurrency: usize, tell: UnboundedSender<Ran>) -> Opened<Self::Sink> {
        let config = apalis_redis::Config::default().queue(queue).batch_size(batch(concurrency));
        let sink = RedisStorage::new(self.0.clone()).with_config(config);
        let strategy = Strategy::new().interval(Duration::from_millis(100));
        Opened { worker: worker!(queue, sink.clone().poll_with_strategy(strategy), concurrency, tell), sink }
    }

    async fn are_done(&self, queue: &str, jobs: usize) -> bool {
        let key = apalis_redis::Config::default().queue(queue).done_jobs_set();
        let counted: usize = redis::cmd("SCARD").arg(key).query_async(&mut self.0.clone()).await.unwrap();
        counted >= jobs
    }
}
