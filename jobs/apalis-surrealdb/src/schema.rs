//! The queue's tables.

use surrealdb::types::Variables;

use crate::{Error, Executor, values};

/// In order; each says `IF NOT EXISTS` or `OVERWRITE`, so that running them again changes nothing.
const SCHEMA: [&str; 3] = [
    include_str!("../schema/0001_tasks.surql"),
    include_str!("../schema/0002_workers.surql"),
    include_str!("../schema/0003_rows.surql"),
];

/// Defines the queue's tables, indexes and functions where they are missing.
///
/// # Errors
/// When the database refuses.
pub async fn setup(db: &(impl Executor + ?Sized)) -> Result<(), Error> {
    for text in SCHEMA {
        values(db.execute(text, Variables::new()).await?)?;
    }
    Ok(())
}
