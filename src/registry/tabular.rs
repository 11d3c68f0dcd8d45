//! Files of records: CSV with a heading, or a JSON object on each line. They are read record by record, however long.

use std::{
    cell::Cell,
    io::{self, BufRead, Read},
};

use csv::{ByteRecord, ReaderBuilder};
use serde_json::{Map, Value};

/// Bytes of one record.
const LONGEST_RECORD: usize = 1 << 20;

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
    let mark = if start.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let is_json = start[mark..].iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    file.consume(mark);
    if is_json { json(file, shape, take) } else { comma_separated(file, shape, take) }
}

fn json(mut file: impl BufRead, shape: &Shape, take: Take<'_>) -> Result<(), String> {
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        // A line without an end must not fill the memory.
        let most = LONGEST_RECORD as u64;
        let read = (&mut file).take(most).read_until(b'\n', &mut bytes).map_err(|fault| fault.to_string())?;
        if read == 0 {
            break;
        }
        if bytes.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let parsed = serde_json::from_slice(&bytes).map_err(|fault| format!("No record in JSON: {fault}."));
        take(number, parsed.and_then(|object| cells_of(&object, shape)))?;
    }
    Ok(())
}

fn cells_of(object: &Map<String, Value>, shape: &Shape) -> Result<Cells, String> {
    let mut cells = vec![String::new(); shape.columns.len()];
    let mut put = |name: &str, value: &Value| {
        let text = match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            // Beyond this a number in JSON is no longer the one that was written (RFC 8259, section 6).
            Value::Number(number) if number.as_f64().is_some_and(|number| number.abs() < 9_007_199_254_740_992.0) => {
                number.to_string()
            }
            Value::Number(_) => return Err(format!("{name} is too large a number: write it in quotation marks.")),
            _ => return Err(format!("{name} is no text.")),
        };
        let column = shape.columns.iter().position(|column| *column == name).ok_or_else(|| unknown(name, shape))?;
        cells[column] = text;
        Ok(())
    };
    for (name, value) in object {
        match value {
            Value::Array(values) => {
                let mut numbered = values.iter().zip(1..);
                numbered.try_for_each(|(value, number)| put(&format!("{name}_{number}"), value))?;
            }
            value => put(name, value)?,
        }
    }
    Ok(cells)
}

fn unknown(name: &str, shape: &Shape) -> String {
    let name: String = name.chars().take(40).collect();
    format!("There is no column {name}; those there are: {}.", shape.columns.join(", "))
}

fn comma_separated(file: impl Read, shape: &Shape, take: Take<'_>) -> Result<(), String> {
    let left = Cell::new(LONGEST_RECORD);
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(Bounded { file, left: &left });
    let heading = reader.byte_headers().map_err(|fault| fault.to_string())?.clone();
    let columns = columns(&heading, shape)?;
    let mut record = ByteRecord::new();
    loop {
        left.set(LONGEST_RECORD);
        match reader.read_byte_record(&mut record) {
            Ok(false) => return Ok(()),
            Ok(true) => {}
            Err(fault) => return Err(format!("The file can't be read on: {fault}.")),
        }
        let place = record.position().map_or(0, csv::Position::line);
        take(place, row(&record, heading.len(), &columns))?;
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

fn row(record: &ByteRecord, width: usize, columns: &[Option<usize>]) -> Result<Cells, String> {
    if record.len() != width {
        return Err(format!("It has {} cells, the heading {width}.", record.len()));
    }
    let cell = |at: &Option<usize>| match at.map(|at| std::str::from_utf8(&record[at])) {
        None => Ok(String::new()),
        Some(Ok(text)) => Ok(text.to_owned()),
        Some(Err(_)) => Err("Its letters are not UTF-8.".to_owned()),
    };
    columns.iter().map(cell).collect()
}

/// Where each column stands in the file.
fn columns(heading: &ByteRecord, shape: &Shape) -> Result<Vec<Option<usize>>, String> {
    let mut found = vec![None; shape.columns.len()];
    for (at, name) in heading.iter().enumerate() {
        let name = String::from_utf8_lossy(name).trim().to_lowercase().replace(' ', "_");
        match shape.columns.iter().position(|column| *column == name) {
            Some(column) if found[column].is_none() => found[column] = Some(at),
            Some(_) => return Err(format!("The column {name} is there twice.")),
            None => return Err(unknown(&name, shape)),
        }
    }
    match shape.columns.iter().zip(&found).take(shape.required).find(|(_, at)| at.is_none()) {
        Some((missing, _)) => Err(format!("The column {missing} is missing.")),
        None => Ok(found),
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

    #[test]
    fn lists_and_numbers_of_json_are_cells() {
        let json = "{\"name\":7,\"type\":\"a\",\"line\":[\"x\",null]}\n{\"line\":[1,2,3]}\n{\"name\":{}}\n[]\n";
        let records = read_all(json.as_bytes()).unwrap();
        assert_eq!(records[0].as_deref(), Ok(&["a", "7", "x", ""].map(String::from)[..]));
        assert!(records[1].as_ref().unwrap_err().contains("no column line_3"));
        assert!(records[2].is_err() && records[3].is_err());
        assert!(read_all(b"{\"name\":123456789012345678901}").unwrap()[0].is_err(), "it would be rounded");
    }

    #[test]
    fn a_quotation_mark_that_nobody_closes_ends_the_reading() {
        let mut csv = b"type,name\ndealer,\"A".to_vec();
        csv.resize(3 << 20, b'x');
        assert!(read_all(&csv).unwrap_err().contains("longer than a megabyte"));
    }

    #[test]
    fn a_file_without_its_columns_is_refused_as_a_whole() {
        for heading in ["type", "type,name,colour", "type,type,name", ""] {
            assert!(read_all(format!("{heading}\n").as_bytes()).is_err(), "{heading}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), json in any::<bool>()) {
            let head: &[u8] = if json { b"{" } else { b"type,name\n" };
            let _ = read_all(&[head, &bytes].concat());
        }
    }
}
