//! The console's overview: what waits, and the last thirty days.

mod pages;
mod queries;
pub mod routes;
