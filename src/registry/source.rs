//! A file of the agency's registry: CSV with a heading, or a JSON object on each line. It is read line by line.

use std::{
    cell::Cell,
    io::{self, BufRead, Read},
};

use csv::{ByteRecord, ReaderBuilder};
use serde::{Deserialize, Serialize};

use crate::{
    account::Status,
    words::{AccountId, AccountNumber, Agency, EmailAddress},
};

/// The columns of a CSV file. All but type, number and name may be missing.
pub const COLUMNS: [&str; 9] =
    ["type", "number", "name", "address_1", "address_2", "address_3", "address_4", "email", "status"];
/// Bytes of one record.
const LONGEST_RECORD: usize = 1 << 20;
/// Letters of a name or a line of an address.
const LONGEST: usize = 100;

/// An account as the registry has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The type's key.
    pub kind: String,
    /// The number's ten digits.
    pub number: String,
    /// The name.
    pub name: String,
    /// Street, town and ZIP code.
    pub street: Vec<String>,
    /// The e-mail address on record.
    pub email: Option<EmailAddress>,
    /// Whether it may be used.
    pub status: Status,
}

impl Line {
    /// Where it stands among the others.
    pub fn key(&self) -> (&str, &str) {
        (&self.kind, &self.number)
    }

    /// Which account it is.
    pub fn id(&self) -> Option<AccountId> {
        Some(AccountId::new(self.kind.clone(), AccountNumber::parse(&self.number).ok()?))
    }
}

/// A line that can't be read: its place in the file, counted from 1 with the heading, and a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultyLine {
    /// Its place.
    pub line: u64,
    /// What is wrong.
    pub sentence: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonLine {
    #[serde(rename = "type")]
    kind: String,
    number: String,
    name: String,
    #[serde(default)]
    address: Vec<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    status: Option<String>,
}

/// What was read of an account, before any of it is believed.
#[derive(Default)]
struct Raw<'a> {
    kind: &'a str,
    number: &'a str,
    name: &'a str,
    street: Vec<&'a str>,
    email: &'a str,
    status: &'a str,
}

/// Reads a file from its beginning, and hands each line on with its place.
///
/// # Errors
/// A sentence when the file as a whole can't be read; or what `take` fails with.
pub fn read(
    mut file: impl BufRead,
    agency: &Agency,
    take: &mut dyn FnMut(u64, Result<Line, String>) -> Result<(), String>,
) -> Result<(), String> {
    let start = file.fill_buf().map_err(|fault| fault.to_string())?;
    let mark = if start.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let is_json = start[mark..].iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    file.consume(mark);
    if is_json { json(file, agency, take) } else { comma_separated(file, agency, take) }
}

fn json(
    mut file: impl BufRead,
    agency: &Agency,
    take: &mut dyn FnMut(u64, Result<Line, String>) -> Result<(), String>,
) -> Result<(), String> {
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        // A line without an end must not fill the memory.
        let read = (&mut file).take(1 << 20).read_until(b'\n', &mut bytes).map_err(|fault| fault.to_string())?;
        if read == 0 {
            break;
        }
        if bytes.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let parsed =
            serde_json::from_slice::<JsonLine>(&bytes).map_err(|fault| format!("No account in JSON: {fault}."));
        let line = parsed.and_then(|line| {
            let raw = Raw {
                kind: &line.kind,
                number: &line.number,
                name: &line.name,
                street: line.address.iter().map(String::as_str).collect(),
                email: line.email.as_deref().unwrap_or_default(),
                status: line.status.as_deref().unwrap_or_default(),
            };
            believed(&raw, agency)
        });
        take(number, line)?;
    }
    Ok(())
}

