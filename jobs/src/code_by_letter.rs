//! Prints an authorization code into the letter spool (R115).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Job, Patience};

/// Which code.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CodeByLetter {
    /// The code's id.
    pub code: String,
}

impl Job for CodeByLetter {
    const QUEUE: &'static str = "code by letter";
    /// A full disk may take a weekend to be noticed.
    const PATIENCE: Patience = Patience::doubling(Duration::from_secs(10), Duration::from_secs(60 * 60), 100);

    fn key(&self) -> String {
        self.code.clone()
    }
}
