//! The routes of imports.

use std::{
    fs::File,
    io::{self, BufReader},
    path::PathBuf,
};

use actix_web::{HttpResponse, http::StatusCode, web};
use futures_util::{Stream, stream};
use serde::de::DeserializeOwned;

use super::{
    Files, Import, State,
    compare::Change,
    pages::{self, Found},
    rows,
    sorting::Lines,
    source::{COLUMNS, FaultyLine, Line},
};
use crate::{
    account::{self, Account},
    audit::{self, Deed},
    form::{Faults, Fields},
    http::{
        Done, Fault, Portal, Posted, answer, csv, page, see_other, unprocessable,
        uploaded::{Refused, Uploaded},
    },
    page::{Frame, fields::Filled},
    session::{
        ALL_STAFF, Desk, Staff, StepUp,
        staff::{By, Employee, Supervisor},
    },
    words::ImportId,
};

/// How large a file may be, in bytes: a million accounts are about 120 MB.
const LARGEST: u64 = 1 << 30;
/// How many imports the list shows.
const SHOWN_IMPORTS: i64 = 20;
/// Accounts that an export reads at a time.
const ACCOUNTS_AT_ONCE: usize = 500;
/// How many faults and changes a page shows.
const SHOWN: usize = 50;
/// Lines that a list reads at a time.
const AT_ONCE: usize = 500;

/// The latest imports.
///
/// # Errors
/// When the database does not answer.
pub async fn list(staff: Staff<Employee>, portal: Portal, frame: Frame) -> Result<HttpResponse, Fault> {
    Ok(page(&frame, &pages::list(&frame, &rows::latest(&portal.store, SHOWN_IMPORTS).await?, staff.by())))
}

