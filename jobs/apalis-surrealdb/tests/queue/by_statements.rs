//! The promises, kept by statements.

use surrealdb::{Surreal, engine::any::Any};

#[path = "promises.rs"]
pub mod promises;

/// What the queue runs on.
pub type Store = Surreal<Any>;

/// A new one, in memory.
pub async fn open() -> Store {
    let db = surrealdb::engine::any::connect("mem://").await.unwrap();
    db.use_ns("test").use_db("test").await.unwrap();
    db
}
