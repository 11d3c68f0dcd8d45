//! What the queue needs of a database.

use std::{collections::HashMap, sync::Arc};

use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream::BoxStream};
use surrealdb::{
    Connection, Notification, Surreal,
    types::{Object, RecordId, SurrealValue, Value, Variables},
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

    /// The way to the queue's own records below SurrealQL, if the engine has one; otherwise statements do the same.
    fn records(&self) -> Option<&dyn Records> {
        None
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

/// Writes records below SurrealQL, which for a row without indexes is most of what the row costs.
pub trait Records: Send + Sync {
    /// Writes all in one transaction; returns which records were changed.
    fn write<'a>(&'a self, writes: RecordWrites<'a>) -> BoxFuture<'a, Result<Vec<bool>, surrealdb::Error>>;
}

/// What one transaction writes below SurrealQL.
pub struct RecordWrites<'a> {
    /// New records, with their ids. It is an error if one is there already.
    pub new: Vec<Value>,
    /// Records that are read and changed.
    pub ids: Vec<RecordId>,
    /// Changes the record of this place among them, or leaves it as it is and answers false. A record that is not there is left.
    pub change: &'a (dyn Fn(usize, &mut Object) -> bool + Send + Sync),
    /// Whether nothing is written at all if one record is left as it is.
    pub all_or_none: bool,
}

impl RecordWrites<'_> {
    /// New records only.
    pub fn new(rows: Vec<Value>) -> Self {
        Self { new: rows, ids: Vec::new(), change: &|_, _| false, all_or_none: false }
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

    fn records(&self) -> Option<&dyn Records> {
        self.0.records()
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

    fn records(&self) -> Option<&dyn Records> {
        (**self).records()
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
