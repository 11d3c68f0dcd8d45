//! What the database runs on: in this process, or on a server.

use std::path::Path;

use apalis_surrealdb::{Answers, Bells, Changes, Executor, Records};
use futures_util::{FutureExt, future::BoxFuture};
use surrealdb::{
    Error, Surreal,
    engine::any::Any,
    types::{RecordId, Value, Variables},
};

use super::{embedded::Embedded, keyed::Beside};

pub(super) struct Engine {
    place: Place,
    /// The bells of this process's queues.
    bells: Bells,
}

enum Place {
    Embedded(Box<Embedded>),
    Server(Surreal<Any>),
}

impl Engine {
    pub fn embedded(embedded: Embedded) -> Self {
        Self { place: Place::Embedded(Box::new(embedded)), bells: Bells::default() }
    }

    pub fn server(client: Surreal<Any>) -> Self {
        Self { place: Place::Server(client), bells: Bells::default() }
    }

    pub fn is_embedded(&self) -> bool {
        matches!(self.place, Place::Embedded(_))
    }

    /// What a text reads that names one record and no more than its fields; nothing for any other text, and from a server.
    pub async fn read_record(&self, text: &str, values: &Variables) -> Result<Option<Value>, Error> {
        match &self.place {
            Place::Embedded(embedded) => embedded.read_record(text, values).await,
            Place::Server(_) => Ok(None),
        }
    }

    /// Runs a text, and what is written beside it in the same transaction: only embedded, where the two are told apart.
    pub fn transact<'a>(
        &'a self,
        text: &'a str,
        values: Variables,
        beside: &'a Beside,
    ) -> BoxFuture<'a, Result<Answers, Error>> {
        match &self.place {
            // Boxed here, in no `async` function: else every crate that asks would compile the engine's own future.
            Place::Embedded(embedded) if !beside.is_empty() => embedded.transact(text, values, beside).boxed(),
            _ => self.execute(text, values),
        }
    }

    pub async fn export(&self, file: &Path) -> Result<(), Error> {
        match &self.place {
            Place::Embedded(embedded) => embedded.client.export(file).await,
            Place::Server(client) => client.export(file).await,
        }
    }

    pub async fn import(&self, file: &Path) -> Result<(), Error> {
        match &self.place {
            Place::Embedded(embedded) => embedded.client.import(file).await,
            Place::Server(client) => client.import(file).await,
        }
    }
}

/// The queue runs its statements the same way.
impl Executor for Engine {
    fn execute<'a>(&'a self, text: &'a str, values: Variables) -> BoxFuture<'a, Result<Answers, Error>> {
        match &self.place {
            Place::Embedded(embedded) => embedded.execute(text, values).boxed(),
            Place::Server(client) => client.execute(text, values),
        }
    }

    fn follow<'a>(&'a self, text: &'a str) -> BoxFuture<'a, Result<Changes, Error>> {
        match &self.place {
            Place::Embedded(embedded) => embedded.client.follow(text),
            Place::Server(client) => client.follow(text),
        }
    }
    /// Embedded, record by record: the engine's own DELETE reads the definitions of all tables for each row (3.3.5), and takes
    /// 2 ms for what takes 8 microseconds so.
    fn delete<'a>(&'a self, ids: Vec<RecordId>) -> BoxFuture<'a, Result<(), Error>> {
        match &self.place {
            Place::Embedded(embedded) => embedded.delete(ids).boxed(),
            Place::Server(client) => Executor::delete(client, ids),
        }
    }

    fn records(&self) -> Option<&dyn Records> {
        match &self.place {
            Place::Embedded(embedded) => Some(&**embedded),
            Place::Server(_) => None,
        }
    }

    fn most_deleted(&self) -> usize {
        if self.is_embedded() { 20_000 } else { 20 }
    }

    fn bells(&self) -> Option<Bells> {
        Some(self.bells.clone())
    }

    fn is_shared(&self) -> bool {
        !self.is_embedded()
    }
}
