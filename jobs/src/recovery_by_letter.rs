//! Prints a recovery code into the letter spool.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Job, Patience};

/// Whose, in which letter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecoveryByLetter {
    /// The logon.
    pub logon: String,
    /// The letter's name.
    pub letter: String,
}

impl Job for RecoveryByLetter {
    const QUEUE: &'static str = "recovery by letter";
    /// A full disk may take a weekend to be noticed.
    const PATIENCE: Patience = Patience::doubling(Duration::from_secs(10), Duration::from_secs(60 * 60), 100);

    fn key(&self) -> String {
        self.letter.clone()
    }
}
