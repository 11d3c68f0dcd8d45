//! Lists of the registry as CSV: what is on file, and what reading an import found.

use std::{
    fs::File,
    io::{self, BufReader},
    path::PathBuf,
};

use actix_web::{HttpResponse, web};
use futures_util::{Stream, stream};
use serde::de::DeserializeOwned;

use super::{
    Files, Import, State, Subject,
    compare::Change,
    entries::{self, EntryLine},
    pages,
    routes::{find, unreadable},
    sorting::Lines,
    source::{COLUMNS, FaultyLine, Line},
};
use crate::{
    account::{self, Account},
    audit::{self, Deed},
    http::{Fault, Portal, csv},
    session::{Staff, StepUp, staff::Employee},
    words::Cents,
};

/// Accounts that an export reads at a time.
const ACCOUNTS_AT_ONCE: usize = 500;
/// Lines that a list reads at a time.
const AT_ONCE: usize = 500;

/// All accounts on file, as a file that can be brought again.
///
/// # Errors
/// When the database does not answer.
pub async fn export(staff: Staff<Employee>, _: StepUp, portal: Portal) -> Result<HttpResponse, Fault> {
    audit::row(portal.now(), staff.id(), Deed::ExportedList, "accounts", "").run(&portal.db).await?;
    let kinds: Vec<String> = portal.agency().account_types.iter().map(|kind| kind.key.clone()).collect();
    let pages = stream::try_unfold((0, String::new()), move |(at, after)| {
        let (db, kind) = (portal.db.clone(), kinds.get(at).cloned());
        async move {
            let Some(kind) = kind else { return Ok(None) };
            let accounts = account::of_type(&db, &kind, &after, ACCOUNTS_AT_ONCE).await?;
            let next = match accounts.last() {
                Some(last) => (at, last.id.number.digits()),
                None => (at + 1, String::new()),
            };
            Ok::<_, Fault>(Some((accounts.iter().map(row_of).collect(), next)))
        }
    });
    Ok(csv("accounts", &COLUMNS, pages))
}

fn row_of(account: &Account) -> Vec<String> {
    let line = |at: usize| account.street.get(at).cloned().unwrap_or_default();
    let mut row = vec![account.id.kind.clone(), account.id.number.to_string(), account.name.clone()];
    row.extend((0..4).map(line));
    row.push(account.email.as_ref().map(ToString::to_string).unwrap_or_default());
    row.push(format!("{:?}", account.status).to_lowercase());
    row
}

/// Lines that can't be read, as CSV.
///
/// # Errors
/// [`Fault::NotFound`] for an import that is not there, or not read.
pub async fn faults(
    staff: Staff<Employee>,
    _: StepUp,
    portal: Portal,
    id: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    audit::row(portal.now(), staff.id(), Deed::ExportedList, "import_faults", "").run(&portal.db).await?;
    let files = read_files(&portal, &id).await?.0;
    let line = |fault: FaultyLine| vec![fault.line.to_string(), fault.sentence];
    Ok(csv("import-faults", &["Line", "What is wrong"], lines(files.faults(), line)))
}

/// What is different, as CSV.
///
/// # Errors
/// As [`faults`].
pub async fn changes(
    staff: Staff<Employee>,
    _: StepUp,
    portal: Portal,
    id: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    audit::row(portal.now(), staff.id(), Deed::ExportedList, "import_changes", "").run(&portal.db).await?;
    let (files, import) = read_files(&portal, &id).await?;
    if import.subject == Subject::Ledger {
        return Ok(csv("import-entries", &entries::COLUMNS, lines(files.changes(), row_of_entry)));
    }
    let close_gone = import.close_gone;
    let columns = [
        "Change",
        "Type",
        "Number",
        "Name on file",
        "Address on file",
        "E-mail on file",
        "Status on file",
        "Name",
        "Address",
        "E-mail",
        "Status",
    ];
    let row = move |change: Change| {
        let (label, before, after) = pages::sides(&change, close_gone);
        let one = before.or(after);
        let mut row = vec![label.to_owned()];
        row.extend(one.map_or_else(|| [String::new(), String::new()], |line| [line.kind.clone(), line.number.clone()]));
        row.extend(details(before));
        row.extend(details(after));
        row
    };
    Ok(csv("import-changes", &columns, lines(files.changes(), row)))
}

fn details(line: Option<&Line>) -> [String; 4] {
    let Some(line) = line else { return Default::default() };
    let email = line.email.as_ref().map(ToString::to_string).unwrap_or_default();
    [line.name.clone(), line.street.join(", "), email, format!("{:?}", line.status).to_lowercase()]
}

fn row_of_entry(line: EntryLine) -> Vec<String> {
    let EntryLine { account, reference, cents, text, book_day, .. } = line;
    vec![account.kind, account.number.to_string(), reference, Cents(cents).plain(), text, book_day.unwrap_or_default()]
}

async fn read_files(portal: &Portal, id: &str) -> Result<(Files, Import), Fault> {
    let (id, import) = find(portal, id).await?;
    if matches!(import.state, State::Reading | State::Unreadable) {
        Err(Fault::NotFound)
    } else {
        Ok((Files::of(portal, &id), import))
    }
}

/// The lines of a file as rows of a list, some at a time.
fn lines<T, F>(path: PathBuf, row: F) -> impl Stream<Item = Result<Vec<Vec<String>>, Fault>>
where
    T: DeserializeOwned + Send + 'static,
    F: Fn(T) -> Vec<String> + Clone + Send + 'static,
{
    stream::try_unfold(None, move |open: Option<Lines<T>>| {
        let (path, row) = (path.clone(), row.clone());
        async move {
            let read = tokio::task::spawn_blocking(move || {
                let mut open = match open {
                    Some(open) => open,
                    None => Lines::of(BufReader::new(File::open(path)?)),
                };
                let rows = open.by_ref().take(AT_ONCE).map(|line| line.map(&row)).collect::<io::Result<Vec<_>>>()?;
                Ok(if rows.is_empty() { None } else { Some((rows, Some(open))) })
            });
            read.await.map_err(|fault| Fault::Broken(fault.to_string()))?.map_err(|fault: io::Error| unreadable(&fault))
        }
    })
}
