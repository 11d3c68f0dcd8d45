//! Settings (R6): profile, password, recovery, notifications, sessions.

mod confirm;
mod pages;
pub mod routes;

pub use confirm::{ask, check, send};
