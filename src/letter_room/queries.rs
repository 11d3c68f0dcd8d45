//! Batches in the database.

use chrono::NaiveDate;
use springboard_jobs::{Batch as Work, BatchStep, Job};

use super::{Batch, State};
use crate::{
    account,
    audit::{self, Deed},
    authorization_code::acts,
    db::{Ask, Db, DbError, Piece, value::SurrealValue},
    letter::room::{self, Letter},
    people::recovery_letter,
    post::batch::Written,
    session::staff::By,
    words::Moment,
};

const FIELDS: &str =
    "record::id(id) AS name, state, letters, missing, pages, bytes, hash, by_name, created, printed, mailed, handed";

fn enqueue(name: &str, step: BatchStep, round: i64) -> Piece {
    Piece::enqueue("batch_work", Work { batch: name.to_owned(), step, round }.task())
}

/// The name of a day's batch.
pub fn name(day: NaiveDate, number: i64) -> String {
    format!("{day}-{number}")
}

/// How many batches a day has.
///
/// # Errors
/// When the database does not answer.
pub async fn of_day(db: &Db, day: NaiveDate) -> Result<i64, DbError> {
    let ask =
        Ask::new("SELECT VALUE next FROM ONLY type::record('counter', $day)").with("day", format!("batches of {day}"));
    Ok(db.ask(ask).await?.one(0)?.unwrap_or(0))
}

#[derive(SurrealValue)]
struct New {
    name: String,
    day: String,
    number: i64,
    by_name: Option<String>,
    now: Moment,
}

/// Whether a day's morning asked for its batch.
///
/// # Errors
/// When the database does not answer.
pub async fn had_morning(db: &Db, day: NaiveDate) -> Result<bool, DbError> {
    let ask = Ask::new("RETURN record::exists(type::record('counter', $day))").with("day", format!("morning of {day}"));
    Ok(db.ask(ask).await?.one(0)?.unwrap_or(false))
}

/// Statements that note that a day's morning asked for its batch.
fn morning(day: NaiveDate) -> Piece {
    Piece::new("UPSERT type::record('counter', $morning) SET next = 1 RETURN NONE;")
        .with("morning", format!("morning of {day}"))
}

/// Notes that a batch is in the print provider's folder.
///
/// # Errors
/// When the database does not answer.
pub async fn handed_over(db: &Db, name: &str) -> Result<(), DbError> {
    Piece::new("UPDATE type::record('batch', $handed_batch) SET handed = true RETURN NONE;")
        .with("handed_batch", name.to_owned())
        .run(db)
        .await
        .map(drop)
}

/// Has a batch's last step done again: its job was given up.
///
/// # Errors
/// When the database does not answer.
pub async fn try_again(db: &Db, batch: &Batch, by: By<'_>, now: Moment) -> Result<(), DbError> {
    let step = match batch.state {
        State::Making | State::Made => BatchStep::Make,
        State::Printed => BatchStep::Printed,
        State::Mailed => BatchStep::Mailed,
    };
    audit::row(now, by.id, Deed::TriedBatchAgain, &batch.name, batch.state.label())
        .then(enqueue(&batch.name, step, now.timestamp_millis()))
        .run(db)
        .await
        .map(drop)
}

/// Asks for a day's next batch, unless somebody did meanwhile; a job makes it.
///
/// # Errors
/// When the database does not answer.
pub async fn ask_for(db: &Db, day: NaiveDate, number: i64, by: Option<By<'_>>, now: Moment) -> Result<String, DbError> {
    let name = name(day, number);
    let new = New {
        name: name.clone(),
        day: format!("batches of {day}"),
        number,
        by_name: by.map(|by| by.name.to_owned()),
        now,
    };
    Piece::new(
        "LET $there = type::record('batch', $batch.name);
         IF record::exists($there) { RETURN NONE };
         CREATE $there SET state = 'making', by_name = $batch.by_name, created = $batch.now, rank = -time::nano($batch.now) RETURN NONE;
         UPSERT type::record('counter', $batch.day) SET next = $batch.number RETURN NONE;
         fn::wake('staff', 'facts');",
    )
    .with("batch", new)
    .then(if by.is_none() { morning(day) } else { Piece::default() })
    .then(audit::row(now, by.map_or("", |by| by.id), Deed::AskedForBatch, &name, ""))
    .then(enqueue(&name, BatchStep::Make, 0))
    .run(db)
    .await?;
    Ok(name)
}

