//! Reading a file: its lines sorted, and those that can't be read named.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Write},
};

use super::{
    Files,
    sorting::{Placed, Sorter, write},
    source::{self, FaultyLine},
};
use crate::words::Agency;

/// How many lines there were.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// In all.
    pub lines: i64,
    /// That can't be read.
    pub faults: i64,
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

/// Sorts the lines of an import's file. What an earlier run left is begun anew.
///
/// # Errors
/// Why not.
pub fn sort(files: &Files, agency: &Agency) -> Result<Counts, Unread> {
    let runs = files.folder().join("runs");
    drop(fs::remove_dir_all(&runs));
    fs::create_dir_all(&runs)?;
    let mut faults = BufWriter::new(File::create(files.faults())?);
    let mut sorter = Sorter::new(&runs);
    let mut counts = Counts::default();
    let mut disk = None;
    let read = source::read(BufReader::new(File::open(files.upload())?), agency, &mut |place, line| {
        counts.lines += 1;
        let kept = match line {
            Ok(line) => sorter.take(Placed { place, line }),
            Err(sentence) => {
                counts.faults += 1;
                write(&mut faults, &FaultyLine { line: place, sentence })
            }
        };
        kept.map_err(|fault| {
            let sentence = fault.to_string();
            disk = Some(fault);
            sentence
        })
    });
    if let Some(fault) = disk {
        return Err(fault.into());
    }
    read.map_err(Unread::Unreadable)?;
    let mut out = BufWriter::new(File::create(files.sorted())?);
    let mut last: Option<Placed> = None;
    sorter.finish(&mut |placed| {
        if let Some(last) = last.as_ref().filter(|last| last.line.key() == placed.line.key()) {
            counts.faults += 1;
            let sentence = format!("The account of line {} again.", last.place);
            return write(&mut faults, &FaultyLine { line: placed.place, sentence });
        }
        write(&mut out, &placed.line)?;
        last = Some(placed);
        Ok(())
    })?;
    faults.flush()?;
    out.flush()?;
    fs::remove_dir_all(&runs)?;
    Ok(counts)
}
