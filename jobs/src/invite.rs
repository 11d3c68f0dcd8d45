//! Invites an account to come online, by e-mail or by letter (R10).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Job, Patience};

/// Which account, in which campaign.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Invite {
    /// The campaign's id.
    pub campaign: String,
    /// The account's type.
    pub kind: String,
    /// Its number.
    pub number: String,
}

impl Job for Invite {
    const QUEUE: &'static str = "invitation";
    /// A full disk may take a weekend to be noticed.
    const PATIENCE: Patience = Patience::doubling(Duration::from_secs(10), Duration::from_secs(60 * 60), 100);

    fn key(&self) -> String {
        format!("{}/{}/{}", self.campaign, self.kind, self.number)
    }
}
