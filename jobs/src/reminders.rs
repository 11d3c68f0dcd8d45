//! Finds, at its moment, every notice of which people are to be reminded then.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Job, NewTask, Patience};

/// Which moment, and how far it came.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reminders {
    /// The moment, in seconds since 1970.
    pub at: i64,
    /// The last notice that was found: the account's type, its number, the message's sequence, and how many days before
    /// its due date.
    #[serde(default)]
    pub after: Option<(String, String, i64, i64)>,
    /// Tells apart those that are enqueued so shortly before their moment that it may have come meanwhile.
    #[serde(default)]
    pub name: String,
}

impl Job for Reminders {
    const QUEUE: &'static str = "reminders";
    /// A missed day can't be made good: it is tried for a day.
    const PATIENCE: Patience = Patience::every(Duration::from_secs(5 * 60), 288);
    const AT_ONCE: usize = 1;

    fn key(&self) -> String {
        let (at, name) = (self.at, &self.name);
        match &self.after {
            None => format!("{at}/{name}"),
            Some((kind, number, sequence, days)) => format!("{at}/{name}/{kind}/{number}/{sequence}/{days}"),
        }
    }

    fn task(&self) -> NewTask {
        let task = crate::task(self);
        match DateTime::<Utc>::from_timestamp(self.at, 0) {
            Some(at) => task.run_at(at),
            None => task,
        }
    }
}
