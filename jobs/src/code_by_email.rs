//! Sends an authorization code to the e-mail address on record (R114).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Job, Patience};

/// Which code.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CodeByEmail {
    /// The code's id.
    pub code: String,
}

impl Job for CodeByEmail {
    const QUEUE: &'static str = "code by e-mail";
    /// For about 22 of the code's 24 hours.
    const PATIENCE: Patience = Patience::doubling(Duration::from_secs(10), Duration::from_secs(30 * 60), 50);

    fn key(&self) -> String {
        self.code.clone()
    }
}
