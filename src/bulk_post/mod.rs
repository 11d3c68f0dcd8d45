//! Bulk posts: one message to many accounts, posted by a job a few at a time, with progress that staff see, pause and
//! stop. Above a size that the agency sets, a second employee releases it.

pub mod audience;
mod audience_pages;
pub mod audience_routes;
mod form;
pub mod jobs;
mod pages;
pub mod queries;
pub mod routes;

pub use crate::release::State;
pub use crate::template::places::{Addressee, filled};
use crate::{db::value::SurrealValue, words::Moment};

/// A bulk post.
#[derive(Clone, Debug, SurrealValue)]
pub struct BulkPost {
    /// Its id.
    pub id: String,
    /// The subject, with places for an account's facts.
    pub subject: String,
    /// The text, likewise.
    pub body: String,
    /// Until when an answer is asked for.
    pub answer_by: Option<Moment>,
    /// Until when everyone is asked to confirm.
    pub confirm_by: Option<Moment>,
    /// How many days before that they are reminded.
    pub remind: Vec<i64>,
    /// The accounts' type.
    pub kind: String,
    /// Their numbers, in order; none means all of the type.
    pub numbers: Option<Vec<String>>,
    /// The name of the saved filter that they were found by.
    pub filter: Option<String>,
    /// How many accounts it is for.
    pub total: i64,
    /// How many have it.
    pub posted: i64,
    /// The number of the last one that has it.
    pub after: String,
    /// Counted by each start that an employee makes.
    pub round: i64,
    /// Where it stands.
    pub state: State,
    /// Who wrote it: the employee's id.
    pub author: String,
    /// And name.
    pub author_name: String,
    /// Who released it: the name.
    pub released_by: Option<String>,
    /// When it was written.
    pub created: Moment,
    /// When it is to be posted, if that is later.
    pub due: Option<Moment>,
    /// Since when it stands there.
    pub changed: Moment,
}
