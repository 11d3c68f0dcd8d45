//! The print provider's folder: a batch appears there by rename, PDF first, then manifest, then hash; what the provider says
//! is read back from files beside them: `letters-….printed`, `letters-….mailed`, and `returned-….txt` with a letter's code
//! on each line.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{Files, State, queries};
use crate::{db::DbError, http::Portal, letter::room, words::LetterCode};

/// Where files go that were read.
const READ: &str = "read";
/// The longest list of returned letters, in bytes.
const LONGEST: u64 = 4 << 20;

/// Copies a batch into the provider's folder, if there is one.
///
/// # Errors
/// When the disk refuses.
pub async fn hand_over(portal: &Portal, files: &Files) -> io::Result<()> {
    let Some(folder) = portal.printer.clone() else { return Ok(()) };
    let all = [files.pdf(), files.manifest(), files.hash()];
    let work = move || {
        fs::create_dir_all(&folder)?;
        all.iter().try_for_each(|file| copy(file, &folder))
    };
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

fn copy(file: &Path, folder: &Path) -> io::Result<()> {
    let to = folder.join(file.file_name().unwrap_or_default());
    let part = to.with_added_extension("part");
    fs::copy(file, &part)?;
    fs::File::open(&part)?.sync_all()?;
    fs::rename(part, &to)?;
    fs::File::open(folder)?.sync_all()
}

/// Why what the provider said was not read.
#[derive(Debug, thiserror::Error)]
pub enum Unheard {
    /// The disk refuses.
    #[error("the disk refuses: {0}")]
    Disk(#[from] io::Error),
    /// The database does.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Reads what the provider said since; returns how many files there were. Each is put aside when what it says is in the
/// database.
///
/// # Errors
/// Why not.
pub async fn hear(portal: &Portal) -> Result<usize, Unheard> {
    let Some(folder) = portal.printer.clone() else { return Ok(0) };
    let said = tokio::task::spawn_blocking({
        let folder = folder.clone();
        move || said(&folder)
    });
    let said = said.await.map_err(io::Error::other)??;
    let mut count = 0;
    for file in &said {
        // One that can't be taken up or put aside keeps no other one waiting.
        match hear_one(portal, &folder, file).await {
            Ok(is_heard) => count += usize::from(is_heard),
            Err(fault) => tracing::warn!(%fault, file = %file.display(), "what the printer says can't be taken up"),
        }
    }
    Ok(count)
}

/// False for what is said too early: it stays where it is.
async fn hear_one(portal: &Portal, folder: &Path, file: &Path) -> Result<bool, Unheard> {
    if !take_up(portal, file).await? {
        return Ok(false);
    }
    let aside = folder.join(READ);
    tokio::fs::create_dir_all(&aside).await?;
    tokio::fs::rename(file, aside.join(file.file_name().unwrap_or_default())).await?;
    Ok(true)
}

/// The files that the provider put there, oldest name first.
fn said(folder: &Path) -> io::Result<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut said: Vec<PathBuf> = fs::read_dir(folder)?
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
        .map(|entry| entry.path())
        .filter(|path| kind(path).is_some())
        .collect();
    said.sort();
    Ok(said)
}

enum Said {
    Printed(String),
    Mailed(String),
    Returned,
}

fn kind(file: &Path) -> Option<Said> {
    let name = file.file_name()?.to_str()?;
    let batch = |ending: &str| Some(name.strip_prefix("letters-")?.strip_suffix(ending)?.to_owned());
    batch(".printed")
        .map(Said::Printed)
        .or_else(|| batch(".mailed").map(Said::Mailed))
        .or_else(|| (name.starts_with("returned-") && name.ends_with(".txt")).then_some(Said::Returned))
}

/// False for what is said too early: it is read later.
async fn take_up(portal: &Portal, file: &Path) -> Result<bool, Unheard> {
    let (db, now) = (&portal.db, portal.now());
    match kind(file) {
        Some(Said::Printed(name)) => return mark(portal, &name, State::Printed).await,
        Some(Said::Mailed(name)) => return mark(portal, &name, State::Mailed).await,
        Some(Said::Returned) if tokio::fs::metadata(file).await?.len() <= LONGEST => {
            let list = String::from_utf8_lossy(&tokio::fs::read(file).await?).into_owned();
            for line in list.lines().filter(|line| !line.trim().is_empty()) {
                let letter = match LetterCode::parse(line) {
                    Ok(code) => room::find(db, &code).await?,
                    Err(_) => None,
                };
                match letter {
                    Some(letter) if letter.stage != room::Stage::Returned => {
                        queries::returned(db, &letter, "", now).await?
                    }
                    Some(_) => {}
                    None => tracing::warn!(file = %file.display(), "the printer names a letter that is not on file"),
                }
            }
        }
        Some(Said::Returned) => tracing::warn!(file = %file.display(), "the printer's list is too long"),
        None => {}
    }
    Ok(true)
}

async fn mark(portal: &Portal, name: &str, state: State) -> Result<bool, Unheard> {
    match queries::find(&portal.db, name).await? {
        Some(batch) if batch.state == State::Making => return Ok(false),
        Some(_) => queries::mark(&portal.db, name, state, "", portal.now()).await?,
        None => tracing::warn!(name, "the printer names a batch that is not there"),
    }
    Ok(true)
}
