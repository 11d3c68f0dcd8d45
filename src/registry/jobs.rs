//! Reading and applying imports.

use std::{
    fs::File,
    io::{self, BufReader, Seek, SeekFrom},
};

use serde::de::DeserializeOwned;
use springboard_jobs::{Import as Work, ImportStep, Outcome, Verdict};

use super::{
    Files, Import, State, Subject,
    compare::{self, Change, Uncompared},
    entries::{self, EntryLine},
    queries,
    reading::{self, Unread},
    sorting::Lines,
    source::Line,
    workbook,
};
use crate::{
    account::{self, Put, Status},
    db::{DbError, Transaction},
    http::Portal,
    words::{ImportId, Moment},
};

/// Changes of one transaction.
const AT_ONCE: usize = 500;

fn again(fault: DbError) -> Verdict {
    Verdict::Again(fault.to_string())
}

fn disk(fault: &io::Error) -> Verdict {
    Verdict::Again(format!("the disk refuses: {fault}"))
}

/// Reads or applies an import. Safe to run twice: reading begins anew, applying goes on where it was.
///
/// # Errors
/// Whether it may be tried again.
pub async fn work(portal: &Portal, work: Work) -> Outcome {
    let id = ImportId::known(work.import);
    let Some(import) = queries::find(&portal.db, &id).await.map_err(again)? else {
        return Err(Verdict::Never("the import is gone".into()));
    };
    match (work.step, import.state) {
        (ImportStep::Read, State::Reading) => read(portal, &id, import.subject).await,
        (ImportStep::Apply, State::Applying) => apply(portal, &id).await,
        _ => Ok(()),
    }
}

async fn read(portal: &Portal, id: &ImportId, subject: Subject) -> Outcome {
    let (files, agency) = (Files::of(portal, id), portal.agency().clone());
    let source = match workbook::table_of(&files, &portal.program).await.map_err(|fault| disk(&fault))? {
        Ok(source) => source,
        Err(sentence) => return queries::unreadable(&portal.db, id, &sentence, portal.now()).await.map_err(again),
    };
    let sorted = tokio::task::spawn_blocking(move || match subject {
        Subject::Accounts => reading::sort(&files, &source, &agency),
        Subject::Ledger => entries::read(&files, &source, &agency),
    });
    let mut counts = match sorted.await.map_err(|fault| Verdict::Again(fault.to_string()))? {
        Ok(counts) => counts,
        Err(Unread::Disk(fault)) => return Err(disk(&fault)),
        Err(Unread::Unreadable(sentence)) => {
            return queries::unreadable(&portal.db, id, &sentence, portal.now()).await.map_err(again);
        }
    };
    let version = queries::version(&portal.db, subject).await.map_err(again)?;
    // It reads and writes hundreds of megabytes, and waits for the database now and then: on a thread that may block.
    let (files, db, runtime) = (Files::of(portal, id), portal.db.clone(), tokio::runtime::Handle::current());
    let compared = tokio::task::spawn_blocking(move || {
        runtime.block_on(async {
            let compared = match subject {
                Subject::Accounts => compare::compare(&db, &files, counts.unnamed == 0).await,
                Subject::Ledger => entries::compare(&db, &files, &mut counts).await,
            };
            compared.map(|compared| (compared, counts))
        })
    });
    let (compared, counts) =
        compared.await.map_err(|fault| Verdict::Again(fault.to_string()))?.map_err(|fault| match fault {
            Uncompared::Disk(fault) => disk(&fault),
            Uncompared::Db(fault) => again(fault),
        })?;
    queries::was_read(&portal.db, id, counts, compared, version, portal.now()).await.map_err(again)
}

/// How long the files of an import are kept: they hold names and addresses.
const KEPT: std::time::Duration = std::time::Duration::from_secs(30 * 24 * 3600);

