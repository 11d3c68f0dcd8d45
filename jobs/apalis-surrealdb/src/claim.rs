//! The queue's queries: claim, renew, acknowledge, give back, promote, reclaim.

use std::time::Duration;

use chrono::{DateTime, Utc};
use surrealdb::types::{RecordId, SurrealValue, Value, Variables};

use crate::{
    Database, Error,
    executor::values,
    stored::{FIELDS, Stored},
};

/// How a job ended, as it is stored.
#[derive(Clone, Debug)]
pub(crate) enum Ending {
    /// It did what it should, and returned this, as JSON.
    Done(String),
    /// It never will.
    Killed(String),
    /// It may, after this time.
    Later(Duration, String),
}

/// Looks at all ready tasks: through what is left of all that was claimed before and not merged by the engine yet.
const ALL: &str = "LET $first = (SELECT VALUE id FROM apalis_task WHERE queue = $queue AND stage = 'ready' ORDER BY rank, run_at LIMIT $look);";

/// Looks at what is ahead of others, then from where the claim before ended.
const FROM_CURSOR: &str = "LET $ahead = (SELECT VALUE id FROM apalis_task WHERE queue = $queue AND stage = 'ready' AND rank < 0 ORDER BY rank, run_at LIMIT $look);
    LET $first = IF array::len($ahead) >= $look { $ahead } ELSE {
        array::slice(array::concat($ahead, (SELECT VALUE id FROM apalis_task WHERE queue = $queue AND stage = 'ready' AND rank = 0
            AND run_at > $since ORDER BY run_at LIMIT $look)), 0, $look) };";

const CLAIM: &str = "
    LET $ids = IF $look > $n { array::slice(array::shuffle($first), 0, $n) } ELSE { $first };
    RETURN UPDATE $ids SET stage = 'claimed', status = 'Queued', epoch += 1, lock_by = $me, lock_at = time::now(),
        due = time::now() + $lease RETURN";

const RENEW: &str = "RETURN array::flatten($held.map(|$h: any| (UPDATE $h.id SET due = time::now() + $lease
    WHERE stage = 'claimed' AND epoch = $h.epoch RETURN VALUE record::id(id))))";

const ACKNOWLEDGE: &str =
    "RETURN array::flatten($ended.map(|$e: any| (UPDATE $e.ids SET stage = $e.stage, status = $e.status,
    attempts = $e.attempts, result = $e.result,
    run_at = IF $e.stage = 'delayed' { time::now() + $e.wait } ELSE { run_at },
    due = time::now() + $e.wait,
    done_at = IF $e.stage = 'finished' { time::now() } ELSE { NONE },
    lock_by = NONE, lock_at = NONE
    WHERE stage = 'claimed' AND epoch = $e.epoch RETURN VALUE record::id(id))))";

const GIVE_BACK: &str = "RETURN array::flatten($held.map(|$h: any| (UPDATE $h.id SET stage = 'ready', status = 'Pending',
    due = run_at, lock_by = NONE, lock_at = NONE WHERE stage = 'claimed' AND epoch = $h.epoch RETURN VALUE record::id(id))))";

const PROMOTE: &str = "{
    LET $ids = (SELECT VALUE id FROM apalis_task WHERE stage = 'delayed' AND due <= time::now() ORDER BY due LIMIT 500);
    UPDATE $ids SET stage = 'ready', status = 'Pending' RETURN NONE;
    LET $next = (SELECT VALUE due FROM apalis_task WHERE stage = 'delayed' ORDER BY due LIMIT 1);
    RETURN $next.map(|$due: any| IF $due > time::now() { $due - time::now() } ELSE { 0s });
}";

const RECLAIM: &str = "{
    LET $ids = (SELECT VALUE id FROM apalis_task WHERE stage = 'claimed' AND due <= time::now() ORDER BY due LIMIT 100);
    RETURN UPDATE $ids SET attempts += 1,
        stage = IF attempts + 1 >= max_attempts { 'finished' } ELSE { 'ready' },
        status = IF attempts + 1 >= max_attempts { 'Killed' } ELSE { 'Pending' },
        done_at = IF attempts + 1 >= max_attempts { time::now() } ELSE { NONE },
        result = IF attempts + 1 >= max_attempts { 'its worker died each time' } ELSE { NONE },
        due = IF attempts + 1 >= max_attempts { time::now() } ELSE { run_at },
        lock_by = NONE, lock_at = NONE
        RETURN VALUE record::id(id);
}";

const PRUNE: &str = "{
    LET $ids = (SELECT VALUE id FROM apalis_task WHERE stage = 'finished' AND due <= time::now() - $age ORDER BY due LIMIT 500);
    DELETE $ids;
    RETURN array::len($ids);
}";

pub(crate) async fn ask<T: SurrealValue>(db: &Database, text: &str, bindings: Variables) -> Result<Vec<T>, Error> {
    let first = values(db.execute(text, bindings).await?)?.into_iter().next();
    let rows = match first {
        None | Some(Value::None) => return Ok(Vec::new()),
        Some(Value::Array(rows)) => rows.into_vec(),
        Some(one) => vec![one],
    };
    Ok(rows.into_iter().map(T::from_value).collect::<Result<_, _>>()?)
}

