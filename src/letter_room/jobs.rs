//! Making batches, and telling their letters what became of them.

use std::{fs, io, path::PathBuf};

use springboard_jobs::{Batch as Work, BatchStep, Outcome, Verdict};

use super::{Batch, Files, State, printer, queries};
use crate::{
    authorization_code::{self, acts},
    db::{DbError, unless_moved},
    http::Portal,
    letter::{
        self,
        room::{self, Letter, Stage},
    },
    page::time,
    post::{
        Spool,
        batch::{Batch as Pdf, BatchFault, Written},
        paper::write_whole,
    },
    words::{CodeId, LetterCode},
};

/// Letters that are read or written at a time.
const AT_ONCE: i64 = 200;
/// Letters of one batch: what a printer takes in a day, and a person finds their way in.
const MOST: i64 = 20_000;

fn again(fault: DbError) -> Verdict {
    Verdict::Again(fault.to_string())
}

fn disk(fault: &io::Error) -> Verdict {
    Verdict::Again(format!("the disk refuses: {fault}"))
}

/// Does what a batch waits for. Safe to run twice: letters that are in a batch stay there, and what is written is written
/// anew.
///
/// # Errors
/// Whether it may be tried again.
pub async fn work(portal: &Portal, spool: &Spool, work: Work) -> Outcome {
    let batch = queries::find(&portal.db, &work.batch).await.map_err(again)?;
    let Some(batch) = batch else { return Err(Verdict::Never("the batch is gone".into())) };
    match work.step {
        BatchStep::Make => {
            if batch.state == State::Making {
                make(portal, spool, &batch).await?;
            }
            hand_over(portal, &batch).await
        }
        BatchStep::Printed | BatchStep::Mailed => tell(portal, spool, &batch, work.step).await,
    }
}

async fn make(portal: &Portal, spool: &Spool, batch: &Batch) -> Outcome {
    let db = &portal.db;
    // A run before this one may have put some in already.
    let mut count = last_place(portal, &batch.name).await?;
    while count < MOST {
        let assigned = room::assign(db, &batch.name, batch.created, count + 1, AT_ONCE).await.map_err(again)?;
        count += assigned;
        if assigned < AT_ONCE {
            break;
        }
    }
    let files = Files::of(portal, &batch.name);
    let unfinished = files.pdf().with_extension("part");
    let (folder, part) = (portal.data.join("batches"), unfinished.clone());
    let mut pdf = Some(
        on_disk(move || {
            fs::create_dir_all(folder)?;
            Pdf::create(&part)
        })
        .await?,
    );
    let mut manifest = Manifest::default();
    let mut after = 0;
    loop {
        let letters = room::of_batch(db, &batch.name, after, AT_ONCE).await.map_err(again)?;
        let Some(last) = letters.last() else { break };
        after = last.place;
        for letter in &letters {
            // Recorded and not released yet, because the process that wrote it ended: it is now.
            letter::release(db, spool, &letter.name).await?;
        }
        let files: Vec<PathBuf> = letters.iter().map(|letter| spool.file(&letter.name)).collect();
        let open = pdf.take();
        let (open, pages) = on_disk(move || add(open, &files)).await?;
        pdf = open;
        for (letter, pages) in letters.iter().zip(&pages) {
            manifest.take(letter, *pages, &LetterCode::of(&portal.keys, &letter.name));
        }
        let counted = letters
            .iter()
            .zip(pages)
            .map(|(letter, pages)| (letter.name.clone(), pages.map(|pages| i64::try_from(pages).unwrap_or(i64::MAX))));
        room::counted(counted.collect()).run(db).await.map_err(again)?;
    }
    let Some(pdf) = pdf else { return Err(Verdict::Again("the batch was not finished".into())) };
    let title = format!("Letters {}", batch.name);
    let written = finish(pdf, title, &files, unfinished, manifest.text).await?;
    queries::made(db, &batch.name, &written, manifest.letters, manifest.missing).await.map_err(again)
}

/// Hands a batch that is made over to the print provider, once: what the provider says of it is not said before.
async fn hand_over(portal: &Portal, batch: &Batch) -> Outcome {
    if portal.printer.is_none() || batch.handed == Some(true) || !matches!(batch.state, State::Making | State::Made) {
        return Ok(());
    }
    printer::hand_over(portal, &Files::of(portal, &batch.name)).await.map_err(|fault| disk(&fault))?;
    queries::handed_over(&portal.db, &batch.name).await.map_err(again)
}

async fn last_place(portal: &Portal, name: &str) -> Result<i64, Verdict> {
    let mut last = 0;
    loop {
        let letters = room::of_batch(&portal.db, name, last, AT_ONCE).await.map_err(again)?;
        match letters.last() {
            Some(letter) => last = letter.place,
            None => return Ok(last),
        }
    }
}

type Added = (Option<Pdf>, Vec<Option<usize>>);

/// Adds the letters that are in the spool; says how many pages each has.
fn add(pdf: Option<Pdf>, files: &[PathBuf]) -> io::Result<Added> {
    let Some(mut pdf) = pdf else { return Ok((None, Vec::new())) };
    let mut pages = Vec::new();
    for file in files {
        pages.push(match fs::read(file) {
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => None,
            Err(fault) => return Err(fault),
            Ok(bytes) => match pdf.add(&bytes) {
                Ok(count) => Some(count),
                Err(BatchFault::Disk(fault)) => return Err(fault),
                Err(fault) => {
                    tracing::warn!(%fault, file = %file.display(), "a letter of the spool can't be read");
                    None
                }
            },
        });
    }
    Ok((Some(pdf), pages))
}

