//! What the agency says at this moment: as its configuration has it, and as staff have published it since.

use std::{collections::BTreeMap, sync::Arc};

use arc_swap::ArcSwap;
use tokio::sync::{Mutex, MutexGuard};

use crate::words::{Agency, Moment};

/// The version of a document that holds.
#[derive(Clone, Debug)]
pub struct Holding {
    /// Its number.
    pub version: i64,
    /// Who published it.
    pub by_name: String,
    /// When.
    pub at: Moment,
}

/// All that is published, read at one moment.
#[derive(Clone)]
pub struct Published {
    /// What the agency says.
    pub agency: Arc<Agency>,
    /// Counted by each publication: of two that read the same number, one is told that it must look again.
    pub head: i64,
    /// The documents that were published, by name.
    pub holding: BTreeMap<String, Holding>,
    /// Why a document that was published does not hold: it does not fit the configuration any more.
    pub unfit: BTreeMap<String, String>,
    /// Since when the terms are what they are, if staff published them.
    pub terms_since: Option<Moment>,
}

impl Published {
    /// Nothing but the configuration.
    pub fn none(configured: Arc<Agency>) -> Self {
        Self { agency: configured, head: 0, holding: BTreeMap::new(), unfit: BTreeMap::new(), terms_since: None }
    }

    /// The version of a document: 0 for what the configuration says.
    pub fn version(&self, document: &str) -> i64 {
        self.holding.get(document).map_or(0, |holding| holding.version)
    }
}

/// Holds what is published; whoever asks gets all of one moment.
pub struct Publication {
    now: ArcSwap<Published>,
    configured: Arc<Agency>,
    turn: Mutex<()>,
}

impl Publication {
    /// Nothing but the configuration.
    pub fn new(configured: Agency) -> Self {
        let configured = Arc::new(configured);
        let now = ArcSwap::from_pointee(Published::none(configured.clone()));
        Self { now, configured, turn: Mutex::default() }
    }

    /// What is published now.
    pub fn now(&self) -> Arc<Published> {
        self.now.load_full()
    }

    /// What the configuration says.
    pub fn configured(&self) -> &Arc<Agency> {
        &self.configured
    }

    /// The turn to read it anew: what was read first must not be put in last.
    pub async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Puts it in the place of what was published, for whoever asks from now on.
    pub fn put(&self, published: Published) {
        self.now.store(Arc::new(published));
    }
}
