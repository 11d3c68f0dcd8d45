#![doc = include_str!("../README.md")]

mod backend;
mod claim;
mod config;
mod driver;
mod endings;
mod error;
mod executor;
mod expose;
mod factory;
mod held;
mod layer;
mod lease;
mod manage;
mod schema;
mod sink;
mod steward;
mod stored;
mod task;
mod transaction;
mod wait;
mod worker;

pub use backend::SurrealStorage;
pub use config::Config;
pub use error::{Error, is_conflict, worst};
pub use executor::{Answers, Changes, Executor, values};
pub use layer::{AckLayer, AckService};
pub use lease::{Claim, Lease};
pub use schema::setup;
pub use steward::Steward;
pub use task::{NewTask, TaskRow};
pub use transaction::{enqueue_in, retry};

/// A handle to the database, shared by all of a process: an `Arc` of a connected [`Surreal`](surrealdb::Surreal), or of
/// whatever else is an [`Executor`].
pub type Database = std::sync::Arc<dyn Executor>;
