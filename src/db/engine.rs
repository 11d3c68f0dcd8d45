//! What the database runs on: in this process, or on a server.

use std::path::Path;

use apalis_surrealdb::{Answers, Changes, Executor};
use futures_util::{FutureExt, future::BoxFuture};
use surrealdb::{
    Error, Surreal,
    engine::any::Any,
    types::{RecordId, Variables},
};

use super::embedded::Embedded;

pub(super) enum Engine {
    Embedded(Box<Embedded>),
    Server(Surreal<Any>),
}

impl Engine {
    pub fn is_embedded(&self) -> bool {
        matches!(self, Self::Embedded(_))
    }

    /// Deletes records of tables without indexes and events.
    pub async fn delete(&self, ids: Vec<RecordId>) -> Result<(), Error> {
        match self {
            Self::Embedded(embedded) => embedded.delete(ids).await,
            Self::Server(_) => Err(Error::internal("a server deletes by statements".to_owned())),
        }
    }

    pub async fn export(&self, file: &Path) -> Result<(), Error> {
        match self {
            Self::Embedded(embedded) => embedded.client.export(file).await,
            Self::Server(client) => client.export(file).await,
        }
    }

    pub async fn import(&self, file: &Path) -> Result<(), Error> {
        match self {
            Self::Embedded(embedded) => embedded.client.import(file).await,
            Self::Server(client) => client.import(file).await,
        }
    }
}

/// The queue runs its statements the same way.
impl Executor for Engine {
    fn execute<'a>(&'a self, text: &'a str, values: Variables) -> BoxFuture<'a, Result<Answers, Error>> {
        match self {
            Self::Embedded(embedded) => embedded.execute(text, values).boxed(),
            Self::Server(client) => client.execute(text, values),
        }
    }

    fn follow<'a>(&'a self, text: &'a str) -> BoxFuture<'a, Result<Changes, Error>> {
        match self {
            Self::Embedded(embedded) => embedded.client.follow(text),
            Self::Server(client) => client.follow(text),
        }
    }
}
