//! Tells one person by e-mail that there is a message, and nothing of what it says (R142).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Job, Patience};

/// Whom, about which message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Alert {
    /// The logon that is told.
    pub logon: String,
    /// The account's type.
    pub kind: String,
    /// The account's number.
    pub number: String,
    /// The message's place in its mailbox.
    pub sequence: i64,
}

impl Job for Alert {
    const QUEUE: &'static str = "alert";
    /// Up to 48 tries over 4 hours, one every 5 minutes.
    const PATIENCE: Patience = Patience::every(Duration::from_secs(5 * 60), 48);

    fn key(&self) -> String {
        format!("{}/{}/{}/{}", self.logon, self.kind, self.number, self.sequence)
    }
}
