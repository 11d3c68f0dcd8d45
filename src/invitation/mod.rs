//! Invitations: a campaign writes to every account on file that nobody has access to, by e-mail where an address is on
//! record, else by letter, with the short address of its audience (R10, R11). It is released by a second employee, keeps a
//! pace, and goes on where it was.

pub mod jobs;
mod pages;
pub mod queries;
pub mod routes;

pub use crate::release::State;
use crate::{db::value::SurrealValue, words::Moment};

/// A campaign.
#[derive(Clone, Debug, SurrealValue)]
pub struct Campaign {
    /// Its id.
    pub id: String,
    /// What staff call it.
    pub name: String,
    /// The types of accounts that it is for, in order.
    pub kinds: Vec<String>,
    /// The place of the type that is gone through.
    pub at_kind: i64,
    /// The number of the last account of that type that was gone through.
    pub after: String,
    /// Whether accounts without an e-mail address on record get a letter.
    pub letters: bool,
    /// The most invitations in an hour.
    pub pace: i64,
    /// Where it stands.
    pub state: State,
    /// Counted by each start that an employee makes.
    pub round: i64,
    /// Accounts that were gone through.
    pub considered: i64,
    /// Invitations by e-mail.
    pub by_email: i64,
    /// Invitations by letter.
    pub by_letter: i64,
    /// Who wrote it: the employee's id.
    pub author: String,
    /// And name.
    pub author_name: String,
    /// Who released it: the name.
    pub released_by: Option<String>,
    /// When it was written.
    pub created: Moment,
    /// Since when it stands there.
    pub changed: Moment,
}

impl Campaign {
    /// The type that is gone through; none when all are.
    pub fn kind(&self) -> Option<&str> {
        self.kinds.get(usize::try_from(self.at_kind).ok()?).map(String::as_str)
    }
}

/// An invitation that could not be sent.
#[derive(Clone, Debug, PartialEq, Eq, SurrealValue)]
pub struct Unsent {
    /// The account's type.
    pub kind: String,
    /// Its number's ten digits.
    pub number: String,
    /// Why not.
    pub said: String,
}

/// What came of a campaign's invitations.
#[derive(Clone, Debug, Default, PartialEq, Eq, SurrealValue)]
pub struct Outcomes {
    /// On their way.
    pub queued: i64,
    /// Sent.
    pub sent: i64,
    /// That could not be.
    pub failed: i64,
    /// The first of these, each with its reason.
    pub unsent: Vec<Unsent>,
    /// After which somebody gained access.
    pub accepted: i64,
}
