//! The queue's tables.

use crate::{Database, Error, error::worst};

/// In order; each says `IF NOT EXISTS` or `OVERWRITE`, so that running them again changes nothing.
const SCHEMA: [&str; 2] = [include_str!("../schema/0001_tasks.surql"), include_str!("../schema/0002_workers.surql")];

/// Defines the queue's tables, indexes and functions where they are missing.
///
/// # Errors
/// When the database refuses.
pub async fn setup(db: &Database) -> Result<(), Error> {
    for text in SCHEMA {
        let mut answer = db.query(text).await?;
        if let Some(error) = worst(answer.take_errors()) {
            return Err(error.into());
        }
    }
    Ok(())
}
