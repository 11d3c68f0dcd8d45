//! Limits that count, kept in the database so that they hold for all processes together.

use chrono::Duration;
use surrealdb::types::SurrealValue;

use super::{Ask, Db, DbError, Piece};
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
        let ask = Ask::new("{ RETURN fn::may($what, $whom, $most, $within, $now); }")
            .with("what", self.what)
            .with("whom", whom)
            .with("most", self.most)
            .with("within", seconds(self.within))
            .with("now", now);
        Ok(db.ask(ask).await?.one(0)?.unwrap_or(false))
    }

    /// Whether `whom` has used it up; nothing is counted.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_reached(&self, db: &Db, whom: &str, now: Moment) -> Result<bool, DbError> {
        let ask = Ask::new("SELECT VALUE hits FROM ONLY type::record('throttle', [$what, $whom])")
            .with("what", self.what)
            .with("whom", whom);
        let hits: Hits = Hits(db.ask(ask).await?.all(0)?);
        let recent = hits.0.iter().filter(|hit| **hit > now - self.within).count();
        Ok(i64::try_from(recent).unwrap_or(i64::MAX) >= self.most)
    }

    /// The same within a larger transaction: it throws `refusal` when it would be one too many.
    /// `name` keeps the piece's values apart from those of others.
    pub fn piece(&self, name: &str, whom: &str, now: Moment, refusal: &str) -> Piece {
        let text = format!(
            "IF !fn::may(${name}.what, ${name}.whom, ${name}.most, ${name}.within, ${name}.now) {{ THROW '{refusal}' }};"
        );
        let values =
            Values { what: self.what.into(), whom: whom.into(), most: self.most, within: seconds(self.within), now };
        Piece::new(text).with(name, values)
    }
}

/// Deletes counters that were not touched for longer than any limit looks back.
pub fn expired(now: Moment) -> Piece {
    Piece::new("DELETE throttle WHERE touched < $now - 31d;").with("now", now)
}

struct Hits(Vec<Moment>);

#[derive(SurrealValue)]
struct Values {
    what: String,
    whom: String,
    most: i64,
    within: std::time::Duration,
    now: Moment,
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
