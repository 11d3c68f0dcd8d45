//! Floor 2b, services: what operations stand on beside the database. Costly work runs in bounded pools, and what one
//! address does too often is slowed in memory before it costs anything.

pub mod admission;
pub mod breached;
pub mod burst;
pub mod pool;

pub use admission::{Admission, Ticket};
pub use breached::BreachedPasswords;
pub use burst::BurstLimit;
pub use pool::{PoolError, Pools, WorkPool};
