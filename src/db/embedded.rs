//! The database in this process. Statements are parsed and lowered once, and run from their plan: the SDK parses each text
//! each time, which costs as much as a read. The engine's own interface for that is not stable, so the version is pinned,
//! and nothing else names it.

use std::sync::{Arc, OnceLock};

use apalis_surrealdb::{Answers, RecordWrites, Records};
use dashmap::DashMap;
use futures_util::{FutureExt, future::BoxFuture};
use surrealdb::{
    Error, Surreal,
    engine::local::Db as Local,
    types::{Object, RecordId, SurrealValue, Value, Variables},
};
use surrealdb_catalog::{
    DatabaseId, NamespaceId, Record,
    providers::{DatabaseProvider, TableProvider},
};
use surrealdb_cnf::ConfigMap;
use surrealdb_core::{
    channel,
    dbs::Session,
    kvs::{Datastore, QueryRequest},
    syn,
};
use surrealdb_expr::{
    expr::LogicalPlan,
    val::{RecordIdKey, TableName, Value as Stored, convert_public_value_to_internal, convert_value_to_public_value},
};
use surrealdb_kvs::TransactionType;

use super::{NAME, record_read::RecordRead};

/// How many plans are kept. The program has a few hundred statements, and as many transactions made of them; what comes
/// beyond is parsed each time.
const MOST_PLANS: usize = 4096;
/// How many notifications of LIVE queries may wait.
const NOTIFICATIONS: usize = 15_000;

pub(super) struct Embedded {
    pub(super) datastore: Arc<Datastore>,
    pub(super) session: Session,
    /// The same database for what the SDK does best: LIVE queries, export and import.
    pub client: Surreal<Local>,
    plans: DashMap<Box<str>, Arc<LogicalPlan>>,
    /// The texts that read one record without a plan.
    reads: DashMap<Box<str>, Option<Arc<RecordRead>>>,
    database: OnceLock<(NamespaceId, DatabaseId)>,
}

impl Embedded {
    /// Opens a database: `mem://` or `rocksdb://FOLDER`.
    ///
    /// With `cache`, its block cache has that many MiB; otherwise half of the machine's memory less one GiB.
    pub async fn open(url: &str, cache: Option<u64>) -> Result<Self, Error> {
        let (sender, notifications) = channel::bounded(NOTIFICATIONS);
        // An operator's rows go straight to the next one. By default each reads ahead on a task of its own, which costs a short
        // question two thirds of its time.
        let mut config = ConfigMap::empty().with_key_value("operator_buffer_size", "0");
        if let Some(cache) = cache {
            tracing::info!(mebibytes = cache, "the database's cache is bounded");
            config = config.with_key_value("rocksdb_block_cache_size", (cache * 1024 * 1024).to_string());
        }
        // The order of the SDK's own connection: nothing is written before the version is settled.
        let datastore = Datastore::builder().with_config(config).with_notify(sender).without_maintenance_tasks();
        let datastore = datastore.build_with_path(&at_home(url)).await.map_err(internal)?;
        datastore.check_version().await.map_err(internal)?;
        datastore.bootstrap().await.map_err(internal)?;
        datastore.start_maintenance_tasks();
        let client = Surreal::<Local>::unstable_from_datastore(datastore.clone(), Some(notifications)).await?;
        client.use_ns(NAME).use_db(NAME).await?;
        let session = Session::owner().with_ns(NAME).with_db(NAME);
        Ok(Self { datastore, session, client, plans: DashMap::new(), reads: DashMap::new(), database: OnceLock::new() })
    }

    pub async fn execute(&self, text: &str, values: Variables) -> Result<Answers, Error> {
        let plan = self.plan(text)?;
        let request = QueryRequest::new(LogicalPlan::clone(&plan), &self.session).with_variables(Some(values));
        Ok(self.datastore.run(request).await?.into_iter().map(|answer| answer.result).collect())
    }

    /// What a text reads that names one record and no more than its fields; nothing for any other text.
    pub async fn read_record(&self, text: &str, values: &Variables) -> Result<Option<Value>, Error> {
        let Some(read) = self.record_read(text) else { return Ok(None) };
        let Some(RecordId { table, key }) = read.id(values) else { return Ok(None) };
        let transaction = self.datastore.transaction(TransactionType::Read).await.map_err(internal)?;
        let found = async {
            let (namespace, database) = self.database(&transaction).await?;
            let (table, key) = (TableName::from(table.as_str()), RecordIdKey::from(key));
            transaction.get_record(namespace, database, &table, &key, None).await.map_err(internal)
        };
        let found = found.await;
        transaction.cancel().await.ok();
        let found = found?;
        let Stored::Object(fields) = &found.data else { return Ok(Some(Value::None)) };
        let field = |name: &str| {
            let stored = fields.get(name).cloned().unwrap_or(Stored::None);
            convert_value_to_public_value(stored).map_err(internal)
        };
        read.answer(field).map(Some)
    }

