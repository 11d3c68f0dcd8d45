//! Makes a batch of letters for the printer, or notes what became of one.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Job, Patience};

/// What is done with a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BatchStep {
    /// Its letters are gathered and written as one PDF.
    Make,
    /// Its letters are on paper.
    Printed,
    /// Its letters left.
    Mailed,
}

/// Which batch.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Batch {
    /// The batch's name.
    pub batch: String,
    /// What is done with it.
    pub step: BatchStep,
    /// How often it was asked for again.
    #[serde(default)]
    pub round: i64,
}

impl Job for Batch {
    const QUEUE: &'static str = "batch";
    /// A full disk may take a weekend to be noticed.
    const PATIENCE: Patience = Patience::doubling(Duration::from_secs(10), Duration::from_secs(60 * 60), 100);
    /// Each reads and writes a lot.
    const AT_ONCE: usize = 1;

    fn key(&self) -> String {
        format!("{}/{:?}/{}", self.batch, self.step, self.round)
    }
}
