//! A file of ledger entries: each has a reference of the agency's accounting, and is posted once. An entry that is on the
//! ledger already is left as it is; one that is there with another amount or text is a fault, because entries never change.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    io::{self, BufReader, BufWriter, Write},
    path::Path,
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    Files,
    compare::{Compared, Uncompared},
    reading::{Counts, LineLog, Unread},
    sorting::{Lines, write},
    source::{FaultyLine, account},
    tabular::{self, Shape, quoted},
};
use crate::{
    account::{self as accounts, OnFile, Origin, Posting},
    db::Db,
    form,
    words::{AccountId, Agency, Cents},
};

/// The columns of a file. Only the date may be missing.
pub const COLUMNS: [&str; 6] = ["type", "number", "reference", "amount", "text", "date"];
/// How large a file may be, in bytes: a hash of each entry is kept in memory, to find those that are twice in it.
pub const LARGEST: u64 = 64 << 20;
/// Letters of a reference.
const LONGEST_REFERENCE: usize = 40;
/// Entries that are compared at a time.
const AT_ONCE: usize = 500;

/// An entry as the file has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryLine {
    /// Its place in the file.
    pub place: u64,
    /// Whose ledger.
    pub account: AccountId,
    /// What makes it the account's only one.
    pub reference: String,
    /// How much, in cents.
    pub cents: i64,
    /// What for.
    pub text: String,
    /// Its day in the agency's books.
    pub book_day: Option<String>,
}

impl EntryLine {
    /// What is posted.
    pub fn posting(self) -> Posting {
        Posting {
            account: self.account,
            origin: Origin::File,
            reference: self.reference,
            text: self.text,
            amount: Cents(self.cents),
            book_day: self.book_day,
        }
    }

    /// Why it can't be posted as it is, or whether it is new.
    fn compared(&self, on_file: &OnFile) -> Result<bool, String> {
        if !on_file.account {
            return Err("Columns type and number: this account is not on file.".into());
        }
        let Some(cents) = on_file.cents else { return Ok(true) };
        if cents == self.cents && on_file.text.as_ref() == Some(&self.text) && on_file.book_day == self.book_day {
            return Ok(false);
        }
        Err(format!(
            "Reference {} is on the ledger with other details: {}, {}. Reverse that entry, and send the right one with another reference.",
            quoted(&self.reference),
            Cents(cents),
            on_file.text.as_deref().unwrap_or_default()
        ))
    }
}

fn believed(place: u64, cells: &[String], agency: &Agency) -> Result<EntryLine, String> {
    let account = account(&cells[0], &cells[1], agency)?;
    let reference = form::line(&cells[2], "the reference", LONGEST_REFERENCE)
        .map_err(|fault| format!("Column reference, {}: {fault}", quoted(&cells[2])))?;
    // A spreadsheet would take it for a formula, and what is exported has to come back as it was.
    if reference.starts_with(['=', '+', '-', '@', '\'']) {
        return Err(format!("Column reference, {}: begin with a letter or a digit.", quoted(&reference)));
    }
    let amount = Cents::parse(&cells[3]).map_err(|fault| format!("Column amount, {}: {fault}", quoted(&cells[3])))?;
    if amount == Cents(0) {
        return Err("Column amount: enter an amount other than zero.".into());
    }
    let text =
        accounts::entry_text(&cells[4]).map_err(|fault| format!("Column text, {}: {fault}", quoted(&cells[4])))?;
    let book_day =
        accounts::book_day(&cells[5]).map_err(|fault| format!("Column date, {}: {fault}", quoted(&cells[5])))?;
    Ok(EntryLine { place, account, reference, cents: amount.0, text, book_day })
}

