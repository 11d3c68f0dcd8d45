//! Ceilings of a day for the whole portal: letters and text messages cost money, and each reaches somebody who did not
//! ask for it. What people ask for is refused past the ceiling; what was promised is only counted.

use chrono::NaiveDate;
use surrealdb::types::SurrealValue;

use super::{Ask, Db, DbError, Piece};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Daily {
    /// Letters.
    Letters,
    /// Text messages.
    Texts,
}

impl Daily {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Letters, Self::Texts];

    /// Its code in records and metrics.
    pub fn code(self) -> &'static str {
        match self {
            Self::Letters => "letters",
            Self::Texts => "texts",
        }
    }
}

/// What a transaction throws past the ceiling.
pub const REACHED: &str = "the ceiling of the day is reached";

/// A counter of this process.
#[derive(Clone, Debug)]
pub struct DailyCounter {
    process: String,
}

impl Default for DailyCounter {
    fn default() -> Self {
        Self { process: ulid::Ulid::generate().to_string() }
    }
}

#[derive(SurrealValue)]
struct Values {
    day: String,
    what: String,
    process: String,
    most: i64,
}

impl DailyCounter {
    fn values(&self, what: Daily, day: NaiveDate, most: i64) -> Values {
        Values { day: day.to_string(), what: what.code().to_owned(), process: self.process.clone(), most }
    }

    /// Statements that count one, or throw [`REACHED`].
    pub fn take(&self, what: Daily, day: NaiveDate, most: i64) -> Piece {
        Piece::new(format!(
            "IF !fn::count_daily($daily.day, $daily.what, $daily.process, $daily.most) {{ THROW '{REACHED}' }};"
        ))
        .with("daily", self.values(what, day, most))
    }

    /// Statements that count one, whatever the ceiling is.
    pub fn count(&self, what: Daily, day: NaiveDate) -> Piece {
        Piece::new("fn::count_daily($daily.day, $daily.what, $daily.process, $daily.most);")
            .with("daily", self.values(what, day, i64::MAX))
    }
}

/// How many there were on a day, of all processes together.
///
/// # Errors
/// When the database does not answer.
pub async fn counted(db: &Db, what: Daily, day: NaiveDate) -> Result<i64, DbError> {
    let ask = Ask::new(
        "RETURN math::sum((SELECT VALUE count FROM type::record('daily_count', [$day, $what]..[$day, $what, ..])))",
    )
    .with("day", day.to_string())
    .with("what", what.code());
    Ok(db.ask(ask).await?.one(0)?.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::migrate;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn all_processes_share_one_ceiling_a_day() {
        let db = Db::in_memory().await.unwrap();
        migrate::run(&db).await.unwrap();
        let day: NaiveDate = "2026-11-24".parse().unwrap();
        let (one, other) = (DailyCounter::default(), DailyCounter::default());
        for counter in [&one, &other, &one] {
            counter.take(Daily::Letters, day, 3).run(&db).await.unwrap();
        }
        for counter in [&one, &other] {
            assert!(counter.take(Daily::Letters, day, 3).run(&db).await.err().unwrap().is_refusal(REACHED));
        }
        other.count(Daily::Letters, day).run(&db).await.unwrap();
        assert_eq!(counted(&db, Daily::Letters, day).await, Ok(4), "a promise is counted and kept");
        assert_eq!(counted(&db, Daily::Texts, day).await, Ok(0));
        one.take(Daily::Letters, day.succ_opt().unwrap(), 3).run(&db).await.unwrap();
    }
}
