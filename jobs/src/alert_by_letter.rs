//! Tells one person by letter what neither an e-mail nor a text message could.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Job, NewTask, Patience};

/// Whom, about which account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AlertByLetter {
    /// The logon that is told.
    pub logon: String,
    /// The account's type.
    pub kind: String,
    /// The account's number.
    pub number: String,
    /// When it is printed, in seconds since 1970: one letter tells of all that failed until then.
    pub due: i64,
}

impl Job for AlertByLetter {
    const QUEUE: &'static str = "alert by letter";
    /// A full disk may take a weekend to be noticed.
    const PATIENCE: Patience = Patience::doubling(Duration::from_secs(10), Duration::from_secs(60 * 60), 100);

    fn key(&self) -> String {
        format!("{}/{}/{}/{}", self.logon, self.kind, self.number, self.due)
    }

    fn task(&self) -> NewTask {
        let task = crate::task(self);
        match DateTime::<Utc>::from_timestamp(self.due, 0) {
            None => task,
            Some(due) => task.run_at(due),
        }
    }
}
