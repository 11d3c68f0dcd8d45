//! Reads a file of the agency's registry, or applies what was read.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Job, Patience};

/// What is done with an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImportStep {
    /// Its file is read and compared with what is on file.
    Read,
    /// Its changes are applied.
    Apply,
}

/// Which import.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Import {
    /// The import's id.
    pub import: String,
    /// What is done with it.
    pub step: ImportStep,
}

impl Job for Import {
    const QUEUE: &'static str = "import";
    /// A day and a half: what was begun is to come to its end.
    const PATIENCE: Patience = Patience::doubling(Duration::from_secs(10), Duration::from_secs(30 * 60), 80);
    /// One file's runs fill the memory that they may.
    const AT_ONCE: usize = 1;

    fn key(&self) -> String {
        format!("{}/{:?}", self.import, self.step)
    }
}