/// Reads an import's file, which `source` is or was made of. What an earlier run left is begun anew.
///
/// # Errors
/// Why not.
pub fn read(files: &Files, source: &Path, agency: &Agency) -> Result<Counts, Unread> {
    let mut log = LineLog::begin(files)?;
    let mut out = BufWriter::new(File::create(files.sorted())?);
    let mut seen = HashMap::new();
    let shape = Shape { columns: &COLUMNS, required: 5 };
    let read = tabular::read(BufReader::new(File::open(source)?), &shape, &mut |place, cells| {
        let line = cells.and_then(|cells| believed(place, &cells, agency)).and_then(|line| {
            // Hashes, because a file of short lines has millions of them.
            let key = format!("{}\n{}", line.account.key(), line.reference);
            match seen.insert(<[u8; 32]>::from(Sha256::digest(key)), place) {
                None => Ok(line),
                Some(first) => Err(format!(
                    "Column reference: this account has the same one on line {first}. Delete one of the two lines, or give it another reference."
                )),
            }
        });
        log.take(place, line, |line| write(&mut out, &line))
    });
    log.read_to_the_end(read)?;
    out.flush()?;
    Ok(log.end()?)
}

/// Writes what is to be posted, and those that can't be to the faults; says how many there are of each.
///
/// # Errors
/// Why not.
pub async fn compare(db: &Db, files: &Files, counts: &mut Counts) -> Result<Compared, Uncompared> {
    let mut out = BufWriter::new(File::create(files.changes())?);
    let mut faults = BufWriter::new(OpenOptions::new().append(true).open(files.faults())?);
    let mut lines = Lines::<EntryLine>::open(&files.sorted())?;
    let mut compared = Compared::default();
    loop {
        let some = lines.by_ref().take(AT_ONCE).collect::<io::Result<Vec<_>>>()?;
        if some.is_empty() {
            break;
        }
        let keys: Vec<_> = some.iter().map(|line| (&line.account, line.reference.as_str())).collect();
        let on_file = accounts::on_ledgers(db, &keys).await?;
        for (line, on_file) in some.iter().zip(&on_file) {
            match line.compared(on_file) {
                Ok(true) => {
                    compared.fresh += 1;
                    write(&mut out, line)?;
                }
                Ok(false) => compared.same += 1,
                Err(sentence) => {
                    counts.faults += 1;
                    write(&mut faults, &FaultyLine { line: line.place, sentence })?;
                }
            }
        }
    }
    // On the disk before the database says that the file was read.
    for mut written in [out, faults] {
        written.flush()?;
        written.get_ref().sync_all()?;
    }
    Ok(compared)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::agency::SEED;

    fn line(cells: [&str; 6]) -> Result<EntryLine, String> {
        believed(2, &cells.map(String::from), &Agency::parse(SEED).unwrap())
    }

    #[test]
    fn each_cell_is_looked_at() {
        let read = line(["Dealer", "1005", " INV-7 ", "-1,025.5", "Renewal", "2026-11-01"]).unwrap();
        assert_eq!(
            (read.cents, read.reference.as_str(), read.account.key().as_str()),
            (-102_550, "INV-7", "dealer/0000001005")
        );
        for cells in [
            ["boat", "1005", "A", "1", "x", ""],
            ["dealer", "", "A", "1", "x", ""],
            ["dealer", "1005", " ", "1", "x", ""],
            ["dealer", "1005", "-7", "1", "x", ""],
            ["dealer", "1005", "A", "0.00", "x", ""],
            ["dealer", "1005", "A", "1.234", "x", ""],
            ["dealer", "1005", "A", "1", "", ""],
            ["dealer", "1005", "A", "1", "x", "11/01/2026"],
        ] {
            assert!(line(cells).is_err(), "{cells:?}");
        }
    }

    #[test]
    fn an_entry_never_changes() {
        let read = line(["dealer", "1005", "A", "1.00", "Fee", ""]).unwrap();
        let on_file = |cents: Option<i64>, text: &str| OnFile {
            account: true,
            text: cents.map(|_| text.to_owned()),
            cents,
            book_day: None,
        };
        assert_eq!(read.compared(&on_file(None, "")), Ok(true));
        assert_eq!(read.compared(&on_file(Some(100), "Fee")), Ok(false));
        assert!(read.compared(&on_file(Some(200), "Fee")).unwrap_err().contains("$2.00, Fee"));
        assert!(read.compared(&on_file(Some(100), "Fees")).is_err());
        assert!(read.compared(&OnFile { account: false, ..on_file(None, "") }).is_err());
    }
}
