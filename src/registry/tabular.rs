//! Files of records: a table with a heading, as spreadsheets and databases write it (CSV, with commas, semicolons, tabs or
//! bars), or JSON objects, one on each line or in one array. They are read record by record, however long, in UTF-8, UTF-16
//! or Windows' letters.

use std::{
    cell::Cell,
    io::{self, BufRead, BufReader, Read},
};

use csv::{ByteRecord, ReaderBuilder};
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};
use encoding_rs_io::DecodeReaderBytesBuilder;

use super::json;
use crate::http::csv::as_written;

/// Bytes of one record.
pub(super) const LONGEST_RECORD: usize = 1 << 20;
/// Bytes that a file is known by: the heading of a table, and no more than a reader has in its memory.
const START: u64 = 8 * 1024;
/// What may stand between two cells.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The columns of a file, in any order. A JSON list `name` fills the columns `name_1`, `name_2` and so on.
pub struct Shape {
    /// Their names.
    pub columns: &'static [&'static str],
    /// How many of the first ones must be there.
    pub required: usize,
}

/// The cells of a record, in the order of the shape's columns; what is missing is empty.
pub type Cells = Vec<String>;

/// What takes a record with its place in the file, counted from 1 with the heading. A fault of its own ends the reading.
pub type Take<'a> = &'a mut dyn FnMut(u64, Result<Cells, String>) -> Result<(), String>;

/// Reads a file from its beginning, and hands each record on.
///
/// # Errors
/// A sentence when the file as a whole can't be read; or what `take` fails with.
pub fn read(mut file: impl BufRead, shape: &Shape, take: Take<'_>) -> Result<(), String> {
    let start = file.fill_buf().map_err(|fault| fault.to_string())?;
    if start.starts_with(b"\xD0\xCF\x11\xE0") {
        return Err(
            "This is a workbook of an older program, or one with a password. Save it as .xlsx without a password, \
            or as CSV (UTF-8), then upload that."
                .into(),
        );
    }
    let encoding = encoding_of(start);
    // Without a byte order mark; UTF-8 passes as it is.
    let mut plain = DecodeReaderBytesBuilder::new().encoding(encoding).utf8_passthru(encoding.is_none()).build(file);
    let mut start = Vec::new();
    plain.by_ref().take(START).read_to_end(&mut start).map_err(|fault| fault.to_string())?;
    let mut file = BufReader::new(io::Cursor::new(start).chain(plain));
    let start = file.fill_buf().map_err(|fault| fault.to_string())?;
    let mark = if start.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let first = start[mark..].iter().find(|byte| !byte.is_ascii_whitespace()).copied();
    file.consume(mark);
    match first {
        Some(b'{') => json::lines(file, shape, take),
        Some(b'[') => json::array(file, shape, take),
        _ => table(file, shape, take),
    }
}

/// The encoding that a beginning shows, where it is not one of eight bits: a byte order mark, or letters of ASCII with a
/// zero on one side.
fn encoding_of(start: &[u8]) -> Option<&'static Encoding> {
    match start {
        [0xFF, 0xFE, ..] | [1..=0x7F, 0, 1..=0x7F, 0, ..] => Some(UTF_16LE),
        [0xFE, 0xFF, ..] | [0, 1..=0x7F, 0, 1..=0x7F, ..] => Some(UTF_16BE),
        _ => None,
    }
}

/// What spreadsheets write in the place of a value that a formula does not have.
const NO_VALUES: [&[u8]; 8] = [b"#N/A", b"#VALUE!", b"#REF!", b"#DIV/0!", b"#NAME?", b"#NULL!", b"#NUM!", b"#SPILL!"];

pub(super) fn unknown(name: &str, shape: &Shape) -> String {
    let name: String = name.chars().take(40).collect();
    format!("There is no column {name}; those there are: {}.", shape.columns.join(", "))
}

fn table(mut file: impl BufRead, shape: &Shape, take: Take<'_>) -> Result<(), String> {
    let separator = separator(&mut file).map_err(|fault| fault.to_string())?;
    let left = Cell::new(LONGEST_RECORD);
    let mut reader =
        ReaderBuilder::new().flexible(true).delimiter(separator).from_reader(Bounded { file, left: &left });
    let heading = reader.byte_headers().map_err(|fault| fault.to_string())?.clone();
    let columns = Columns::of(&heading, shape, separator)?;
    let mut record = ByteRecord::new();
    loop {
        left.set(LONGEST_RECORD);
        match reader.read_byte_record(&mut record) {
            Ok(false) => return Ok(()),
            Ok(true) => {}
            Err(fault) => return Err(format!("The rest of the file can't be read: {fault}.")),
        }
        // A row that was cleared, and not deleted.
        if record.iter().all(<[u8]>::is_empty) {
            continue;
        }
        let place = record.position().map_or(0, csv::Position::line);
        take(place, columns.row(&record))?;
    }
}

