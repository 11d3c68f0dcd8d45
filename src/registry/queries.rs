//! Imports in the database.

use springboard_jobs::{Import as Work, ImportStep, Job};

use super::{Import, State, Subject, compare::Compared, reading::Counts};
use crate::{
    audit::{self, Deed},
    db::{Db, DbError, Query, Refusal, Transaction, statement},
    session::staff::By,
    words::{ImportId, Moment},
};

/// What starting to apply throws when another import was applied since this one was read.
pub const STALE: Refusal = Refusal::new("the registry changed since");

macro_rules! columns {
    () => {
        "record::id(id) AS id, subject, file, bytes, state, close_gone, lines, faults, fresh, changed, same, gone, applied,
    offset, said, author, author_name, created, since"
    };
}

fn enqueue(id: &ImportId, step: ImportStep) -> Transaction {
    Transaction::enqueue(Work { import: id.to_string(), step }.task())
}

statement! {
    Create {
        id: String, subject: Subject, file: String, bytes: i64, close_gone: bool, author: String, author_name: String, now: Moment,
    };
    writes import;
    changes Staff;
    "CREATE type::record('import', $id) SET subject = $subject, file = $file, bytes = $bytes, state = 'reading',
        close_gone = $close_gone, author = $author, author_name = $author_name, created = $now,
        since = $now, rank = -time::nano($now) RETURN NONE;"
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
    Create {
        id: id.to_string(),
        subject,
        file: file.chars().take(200).collect(),
        bytes: i64::try_from(bytes).unwrap_or(i64::MAX),
        close_gone,
        author: by.id.to_owned(),
        author_name: by.name.to_owned(),
        now,
    }
    .then(audit::row(now, by.id, Deed::BroughtImport, id.as_str(), file))
    .then(enqueue(id, ImportStep::Read))
    .run(db)
    .await
}

statement! {
    Find { id: String } -> Option<Import>;
    reads import;
    concat!("SELECT ", columns!(), " FROM ONLY type::record('import', $id)")
}

/// An import.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &Db, id: &ImportId) -> Result<Option<Import>, DbError> {
    if id.as_str().is_empty() {
        return Ok(None);
    }
    db.ask(Find { id: id.to_string() }).await
}

statement! {
    Latest { most: i64 } -> Vec<Import>;
    reads import;
    concat!("SELECT ", columns!(), ", rank FROM import WHERE rank < 0 ORDER BY rank LIMIT $most")
}

/// The latest imports, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn latest(db: &Db, most: i64) -> Result<Vec<Import>, DbError> {
    db.ask(Latest { most }).await
}

statement! {
    Version { counter: &'static str } -> Option<i64>;
    reads counter;
    "SELECT VALUE next FROM ONLY type::record('counter', $counter)"
}

/// What version of the accounts or the ledgers this is: each import that is applied makes another one.
///
/// # Errors
/// When the database does not answer.
pub async fn version(db: &Db, subject: Subject) -> Result<i64, DbError> {
    Ok(db.ask(Version { counter: counter(subject) }).await?.unwrap_or(0))
}

statement! {
    WasRead {
        id: String, lines: i64, faults: i64, fresh: i64, changed: i64, same: i64, gone: i64, version: i64, now: Moment,
    };
    writes import;
    changes Staff;
    "UPDATE type::record('import', $id) SET state = 'read', lines = $lines, faults = $faults,
        fresh = $fresh, changed = $changed, same = $same, gone = $gone, version = $version,
        since = $now WHERE state = 'reading' RETURN NONE;"
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
    WasRead { id: id.to_string(), lines, faults, fresh, changed, same, gone, version, now }.run(db).await
}

statement! {
    Unreadable { id: String, said: String, now: Moment };
    writes import;
    changes Staff;
    "UPDATE type::record('import', $id) SET state = 'unreadable', said = $said, since = $now
        WHERE state = 'reading' RETURN NONE;"
}

/// Notes that a file is none of a registry.
///
/// # Errors
/// When the database does not answer.
pub async fn unreadable(db: &Db, id: &ImportId, said: &str, now: Moment) -> Result<(), DbError> {
    Unreadable { id: id.to_string(), said: said.to_owned(), now }.run(db).await
}

statement! {
    // It refuses when the import did not stand where it was thought to, when what was compared changed since it was read,
    // or is being changed, or when whoever brought it is no longer on the staff.
    Begin { id: String, counter: &'static str, subject: Subject, author: String, now: Moment };
    reads counter, import, staff;
    writes import, counter;
    changes Staff;
    refuses STALE;
    "LET $moved = (UPDATE type::record('import', $id) SET state = 'applying', said = '', since = $now
        WHERE state = 'read' RETURN VALUE version);
     IF $moved = [] { THROW $STALE };
     LET $registry = type::record('counter', $counter);
     LET $present = (SELECT VALUE next FROM ONLY $registry) ?? 0;
     LET $others = (SELECT VALUE id FROM import WITH INDEX import_state
        WHERE state = 'applying' AND subject = $subject AND record::id(id) != $id);
     LET $active = (SELECT VALUE id FROM type::record('staff', $author) WHERE (status ?? 'active') = 'active');
     IF $moved[0] != $present OR $others != [] OR $active = [] { THROW $STALE };
     UPSERT $registry SET next = $present + 1 RETURN NONE;"
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
    let begin = Begin {
        id: import.id.clone(),
        counter: counter(import.subject),
        subject: import.subject,
        author: import.author.clone(),
        now,
    };
    begin
        .then(audit::row(now, by.id, Deed::AppliedImport, &import.id, &note))
        .then(enqueue(&id, ImportStep::Apply))
        .run(db)
        .await
}

/// The counter of a subject's versions: each import that is applied makes another one.
fn counter(subject: Subject) -> &'static str {
    match subject {
        Subject::Accounts => "registry",
        Subject::Ledger => "ledger",
    }
}

