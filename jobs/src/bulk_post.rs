//! Posts one message to the next accounts of many.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Job, NewTask, Patience};

/// Which bulk post, and where it stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BulkPost {
    /// The bulk post's id.
    pub bulk_post: String,
    /// Counted by each start after a pause: a job from before it does nothing.
    pub round: i64,
    /// The number of the last account that has the message.
    pub after: String,
    /// When it is due, in seconds since 1970, if that is later.
    #[serde(default)]
    pub due: Option<i64>,
}

impl Job for BulkPost {
    const QUEUE: &'static str = "bulk post";
    /// A day and a half: what was begun is to come to its end.
    const PATIENCE: Patience = Patience::doubling(Duration::from_secs(10), Duration::from_secs(30 * 60), 80);

    fn key(&self) -> String {
        format!("{}/{}/{}", self.bulk_post, self.round, self.after)
    }

    fn task(&self) -> NewTask {
        let task = crate::task(self);
        match self.due.and_then(|due| DateTime::<Utc>::from_timestamp(due, 0)) {
            None => task,
            Some(due) => task.run_at(due),
        }
    }
}
