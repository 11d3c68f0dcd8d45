//! What the queue needs of a database.

use std::{collections::HashMap, sync::Arc};

use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream::BoxStream};
use surrealdb::{
    Connection, Notification, Surreal,
    types::{RecordId, SurrealValue, Value, Variables},
};

use crate::{Bells, error::worst};

/// What the statements of a text answered, one after another.
pub type Answers = Vec<Result<Value, surrealdb::Error>>;

/// What a LIVE query tells.
pub type Changes = BoxStream<'static, Result<Notification<Value>, surrealdb::Error>>;

/// Runs the queue's statements. A connected [`Surreal`] does; an application that has a way of its own to the database, one
/// that keeps statements prepared for instance, brings it as one.
pub trait Executor: Send + Sync + 'static {
    /// Runs a text: a block `{ … }` is one transaction. A statement that failed is among the answers.
    fn execute<'a>(&'a self, text: &'a str, values: Variables) -> BoxFuture<'a, Result<Answers, surrealdb::Error>>;

    /// Follows a LIVE query, until what this returns is dropped or the connection ends.
    fn follow<'a>(&'a self, text: &'a str) -> BoxFuture<'a, Result<Changes, surrealdb::Error>>;

    /// Deletes records of the queue's own tables, which have no index, no event and no LIVE query but on their bells. An engine
    /// may do it below SurrealQL, whose DELETE reads the definitions of all tables for each row (SurrealDB 3.3.5).
    fn delete<'a>(&'a self, ids: Vec<RecordId>) -> BoxFuture<'a, Result<(), surrealdb::Error>> {
        async move {
            let bindings = Variables::from_iter([("ids".to_owned(), SurrealValue::into_value(ids))]);
            values(self.execute("DELETE $ids RETURN NONE", bindings).await?).map(drop)
        }
        .boxed()
    }

    /// How many records that have served may be deleted a second. SurrealQL's DELETE takes up to 2 ms for each.
    fn most_deleted(&self) -> usize {
        20
    }

    /// The bells of this process, if it has some that others ring as well.
    fn bells(&self) -> Option<Bells> {
        None
    }

    /// Whether other processes work the same queues: then they are told in the transaction that enqueues.
    fn is_shared(&self) -> bool {
        true
    }
}

/// A database that no other process has open.
#[derive(Clone, Debug)]
pub struct Alone<E>(pub E);

impl<E: Executor> Executor for Alone<E> {
    fn execute<'a>(&'a self, text: &'a str, values: Variables) -> BoxFuture<'a, Result<Answers, surrealdb::Error>> {
        self.0.execute(text, values)
    }

    fn follow<'a>(&'a self, text: &'a str) -> BoxFuture<'a, Result<Changes, surrealdb::Error>> {
        self.0.follow(text)
    }

    fn delete<'a>(&'a self, ids: Vec<RecordId>) -> BoxFuture<'a, Result<(), surrealdb::Error>> {
        self.0.delete(ids)
    }

    fn most_deleted(&self) -> usize {
        self.0.most_deleted()
    }

    fn bells(&self) -> Option<Bells> {
        self.0.bells()
    }

    fn is_shared(&self) -> bool {
        false
    }
}

impl<C: Connection> Executor for Surreal<C> {
    fn execute<'a>(&'a self, text: &'a str, values: Variables) -> BoxFuture<'a, Result<Answers, surrealdb::Error>> {
        async move {
            let mut answered = self.query(text).bind(values).await?;
            let count = answered.num_statements();
            let mut errors = answered.take_errors();
            Ok((0..count).map(|at| errors.remove(&at).map_or_else(|| answered.take(at), Err)).collect())
        }
        .boxed()
    }

    fn follow<'a>(&'a self, text: &'a str) -> BoxFuture<'a, Result<Changes, surrealdb::Error>> {
        async move { Ok(self.query(text).await?.stream::<Notification<Value>>(0)?.boxed()) }.boxed()
    }
}

impl<E: Executor + ?Sized> Executor for Arc<E> {
    fn execute<'a>(&'a self, text: &'a str, values: Variables) -> BoxFuture<'a, Result<Answers, surrealdb::Error>> {
        (**self).execute(text, values)
    }

    fn follow<'a>(&'a self, text: &'a str) -> BoxFuture<'a, Result<Changes, surrealdb::Error>> {
        (**self).follow(text)
    }

    fn delete<'a>(&'a self, ids: Vec<RecordId>) -> BoxFuture<'a, Result<(), surrealdb::Error>> {
        (**self).delete(ids)
    }

    fn most_deleted(&self) -> usize {
        (**self).most_deleted()
    }

    fn bells(&self) -> Option<Bells> {
        (**self).bells()
    }

    fn is_shared(&self) -> bool {
        (**self).is_shared()
    }
}

/// The values of all statements.
///
/// # Errors
/// If one failed, the error that explains the others.
pub fn values(answers: Answers) -> Result<Vec<Value>, surrealdb::Error> {
    if answers.iter().all(Result::is_ok) {
        return Ok(answers.into_iter().flatten().collect());
    }
    let errors: HashMap<usize, surrealdb::Error> =
        answers.into_iter().enumerate().filter_map(|(at, answer)| Some((at, answer.err()?))).collect();
    Err(worst(errors).unwrap_or_else(|| surrealdb::Error::internal("a statement failed".to_owned())))
}
