#![doc = include_str!("../README.md")]

mod backend;
mod bells;
mod claim;
mod config;
mod driver;
mod ended;
mod enqueue;
mod entry;
mod error;
mod executor;
mod expose;
mod factory;
mod held;
mod layer;
mod lease;
mod look;
mod manage;
mod reclaim;
mod schema;
mod sink;
mod steward;
mod stored;
mod sweep;
mod task;
mod together;
mod transaction;
mod upgrade;
mod wait;
mod waiting;
mod worker;

pub use backend::SurrealStorage;
pub use bells::Bells;
pub use config::Config;
pub use error::{Error, is_conflict, worst};
pub use executor::{Alone, Answers, Changes, Executor, RecordWrites, Records, values};
pub use layer::{AckLayer, AckService};
pub use lease::{Claim, Lease};
pub use schema::setup;
pub use steward::Steward;
pub use task::{ENQUEUE, KeyRow, NewRows, NewTask, RING};
pub use transaction::{enqueue_in, retry};
pub use waiting::{KILLED, WAITING, Waiting};

/// A handle to the database, shared by all of a process: an `Arc` of a connected [`Surreal`](surrealdb::Surreal), or of
/// whatever else is an [`Executor`].
pub type Database = std::sync::Arc<dyn Executor>;
