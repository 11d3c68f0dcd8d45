//! Mailboxes: the threads of an account's messages, between those who have access to it and the agency, and what
//! each of them has read (R139–R142).

mod actor;
pub mod alert_batch;
pub mod alert_queries;
pub mod alert_steps;
pub mod attachment;
pub mod attachment_queries;
pub mod export;
mod export_pages;
pub mod fan_out;
pub mod files;
mod form;
pub mod holders;
pub mod jobs;
pub mod lists;
pub mod notices;
pub mod otherwise;
pub mod pages;
pub mod post_many;
mod post_rows;
pub mod posting;
pub mod queries;
pub mod receipts;
pub mod reminders;
pub mod routes;
mod rows_of_post;
mod terms;
pub mod text;
pub mod thread;
pub mod unsubscribe;

pub use actor::{Mailboxes, Post, Posted};
pub use form::{Asked, answer, asked, draft, new};
