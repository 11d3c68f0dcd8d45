//! Letters in the room where they are printed: spooled, batched, printed, mailed, returned.

use crate::{
    db::{Db, DbError, Query, Transaction, statement, value::SurrealValue},
    words::{AccountId, AccountNumber, CodeId, LetterCode, Moment},
};

/// Where a letter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SurrealValue)]
#[surreal(untagged, rename_all = "lowercase")]
pub enum Stage {
    /// It waits for a batch.
    Spooled,
    /// It is in one.
    Batched,
    /// Its file was not in the spool when its batch was made.
    Missing,
    /// It is on paper.
    Printed,
    /// It left.
    Mailed,
    /// It came back.
    Returned,
}

impl Stage {
    /// Its name on pages.
    pub fn label(self) -> &'static str {
        match self {
            Self::Spooled => "waits for a batch",
            Self::Batched => "in a batch",
            Self::Missing => "not in the spool",
            Self::Printed => "printed",
            Self::Mailed => "mailed",
            Self::Returned => "returned",
        }
    }
}

/// A letter.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Its name.
    pub name: String,
    /// For which account.
    pub account: AccountId,
    /// The authorization code that it brings, if it does.
    pub code: Option<CodeId>,
    /// Where it stands.
    pub stage: Stage,
    /// Its place in its batch.
    pub place: i64,
    /// How many pages it has.
    pub pages: i64,
    /// When it was written.
    pub spooled: Moment,
    /// When it was mailed.
    pub mailed: Option<Moment>,
}

#[derive(SurrealValue)]
struct Row {
    name: String,
    kind: String,
    number: String,
    code: Option<String>,
    stage: Stage,
    place: Option<i64>,
    pages: Option<i64>,
    spooled: Moment,
    mailed: Option<Moment>,
}

macro_rules! columns {
    () => {
        "record::id(id) AS name, kind, number, code, stage, place, pages, spooled, mailed"
    };
}

fn read(row: Row) -> Result<Letter, DbError> {
    let number = AccountNumber::parse(&row.number).map_err(|_| DbError::Broken("a letter names no account".into()))?;
    Ok(Letter {
        name: row.name,
        account: AccountId::new(row.kind, number),
        code: row.code.map(CodeId::known),
        stage: row.stage,
        place: row.place.unwrap_or(0),
        pages: row.pages.unwrap_or(0),
        spooled: row.spooled,
        mailed: row.mailed,
    })
}

statement! {
    Waiting -> Option<i64>;
    reads letter;
    "SELECT VALUE count FROM (SELECT count() AS count FROM letter WITH INDEX letter_stage WHERE stage = 'spooled' GROUP ALL)"
}

/// How many letters wait for a batch.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting(db: &Db) -> Result<i64, DbError> {
    Ok(db.ask(Waiting {}).await?.unwrap_or(0))
}

statement! {
    Assign { batch: String, until: Moment, first: i64, most: i64 } -> Option<i64>;
    reads letter;
    writes letter;
    "LET $next = (SELECT VALUE [record::id(id), rank] FROM letter WITH INDEX letter_stage
        WHERE stage = 'spooled' AND rank <= time::nano($until) ORDER BY rank LIMIT $most);
     FOR $place IN 0..array::len($next) {
        UPDATE type::record('letter', $next[$place][0]) SET stage = 'batched', batch = $batch, place = $first + $place RETURN NONE;
     };
     RETURN array::len($next);"
}

/// Puts the oldest letters that wait, and were written until then, into a batch; returns how many. `first` is the place of
/// the first one.
///
/// # Errors
/// When the database does not answer.
pub async fn assign(db: &Db, batch: &str, until: Moment, first: i64, most: i64) -> Result<i64, DbError> {
    Ok(Assign { batch: batch.to_owned(), until, first, most }.run(db).await?.unwrap_or(0))
}

statement! {
    OfBatch { batch: String, last: i64, most: i64 } -> Vec<Row>;
    reads letter;
    concat!("SELECT ", columns!(), " FROM letter WITH INDEX letter_batch WHERE batch = $batch AND place > $last ORDER BY place LIMIT $most")
}

/// The letters of a batch after a place, in order.
///
/// # Errors
/// When the database does not answer.
pub async fn of_batch(db: &Db, batch: &str, after: i64, most: i64) -> Result<Vec<Letter>, DbError> {
    let rows = db.ask(OfBatch { batch: batch.to_owned(), last: after, most }).await?;
    rows.into_iter().map(read).collect()
}

statement! {
    Bars { batch: String, staff: String } -> Option<bool>;
    reads letter;
    "RETURN (SELECT VALUE place FROM letter WITH INDEX letter_batch WHERE batch = $batch AND place > 0 AND barred CONTAINS $staff LIMIT 1) != []"
}

