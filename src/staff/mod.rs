//! The staff's console: find an account, see who has access, post to it, answer what its holders write.

pub mod audit;
mod audit_pages;
mod code_pages;
pub mod codes;
pub mod correspondence;
mod message_pages;
pub mod messages;
mod pages;
mod queries;
pub mod routes;

pub use message_pages::path as message_path;
