//! Batches in the database.

use chrono::NaiveDate;
use springboard_jobs::{Batch as Work, BatchStep, Job};

use super::{Batch, State};
use crate::{
    account,
    audit::{self, Deed},
    authorization_code::{self, acts, ending},
    db::{Db, DbError, Query, Topic, Transaction, statement, unless_moved},
    letter::room::{self, Letter},
    people::recovery_letter,
    post::batch::Written,
    session::staff::By,
    words::Moment,
};

macro_rules! columns {
    () => {
        "record::id(id) AS name, state, letters, missing, pages, bytes, hash, by_name, created, printed, mailed, handed"
    };
}

fn enqueue(name: &str, step: BatchStep, round: i64) -> Transaction {
    Transaction::enqueue(Work { batch: name.to_owned(), step, round }.task())
}

/// The name of a day's batch.
pub fn name(day: NaiveDate, number: i64) -> String {
    format!("{day}-{number}")
}

statement! {
    OfDay { day: String } -> Option<i64>;
    reads counter;
    "SELECT VALUE next FROM ONLY type::record('counter', $day)"
}

/// How many batches a day has.
///
/// # Errors
/// When the database does not answer.
pub async fn of_day(db: &Db, day: NaiveDate) -> Result<i64, DbError> {
    Ok(db.ask(OfDay { day: format!("batches of {day}") }).await?.unwrap_or(0))
}

statement! {
    HadMorning { day: String } -> Option<bool>;
    reads counter;
    "RETURN record::exists(type::record('counter', $day))"
}

/// Whether a day's morning asked for its batch.
///
/// # Errors
/// When the database does not answer.
pub async fn had_morning(db: &Db, day: NaiveDate) -> Result<bool, DbError> {
    Ok(db.ask(HadMorning { day: format!("morning of {day}") }).await?.unwrap_or(false))
}

statement! {
    Morning { day: String };
    writes counter;
    "UPSERT type::record('counter', $day) SET next = 1 RETURN NONE;"
}

/// Notes that a day's morning asked for its batch.
fn morning(day: NaiveDate) -> Transaction {
    Morning { day: format!("morning of {day}") }.into()
}

statement! {
    HandedOver { name: String };
    writes batch;
    "UPDATE type::record('batch', $name) SET handed = true RETURN NONE;"
}

/// Notes that a batch is in the print provider's folder.
///
/// # Errors
/// When the database does not answer.
pub async fn handed_over(db: &Db, name: &str) -> Result<(), DbError> {
    HandedOver { name: name.to_owned() }.run(db).await
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
}

statement! {
    AskFor { name: String, day: String, number: i64, by_name: Option<String>, now: Moment };
    reads batch;
    writes batch, counter;
    changes Staff;
    "LET $there = type::record('batch', $name);
     IF record::exists($there) { RETURN NONE };
     CREATE $there SET state = 'making', by_name = $by_name, created = $now, rank = -time::nano($now) RETURN NONE;
     UPSERT type::record('counter', $day) SET next = $number RETURN NONE;"
}

/// Asks for a day's next batch, unless somebody did meanwhile; a job makes it.
///
/// # Errors
/// When the database does not answer.
pub async fn ask_for(db: &Db, day: NaiveDate, number: i64, by: Option<By<'_>>, now: Moment) -> Result<String, DbError> {
    let name = name(day, number);
    AskFor {
        name: name.clone(),
        day: format!("batches of {day}"),
        number,
        by_name: by.map(|by| by.name.to_owned()),
        now,
    }
    .then(if by.is_none() { morning(day) } else { Transaction::default() })
    .then(audit::row(now, by.map_or("", |by| by.id), Deed::AskedForBatch, &name, ""))
    .then(enqueue(&name, BatchStep::Make, 0))
    .run(db)
    .await?;
    Ok(name)
}

statement! {
    One { name: String } -> Option<Batch>;
    reads batch;
    concat!("SELECT ", columns!(), " FROM ONLY type::record('batch', $name)")
}

/// One batch.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &Db, name: &str) -> Result<Option<Batch>, DbError> {
    if name.is_empty() {
        return Ok(None);
    }
    db.ask(One { name: name.to_owned() }).await
}