/// One batch.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &Db, name: &str) -> Result<Option<Batch>, DbError> {
    if name.is_empty() {
        return Ok(None);
    }
    let text = format!("RETURN (SELECT {FIELDS} FROM ONLY type::record('batch', $name));");
    Piece::new(text).with("name", name.to_owned()).run(db).await?.one(0)
}

/// The latest batches, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn latest(db: &Db, most: i64) -> Result<Vec<Batch>, DbError> {
    let text = format!("RETURN (SELECT {FIELDS}, rank FROM batch WHERE rank < 0 ORDER BY rank LIMIT $most);");
    Piece::new(text).with("most", most).run(db).await?.all(0)
}

#[derive(SurrealValue)]
struct Made {
    name: String,
    letters: i64,
    missing: i64,
    pages: i64,
    bytes: i64,
    hash: String,
}

fn integer(count: impl TryInto<i64>) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}

/// Notes that a batch is made.
///
/// # Errors
/// When the database does not answer.
pub async fn made(db: &Db, name: &str, written: &Written, letters: i64, missing: i64) -> Result<(), DbError> {
    let made = Made {
        name: name.to_owned(),
        letters,
        missing,
        pages: integer(written.pages),
        bytes: integer(written.bytes),
        hash: written.hash.clone(),
    };
    Piece::new(
        "UPDATE type::record('batch', $made.name) SET state = 'made', letters = $made.letters, missing = $made.missing,
            pages = $made.pages, bytes = $made.bytes, hash = $made.hash WHERE state = 'making' RETURN NONE;
         fn::wake('staff', 'facts');",
    )
    .with("made", made)
    .run(db)
    .await
    .map(drop)
}

#[derive(SurrealValue)]
struct Mark {
    name: String,
    now: Moment,
}

/// Marks a batch as printed or mailed, by an employee or by the printer's own word; a job tells its letters.
///
/// # Errors
/// When the database does not answer.
pub async fn mark(db: &Db, name: &str, state: State, by: &str, now: Moment) -> Result<(), DbError> {
    let (before, field, step, deed) = match state {
        State::Mailed => ("['made', 'printed']", "mailed", BatchStep::Mailed, Deed::MarkedBatchMailed),
        _ => ("['made']", "printed", BatchStep::Printed, Deed::MarkedBatchPrinted),
    };
    Piece::new(format!(
        "LET $marked = (UPDATE type::record('batch', $mark.name) SET state = '{field}', {field} = $mark.now, printed = printed ?? $mark.now
            WHERE state IN {before} RETURN VALUE state);
         IF $marked = [] {{ RETURN NONE }};
         fn::wake('staff', 'facts');"
    ))
    .with("mark", Mark { name: name.to_owned(), now })
    .then(audit::row(now, by, deed, name, ""))
    .then(enqueue(name, step, 0))
    .run(db)
    .await
    .map(drop)
}

/// Notes that a letter came back: its code is void, whoever asked for it is told, and the address on record is in doubt.
///
/// # Errors
/// When the database does not answer.
pub async fn returned(db: &Db, letter: &Letter, by: &str, now: Moment) -> Result<(), DbError> {
    let code = letter.code.as_ref().map(|code| acts::returned(code, now)).unwrap_or_default();
    let told = match &letter.code {
        Some(code) => acts::tell_of_return(code, now),
        None => Piece::default(),
    };
    room::returned(&letter.name, now)
        .then(code)
        .then(recovery_letter::returned(&letter.name))
        .then(account::address::is_faulty(&letter.account, &letter.name, now))
        .then(audit::row(now, by, Deed::MarkedLetterReturned, &letter.account.key(), &letter.name))
        .then(told)
        .then(Piece::new("fn::wake('staff', 'facts');"))
        .run(db)
        .await
        .map(drop)
}

/// Hands a batch over to the printer once more.
///
/// # Errors
/// When the database does not answer.
pub async fn hand_over_again(db: &Db, name: &str, by: By<'_>, now: Moment) -> Result<(), DbError> {
    audit::row(now, by.id, Deed::HandedBatchOverAgain, name, "").run(db).await.map(drop)
}

/// Lets a letter be printed with the next batch once more.
///
/// # Errors
/// When the database does not answer.
pub async fn reprint(db: &Db, letter: &Letter, by: By<'_>, now: Moment) -> Result<(), DbError> {
    room::reprint(&letter.name, now)
        .then(audit::row(now, by.id, Deed::ReprintedLetter, &letter.account.key(), &letter.name))
        .then(Piece::new("fn::wake('staff', 'facts');"))
        .run(db)
        .await
        .map(drop)
}
