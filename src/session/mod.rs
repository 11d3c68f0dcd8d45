//! Sessions: who is signed in, on which browser, since when; one actor each.

mod actor;
pub mod device;
pub mod factor_manage;
pub mod factor_proof;
mod guard;
pub mod kept;
mod kept_views;
mod life;
mod memory;
mod pages;
mod queries;
mod refused;
mod routes;
pub mod second_factor;
pub mod sign_in;
pub mod staff;
pub mod token;
mod tries;

pub use actor::{Desk, Open};
pub use guard::{AnySession, Person, StaffOnly, StepUp, Visitor, cookie_for, recognise, without_cookie};
pub use life::{IDLE, LONGEST, WARNING};
pub use queries::{
    AccessTerms, AskAccessTerms, Listed, Started, begin, end, end_all, end_all_of_staff, end_one, end_others, expired,
    list, list_of_staff,
};
pub use routes::{live, live_for_staff, notice, stay};
pub use second_factor::fresh;
pub use staff::{Role, Staff};

use std::sync::Arc;

use self::{life::Life, memory::Memory};
use crate::{live::directory::Connected, words::Moment};

/// Whether a person or an employee is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A person, with a logon.
    Person,
    /// An employee.
    Staff,
}

impl Kind {
    /// The word in the database, and the cookie's name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Staff => "staff",
        }
    }
}

/// A session as this process knows it. Requests read it; its actor changes it.
pub struct Session {
    /// The hash of its token: its record's key.
    pub key: String,
    /// Whose.
    pub kind: Kind,
    /// The logon or employee.
    pub who: String,
    /// Their user ID.
    pub user_id: String,
    /// An employee's role.
    pub role: Option<Role>,
    /// The account type that they came for (R45).
    pub hint: Option<String>,
    /// The token that its forms carry.
    pub form_token: String,
    /// Whether its owner has a second factor.
    pub has_factor: bool,
    /// Whether its owner must have one.
    pub needs_factor: bool,
    /// When it proved one: whoever proves one again gets another session.
    factor_at: Option<Moment>,
    life: Life,
    memory: Memory,
    address: actix::Addr<actor::SessionActor>,
}

impl Connected for Session {
    fn is_connected(&self) -> bool {
        !self.life.is_ended() && self.address.connected()
    }
}

/// How far a session may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// All the way that its owner may.
    Open,
    /// To the page that asks for a second factor.
    Prove,
    /// To the page where one is added.
    Enroll,
}

/// How old the proof of a second factor may be for what is risky.
pub const STEP_UP: chrono::Duration = chrono::Duration::minutes(10);

impl Session {
    /// How far it may go.
    pub fn gate(&self) -> Gate {
        match (self.has_factor, self.needs_factor) {
            (true, _) if self.factor_at.is_none() => Gate::Prove,
            (false, true) => Gate::Enroll,
            _ => Gate::Open,
        }
    }

    /// Whether it proved a second factor lately, or its owner has none and needs none.
    pub fn is_stepped_up(&self, now: Moment) -> bool {
        (!self.has_factor && !self.needs_factor) || self.factor_at.is_some_and(|at| at > now - STEP_UP)
    }

    /// Whether it proved who it is lately, by signing in or again.
    pub fn is_fresh(&self, now: Moment) -> bool {
        self.life.began() > now - STEP_UP
    }

    /// When it ends unless something is done.
    pub fn ends(&self) -> Moment {
        self.life.ends()
    }

    /// Facts for this session's pages: as remembered, or as `load` finds them.
    ///
    /// # Errors
    /// As `load`.
    pub async fn facts<T, F, E>(&self, load: F) -> Result<Arc<T>, E>
    where
        T: Send + Sync + 'static,
        F: Future<Output = Result<T, E>>,
    {
        self.memory.facts(load).await
    }
}
