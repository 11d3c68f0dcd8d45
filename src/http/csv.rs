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
    let lines = futures_util::stream::once(std::future::ready(head))
        .chain(pages)
        .and_then(|rows| async move { written(&rows) });
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
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
    if formula { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_and_is_no_formula() {
        let row = ["a,b", "say \"x\"", "two\nlines", "=SUM(A1)", "-12.50", "@x", ""].map(String::from).to_vec();
        let bytes = written(&[row]).unwrap();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&*bytes);
        let read: Vec<String> = reader.deserialize().next().unwrap().unwrap();
        assert_eq!(read, ["a,b", "say \"x\"", "two\nlines", "'=SUM(A1)", "-12.50", "'@x", ""]);
    }
}
