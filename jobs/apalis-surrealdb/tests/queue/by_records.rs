//! The promises, kept by an engine that also writes below SurrealQL, as Springboard embeds it.

use std::ops::Deref;

use apalis_surrealdb::{Answers, Changes, Executor, Records};
use futures_util::{FutureExt, future::BoxFuture};
use surrealdb::{
    Error, Surreal,
    engine::local::Db as Local,
    types::{RecordId, Variables},
};

use embedded::Embedded;

#[path = "../../../../src/db/embedded.rs"]
#[expect(dead_code, reason = "the queue uses a part of it")]
mod embedded;
#[path = "promises.rs"]
mod promises;
#[path = "../../../../src/db/record_read.rs"]
mod record_read;

/// The namespace and the database.
const NAME: &str = "test";

/// What the queue runs on.
pub struct Store(Embedded);

/// A new one, in memory.
pub async fn open() -> Store {
    Store(Embedded::open("mem://", None).await.unwrap())
}

impl Deref for Store {
    type Target = Surreal<Local>;

    fn deref(&self) -> &Self::Target {
        &self.0.client
    }
}

impl Executor for Store {
    fn execute<'a>(&'a self, text: &'a str, values: Variables) -> BoxFuture<'a, Result<Answers, Error>> {
        self.0.execute(text, values).boxed()
    }

    fn follow<'a>(&'a self, text: &'a str) -> BoxFuture<'a, Result<Changes, Error>> {
        self.0.client.follow(text)
    }

    fn delete<'a>(&'a self, ids: Vec<RecordId>) -> BoxFuture<'a, Result<(), Error>> {
        self.0.delete(ids).boxed()
    }

    fn records(&self) -> Option<&dyn Records> {
        Some(&self.0)
    }

    fn most_deleted(&self) -> usize {
        20_000
    }
}
