//! A transaction made of statements, each from the slice that owns the record it writes.

use apalis_surrealdb::{NewTask, TaskRow};
use surrealdb::types::{Value, Variables};

use super::{
    Db, DbError,
    statement::{Answer, Query, Statement, statement},
};

/// Statements with their values, which are durable together or not at all. Each has its variables to itself.
#[derive(Clone, Default)]
pub struct Transaction(Vec<Part>);

#[derive(Clone)]
struct Part {
    statement: &'static Statement,
    values: Vec<Value>,
}

impl<Q: Query> From<Q> for Transaction {
    fn from(query: Q) -> Self {
        Self(vec![Part { statement: Q::statement(), values: query.values() }])
    }
}

statement! {
    Enqueue { tasks: Vec<TaskRow> };
    writes apalis_task;
    "INSERT IGNORE INTO apalis_task $tasks RETURN NONE;"
}

impl Transaction {
    /// Enqueues a job, in the transaction of what causes it.
    pub fn enqueue(task: NewTask) -> Self {
        Enqueue { tasks: vec![task.into_row()] }.into()
    }

    /// Enqueues jobs, in the transaction of what causes them.
    pub fn enqueue_all(tasks: Vec<NewTask>) -> Self {
        if tasks.is_empty() {
            return Self::default();
        }
        Enqueue { tasks: tasks.into_iter().map(NewTask::into_row).collect() }.into()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// This, then another.
    #[must_use]
    pub fn then(mut self, next: impl Into<Self>) -> Self {
        self.0.append(&mut next.into().0);
        self
    }

    /// Runs the whole.
    ///
    /// # Errors
    /// As [`Db::ask`].
    pub async fn run(self, db: &Db) -> Result<(), DbError> {
        self.answer(db).await
    }

    /// Runs the whole; the answer is what its block returns. A `RETURN` ends the block: what stands after it is not run.
    ///
    /// # Errors
    /// As [`Db::ask`].
    pub async fn answer<A: Answer>(self, db: &Db) -> Result<A, DbError> {
        let (text, values) = self.block();
        db.execute(text.into(), values).await
    }

    /// One block, in which the variables of each statement begin with its place.
    fn block(self) -> (String, Variables) {
        let (mut text, mut values) = (String::from("{"), Variables::new());
        for (place, part) in self.0.into_iter().enumerate() {
            let prefix = format!("p{place}_");
            text.push('\n');
            text.push_str(&part.statement.prefixed(&prefix));
            if !text.trim_end().ends_with(';') {
                text.push(';');
            }
            for (name, value) in part.statement.parameters.iter().zip(part.values) {
                values.insert(format!("{prefix}{name}"), value);
            }
        }
        text.push_str("\n}");
        (text, values)
    }
}
