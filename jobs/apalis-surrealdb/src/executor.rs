//! What the queue needs of a database.

use std::{collections::HashMap, sync::Arc};

use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream::BoxStream};
use surrealdb::{
    Connection, Notification, Surreal,
    types::{Value, Variables},
};

use crate::error::worst;

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
