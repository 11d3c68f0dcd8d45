//! The rows of workers, for lists only.

use std::time::Duration;

use chrono::{DateTime, Utc};
use surrealdb::types::{RecordId, SurrealValue, Variables};

use crate::{Database, Error, claim::ask, sweep};

/// A worker that was not seen for so long is no longer listed, and its row goes.
const GONE: Duration = Duration::from_secs(24 * 60 * 60);

/// A worker's row.
#[derive(Debug, SurrealValue)]
pub(crate) struct Row {
    pub name: String,
    pub queue: String,
    pub layers: String,
    pub started_at: DateTime<Utc>,
    pub seen_at: DateTime<Utc>,
}

fn record(name: &str) -> RecordId {
    RecordId::new("apalis_worker", name)
}

/// Lists a worker, or notes that it was seen.
pub(crate) async fn register(db: &Database, name: &str, queue: &str, layers: &str) -> Result<(), Error> {
    let mut bindings = Variables::new();
    bindings.insert("id", record(name));
    bindings.insert("queue", queue);
    bindings.insert("layers", layers);
    let text = "UPSERT $id SET queue = $queue, layers = $layers, seen_at = time::now(), started_at = started_at ?? time::now() RETURN NONE";
    ask::<String>(db, text, bindings).await.map(drop)
}

/// Takes a worker that ended off the list.
pub(crate) async fn leave(db: &Database, name: &str) -> Result<(), Error> {
    sweep::delete(db, vec![record(name)]).await
}

/// The workers of a queue, or of all, the latest first.
pub(crate) async fn list(db: &Database, queue: Option<&str>) -> Result<Vec<Row>, Error> {
    let text = "SELECT record::id(id) AS name, queue, layers, started_at, seen_at FROM apalis_worker
        WHERE $queue = NONE OR queue = $queue ORDER BY started_at DESC LIMIT 1000";
    let mut bindings = Variables::new();
    bindings.insert("queue", queue.map(str::to_owned));
    ask(db, text, bindings).await
}

/// Deletes the rows of workers that died long ago.
pub(crate) async fn prune(db: &Database) -> Result<(), Error> {
    let mut bindings = Variables::new();
    bindings.insert("gone", GONE);
    let text = "SELECT VALUE id FROM apalis_worker WHERE seen_at < time::now() - $gone";
    sweep::delete(db, ask(db, text, bindings).await?).await
}
