//! Workflows of apalis, and the ticks of its cron, on this queue.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use apalis_core::{
    backend::{TaskSink, ext::BackendExt},
    error::BoxDynError,
    task::data::Data,
    worker::{builder::WorkerBuilder, context::WorkerContext},
};
use apalis_cron::{CronScheduler, Schedule, Tick};
use apalis_surrealdb::{Config, SurrealStorage};
use apalis_workflow::{GraphFlow, SteppedFlow, WorkflowSink};
use tokio::sync::mpsc::UnboundedSender;

use crate::by_statements::promises::{Row, database, rows};

async fn soon<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), work).await.expect("within half a minute")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn steps_of_different_types_follow_each_other() {
    let db = database().await;
    let mut storage = SurrealStorage::<u32>::new(db.clone(), Config::new("steps").steps());
    storage.push(20).await.unwrap();
    let workflow = SteppedFlow::new("steps")
        .and_then(|number: u32| async move { Ok::<_, BoxDynError>(format!("{number} and two")) })
        .and_then(|words: String| async move { Ok::<_, BoxDynError>(vec![words.len()]) })
        .and_then(|lengths: Vec<usize>, worker: WorkerContext| async move {
            assert_eq!(lengths, [10]);
            worker.stop()?;
            Ok::<_, BoxDynError>(())
        });
    soon(WorkerBuilder::new("steps").backend(storage).build(workflow).run()).await.unwrap();
    let rows = rows(&db).await;
    assert!(rows.len() >= 3 && rows.iter().all(|row| row.attempts <= 1), "{rows:?}");
}

async fn name(id: u32) -> Result<String, BoxDynError> {
    Ok(id.to_string())
}

async fn age(id: u32) -> Result<usize, BoxDynError> {
    Ok(id as usize + 20)
}

async fn collect((name, age): (String, usize), worker: WorkerContext) -> Result<usize, BoxDynError> {
    worker.stop()?;
    Ok(name.parse::<usize>()? + age)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_graph_collects_what_its_branches_return() {
    let db = database().await;
    let mut storage = SurrealStorage::<Vec<u8>>::new(db.clone(), Config::new("graph").steps());
    storage.start_fan_out(vec![42_u32, 43]).await.unwrap();
    let graph = GraphFlow::new("graph");
    let (name, age) = (graph.add_task(name), graph.add_task(age));
    graph.add_task(collect).depends_on((&name, &age));
    graph.validate().unwrap();
    let steward = storage.steward().clone();
    soon(WorkerBuilder::new("graph").backend(storage).build(graph).run()).await.unwrap();
    steward.drained().await;
    let rows = rows(&db).await;
    let whole = |row: &Row| row.result.as_deref() == Some(r#"{"Complete":{"result":105}}"#);
    assert!(rows.iter().any(whole), "{rows:?}");
}

/// Three ticks, a second apart.
struct Thrice(u64, u64);

impl<Tz> Schedule<Tz> for Thrice {
    fn next_tick(&mut self, _: &Tz) -> Option<Tick<Tz>> {
        self.1 += 1;
        (self.1 <= 3).then(|| Tick::new(self.0 + self.1))
    }
}

async fn hear(tick: Tick, said: Data<UnboundedSender<u64>>) -> Result<(), BoxDynError> {
    Ok(said.send(tick.get_timestamp())?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_the_ticks_of_two_replicas_one_is_run() {
    let db = database().await;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let (said, mut heard) = tokio::sync::mpsc::unbounded_channel();
    for replica in 0..2 {
        let storage = SurrealStorage::<Tick>::new(db.clone(), Config::new("ticks").once_per_args());
        let ticks = CronScheduler::new(Thrice(now + 1, 0)).pipe_to(storage);
        let worker = WorkerBuilder::new(format!("replica {replica}")).backend(ticks).data(said.clone()).build(hear);
        tokio::spawn(worker.run());
    }
    for expected in 2..=4 {
        assert_eq!(soon(heard.recv()).await, Some(now + expected));
    }
    let more = tokio::time::timeout(Duration::from_millis(700), heard.recv()).await;
    assert!(more.is_err(), "{more:?}");
    assert_eq!(rows(&db).await.len(), 3);
}
