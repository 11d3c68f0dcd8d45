//! Enqueueing in a transaction of the caller's, from Rust.

use std::time::Duration;

use surrealdb::{engine::any::Any, method::Transaction};

use crate::{
    Error, NewTask,
    error::{is_conflict, worst},
};

/// How often [`retry`] tries.
const TRIES: u32 = 12;

/// Enqueues a task in an open transaction; false if its idempotency key was there already. The worker sees it
/// when the transaction commits.
///
/// # Errors
/// What the database answered. In a transaction of the SDK a statement that failed does not undo the others:
/// cancel it then.
///
/// ```
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use std::sync::Arc;
/// # use apalis_surrealdb::*;
/// # let db = surrealdb::engine::any::connect("mem://").await?;
/// # db.use_ns("app").use_db("app").await?;
/// # let db = Arc::new(db);
/// # setup(&db).await?;
/// let transaction = (*db).clone().begin().await?;
/// transaction.query("CREATE letter:1").await?.check()?;
/// let task = NewTask::json("mail", &"letter 1")?.idempotency_key("letter 1");
/// assert!(enqueue_in(&transaction, task.clone()).await?);
/// assert!(!enqueue_in(&transaction, task).await?, "its key is there already");
/// transaction.commit().await?;
/// # Ok(())
/// # }
/// ```
pub async fn enqueue_in(transaction: &Transaction<Any>, task: NewTask) -> Result<bool, Error> {
    let mut answer = transaction.query("RETURN array::len(fn::apalis_enqueue($task)) > 0").bind(("task", task)).await?;
    if let Some(error) = worst(answer.take_errors()) {
        return Err(error.into());
    }
    Ok(answer.take::<Option<bool>>(0)?.unwrap_or(false))
}

/// Runs a transaction again when it lost against another one, after waits that grow and vary: up to 12 times in
/// about 2 seconds. Writers with the same idempotency key at the same moment lose so, all but one.
///
/// ```
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use std::sync::Arc;
/// # use apalis_surrealdb::*;
/// # let db = surrealdb::engine::any::connect("mem://").await?;
/// # db.use_ns("app").use_db("app").await?;
/// # let db = Arc::new(db);
/// # setup(&db).await?;
/// let task = NewTask::json("mail", &"letter 1")?.idempotency_key("letter 1");
/// retry(|| async {
///     let asked = db.query("{ UPSERT counter:letters SET n += 1; fn::apalis_enqueue($task); }").bind(("task", task.clone()));
///     worst(asked.await?.take_errors()).map_or(Ok(()), |error| Err(error.into()))
/// })
/// .await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// The first error that is no conflict, or the last conflict.
pub async fn retry<T, F, Fut>(mut transaction: F) -> Result<T, Error>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, Error>>,
{
    let mut tried = 0;
    loop {
        match transaction().await {
            Err(Error::Database(error)) if is_conflict(&error) && tried < TRIES => {
                tried += 1;
                let longest = Duration::from_millis(2 << tried.min(8));
                tokio::time::sleep(longest.mul_f64(rand::random_range(0.2..=1.0))).await;
            }
            ended => return ended,
        }
    }
}
