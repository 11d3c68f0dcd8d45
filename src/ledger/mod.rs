//! Ledgers (R140): what people and staff see of them, monthly statements, and entries by hand, which take two staff
//! members. Entries from files are in `registry`.

mod adjustment;
pub mod adjustment_routes;
mod adjustment_views;
mod reader;
pub mod routes;
mod views;
