//! Mails a staff member the link with which a password is set, once.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Job, Patience};

/// Which link.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StaffLink {
    /// The enrollment's record.
    pub enrollment: String,
}

impl Job for StaffLink {
    const QUEUE: &'static str = "staff link";
    const PATIENCE: Patience = Patience::doubling(Duration::from_secs(5), Duration::from_secs(60 * 60), 40);

    fn key(&self) -> String {
        self.enrollment.clone()
    }
}
