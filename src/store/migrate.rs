//! Numbered migrations, compiled in, each applied once.

use super::{Ask, Store, StoreFault, value::SurrealValue};

/// All migrations, oldest first. A published one is never changed; a new one is added below it.
const MIGRATIONS: &[(i64, &str)] = &[
    (1, include_str!("migrations/0001_records.surql")),
    (2, include_str!("migrations/0002_challenges.surql")),
    (3, include_str!("migrations/0003_confirmed.surql")),
    (4, include_str!("migrations/0004_addresses.surql")),
];

#[derive(SurrealValue)]
struct Applied {
    number: i64,
}

/// Applies what is missing, in order. Every statement says `IF NOT EXISTS`, so that two processes
/// that start at once, or one that died half way, do no harm.
///
/// # Errors
/// When the database refuses.
pub async fn run(store: &Store) -> Result<(), StoreFault> {
    apalis_surrealdb::setup(store.handle()).await.map_err(|fault| StoreFault::Broken(fault.to_string()))?;
    store
        .ask(Ask::new(
            "DEFINE TABLE IF NOT EXISTS migration SCHEMAFULL;
             DEFINE FIELD IF NOT EXISTS number ON migration TYPE int;
             DEFINE FIELD IF NOT EXISTS at ON migration TYPE datetime DEFAULT time::now();",
        ))
        .await?;
    let applied: Vec<Applied> = store.ask(Ask::new("SELECT number FROM migration")).await?.all(0)?;
    for (number, text) in MIGRATIONS {
        if applied.iter().any(|done| done.number == *number) {
            continue;
        }
        store.ask(Ask::new(text)).await?;
        store
            .ask(Ask::new("UPSERT type::record('migration', $number) SET number = $number").with("number", *number))
            .await?;
        tracing::info!(number, "migration applied");
    }
    Ok(())
}
