//! What is done for workers that died.

use surrealdb::types::{RecordId, Variables};

use crate::{Database, Error, claim::ask, entry::ENTRY, sweep};

/// Leases that nobody renewed.
const EXPIRED: &str = "SELECT VALUE id FROM apalis_lease WHERE until <= time::now() LIMIT 50";

/// The attempt counts: what kills its worker each time must end.
const BRING_BACK: &str = "{
    LET $expired = (UPDATE $leases SET tasks = [] WHERE until <= time::now() RETURN BEFORE);
    LET $tasks = array::flatten($expired.map(|$lease: object| $lease.tasks));
    LET $back = array::flatten($tasks.map(|$task: array| (UPDATE type::record('apalis_task', $task[0]) SET
        stage = IF attempts + 1 >= max_attempts { 'finished' } ELSE { 'open' },
        status = IF attempts + 1 >= max_attempts { 'Killed' } ELSE { 'Pending' },
        done_at = IF attempts + 1 >= max_attempts { time::now() } ELSE { NONE },
        result = IF attempts + 1 >= max_attempts { 'its worker died each time' } ELSE { NONE },
        due = time::now(), epoch += 1, attempts += 1
        WHERE stage = 'open' AND epoch = $task[1] RETURN id, queue, stage, done_at)));
    LET $open = $back.filter(|$task: object| $task.stage = 'open').map(|$task: object| $task.id);
    LET $killed = $back.filter(|$task: object| $task.stage = 'finished').map(|$task: object| $task.id);";

const AGAIN: &str = "
    INSERT INTO apalis_killed (SELECT VALUE { id: [queue, done_at, record::id(id)] } FROM $killed) RETURN NONE;
    RETURN $back.map(|$task: object| $task.queue);
}";

/// Brings back what dead workers held, the attempt counted, and ends what died too often. Returns how many leases had expired,
/// and the queue of each of their tasks.
///
/// # Errors
/// What the database answered; a conflict when a worker renewed at the same moment.
pub(crate) async fn reclaim(db: &Database) -> Result<(usize, Vec<String>), Error> {
    let leases: Vec<RecordId> = ask(db, EXPIRED, Variables::new()).await?;
    if leases.is_empty() {
        return Ok((0, Vec::new()));
    }
    let mut bindings = Variables::new();
    bindings.insert("leases", leases.clone());
    let entries = format!("INSERT INTO apalis_entry (SELECT {ENTRY} FROM $open) RETURN NONE;");
    let queues = ask(db, &format!("{BRING_BACK} {entries} {AGAIN}"), bindings).await?;
    let expired = leases.len();
    sweep::delete(db, leases).await?;
    Ok((expired, queues))
}