/// All accounts on file, as a file that can be brought again.
///
/// # Errors
/// When the database does not answer.
pub async fn export(staff: Staff<Employee>, _: StepUp, portal: Portal) -> Result<HttpResponse, Fault> {
    audit::row(portal.now(), staff.id(), Deed::ExportedList, "accounts", "").run(&portal.store).await?;
    let kinds: Vec<String> = portal.agency().account_types.iter().map(|kind| kind.key.clone()).collect();
    let pages = stream::try_unfold((0, String::new()), move |(at, after)| {
        let (store, kind) = (portal.store.clone(), kinds.get(at).cloned());
        async move {
            let Some(kind) = kind else { return Ok(None) };
            let accounts = account::of_type(&store, &kind, &after, ACCOUNTS_AT_ONCE).await?;
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

/// The form that brings a file.
pub async fn compose(_: Staff<Supervisor>, frame: Frame) -> HttpResponse {
    let (fields, faults) = <(Fields, Faults)>::default();
    page(&frame, &pages::compose(&frame, LARGEST, Filled { fields: &fields, faults: &faults }))
}

/// Takes a file; a job reads it.
///
/// # Errors
/// When the disk or the database refuses.
pub async fn create(
    staff: Staff<Supervisor>,
    portal: Portal,
    frame: Frame,
    desk: web::Data<Desk>,
    posted: Uploaded<LARGEST>,
) -> Result<HttpResponse, Fault> {
    let sentence = match (&posted.files[..], &posted.refused[..]) {
        ([_], []) => None,
        (_, [Refused::TooLarge(_), ..]) => Some(format!("The file is larger than {} MB.", LARGEST >> 20)),
        ([], _) => Some("Select a file.".to_owned()),
        _ => Some("Select one file.".to_owned()),
    };
    if let Some(sentence) = sentence {
        let faults = Faults::one("file", sentence);
        let form = Filled { fields: &posted.fields, faults: &faults };
        return Ok(unprocessable(&frame, &pages::compose(&frame, LARGEST, form)));
    }
    let (id, file) = (ImportId::draw(), &posted.files[0]);
    let files = Files::of(&portal, &id);
    let disk = |fault: io::Error| Fault::Away(format!("the disk refuses a file of the registry: {fault}"));
    tokio::fs::create_dir_all(files.folder()).await.map_err(disk)?;
    tokio::fs::rename(&file.path, files.upload()).await.map_err(disk)?;
    let close_gone = posted.fields.has("close-gone");
    rows::create(&portal.store, &id, (&file.name, file.bytes), close_gone, staff.by(), portal.now()).await?;
    desk.changed(ALL_STAFF);
    Ok(see_other(&pages::path(id.as_str())))
}

async fn find(portal: &Portal, id: &str) -> Result<(ImportId, Import), Fault> {
    let id = ImportId::known(id);
    let import = rows::find(&portal.store, &id).await?.ok_or(Fault::NotFound)?;
    Ok((id, import))
}

/// The first of what reading found.
async fn found(portal: &Portal, id: &ImportId, import: &Import) -> Result<Found, Fault> {
    if matches!(import.state, State::Reading | State::Unreadable) {
        return Ok(Found { faults: Vec::new(), changes: Vec::new() });
    }
    let files = Files::of(portal, id);
    let read = tokio::task::spawn_blocking(move || {
        let faults = first(Lines::<FaultyLine>::open(&files.faults()))?;
        let changes = first(Lines::<Change>::open(&files.changes()))?;
        Ok(Found { faults, changes })
    });
    read.await.map_err(|fault| Fault::Broken(fault.to_string()))?.map_err(|fault: io::Error| unreadable(&fault))
}

/// The first lines of a file; none of one that was never written, or swept.
fn first<T: DeserializeOwned>(lines: io::Result<Lines<T>>) -> io::Result<Vec<T>> {
    match lines {
        Ok(lines) => lines.take(SHOWN).collect(),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(fault) => Err(fault),
    }
}

fn unreadable(fault: &io::Error) -> Fault {
    Fault::Away(format!("the disk refuses a file of an import: {fault}"))
}

/// An import.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there.
pub async fn open(
    staff: Staff<Employee>,
    portal: Portal,
    frame: Frame,
    id: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let (id, import) = find(&portal, &id).await?;
    let found = found(&portal, &id, &import).await?;
    let (fields, faults) = <(Fields, Faults)>::default();
    let form = Filled { fields: &fields, faults: &faults };
    Ok(page(&frame, &pages::one(&frame, &import, &found, staff.by(), form)))
}

/// Where it stands, for an open page that was told that something changed.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there.
pub async fn part(
    staff: Staff<Employee>,
    portal: Portal,
    frame: Frame,
    id: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let (id, import) = find(&portal, &id).await?;
    let found = found(&portal, &id, &import).await?;
    let (fields, faults) = <(Fields, Faults)>::default();
    let form = Filled { fields: &fields, faults: &faults };
    Ok(answer(StatusCode::OK, pages::state(&frame, &import, &found, staff.by(), form)))
}

/// Applies an import that was read.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there.
pub async fn apply(
    staff: Staff<Supervisor>,
    _: StepUp,
    portal: Portal,
    frame: Frame,
    desk: web::Data<Desk>,
    id: web::Path<String>,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let (id, import) = find(&portal, &id).await?;
    let again = async |by: By<'_>, faults: Faults| {
        let found = found(&portal, &id, &import).await?;
        let form = Filled { fields: &posted, faults: &faults };
        Ok(unprocessable(&frame, &pages::one(&frame, &import, &found, by, form)))
    };
    // Whoever brings a file could otherwise have codes sent to an address of their own.
    if import.author == staff.id() {
        return Err(Fault::Role);
    }
    if import.state != State::Read {
        return Ok(see_other(&pages::path(id.as_str())));
    }
    if import.faults > 0 && !posted.has("without") {
        let sentence = "Confirm that these lines are left out, or bring a file that can be read.";
        return again(staff.by(), Faults::one("without", sentence)).await;
    }
    match rows::apply(&portal.store, &import, staff.by(), portal.now()).await {
        Ok(()) => {
            desk.changed(ALL_STAFF);
            Ok(Done::Applied.then(&pages::path(id.as_str())))
        }
        Err(fault) if fault.is_refusal(rows::STALE) => {
            let sentence = "Another file was applied since this one was read. Bring it again.";
            again(staff.by(), Faults::one("import", sentence)).await
        }
        Err(fault) => Err(fault.into()),
    }
}

/// Discards an import, or stops it for good.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there.
pub async fn cancel(
    staff: Staff<Supervisor>,
    portal: Portal,
    desk: web::Data<Desk>,
    id: web::Path<String>,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    let (id, import) = find(&portal, &id).await?;
    if matches!(import.state, State::Reading | State::Read | State::Applying) {
        rows::cancel(&portal.store, &import, staff.by(), portal.now()).await?;
        desk.changed(ALL_STAFF);
        return Ok(Done::Discarded.then(&pages::path(id.as_str())));
    }
    Ok(see_other(&pages::path(id.as_str())))
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
    audit::row(portal.now(), staff.id(), Deed::ExportedList, "import_faults", "").run(&portal.store).await?;
    let files = read_files(&portal, &id).await?;
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
    audit::row(portal.now(), staff.id(), Deed::ExportedList, "import_changes", "").run(&portal.store).await?;
    let (_, import) = find(&portal, &id).await?;
    let files = read_files(&portal, &id).await?;
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

async fn read_files(portal: &Portal, id: &str) -> Result<Files, Fault> {
    let (id, import) = find(portal, id).await?;
    if matches!(import.state, State::Reading | State::Unreadable) {
        Err(Fault::NotFound)
    } else {
        Ok(Files::of(portal, &id))
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
