//! Reminds whoever asked for an authorization code by letter that it is there, and that it will expire.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Job, NewTask, Patience};

/// What is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CodeReminderKind {
    /// The letter was printed a while ago, and nobody typed its code in.
    Unused,
    /// The code expires soon.
    Expiring,
}

/// Which code, and when.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CodeReminder {
    /// The code's id.
    pub code: String,
    /// What is said.
    pub kind: CodeReminderKind,
    /// When it is due, in seconds since 1970.
    pub due: i64,
}

impl Job for CodeReminder {
    const QUEUE: &'static str = "code reminder";
    /// For two days: it is of no use any more when the code has expired.
    const PATIENCE: Patience = Patience::doubling(Duration::from_secs(60), Duration::from_secs(60 * 60), 50);

    fn key(&self) -> String {
        format!("{}/{:?}/{}", self.code, self.kind, self.due)
    }

    fn task(&self) -> NewTask {
        let task = crate::task(self);
        match DateTime::<Utc>::from_timestamp(self.due, 0) {
            None => task,
            Some(due) => task.run_at(due),
        }
    }
}
