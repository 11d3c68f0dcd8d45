//! The queue on a real database in memory, with real workers of apalis.

mod conformance;
mod faults;
mod manage;
mod promises;
mod upgrade;
mod workflows;
