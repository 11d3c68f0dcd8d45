//! The generic suite, on this backend.

use std::sync::Arc;

#[path = "../../conformance/cases.rs"]
mod cases;

use apalis_surrealdb::{Config, SurrealStorage};
use cases::*;

async fn storage() -> SurrealStorage<Work> {
    let db = surrealdb::engine::any::connect("mem://").await.unwrap();
    db.use_ns("test").use_db("test").await.unwrap();
    let db = Arc::new(db);
    apalis_surrealdb::setup(&db).await.unwrap();
    SurrealStorage::new(db, Config::new("work").backoff(Duration::from_millis(50), Duration::from_secs(1)))
}

conformance!(storage, exhausted: Status::Killed);
beyond!(storage);
