//! Waiting for what jobs return.

use std::{collections::HashSet, str::FromStr, time::Duration};

use apalis_core::{
    backend::{TaskResult, WaitForCompletion},
    task::{status::Status, task_id::TaskId},
};
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use serde::de::DeserializeOwned;
use surrealdb::types::{RecordId, SurrealValue, Variables};
use tokio::sync::watch;

use crate::{
    Database, Error, SurrealStorage,
    claim::{ask, record},
    stored::task_id,
};

/// How often to look when nothing ended in this process.
const LOOK: Duration = Duration::from_millis(500);

#[derive(Debug, SurrealValue)]
struct Ended {
    key: String,
    status: String,
    attempts: i64,
    result: Option<String>,
}

/// Those of `keys` that have ended.
async fn ended(db: &Database, keys: impl IntoIterator<Item = String>) -> Result<Vec<Ended>, Error> {
    let ids: Vec<RecordId> = keys.into_iter().map(|key| record(&key)).collect();
    let mut bindings = Variables::new();
    bindings.insert("ids", ids);
    let text = "SELECT record::id(id) AS key, status, attempts, result FROM $ids WHERE stage = 'finished'";
    ask(db, text, bindings).await
}

/// What a job returned, or why it failed.
fn result<O: DeserializeOwned>(ended: Ended) -> Result<TaskResult<O>, Error> {
    let status = Status::from_str(&ended.status).unwrap_or(Status::Killed);
    let said = ended.result;
    let result = if status == Status::Done {
        // A job that ended within its handler's own transaction left nothing but its end.
        Ok(serde_json::from_str(said.as_deref().unwrap_or("null"))?)
    } else {
        Err(said.unwrap_or_default())
    };
    let attempt = usize::try_from(ended.attempts).unwrap_or(0);
    Ok(TaskResult { task_id: task_id(&ended.key), attempt, status, result })
}

/// A wait that is under way.
struct Waiting {
    db: Database,
    left: HashSet<String>,
    bell: watch::Receiver<u64>,
}

impl Waiting {
    /// What has ended since the last look, as soon as anything has; nothing when nothing is left.
    async fn next(mut self) -> Option<(Vec<Ended>, Self)> {
        while !self.left.is_empty() {
            self.bell.borrow_and_update();
            match ended(&self.db, self.left.iter().cloned()).await {
                Ok(ended) if !ended.is_empty() => {
                    for one in &ended {
                        self.left.remove(&one.key);
                    }
                    return Some((ended, self));
                }
                Ok(_) => {}
                // The database is away: whoever waits goes on waiting.
                Err(error) => tracing::warn!(%error, "could not look for ended tasks; trying again"),
            }
            tokio::select! {
                _ = self.bell.changed() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
        None
    }
}

impl<Args, O: DeserializeOwned + Send + 'static> WaitForCompletion<O> for SurrealStorage<Args> {
    type ResultStream = BoxStream<'static, Result<TaskResult<O>, Error>>;

    /// Yields each task as it ends; ends with the last. It waits for ever for one that does not exist.
    fn wait_for(&mut self, task_ids: impl IntoIterator<Item = TaskId>) -> Self::ResultStream {
        let left = task_ids.into_iter().map(|id| id.to_string()).collect();
        let waiting = Waiting { db: self.db().clone(), left, bell: self.steward().ended() };
        stream::unfold(waiting, Waiting::next).flat_map(|ended| stream::iter(ended.into_iter().map(result))).boxed()
    }

    /// Those of the tasks that have ended.
    async fn check_status(
        &mut self,
        task_ids: impl IntoIterator<Item = TaskId> + Send,
    ) -> Result<Vec<TaskResult<O>>, Error> {
        let keys: Vec<String> = task_ids.into_iter().map(|id| id.to_string()).collect();
        ended(self.db(), keys).await?.into_iter().map(result).collect()
    }
}
