//! Goes through the next accounts of a campaign of invitations.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Job, NewTask, Patience};

/// Which campaign, and where it stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Campaign {
    /// The campaign's id.
    pub campaign: String,
    /// Counted by each start: a job from before a pause does nothing.
    pub round: i64,
    /// What it has gone through: accounts, and types whose end was reached.
    pub step: i64,
    /// When it is due, in seconds since 1970, if its pace puts it off.
    #[serde(default)]
    pub due: Option<i64>,
}

impl Job for Campaign {
    const QUEUE: &'static str = "campaign";
    /// A day and a half: what was begun is to come to its end.
    const PATIENCE: Patience = Patience::doubling(Duration::from_secs(10), Duration::from_secs(30 * 60), 80);

    fn key(&self) -> String {
        format!("{}/{}/{}", self.campaign, self.round, self.step)
    }

    fn task(&self) -> NewTask {
        let task = crate::task(self);
        match self.due.and_then(|due| DateTime::<Utc>::from_timestamp(due, 0)) {
            None => task,
            Some(due) => task.run_at(due),
        }
    }
}
