//! The backend as apalis sees it.

use std::{
    marker::PhantomData,
    sync::Arc,
    task::{Context, Poll},
};

use apalis_codec::json::JsonCodec;
use apalis_core::{
    backend::{Backend, BackendConfig, WireFormatBackend, codec::Codec, finalize::Durable},
    features_table,
    task::Task,
    worker::context::WorkerContext,
};
use futures_util::FutureExt;
use serde::{Serialize, de::DeserializeOwned};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};
use ulid::Ulid;

use crate::{
    AckLayer, Config, Database, Error, Steward,
    driver::{Check, Driver},
    ended,
    held::Held,
    sink::Outbox,
    together::Together,
};

/// One queue of tasks with arguments of type `Args`, stored as JSON.
///
/// A clone may enqueue; the tasks are worked by whichever clone a worker was built with.
#[doc = features_table! {
    setup = r#"{
    #    use std::sync::Arc;
    #    use apalis_surrealdb::{Config, SurrealStorage, setup};
    #    let db = surrealdb::engine::any::connect("mem://").await.unwrap();
    #    db.use_ns("test").use_db("test").await.unwrap();
    #    let db = Arc::new(db);
    #    setup(&db).await.unwrap();
    #    let mut storage = SurrealStorage::<u32>::new(db, Config::new("numbers"));
    #    apalis_core::backend::TaskSink::push(&mut storage, 42).await.unwrap();
    #    storage
    # };"#,
    Backend => supported("Storage and retrieval of tasks", true),
    TaskSink => supported("Pushing tasks, and enqueueing in the caller's own transaction", true),
    Serialization => supported("Arguments as JSON", true),
    Workflow => supported("Sequential and graph workflows; see `Config::steps`", true),
    WebUI => supported("Everything that apalis-board shows", true),
    WaitForCompletion => supported("Waiting for what jobs return", true),
    FetchById => supported("A task by its id", false),
    Update => supported("Writing a task anew that no worker holds", false),
    Reschedule => supported("Running a task later, taken from a worker if need be", false),
    Vacuum => supported("Deleting what has finished", false),
    ResumeById => supported("Running an ended or waiting task now", false),
    ResumeAbandoned => supported("Bringing back what dead workers held", false),
    RegisterWorker => supported("Listing workers", false),
    BackendFactory => supported("Many queues on one connection: `Steward`", false),
    ListWorkers => supported("Workers of a queue, or of all", false),
    ListTasks => supported("Tasks of a queue, or of all", false),
}]
pub struct SurrealStorage<Args> {
    steward: Steward,
    config: Config,
    codec: JsonCodec<Vec<u8>>,
    check: Check,
    held: Arc<Held>,
    running: Option<Running>,
    pub(crate) outbox: Outbox,
    args: PhantomData<fn() -> Args>,
}

/// The driver of a worker that was polled.
struct Running {
    tasks: mpsc::Receiver<Task<Vec<u8>>>,
    closing: watch::Sender<bool>,
    driver: JoinHandle<()>,
}

impl<Args> Clone for SurrealStorage<Args> {
    fn clone(&self) -> Self {
        Self {
            steward: self.steward.clone(),
            config: self.config.clone(),
            codec: self.codec.clone(),
            check: self.check.clone(),
            held: Arc::default(),
            running: None,
            outbox: Outbox::default(),
            args: PhantomData,
        }
    }
}

impl<Args: Serialize + DeserializeOwned + 'static> SurrealStorage<Args> {
    /// A queue with a steward of its own.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn new(db: Database, config: Config) -> Self {
        let steward = Steward::start(db, config.poll);
        Self::under(steward, config)
    }

    /// A queue under a steward that a process's other queues share.
    pub fn under(steward: Steward, config: Config) -> Self {
        let codec = JsonCodec::<Vec<u8>>::default();
        let reader = codec.clone();
        let steps = config.steps;
        let check: Check = Arc::new(move |bytes| {
            if steps {
                return Ok(());
            }
            <JsonCodec<Vec<u8>> as Codec<Args>>::decode(&reader, &bytes.to_vec())
                .map(drop)
                .map_err(|fault| fault.to_string())
        });
        Self {
            steward,
            config,
            codec,
            check,
            held: Arc::default(),
            running: None,
            outbox: Outbox::default(),
            args: PhantomData,
        }
    }
}

impl<Args> SurrealStorage<Args> {
    /// What looks after this queue and the others of the process.
    pub fn steward(&self) -> &Steward {
        &self.steward
    }

    pub(crate) fn db(&self) -> &Database {
        self.steward.db()
    }

    pub(crate) fn queue(&self) -> &str {
        &self.config.queue
    }

    /// Whether these bytes are arguments that this queue's job expects.
    pub(crate) fn can_read(&self, args: &[u8]) -> bool {
        (self.check)(args).is_ok()
    }

    /// Starts the driver with the worker's first poll: building a worker must not claim anything.
    fn running(&mut self, worker: &WorkerContext) -> &mut Running {
        let (steward, config, held, check) = (&self.steward, &self.config, &self.held, &self.check);
        self.running.get_or_insert_with(|| {
            let (out, tasks) = mpsc::channel(config.hold.max(1));
            let (closing, watched) = watch::channel(false);
            // Two workers of one name must never be taken for each other.
            let me = format!("{} {}", worker.name(), Ulid::generate());
            let driver = Driver {
                steward: steward.clone(),
                config: config.clone(),
                held: held.clone(),
                check: check.clone(),
                me,
                worker: worker.clone(),
            };
            Running { tasks, closing, driver: driver.start(out, watched) }
        })
    }
}

impl<Args> Backend for SurrealStorage<Args> {
    type Task = Task<Vec<u8>>;
    type Error = Error;

    fn poll_ready(&mut self, _: &mut Context<'_>, worker: &WorkerContext) -> Poll<Result<(), Error>> {
        self.running(worker);
        Poll::Ready(Ok(()))
    }

    /// Never an error and never an end: either would end the worker and drop its running jobs.
    fn poll_next(&mut self, cx: &mut Context<'_>, worker: &WorkerContext) -> Poll<Option<Result<Self::Task, Error>>> {
        match self.running(worker).tasks.poll_recv(cx) {
            Poll::Ready(Some(task)) => Poll::Ready(Some(Ok(task))),
            Poll::Ready(None) if worker.is_shutting_down() => Poll::Pending,
            Poll::Ready(None) => {
                tracing::error!(queue = %self.config.queue, "the queue's driver ended; starting another");
                self.running = None;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Poll::Pending => Poll::Pending,
        }
    }

    /// Ends the driver, which gives back what never began.
    fn poll_close(&mut self, cx: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Error>> {
        let Some(running) = &mut self.running else { return Poll::Ready(Ok(())) };
        running.closing.send_replace(true);
        match running.driver.poll_unpin(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(_) => {
                self.running = None;
                Poll::Ready(Ok(()))
            }
        }
    }
}

impl<Args> BackendConfig for SurrealStorage<Args> {
    type Args = Args;
    type Id = Ulid;
    type Kind = Durable;
    type Config = Config;
    type Layer = AckLayer;

    fn config(&self) -> &Config {
        &self.config
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> AckLayer {
        AckLayer {
            steward: self.steward.clone(),
            held: self.held.clone(),
            config: self.config.clone(),
            endings: Arc::new(Together::new(ended::TOGETHER, 1)),
        }
    }
}

impl<Args> WireFormatBackend for SurrealStorage<Args> {
    type Codec = JsonCodec<Vec<u8>>;
    type Compact = Vec<u8>;

    fn codec(&self) -> &Self::Codec {
        &self.codec
    }
}
