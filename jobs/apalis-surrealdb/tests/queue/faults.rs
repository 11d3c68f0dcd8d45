//! What goes wrong around a worker, and that it goes on.

use std::time::{Duration, Instant};

use apalis_core::backend::ListTasks;
use apalis_core::backend::{Filter, ListAllTasks};
use apalis_surrealdb::{NewTask, SurrealStorage};

use crate::by_statements::promises::{Work, config, database, enqueue, rows, start, until, work};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_database_refuses_the_worker_lives_and_then_goes_on() {
    let db = database().await;
    let storage = SurrealStorage::<Work>::new(db.clone(), config());
    let mut running = start(storage, 2);
    enqueue(&db, NewTask::json("work", &work("fine")).unwrap()).await;
    running.next().await;
    until(&db, "done", |rows| rows[0].status == "Done").await;
    // Every claim, renewal and acknowledgement throws.
    let refuse = "DEFINE EVENT OVERWRITE refuses ON apalis_task WHEN $event = 'UPDATE' THEN { THROW 'a test refuses' };
        DEFINE EVENT OVERWRITE refuses ON apalis_entry WHEN $event = 'UPDATE' THEN { THROW 'a test refuses' }";
    db.query(refuse).await.unwrap().check().unwrap();
    enqueue(&db, NewTask::json("work", &work("waits")).unwrap()).await;
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert!(rows(&db).await.iter().any(|row| row.stage == "ready"), "nothing was claimed");
    db.query("REMOVE EVENT refuses ON apalis_task; REMOVE EVENT refuses ON apalis_entry")
        .await
        .unwrap()
        .check()
        .unwrap();
    assert_eq!(running.next().await.0, "waits");
    until(&db, "both done", |rows| rows.iter().all(|row| row.status == "Done")).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_acknowledgement_that_is_refused_is_made_when_it_can_be() {
    let db = database().await;
    let storage = SurrealStorage::<Work>::new(db.clone(), config());
    let mut running = start(storage, 1);
    enqueue(&db, NewTask::json("work", &work("slow")).unwrap()).await;
    assert_eq!(running.next().await, ("slow".into(), 1));
    let refuse =
        "DEFINE EVENT OVERWRITE refuses ON apalis_task WHEN $after.stage = 'finished' THEN { THROW 'a test refuses' }";
    db.query(refuse).await.unwrap().check().unwrap();
    tokio::time::sleep(Duration::from_millis(2000)).await;
    assert_eq!(rows(&db).await[0].stage, "claimed", "the job is over and can't say so");
    db.query("REMOVE EVENT refuses ON apalis_task").await.unwrap().check().unwrap();
    let rows = until(&db, "done", |rows| rows[0].status == "Done").await;
    assert_eq!(rows[0].attempts, 1, "it ran once");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_two_hundred_in_flight_the_end_comes_within_its_deadline() {
    let db = database().await;
    let storage = SurrealStorage::<Work>::new(db.clone(), config().hold(200));
    let tasks: Vec<NewTask> = (0..200).map(|_| NewTask::json("work", &work("slow")).unwrap()).collect();
    db.query("{ FOR $task IN $tasks { fn::apalis_enqueue($task); }; }")
        .bind(("tasks", tasks))
        .await
        .unwrap()
        .check()
        .unwrap();
    let mut running = start(storage, 100);
    for _ in 0..100 {
        running.next().await;
    }
    let told = Instant::now();
    running.stop().await;
    assert!(told.elapsed() < Duration::from_secs(20), "{:?}", told.elapsed());
    let rows = rows(&db).await;
    let begun = rows.iter().filter(|row| row.status == "Done").count();
    assert!(begun >= 100 && rows.iter().all(|row| row.stage != "claimed"), "{begun} were done");
    assert!(
        rows.iter().filter(|row| row.stage == "ready").all(|row| row.attempts == 0),
        "what did not begin counts nothing"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_read_is_killed_and_a_board_still_lists() {
    let db = database().await;
    let storage = SurrealStorage::<Work>::new(db.clone(), config());
    enqueue(&db, NewTask::json("work", &"no work at all").unwrap()).await;
    enqueue(&db, NewTask::json("work", &work("fine")).unwrap()).await;
    let mut running = start(storage.clone(), 1);
    assert_eq!(running.next().await.0, "fine");
    until(&db, "both ended", |rows| rows.iter().all(|row| row.stage == "finished")).await;
    let filter = Filter { status: None, page: 1, page_size: None };
    assert_eq!(storage.list_tasks(&filter).await.unwrap().len(), 1, "a board reads all of them or none");
    assert_eq!(storage.list_all_tasks(&filter).await.unwrap().len(), 2);
    running.stop().await;
}
