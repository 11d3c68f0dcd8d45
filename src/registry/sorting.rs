//! Lines in the order of their accounts, however many there are: sorted in runs that fit into the memory, which are merged
//! on the disk.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    fs::File,
    io::{self, BufRead, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::source::Line;

/// Lines of a run: about 60 MB.
const RUN: usize = 200_000;

/// A line with its place in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    /// Its place.
    pub place: u64,
    /// What it says.
    pub line: Line,
}

impl Placed {
    fn key(&self) -> (&str, &str, u64) {
        let (kind, number) = self.line.key();
        (kind, number, self.place)
    }
}

impl PartialOrd for Placed {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Placed {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

/// Takes lines in any order.
pub struct Sorter {
    folder: PathBuf,
    run: Vec<Placed>,
    most: usize,
    runs: Vec<PathBuf>,
}

impl Sorter {
    /// A sorter that writes its runs into this folder.
    pub fn new(folder: &Path) -> Self {
        Self::with_runs_of(folder, RUN)
    }

    fn with_runs_of(folder: &Path, most: usize) -> Self {
        Self { folder: folder.to_owned(), run: Vec::new(), most, runs: Vec::new() }
    }

    /// Takes a line.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn take(&mut self, line: Placed) -> io::Result<()> {
        self.run.push(line);
        if self.run.len() >= self.most { self.write_run() } else { Ok(()) }
    }

    fn write_run(&mut self) -> io::Result<()> {
        self.run.sort_unstable();
        let path = self.folder.join(format!("run-{}", self.runs.len()));
        let mut out = BufWriter::new(File::create(&path)?);
        for line in self.run.drain(..) {
            write(&mut out, &line)?;
        }
        out.flush()?;
        self.runs.push(path);
        Ok(())
    }

    /// Hands all lines on in their order. The runs are gone afterwards.
    ///
    /// # Errors
    /// When the disk refuses, or as `take`.
    pub fn finish(mut self, take: &mut dyn FnMut(Placed) -> io::Result<()>) -> io::Result<()> {
        self.write_run()?;
        let mut runs = self.runs.iter().map(|path| Lines::open(path)).collect::<io::Result<Vec<_>>>()?;
        let mut next = BinaryHeap::new();
        for (index, run) in runs.iter_mut().enumerate() {
            next.extend(run.next().transpose()?.map(|line| Reverse((line, index))));
        }
        while let Some(Reverse((line, index))) = next.pop() {
            next.extend(runs[index].next().transpose()?.map(|line| Reverse((line, index))));
            take(line)?;
        }
        self.runs.iter().try_for_each(std::fs::remove_file)
    }
}

/// Writes something as a line of JSON.
///
/// # Errors
/// When the disk refuses.
pub fn write(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

/// Lines of JSON of a file.
pub struct Lines<T> {
    file: BufReader<File>,
    text: String,
    what: std::marker::PhantomData<T>,
}

impl<T> Lines<T> {
    /// Opens a file at its beginning.
    ///
    /// # Errors
    /// When it can't be opened.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self::of(BufReader::new(File::open(path)?)))
    }

    /// The lines from here on.
    pub fn of(file: BufReader<File>) -> Self {
        Self { file, text: String::new(), what: std::marker::PhantomData }
    }

    /// How many bytes the line had that was read last.
    pub fn length(&self) -> u64 {
        self.text.len() as u64
    }
}

impl<T: serde::de::DeserializeOwned> Iterator for Lines<T> {
    type Item = io::Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        self.text.clear();
        match self.file.read_line(&mut self.text) {
            Ok(0) => None,
            Ok(_) => Some(serde_json::from_str(&self.text).map_err(io::Error::from)),
            Err(fault) => Some(Err(fault)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::account::Status;

    fn line(place: u64, number: u32) -> Placed {
        let (kind, number) = (if number.is_multiple_of(3) { "dealer" } else { "mechanic" }, format!("{number:010}"));
        let line = Line {
            kind: kind.into(),
            number,
            name: "N".into(),
            street: vec![],
            email: None,
            status: Status::Active,
            is_faulty: false,
        };
        Placed { place, line }
    }

    proptest! {
        #[test]
        fn it_sorts_as_memory_would(numbers in proptest::collection::vec(0u32..50, 0..200), run in 1usize..40) {
            let folder = tempfile::tempdir().unwrap();
            let mut all: Vec<Placed> = numbers.iter().zip(0..).map(|(number, place)| line(place, *number)).collect();
            let mut sorter = Sorter::with_runs_of(folder.path(), run);
            for line in &all {
                sorter.take(line.clone()).unwrap();
            }
            let mut sorted = Vec::new();
            sorter.finish(&mut |line| { sorted.push(line); Ok(()) }).unwrap();
            all.sort();
            prop_assert_eq!(sorted, all);
            prop_assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        }
    }
}
