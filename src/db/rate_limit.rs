//! Limits that count, kept in the database so that they hold for all processes together.

use chrono::{Duration, Timelike};

use super::{
    Change, Db, DbError, Query, Refusal, Transaction, record_id, statement,
    value::{RecordId, SurrealValue, Value},
};
use crate::words::Moment;

/// At most so many, within so long.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// What is counted.
    pub what: &'static str,
    /// How many are allowed.
    pub most: i64,
    /// Within how long.
    pub within: Duration,
}

impl Limit {
    /// Counts one for `whom`; false, and nothing counted, if it would be one too many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn allows(&self, db: &Db, whom: &str, now: Moment) -> Result<bool, DbError> {
        let Limit { what, most, within } = *self;
        let may = May { what, whom: whom.to_owned(), most, within: seconds(within), now };
        Ok(may.run(db).await?.unwrap_or(false))
    }

    /// Whether `whom` has used it up; nothing is counted.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_reached(&self, db: &Db, whom: &str, now: Moment) -> Result<bool, DbError> {
        let hits = db.ask(Hits { what: self.what, whom: whom.to_owned() }).await?;
        let recent = hits.iter().filter(|hit| **hit > now - self.within).count();
        Ok(i64::try_from(recent).unwrap_or(i64::MAX) >= self.most)
    }

    /// The same within a larger transaction: it throws `refusal` when it would be one too many.
    pub fn within_transaction(&self, whom: &str, now: Moment, refusal: Refusal) -> Transaction {
        let Limit { what, most, within } = *self;
        MayOrThrow { what, whom: whom.to_owned(), most, within: seconds(within), now, refusal: refusal.text() }.into()
    }
}

/// What was counted.
#[derive(Clone, Debug, SurrealValue)]
struct Counter {
    hits: Vec<Moment>,
    touched: Moment,
}

impl Counter {
    /// The counter with one more, or nothing if that is one too many. No more moments are kept than are allowed, so the first
    /// of them says whether there is room.
    fn counted(found: Option<Self>, most: i64, within: std::time::Duration, now: Moment) -> Option<Self> {
        let mut hits = found.map(|counter| counter.hits).unwrap_or_default();
        let most = usize::try_from(most).unwrap_or(0);
        let beyond = hits.len().checked_sub(most);
        if beyond.is_some_and(|first| hits.get(first).is_none_or(|hit| *hit > now - within)) {
            return None;
        }
        hits.drain(..beyond.map_or(0, |first| first + 1));
        hits.push(now);
        Some(Self { hits, touched: now })
    }
}

