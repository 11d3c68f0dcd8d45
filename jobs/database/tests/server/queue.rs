//! The queue on a server, worked by processes of their own: this test's program starts itself again as each of them.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use apalis::layers::WorkerBuilderExt;
use apalis_core::{
    error::BoxDynError,
    task::{attempt::Attempt, data::Data},
    worker::builder::WorkerBuilder,
};
use apalis_surrealdb::{Config, Lease, NewTask, SurrealStorage};

use crate::process::{Client, Server, connect};

/// Says to a child where the server is.
const ADDRESS: &str = "QUEUE_TEST_ADDRESS";
/// How many jobs the four processes share; `QUEUE_TEST_JOBS=10000` for the heavy run.
fn jobs() -> usize {
    std::env::var("QUEUE_TEST_JOBS").ok().and_then(|jobs| jobs.parse().ok()).unwrap_or(1000)
}

struct Worker(Child);

impl Worker {
    fn start(address: &str) -> Self {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "queue::a_process_that_works"])
            .env(ADDRESS, address)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self(child)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn config() -> Config {
    Config::new("numbers").hold(40).lease(Duration::from_secs(3)).poll(Duration::from_millis(500))
}

/// Books a number in the transaction that ends its job. The number 0 takes for ever at its first try.
async fn book(number: u32, attempt: Attempt, lease: Lease, db: Data<Client>) -> Result<(), BoxDynError> {
    if number == 0 {
        db.query("CREATE begun").await?.check()?;
        if attempt.current() == 1 {
            tokio::time::sleep(Duration::from_secs(600)).await;
        }
    }
    apalis_surrealdb::retry(|| async {
        let text = "{ CREATE booked SET number = $number, attempt = $attempt; fn::apalis_complete($claim); }";
        let asked =
            db.query(text).bind(("number", number)).bind(("attempt", attempt.current())).bind(("claim", lease.claim()));
        apalis_surrealdb::worst(asked.await?.take_errors()).map_or(Ok(()), |error| Err(error.into()))
    })
    .await?;
    Ok(())
}

/// No test: what a child of the others does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_works() {
    let Ok(address) = std::env::var(ADDRESS) else { return };
    let db = connect(&address).await;
    let storage = SurrealStorage::<u32>::new(db.clone(), config());
    WorkerBuilder::new("child").backend(storage).concurrency(20).data(db).build(book).run().await.unwrap();
}

async fn enqueue(db: &Client, numbers: std::ops::Range<usize>) {
    let tasks: Vec<NewTask> = numbers.map(|number| NewTask::json("numbers", &number).unwrap()).collect();
    db.query("{ FOR $task IN $tasks { fn::apalis_enqueue($task); }; }")
        .bind(("tasks", tasks))
        .await
        .unwrap()
        .check()
        .unwrap();
}

async fn count(db: &Client, text: &str) -> usize {
    let counted = db.query(format!("RETURN count(({text}))")).await.unwrap().take::<Option<i64>>(0).unwrap();
    usize::try_from(counted.unwrap()).unwrap()
}

/// Looks until this many are there.
async fn until(db: &Client, text: &str, many: usize, within: Duration) {
    let begun = std::time::Instant::now();
    loop {
        let there = count(db, text).await;
        if there >= many {
            return;
        }
        assert!(begun.elapsed() < within, "{there} of {many}: {text}");
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn database(folder: &tempfile::TempDir) -> &Path {
    folder.path()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_processes_commit_each_job_once() {
    let folder = folder();
    let server = Server::start(database(&folder));
    let db = connect(&server.address).await;
    // From 1: 0 is the job that never ends.
    let jobs = jobs();
    for from in (1..=jobs).step_by(500) {
        enqueue(&db, from..(from + 500).min(jobs + 1)).await;
    }
    let begun = std::time::Instant::now();
    let workers: Vec<Worker> = (0..4).map(|_| Worker::start(&server.address)).collect();
    until(&db, "SELECT VALUE id FROM apalis_task WHERE stage = 'finished'", jobs, Duration::from_secs(900)).await;
    println!("{jobs} jobs on 4 processes in {:?}", begun.elapsed());
    drop(workers);
    assert_eq!(count(&db, "SELECT VALUE id FROM booked").await, jobs, "none twice");
    assert_eq!(count(&db, "SELECT number FROM booked GROUP BY number").await, jobs, "each of them");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_whose_process_is_killed_in_the_middle_runs_again_once() {
    let folder = folder();
    let server = Server::start(database(&folder));
    let db = connect(&server.address).await;
    enqueue(&db, 0..1).await;
    let victim = Worker::start(&server.address);
    until(&db, "SELECT VALUE id FROM begun", 1, Duration::from_secs(60)).await;
    drop(victim);
    let _other = Worker::start(&server.address);
    until(&db, "SELECT VALUE id FROM booked", 1, Duration::from_secs(60)).await;
    assert_eq!(count(&db, "SELECT VALUE id FROM begun").await, 2);
    assert_eq!(count(&db, "SELECT VALUE id FROM booked WHERE attempt = 2").await, 1, "the killed try counts");
    assert_eq!(count(&db, "SELECT VALUE id FROM apalis_task WHERE status = 'Done' AND attempts = 2").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_lives_through_the_death_of_its_server() {
    let folder = folder();
    let server = Server::start(database(&folder));
    let db = connect(&server.address).await;
    let _worker = Worker::start(&server.address);
    enqueue(&db, 1..101).await;
    until(&db, "SELECT VALUE id FROM booked", 20, Duration::from_secs(60)).await;
    let address = server.kill();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let server = Server::start_at(database(&folder), address);
    let db = connect(&server.address).await;
    enqueue(&db, 101..201).await;
    until(&db, "SELECT VALUE id FROM apalis_task WHERE stage = 'finished'", 200, Duration::from_secs(120)).await;
    assert_eq!(count(&db, "SELECT VALUE id FROM booked").await, 200, "none lost, none twice");
}
