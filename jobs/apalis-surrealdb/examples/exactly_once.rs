//! A job that books an entry exactly once: the entry and the job's end are one transaction.
//!
//!     cargo run -p apalis-surrealdb --example exactly_once

use std::sync::Arc;

use apalis::layers::WorkerBuilderExt;
use apalis_core::{
    error::BoxDynError,
    task::data::Data,
    worker::{builder::WorkerBuilder, context::WorkerContext},
};
use apalis_surrealdb::{Config, Lease, NewTask, SurrealStorage, setup};

type Client = std::sync::Arc<surrealdb::Surreal<surrealdb::engine::any::Any>>;

async fn book(cents: i64, lease: Lease, db: Data<Client>, worker: WorkerContext) -> Result<(), BoxDynError> {
    db.query("{ UPSERT account:1 SET balance += $cents; fn::apalis_complete($claim); }")
        .bind(("cents", cents))
        .bind(("claim", lease.claim()))
        .await?
        .check()?;
    worker.stop()?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), BoxDynError> {
    let db = Arc::new(surrealdb::engine::any::connect("mem://").await?);
    db.use_ns("app").use_db("app").await?;
    setup(&db).await?;
    let task = NewTask::json("bookings", &2500)?;
    db.query("{ CREATE payment:1 SET cents = 2500; fn::apalis_enqueue($task); }")
        .bind(("task", task))
        .await?
        .check()?;
    let storage = SurrealStorage::<i64>::new(db.clone(), Config::new("bookings"));
    WorkerBuilder::new("booker").backend(storage).concurrency(2).data(db.clone()).build(book).run().await?;
    let balance: Option<i64> = db.query("SELECT VALUE balance FROM ONLY account:1").await?.take(0)?;
    println!("the balance is {balance:?}");
    Ok(())
}