/// Puts PDF, manifest and hash in their places: the hash last, so that whoever sees it finds the others.
async fn finish(pdf: Pdf, title: String, files: &Files, part: PathBuf, manifest: String) -> Result<Written, Verdict> {
    let (to, manifest_file, hash_file) = (files.pdf(), files.manifest(), files.hash());
    let work = move || {
        let written = pdf.finish(&title)?;
        fs::rename(part, &to)?;
        write_whole(&manifest_file, manifest.as_bytes())?;
        let name = to.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        write_whole(&hash_file, format!("{}  {name}\n", written.hash).as_bytes())?;
        Ok(written)
    };
    let finished = tokio::task::spawn_blocking(work).await.map_err(|fault| Verdict::Again(fault.to_string()))?;
    finished.map_err(|fault: io::Error| disk(&fault))
}

/// What is in a batch, letter by letter: nothing that the printer does not need.
struct Manifest {
    text: String,
    page: usize,
    letters: i64,
    missing: i64,
}

impl Default for Manifest {
    fn default() -> Self {
        Self { text: "Place,Letter,Code,First page,Pages\r\n".into(), page: 1, letters: 0, missing: 0 }
    }
}

impl Manifest {
    fn take(&mut self, letter: &Letter, pages: Option<usize>, code: &LetterCode) {
        let Some(pages) = pages else {
            self.missing += 1;
            return;
        };
        self.letters += 1;
        self.text += &format!("{},{},{},{},{pages}\r\n", letter.place, letter.name, code.as_str(), self.page);
        self.page += pages;
    }
}

/// Tells the letters of a batch, and whoever waits for them, what became of it.
async fn tell(portal: &Portal, spool: &Spool, batch: &Batch, step: BatchStep) -> Outcome {
    let (db, agency) = (&portal.db, &portal.agency());
    let mut after = 0;
    loop {
        let letters = room::of_batch(db, &batch.name, after, AT_ONCE).await.map_err(again)?;
        let Some(last) = letters.last() else { break };
        after = last.place;
        let names = |stages: &[Stage]| -> (Vec<String>, Vec<CodeId>) {
            let those: Vec<&Letter> = letters.iter().filter(|letter| stages.contains(&letter.stage)).collect();
            (
                those.iter().map(|letter| letter.name.clone()).collect(),
                those.iter().filter_map(|letter| letter.code.clone()).collect(),
            )
        };
        let told = unless_moved(authorization_code::MOVED, || async {
            let told = if step == BatchStep::Printed {
                let at = batch.printed.unwrap_or(batch.created);
                let (names, codes) = names(&[Stage::Batched]);
                acts::printed(db, &codes, at).await?.then(room::printed(names, at))
            } else {
                let at = batch.mailed.unwrap_or(batch.created);
                let expected = agency.end_of(agency.calendar().later(at, agency.letter_days)).unwrap_or(at);
                // Whoever forgot to say that it was printed said it now.
                let (_, unprinted) = names(&[Stage::Batched]);
                let (names, codes) = names(&[Stage::Batched, Stage::Printed]);
                let status = format!("Letter mailed, expected by {}", time::day(agency, expected));
                let printed = acts::printed(db, &unprinted, at).await?;
                let mailed = acts::mailed(db, &codes, &status, at).await?;
                printed.then(mailed).then(room::mailed(names, at, expected))
            };
            told.run(db).await
        });
        told.await.map_err(again)?;
        if step == BatchStep::Mailed {
            // Read again: a letter that somebody wants on paper once more keeps its file.
            let begin = letters.first().map_or(0, |letter| letter.place - 1);
            let told = room::of_batch(db, &batch.name, begin, AT_ONCE).await.map_err(again)?;
            let over = told.iter().filter(|letter| matches!(letter.stage, Stage::Mailed | Stage::Returned));
            remove(over.map(|letter| spool.file(&letter.name)).collect()).await?;
        }
    }
    // The codes on the letters are in plain there.
    if step == BatchStep::Mailed { remove(vec![Files::of(portal, &batch.name).pdf()]).await } else { Ok(()) }
}

/// Removes files that may be gone already.
async fn remove(files: Vec<PathBuf>) -> Outcome {
    let work = move || {
        files.into_iter().try_for_each(|file| match fs::remove_file(file) {
            Err(fault) if fault.kind() != io::ErrorKind::NotFound => Err(fault),
            _ => Ok(()),
        })
    };
    on_disk(work).await
}

/// Reads or writes files, off the threads that answer people.
async fn on_disk<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, Verdict> {
    let done = tokio::task::spawn_blocking(work).await.map_err(|fault| Verdict::Again(fault.to_string()))?;
    done.map_err(|fault| disk(&fault))
}

/// Asks for the day's batch once its morning has come, on business days, if letters wait.
///
/// # Errors
/// When the database does not answer.
pub async fn in_the_morning(portal: &Portal) -> Result<(), DbError> {
    let (db, agency, now) = (&portal.db, portal.agency(), portal.now());
    let calendar = agency.calendar();
    let day = calendar.day(now);
    if calendar.has_begun(now) && !queries::had_morning(db, day).await? && room::waiting(db).await? > 0 {
        queries::ask_for(db, day, queries::of_day(db, day).await? + 1, None, now).await?;
    }
    Ok(())
}
