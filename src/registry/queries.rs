//! Imports in the database.

use springboard_jobs::{Import as Work, ImportStep, Job};

use super::{Import, State, Subject, compare::Compared, reading::Counts};
use crate::{
    audit::{self, Deed},
    db::{Ask, Db, DbError, Piece, value::SurrealValue},
    session::staff::By,
    words::{ImportId, Moment},
};

/// What starting to apply throws when another import was applied since this one was read.
pub const STALE: &str = "the registry changed since";

const FIELDS: &str =
    "record::id(id) AS id, subject, file, bytes, state, close_gone, lines, faults, fresh, changed, same, gone, applied,
    offset, said, author, author_name, created, since";

fn enqueue(id: &ImportId, step: ImportStep) -> Piece {
    Piece::enqueue("import_work", Work { import: id.to_string(), step }.task())
}

#[derive(SurrealValue)]
struct New {
    id: String,
    subject: Subject,
    file: String,
    bytes: i64,
    close_gone: bool,
    author: String,
    author_name: String,
    now: Moment,
}

/// Writes an import whose file is there; it is read by a job.
///
/// # Errors
/// When the database does not answer.
pub async fn create(
    db: &Db,
    id: &ImportId,
    (file, bytes): (&str, u64),
    (subject, close_gone): (Subject, bool),
    by: By<'_>,
    now: Moment,
) -> Result<(), DbError> {
    let new = New {
        id: id.to_string(),
        subject,
        file: file.chars().take(200).collect(),
        bytes: i64::try_from(bytes).unwrap_or(i64::MAX),
        close_gone,
        author: by.id.to_owned(),
        author_name: by.name.to_owned(),
        now,
    };
    Piece::new(
        "CREATE type::record('import', $import.id) SET subject = $import.subject, file = $import.file, bytes = $import.bytes, state = 'reading',
            close_gone = $import.close_gone, author = $import.author, author_name = $import.author_name, created = $import.now,
            since = $import.now, rank = -time::nano($import.now) RETURN NONE;
         fn::wake('staff', 'facts');",
    )
    .with("import", new)
    .then(audit::row(now, by.id, Deed::BroughtImport, id.as_str(), file))
    .then(enqueue(id, ImportStep::Read))
    .run(db)
    .await
    .map(drop)
}

/// An import.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &Db, id: &ImportId) -> Result<Option<Import>, DbError> {
    if id.as_str().is_empty() {
        return Ok(None);
    }
    let text = format!("RETURN (SELECT {FIELDS} FROM ONLY type::record('import', $id));");
    Piece::new(text).with("id", id.as_str()).run(db).await?.one(0)
}

/// The latest imports, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn latest(db: &Db, most: i64) -> Result<Vec<Import>, DbError> {
    let text = format!("RETURN (SELECT {FIELDS}, rank FROM import WHERE rank < 0 ORDER BY rank LIMIT $most);");
    Piece::new(text).with("most", most).run(db).await?.all(0)
}

/// What version of the accounts or the ledgers this is: each import that is applied makes another one.
///
/// # Errors
/// When the database does not answer.
pub async fn version(db: &Db, subject: Subject) -> Result<i64, DbError> {
    let ask =
        Ask::new("SELECT VALUE next FROM ONLY type::record('counter', $counter)").with("counter", counter(subject));
    Ok(db.ask(ask).await?.one(0)?.unwrap_or(0))
}

#[derive(SurrealValue)]
struct Found {
    id: String,
    lines: i64,
    faults: i64,
    fresh: i64,
    changed: i64,
    same: i64,
    gone: i64,
    version: i64,
    now: Moment,
}

/// Notes what reading and comparing found.
///
/// # Errors
/// When the database does not answer.
pub async fn was_read(
    db: &Db,
    id: &ImportId,
    read: Counts,
    compared: Compared,
    version: i64,
    now: Moment,
) -> Result<(), DbError> {
    let Compared { fresh, changed, same, gone } = compared;
    let Counts { lines, faults, .. } = read;
    let found = Found { id: id.to_string(), lines, faults, fresh, changed, same, gone, version, now };
    Piece::new(
        "UPDATE type::record('import', $found.id) SET state = 'read', lines = $found.lines, faults = $found.faults,
            fresh = $found.fresh, changed = $found.changed, same = $found.same, gone = $found.gone, version = $found.version,
            since = $found.now WHERE state = 'reading' RETURN NONE;
         fn::wake('staff', 'facts');",
    )
    .with("found", found)
    .run(db)
    .await
    .map(drop)
}

#[derive(SurrealValue)]
struct Stands {
    id: String,
    from: State,
    state: State,
    said: String,
    now: Moment,
}

fn stands(id: &ImportId, from: State, state: State, said: &str, now: Moment) -> Piece {
    let values = Stands { id: id.to_string(), from, state, said: said.to_owned(), now };
    Piece::new(
        "LET $moved = (UPDATE type::record('import', $stands.id) SET state = $stands.state, said = $stands.said, since = $stands.now
            WHERE state = $stands.from RETURN VALUE version);
         fn::wake('staff', 'facts');",
    )
    .with("stands", values)
}

