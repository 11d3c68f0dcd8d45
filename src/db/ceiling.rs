//! Ceilings of a day for the whole portal: letters and text messages cost money, and each reaches somebody who did not
//! ask for it. What people ask for is refused past the ceiling; what was promised is only counted.

use chrono::NaiveDate;

use super::{Db, DbError, Refusal, Transaction, statement};

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
pub const REACHED: Refusal = Refusal::new("the ceiling of the day is reached");

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

/// Counts one in the process's own row.
macro_rules! count {
    () => {
        "UPSERT type::record('daily_count', [$day, $what, $process]) SET count = (count ?? 0) + 1 RETURN NONE;"
    };
}

statement! {
    Take { day: String, what: &'static str, process: String, most: i64 };
    reads daily_count;
    writes daily_count;
    refuses REACHED;
    concat!(
        "IF math::sum((SELECT VALUE count FROM type::record('daily_count', [$day, $what]..[$day, $what, ..]))) >= $most { THROW $REACHED };
     ",
        count!()
    )
}

statement! {
    Count { day: String, what: &'static str, process: String };
    writes daily_count;
    concat!(count!())
}

statement! {
    Counted { day: String, what: &'static str } -> Option<i64>;
    reads daily_count;
    "RETURN math::sum((SELECT VALUE count FROM type::record('daily_count', [$day, $what]..[$day, $what, ..])))"
}

impl DailyCounter {
    /// Counts one, or throws [`REACHED`].
    pub fn take(&self, what: Daily, day: NaiveDate, most: i64) -> Transaction {
        Take { day: day.to_string(), what: what.code(), process: self.process.clone(), most }.into()
    }

    /// Counts one, whatever the ceiling is.
    pub fn count(&self, what: Daily, day: NaiveDate) -> Transaction {
        Count { day: day.to_string(), what: what.code(), process: self.process.clone() }.into()
    }
}

/// How many there were on a day, of all processes together.
///
/// # Errors
/// When the database does not answer.
pub async fn counted(db: &Db, what: Daily, day: NaiveDate) -> Result<i64, DbError> {
    Ok(db.ask(Counted { day: day.to_string(), what: what.code() }).await?.unwrap_or(0))
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
