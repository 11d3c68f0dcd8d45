//! Letters in the room where they are printed: spooled, batched, printed, mailed, returned.

use crate::{
    db::{Ask, Db, DbError, Piece, value::SurrealValue},
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

const FIELDS: &str = "record::id(id) AS name, kind, number, code, stage, place, pages, spooled, mailed";

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

/// How many letters wait for a batch.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting(db: &Db) -> Result<i64, DbError> {
    let ask = Ask::new(
        "SELECT VALUE count FROM (SELECT count() AS count FROM letter WITH INDEX letter_stage WHERE stage = 'spooled' GROUP ALL)",
    );
    Ok(db.ask(ask).await?.one(0)?.unwrap_or(0))
}

/// Puts the oldest letters that wait, and were written until then, into a batch; returns how many. `first` is the place of
/// the first one.
///
/// # Errors
/// When the database does not answer.
pub async fn assign(db: &Db, batch: &str, until: Moment, first: i64, most: i64) -> Result<i64, DbError> {
    let ask = Ask::new(
        "{
            LET $next = (SELECT VALUE [record::id(id), rank] FROM letter WITH INDEX letter_stage
                WHERE stage = 'spooled' AND rank <= time::nano($until) ORDER BY rank LIMIT $most);
            FOR $place IN 0..array::len($next) {
                UPDATE type::record('letter', $next[$place][0]) SET stage = 'batched', batch = $batch, place = $first + $place RETURN NONE;
            };
            RETURN array::len($next);
        }",
    )
    .with("batch", batch.to_owned())
    .with("until", until)
    .with("first", first)
    .with("most", most);
    Ok(db.ask(ask).await?.one(0)?.unwrap_or(0))
}

/// The letters of a batch after a place, in order.
///
/// # Errors
/// When the database does not answer.
pub async fn of_batch(db: &Db, batch: &str, after: i64, most: i64) -> Result<Vec<Letter>, DbError> {
    let text = format!(
        "RETURN (SELECT {FIELDS} FROM letter WITH INDEX letter_batch WHERE batch = $batch AND place > $after ORDER BY place LIMIT $most);"
    );
    let piece = Piece::new(text).with("batch", batch.to_owned()).with("after", after).with("most", most);
    let rows: Vec<Row> = piece.run(db).await?.all(0)?;
    rows.into_iter().map(read).collect()
}

/// Whether an employee may not take a batch into their hands: a letter in it brings a code that they asked for or approved.
///
/// # Errors
/// When the database does not answer.
pub async fn bars(db: &Db, batch: &str, staff: &str) -> Result<bool, DbError> {
    let ask = Ask::new(
        "RETURN (SELECT VALUE place FROM letter WITH INDEX letter_batch WHERE batch = $batch AND place > 0 AND barred CONTAINS $staff LIMIT 1) != []",
    );
    let ask = ask.with("batch", batch.to_owned()).with("staff", staff.to_owned());
    Ok(db.ask(ask).await?.one(0)?.unwrap_or(false))
}

/// The letter with this short code.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &Db, code: &LetterCode) -> Result<Option<Letter>, DbError> {
    let text = format!("RETURN (SELECT {FIELDS} FROM letter WITH INDEX letter_check WHERE check = $check LIMIT 1)[0];");
    let row: Option<Row> = Piece::new(text).with("check", code.as_str()).run(db).await?.one(0)?;
    row.map(read).transpose()
}

/// The letter of this name.
///
/// # Errors
/// When the database does not answer.
pub async fn named(db: &Db, name: &str) -> Result<Option<Letter>, DbError> {
    if name.is_empty() {
        return Ok(None);
    }
    let text = format!("RETURN (SELECT {FIELDS} FROM ONLY type::record('letter', $name));");
    let row: Option<Row> = Piece::new(text).with("name", name.to_owned()).run(db).await?.one(0)?;
    row.map(read).transpose()
}

#[derive(SurrealValue)]
struct Counted {
    name: String,
    pages: Option<i64>,
}

/// Notes how many pages the letters of a batch have; none for one that is not in the spool.
pub fn counted(letters: Vec<(String, Option<i64>)>) -> Piece {
    let counted: Vec<Counted> = letters.into_iter().map(|(name, pages)| Counted { name, pages }).collect();
    Piece::new(
        "FOR $one IN $counted {
            UPDATE type::record('letter', $one.name) SET pages = $one.pages, stage = IF $one.pages = NONE { 'missing' } ELSE { 'batched' }
                WHERE stage IN ['batched', 'missing'] RETURN NONE;
        };",
    )
    .with("counted", counted)
}

#[derive(SurrealValue)]
struct Marked {
    names: Vec<String>,
    at: Moment,
    expected: Option<Moment>,
}

/// Notes that letters are on paper.
pub fn printed(names: Vec<String>, at: Moment) -> Piece {
    Piece::new(
        "FOR $name IN $printed.names {
            UPDATE type::record('letter', $name) SET stage = 'printed', printed = $printed.at WHERE stage = 'batched' RETURN NONE;
        };",
    )
    .with("printed", Marked { names, at, expected: None })
}

/// Notes that letters left, and when they are expected to arrive.
pub fn mailed(names: Vec<String>, at: Moment, expected: Moment) -> Piece {
    Piece::new(
        "FOR $name IN $mailed.names {
            UPDATE type::record('letter', $name) SET stage = 'mailed', mailed = $mailed.at, expected = $mailed.expected,
                printed = printed ?? $mailed.at WHERE stage IN ['batched', 'printed'] RETURN NONE;
        };",
    )
    .with("mailed", Marked { names, at, expected: Some(expected) })
}

/// Notes that a letter came back. What stands behind these statements is done only the first time.
pub fn returned(name: &str, at: Moment) -> Piece {
    Piece::new(
        "LET $came_back = (UPDATE type::record('letter', $returned.names[0]) SET stage = 'returned', returned = $returned.at
            WHERE stage != 'returned' RETURN VALUE stage);
         IF $came_back = [] { RETURN NONE };",
    )
        .with("returned", Marked { names: vec![name.to_owned()], at, expected: None })
}

/// Lets a letter wait for the next batch again: somebody wants it on paper once more. What stands behind these statements
/// is done only if it could.
pub fn reprint(name: &str, now: Moment) -> Piece {
    Piece::new(
        "LET $reprinted = (UPDATE type::record('letter', $again.names[0]) SET stage = 'spooled', batch = NONE, place = NONE,
            rank = time::nano($again.at), reprints = (reprints ?? 0) + 1
            WHERE stage IN ['batched', 'printed', 'missing'] RETURN VALUE stage);
         IF $reprinted = [] { RETURN NONE };",
    )
    .with("again", Marked { names: vec![name.to_owned()], at: now, expected: None })
}
