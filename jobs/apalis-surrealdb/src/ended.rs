//! How jobs ended, as it is stored.

use std::time::Duration;

use chrono::Utc;
use surrealdb::types::{Object, RecordId, SurrealValue, Value, Variables};

use crate::{
    Database, Error, RecordWrites, Records,
    claim::{ask, record},
    entry::ENTRY,
};

/// How many share a transaction.
pub(crate) const TOGETHER: usize = 100;

/// Those that all ended alike, which is the usual case.
const ALIKE: &str = "UPDATE $ids SET stage = 'finished', status = $status, attempts = $attempts, result = $result,
    done_at = time::now() WHERE stage = 'open' AND epoch = $epoch RETURN VALUE record::id(id)";

const FINISHED: &str =
    "array::flatten($finished.map(|$e: any| (UPDATE $e.ids SET stage = 'finished', status = $e.status,
    attempts = $e.attempts, result = $e.result, done_at = time::now()
    WHERE stage = 'open' AND epoch = $e.epoch RETURN VALUE record::id(id))))";

/// What failed waits as a new entry.
const LATER: &str =
    "LET $entries = array::flatten($later.map(|$e: any| (UPDATE $e.ids SET status = 'Failed', attempts = $e.attempts,
    result = $e.result, due = time::now() + $e.wait, epoch += 1 WHERE stage = 'open' AND epoch = $e.epoch RETURN";

/// What was killed is noted for those who look for it.
const OTHERWISE: &str = "
    INSERT INTO apalis_entry $entries RETURN NONE;
    INSERT INTO apalis_killed (SELECT VALUE { id: [queue, done_at, record::id(id)] } FROM $killed
        WHERE status = 'Killed' AND $stored CONTAINS record::id(id)) RETURN NONE;
    RETURN array::concat($stored, $entries.map(|$entry: object| $entry.id[3]));";

/// How a job ended.
#[derive(Clone, Debug)]
pub(crate) enum Ending {
    /// It did what it should, and returned this, as JSON.
    Done(String),
    /// It never will.
    Killed(String),
    /// It may, after this time.
    Later(Duration, String),
}

/// A claim whose job ended.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    pub id: String,
    pub epoch: i64,
    pub attempts: usize,
    pub ending: Ending,
}

/// Jobs that ended in the same way: one UPDATE is for all of them.
#[derive(SurrealValue)]
struct Group {
    ids: Vec<RecordId>,
    epoch: i64,
    attempts: i64,
    status: &'static str,
    wait: Duration,
    result: String,
}

impl Group {
    fn of(ended: &Ended) -> Self {
        let (status, wait, result) = match &ended.ending {
            Ending::Done(returned) => ("Done", Duration::ZERO, returned),
            Ending::Killed(reason) => ("Killed", Duration::ZERO, reason),
            Ending::Later(wait, reason) => ("Failed", *wait, reason),
        };
        let attempts = i64::try_from(ended.attempts).unwrap_or(i64::MAX);
        Self { ids: vec![record(&ended.id)], epoch: ended.epoch, attempts, status, wait, result: result.clone() }
    }

    fn is_like(&self, other: &Self) -> bool {
        (self.epoch, self.attempts, self.status, self.wait, &self.result)
            == (other.epoch, other.attempts, other.status, other.wait, &other.result)
    }

    fn all(ended: &[Ended]) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for mut one in ended.iter().map(Self::of) {
            match groups.iter_mut().find(|group| group.is_like(&one)) {
                Some(group) => group.ids.append(&mut one.ids),
                None => groups.push(one),
            }
        }
        groups
    }
}

/// As [`ALIKE`], whatever they returned.
async fn finish(records: &dyn Records, ended: &[Ended]) -> Result<Vec<bool>, Error> {
    let now = Utc::now();
    let end = |at: usize, task: &mut Object| {
        let Ended { epoch, attempts, ending, .. } = &ended[at];
        let is_held = task.get("stage") == Some(&Value::String("open".to_owned()))
            && task.get("epoch") == Some(&epoch.into_value());
        let (true, Ending::Done(returned)) = (is_held, ending) else { return false };
        task.insert("stage", "finished");
        task.insert("status", "Done");
        task.insert("attempts", i64::try_from(*attempts).unwrap_or(i64::MAX));
        task.insert("result", returned.clone());
        task.insert("done_at", now);
        true
    };
    let ids = ended.iter().map(|one| record(&one.id)).collect();
    Ok(records.write(RecordWrites { new: Vec::new(), ids, change: &end, all_or_none: false }).await?)
}

/// Stores how jobs ended, all of them or none; returns for each whether its claim was still this worker's.
pub(crate) async fn acknowledge(db: &Database, ended: &[Ended]) -> Result<Vec<bool>, Error> {
    if let Some(records) = db.records()
        && ended.iter().all(|one| matches!(one.ending, Ending::Done(_)))
    {
        return finish(records, ended).await;
    }
    let (mut finished, later): (Vec<_>, Vec<_>) =
        Group::all(ended).into_iter().partition(|group| group.status != "Failed");
    let killed: Vec<_> =
        finished.iter().filter(|group| group.status == "Killed").flat_map(|group| group.ids.clone()).collect();
    let all_done = later.is_empty() && killed.is_empty();
    let mut bindings = Variables::new();
    let stored: Vec<String> = if all_done && finished.len() == 1 {
        let Group { ids, epoch, attempts, status, result, .. } = finished.remove(0);
        bindings.insert("ids", ids);
        bindings.insert("epoch", epoch);
        bindings.insert("attempts", attempts);
        bindings.insert("status", status);
        bindings.insert("result", result);
        ask(db, ALIKE, bindings).await?
    } else if all_done {
        bindings.insert("finished", finished);
        ask(db, &format!("RETURN {FINISHED}"), bindings).await?
    } else {
        bindings.insert("finished", finished);
        bindings.insert("later", later);
        bindings.insert("killed", killed);
        ask(db, &format!("{{ LET $stored = {FINISHED}; {LATER} {ENTRY}))); {OTHERWISE} }}"), bindings).await?
    };
    Ok(ended.iter().map(|one| stored.contains(&one.id)).collect())
}
