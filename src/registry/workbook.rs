//! Records in a workbook (`.xlsx`), as spreadsheet programs save it: the first sheet that is shown, whose first row is the
//! heading. A workbook is a ZIP archive, so what it unpacks to is bounded before it is read.

use std::io::{self, Read, Seek};

use calamine::{DataRef, ExcelDateTime, Reader, SheetVisible, Xlsx};
use csv::ByteRecord;
use zip::ZipArchive;

use super::tabular::{Columns, LONGEST_RECORD, Shape, Take};

/// Bytes that a workbook may unpack to: its texts are all in the memory while it is read.
const LARGEST: u64 = 512 << 20;
/// The most cells of a row; programs that are told to fill whole rows write 16,384.
const WIDEST: usize = 20_000;

/// Reads the rows of a workbook.
///
/// # Errors
/// A sentence when it can't be read; or what `take` fails with.
pub(super) fn read(mut file: impl Read + Seek, shape: &Shape, take: Take<'_>) -> Result<(), String> {
    if unpacked(&mut file, LARGEST).map_err(unreadable)?.is_none() {
        return Err(format!(
            "The workbook unpacks to more than {} MB. Save the sheet as CSV (UTF-8), then upload the CSV file.",
            LARGEST >> 20
        ));
    }
    file.rewind().map_err(unreadable)?;
    let mut workbook = Xlsx::new(file).map_err(unreadable)?;
    let shown = workbook.sheets_metadata().iter().find(|sheet| sheet.visible == SheetVisible::Visible);
    let Some(sheet) = shown.map(|sheet| sheet.name.clone()) else {
        return Err("The workbook has no sheet that is shown.".into());
    };
    let mut cells = workbook.worksheet_cells_reader(&sheet).map_err(unreadable)?;
    let mut rows = Rows { shape, take, columns: None };
    let (mut row, mut at) = (Vec::new(), 0);
    while let Some(cell) = cells.next_cell().map_err(unreadable)? {
        let (place, column) = cell.get_position();
        if place != at {
            rows.next(at, &std::mem::take(&mut row))?;
            at = place;
        }
        let column = usize::try_from(column).unwrap_or(WIDEST);
        let text = text(cell.get_value());
        if column >= WIDEST || text.len() > LONGEST_RECORD {
            return Err(format!("Row {} is too long for a record.", u64::from(place) + 1));
        }
        if !text.is_empty() {
            row.resize(row.len().max(column + 1), String::new());
            row[column] = text;
        }
    }
    rows.next(at, &row)?;
    match rows.columns {
        Some(_) => Ok(()),
        None => Err(format!("The sheet “{sheet}” is empty. The portal reads the first sheet.")),
    }
}

/// The rows of a sheet, as they come.
struct Rows<'a> {
    shape: &'a Shape,
    take: Take<'a>,
    /// Where the columns are, once the heading was read.
    columns: Option<Columns>,
}

impl Rows<'_> {
    fn next(&mut self, place: u32, cells: &[String]) -> Result<(), String> {
        if cells.is_empty() {
            return Ok(());
        }
        let record = ByteRecord::from(cells.iter().map(String::as_bytes).collect::<Vec<_>>());
        match &self.columns {
            // Nothing stands between the cells of a workbook.
            None => self.columns = Some(Columns::of(&record, self.shape, None)?),
            Some(columns) => (self.take)(u64::from(place) + 1, columns.row(&record))?,
        }
        Ok(())
    }
}

/// What a cell shows, as a table would have it.
fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => shown(*number),
        DataRef::String(text) => text.trim().to_owned(),
        DataRef::SharedString(text) => text.trim().to_owned(),
        DataRef::Bool(is_true) => is_true.to_string(),
        DataRef::DateTime(moment) => day(moment),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
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

/// How many bytes an archive unpacks to, counted and not believed; nothing if more than that.
fn unpacked(file: impl Read + Seek, most: u64) -> io::Result<Option<u64>> {
    let mut archive = ZipArchive::new(file)?;
    let mut all = 0;
    for index in 0..archive.len() {
        let part = archive.by_index(index)?;
        all += io::copy(&mut part.take(most - all + 1), &mut io::sink())?;
        if all > most {
            return Ok(None);
        }
    }
    Ok(Some(all))
}

