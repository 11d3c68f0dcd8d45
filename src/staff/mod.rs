//! The staff's console: find an account, see who has access, post to it, answer what its holders write.

pub mod audit;
mod audit_pages;
mod code_pages;
pub mod codes;
pub mod correspondence;
mod message_pages;
pub mod messages;
pub mod overview;
mod overview_pages;
mod overview_queries;
mod pages;
pub mod queries;
pub mod routes;
