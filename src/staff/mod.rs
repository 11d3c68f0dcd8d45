//! The staff's console, first slice: find an account, post a message to it, see who has access.

mod pages;
pub mod routes;
pub mod rows;
