//! The queue's tables.

use surrealdb::types::Variables;

use crate::{Error, Executor, upgrade, values};

/// Says `IF NOT EXISTS` or `OVERWRITE`, so that running it again changes nothing.
const TABLES: &str = include_str!("../schema/tables.surql");

/// The bells' rows, which are only ever written anew.
const BELLS: &str = "IF (SELECT VALUE id FROM ONLY apalis_bell:255) = NONE {
    INSERT IGNORE INTO apalis_bell array::range(0, 256).map(|$id: int| { id: $id, queues: [] }) RETURN NONE
}";

/// Defines the queue's tables and functions where they are missing, and brings tasks over whose order stood in indexes.
///
/// No worker of another version may run meanwhile.
///
/// # Errors
/// When the database refuses.
pub async fn setup(db: &(impl Executor + ?Sized)) -> Result<(), Error> {
    for text in [TABLES, BELLS] {
        values(db.execute(text, Variables::new()).await?)?;
    }
    upgrade::run(db).await
}
