//! Workbooks (`.xlsx`), as spreadsheet programs save them: the first sheet that is shown becomes a table. A workbook may unpack
//! to more than any memory, and asks for memory before it fills it: a process of its own reads it, within bounds, and the
//! portal reads what that wrote.

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, Write},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx};
use rustix::process::{Resource, Rlimit, setrlimit};

use super::Files;

/// Bytes of memory that reading a workbook may take.
const MEMORY: u64 = 2 << 30;
/// Seconds of a processor that it may take.
const SECONDS: u64 = 120;
/// Bytes that its table may have.
const TABLE: u64 = 1 << 30;
/// How long the portal waits for it.
const PATIENCE: Duration = Duration::from_secs(300);
/// Letters of a fault that are shown.
const SHOWN: usize = 200;
/// What workbooks begin with: they are ZIP archives.
const BEGIN: &[u8] = b"PK\x03\x04";

/// The file to read for an import: what was uploaded or, of a workbook, its table, which `program` writes now: the portal's
/// own, in another process.
///
/// # Errors
/// The disk's; within, a sentence for whoever brought the file.
pub(super) async fn table_of(files: &Files, program: &Path) -> io::Result<Result<PathBuf, String>> {
    let upload = files.upload();
    let (file, mut begin) = (upload.clone(), [0; BEGIN.len()]);
    let is_workbook =
        tokio::task::spawn_blocking(move || File::open(file)?.read_exact(&mut begin).map(|()| begin == BEGIN));
    // A file that is shorter is none.
    if !is_workbook.await.map_err(io::Error::other)?.unwrap_or(false) {
        return Ok(Ok(upload));
    }
    let table = files.table();
    let out = tokio::task::spawn_blocking({
        let table = table.clone();
        move || File::create(table)
    });
    let child = tokio::process::Command::new(program)
        .arg("table")
        .arg(upload)
        .env_clear()
        .stdin(Stdio::null())
        .stdout(out.await.map_err(io::Error::other)??)
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let Ok(done) = tokio::time::timeout(PATIENCE, child.wait_with_output()).await else { return Ok(Err(too_large())) };
    let done = done?;
    Ok(match done.status.code() {
        Some(0) => Ok(table),
        Some(1) => {
            let said = String::from_utf8_lossy(&done.stderr);
            Err(said.trim().trim_start_matches("springboard: ").to_owned())
        }
        // It ran into one of its bounds.
        _ => Err(too_large()),
    })
}

/// Writes the table of a workbook, in a process that does nothing else: it takes bounds upon itself first.
///
/// # Errors
/// A sentence for whoever brought the workbook.
pub fn write_table(workbook: &Path, out: impl Write) -> Result<(), String> {
    for (resource, most) in
        [(Resource::As, MEMORY), (Resource::Cpu, SECONDS), (Resource::Fsize, TABLE), (Resource::Core, 0)]
    {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) }).map_err(unreadable)?;
    }
    convert(BufReader::new(File::open(workbook).map_err(unreadable)?), out)
}

/// Writes the rows of the first sheet that is shown as CSV, each on the line that its number says.
fn convert(workbook: impl Read + Seek, out: impl Write) -> Result<(), String> {
    let mut workbook = Xlsx::new(workbook).map_err(unreadable)?;
    let is_shown =
        |sheet: &&calamine::Sheet| sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet;
    let Some(sheet) = workbook.sheets_metadata().iter().find(is_shown).map(|sheet| sheet.name.clone()) else {
        return Err("The workbook has no sheet that is shown.".into());
    };
    let mut cells = workbook.worksheet_cells_reader(&sheet).map_err(unreadable)?;
    let mut table = Table { out: csv::WriterBuilder::new().flexible(true).from_writer(out), line: 0, row: Vec::new() };
    let mut at = 0;
    while let Some(cell) = cells.next_cell_with_formula().map_err(unreadable)? {
        let (row, column) = cell.pos;
        if row != at {
            table.end(at)?;
            if row < at {
                return Err("The rows of the sheet are not in order. Save it anew with a spreadsheet program.".into());
            }
            at = row;
        }
        let is_unknown = cell.value == DataRef::Empty && cell.formula.is_some();
        table.put(column, if is_unknown { NO_VALUE.to_owned() } else { text(&cell.value) })?;
    }
    table.end(at)?;
    table.out.flush().map_err(unreadable)
}