fn comma_separated(
    file: impl Read,
    agency: &Agency,
    take: &mut dyn FnMut(u64, Result<Line, String>) -> Result<(), String>,
) -> Result<(), String> {
    let left = Cell::new(LONGEST_RECORD);
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(Bounded { file, left: &left });
    let heading = reader.byte_headers().map_err(|fault| fault.to_string())?.clone();
    let columns = columns(&heading)?;
    let mut record = ByteRecord::new();
    loop {
        left.set(LONGEST_RECORD);
        match reader.read_byte_record(&mut record) {
            Ok(false) => return Ok(()),
            Ok(true) => {}
            Err(fault) => return Err(format!("The file can't be read on: {fault}.")),
        }
        let place = record.position().map_or(0, csv::Position::line);
        take(place, row(&record, heading.len(), &columns, agency))?;
    }
}

/// A file of which one record may take so much: a quotation mark that nobody closes must not fill the memory.
struct Bounded<'a, R> {
    file: R,
    left: &'a Cell<usize>,
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left.get() == 0 {
            return Err(io::Error::other("a line is longer than a megabyte: is a quotation mark not closed?"));
        }
        let most = buffer.len().min(self.left.get());
        let read = self.file.read(&mut buffer[..most])?;
        self.left.set(self.left.get() - read);
        Ok(read)
    }
}

fn row(record: &ByteRecord, width: usize, columns: &[Option<usize>; 9], agency: &Agency) -> Result<Line, String> {
    if record.len() != width {
        return Err(format!("It has {} cells, the heading {width}.", record.len()));
    }
    let cells: Vec<&str> = record
        .iter()
        .map(|cell| std::str::from_utf8(cell).map_err(|_| "Its letters are not UTF-8.".to_owned()))
        .collect::<Result<_, _>>()?;
    let cell = |column: usize| columns[column].map_or("", |at| cells[at]);
    let raw = Raw {
        kind: cell(0),
        number: cell(1),
        name: cell(2),
        street: (3..7).map(cell).collect(),
        email: cell(7),
        status: cell(8),
    };
    believed(&raw, agency)
}

/// Where each column stands in the file.
fn columns(heading: &ByteRecord) -> Result<[Option<usize>; 9], String> {
    let mut found = [None; 9];
    for (at, name) in heading.iter().enumerate() {
        let name = String::from_utf8_lossy(name).trim().to_lowercase().replace(' ', "_");
        match COLUMNS.iter().position(|column| *column == name) {
            Some(column) if found[column].is_none() => found[column] = Some(at),
            Some(_) => return Err(format!("The column {name} is there twice.")),
            None => return Err(format!("There is no column {name}; those there are: {}.", COLUMNS.join(", "))),
        }
    }
    match COLUMNS[..3].iter().zip(found).find(|(_, at)| at.is_none()) {
        Some((missing, _)) => Err(format!("The column {missing} is missing.")),
        None => Ok(found),
    }
}

fn believed(raw: &Raw<'_>, agency: &Agency) -> Result<Line, String> {
    let typed = raw.kind.trim();
    let kind = agency.account_types.iter().find(|kind| kind.key == typed || kind.name.eq_ignore_ascii_case(typed));
    let kind = kind.ok_or_else(|| format!("There is no account type {}.", quoted(typed)))?;
    let number = AccountNumber::parse(raw.number).map_err(|fault| format!("Number {}: {fault}", quoted(raw.number)))?;
    let name = text("name", raw.name)?;
    if name.is_empty() {
        return Err("The name is missing.".into());
    }
    let street: Vec<String> = raw.street.iter().map(|line| text("address", line)).collect::<Result<_, _>>()?;
    let street: Vec<String> = street.into_iter().filter(|line| !line.is_empty()).collect();
    if street.len() > 4 {
        return Err("An address has at most 4 lines.".into());
    }
    let email = match raw.email.trim() {
        "" => None,
        typed => Some(EmailAddress::parse(typed).map_err(|_| format!("{} is no e-mail address.", quoted(typed)))?),
    };
    let status = match raw.status.trim().to_lowercase().as_str() {
        "" | "active" => Status::Active,
        "closed" => Status::Closed,
        other => return Err(format!("The status is active or closed, not {}.", quoted(other))),
    };
    Ok(Line { kind: kind.key.clone(), number: number.digits(), name, street, email, status })
}