/// What stands between the cells: what Excel says in a line of its own (`sep=;`), or what the heading has most of.
fn separator(file: &mut impl BufRead) -> io::Result<u8> {
    let start = file.fill_buf()?;
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if let [b's', b'e', b'p', b'=', separator, rest @ ..] = line
        && SEPARATORS.contains(separator)
        && matches!(rest, [] | [b'\r'])
    {
        let (separator, length) = (*separator, (line.len() + 1).min(start.len()));
        file.consume(length);
        return Ok(separator);
    }
    let count = |separator: &u8| line.iter().filter(|byte| *byte == separator).count();
    // Of two that are there as often, the first.
    Ok(SEPARATORS.into_iter().rev().max_by_key(count).unwrap_or(b','))
}

/// A file of which one record may take so much: a quotation mark that nobody closes must not fill the memory.
pub(super) struct Bounded<'a, R> {
    pub(super) file: R,
    pub(super) left: &'a Cell<usize>,
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

/// Where each column of a shape stands in a file.
struct Columns {
    places: Vec<Option<usize>>,
    /// The cells of the heading that say nothing: those below must be empty.
    nameless: Vec<usize>,
    width: usize,
    separator: u8,
    names: &'static [&'static str],
    required: usize,
}

impl Columns {
    fn of(heading: &ByteRecord, shape: &Shape, separator: u8) -> Result<Self, String> {
        let mut found = vec![None; shape.columns.len()];
        let mut nameless = Vec::new();
        for (at, name) in heading.iter().enumerate() {
            let name = text(name).trim().to_lowercase().replace(' ', "_");
            if name.is_empty() {
                nameless.push(at);
                continue;
            }
            match shape.columns.iter().position(|column| *column == name) {
                Some(column) if found[column].is_none() => found[column] = Some(at),
                Some(_) => return Err(format!("The file has two columns named {name}.")),
                None => return Err(unknown(&name, shape)),
            }
        }
        match shape.columns.iter().zip(&found).take(shape.required).find(|(_, at)| at.is_none()) {
            Some((missing, _)) => Err(format!("The column {missing} is missing.")),
            None => Ok(Self {
                places: found,
                nameless,
                width: heading.len(),
                separator,
                names: shape.columns,
                required: shape.required,
            }),
        }
    }

    /// Whether a line within a cell has as many separators as a row has at least: a quotation mark was closed rows later.
    fn holds_rows(&self, cell: &[u8]) -> bool {
        let count = |line: &[u8]| line.iter().filter(|byte| **byte == self.separator).count();
        cell.split(|byte| *byte == b'\n').skip(1).any(|line| count(line) + 1 >= self.required)
    }

    /// The cells of a row. Those that are missing at its end are empty, as spreadsheets leave them out.
    fn row(&self, record: &ByteRecord) -> Result<Cells, String> {
        if record.iter().any(|cell| self.holds_rows(cell)) {
            return Err("A cell contains whole rows of the file. Check for a quotation mark that isn't closed.".into());
        }
        let beyond = (self.width..record.len()).chain(self.nameless.iter().copied());
        if let Some(at) = beyond.into_iter().find(|at| record.get(*at).is_some_and(|cell| !cell.is_empty())) {
            let what = super::tabular::quoted(&text(&record[at]));
            return Err(format!(
                "Cell {} has {what}, and the heading says nothing there. Is a separator or a quotation mark too many?",
                at + 1
            ));
        }
        let is_unknown =
            |at: &Option<usize>| at.and_then(|at| record.get(at)).is_some_and(|cell| NO_VALUES.contains(&cell));
        if let Some((name, _)) = self.names.iter().zip(&self.places).find(|(_, at)| is_unknown(at)) {
            return Err(format!("Column {name}: the spreadsheet could not work out this cell. Type its value in."));
        }
        let cell = |at: &Option<usize>| at.and_then(|at| record.get(at)).map(|cell| as_written(&text(cell)).to_owned());
        Ok(self.places.iter().map(|at| cell(at).unwrap_or_default()).collect())
    }
}

/// A cell's letters: UTF-8 or, where they are not, those of Windows in Western languages (1252), which have a meaning for
/// every byte.
fn text(cell: &[u8]) -> String {
    match std::str::from_utf8(cell) {
        Ok(text) => text.to_owned(),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(cell).0.into_owned(),
    }
}