/// Deletes the files of old imports.
///
/// # Errors
/// When the disk refuses.
pub async fn sweep(portal: &Portal) -> io::Result<()> {
    let folder = portal.data.join("imports");
    let work = move || {
        if !folder.exists() {
            return Ok(());
        }
        for entry in std::fs::read_dir(&folder)?.flatten() {
            let age = entry.metadata()?.modified()?.elapsed().unwrap_or_default();
            if age > KEPT {
                std::fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(())
    };
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

/// Some changes, and where the ones after them begin.
struct Part<T> {
    changes: Vec<T>,
    offset: i64,
}

/// Reads the next changes from here on.
fn part<T: DeserializeOwned>(files: &Files, offset: i64) -> io::Result<Part<T>> {
    let mut file = BufReader::new(File::open(files.changes())?);
    file.seek(SeekFrom::Start(u64::try_from(offset).unwrap_or(0)))?;
    let mut lines = Lines::<T>::of(file);
    let mut part = Part { changes: Vec::new(), offset };
    while part.changes.len() < AT_ONCE {
        let Some(change) = lines.next().transpose()? else { break };
        part.changes.push(change);
        part.offset += i64::try_from(lines.length()).unwrap_or(0);
    }
    Ok(part)
}

async fn apply(portal: &Portal, id: &ImportId) -> Outcome {
    loop {
        let found = queries::find(&portal.db, id).await.map_err(again)?;
        let Some(import) = found.filter(|import| import.state == State::Applying) else { return Ok(()) };
        let done = match import.subject {
            Subject::Accounts => step(portal, &import, next(portal, &import).await?, accounts).await,
            Subject::Ledger => step(portal, &import, next(portal, &import).await?, postings).await,
        };
        match done {
            // A file that was cut short, by a disk that lost it, is not applied.
            Ok(true) if import.applied != import.changes() => {
                return Err(Verdict::Never(format!("{} of {} changes are there", import.applied, import.changes())));
            }
            Ok(true) => return queries::applied(&portal.db, &import, portal.now()).await.map_err(again),
            Ok(false) => {}
            // Cancelled, or another worker came so far.
            Err(fault) if fault.is_refusal(queries::STALE) => {}
            Err(fault) => return Err(again(fault)),
        }
    }
}

/// The next changes of an import.
async fn next<T: DeserializeOwned + Send + 'static>(portal: &Portal, import: &Import) -> Result<Part<T>, Verdict> {
    let (files, offset) = (Files::of(portal, &ImportId::known(import.id.clone())), import.offset);
    let read = tokio::task::spawn_blocking(move || part(&files, offset)).await;
    read.map_err(|fault| Verdict::Again(fault.to_string()))?.map_err(|fault| disk(&fault))
}

/// Applies some changes and moves the import on, in one transaction. Whether there were none left.
async fn step<T>(
    portal: &Portal,
    import: &Import,
    part: Part<T>,
    made: fn(&Import, Vec<T>, Moment) -> (i64, Transaction),
) -> Result<bool, DbError> {
    if part.changes.is_empty() {
        return Ok(true);
    }
    let now = portal.now();
    let (applied, written) = made(import, part.changes, now);
    queries::advance(import, part.offset, applied, now).then(written).run(&portal.db).await?;
    Ok(false)
}

/// Statements that post entries, and how many there are.
fn postings(_: &Import, lines: Vec<EntryLine>, now: Moment) -> (i64, Transaction) {
    let applied = i64::try_from(lines.len()).unwrap_or(0);
    (applied, account::post(lines.into_iter().map(EntryLine::posting).collect(), now))
}

/// Statements that write accounts, and how many there are.
fn accounts(import: &Import, changes: Vec<Change>, _: Moment) -> (i64, Transaction) {
    let (mut fresh, mut others) = (Vec::new(), Vec::new());
    for change in changes {
        match change {
            Change::New { after } => fresh.extend(put(&after, after.status)),
            Change::Changed { after, .. } => others.extend(put(&after, after.status)),
            Change::Gone { before } if import.close_gone => others.extend(put(&before, Status::Closed)),
            Change::Gone { .. } => {}
        }
    }
    let applied = i64::try_from(fresh.len() + others.len()).unwrap_or(0);
    let mut whole = Transaction::default();
    if !fresh.is_empty() {
        whole = whole.then(account::put_new(fresh));
    }
    if !others.is_empty() {
        whole = whole.then(account::put(others));
    }
    (applied, whole)
}

fn put(line: &Line, status: Status) -> Option<Put> {
    let id = line.id()?;
    Some(Put::new(&id, &line.name, &line.street, line.email.as_ref(), status))
}
