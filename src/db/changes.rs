//! The feed of hints between processes: every transaction that changes what signed-in pages show leaves a row that says for
//! whom. A LIVE query brings it within milliseconds; a poll is the backstop, for a LIVE query may miss.

use std::{
    collections::{HashSet, VecDeque},
    time::Duration,
};

use apalis_surrealdb::{Executor, retry};
use futures_util::StreamExt;
use surrealdb::types::{Action, RecordId, SurrealValue};
use tokio::sync::mpsc;

use super::{Db, DbError, statement};

/// How often the backstop looks: what another process changed shows within two seconds.
const POLL: Duration = Duration::from_secs(1);
/// How much further back it looks than to its last look: a row may be written so long before its commit.
const MARGIN: Duration = Duration::from_secs(20);
/// How many hints are remembered so that none is passed on twice.
const REMEMBERED: usize = 10_000;

/// A logon whose facts changed. It carries no content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wake {
    /// Whose facts.
    pub logon: String,
    /// Which: `facts`, `message`, `session`.
    pub what: String,
}

/// A row of the feed.
#[derive(SurrealValue)]
struct Change {
    key: String,
    logons: Vec<String>,
    what: String,
}

impl Change {
    fn wakes(self) -> impl Iterator<Item = Wake> {
        let what = self.what;
        self.logons.into_iter().map(move |logon| Wake { logon, what: what.clone() })
    }
}

/// Follows the feed until its receiver is dropped.
pub fn follow(db: &Db) -> mpsc::Receiver<Wake> {
    let (out, feed) = mpsc::channel(1024);
    db.runtime().spawn(run(db.clone(), out));
    feed
}

statement! {
    /// Tells all processes that what these logons see changed.
    pub Changed { logons: Vec<String>, what: &'static str };
    writes change;
    "CREATE type::record('change', rand::ulid()) SET logons = $logons, what = $what RETURN NONE;"
}

statement! {
    Old { most: i64 } -> Vec<RecordId>;
    reads change;
    "SELECT VALUE id FROM type::record('change', ''..rand::ulid(time::now() - 5m)) LIMIT $most"
}

statement! {
    Seen { ids: Vec<RecordId> };
    writes change;
    "DELETE $ids RETURN NONE;"
}

/// How many hints are deleted at a time.
const SWEPT_AT_ONCE: i64 = 2_000;

/// Deletes hints that everyone has seen.
///
/// # Errors
/// When the database does not answer.
pub async fn sweep(db: &Db) -> Result<(), DbError> {
    loop {
        let ids = db.ask(Old { most: SWEPT_AT_ONCE }).await?;
        let is_last = ids.len() < usize::try_from(SWEPT_AT_ONCE).unwrap_or(usize::MAX);
        if !ids.is_empty() {
            db.sweep(Seen { ids }).await?;
        }
        if is_last {
            return Ok(());
        }
    }
}

statement! {
    Recent { since: Duration } -> Vec<Change>;
    reads change;
    "SELECT record::id(id) AS key, logons, what FROM type::record('change', rand::ulid(time::now() - $since)..)"
}

async fn run(db: Db, out: mpsc::Sender<Wake>) {
    let mut known = Known::default();
    let mut looked = tokio::time::Instant::now();
    // Of its own beat: hints that come often must not put the backstop off.
    let mut beat = tokio::time::interval(POLL);
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        // Processes that start at one moment open theirs at one moment, and may lose against each other.
        let live = retry(|| async {
            Ok(db.engine.follow("LIVE SELECT record::id(id) AS key, logons, what FROM change").await?)
        });
        let mut hints = match live.await {
            Ok(hints) => Some(hints),
            Err(error) => {
                tracing::warn!(fault = %DbError::from(error), "the wake feed polls only");
                None
            }
        };
        let opened = tokio::time::Instant::now();
        loop {
            tokio::select! {
                hint = next(&mut hints) => match hint {
                    Some(Ok(hint)) => {
                        // What a sweep deletes is no news.
                        if hint.action == Action::Create
                            && let Ok(change) = hint.data.into_t::<Change>()
                            && pass_on(change, &mut known, &out).await.is_err() {
                            return;
                        }
                    }
                    _ => hints = None,
                },
                _ = beat.tick() => {
                    if poll(&db, &mut known, &mut looked, &out).await.is_err() {
                        return;
                    }
                    if hints.is_none() && opened.elapsed() > POLL * 5 {
                        break;
                    }
                }
                () = out.closed() => return,
            }
        }
    }
}

/// The next hint of a LIVE query; never, without one.
async fn next<S: StreamExt + Unpin>(hints: &mut Option<S>) -> Option<S::Item> {
    match hints {
        Some(hints) => hints.next().await,
        None => std::future::pending().await,
    }
}

/// Reads what was written lately, a little further back than needed: a transaction's rows bear the
/// time they were written, not the time they were committed. It looks back to when it last could, so
/// that no hint is missed while the database was away.
async fn poll(
    db: &Db,
    known: &mut Known,
    looked: &mut tokio::time::Instant,
    out: &mpsc::Sender<Wake>,
) -> Result<(), ()> {
    let begun = tokio::time::Instant::now();
    let changes = match db.ask(Recent { since: looked.elapsed() + MARGIN }).await {
        Ok(changes) => changes,
        Err(fault) => {
            tracing::warn!(%fault, "the wake feed could not look; trying again");
            return Ok(());
        }
    };
    *looked = begun;
    for change in changes {
        pass_on(change, known, out).await?;
    }
    Ok(())
}

/// Passes on what was not passed on before.
async fn pass_on(change: Change, known: &mut Known, out: &mpsc::Sender<Wake>) -> Result<(), ()> {
    if known.is_new(&change.key) {
        for wake in change.wakes() {
            out.send(wake).await.map_err(drop)?;
        }
    }
    Ok(())
}

/// Keys that were passed on, the latest ones.
#[derive(Default)]
struct Known {
    keys: HashSet<String>,
    order: VecDeque<String>,
}

impl Known {
    fn is_new(&mut self, key: &str) -> bool {
        if !self.keys.insert(key.to_owned()) {
            return false;
        }
        self.order.push_back(key.to_owned());
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.keys.remove(&oldest);
        }
        true
    }
}
