//! Texts that are not declared: migrations, tests and benchmarks ask by them, and nothing else may.

use futures_util::{FutureExt, future::BoxFuture};
use surrealdb::types::{SurrealValue, Variables};

use super::{Asked, Db, DbError, Results, transaction::Effects};

/// A text with its values.
#[must_use = "nothing is asked before it is awaited"]
pub struct Raw<'a> {
    db: &'a Db,
    text: String,
    values: Variables,
}

impl Db {
    /// A text that is not declared.
    pub fn raw(&self, text: impl Into<String>) -> Raw<'_> {
        Raw { db: self, text: text.into(), values: Variables::new() }
    }
}

impl Raw<'_> {
    /// Gives a value for `$name`.
    pub fn bind(mut self, (name, value): (&str, impl SurrealValue)) -> Self {
        self.values.insert(name, value);
        self
    }

    /// Gives the values of all variables.
    pub fn bind_all(mut self, values: Variables) -> Self {
        self.values = values;
        self
    }
}

impl<'a> IntoFuture for Raw<'a> {
    type Output = Result<Results, DbError>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        self.db.settled(Asked::text(self.text, self.values), Effects::default()).boxed()
    }
}