fn unreadable(fault: impl std::fmt::Display) -> String {
    format!("The workbook can't be read ({fault}). Save the sheet as CSV (UTF-8), then upload the CSV file.")
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;
    use crate::registry::tabular::Cells;

    type Placed = (u64, Result<Cells, String>);

    const SHAPE: Shape = Shape { columns: &["type", "number", "name", "date"], required: 2 };

    /// A workbook as Excel writes it, with these rows in its second sheet; the first one is hidden.
    fn workbook(rows: &str) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let package = "http://schemas.openxmlformats.org/package/2006";
        let workbook_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml";
        for (name, text) in [
            (
                "[Content_Types].xml",
                format!(
                    "<Types xmlns=\"{package}/content-types\"><Override PartName=\"/xl/workbook.xml\" ContentType=\"{workbook_type}\"/></Types>"
                ),
            ),
            (
                "_rels/.rels",
                format!(
                    "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"rId1\" Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
                ),
            ),
            (
                "xl/_rels/workbook.xml.rels",
                format!(
                    "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"rId1\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"rId2\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet2.xml\"/><Relationship Id=\"rId3\" Type=\"{office}/styles\" Target=\"styles.xml\"/><Relationship Id=\"rId4\" Type=\"{office}/sharedStrings\" Target=\"sharedStrings.xml\"/></Relationships>"
                ),
            ),
            (
                "xl/workbook.xml",
                format!(
                    "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets><sheet name=\"Lists\" sheetId=\"1\" state=\"hidden\" r:id=\"rId1\"/><sheet name=\"Accounts\" sheetId=\"2\" r:id=\"rId2\"/></sheets></workbook>"
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
                    "<sst xmlns=\"{main}\"><si><t>type</t></si><si><t>dealer</t></si><si><r><t xml:space=\"preserve\">CAFÉ </t></r><r><t>MOTORS</t></r></si></sst>"
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

    fn text_cell(place: &str, text: &str) -> String {
        format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
    }

    fn heading() -> String {
        let cells = ["type", "number", "name", "date"].iter().zip(["A1", "B1", "C1", "D1"]);
        format!("<row r=\"1\">{}</row>", cells.map(|(name, place)| text_cell(place, name)).collect::<String>())
    }

    fn read_all(bytes: Vec<u8>) -> Result<Vec<Placed>, String> {
        let mut records = Vec::new();
        crate::registry::tabular::read(io::BufReader::new(Cursor::new(bytes)), &SHAPE, &mut |place, record| {
            records.push((place, record));
            Ok(())
        })?;
        Ok(records)
    }

    #[test]
    fn a_sheet_is_read_as_it_is_shown() {
        let rows = heading()
            + "<row r=\"2\"><c r=\"A2\" t=\"s\"><v>1</v></c><c r=\"B2\"><v>1005</v></c><c r=\"C2\" t=\"s\"><v>2</v></c><c r=\"D2\" s=\"1\"><v>46350</v></c></row>\
               <row r=\"3\"><c r=\"A3\"/></row>\
               <row r=\"5\"><c r=\"A5\" t=\"s\"><v>1</v></c><c r=\"B5\"><v>0.30000000000000004</v></c></row>";
        let records = read_all(workbook(&rows)).unwrap();
        let cells = |cells: [&str; 4]| Ok(cells.map(String::from).to_vec());
        assert_eq!(
            records,
            [(2, cells(["dealer", "1005", "CAFÉ MOTORS", "2026-11-24"])), (5, cells(["dealer", "0.3", "", ""]))]
        );
    }

    #[test]
    fn what_is_no_table_is_said() {
        let said = |rows: &str| read_all(workbook(rows)).unwrap_err();
        assert!(said("").contains("The sheet “Accounts” is empty"), "{}", said(""));
        assert!(said(&format!("<row r=\"1\">{}</row>", text_cell("A1", "colour"))).contains("no column colour"));
        let beyond = heading() + &format!("<row r=\"2\">{}</row>", text_cell("F2", "note"));
        assert!(read_all(workbook(&beyond)).unwrap()[0].1.as_ref().unwrap_err().contains("Cell 6 has “note”"));
        assert!(read_all(b"PK\x03\x04 and nothing else".to_vec()).unwrap_err().contains("The workbook can't be read"));
        let wide = heading() + &format!("<row r=\"2\">{}</row>", text_cell("XFD2", "x"));
        assert!(read_all(workbook(&wide)).unwrap()[0].1.is_err(), "the last column of a sheet");
    }

    #[test]
    fn a_workbook_that_unpacks_to_too_much_is_found_by_counting() {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for name in ["a", "b"] {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(&vec![0; 60_000]).unwrap();
        }
        let bytes = zip.finish().unwrap().into_inner();
        assert!(bytes.len() < 1_000);
        assert_eq!(unpacked(Cursor::new(&bytes), 120_000).unwrap(), Some(120_000));
        assert_eq!(unpacked(Cursor::new(&bytes), 119_999).unwrap(), None);
    }
}
