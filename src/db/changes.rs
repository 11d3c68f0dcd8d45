//! The change feed: every transaction that changes what pages show tells its own process when it is committed, and on a server
//! leaves a row for the others. A LIVE query brings it within milliseconds; a poll is the backstop, for a LIVE query may miss.

use std::{
    collections::{BTreeSet, HashSet, VecDeque},
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use apalis_surrealdb::{Executor, retry};
use futures_util::StreamExt;
use surrealdb::types::{Action, RecordId, SurrealValue};
use tokio::sync::oneshot;
use ulid::Ulid;

use super::{Db, DbError, statement, topic::Topic};

/// How often the backstop looks: what another process changed shows within two seconds.
const POLL: Duration = Duration::from_secs(1);
/// How much further back it looks than to its last look: a row may be written so long before its commit.
const MARGIN: Duration = Duration::from_secs(20);
/// How many hints are remembered so that none is passed on twice.
const REMEMBERED: usize = 10_000;

/// A row of the feed.
#[derive(SurrealValue)]
struct Change {
    key: String,
    topics: Vec<String>,
}

statement! {
    /// Tells the other processes which topics changed. This one is told once it is committed, and knows its own row by the key.
    pub(super) Publish { key: String, topics: Vec<String> };
    writes change;
    "CREATE type::record('change', rand::ulid()) SET key = $key, topics = $topics RETURN NONE;"
}

/// Whoever is told at once of what this process changed.
type Subscriber = dyn Fn(&Topic) + Send + Sync;

/// What a process knows of the feed.
#[derive(Default)]
pub(super) struct Feed {
    subscribers: Mutex<Vec<Weak<Subscriber>>>,
    known: Mutex<Known>,
}

impl Feed {
    /// The row that says what a transaction changes; when it comes back through the feed, it is no news.
    pub fn row(&self, topics: &BTreeSet<Topic>) -> Publish {
        let key = Ulid::generate().to_string();
        self.is_new(&key);
        Publish { key, topics: topics.iter().map(Topic::code).collect() }
    }

    /// Tells this process.
    pub fn publish(&self, topics: &BTreeSet<Topic>) {
        if topics.is_empty() {
            return;
        }
        let subscribers: Vec<_> = {
            let mut all = self.subscribers.lock().unwrap_or_else(PoisonError::into_inner);
            all.retain(|one| one.strong_count() > 0);
            all.iter().filter_map(Weak::upgrade).collect()
        };
        for tell in subscribers {
            topics.iter().for_each(|topic| tell(topic));
        }
    }

    fn is_new(&self, key: &str) -> bool {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).is_new(key)
    }
}

/// Whoever holds it is told of changes; dropped, the feed is no longer followed.
#[must_use]
pub struct Subscription {
    _tell: Arc<Subscriber>,
    _ends: oneshot::Sender<()>,
}

/// Calls `tell` with each topic that changes, as long as the subscription is held: of what this process commits before its
/// caller goes on, of what others commit within two seconds.
pub fn follow(db: &Db, tell: impl Fn(&Topic) + Send + Sync + 'static) -> Subscription {
    let tell: Arc<Subscriber> = Arc::new(tell);
    db.feed.subscribers.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&tell));
    let (ends, ended) = oneshot::channel();
    db.runtime().spawn(run(db.clone(), ended));
    Subscription { _tell: tell, _ends: ends }
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
    "SELECT key ?? '' AS key, topics ?? [] AS topics FROM type::record('change', rand::ulid(time::now() - $since)..)"
}

async fn run(db: Db, mut ended: oneshot::Receiver<()>) {
    let mut looked = tokio::time::Instant::now();
    // Of its own beat: hints that come often must not put the backstop off.
    let mut beat = tokio::time::interval(POLL);
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        // Processes that start at one moment open theirs at one moment, and may lose against each other.
        let live = retry(|| async {
            Ok(db.engine.follow("LIVE SELECT key ?? '' AS key, topics ?? [] AS topics FROM change").await?)
        });
        let mut hints = match live.await {
            Ok(hints) => Some(hints),
            Err(error) => {
                tracing::warn!(fault = %DbError::from(error), "the change feed polls only");
                None
            }
        };
        let opened = tokio::time::Instant::now();
        loop {
            tokio::select! {
                hint = next(&mut hints) => match hint {
                    Some(Ok(hint)) => {
                        // What a sweep deletes is no news.
                        if hint.action == Action::Create && let Ok(change) = hint.data.into_t::<Change>() {
                            pass_on(&db, [change]);
                        }
                    }
                    _ => hints = None,
                },
                _ = beat.tick() => {
                    poll(&db, &mut looked).await;
                    if hints.is_none() && opened.elapsed() > POLL * 5 {
                        break;
                    }
                }
                _ = &mut ended => return,
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
async fn poll(db: &Db, looked: &mut tokio::time::Instant) {
    let begun = tokio::time::Instant::now();
    match db.ask(Recent { since: looked.elapsed() + MARGIN }).await {
        Ok(changes) => {
            *looked = begun;
            pass_on(db, changes);
        }
        Err(fault) => tracing::warn!(%fault, "the change feed could not look; trying again"),
    }
}

/// Tells what was not told before.
fn pass_on(db: &Db, changes: impl IntoIterator<Item = Change>) {
    let new = changes.into_iter().filter(|change| db.feed.is_new(&change.key));
    let topics = new.flat_map(|change| change.topics).filter_map(|code| Topic::of_code(&code)).collect();
    db.feed.publish(&topics);
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
