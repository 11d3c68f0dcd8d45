//! A transaction made of pieces, each from the slice that owns the record it writes.

use apalis_surrealdb::NewTask;
use surrealdb::types::{SurrealValue, Variables};

use super::{Answer, Ask, Db, DbError};

/// Statements with the values they need. Each piece names its values after what it writes, so that
/// pieces do not meet.
#[derive(Clone, Default)]
pub struct Piece {
    text: String,
    values: Variables,
}

impl Piece {
    /// Statements of a block, each ended by a semicolon.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), values: Variables::new() }
    }

    /// Gives a value for `$name`.
    pub fn with(mut self, name: &str, value: impl SurrealValue) -> Self {
        self.values.insert(name, value);
        self
    }

    /// Enqueues a job, in the transaction of what causes it. `name` keeps the piece's value apart from others.
    pub fn enqueue(name: &str, task: NewTask) -> Self {
        Self::new(format!("fn::apalis_enqueue(${name});")).with(name, task)
    }

    /// This piece, then another.
    pub fn then(mut self, next: Piece) -> Self {
        self.text.push('\n');
        self.text.push_str(&next.text);
        for (name, value) in next.values {
            debug_assert!(self.values.get(&name).is_none_or(|held| *held == value), "two pieces have a value ${name}");
            self.values.insert(name, value);
        }
        self
    }

    /// Runs the whole as one transaction: all of it is durable, or none.
    ///
    /// # Errors
    /// As [`Db::ask`].
    pub async fn run(self, db: &Db) -> Result<Answer, DbError> {
        db.ask(Ask { text: format!("{{ {} }}", self.text).into(), values: self.values }).await
    }
}
