//! Sessions: who is signed in, on which browser, since when; one actor each.

mod actor;
mod guard;
mod pages;
mod routes;
mod rows;
pub mod sign_in;
pub mod token;

use std::{
    any::{Any, TypeId},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
};

use chrono::Duration;

pub use actor::{Desk, Open};
pub use guard::{Person, StaffMember, Visitor, cookie_for, recognise, without_cookie};
pub use routes::{live, notice, stay};
pub use rows::{Listed, Role, Started, begin, end, end_others, list};

use crate::{live::directory::Connected, words::Moment};

/// Idle for so long, a session ends.
pub const IDLE: Duration = Duration::minutes(30);
/// So long before that, the person is warned.
pub const WARNING: Duration = Duration::minutes(5);
/// A session never lasts longer.
pub const LONGEST: Duration = Duration::hours(12);

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
    /// When it began.
    pub began: Moment,
    /// The token that its forms carry.
    pub form_token: String,
    address: actix::Addr<actor::SessionActor>,
    seen: AtomicI64,
    ended: AtomicBool,
    generation: AtomicU64,
    facts: RwLock<Vec<(TypeId, Arc<dyn Any + Send + Sync>)>>,
}

impl Connected for Session {
    fn is_connected(&self) -> bool {
        !self.ended.load(Ordering::Acquire) && self.address.connected()
    }
}

impl Session {
    /// When it ends unless something is done.
    pub fn ends(&self) -> Moment {
        let seen = Moment::from_timestamp_millis(self.seen.load(Ordering::Relaxed)).unwrap_or(self.began);
        (seen + IDLE).min(self.began + LONGEST)
    }

    /// Whether it still holds at this moment.
    pub fn holds(&self, now: Moment) -> bool {
        !self.ended.load(Ordering::Acquire) && now < self.ends()
    }

    /// Facts for this session's pages: as remembered, or as `load` finds them. What changes while
    /// they load is not lost: then they are not remembered.
    ///
    /// # Errors
    /// As `load`.
    pub async fn facts<T, F, E>(&self, load: F) -> Result<Arc<T>, E>
    where
        T: Send + Sync + 'static,
        F: Future<Output = Result<T, E>>,
    {
        if let Some(known) = self.remembered::<T>() {
            return Ok(known);
        }
        let generation = self.generation.load(Ordering::Acquire);
        let loaded = Arc::new(load.await?);
        let mut facts = self.facts.write().unwrap_or_else(PoisonError::into_inner);
        if self.generation.load(Ordering::Acquire) == generation {
            facts.retain(|(kind, _)| *kind != TypeId::of::<T>());
            facts.push((TypeId::of::<T>(), loaded.clone()));
        }
        Ok(loaded)
    }

    /// Facts that are remembered and still true.
    pub fn remembered<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        let facts = self.facts.read().unwrap_or_else(PoisonError::into_inner);
        let known = facts.iter().find(|(kind, _)| *kind == TypeId::of::<T>())?.1.clone();
        drop(facts);
        known.downcast().ok()
    }

    /// Forgets all facts: something changed.
    pub fn forget(&self) {
        let mut facts = self.facts.write().unwrap_or_else(PoisonError::into_inner);
        self.generation.fetch_add(1, Ordering::AcqRel);
        facts.clear();
    }
}
