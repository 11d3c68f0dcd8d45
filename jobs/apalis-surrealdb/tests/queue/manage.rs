//! What operators do with single tasks, and what handlers do in their own transaction.

use std::time::Duration;

use apalis_core::{
    backend::{
        FetchById, ListWorkers, RegisterWorker, Reschedule, ResumeAbandoned, ResumeById, TaskSink, TryNewBackend,
        Update, factory::BackendFactory,
    },
    error::BoxDynError,
    task::{Task, builder::TaskBuilder, data::Data, status::Status, task_id::TaskId},
    worker::builder::WorkerBuilder,
};
use apalis_surrealdb::{Config, Error, Lease, NewTask, Steward, SurrealStorage, enqueue_in, retry};

use crate::by_statements::promises::{
    Client, Work, claimed_by_the_dead, config, database, enqueue, rows, start, until, work,
};

async fn only(storage: &mut SurrealStorage<Work>, id: &str) -> Task<Vec<u8>> {
    storage.fetch_by_id(&TaskId::from_string(id)).await.unwrap().unwrap()
}

fn new(id: &str, what: &str) -> NewTask {
    NewTask::json("work", &work(what)).unwrap().id(id)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_that_nobody_holds_is_written_anew() {
    let db = database().await;
    let mut storage = SurrealStorage::<Work>::new(db.clone(), config());
    enqueue(&db, new("one", "first").run_after(Duration::from_secs(3600))).await;
    let found = only(&mut storage, "one").await;
    let changed = TaskBuilder::new(serde_json::to_vec(&work("second")).unwrap())
        .task_id(found.ctx().task_id().unwrap().clone())
        .max_attempts(3)
        .priority(7)
        .build();
    storage.update(changed).await.unwrap();
    let found = only(&mut storage, "one").await;
    assert_eq!((found.ctx().max_attempts(), found.ctx().priority()), (Some(3), Some(7)));
    let mut running = start(storage.clone(), 1);
    assert_eq!(running.next().await.0, "second", "without a time it runs at once");
    running.stop().await;
    let missing = TaskBuilder::new(Vec::new()).task_id(TaskId::from_string("nobody")).build();
    assert!(matches!(storage.update(missing).await, Err(Error::NotFound)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_that_a_worker_holds_is_not_updated_but_may_be_taken_away() {
    let db = database().await;
    let mut storage = SurrealStorage::<Work>::new(db.clone(), config().lease(Duration::from_millis(600)));
    enqueue(&db, new("one", "slow")).await;
    let mut running = start(storage.clone(), 1);
    assert_eq!(running.next().await, ("slow".into(), 1));
    let held = only(&mut storage, "one").await;
    assert_eq!(held.ctx().status(), Status::Queued);
    assert!(held.ctx().lock_by().is_some());
    assert!(matches!(storage.update(held.clone()).await, Err(Error::Held)));
    assert!(!storage.resume_by_id(TaskId::from_string("one")).await.unwrap());
    storage.reschedule(held, Duration::from_secs(3600)).await.unwrap();
    // What the worker says when its job ends comes too late.
    tokio::time::sleep(Duration::from_millis(1800)).await;
    let row = &rows(&db).await[0];
    assert_eq!((row.stage.as_str(), row.status.as_str()), ("delayed", "Pending"));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_killed_is_resumed_with_all_its_attempts() {
    let db = database().await;
    let mut storage = SurrealStorage::<Work>::new(db.clone(), config());
    enqueue(&db, new("one", "never")).await;
    let mut running = start(storage.clone(), 1);
    assert_eq!(running.next().await, ("never".into(), 1));
    until(&db, "killed", |rows| rows[0].status == "Killed").await;
    assert!(storage.resume_by_id(TaskId::from_string("one")).await.unwrap());
    assert_eq!(running.next().await, ("never".into(), 1));
    assert!(!storage.resume_by_id(TaskId::from_string("nobody")).await.unwrap());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_abandoned_comes_back_on_demand() {
    let db = database().await;
    enqueue(&db, new("one", "fine")).await;
    claimed_by_the_dead(&db).await;
    // A steward would do it by itself, sooner or later.
    let mut storage = SurrealStorage::<Work>::new(db.clone(), config());
    let resumed = storage.resume_abandoned().await.unwrap();
    assert!(resumed <= 1);
    let row = &rows(&db).await[0];
    assert_eq!((row.stage.as_str(), row.attempts), ("ready", 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_are_listed_while_they_live() {
    let db = database().await;
    let mut steward = Steward::start(db.clone(), Duration::from_millis(200));
    let mut storage: SurrealStorage<Work> = steward.create_with_config(config()).unwrap();
    let other: SurrealStorage<u32> = steward.create_with_config(Config::new("numbers")).unwrap();
    let running = start(storage.clone(), 1);
    for tried in 0.. {
        let listed = storage.list_workers().await.unwrap();
        if let [worker] = listed.as_slice() {
            assert!(worker.id.starts_with("worker 0") && worker.queue == "work" && worker.started_at > 0);
            break;
        }
        assert!(tried < 200, "{listed:?}");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert!(other.list_workers().await.unwrap().is_empty());
    storage.register_worker("another".into()).await.unwrap();
    assert_eq!(other.list_all_workers().await.unwrap().len(), 2);
    running.stop().await;
    let left: Vec<String> = storage.list_workers().await.unwrap().into_iter().map(|worker| worker.id).collect();
    assert_eq!(left, ["another"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_is_made_from_its_configuration_if_that_names_the_database() {
    let db = database().await;
    assert!(matches!(SurrealStorage::<Work>::try_new(config()), Err(Error::NoDatabase)));
    let mut storage = SurrealStorage::<Work>::try_new(config().on(db.clone())).unwrap();
    storage.push(work("fine")).await.unwrap();
    assert_eq!(rows(&db).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_is_enqueued_in_a_transaction_of_the_sdk() {
    let db = database().await;
    let session = (*db).clone();
    let transaction = session.begin().await.unwrap();
    let task = || NewTask::json("work", &work("fine")).unwrap().idempotency_key("key");
    assert!(enqueue_in(&transaction, task()).await.unwrap());
    assert!(!enqueue_in(&transaction, task()).await.unwrap(), "the key was there");
    let session = transaction.cancel().await.unwrap();
    assert!(rows(&db).await.is_empty(), "what is cancelled was never there");
    let transaction = session.begin().await.unwrap();
    assert!(enqueue_in(&transaction, task()).await.unwrap());
    transaction.commit().await.unwrap();
    assert_eq!(rows(&db).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_key_and_a_hundred_writers_who_try_again_are_one_job() {
    let db = database().await;
    let writers = (0..100).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            retry(|| async {
                let task = NewTask::json("work", &work("fine"))?.idempotency_key("key");
                let mut answer = db.query("{ fn::apalis_enqueue($task); }").bind(("task", task)).await?;
                apalis_surrealdb::worst(answer.take_errors()).map_or(Ok(()), |error| Err(error.into()))
            })
            .await
        })
    });
    for written in futures_util::future::join_all(writers).await {
        written.unwrap().unwrap();
    }
    assert_eq!(rows(&db).await.len(), 1);
}

/// Books an entry and ends the job in one transaction. The first worker stays away for longer than its lease, and
/// then goes on as if nothing had happened.
async fn book(work: Work, lease: Lease, db: Data<Client>) -> Result<(), BoxDynError> {
    let first = db.query("RETURN (UPSERT ONLY counter:runs SET n += 1).n = 1").await?.take::<Option<bool>>(0)?;
    let booking = async move {
        if first == Some(true) {
            tokio::time::sleep(Duration::from_millis(800)).await;
        }
        let mut answer = db
            .query("{ CREATE entry SET text = $text; fn::apalis_complete($claim); }")
            .bind(("text", work.what))
            .bind(("claim", lease.claim()))
            .await?;
        apalis_surrealdb::worst(answer.take_errors()).map_or(Ok(()), Err)
    };
    // On a task of its own it goes on when the worker cancels the job.
    Ok(tokio::spawn(booking).await??)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_handler_does_in_its_own_transaction_happens_exactly_once() {
    let db = database().await;
    let storage = SurrealStorage::<Work>::new(db.clone(), config());
    enqueue(&db, new("one", "entry")).await;
    let worker = WorkerBuilder::new("booker").backend(storage.clone()).data(db.clone()).build(book);
    let working = tokio::spawn(worker.run());
    // Its lease ends in the middle.
    until(&db, "claimed", |rows| rows[0].stage == "claimed").await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    db.query("UPDATE apalis_lease SET until = time::now() - 1s").await.unwrap().check().unwrap();
    until(&db, "done", |rows| rows[0].status == "Done").await;
    tokio::time::sleep(Duration::from_millis(1200)).await;
    let entries: Vec<String> = db.query("SELECT VALUE text FROM entry").await.unwrap().take(0).unwrap();
    assert_eq!(entries, ["entry"]);
    assert_eq!(rows(&db).await[0].attempts, 2);
    working.abort();
}
