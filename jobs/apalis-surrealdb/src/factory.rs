//! Queues made from one connection, or from their configuration alone.

use apalis_core::backend::{TryNewBackend, factory::BackendFactory};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Config, Error, Steward, SurrealStorage};

/// Makes the queues of a process: they share its steward, and with it one LIVE query and one timer.
///
/// ```
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use std::sync::Arc;
/// # use apalis_surrealdb::*;
/// # let db = surrealdb::engine::any::connect("mem://").await?;
/// # db.use_ns("app").use_db("app").await?;
/// # let db = Arc::new(db);
/// # setup(&db).await?;
/// use std::time::Duration;
/// use apalis_core::backend::{TaskSink, factory::BackendFactory};
///
/// let mut steward = Steward::start(db, Duration::from_secs(2));
/// let mut letters: SurrealStorage<String> = steward.create_with_config(Config::new("letters"))?;
/// let mut numbers: SurrealStorage<u32> = steward.create_with_config(Config::new("numbers"))?;
/// letters.push("a letter".to_owned()).await?;
/// numbers.push(42).await?;
/// # Ok(())
/// # }
/// ```
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
