//! The window of an envelope (#10), through which name and address are read.

use unicode_width::UnicodeWidthChar;

/// The columns of a row: of capital letters as wide as they are, so many stand in the window. Letters of East Asia take two.
pub const COLUMNS: usize = 40;
/// The rows that the window shows.
pub const ROWS: usize = 6;

/// Name and address as rows that fit the window's width: long lines go on in the next row, and words longer than a row are
/// cut.
pub fn rows(lines: &[String]) -> Vec<String> {
    lines.iter().flat_map(|line| wrapped(line)).collect()
}

/// Whether all rows are seen.
///
/// # Errors
/// A sentence for whoever typed it.
pub fn check(lines: &[String]) -> Result<(), String> {
    match rows(lines).len() {
        0..=ROWS => Ok(()),
        count => Err(format!(
            "Name and address take {count} rows of {COLUMNS} characters. The window of an envelope shows {ROWS}: shorten them."
        )),
    }
}

fn wrapped(line: &str) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for word in line.split(' ').filter(|word| !word.is_empty()) {
        for part in cut(word) {
            match rows.last_mut() {
                Some(row) if width(row) + 1 + width(&part) <= COLUMNS => {
                    row.push(' ');
                    row.push_str(&part);
                }
                _ => rows.push(part),
            }
        }
    }
    rows
}

fn width(text: &str) -> usize {
    text.chars().map(|letter| letter.width().unwrap_or(0)).sum()
}

/// A word in parts that fit a row.
fn cut(word: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for letter in word.chars() {
        let wide = letter.width().unwrap_or(0);
        if parts.last().is_some_and(|part| width(part) + wide > COLUMNS) {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut() {
            part.push(letter);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_usual_stands_as_it_is() {
        let usual = ["MECHANIC SCHOOL", "100 SAMPLE ST", "LANSING MI 48901-1234"].map(String::from);
        assert_eq!(rows(&usual), usual);
        assert!(check(&usual).is_ok());
        let long = ["A".repeat(100), "1 MAIN ST".into(), "LANSING MI 48901".into()];
        assert_eq!(rows(&long).iter().map(String::len).collect::<Vec<_>>(), [40, 40, 20, 9, 16]);
        let much = vec!["WORD ".repeat(19); 4];
        assert!(check(&much).unwrap_err().contains("12 rows"));
        assert_eq!(rows(&["山".repeat(30)]).len(), 2, "they are twice as wide");
    }

    proptest! {
        #[test]
        fn no_row_is_too_wide_and_no_letter_is_lost(line in "\\PC{0,120}") {
            let rows = rows(std::slice::from_ref(&line));
            prop_assert!(rows.iter().all(|row| width(row) <= COLUMNS), "{rows:?}");
            let letters = |text: &str| text.replace(' ', "");
            prop_assert_eq!(letters(&rows.concat()), letters(&line));
        }
    }
}
