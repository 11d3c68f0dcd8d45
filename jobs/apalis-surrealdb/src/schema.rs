//! The queue's tables.

use crate::{Database, Error, error::worst};

/// Defines the queue's table, indexes and function where they are missing.
///
/// # Errors
/// When the database refuses.
pub async fn setup(db: &Database) -> Result<(), Error> {
    let mut answer = db.query(include_str!("../schema/0001_tasks.surql")).await?;
    match worst(answer.take_errors()) {
        Some(error) => Err(error.into()),
        None => Ok(()),
    }
}
