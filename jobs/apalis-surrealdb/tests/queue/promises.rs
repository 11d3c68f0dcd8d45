//! The queue's promises, on a database in memory and a worker of apalis. They are kept in two ways, by statements and by records;
//! each is a module that includes these tests.

use std::{sync::Arc, time::Duration};

use apalis::layers::WorkerBuilderExt;
use apalis_core::{
    backend::TaskSink,
    error::{AbortError, BoxDynError, RetryAfterError},
    monitor::Monitor,
    task::{attempt::Attempt, builder::TaskBuilder, data::Data, task_id::TaskId},
    worker::builder::WorkerBuilder,
};
use apalis_surrealdb::{Config, NewTask, SurrealStorage, setup};
use serde::{Deserialize, Serialize};
use surrealdb::types::SurrealValue;
use tokio::sync::mpsc;

use super::{Store, open};

/// A connected database.
pub type Client = Arc<Store>;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Work {
    pub what: String,
}

pub fn work(what: &str) -> Work {
    Work { what: what.into() }
}

pub async fn database() -> Client {
    let db = Arc::new(open().await);
    setup(&db).await.unwrap();
    db
}

pub fn config() -> Config {
    Config::new("work").poll(Duration::from_millis(200)).backoff(Duration::from_millis(20), Duration::from_millis(40))
}

#[derive(Debug, SurrealValue)]
pub struct Row {
    pub stage: String,
    pub status: String,
    pub attempts: i64,
    pub epoch: i64,
    pub result: Option<String>,
}

/// The tasks: 'finished'; 'ready' or 'delayed' in their entry; or 'claimed' if they have none.
pub async fn rows(db: &Client) -> Vec<Row> {
    let rows = "SELECT IF stage = 'finished' { stage } ELSE {
            LET $entry = type::record('apalis_entry', [queue, rank, due, record::id(id)]);
            IF (SELECT VALUE id FROM $entry WHERE taken = NONE) = [] { 'claimed' } ELSE IF due > time::now() { 'delayed' } ELSE { 'ready' }
        } AS stage, status, attempts, epoch, result, created_at FROM apalis_task ORDER BY created_at";
    db.query(rows).await.unwrap().take(0).unwrap()
}