/// The same by the database.
macro_rules! count {
    ($refused:literal, $counted:literal) => {
        concat!(
            "LET $counter = type::record('throttle', [$what, $whom]);
     LET $old = (SELECT VALUE hits FROM ONLY $counter);
     LET $hits = $old ?? [];
     IF array::len($hits) >= $most AND $hits[array::len($hits) - $most] > $now - $within { ",
            $refused,
            " };
     LET $kept = array::append(IF array::len($hits) >= $most { array::slice($hits, array::len($hits) - $most + 1) } ELSE { $hits }, $now);
     IF $old = NONE {
        UPSERT $counter SET hits = $kept, touched = $now RETURN NONE
     } ELSE {
        UPDATE $counter SET hits = $kept, touched = $now RETURN NONE
     };",
            $counted
        )
    };
}

statement! {
    May { what: &'static str, whom: String, most: i64, within: std::time::Duration, now: Moment } -> Option<bool>;
    reads throttle;
    writes throttle;
    as May::by_key;
    concat!(count!("RETURN false", " RETURN true;"))
}

impl May {
    fn by_key(&self) -> [Change; 1] {
        let (most, within, now) = (self.most, self.within, self.now);
        [Change::of(record_id("throttle", (self.what, self.whom.clone())), move |found| {
            let counted = Counter::counted(found, most, within, now);
            let may = counted.is_some();
            Ok((counted, may))
        })]
    }
}

statement! {
    MayOrThrow { what: &'static str, whom: String, most: i64, within: std::time::Duration, now: Moment, refusal: &'static str };
    reads throttle;
    writes throttle;
    as MayOrThrow::by_key;
    concat!(count!("THROW $refusal", ""))
}

impl MayOrThrow {
    fn by_key(&self) -> [Change; 1] {
        let (most, within, now, refusal) = (self.most, self.within, self.now, Refusal::new(self.refusal));
        [Change::of(record_id("throttle", (self.what, self.whom.clone())), move |found| {
            let counted = Counter::counted(found, most, within, now).ok_or(refusal)?;
            Ok((Some(counted), Value::None))
        })]
    }
}

statement! {
    Hits { what: &'static str, whom: String } -> Vec<Moment>;
    reads throttle;
    "SELECT VALUE hits FROM ONLY type::record('throttle', [$what, $whom])"
}

/// So long after it was last touched no limit looks at a counter any more.
const KEPT: Duration = Duration::days(31);
/// So many are looked at together.
const TOGETHER: i64 = 500;

#[derive(SurrealValue)]
struct Kept {
    id: RecordId,
    key: Vec<Value>,
    touched: Moment,
}

statement! {
    Next { from: Vec<Value>, most: i64 } -> Vec<Kept>;
    reads throttle;
    "SELECT id, record::id(id) AS key, touched FROM type::record('throttle', $from..) LIMIT $most"
}

statement! {
    Forget { ids: Vec<RecordId> };
    writes throttle;
    "DELETE $ids RETURN NONE;"
}

/// Deletes the counters that nothing looks at any more: it goes through all of them, some at a time, in the first minutes of an
/// hour. They have no index, which each count would pay for.
///
/// # Errors
/// When the database does not answer.
pub async fn sweep(db: &Db, now: Moment) -> Result<(), DbError> {
    if now.minute() >= 10 {
        return Ok(());
    }
    let mut from = Vec::new();
    loop {
        let page = db.ask(Next { from, most: TOGETHER }).await?;
        let is_last = i64::try_from(page.len()).is_ok_and(|count| count < TOGETHER);
        let Some(last) = page.last() else { return Ok(()) };
        from = last.key.clone();
        let ids: Vec<RecordId> = page.into_iter().filter(|one| one.touched < now - KEPT).map(|one| one.id).collect();
        if !ids.is_empty() {
            db.sweep(Forget { ids }).await?;
        }
        if is_last {
            return Ok(());
        }
    }
}

fn seconds(within: Duration) -> std::time::Duration {
    within.to_std().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rand::{RngExt, SeedableRng, rngs::StdRng};

    use super::*;
    use crate::db::migrate;

    const LIMIT: Limit = Limit { what: "test", most: 3, within: Duration::minutes(10) };

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn it_counts_within_its_window_and_for_each_one_alone() {
        let db = Db::in_memory().await.unwrap();
        migrate::run(&db).await.unwrap();
        let start: Moment = "2026-11-24T12:00:00Z".parse().unwrap();
        // As versions before wrote them.
        let earlier = "CREATE type::record('throttle', ['test', 'a']) SET hits = [], locks = 0, touched = time::now() RETURN NONE";
        db.raw(earlier).await.unwrap();
        for minute in 0..3 {
            assert!(LIMIT.allows(&db, "a", start + Duration::minutes(minute)).await.unwrap());
        }
        assert!(!LIMIT.allows(&db, "a", start + Duration::minutes(9)).await.unwrap());
        assert!(LIMIT.is_reached(&db, "a", start + Duration::minutes(9)).await.unwrap());
        assert!(LIMIT.allows(&db, "b", start + Duration::minutes(9)).await.unwrap());
        assert!(LIMIT.allows(&db, "a", start + Duration::minutes(11)).await.unwrap());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_database_counts_as_the_program_does() {
        let by_key = Db::in_memory().await.unwrap();
        // Whoever is observed gets the statements.
        let by_text = Db::in_memory().await.unwrap().observed(Arc::new(|_, _| Ok(())));
        let (mut rows, start) = (Vec::new(), "2026-11-24T12:00:00Z".parse::<Moment>().unwrap());
        for db in [&by_key, &by_text] {
            migrate::run(db).await.unwrap();
            let (mut random, mut now, mut answers) = (StdRng::seed_from_u64(7), start, Vec::new());
            for _ in 0..200 {
                now += Duration::seconds(random.random_range(1..400));
                let whom = ["a", "b"][random.random_range(0..2)];
                answers.push(LIMIT.allows(db, whom, now).await.unwrap());
            }
            let all = db.raw("SELECT hits, touched FROM throttle ORDER BY id").await.unwrap().take::<Value>(0).unwrap();
            rows.push((answers, all));
        }
        assert_eq!(rows[0], rows[1]);
        assert!(rows[0].0.contains(&false) && rows[0].0.contains(&true));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn counters_are_kept_as_long_as_a_limit_looks_back() {
        let db = Db::in_memory().await.unwrap();
        migrate::run(&db).await.unwrap();
        let start: Moment = "2026-11-24T12:05:00Z".parse().unwrap();
        for (at, whom) in (0..1_200).map(|number| (start + Duration::minutes(number), format!("visitor {number}"))) {
            assert!(LIMIT.allows(&db, &whom, at).await.unwrap());
        }
        let left = async || {
            let text = "RETURN array::len((SELECT VALUE id FROM throttle))";
            db.raw(text).await.unwrap().take::<Option<i64>>(0).unwrap().unwrap()
        };
        let then = start + KEPT + Duration::hours(10);
        sweep(&db, then + Duration::minutes(30)).await.unwrap();
        assert_eq!(left().await, 1_200, "not at every time");
        sweep(&db, then).await.unwrap();
        assert_eq!(left().await, 600);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn it_holds_when_many_come_at_once() {
        let db = Db::in_memory().await.unwrap();
        migrate::run(&db).await.unwrap();
        let now: Moment = "2026-11-24T12:00:00Z".parse().unwrap();
        let tries = (0..12).map(|_| LIMIT.allows(&db, "a", now));
        let allowed = futures_util::future::join_all(tries).await.into_iter().filter(|one| *one == Ok(true)).count();
        assert_eq!(allowed, 3);
    }
}
