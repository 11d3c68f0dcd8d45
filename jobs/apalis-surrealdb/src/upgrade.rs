//! Brings tasks over from the layout of before, where their order stood in indexes.

use surrealdb::types::Variables;

use crate::{Error, Executor, claim::ask, entry::ENTRY, values};

const INDEXES: &str = "RETURN object::keys((INFO FOR TABLE apalis_task).indexes)";

/// First of all: what the fields allowed is not what is written now.
const WITHOUT_FIELDS: &str = include_str!("../schema/upgrade.surql");

/// A part of the tasks: those that wait get entries, and what a worker held waits again. A part that was brought over before is
/// left as it is.
const BRING_OVER: &str = "{
    LET $start = $from ?? 0;
    LET $now = time::now();
    LET $rows = (SELECT id, record::id(id) AS key, queue, stage, status, due, idempotency_key
        FROM type::record('apalis_task', $start..) LIMIT $most);
    LET $open = $rows.filter(|$row: object| $row.stage IN ['ready', 'delayed', 'claimed']).map(|$row: object| $row.id);
    INSERT IGNORE INTO apalis_key $rows.filter(|$row: object| $row.idempotency_key != NONE)
        .map(|$row: object| { id: [$row.queue, $row.idempotency_key], task: $row.key }) RETURN NONE;
    INSERT IGNORE INTO apalis_killed $rows.filter(|$row: object| $row.status = 'Killed')
        .map(|$row: object| { id: [$row.queue, $row.due, $row.key] }) RETURN NONE;
    UPDATE $open SET due = IF stage = 'delayed' AND due > $now { due } ELSE { $now }, stage = 'open',
        status = IF status = 'Failed' { 'Failed' } ELSE { 'Pending' }, lock_by = NONE, lock_at = NONE RETURN NONE;";

/// Last of all: that they are there says that it is not over.
const WITHOUT_INDEXES: &str = "REMOVE INDEX IF EXISTS apalis_worker_queue ON apalis_worker;
    REMOVE INDEX IF EXISTS apalis_task_key ON apalis_task;
    REMOVE INDEX IF EXISTS apalis_task_timer ON apalis_task;
    REMOVE INDEX IF EXISTS apalis_task_ready ON apalis_task;";

const AT_ONCE: usize = 500;

/// Brings them over, if they are there.
pub(crate) async fn run(db: &(impl Executor + ?Sized)) -> Result<(), Error> {
    if ask::<String>(db, INDEXES, Variables::new()).await?.is_empty() {
        return Ok(());
    }
    tracing::info!("the queue's tasks are brought over to the new layout");
    values(db.execute(WITHOUT_FIELDS, Variables::new()).await?)?;
    let entries = format!("INSERT INTO apalis_entry (SELECT {ENTRY} FROM $open) RETURN NONE;");
    let text = format!("{BRING_OVER} {entries} RETURN $rows.map(|$row: object| $row.key); }}");
    let mut from: Option<String> = None;
    loop {
        let mut bindings = Variables::new();
        bindings.insert("from", from);
        bindings.insert("most", i64::try_from(AT_ONCE).unwrap_or(i64::MAX));
        let keys: Vec<String> = ask(db, &text, bindings).await?;
        let is_over = keys.len() < AT_ONCE;
        from = keys.into_iter().next_back();
        if is_over {
            break;
        }
    }
    values(db.execute(WITHOUT_INDEXES, Variables::new()).await?)?;
    Ok(())
}
