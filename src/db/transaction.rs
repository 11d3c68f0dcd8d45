//! A transaction made of statements, each from the slice that owns the record it writes.

use std::collections::BTreeSet;

use apalis_surrealdb::{NewRows, NewTask};
use surrealdb::types::{Value, Variables};

use super::{
    Db, DbError,
    queue::{Enqueue, Ring},
    statement::{Answer, Query, Statement},
};

/// Statements with their values, which are durable together or not at all. Each has its variables to itself.
#[derive(Clone, Default)]
pub struct Transaction {
    parts: Vec<Part>,
    /// The queues of the jobs that it enqueues.
    queues: BTreeSet<String>,
}

#[derive(Clone)]
struct Part {
    statement: &'static Statement,
    values: Vec<Value>,
}

impl<Q: Query> From<Q> for Transaction {
    fn from(query: Q) -> Self {
        let parts = vec![Part { statement: Q::statement(), values: query.values() }];
        Self { parts, queues: BTreeSet::new() }
    }
}

impl Transaction {
    /// Enqueues a job, in the transaction of what causes it.
    pub fn enqueue(task: NewTask) -> Self {
        Self::enqueue_all(vec![task])
    }

    /// Enqueues jobs, in the transaction of what causes them.
    pub fn enqueue_all(tasks: Vec<NewTask>) -> Self {
        if tasks.is_empty() {
            return Self::default();
        }
        let queues = tasks.iter().map(|task| task.queue().to_owned()).collect();
        let NewRows { rows, keys } = NewTask::into_rows(tasks);
        Self { queues, ..Enqueue { rows, keys }.into() }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// This, then another.
    #[must_use]
    pub fn then(mut self, next: impl Into<Self>) -> Self {
        let mut next = next.into();
        self.parts.append(&mut next.parts);
        self.queues.append(&mut next.queues);
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
        let queues = self.queues.clone();
        let whole = if queues.is_empty() || db.is_embedded() {
            self
        } else {
            // First, for a statement may end the block.
            Self::from(Ring { queues: queues.iter().cloned().collect() }).then(self)
        };
        let (text, values) = whole.block();
        let answer = db.execute(text.into(), values).await;
        if answer.is_ok() {
            db.ring(&queues);
        }
        answer
    }

    /// One block, in which the variables of each statement begin with its place.
    fn block(self) -> (String, Variables) {
        let (mut text, mut values) = (String::from("{"), Variables::new());
        for (place, part) in self.parts.into_iter().enumerate() {
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
