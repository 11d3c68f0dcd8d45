//! What the database answers when it can't.

use surrealdb::Error;

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DbError {
    /// The transaction itself said no; the text is what it threw. Nothing was written.
    #[error("refused: {0}")]
    Refused(String),
    /// The database does not answer; nothing can be said about what it did.
    #[error("the database is away: {0}")]
    Away(String),
    /// The question or the answer is not as it should be.
    #[error("the database reports a fault: {0}")]
    Broken(String),
}

impl DbError {
    /// Whether the transaction threw this text.
    pub fn is_refusal(&self, text: &str) -> bool {
        matches!(self, Self::Refused(thrown) if thrown == text)
    }
}

impl From<Error> for DbError {
    fn from(error: Error) -> Self {
        let message = error.message();
        if error.is_thrown() {
            return Self::Refused(message.strip_prefix("An error occurred: ").unwrap_or(message).to_owned());
        }
        if error.is_connection() {
            return Self::Away(message.to_owned());
        }
        // A database error may quote the values of the row; the log must not.
        let safe: String = message.split(['\'', '`', '"']).step_by(2).collect::<Vec<_>>().join("…");
        Self::Broken(safe)
    }
}

impl From<apalis_surrealdb::Error> for DbError {
    fn from(error: apalis_surrealdb::Error) -> Self {
        match error {
            apalis_surrealdb::Error::Database(error) => error.into(),
            other => Self::Broken(other.to_string()),
        }
    }
}
