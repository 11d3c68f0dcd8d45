//! Mailboxes: the messages that staff post to an account, and who has not read them (R139–R142).

mod actor;
pub mod jobs;
pub mod rows;
pub mod text;

pub use actor::{Mailboxes, Post, Posted};
