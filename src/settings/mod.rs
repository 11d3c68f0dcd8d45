//! Settings (R6): profile, password, recovery, notifications, sessions.

mod pages;
pub mod routes;
