//! Counts for the overview, day by day. A process counts in its memory and adds up what it has now and then, in a row of
//! its own: no act waits for its count, and no row is hot. A process that is killed loses what it counted since.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::NaiveDate;
use surrealdb::types::SurrealValue;

use super::{Db, DbError, Query, statement};
use crate::words::measure::Measure;

type Counts = BTreeMap<(NaiveDate, Measure), i64>;

/// What a process counts; a clone is the same.
#[derive(Clone, Debug)]
pub struct Tally {
    process: Arc<str>,
    counts: Arc<Mutex<Counts>>,
}

impl Default for Tally {
    fn default() -> Self {
        Self { process: ulid::Ulid::generate().to_string().into(), counts: Arc::default() }
    }
}

#[derive(SurrealValue)]
struct Row {
    day: String,
    what: String,
    process: String,
    count: i64,
}

statement! {
    Add { counts: Vec<Row> };
    writes tally;
    "FOR $one IN $counts { UPSERT type::record('tally', [$one.day, $one.what, $one.process]) SET count = (count ?? 0) + $one.count RETURN NONE };"
}

statement! {
    Since { day: String } -> Vec<Row>;
    reads tally;
    "SELECT record::id(id)[0] AS day, record::id(id)[1] AS what, record::id(id)[2] AS process, count FROM type::record('tally', [$day]..)"
}

impl Tally {
    /// Counts some on a day.
    pub fn add(&self, day: NaiveDate, measure: Measure, count: usize) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((day, measure)).or_default() += i64::try_from(count).unwrap_or(0);
    }

    /// Adds what was counted to what is in the database. What could not be written is kept for the next time.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn write(&self, db: &Db) -> Result<(), DbError> {
        let taken = std::mem::take(&mut *self.counts.lock().unwrap_or_else(PoisonError::into_inner));
        if taken.is_empty() {
            return Ok(());
        }
        let row = |((day, measure), count): (&(NaiveDate, Measure), &i64)| Row {
            day: day.to_string(),
            what: measure.label().to_owned(),
            process: self.process.to_string(),
            count: *count,
        };
        let rows: Vec<Row> = taken.iter().map(row).collect();
        let written = Add { counts: rows }.run(db).await;
        if written.is_err() {
            let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
            for (key, count) in taken {
                *counts.entry(key).or_default() += count;
            }
        }
        written
    }
}

/// What all processes counted from a day on: by day and measure.
///
/// # Errors
/// When the database does not answer.
pub async fn since(db: &Db, day: NaiveDate) -> Result<Counts, DbError> {
    let mut counts = Counts::new();
    for row in db.ask(Since { day: day.to_string() }).await? {
        if let (Ok(day), Some(measure)) = (row.day.parse(), Measure::of_label(&row.what)) {
            *counts.entry((day, measure)).or_default() += row.count;
        }
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::migrate;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_several_processes_count_is_added_up() {
        let db = Db::in_memory().await.unwrap();
        migrate::run(&db).await.unwrap();
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let (one, other) = (Tally::default(), Tally::default());
        one.add(day("2026-11-24"), Measure::SignUps, 2);
        one.write(&db).await.unwrap();
        one.add(day("2026-11-24"), Measure::SignUps, 1);
        other.add(day("2026-11-24"), Measure::SignUps, 4);
        other.add(day("2026-11-25"), Measure::CodesUsed, 1);
        for tally in [&one, &other, &one] {
            tally.write(&db).await.unwrap();
        }
        let counts = since(&db, day("2026-11-24")).await.unwrap();
        assert_eq!(counts[&(day("2026-11-24"), Measure::SignUps)], 7);
        assert_eq!(since(&db, day("2026-11-25")).await.unwrap().len(), 1);
    }
}