/// Statements that throw [`STALE`] when an import did not stand where it was thought to.
fn moved() -> Piece {
    Piece::new(format!("IF $moved = [] {{ THROW '{STALE}' }};"))
}

/// Notes that a file is none of a registry.
///
/// # Errors
/// When the database does not answer.
pub async fn unreadable(db: &Db, id: &ImportId, said: &str, now: Moment) -> Result<(), DbError> {
    stands(id, State::Reading, State::Unreadable, said, now).run(db).await.map(drop)
}

/// Begins to apply an import, if it stands as it was read.
///
/// # Errors
/// A refusal of [`STALE`] when another one was applied since.
pub async fn apply(db: &Db, import: &Import, by: By<'_>, now: Moment) -> Result<(), DbError> {
    let id = ImportId::known(import.id.clone());
    let note = match import.subject {
        Subject::Accounts => {
            let closed = import.changes() - import.fresh - import.changed;
            format!("{} new, {} changed, {closed} closed", import.fresh, import.changed)
        }
        Subject::Ledger => format!("{} ledger entries", import.fresh),
    };
    stands(&id, State::Read, State::Applying, "", now)
        .then(moved())
        .then(begun(import))
        .then(audit::row(now, by.id, Deed::AppliedImport, &import.id, &note))
        .then(enqueue(&id, ImportStep::Apply))
        .run(db)
        .await
        .map(drop)
}

#[derive(SurrealValue)]
struct Begun {
    counter: String,
    subject: Subject,
    author: String,
}

/// The counter of a subject's versions: each import that is applied makes another one.
fn counter(subject: Subject) -> &'static str {
    match subject {
        Subject::Accounts => "registry",
        Subject::Ledger => "ledger",
    }
}

/// Statements that throw [`STALE`] when what was compared changed since the import was read, or is being changed, or
/// whoever brought it is no longer on the staff.
fn begun(import: &Import) -> Piece {
    let values =
        Begun { counter: counter(import.subject).into(), subject: import.subject, author: import.author.clone() };
    Piece::new(format!(
        "LET $registry = type::record('counter', $begun.counter);
         LET $present = (SELECT VALUE next FROM ONLY $registry) ?? 0;
         LET $others = (SELECT VALUE id FROM import WITH INDEX import_state
            WHERE state = 'applying' AND subject = $begun.subject AND record::id(id) != $stands.id);
         LET $author = (SELECT VALUE id FROM type::record('staff', $begun.author) WHERE (status ?? 'active') = 'active');
         IF $moved[0] != $present OR $others != [] OR $author = [] {{ THROW '{STALE}' }};
         UPSERT $registry SET next = $present + 1 RETURN NONE;"
    ))
    .with("begun", values)
}

/// No more of an import's changes are applied.
///
/// # Errors
/// A refusal of [`STALE`] when it stands elsewhere by now.
pub async fn cancel(db: &Db, import: &Import, by: By<'_>, now: Moment) -> Result<(), DbError> {
    stands(&ImportId::known(import.id.clone()), import.state, State::Cancelled, "", now)
        .then(moved())
        .then(if import.state == State::Applying { ended(import.subject) } else { Piece::default() })
        .then(audit::row(now, by.id, Deed::CancelledImport, &import.id, ""))
        .run(db)
        .await
        .map(drop)
}

#[derive(SurrealValue)]
struct Step {
    id: String,
    before: i64,
    offset: i64,
    applied: i64,
    now: Moment,
}

/// Statements that move an import on by some changes, or throw [`STALE`] when it was cancelled or another job came so far:
/// they stand before the changes, in one transaction.
pub fn advance(import: &Import, offset: i64, applied: i64, now: Moment) -> Piece {
    let step = Step { id: import.id.clone(), before: import.offset, offset, applied, now };
    Piece::new(format!(
        "LET $advanced = (UPDATE type::record('import', $step.id) SET offset = $step.offset, applied += $step.applied, since = $step.now
            WHERE state = 'applying' AND offset = $step.before RETURN VALUE offset);
         IF $advanced = [] {{ THROW '{STALE}' }};
         fn::wake('staff', 'facts');"
    ))
    .with("step", step)
}

/// Statements that make another version of the registry: what was read while an import was applied is stale.
fn ended(subject: Subject) -> Piece {
    Piece::new("UPDATE type::record('counter', $ended_counter) SET next += 1 RETURN NONE;")
        .with("ended_counter", counter(subject))
}

/// Notes that all changes are applied.
///
/// # Errors
/// When the database does not answer.
pub async fn applied(db: &Db, import: &Import, now: Moment) -> Result<(), DbError> {
    let id = ImportId::known(import.id.clone());
    // Another job may have come so far, or somebody cancelled it.
    stands(&id, State::Applying, State::Applied, "", now)
        .then(Piece::new("IF $moved = [] { RETURN NONE };"))
        .then(ended(import.subject))
        .run(db)
        .await
        .map(drop)
}
