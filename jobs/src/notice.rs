//! Tells a person or an address on record that something happened.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Job, Patience};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoticeKind {
    /// A logon was created; told to its owner (R77).
    Welcome,
    /// Somebody asked for the user IDs of an e-mail address; told to that address (R50).
    UserIds,
    /// Access to an account was added; told to the address on record and the other holders (R127).
    AccessAdded,
    /// The letter with a code came back; told to whoever asked for it.
    LetterReturned,
    /// What guards a logon was changed; told to the address of now and to the one of before.
    CredentialChanged,
    /// An address on record was corrected; told to the one of before, the one of now, and everybody with access.
    AddressCorrected,
}

/// What happened, to which record.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Notice {
    /// What happened.
    pub kind: NoticeKind,
    /// The record that it is about.
    pub about: String,
    /// Who is told: a logon, or the empty text for the address on record.
    pub to: String,
    /// What makes this event another one than the last of its kind.
    pub event: String,
}

impl Job for Notice {
    const QUEUE: &'static str = "notice";
    const PATIENCE: Patience = Patience::doubling(Duration::from_secs(10), Duration::from_secs(60 * 60), 40);

    fn key(&self) -> String {
        format!("{:?}/{}/{}/{}", self.kind, self.about, self.to, self.event)
    }
}
