//! Staff members, looked after by administrators: invited, given a role, disabled, unlocked, signed off, reset. Whoever is
//! made an administrator takes a second administrator; the first two are made by the operator's command.

pub mod command;
mod enrollment;
mod enrollment_routes;
pub mod jobs;
mod operations;
pub mod routes;
mod views;

pub use enrollment::{end_all, expired};
pub use enrollment_routes::{enroll, show_enrollment};
pub use operations::StaffError;
