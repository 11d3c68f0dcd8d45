//! Queues made from one connection, or from their configuration alone.

use apalis_core::backend::{TryNewBackend, factory::BackendFactory};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Config, Error, Steward, SurrealStorage};

/// Makes the queues of a process: they share its steward, and with it one LIVE query and one timer.
impl<Args: Serialize + DeserializeOwned + 'static> BackendFactory<Args> for Steward {
    type Backend = SurrealStorage<Args>;
    type Error = Error;

    fn create_with_config(&mut self, config: Config) -> Result<SurrealStorage<Args>, Error> {
        Ok(SurrealStorage::under(self.clone(), config))
    }
}

impl<Args: Serialize + DeserializeOwned + 'static> TryNewBackend for SurrealStorage<Args> {
    type Backend = Self;

    /// # Errors
    /// [`Error::NoDatabase`] without [`Config::on`].
    fn try_new(config: Config) -> Result<Self, Error> {
        let db = config.db.clone().ok_or(Error::NoDatabase)?;
        Ok(Self::new(db, config))
    }
}
