//! What goes wrong, and which part of it may be tried again.

use std::{collections::HashMap, sync::Arc};

use surrealdb::types::QueryError;

/// Why the queue could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refused or could not be reached.
    #[error("database: {0}")]
    Database(#[from] surrealdb::Error),
    /// Arguments or a result could not be written or read as JSON.
    #[error("encoding: {0}")]
    Encoding(#[from] serde_json::Error),
    /// A worker holds the task.
    #[error("a worker holds the task")]
    Held,
    /// Another worker claimed the task at the same moment.
    #[error("another worker claimed the task at the same moment")]
    Taken,
    /// There is no task with this id.
    #[error("there is no such task")]
    NotFound,
    /// A handler asked for its lease outside a worker of this backend.
    #[error("the task has no lease of this backend")]
    NoLease,
    /// A queue was to be made from a configuration that names no database.
    #[error("the configuration names no database")]
    NoDatabase,
    /// What went wrong with a transaction that others shared.
    #[error("{0}")]
    Shared(Arc<Error>),
}

impl Error {
    /// Whether a transaction lost against another one and may be tried again as it is.
    pub fn is_conflict(&self) -> bool {
        match self {
            Self::Database(error) => is_conflict(error),
            Self::Shared(error) => error.is_conflict(),
            Self::Taken => true,
            _ => false,
        }
    }
}

/// Whether a transaction lost against another one and may be tried again as it is. Embedded engines
/// tell so in words only.
pub fn is_conflict(error: &surrealdb::Error) -> bool {
    matches!(error.query_details(), Some(QueryError::TransactionConflict)) || error.message().contains("can be retried")
}

/// The error that explains the others: in a failed transaction most statements only say that they
/// were not executed.
pub fn worst(errors: HashMap<usize, surrealdb::Error>) -> Option<surrealdb::Error> {
    let rank = |error: &surrealdb::Error| match error.query_details() {
        _ if is_conflict(error) => 0,
        _ if error.is_thrown() => 1,
        Some(QueryError::NotExecuted | QueryError::Cancelled) => 3,
        _ => 2,
    };
    errors.into_iter().min_by_key(|(index, error)| (rank(error), *index)).map(|(_, error)| error)
}