pub(crate) fn record(id: &str) -> RecordId {
    RecordId::new("apalis_task", id)
}

#[derive(SurrealValue)]
struct Claimed {
    id: RecordId,
    epoch: i64,
}

fn claimed(held: &[(String, i64)]) -> Vec<Claimed> {
    held.iter().map(|(id, epoch)| Claimed { id: record(id), epoch: *epoch }).collect()
}

/// Who claims, and how.
pub(crate) struct Claimer<'a> {
    pub queue: &'a str,
    pub me: &'a str,
    pub lease: Duration,
    /// Whether others claim at the same moment: then any of the first tasks are taken, and not the very first, so
    /// that the claimers do not all want the same ones.
    pub contended: bool,
    /// From where to look; all are looked at without it.
    pub since: Option<DateTime<Utc>>,
}

/// Takes up to `n` ready tasks.
pub(crate) async fn claim(db: &Database, claimer: &Claimer<'_>, n: usize) -> Result<Vec<Stored>, Error> {
    let look = if claimer.contended { n.saturating_mul(4) } else { n };
    let mut bindings = Variables::new();
    bindings.insert("queue", claimer.queue);
    bindings.insert("me", claimer.me);
    bindings.insert("lease", claimer.lease);
    bindings.insert("look", i64::try_from(look).unwrap_or(i64::MAX));
    bindings.insert("n", i64::try_from(n).unwrap_or(i64::MAX));
    let from = match claimer.since {
        None => ALL,
        Some(since) => {
            bindings.insert("since", since);
            FROM_CURSOR
        }
    };
    ask(db, &format!("{{ {from} {CLAIM} {FIELDS}; }}"), bindings).await
}

/// Renews leases; returns the ids that are still held.
pub(crate) async fn renew(db: &Database, held: &[(String, i64)], lease: Duration) -> Result<Vec<String>, Error> {
    let mut bindings = Variables::new();
    bindings.insert("held", claimed(held));
    bindings.insert("lease", lease);
    ask(db, RENEW, bindings).await
}

/// How the jobs of claims ended, all in the same way.
#[derive(Clone, SurrealValue)]
pub(crate) struct Ended {
    ids: Vec<RecordId>,
    epoch: i64,
    attempts: i64,
    stage: &'static str,
    status: &'static str,
    wait: Duration,
    result: Option<String>,
}

impl Ended {
    pub fn new(id: &str, epoch: i64, attempts: usize, ending: &Ending) -> Self {
        let (stage, status, wait, result) = match ending {
            Ending::Done(returned) => ("finished", "Done", Duration::ZERO, returned),
            Ending::Killed(reason) => ("finished", "Killed", Duration::ZERO, reason),
            Ending::Later(wait, reason) => ("delayed", "Failed", *wait, reason),
        };
        let attempts = i64::try_from(attempts).unwrap_or(i64::MAX);
        Self { ids: vec![record(id)], epoch, attempts, stage, status, wait, result: Some(result.clone()) }
    }

    /// Whether another one ended in the same way.
    fn is_like(&self, other: &Self) -> bool {
        (self.epoch, self.attempts, self.stage, self.status, self.wait, &self.result)
            == (other.epoch, other.attempts, other.stage, other.status, other.wait, &other.result)
    }

    /// Those that ended in the same way together: one UPDATE is for all of them.
    fn grouped(ended: Vec<Self>) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for mut one in ended {
            match groups.iter_mut().find(|group| group.is_like(&one)) {
                Some(group) => group.ids.append(&mut one.ids),
                None => groups.push(one),
            }
        }
        groups
    }
}

/// Stores how jobs ended, all of them or none; returns the ids of those whose claims were still this worker's.
pub(crate) async fn acknowledge(db: &Database, ended: Vec<Ended>) -> Result<Vec<String>, Error> {
    let mut bindings = Variables::new();
    bindings.insert("ended", Ended::grouped(ended));
    ask(db, ACKNOWLEDGE, bindings).await
}

/// Gives claims back whose jobs never began; the attempt does not count.
pub(crate) async fn give_back(db: &Database, held: &[(String, i64)]) -> Result<(), Error> {
    let mut bindings = Variables::new();
    bindings.insert("held", claimed(held));
    ask::<String>(db, GIVE_BACK, bindings).await.map(drop)
}

/// Makes delayed tasks ready whose time has come; returns how long until the next one's.
pub(crate) async fn promote(db: &Database) -> Result<Option<Duration>, Error> {
    Ok(ask::<Duration>(db, PROMOTE, Variables::new()).await?.into_iter().next())
}

/// Brings back what dead workers held, the attempt counted; ends what died too often.
pub(crate) async fn reclaim(db: &Database) -> Result<usize, Error> {
    Ok(ask::<String>(db, RECLAIM, Variables::new()).await?.len())
}

/// How many tasks [`prune`] deletes at a time.
pub(crate) const PRUNED_AT_ONCE: i64 = 500;

/// Deletes tasks that ended longer than `age` ago.
pub(crate) async fn prune(db: &Database, age: Duration) -> Result<i64, Error> {
    let mut bindings = Variables::new();
    bindings.insert("age", age);
    Ok(ask::<i64>(db, PRUNE, bindings).await?.into_iter().next().unwrap_or(0))
}
