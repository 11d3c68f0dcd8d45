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

/// What a transaction throws when it says no: a constant of the slice whose statement throws it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal(&'static str);

impl Refusal {
    /// A refusal of this text, which no page shows.
    pub const fn new(text: &'static str) -> Self {
        Self(text)
    }

    /// Its text.
    pub const fn text(self) -> &'static str {
        self.0
    }
}

impl DbError {
    /// Whether the transaction threw this.
    pub fn is_refusal(&self, refusal: Refusal) -> bool {
        matches!(self, Self::Refused(thrown) if thrown == refusal.0)
    }
}

impl From<Refusal> for DbError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.0.to_owned())
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
