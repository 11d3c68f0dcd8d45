//! A database whose tasks have their order in indexes, as they had it before.

use std::{sync::Arc, time::Duration};

use apalis_surrealdb::{NewTask, SurrealStorage, setup};

use crate::by_statements::promises::{Work, config, enqueue, rows, start, until, work};

const BEFORE: &str = include_str!("layout_before.surql");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_are_brought_over_and_each_runs_once() {
    let db = surrealdb::engine::any::connect("mem://").await.unwrap();
    db.use_ns("test").use_db("test").await.unwrap();
    let db = Arc::new(db);
    db.query(BEFORE).await.unwrap().check().unwrap();
    let task = |what: &str| NewTask::json("work", &work(what)).unwrap();
    // More than are brought over at a time.
    for number in 0..600 {
        enqueue(&db, task(&number.to_string()).id(format!("many {number}"))).await;
    }
    enqueue(&db, task("held").id("held")).await;
    enqueue(&db, task("keyed").id("keyed").idempotency_key("key")).await;
    enqueue(&db, task("later").id("later").run_after(Duration::from_secs(3600))).await;
    enqueue(&db, task("killed").id("killed")).await;
    enqueue(&db, task("done").id("done")).await;
    let was = "UPDATE apalis_task:held SET stage = 'claimed', status = 'Queued', epoch = 3, lock_by = 'somebody', lock_at = time::now(),
            due = time::now() + 1m;
        UPDATE apalis_task:killed SET stage = 'finished', status = 'Killed', done_at = time::now(), due = time::now();
        UPDATE apalis_task:done SET stage = 'finished', status = 'Done', done_at = time::now(), due = time::now();";
    db.query(was).await.unwrap().check().unwrap();
    for _ in 0..2 {
        setup(&db).await.unwrap();
    }
    // Its key is still taken.
    enqueue(&db, task("keyed").idempotency_key("key")).await;
    let mut running = start(SurrealStorage::<Work>::new(db.clone(), config().hold(50)), 4);
    let mut ran = Vec::new();
    for _ in 0..602 {
        ran.push(running.next().await.0);
    }
    until(&db, "all done", |rows| rows.iter().filter(|row| row.status == "Done").count() == 603).await;
    ran.sort_unstable();
    ran.dedup();
    assert_eq!(ran.len(), 602, "none twice");
    let rows = rows(&db).await;
    assert_eq!(rows.len(), 605);
    assert_eq!(rows.iter().filter(|row| row.stage == "delayed").count(), 1);
    let killed: Vec<String> =
        db.query("SELECT VALUE record::id(id)[2] FROM apalis_killed").await.unwrap().take(0).unwrap();
    assert_eq!(killed, ["killed"]);
    running.stop().await;
}
