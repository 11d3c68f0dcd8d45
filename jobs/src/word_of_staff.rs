//! Tells a person, or an address on record, what staff did with a logon or an access.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Job, Patience};

/// What staff did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StaffAct {
    /// A locked sign-in was unlocked.
    Unlocked,
    /// All sessions were ended.
    EndedSessions,
    /// The logon was suspended.
    Suspended,
    /// It may sign in again.
    Reinstated,
    /// A letter for its recovery was sent.
    SentRecoveryLetter,
    /// Access to an account was given.
    GrantedAccess,
    /// Access to an account was taken away.
    RevokedAccess,
}

/// What staff did, to whom, and who is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WordOfStaff {
    /// What they did.
    pub act: StaffAct,
    /// With which logon.
    pub logon: String,
    /// For which account's type and number, if it is about one.
    #[serde(default)]
    pub account: Option<(String, String)>,
    /// Who is told: a logon, or nobody for the account's address on record.
    pub to: Option<String>,
    /// What makes this event another one than the last of its kind.
    pub event: String,
}

impl Job for WordOfStaff {
    const QUEUE: &'static str = "word of staff";
    const PATIENCE: Patience = Patience::doubling(Duration::from_secs(10), Duration::from_secs(60 * 60), 40);

    fn key(&self) -> String {
        let to = self.to.as_deref().unwrap_or("on record");
        format!("{:?}/{}/{:?}/{to}/{}", self.act, self.logon, self.account, self.event)
    }
}
