//! Tells people by e-mail that there are messages, many in one job, and nothing of what they say (R142).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Job, Patience};

/// One person, who is told of one message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertKey {
    /// The account's type.
    pub kind: String,
    /// The account's number.
    pub number: String,
    /// The message's place in its mailbox.
    pub sequence: i64,
    /// The logon that is told.
    pub logon: String,
}

/// Those who had access when messages were posted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Alerts {
    /// What was posted: it makes the job the same one.
    pub name: String,
    /// Whom to tell of what.
    pub alerts: Vec<AlertKey>,
}

impl Job for Alerts {
    const QUEUE: &'static str = "alerts";
    /// As one alert's: up to 48 tries over 4 hours, one every 5 minutes.
    const PATIENCE: Patience = Patience::every(Duration::from_secs(5 * 60), 48);
    /// While some note what was sent, the others go on sending.
    const AT_ONCE: usize = 4;

    fn key(&self) -> String {
        self.name.clone()
    }
}
