//! Limits that count, kept in the database so that they hold for all processes together.

use chrono::Duration;

use super::{Db, DbError, Query, Refusal, Transaction, statement};
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

/// Counts one, as the last expression of a statement: true if it may be. No more moments are kept than are allowed, so the
/// first of them says whether there is room; a row is touched by the hour, so that its index seldom changes.
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
        UPSERT $counter SET hits = $kept, touched = time::floor($now, 1h) RETURN NONE
     } ELSE {
        UPDATE $counter SET hits = $kept, touched = time::floor($now, 1h) RETURN NONE
     };",
            $counted
        )
    };
}

statement! {
    May { what: &'static str, whom: String, most: i64, within: std::time::Duration, now: Moment } -> Option<bool>;
    reads throttle;
    writes throttle;
    concat!(count!("RETURN false", " RETURN true;"))
}

statement! {
    MayOrThrow { what: &'static str, whom: String, most: i64, within: std::time::Duration, now: Moment, refusal: &'static str };
    reads throttle;
    writes throttle;
    concat!(count!("THROW $refusal", ""))
}

statement! {
    Hits { what: &'static str, whom: String } -> Vec<Moment>;
    reads throttle;
    "SELECT VALUE hits FROM ONLY type::record('throttle', [$what, $whom])"
}

statement! {
    /// Deletes counters that were not touched for longer than any limit looks back.
    pub Expired { now: Moment };
    writes throttle;
    "DELETE throttle WHERE touched < $now - 31d;"
}

fn seconds(within: Duration) -> std::time::Duration {
    within.to_std().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::migrate;

    const LIMIT: Limit = Limit { what: "test", most: 3, within: Duration::minutes(10) };

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn it_counts_within_its_window_and_for_each_one_alone() {
        let db = Db::in_memory().await.unwrap();
        migrate::run(&db).await.unwrap();
        let start: Moment = "2026-11-24T12:00:00Z".parse().unwrap();
        for minute in 0..3 {
            assert!(LIMIT.allows(&db, "a", start + Duration::minutes(minute)).await.unwrap());
        }
        assert!(!LIMIT.allows(&db, "a", start + Duration::minutes(9)).await.unwrap());
        assert!(LIMIT.is_reached(&db, "a", start + Duration::minutes(9)).await.unwrap());
        assert!(LIMIT.allows(&db, "b", start + Duration::minutes(9)).await.unwrap());
        assert!(LIMIT.allows(&db, "a", start + Duration::minutes(11)).await.unwrap());
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
