//! The generic suite, on apalis-sqlite.

#[path = "../../conformance/cases.rs"]
mod cases;

use apalis_sqlite::{SqlitePoolOptions, SqliteStorage};
use cases::*;

async fn storage() -> SqliteStorage<Work> {
    let options = SqlitePoolOptions::new().max_connections(1);
    let pool = options.connect("sqlite::memory:").await.unwrap();
    SqliteStorage::setup(&pool).await.unwrap();
    SqliteStorage::new(&pool)
}

conformance!(storage, exhausted: Status::Failed);
