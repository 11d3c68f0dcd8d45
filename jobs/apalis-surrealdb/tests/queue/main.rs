//! The queue on a real database in memory, with real workers of apalis.

#![allow(clippy::duplicate_mod, reason = "the promises are tested in two ways")]

mod by_records;
mod by_statements;
mod conformance;
mod faults;
mod manage;
mod upgrade;
mod workflows;
