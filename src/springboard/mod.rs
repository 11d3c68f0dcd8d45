//! The springboard: a person's home, with accounts, submissions and correspondence (R129–R140).

mod account_pages;
mod facts;
mod pages;
pub mod routes;

pub use facts::Facts;
