//! A durable apalis backend on SurrealDB.
//!
//! A job is enqueued in the very transaction that writes the record which causes it: either both
//! are there or neither is. A worker claims jobs under a lease with a fencing token, renews the
//! lease for as long as a job is buffered, running or draining, and acknowledges with the token, so
//! that a late worker can't overwrite its successor. What a dead worker held comes back when the
//! lease ends, with the attempt counted. Failures wait by exponential backoff or for as long as the
//! handler says. A commit wakes the worker within milliseconds by a LIVE query; a timer for delayed
//! jobs and a poll stand behind it, because a LIVE query may miss.
//!
//! ```no_run
//! # use std::sync::Arc;
//! # use apalis_core::worker::builder::WorkerBuilder;
//! use apalis_surrealdb::{Config, NewTask, SurrealStorage, setup};
//! # #[derive(serde::Serialize, serde::Deserialize)]
//! # struct Mail { letter: String }
//! # async fn send(_: Mail) {}
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let db = Arc::new(surrealdb::engine::any::connect("mem://").await?);
//! db.use_ns("portal").use_db("portal").await?;
//! setup(&db).await?;
//!
//! // In the caller's own transaction:
//! let task = NewTask::json("mail", &Mail { letter: "1".into() })?.idempotency_key("letter 1");
//! db.query("{ CREATE letter:1; fn::apalis_enqueue($task); }").bind(("task", task)).await?;
//!
//! let storage = SurrealStorage::<Mail>::new(db, Config::new("mail"));
//! WorkerBuilder::new("mailer").backend(storage).build(send).run().await?;
//! # Ok(())
//! # }
//! ```
//!
//! Build workers with apalis's `concurrency(n)`: without it apalis runs without bound.

mod backend;
mod claim;
mod config;
mod driver;
mod error;
mod held;
mod layer;
mod schema;
mod sink;
mod steward;
mod task;

pub use backend::SurrealStorage;
pub use config::Config;
pub use error::{Error, is_conflict, worst};
pub use layer::{AckLayer, AckService};
pub use schema::setup;
pub use steward::Steward;
pub use task::NewTask;

/// A handle to the database, shared by all of a process.
pub type Database = std::sync::Arc<surrealdb::Surreal<surrealdb::engine::any::Any>>;