    /// The read of a text, parsed the first time.
    fn record_read(&self, text: &str) -> Option<Arc<RecordRead>> {
        if let Some(read) = self.reads.get(text) {
            return read.clone();
        }
        let read = RecordRead::parse(text).map(Arc::new);
        if self.reads.len() < MOST_PLANS {
            self.reads.insert(text.into(), read.clone());
        }
        read
    }

    /// Deletes records and nothing with them: for tables without indexes and events.
    pub async fn delete(&self, ids: Vec<RecordId>) -> Result<(), Error> {
        let transaction = self.datastore.transaction(TransactionType::Write).await.map_err(internal)?;
        let deleted = async {
            let (namespace, database) = self.database(&transaction).await?;
            for id in ids {
                let (table, key) = (TableName::from(id.table.as_str()), RecordIdKey::from(id.key));
                transaction.del_record(namespace, database, &table, &key).await.map_err(internal)?;
            }
            transaction.commit().await.map_err(internal)
        };
        let deleted = deleted.await;
        if deleted.is_err() {
            // What a transaction that failed wrote is gone with it.
            transaction.cancel().await.ok();
        }
        deleted
    }

    /// The ids of the database and its namespace.
    pub(super) async fn database(
        &self,
        transaction: &impl DatabaseProvider,
    ) -> Result<(NamespaceId, DatabaseId), Error> {
        if let Some(known) = self.database.get() {
            return Ok(*known);
        }
        let found = transaction.expect_db_by_name(NAME, NAME).await.map_err(internal)?;
        Ok(*self.database.get_or_init(|| (found.namespace_id, found.database_id)))
    }

    /// Puts what is written into a transaction; returns which records were changed.
    pub(super) async fn write_in(
        &self,
        transaction: &(impl DatabaseProvider + TableProvider),
        writes: RecordWrites<'_>,
    ) -> Result<Vec<bool>, Error> {
        let (namespace, database) = self.database(transaction).await?;
        let mut changed = Vec::with_capacity(writes.ids.len());
        for (at, id) in writes.ids.into_iter().enumerate() {
            let (table, key) = (TableName::from(id.table.as_str()), RecordIdKey::from(id.key));
            let record = transaction.get_record(namespace, database, &table, &key, None).await.map_err(internal)?;
            let mut found = convert_value_to_public_value(record.data.clone()).map_err(internal)?;
            let is_changed = match &mut found {
                Value::Object(fields) => (writes.change)(at, fields),
                _ => false,
            };
            changed.push(is_changed);
            if let (true, Value::Object(fields)) = (is_changed, found) {
                transaction.set_record(namespace, database, &table, &key, stored(fields)).await.map_err(internal)?;
            } else if writes.all_or_none {
                return Ok(changed);
            }
        }
        for row in writes.new {
            let Value::Object(fields) = row else { return Err(internal("a row is no object")) };
            let id = RecordId::from_value(fields.get("id").cloned().unwrap_or_default())?;
            let (table, key) = (TableName::from(id.table.as_str()), RecordIdKey::from(id.key));
            transaction.put_record(namespace, database, &table, &key, stored(fields)).await.map_err(internal)?;
        }
        Ok(changed)
    }

    /// The plan of a text, parsed the first time.
    pub(super) fn plan(&self, text: &str) -> Result<Arc<LogicalPlan>, Error> {
        if let Some(plan) = self.plans.get(text) {
            return Ok(plan.clone());
        }
        let parsed = syn::parse(text).map_err(|fault| Error::validation(fault.to_string(), None))?;
        let plan = Arc::new(LogicalPlan::from(parsed));
        if self.plans.len() < MOST_PLANS {
            self.plans.insert(text.into(), plan.clone());
        }
        Ok(plan)
    }
}

impl Records for Embedded {
    fn write<'a>(&'a self, writes: RecordWrites<'a>) -> BoxFuture<'a, Result<Vec<bool>, Error>> {
        async move {
            let transaction = self.datastore.transaction(TransactionType::Write).await.map_err(internal)?;
            let all_or_none = writes.all_or_none;
            let written = self.write_in(&transaction, writes).await;
            let written = match written {
                Ok(changed) if !(all_or_none && changed.contains(&false)) => {
                    transaction.commit().await.map(|()| changed).map_err(internal)
                }
                other => {
                    transaction.cancel().await.ok();
                    return other;
                }
            };
            if written.is_err() {
                // What a transaction that failed wrote is gone with it.
                transaction.cancel().await.ok();
            }
            written
        }
        .boxed()
    }
}

/// A record as it is stored: a field that is NONE is no field.
pub(super) fn stored(fields: Object) -> Arc<Record> {
    let fields: Object = fields.into_iter().filter(|(_, value)| !matches!(value, Value::None)).collect();
    Record::new(convert_public_value_to_internal(Value::Object(fields))).into_read_only()
}

/// A folder below `~/` is in the user's home, as it is for the SDK.
fn at_home(url: &str) -> String {
    match (url.split_once("://~/"), std::env::home_dir()) {
        (Some((scheme, rest)), Some(home)) => format!("{scheme}://{}/{rest}", home.display()),
        _ => url.to_owned(),
    }
}

pub(super) fn internal(fault: impl std::fmt::Display) -> Error {
    Error::internal(fault.to_string())
}
