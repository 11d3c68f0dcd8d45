//! Reading a file: its lines sorted, and those that can't be read named.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Write},
    path::Path,
};

use super::{
    Files,
    sorting::{Placed, Sorter, write},
    source::{self, FaultyLine, Line, Unbelieved},
};
use crate::words::Agency;

/// How many lines there were.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// In all.
    pub lines: i64,
    /// That can't be read.
    pub faults: i64,
    /// Of these, those that do not even say which account they are of.
    pub unnamed: i64,
}

/// Why a file was not read.
pub enum Unread {
    /// It is none of a registry: a sentence for whoever brought it.
    Unreadable(String),
    /// The disk refuses.
    Disk(io::Error),
}

impl From<io::Error> for Unread {
    fn from(fault: io::Error) -> Self {
        Self::Disk(fault)
    }
}

/// Counts the lines of a file, and writes those with a fault down.
pub struct LineLog {
    counts: Counts,
    faults: BufWriter<File>,
    disk: Option<io::Error>,
}

impl LineLog {
    /// Begins the faults of an import anew.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn begin(files: &Files) -> io::Result<Self> {
        Ok(Self { counts: Counts::default(), faults: BufWriter::new(File::create(files.faults())?), disk: None })
    }

    /// Takes a line with its place: `keep` has those that can be read.
    ///
    /// # Errors
    /// The disk's words; [`LineLog::read_to_the_end`] tells them from a file that can't be read.
    pub fn take<T>(
        &mut self,
        place: u64,
        line: Result<T, String>,
        keep: impl FnOnce(T) -> io::Result<()>,
    ) -> Result<(), String> {
        self.counts.lines += 1;
        let kept = match line {
            Ok(line) => keep(line),
            Err(sentence) => self.fault(place, sentence),
        };
        self.unless_disk(kept)
    }

    /// Notes that the disk refuses.
    fn unless_disk(&mut self, kept: io::Result<()>) -> Result<(), String> {
        kept.map_err(|fault| {
            let sentence = fault.to_string();
            self.disk = Some(fault);
            sentence
        })
    }

    fn fault(&mut self, place: u64, sentence: String) -> io::Result<()> {
        self.counts.faults += 1;
        write(&mut self.faults, &FaultyLine { line: place, sentence })
    }

    /// What reading came to.
    ///
    /// # Errors
    /// Why the file was not read.
    pub fn read_to_the_end(&mut self, read: Result<(), String>) -> Result<(), Unread> {
        match self.disk.take() {
            Some(fault) => Err(fault.into()),
            None => read.map_err(Unread::Unreadable),
        }
    }

    /// How many lines there were, with the faults on the disk.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn end(mut self) -> io::Result<Counts> {
        self.faults.flush()?;
        Ok(self.counts)
    }
}

/// Sorts the lines of an import's file, which `source` is or was made of. What an earlier run left is begun anew.
///
/// # Errors
/// Why not.
pub fn sort(files: &Files, source: &Path, agency: &Agency) -> Result<Counts, Unread> {
    let runs = files.folder().join("runs");
    drop(fs::remove_dir_all(&runs));
    fs::create_dir_all(&runs)?;
    let mut log = LineLog::begin(files)?;
    let mut sorter = Sorter::new(&runs);
    let read = source::read(BufReader::new(File::open(source)?), agency, &mut |place, line| match line {
        Ok(line) => log.take(place, Ok(line), |line| sorter.take(Placed { place, line })),
        Err(Unbelieved { sentence, account }) => {
            log.take::<Line>(place, Err(sentence), |_| Ok(()))?;
            let Some(account) = account else {
                log.counts.unnamed += 1;
                return Ok(());
            };
            log.unless_disk(sorter.take(Placed { place, line: Line::faulty(account) }))
        }
    });
    log.read_to_the_end(read)?;
    let mut out = BufWriter::new(File::create(files.sorted())?);
    let mut last: Option<Placed> = None;
    sorter.finish(&mut |placed| {
        if let Some(last) = last.as_ref().filter(|last| last.line.key() == placed.line.key()) {
            if placed.line.is_faulty {
                return Ok(());
            }
            return log.fault(
                placed.place,
                format!(
                    "Columns type and number: this account is on line {} as well. Delete one of the two lines.",
                    last.place
                ),
            );
        }
        write(&mut out, &placed.line)?;
        last = Some(placed);
        Ok(())
    })?;
    out.flush()?;
    fs::remove_dir_all(&runs)?;
    Ok(log.end()?)
}
