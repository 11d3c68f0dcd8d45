//! Changes of one record by its key that are hot: each is a statement, and a function that does the same with the record.
//! Embedded, the function is applied in a transaction of the engine's, without parsing, planning and running a statement; a
//! server gets the statement. Tests run both on the same questions.

use std::sync::Arc;

use surrealdb::types::{Object, RecordId, SurrealValue, Value};

use super::{DbError, Refusal};

/// What a change makes of a record: the new record, if it is written, and the answer.
type Apply = Box<dyn Fn(Value) -> Result<(Option<Object>, Value), DbError> + Send + Sync>;

/// A change of one record.
pub struct Change {
    /// Which record.
    pub(super) id: RecordId,
    pub(super) apply: Apply,
}

impl Change {
    /// A change that `apply` makes of the record, if it is there: the new one, if it is to be written, and the answer.
    pub fn of<Row, A>(
        id: RecordId,
        apply: impl Fn(Option<Row>) -> Result<(Option<Row>, A), Refusal> + Send + Sync + 'static,
    ) -> Self
    where
        Row: SurrealValue,
        A: SurrealValue,
    {
        let apply = move |found| {
            let found = match found {
                Value::None => None,
                found => Some(Row::from_value(found)?),
            };
            let (row, answer) = apply(found)?;
            let record = row.and_then(|row| match row.into_value() {
                Value::Object(fields) => Some(fields),
                _ => None,
            });
            Ok((record, answer.into_value()))
        };
        Self { id, apply: Box::new(apply) }
    }
}

/// What a transaction writes beside its block, by keys.
#[derive(Clone, Default)]
pub(super) struct Beside {
    /// Changes of records, in their order.
    pub changes: Vec<Arc<Change>>,
    /// New rows of tables that have nothing but rows.
    pub rows: Vec<Value>,
    /// Whether the last change answers for the whole.
    pub answers: bool,
}

impl Beside {
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.rows.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use crate::db::{Db, STATEMENTS, migrate, record_write};

    /// The tables whose records are changed so.
    const TABLES: [&str; 3] = ["mailbox", "message_key", "throttle"];

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn their_tables_have_nothing_but_rows() {
        let db = Db::in_memory().await.unwrap();
        migrate::run(&db).await.unwrap();
        for table in TABLES {
            assert!(record_write::has_nothing_but_rows(&db, table).await, "{table}");
        }
        for statement in STATEMENTS.iter().filter(|statement| statement.is_keyed) {
            let [table] = statement.writes else { panic!("{} changes records of one table", statement.name) };
            assert!(TABLES.contains(table), "{table} is not looked at here");
        }
    }
}
