//! Tells one person by text message what an e-mail could not.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Job, NewTask, Patience};

/// Whom, about which account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AlertByText {
    /// The logon that is told.
    pub logon: String,
    /// The account's type.
    pub kind: String,
    /// The account's number.
    pub number: String,
    /// The alerts' carrier: what the e-mail that failed became.
    pub carrier: String,
    /// When it is due, in seconds since 1970, if the person's quiet hours put it off.
    #[serde(default)]
    pub due: Option<i64>,
}

impl Job for AlertByText {
    const QUEUE: &'static str = "alert by text";
    /// As an alert: up to 48 tries over 4 hours, one every 5 minutes.
    const PATIENCE: Patience = Patience::every(Duration::from_secs(5 * 60), 48);

    fn key(&self) -> String {
        format!("{}/{}", self.carrier, self.due.unwrap_or(0))
    }

    fn task(&self) -> NewTask {
        let task = crate::task(self);
        match self.due.and_then(|due| DateTime::<Utc>::from_timestamp(due, 0)) {
            None => task,
            Some(due) => task.run_at(due),
        }
    }
}
