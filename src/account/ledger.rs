//! An account's ledger: what its balance is made of (R140). Entries are numbered without gaps, in the order in which they
//! were posted; none is changed or deleted afterwards.

use crate::{
    db::{Db, DbError, statement, value::SurrealValue},
    words::{AccountId, Moment},
};

/// An entry of an account's ledger.
#[derive(Clone, Debug, SurrealValue)]
pub struct Entry {
    /// When it was posted.
    pub at: Moment,
    /// What for.
    pub text: String,
    /// How much, in cents.
    pub cents: i64,
    /// The balance after it, in cents.
    pub balance: i64,
    /// Its number, counted from the account's first entry, which is 1.
    pub line: i64,
    /// What it is called in the file that it came from.
    pub reference: Option<String>,
    /// Its day in the agency's books, as `YYYY-MM-DD`.
    pub book_day: Option<String>,
    /// The entry that it takes back.
    pub reverses: Option<i64>,
    /// The entry that takes it back.
    pub reversed_by: Option<i64>,
}

macro_rules! entry_columns {
    () => {
        "at, text, cents, balance, -record::id(id)[2] AS line, book_day, reverses, reversed_by,
    IF origin = 'file' { reference } ELSE { NONE } AS reference"
    };
}

statement! {
    Ledger { kind: String, number: String, from: i64, most: i64 } -> Vec<Entry>;
    reads ledger;
    concat!(
        "SELECT ", entry_columns!(),
        " FROM type::record('ledger', [$kind, $number, $from]..[$kind, $number, ..]) LIMIT $most",
    )
}

/// Entries of an account's ledger, newest first: at most `most`, from the one before this one on.
///
/// # Errors
/// When the database does not answer.
pub async fn ledger(db: &Db, id: &AccountId, before: Option<i64>, most: usize) -> Result<Vec<Entry>, DbError> {
    let newest = Ledger {
        kind: id.kind.clone(),
        number: id.number.digits(),
        from: before.map_or(i64::MIN, |before| 1_i64.saturating_sub(before)),
        most: i64::try_from(most).unwrap_or(i64::MAX),
    };
    db.ask(newest).await
}

statement! {
    Entries { kind: String, number: String, from: i64, to: i64 } -> Vec<Entry>;
    reads ledger;
    concat!(
        "SELECT ", entry_columns!(),
        " FROM type::record('ledger', [$kind, $number, $from]..=[$kind, $number, $to])",
    )
}

/// The entries from `first` to `last`, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn entries(db: &Db, id: &AccountId, first: i64, last: i64) -> Result<Vec<Entry>, DbError> {
    if last < first {
        return Ok(Vec::new());
    }
    db.ask(Entries { kind: id.kind.clone(), number: id.number.digits(), from: -last, to: -first }).await
}

statement! {
    EntryOfLine { kind: String, number: String, line: i64 } -> Option<Entry>;
    reads ledger;
    concat!("SELECT ", entry_columns!(), " FROM ONLY type::record('ledger', [$kind, $number, $line])")
}

/// One entry.
///
/// # Errors
/// When the database does not answer.
pub async fn entry(db: &Db, id: &AccountId, line: i64) -> Result<Option<Entry>, DbError> {
    db.ask(EntryOfLine { kind: id.kind.clone(), number: id.number.digits(), line: line.saturating_neg() }).await
}

/// The number of the newest entry: 0 when there is none.
pub(super) async fn newest_line(db: &Db, id: &AccountId) -> Result<i64, DbError> {
    Ok(ledger(db, id, None, 1).await?.first().map_or(0, |entry| entry.line))
}

/// How many entries were posted before a moment: found by halving, in some twenty reads of one record for a million.
///
/// # Errors
/// When the database does not answer.
pub async fn posted_before(db: &Db, id: &AccountId, moment: Moment) -> Result<i64, DbError> {
    let (mut least, mut most) = (0, newest_line(db, id).await?);
    while least < most {
        let middle = least + (most - least + 1) / 2;
        match entry(db, id, middle).await? {
            Some(entry) if entry.at < moment => least = middle,
            _ => most = middle - 1,
        }
    }
    Ok(least)
}

/// An entry of the seeds.
#[derive(Clone, Debug, serde::Deserialize)]
pub struct NewEntry {
    /// What for.
    pub text: String,
    /// How much, in cents.
    pub cents: i64,
}
