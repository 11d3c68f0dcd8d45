//! Brings a message into the mailboxes of the many who have access to its account, a few hundred at a time.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Job, Patience};

/// Which message, and how far it came.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FanOut {
    /// The account's type.
    pub kind: String,
    /// The account's number.
    pub number: String,
    /// The message's place in its mailbox.
    pub sequence: i64,
    /// The last logon that has it.
    pub after: String,
}

impl Job for FanOut {
    const QUEUE: &'static str = "fan-out";
    /// The message was promised: it is tried for days.
    const PATIENCE: Patience = Patience::doubling(Duration::from_secs(1), Duration::from_secs(60 * 60), 100);

    fn key(&self) -> String {
        format!("{}/{}/{}/{}", self.kind, self.number, self.sequence, self.after)
    }
}
