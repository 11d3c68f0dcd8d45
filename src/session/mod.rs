//! Sessions: who is signed in, on which browser, since when; one actor each.

mod actor;
mod guard;
mod life;
mod memory;
mod pages;
mod routes;
mod rows;
pub mod sign_in;
pub mod staff;
pub mod token;

pub use actor::{ALL_STAFF, Desk, Open};
pub use guard::{Person, StaffOnly, Visitor, cookie_for, recognise, without_cookie};
pub use life::{IDLE, LONGEST, WARNING};
pub use routes::{live, live_for_staff, notice, stay};
pub use rows::{Listed, Started, begin, end, end_others, expired, list};
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
    life: Life,
    memory: Memory,
    address: actix::Addr<actor::SessionActor>,
}

impl Connected for Session {
    fn is_connected(&self) -> bool {
        !self.life.is_ended() && self.address.connected()
    }
}

impl Session {
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