/// Whether an employee may not take a batch into their hands: a letter in it brings a code that they asked for or approved.
///
/// # Errors
/// When the database does not answer.
pub async fn bars(db: &Db, batch: &str, staff: &str) -> Result<bool, DbError> {
    let bars = Bars { batch: batch.to_owned(), staff: staff.to_owned() };
    Ok(db.ask(bars).await?.unwrap_or(false))
}

statement! {
    WithCode { check: String } -> Option<Row>;
    reads letter;
    concat!("SELECT ", columns!(), " FROM letter WITH INDEX letter_check WHERE check = $check LIMIT 1")
}

/// The letter with this short code.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &Db, code: &LetterCode) -> Result<Option<Letter>, DbError> {
    let row = db.ask(WithCode { check: code.as_str().to_owned() }).await?;
    row.map(read).transpose()
}

statement! {
    Named { name: String } -> Option<Row>;
    reads letter;
    concat!("SELECT ", columns!(), " FROM ONLY type::record('letter', $name)")
}

/// The letter of this name.
///
/// # Errors
/// When the database does not answer.
pub async fn named(db: &Db, name: &str) -> Result<Option<Letter>, DbError> {
    if name.is_empty() {
        return Ok(None);
    }
    let row = db.ask(Named { name: name.to_owned() }).await?;
    row.map(read).transpose()
}

#[derive(SurrealValue)]
struct Counted {
    name: String,
    pages: Option<i64>,
}

statement! {
    CountPages { counted: Vec<Counted> };
    writes letter;
    "FOR $one IN $counted {
        UPDATE type::record('letter', $one.name) SET pages = $one.pages, stage = IF $one.pages = NONE { 'missing' } ELSE { 'batched' }
            WHERE stage IN ['batched', 'missing'] RETURN NONE;
     };"
}

/// Notes how many pages the letters of a batch have; none for one that is not in the spool.
pub fn counted(letters: Vec<(String, Option<i64>)>) -> Transaction {
    CountPages { counted: letters.into_iter().map(|(name, pages)| Counted { name, pages }).collect() }.into()
}

statement! {
    Printed { names: Vec<String>, at: Moment };
    writes letter;
    "FOR $name IN $names {
        UPDATE type::record('letter', $name) SET stage = 'printed', printed = $at WHERE stage = 'batched' RETURN NONE;
     };"
}

/// Notes that letters are on paper.
pub fn printed(names: Vec<String>, at: Moment) -> Transaction {
    Printed { names, at }.into()
}

statement! {
    Mailed { names: Vec<String>, at: Moment, expected: Moment };
    writes letter;
    "FOR $name IN $names {
        UPDATE type::record('letter', $name) SET stage = 'mailed', mailed = $at, expected = $expected, printed = printed ?? $at
            WHERE stage IN ['batched', 'printed'] RETURN NONE;
     };"
}

/// Notes that letters left, and when they are expected to arrive.
pub fn mailed(names: Vec<String>, at: Moment, expected: Moment) -> Transaction {
    Mailed { names, at, expected }.into()
}

statement! {
    Bar { name: String, staff: Vec<String> };
    writes letter;
    "UPDATE type::record('letter', $name) SET barred = $staff RETURN NONE;"
}

/// Bars staff members from handling a letter: they are not to hold what is in it in their hands.
pub fn bar(name: &str, staff: Vec<String>) -> Transaction {
    Bar { name: name.to_owned(), staff }.into()
}

statement! {
    Returned { name: String, at: Moment };
    writes letter;
    "LET $came_back = (UPDATE type::record('letter', $name) SET stage = 'returned', returned = $at
        WHERE stage != 'returned' RETURN VALUE stage);
     IF $came_back = [] { RETURN NONE };"
}

/// Notes that a letter came back. What stands behind this is done only the first time.
pub fn returned(name: &str, at: Moment) -> Transaction {
    Returned { name: name.to_owned(), at }.into()
}

statement! {
    Reprint { name: String, now: Moment };
    writes letter;
    "LET $reprinted = (UPDATE type::record('letter', $name) SET stage = 'spooled', batch = NONE, place = NONE,
        rank = time::nano($now), reprints = (reprints ?? 0) + 1
        WHERE stage IN ['batched', 'printed', 'missing'] RETURN VALUE stage);
     IF $reprinted = [] { RETURN NONE };"
}

/// Lets a letter wait for the next batch again: somebody wants it on paper once more. What stands behind this is done only
/// if it could.
pub fn reprint(name: &str, now: Moment) -> Transaction {
    Reprint { name: name.to_owned(), now }.into()
}