/// What stands for a formula that no program has worked out: as spreadsheets write that they can't.
const NO_VALUE: &str = "#VALUE!";

/// A table under way.
struct Table<W: Write> {
    out: csv::Writer<W>,
    /// How many lines were written.
    line: u32,
    row: Vec<String>,
}

impl<W: Write> Table<W> {
    fn put(&mut self, column: u32, text: String) -> Result<(), String> {
        let column = column as usize;
        if text.is_empty() {
            return Ok(());
        }
        self.row.resize(self.row.len().max(column + 1), String::new());
        if !self.row[column].is_empty() {
            return Err(unreadable("two cells are in one place"));
        }
        self.row[column] = text;
        Ok(())
    }

    /// Ends the row of this number, counted from 0. Empty rows before it are empty lines.
    fn end(&mut self, number: u32) -> Result<(), String> {
        if self.row.is_empty() {
            return Ok(());
        }
        while self.line < number {
            self.out.write_record(["", ""]).map_err(unreadable)?;
            self.line += 1;
        }
        // One cell is written with a second one, so that an empty line is none.
        self.row.resize(self.row.len().max(2), String::new());
        self.out.write_record(&self.row).map_err(unreadable)?;
        self.line += 1;
        self.row.clear();
        Ok(())
    }
}

/// What a cell shows, on one line.
fn text(value: &DataRef<'_>) -> String {
    let one_line = |text: &str| {
        text.split(['\r', '\n']).map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
    };
    match value {
        DataRef::Empty => String::new(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => shown(*number),
        DataRef::String(text) => one_line(text),
        DataRef::SharedString(text) => one_line(text),
        DataRef::Bool(is_true) => is_true.to_string(),
        DataRef::DateTime(moment) => day(moment),
        DataRef::DateTimeIso(text) => text.split('T').next().unwrap_or_default().to_owned(),
        DataRef::DurationIso(text) => one_line(text),
        DataRef::Error(fault) => fault.to_string(),
    }
}

/// A number with the 15 digits that spreadsheets show: `0.1 + 0.2` is `0.3`, and no account is `1005.0`.
fn shown(number: f64) -> String {
    format!("{number:.14e}").parse().unwrap_or(number).to_string()
}

/// A day as files have it; a time of day is no part of any column.
fn day(moment: &ExcelDateTime) -> String {
    if !moment.is_datetime() {
        return shown(moment.as_f64());
    }
    let (year, month, day, ..) = moment.to_ymd_hms_milli();
    format!("{year:04}-{month:02}-{day:02}")
}

fn cut(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

fn unreadable(fault: impl std::fmt::Display) -> String {
    let fault = cut(&fault.to_string());
    format!("The workbook can't be read ({fault}). Save the sheet as CSV (UTF-8), then upload the CSV file.")
}

fn too_large() -> String {
    "The workbook is too large to read. Save the sheet as CSV (UTF-8), then upload the CSV file.".into()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;

    /// A workbook as Excel writes it, with these rows in its second sheet; the first one is hidden.
    fn workbook(rows: &str) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let package = "http://schemas.openxmlformats.org/package/2006";
        let relation = |id: u8, kind: &str, target: &str| {
            format!("<Relationship Id=\"rId{id}\" Type=\"{office}/{kind}\" Target=\"{target}\"/>")
        };
        let sheets = [
            relation(1, "worksheet", "worksheets/sheet1.xml"),
            relation(2, "worksheet", "worksheets/sheet2.xml"),
            relation(3, "styles", "styles.xml"),
            relation(4, "sharedStrings", "sharedStrings.xml"),
        ];
        let top = relation(1, "officeDocument", "xl/workbook.xml");
        for (name, text) in [
            ("[Content_Types].xml", format!("<Types xmlns=\"{package}/content-types\"/>")),
            ("_rels/.rels", format!("<Relationships xmlns=\"{package}/relationships\">{top}</Relationships>")),
            (
                "xl/_rels/workbook.xml.rels",
                format!("<Relationships xmlns=\"{package}/relationships\">{}</Relationships>", sheets.concat()),
            ),
            (
                "xl/workbook.xml",
                format!(
                    "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets>\
                     <sheet name=\"Lists\" sheetId=\"1\" state=\"hidden\" r:id=\"rId1\"/>\
                     <sheet name=\"Accounts\" sheetId=\"2\" r:id=\"rId2\"/></sheets></workbook>"
                ),
            ),
            (
                "xl/styles.xml",
                format!(
                    "<styleSheet xmlns=\"{main}\"><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"
                ),
            ),
            (
                "xl/sharedStrings.xml",
                format!(
                    "<sst xmlns=\"{main}\"><si><t>type</t></si><si><t>dealer</t></si>\
                     <si><r><t xml:space=\"preserve\">CAFÉ </t></r><r><t>MOTORS</t></r></si></sst>"
                ),
            ),
            ("xl/worksheets/sheet1.xml", format!("<worksheet xmlns=\"{main}\"><sheetData/></worksheet>")),
            (
                "xl/worksheets/sheet2.xml",
                format!("<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData></worksheet>"),
            ),
        ] {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn table(rows: &str) -> Result<String, String> {
        let mut out = Vec::new();
        convert(Cursor::new(workbook(rows)), &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_sheet_is_written_as_it_is_shown_each_row_on_its_line() {
        let heading =
            "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"inlineStr\"><is><t>number</t></is></c></row>";
        let rows = "<row r=\"2\"><c r=\"A2\" t=\"s\"><v>1</v></c><c r=\"B2\"><v>1005</v></c><c r=\"C2\" t=\"s\"><v>2</v></c><c r=\"D2\" s=\"1\"><v>46350</v></c></row>\
             <row r=\"3\"><c r=\"A3\"/></row>\
             <row r=\"5\"><c r=\"A5\" t=\"inlineStr\"><is><t>two\nlines</t></is></c><c r=\"B5\"><v>0.30000000000000004</v></c></row>\
             <row r=\"6\"><c r=\"A6\" t=\"e\"><v>#N/A</v></c><c r=\"B6\"><f>1+1</f></c></row>";
        assert_eq!(
            table(&format!("{heading}{rows}")).unwrap(),
            "type,number\ndealer,1005,CAFÉ MOTORS,2026-11-24\n,\n,\ntwo lines,0.3\n#N/A,#VALUE!\n"
        );
    }

    #[test]
    fn what_is_no_table_is_said() {
        let backwards = "<row r=\"2\"><c r=\"A2\"><v>1</v></c></row><row r=\"1\"><c r=\"A1\"><v>1</v></c></row>";
        assert!(table(backwards).unwrap_err().contains("not in order"));
        let broken = convert(Cursor::new(b"PK\x03\x04 and nothing else".to_vec()), Vec::new()).unwrap_err();
        assert!(
            broken.starts_with("The workbook can't be read (") && broken.contains("Save the sheet as CSV"),
            "{broken}"
        );
        let twice = "<row r=\"1\"><c r=\"A1\"><v>1</v></c><c r=\"A1\"><v>2</v></c></row>";
        assert!(table(twice).unwrap_err().contains("two cells are in one place"));
        assert_eq!(table("").unwrap(), "");
    }
}
