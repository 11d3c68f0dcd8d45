//! Transactions of the embedded database that are written in two ways at once: a block of statements, and records by their
//! keys.

use std::sync::Arc;

use apalis_surrealdb::{Answers, RecordWrites};
use surrealdb::{
    Error,
    types::{RecordId, Value, Variables},
};
use surrealdb_catalog::providers::{DatabaseProvider, TableProvider};
use surrealdb_core::kvs::QueryRequest;
use surrealdb_expr::{
    expr::LogicalPlan,
    val::{RecordIdKey, TableName, convert_value_to_public_value},
};
use surrealdb_kvs::TransactionType;

use super::{
    DbError,
    embedded::{Embedded, internal, stored},
    keyed::Beside,
};

impl Embedded {
    /// Runs a text and what is written beside it in one transaction: all of it is durable, or nothing.
    pub async fn transact(&self, text: &str, values: Variables, beside: &Beside) -> Result<Answers, Error> {
        let plan = if text.is_empty() { None } else { Some(self.plan(text)?) };
        let transaction = Arc::new(self.datastore.transaction(TransactionType::Write).await.map_err(internal)?);
        let mut answers = Answers::new();
        if let Some(plan) = &plan {
            let request = QueryRequest::new(LogicalPlan::clone(plan), &self.session)
                .with_variables(Some(values))
                .with_transaction(transaction.clone());
            match self.datastore.run(request).await {
                Ok(all) => answers.extend(all.into_iter().map(|answer| answer.result)),
                Err(fault) => answers.push(Err(fault)),
            }
        }
        if answers.iter().all(Result::is_ok) {
            match self.write_beside(&*transaction, beside).await {
                // Nothing was written, and nothing waits for the disk.
                Ok((false, answer)) if plan.is_none() => {
                    transaction.cancel().await.ok();
                    return Ok(vec![Ok(answer)]);
                }
                Ok((_, answer)) => match transaction.commit().await {
                    Ok(()) if beside.answers => answers = vec![Ok(answer)],
                    Ok(()) => {}
                    Err(fault) => answers.push(Err(internal(fault))),
                },
                Err(fault) => answers.push(Err(fault)),
            }
        }
        if answers.iter().any(Result::is_err) {
            // What a transaction that failed wrote is gone with it.
            transaction.cancel().await.ok();
        }
        Ok(answers)
    }

    /// Applies changes and writes new rows; returns whether something was written, and the last change's answer.
    async fn write_beside(
        &self,
        transaction: &(impl DatabaseProvider + TableProvider),
        beside: &Beside,
    ) -> Result<(bool, Value), Error> {
        let (namespace, database) = self.database(transaction).await?;
        let (mut is_written, mut answer) = (!beside.rows.is_empty(), Value::None);
        for change in &beside.changes {
            let RecordId { table, key } = change.id.clone();
            let (table, key) = (TableName::from(table.as_str()), RecordIdKey::from(key));
            let found = transaction.get_record(namespace, database, &table, &key, None).await.map_err(internal)?;
            let found = convert_value_to_public_value(found.data.clone()).map_err(internal)?;
            let is_new = found.is_none();
            let (record, own_answer) = (change.apply)(found).map_err(refused)?;
            answer = own_answer;
            let Some(mut fields) = record else { continue };
            is_written = true;
            fields.insert("id", change.id.clone());
            let record = stored(fields);
            let written = if is_new {
                transaction.put_record(namespace, database, &table, &key, record).await
            } else {
                transaction.set_record(namespace, database, &table, &key, record).await
            };
            written.map_err(internal)?;
        }
        self.write_in(transaction, RecordWrites::new(beside.rows.clone())).await?;
        Ok((is_written, answer))
    }
}

/// A change that says no is what a transaction's `THROW` is.
fn refused(fault: DbError) -> Error {
    match fault {
        DbError::Refused(text) => Error::thrown(text),
        other => internal(other),
    }
}