statement! {
    Latest { most: i64 } -> Vec<Batch>;
    reads batch;
    concat!("SELECT ", columns!(), ", rank FROM batch WHERE rank < 0 ORDER BY rank LIMIT $most")
}

/// The latest batches, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn latest(db: &Db, most: i64) -> Result<Vec<Batch>, DbError> {
    db.ask(Latest { most }).await
}

statement! {
    Made { name: String, letters: i64, missing: i64, pages: i64, bytes: i64, hash: String };
    writes batch;
    changes Staff;
    "UPDATE type::record('batch', $name) SET state = 'made', letters = $letters, missing = $missing, pages = $pages,
        bytes = $bytes, hash = $hash WHERE state = 'making' RETURN NONE;"
}

fn integer(count: impl TryInto<i64>) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}

/// Notes that a batch is made.
///
/// # Errors
/// When the database does not answer.
pub async fn made(db: &Db, name: &str, written: &Written, letters: i64, missing: i64) -> Result<(), DbError> {
    Made {
        name: name.to_owned(),
        letters,
        missing,
        pages: integer(written.pages),
        bytes: integer(written.bytes),
        hash: written.hash.clone(),
    }
    .run(db)
    .await
}

statement! {
    MarkPrinted { name: String, now: Moment };
    writes batch;
    changes Staff;
    "LET $marked = (UPDATE type::record('batch', $name) SET state = 'printed', printed = $now
        WHERE state IN ['made'] RETURN VALUE state);
     IF $marked = [] { RETURN NONE };"
}

statement! {
    MarkMailed { name: String, now: Moment };
    writes batch;
    changes Staff;
    "LET $marked = (UPDATE type::record('batch', $name) SET state = 'mailed', mailed = $now, printed = printed ?? $now
        WHERE state IN ['made', 'printed'] RETURN VALUE state);
     IF $marked = [] { RETURN NONE };"
}

/// Marks a batch as printed or mailed, by an employee or by the printer's own word; a job tells its letters.
///
/// # Errors
/// When the database does not answer.
pub async fn mark(db: &Db, name: &str, state: State, by: &str, now: Moment) -> Result<(), DbError> {
    let batch = name.to_owned();
    let (mark, step, deed): (Transaction, _, _) = match state {
        State::Mailed => (MarkMailed { name: batch, now }.into(), BatchStep::Mailed, Deed::MarkedBatchMailed),
        _ => (MarkPrinted { name: batch, now }.into(), BatchStep::Printed, Deed::MarkedBatchPrinted),
    };
    mark.then(audit::row(now, by, deed, name, "")).then(enqueue(name, step, 0)).run(db).await
}

/// Notes that a letter came back: its code is void, whoever asked for it is told, and the address on record is in doubt.
///
/// # Errors
/// When the database does not answer.
pub async fn returned(db: &Db, letter: &Letter, by: &str, now: Moment) -> Result<(), DbError> {
    unless_moved(authorization_code::MOVED, || async {
        let code = match &letter.code {
            Some(code) => ending::returned(db, code, now).await?.then(acts::tell_of_return(code, now)),
            None => Transaction::default(),
        };
        room::returned(&letter.name, now)
            .then(code)
            .then(recovery_letter::returned(&letter.name))
            .then(account::address::is_faulty(&letter.account, &letter.name, now))
            .then(audit::row(now, by, Deed::MarkedLetterReturned, &letter.account.key(), &letter.name))
            .changes([Topic::Staff])
            .run(db)
            .await
    })
    .await
}

/// Hands a batch over to the printer once more.
///
/// # Errors
/// When the database does not answer.
pub async fn hand_over_again(db: &Db, name: &str, by: By<'_>, now: Moment) -> Result<(), DbError> {
    audit::row(now, by.id, Deed::HandedBatchOverAgain, name, "").run(db).await
}

/// Lets a letter be printed with the next batch once more.
///
/// # Errors
/// When the database does not answer.
pub async fn reprint(db: &Db, letter: &Letter, by: By<'_>, now: Moment) -> Result<(), DbError> {
    room::reprint(&letter.name, now)
        .then(audit::row(now, by.id, Deed::ReprintedLetter, &letter.account.key(), &letter.name))
        .changes([Topic::Staff])
        .run(db)
        .await
}
