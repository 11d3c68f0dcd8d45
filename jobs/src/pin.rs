//! Sends a PIN for recovery, by e-mail or text message (R52, R60, R63).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Job, Patience};

/// Which PIN.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pin {
    /// The challenge's id.
    pub challenge: String,
    /// Whether by text message.
    pub by_text: bool,
}

impl Job for Pin {
    const QUEUE: &'static str = "pin";
    /// A PIN lasts 10 minutes; after that nobody waits for it.
    const PATIENCE: Patience = Patience::doubling(Duration::from_secs(2), Duration::from_secs(60), 12);

    fn key(&self) -> String {
        self.challenge.clone()
    }
}