pub async fn until(db: &Client, what: &str, met: impl Fn(&[Row]) -> bool) -> Vec<Row> {
    for _ in 0..400 {
        let rows = rows(db).await;
        if met(&rows) {
            return rows;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{what}: {:?}", rows(db).await);
}

/// How a job of these tests ends, by its name.
async fn run(
    work: Work,
    attempt: Attempt,
    seen: Data<mpsc::UnboundedSender<(String, usize)>>,
) -> Result<(), BoxDynError> {
    seen.send((work.what.clone(), attempt.current())).unwrap();
    match work.what.as_str() {
        "fails once" if attempt.current() == 1 => Err("not yet".into()),
        "later" if attempt.current() == 1 => {
            Err(Box::new(RetryAfterError::new(std::io::Error::other("busy"), Duration::from_millis(300))))
        }
        "never" => Err(Box::new(AbortError::new(std::io::Error::other("no use")))),
        "always fails" => Err("again".into()),
        "slow" => {
            tokio::time::sleep(Duration::from_millis(1500)).await;
            Ok(())
        }
        _ => Ok(()),
    }
}

pub struct Running {
    seen: mpsc::UnboundedReceiver<(String, usize)>,
    stop: tokio::sync::oneshot::Sender<()>,
    ended: tokio::task::JoinHandle<()>,
}

pub fn start(storage: SurrealStorage<Work>, concurrency: usize) -> Running {
    let steward = storage.steward().clone();
    let (out, seen) = mpsc::unbounded_channel();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let monitor = Monitor::new().register(move |restarts| {
        WorkerBuilder::new(format!("worker {restarts}"))
            .backend(storage.clone())
            .concurrency(concurrency)
            .data(out.clone())
            .build(run)
    });
    let context = monitor.context();
    let ended = tokio::spawn(async move {
        let mut working = std::pin::pin!(monitor.run());
        tokio::select! {
            ended = &mut working => panic!("the worker ended by itself: {ended:?}"),
            _ = stopped => context.shutdown().unwrap(),
        }
        working.await.unwrap();
        steward.drained().await;
    });
    Running { seen, stop, ended }
}

impl Running {
    pub async fn next(&mut self) -> (String, usize) {
        tokio::time::timeout(Duration::from_secs(10), self.seen.recv())
            .await
            .expect("a job within ten seconds")
            .unwrap()
    }

    pub async fn stop(self) {
        let _ = self.stop.send(());
        tokio::time::timeout(Duration::from_secs(10), self.ended).await.expect("an end within ten seconds").unwrap();
    }
}

pub async fn enqueue(db: &Client, task: NewTask) {
    db.query("{ fn::apalis_enqueue($task); }").bind(("task", task)).await.unwrap().check().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_of_the_callers_transaction_runs_once_and_is_done() {
    let db = database().await;
    let mut running = start(SurrealStorage::new(db.clone(), config()), 2);
    let task = NewTask::json("work", &work("plain")).unwrap();
    db.query("{ CREATE cause:1; fn::apalis_enqueue($task); }").bind(("task", task)).await.unwrap().check().unwrap();
    assert_eq!(running.next().await, ("plain".into(), 1));
    let rows = until(&db, "done", |rows| rows[0].stage == "finished").await;
    assert_eq!((rows[0].status.as_str(), rows[0].attempts), ("Done", 1));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_fails_leaves_no_job() {
    let db = database().await;
    let task = NewTask::json("work", &work("plain")).unwrap();
    let failed = db.query("{ fn::apalis_enqueue($task); THROW 'no'; }").bind(("task", task)).await.unwrap().check();
    assert!(failed.is_err());
    assert!(rows(&db).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_key_is_one_job_however_many_write_at_once() {
    let db = database().await;
    let writers = (0..30).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            let task = NewTask::json("work", &work("plain")).unwrap().idempotency_key("the one");
            for _ in 0..100 {
                let mut answer = db.query("{ fn::apalis_enqueue($task); }").bind(("task", task.clone())).await.unwrap();
                match apalis_surrealdb::worst(answer.take_errors()) {
                    None => return,
                    Some(error) if apalis_surrealdb::is_conflict(&error) => {
                        tokio::time::sleep(Duration::from_millis(rand::random_range(1..20))).await;
                    }
                    Some(error) => panic!("{error}"),
                }
            }
            panic!("no end of conflicts");
        })
    });
    for written in writers.collect::<Vec<_>>() {
        written.await.unwrap();
    }
    assert_eq!(rows(&db).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failure_waits_and_comes_back_and_its_wait_is_honoured() {
    let db = database().await;
    let mut storage = SurrealStorage::<Work>::new(db.clone(), config());
    storage.push(work("fails once")).await.unwrap();
    let mut running = start(storage.clone(), 2);
    assert_eq!(running.next().await, ("fails once".into(), 1));
    assert_eq!(running.next().await, ("fails once".into(), 2));
    let begun = std::time::Instant::now();
    storage.push(work("later")).await.unwrap();
    assert_eq!(running.next().await, ("later".into(), 1));
    assert_eq!(running.next().await, ("later".into(), 2));
    assert!(begun.elapsed() >= Duration::from_millis(300));
    until(&db, "both done", |rows| rows.iter().all(|row| row.status == "Done" && row.attempts == 2)).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_never_works_ends_as_killed_and_can_be_seen() {
    let db = database().await;
    enqueue(&db, NewTask::json("work", &work("never")).unwrap()).await;
    enqueue(&db, NewTask::json("work", &work("always fails")).unwrap().max_attempts(3)).await;
    enqueue(&db, NewTask::json("work", &"no Work at all").unwrap()).await;
    let running = start(SurrealStorage::new(db.clone(), config()), 2);
    let rows = until(&db, "all killed", |rows| rows.iter().all(|row| row.status == "Killed")).await;
    assert_eq!(rows.iter().map(|row| row.attempts).collect::<Vec<_>>(), [1, 3, 1]);
    assert!(rows.iter().all(|row| row.result.is_some()));
    running.stop().await;
}

/// A worker that died: its claims are there, and its lease has ended.
pub async fn claimed_by_the_dead(db: &Client) {
    let claim = "{
        UPDATE apalis_entry SET taken = true;
        CREATE apalis_lease:dead SET queue = 'work', worker = 'the dead', since = time::now(), until = time::now() - 1s,
            tasks = (SELECT VALUE [record::id(id), epoch] FROM apalis_task);
    }";
    db.query(claim).await.unwrap().check().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_dead_worker_held_comes_back_and_its_late_word_is_fenced_out() {
    let db = database().await;
    enqueue(&db, NewTask::json("work", &work("plain")).unwrap()).await;
    claimed_by_the_dead(&db).await;
    let mut running = start(SurrealStorage::new(db.clone(), config()), 2);
    assert_eq!(running.next().await, ("plain".into(), 2), "the dead worker's attempt counts");
    let rows = until(&db, "done", |rows| rows[0].status == "Done").await;
    assert_eq!(rows[0].epoch, 1, "what the dead one says of its claim is fenced out");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_kills_its_worker_each_time_ends() {
    let db = database().await;
    enqueue(&db, NewTask::json("work", &work("plain")).unwrap().max_attempts(2)).await;
    db.query("UPDATE apalis_task SET attempts = 1").await.unwrap().check().unwrap();
    claimed_by_the_dead(&db).await;
    let running = start(SurrealStorage::new(db.clone(), config()), 2);
    let rows = until(&db, "killed", |rows| rows[0].status == "Killed").await;
    assert_eq!(rows[0].attempts, 2);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_jobs_and_a_full_buffer_keep_their_leases() {
    let db = database().await;
    for _ in 0..4 {
        enqueue(&db, NewTask::json("work", &work("slow")).unwrap()).await;
    }
    // Far longer than the lease, and held by more than run at a time.
    let config = config().lease(Duration::from_millis(600)).hold(4);
    let (one, other) = (SurrealStorage::new(db.clone(), config.clone()), SurrealStorage::new(db.clone(), config));
    let (mut one, mut other) = (start(one, 1), start(other, 1));
    until(&db, "all done", |rows| rows.iter().all(|row| row.status == "Done")).await;
    let mut runs = 0;
    while one.seen.try_recv().is_ok() || other.seen.try_recv().is_ok() {
        runs += 1;
    }
    assert_eq!(runs, 4, "each ran once");
    assert!(rows(&db).await.iter().all(|row| row.attempts == 1));
    one.stop().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_the_end_what_has_not_begun_is_given_back_uncharged() {
    let db = database().await;
    for _ in 0..60 {
        enqueue(&db, NewTask::json("work", &work("slow")).unwrap()).await;
    }
    let mut running = start(SurrealStorage::new(db.clone(), config().hold(60)), 1);
    running.next().await;
    until(&db, "all held", |rows| rows.iter().all(|row| row.stage == "claimed")).await;
    running.stop().await;
    let rows = rows(&db).await;
    assert!(rows.iter().all(|row| row.stage != "claimed"), "{rows:?}");
    let ready: Vec<&Row> = rows.iter().filter(|row| row.stage == "ready").collect();
    assert!(ready.len() >= 55 && ready.iter().all(|row| row.attempts == 0), "{}", ready.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_wakes_the_worker_without_waiting_for_the_poll() {
    let db = database().await;
    let slow_poll = Config::new("work").poll(Duration::from_secs(60));
    let mut running = start(SurrealStorage::new(db.clone(), slow_poll), 1);
    enqueue(&db, NewTask::json("work", &work("first")).unwrap()).await;
    running.next().await;
    enqueue(&db, NewTask::json("work", &work("second")).unwrap()).await;
    assert_eq!(running.next().await.0, "second");
    let soon = chrono::Utc::now() + Duration::from_millis(300);
    enqueue(&db, NewTask::json("work", &work("delayed")).unwrap().run_at(soon)).await;
    assert_eq!(running.next().await.0, "delayed");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_never_run_the_same_job() {
    let db = database().await;
    let mut storage = SurrealStorage::<Work>::new(db.clone(), config());
    for number in 0..100 {
        storage.push(work(&number.to_string())).await.unwrap();
    }
    let mut runs = 0;
    let mut one = start(storage.clone(), 4);
    let mut other = start(SurrealStorage::new(db.clone(), config()), 4);
    until(&db, "all done", |rows| rows.iter().all(|row| row.status == "Done")).await;
    while one.seen.try_recv().is_ok() || other.seen.try_recv().is_ok() {
        runs += 1;
    }
    assert_eq!(runs, 100);
    one.stop().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_process_pushes_wakes_the_worker() {
    let db = database().await;
    let slow_poll = Config::new("work").poll(Duration::from_secs(60));
    let mut running = start(SurrealStorage::new(db.clone(), slow_poll.clone()), 1);
    // Of its own steward, as another process has it.
    let mut other = SurrealStorage::<Work>::new(db.clone(), slow_poll);
    for number in 0..3 {
        other.push(work(&number.to_string())).await.unwrap();
        assert_eq!(running.next().await.0, number.to_string());
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_committed_behind_others_is_found() {
    let db = database().await;
    let mut running = start(SurrealStorage::new(db.clone(), config()), 2);
    enqueue(&db, NewTask::json("work", &work("first")).unwrap()).await;
    running.next().await;
    // As of a transaction that took ten seconds, or of a machine whose clock is so far behind.
    let late = "{
        LET $due = time::now() - 10s;
        CREATE apalis_task:late SET queue = 'work', args = $args, stage = 'open', status = 'Pending', due = $due, rank = 0,
            max_attempts = 25, attempts = 0, epoch = 0, meta = {}, created_at = $due;
        INSERT INTO apalis_entry { id: ['work', 0, $due, 'late'], args: $args, max_attempts: 25, attempts: 0, epoch: 0, meta: {} };
    }";
    let args = surrealdb::types::Bytes::from(serde_json::to_vec(&work("late")).unwrap());
    db.query(late).bind(("args", args)).await.unwrap().check().unwrap();
    assert_eq!(running.next().await.0, "late");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_whose_id_is_there_already_is_refused_by_itself() {
    let db = database().await;
    let mut storage = SurrealStorage::<Work>::new(db.clone(), config());
    enqueue(&db, NewTask::json("work", &work("first")).unwrap().id("one")).await;
    let again = TaskBuilder::new(work("second")).task_id(TaskId::from_string("one")).build();
    assert!(storage.push_task(again).await.is_err());
    storage.push(work("third")).await.unwrap();
    assert_eq!(rows(&db).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_many_that_are_taken_each_runs_once() {
    let db = database().await;
    let mut storage = SurrealStorage::<Work>::new(db.clone(), config().hold(10));
    let works = (0..200).map(|number| work(&number.to_string()));
    storage.push_bulk(works.collect()).await.unwrap();
    for priority in [1, 3] {
        let later =
            NewTask::json("work", &work("later")).unwrap().run_after(Duration::from_secs(3600)).priority(priority);
        for _ in 0..70 {
            enqueue(&db, later.clone().id(ulid::Ulid::generate().to_string())).await;
        }
    }
    enqueue(&db, NewTask::json("work", &work("urgent")).unwrap().priority(2)).await;
    // Of a worker that lives elsewhere, and has not swept them.
    let taken =
        "UPDATE (SELECT VALUE id FROM apalis_entry WHERE record::id(id)[1] = 0 LIMIT 120) SET taken = true RETURN NONE";
    db.query(taken).await.unwrap().check().unwrap();
    let mut running = start(storage.clone(), 2);
    let mut ran = Vec::new();
    for _ in 0..81 {
        ran.push(running.next().await.0);
    }
    assert_eq!(ran[0], "urgent");
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(running.seen.try_recv().is_err(), "none twice");
    ran.sort_unstable();
    ran.dedup();
    assert_eq!(ran.len(), 81);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_for_another_try_is_not_counted_as_held() {
    let db = database().await;
    let mut storage = SurrealStorage::<Work>::new(db.clone(), config());
    storage.push_bulk(vec![work("slow"), work("later")]).await.unwrap();
    // Both under one lease, of which one job goes on.
    let running = start(storage, 2);
    until(&db, "one waits again", |rows| rows.iter().any(|row| row.stage == "delayed")).await;
    let answers = db.query(apalis_surrealdb::WAITING).bind(("queues", vec!["work"])).await;
    let counted: Vec<apalis_surrealdb::Waiting> = answers.unwrap().take(0).unwrap();
    assert_eq!((counted[0].ready, counted[0].delayed, counted[0].held), (0, 1, 1));
    running.stop().await;
}