fn text(what: &str, raw: &str) -> Result<String, String> {
    let text = raw.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() > LONGEST {
        return Err(format!("The {what} is longer than {LONGEST} letters."));
    }
    if text.chars().any(char::is_control) {
        return Err(format!("The {what} has letters that can't be printed."));
    }
    Ok(text)
}

fn quoted(text: &str) -> String {
    format!("“{}”", text.chars().take(40).collect::<String>())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::words::agency::SEED;

    type Read = Vec<(u64, Result<Line, String>)>;

    fn read_all(bytes: &[u8]) -> Result<Read, String> {
        let agency = Agency::parse(SEED).unwrap();
        let mut lines = Vec::new();
        read(bytes, &agency, &mut |place, line| {
            lines.push((place, line));
            Ok(())
        })?;
        Ok(lines)
    }

    #[test]
    fn csv_and_json_say_the_same() {
        let csv = "\u{FEFF}Type,Number,Name,Address 1,Address 2,Email\r\n\
            Dealer,00-00001005,\"SMITH, \"\"AND\"\" SONS\",1  MAIN ST,LANSING MI 48901,a@b.example\r\n";
        let json = "{\"type\":\"dealer\",\"number\":\"1005\",\"name\":\"SMITH, \\\"AND\\\" SONS\",\
            \"address\":[\"1 MAIN ST\",\"LANSING MI 48901\"],\"email\":\"a@b.example\",\"status\":\"active\"}\n\n";
        let (one, other) = (read_all(csv.as_bytes()).unwrap(), read_all(json.as_bytes()).unwrap());
        assert_eq!(one[0].1, other[0].1);
        let line = one[0].1.clone().unwrap();
        assert_eq!((line.kind.as_str(), line.number.as_str()), ("dealer", "0000001005"));
        assert_eq!((line.name.as_str(), line.street[0].as_str()), ("SMITH, \"AND\" SONS", "1 MAIN ST"));
    }

    #[test]
    fn each_fault_is_told_with_its_place_and_the_others_are_read() {
        let csv = "type,number,name,email,status\n\
            dealer,1,A,,\n\
            boat,2,B,,\n\
            dealer,x,C,,\n\
            dealer,4,,,\n\
            dealer,5,E,nonsense,\n\
            dealer,6,F,,gone\n\
            dealer,7\n\
            dealer,8,\"two\nlines\",,closed\n\
            dealer,9,I,,\n";
        let lines = read_all(csv.as_bytes()).unwrap();
        let faulty: Vec<u64> = lines.iter().filter(|(_, line)| line.is_err()).map(|(place, _)| *place).collect();
        assert_eq!(faulty, [3, 4, 5, 6, 7, 8]);
        assert_eq!(lines[7].1.as_ref().unwrap().name, "two lines");
        assert_eq!(lines[8].0, 11);
    }

    #[test]
    fn a_quotation_mark_that_nobody_closes_ends_the_reading() {
        let mut csv = b"type,number,name\ndealer,1,\"A".to_vec();
        csv.resize(3 << 20, b'x');
        assert!(read_all(&csv).unwrap_err().contains("longer than a megabyte"));
    }

    #[test]
    fn a_file_without_its_columns_is_refused_as_a_whole() {
        for heading in ["type,number", "type,number,name,colour", "type,type,number,name", ""] {
            assert!(read_all(format!("{heading}\n").as_bytes()).is_err(), "{heading}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), json in any::<bool>()) {
            let head: &[u8] = if json { b"{" } else { b"type,number,name\n" };
            let _ = read_all(&[head, &bytes].concat());
        }
    }
}
