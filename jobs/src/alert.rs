//! Tells one person by e-mail that there is a message, and nothing of what it says (R142).

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Job, NewTask, Patience};

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
    /// When it is due, in seconds since 1970, if the person wants to be told later: together with all that is due
    /// then. None means at once, by itself.
    #[serde(default)]
    pub due: Option<i64>,
}

impl Job for Alert {
    const QUEUE: &'static str = "alert";
    /// Up to 48 tries over 4 hours, one every 5 minutes.
    const PATIENCE: Patience = Patience::every(Duration::from_secs(5 * 60), 48);

    /// They wait for a mail server most of the time.
    const AT_ONCE: usize = 16;

    fn key(&self) -> String {
        let message = format!("{}/{}/{}/{}", self.logon, self.kind, self.number, self.sequence);
        match self.due {
            None => message,
            Some(due) => format!("{message}/{due}"),
        }
    }

    fn task(&self) -> NewTask {
        let task = crate::task(self);
        match self.due.and_then(|due| DateTime::<Utc>::from_timestamp(due, 0)) {
            None => task,
            Some(due) => task.run_at(due),
        }
    }
}
