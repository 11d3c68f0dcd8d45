//! Lists as CSV (RFC 4180), for spreadsheets: sent page by page, so that a long one takes no more memory than a short one.

use actix_web::{HttpResponse, http::header, web::Bytes};
use csv::{Terminator, WriterBuilder};
use futures_util::{Stream, StreamExt, TryStreamExt};

use super::Fault;
use crate::words::Moment;

/// A list that is handed out under this name, with a heading for each column; each part of `pages` is some rows. A fault on
/// the way cuts the answer off, which browsers tell from a whole one.
pub fn csv<S>(name: &str, columns: &[&str], pages: S) -> HttpResponse
where
    S: Stream<Item = Result<Vec<Vec<String>>, Fault>> + 'static,
{
    let head = Ok(vec![columns.iter().map(ToString::to_string).collect()]);
    // Excel takes a file without this mark for one in Windows' letters.
    let mark = futures_util::stream::once(std::future::ready(Ok(Bytes::from_static("\u{FEFF}".as_bytes()))));
    let lines = futures_util::stream::once(std::future::ready(head))
        .chain(pages)
        .and_then(|rows| async move { written(&rows) });
    let lines = mark.chain(lines);
    HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8; header=present")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .streaming(lines)
}

/// A list that fits into the memory.
pub fn csv_of(name: &str, columns: &[&str], rows: Vec<Vec<String>>) -> HttpResponse {
    csv(name, columns, futures_util::stream::once(std::future::ready(Ok(rows))))
}

/// A moment as a cell.
pub fn moment(at: Moment) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

fn written(rows: &[Vec<String>]) -> Result<Bytes, Fault> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    let broken = |fault: &dyn std::fmt::Display| Fault::Broken(format!("a list can't be written: {fault}"));
    for row in rows {
        writer.write_record(row.iter().map(|cell| harmless(cell))).map_err(|fault| broken(&fault))?;
    }
    writer.into_inner().map(Bytes::from).map_err(|fault| broken(&fault))
}

/// A cell that a spreadsheet would take for a formula begins with an apostrophe; numbers stay numbers.
fn harmless(cell: &str) -> String {
    if is_formula(cell) && cell.parse::<f64>().is_err() { format!("'{cell}") } else { cell.to_owned() }
}

/// A cell as it was before it was made harmless: what was handed out as a list can be brought again.
pub fn as_written(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| is_formula(rest)).unwrap_or(cell)
}

/// Whether a cell begins as formulas do, behind any apostrophes.
fn is_formula(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_handed_out_comes_back_as_it_was(cell in "['=+@\\-a-z0-9. ]{0,8}") {
            let written = harmless(&cell);
            prop_assert_eq!(as_written(&written), cell);
        }
    }

    #[test]
    fn what_is_written_reads_back_and_is_no_formula() {
        let row = ["a,b", "say \"x\"", "two\nlines", "=SUM(A1)", "-12.50", "@x", ""].map(String::from).to_vec();
        let bytes = written(&[row]).unwrap();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&*bytes);
        let read: Vec<String> = reader.deserialize().next().unwrap().unwrap();
        assert_eq!(read, ["a,b", "say \"x\"", "two\nlines", "'=SUM(A1)", "-12.50", "'@x", ""]);
    }
}
