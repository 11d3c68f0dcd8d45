//! The staff's console: find an account, see who has access, post to it, answer what its holders write.

pub mod audit;
mod audit_pages;
pub mod correspondence;
mod message_pages;
pub mod messages;
mod pages;
pub mod routes;
pub mod rows;