statement! {
    Cancel { id: String, from: State, now: Moment };
    writes import;
    changes Staff;
    refuses STALE;
    "LET $moved = (UPDATE type::record('import', $id) SET state = 'cancelled', said = '', since = $now
        WHERE state = $from RETURN VALUE version);
     IF $moved = [] { THROW $STALE };"
}

/// No more of an import's changes are applied.
///
/// # Errors
/// A refusal of [`STALE`] when it stands elsewhere by now.
pub async fn cancel(db: &Db, import: &Import, by: By<'_>, now: Moment) -> Result<(), DbError> {
    Cancel { id: import.id.clone(), from: import.state, now }
        .then(if import.state == State::Applying { ended(import.subject) } else { Transaction::default() })
        .then(audit::row(now, by.id, Deed::CancelledImport, &import.id, ""))
        .run(db)
        .await
}

statement! {
    Advance { id: String, from: i64, offset: i64, applied: i64, now: Moment };
    writes import;
    changes Staff;
    refuses STALE;
    "LET $advanced = (UPDATE type::record('import', $id) SET offset = $offset, applied += $applied, since = $now
        WHERE state = 'applying' AND offset = $from RETURN VALUE offset);
     IF $advanced = [] { THROW $STALE };"
}

/// Statements that move an import on by some changes, or throw [`STALE`] when it was cancelled or another job came so far:
/// they stand before the changes, in one transaction.
pub fn advance(import: &Import, offset: i64, applied: i64, now: Moment) -> Transaction {
    Advance { id: import.id.clone(), from: import.offset, offset, applied, now }.into()
}

statement! {
    NextVersion { counter: &'static str };
    writes counter;
    "UPDATE type::record('counter', $counter) SET next += 1 RETURN NONE;"
}

/// Statements that make another version of the registry: what was read while an import was applied is stale.
fn ended(subject: Subject) -> Transaction {
    NextVersion { counter: counter(subject) }.into()
}

statement! {
    // Another job may have come so far, or somebody cancelled it: then nothing is done.
    Applied { id: String, now: Moment };
    writes import;
    changes Staff;
    "LET $moved = (UPDATE type::record('import', $id) SET state = 'applied', said = '', since = $now
        WHERE state = 'applying' RETURN VALUE version);
     IF $moved = [] { RETURN NONE };"
}

/// Notes that all changes are applied.
///
/// # Errors
/// When the database does not answer.
pub async fn applied(db: &Db, import: &Import, now: Moment) -> Result<(), DbError> {
    Applied { id: import.id.clone(), now }.then(ended(import.subject)).run(db).await
}
