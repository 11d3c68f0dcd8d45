//! The routes of imports.

use std::io;

use actix_web::{HttpResponse, http::StatusCode, web};
use serde::de::DeserializeOwned;

use super::{
    Files, Import, State, Subject, entries,
    pages::{self, Changes, Found},
    queries,
    sorting::Lines,
    source::FaultyLine,
};
use crate::{
    form::{Faults, Fields},
    http::{
        Done, Fault, Portal, Posted, answer, page, see_other, unprocessable,
        uploaded::{Incoming, Refused, Uploaded},
    },
    page::{Frame, fields::Filled},
    session::{
        Staff, StepUp,
        staff::{By, Employee, Supervisor},
    },
    words::ImportId,
};

/// How large a file may be, in bytes: a million accounts are about 120 MB.
const LARGEST: u64 = 1 << 30;
/// How many imports the list shows.
const SHOWN_IMPORTS: i64 = 20;
/// How many faults and changes a page shows.
const SHOWN: usize = 50;

/// The latest imports.
///
/// # Errors
/// When the database does not answer.
pub async fn list(staff: Staff<Employee>, portal: Portal, frame: Frame) -> Result<HttpResponse, Fault> {
    Ok(page(&frame, &pages::list(&frame, &queries::latest(&portal.db, SHOWN_IMPORTS).await?, staff.by())))
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
    posted: Uploaded<LARGEST>,
) -> Result<HttpResponse, Fault> {
    let (subject, file) = match checked(&posted) {
        Ok(checked) => checked,
        Err(faults) => {
            let form = Filled { fields: &posted.fields, faults: &faults };
            return Ok(unprocessable(&frame, &pages::compose(&frame, LARGEST, form)));
        }
    };
    let id = ImportId::draw();
    let files = Files::of(&portal, &id);
    let disk = |fault: io::Error| Fault::Away(format!("the disk refuses a file of the registry: {fault}"));
    tokio::fs::create_dir_all(files.folder()).await.map_err(disk)?;
    tokio::fs::rename(&file.path, files.upload()).await.map_err(disk)?;
    let close_gone = subject == Subject::Accounts && posted.fields.has("close-gone");
    let about = (subject, close_gone);
    queries::create(&portal.db, &id, (&file.name, file.bytes), about, staff.by(), portal.now()).await?;
    Ok(see_other(&pages::path(id.as_str())))
}

/// What was brought: about what, and which file.
fn checked(posted: &Uploaded<LARGEST>) -> Result<(Subject, &Incoming), Faults> {
    let mut faults = Faults::default();
    let subject = Subject::of_word(posted.fields.text("subject")).ok_or("Select what the file is about.");
    let subject = faults.take("subject", subject);
    let largest = if subject == Some(Subject::Ledger) { entries::LARGEST } else { LARGEST };
    let too_large = || format!("The file is larger than {} MB.", largest >> 20);
    let file = match (&posted.files[..], &posted.refused[..]) {
        ([file], []) if file.bytes <= largest => Ok(file),
        ([_], []) | (_, [Refused::TooLarge(_), ..]) => Err(too_large()),
        ([], _) => Err("Select a file.".to_owned()),
        _ => Err("Select one file.".to_owned()),
    };
    let file = faults.take("file", file);
    faults.or(subject.zip(file))
}

/// An import.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there.
pub(super) async fn find(portal: &Portal, id: &str) -> Result<(ImportId, Import), Fault> {
    let id = ImportId::known(id);
    let import = queries::find(&portal.db, &id).await?.ok_or(Fault::NotFound)?;
    Ok((id, import))
}

/// The first of what reading found.
async fn found(portal: &Portal, id: &ImportId, import: &Import) -> Result<Found, Fault> {
    if matches!(import.state, State::Reading | State::Unreadable) {
        return Ok(Found { faults: Vec::new(), changes: Changes::Accounts(Vec::new()) });
    }
    let (files, subject) = (Files::of(portal, id), import.subject);
    let read = tokio::task::spawn_blocking(move || {
        let faults = first(Lines::<FaultyLine>::open(&files.faults()))?;
        let changes = match subject {
            Subject::Accounts => Changes::Accounts(first(Lines::open(&files.changes()))?),
            Subject::Ledger => Changes::Ledger(first(Lines::open(&files.changes()))?),
        };
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

/// That a file of an import can't be read.
pub(super) fn unreadable(fault: &io::Error) -> Fault {
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
    if !tokio::fs::try_exists(Files::of(&portal, &id).changes()).await.unwrap_or(false) {
        let sentence = "The file was deleted, as all files are after 30 days. Upload it again.";
        return again(staff.by(), Faults::one("import", sentence)).await;
    }
    match queries::apply(&portal.db, &import, staff.by(), portal.now()).await {
        Ok(()) => Ok(Done::Applied.then(&pages::path(id.as_str()))),
        Err(fault) if fault.is_refusal(queries::STALE) => {
            let sentence = "Another file was applied since this one was read, or the staff member who uploaded it has left. Upload it again.";
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
    id: web::Path<String>,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    let (id, import) = find(&portal, &id).await?;
    if matches!(import.state, State::Reading | State::Read | State::Applying) {
        return match queries::cancel(&portal.db, &import, staff.by(), portal.now()).await {
            Ok(()) => Ok(Done::Discarded.then(&pages::path(id.as_str()))),
            // Somebody else was quicker: the page says what they did.
            Err(fault) if fault.is_refusal(queries::STALE) => Ok(see_other(&pages::path(id.as_str()))),
            Err(fault) => Err(fault.into()),
        };
    }
    Ok(see_other(&pages::path(id.as_str())))
}
