//! Deletes what has expired: drafts, sessions, challenges, hints.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Job, Patience};

/// The sweep of one ten minutes' slot; all processes together do it once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sweep {
    /// The slot's number since 1970.
    pub slot: i64,
}

impl Sweep {
    /// How long a slot is.
    pub const SLOT: Duration = Duration::from_secs(600);

    /// The sweep that is due at this moment, in seconds since 1970.
    pub fn due_at(seconds: i64) -> Self {
        Self { slot: seconds.div_euclid(600) }
    }
}

impl Job for Sweep {
    const QUEUE: &'static str = "sweep";
    const PATIENCE: Patience = Patience::every(Duration::from_secs(60), 5);

    fn key(&self) -> String {
        self.slot.to_string()
    }
}