/// A text as a sentence quotes it.
pub fn quoted(text: &str) -> String {
    format!("“{}”", text.chars().take(40).collect::<String>())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SHAPE: Shape = Shape { columns: &["type", "name", "line_1", "line_2"], required: 2 };

    fn read_all(bytes: &[u8]) -> Result<Vec<Result<Cells, String>>, String> {
        let mut records = Vec::new();
        read(bytes, &SHAPE, &mut |_, record| {
            records.push(record);
            Ok(())
        })?;
        Ok(records)
    }

    fn one(bytes: &[u8]) -> Vec<String> {
        let read = read_all(bytes).unwrap();
        assert_eq!(read.len(), 1, "{read:?}");
        read.into_iter().next().unwrap().unwrap()
    }

    #[test]
    fn lists_and_numbers_of_json_are_cells() {
        let json = "{\"name\":7,\"type\":\"a\",\"line\":[\"x\",null]}\n{\"line\":[1,2,3]}\n{\"name\":{}}\n[]\n";
        let records = read_all(json.as_bytes()).unwrap();
        assert_eq!(records[0].as_deref(), Ok(&["a", "7", "x", ""].map(String::from)[..]));
        assert!(records[1].as_ref().unwrap_err().contains("no column line_3"));
        assert!(records[2].is_err() && records[3].is_err());
        assert!(read_all(b"{\"name\":123456789012345678901}").unwrap()[0].is_err(), "it would be rounded");
        assert_eq!(one(b"{\"type\":\"a\",\"name\":\"b\",\"line\":null}"), ["a", "b", "", ""]);
    }

    #[test]
    fn an_array_of_json_is_read_as_its_objects() {
        let json = b" [ {\"type\":\"a\",\"name\":\"b\"},\n{\"type\":\"c\",\"name\":\"d\"}, 7 ]";
        let records = read_all(json).unwrap();
        assert_eq!(records.len(), 3);
        assert_eq!(records[1].as_deref(), Ok(&["c", "d", "", ""].map(String::from)[..]));
        assert!(records[2].is_err());
        assert!(read_all(b"[{\"type\":\"a\"").is_err(), "cut off");
    }

    #[test]
    fn tables_are_read_as_programs_write_them() {
        let wanted = ["dealer", "CAFÉ; \"X\"", "", "b"];
        let utf16 = |text: &str, mark: bool| {
            let letters = mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
            letters.flat_map(u16::to_le_bytes).collect::<Vec<u8>>()
        };
        let tabs = "type\tname\tline_1\tline_2\r\ndealer\t\"CAFÉ; \"\"X\"\"\"\t\tb\r\n";
        for file in [
            "type,name,line_1,line_2\ndealer,\"CAFÉ; \"\"X\"\"\",,b\n".as_bytes().to_vec(),
            "\u{FEFF}type;name;line_1;line_2\r\ndealer;\"CAFÉ; \"\"X\"\"\";;b\r\n".as_bytes().to_vec(),
            "sep=;\r\nType;Name;Line 1;line_2\r\ndealer;\"CAFÉ; \"\"X\"\"\";;b".as_bytes().to_vec(),
            b"type|name|line_1|line_2\ndealer|\"CAF\xC9; \"\"X\"\"\"||b\n".to_vec(),
            tabs.as_bytes().to_vec(),
            utf16(tabs, true),
            utf16(tabs, false),
            b"type,name,line_1,line_2,,\n,,,,,\ndealer,\"CAF\xC3\x89; \"\"X\"\"\",,b,,\n,,,\n".to_vec(),
        ] {
            assert_eq!(one(&file), wanted, "{}", String::from_utf8_lossy(&file));
        }
        assert_eq!(one(b"type,name,line_1,line_2\ndealer,SHORT ROW\n"), ["dealer", "SHORT ROW", "", ""]);
        let long = read_all(b"type,name\ndealer,A,B\n").unwrap();
        assert!(long[0].as_ref().unwrap_err().contains("Cell 3 has “B”"), "{long:?}");
        let nameless = read_all(b"type,name,\ndealer,A,B\n").unwrap();
        assert!(nameless[0].is_err());
        assert!(read_all(b"\xD0\xCF\x11\xE0...").unwrap_err().contains("Save it as .xlsx"));
        let unknown = read_all(b"type,name\ndealer,#N/A\n").unwrap();
        assert!(unknown[0].as_ref().unwrap_err().starts_with("Column name: "), "{unknown:?}");
    }

    #[test]
    fn rows_that_a_quotation_mark_swallowed_are_no_cell() {
        let swallowed = read_all(b"type,name\ndealer,\"A,1 MAIN ST\ndealer,B\ndealer,\"C\" INC\n").unwrap();
        assert!(swallowed[0].as_ref().unwrap_err().contains("quotation mark"), "{swallowed:?}");
        assert_eq!(one(b"type,name\ndealer,\"two\nlines\"\n")[1], "two\nlines");
        assert!(
            read_all(b"[{\"type\":\"a\",\"name\":\"b\"}]\n[{\"type\":\"c\",\"name\":\"d\"}]").is_err(),
            "two arrays"
        );
    }

    #[test]
    fn a_quotation_mark_that_nobody_closes_ends_the_reading() {
        let mut csv = b"type,name\ndealer,\"A".to_vec();
        csv.resize(3 << 20, b'x');
        assert!(read_all(&csv).unwrap_err().contains("longer than a megabyte"));
        let mut json = b"[{\"type\":\"".to_vec();
        json.resize(3 << 20, b'x');
        assert!(read_all(&json).unwrap_err().contains("longer than a megabyte"));
    }

    #[test]
    fn a_file_without_its_columns_is_refused_as_a_whole() {
        for heading in ["type", "type,name,colour", "type,type,name", ""] {
            assert!(read_all(format!("{heading}\n").as_bytes()).is_err(), "{heading}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), head in 0usize..4) {
            let head: &[u8] = [b"{".as_slice(), b"[", b"type,name\n", b"\xFF\xFE"][head];
            let _ = read_all(&[head, &bytes].concat());
        }
    }
}
