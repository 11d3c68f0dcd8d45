//! Reminds people of a notice that they have not confirmed, on a day that staff chose; and notes, at its due date, who
//! never did.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Job, NewTask, Patience};

/// Which notice, how long before its due date, and whom: nobody yet means that everyone is to be found who has not
/// confirmed it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reminder {
    /// The account's type.
    pub kind: String,
    /// The account's number.
    pub number: String,
    /// The message's place in its mailbox.
    pub sequence: i64,
    /// So many days before the due date; 0 is the due date itself, when nobody is reminded any more.
    pub days: i64,
    /// The logon that is reminded.
    #[serde(default)]
    pub logon: Option<String>,
    /// When that is, in seconds since 1970, if the person's quiet hours put it off.
    #[serde(default)]
    pub due: Option<i64>,
}

impl Job for Reminder {
    const QUEUE: &'static str = "reminder";
    /// As an alert's: up to 48 tries over 4 hours, one every 5 minutes.
    const PATIENCE: Patience = Patience::every(Duration::from_secs(5 * 60), 48);

    fn key(&self) -> String {
        let notice = format!("{}/{}/{}/{}", self.kind, self.number, self.sequence, self.days);
        let person = self.logon.as_deref().unwrap_or_default();
        format!("{notice}/{person}/{}", self.due.unwrap_or(0))
    }

    fn task(&self) -> NewTask {
        let task = crate::task(self);
        match self.due.and_then(|due| DateTime::<Utc>::from_timestamp(due, 0)) {
            None => task,
            Some(due) => task.run_at(due),
        }
    }
}
