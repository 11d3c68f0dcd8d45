//! A file of the agency's accounts.

use std::io::BufRead;

use serde::{Deserialize, Serialize};

use super::tabular::{self, Shape, quoted};
use crate::{
    account::Status,
    words::{AccountId, AccountNumber, Agency, EmailAddress, text, window},
};

/// The columns of a file. All but type, number and name may be missing.
pub const COLUMNS: [&str; 9] =
    ["type", "number", "name", "address_1", "address_2", "address_3", "address_4", "email", "status"];
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
    /// Whether all that is known of it is which account it is: the rest can't be read, and the account stays as it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_faulty: bool,
}

impl Line {
    /// A line of which only the account is known.
    pub fn faulty(id: AccountId) -> Self {
        let (kind, number) = (id.kind, id.number.digits());
        Self {
            kind,
            number,
            name: String::new(),
            street: Vec::new(),
            email: None,
            status: Status::Active,
            is_faulty: true,
        }
    }

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

/// Why a line can't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unbelieved {
    /// What is wrong.
    pub sentence: String,
    /// The account that it is of, if that is known.
    pub account: Option<AccountId>,
}

impl From<String> for Unbelieved {
    fn from(sentence: String) -> Self {
        Self { sentence, account: None }
    }
}

/// Reads a file from its beginning, and hands each line on with its place.
///
/// # Errors
/// A sentence when the file as a whole can't be read; or what `take` fails with.
pub fn read(
    file: impl BufRead,
    agency: &Agency,
    take: &mut dyn FnMut(u64, Result<Line, Unbelieved>) -> Result<(), String>,
) -> Result<(), String> {
    let shape = Shape { columns: &COLUMNS, required: 3 };
    tabular::read(file, &shape, &mut |place, cells| {
        take(place, cells.map_err(Unbelieved::from).and_then(|cells| believed(&cells, agency)))
    })
}

/// The account that a record names.
///
/// # Errors
/// A sentence.
pub fn account(kind: &str, number: &str, agency: &Agency) -> Result<AccountId, String> {
    let typed = kind.trim();
    let kind = agency.account_types.iter().find(|kind| kind.key == typed || kind.name.eq_ignore_ascii_case(typed));
    let kind = kind.ok_or_else(|| {
        let types = agency.account_types.iter().map(|kind| kind.key.as_str()).collect::<Vec<_>>().join(", ");
        format!("Column type: there is no account type {}. Write one of these: {types}.", quoted(typed))
    })?;
    let number = AccountNumber::parse(number).map_err(|fault| format!("Column number, {}: {fault}", quoted(number)))?;
    Ok(AccountId::new(kind.key.clone(), number))
}

fn believed(cells: &[String], agency: &Agency) -> Result<Line, Unbelieved> {
    let id = account(&cells[0], &cells[1], agency)?;
    details(&id, cells).map_err(|sentence| Unbelieved { sentence, account: Some(id) })
}

fn details(id: &AccountId, cells: &[String]) -> Result<Line, String> {
    let name = line(COLUMNS[2], &cells[2])?;
    if name.is_empty() {
        return Err("Column name: enter the name of the account.".into());
    }
    let streets = COLUMNS.iter().zip(cells).skip(3).take(4);
    let street: Vec<String> = streets.map(|(column, cell)| line(column, cell)).collect::<Result<_, _>>()?;
    let street: Vec<String> = street.into_iter().filter(|line| !line.is_empty()).collect();
    let lines: Vec<String> = std::iter::once(name.clone()).chain(street.iter().cloned()).collect();
    window::check(&lines).map_err(|sentence| format!("Columns name and address_1 to address_4: {sentence}"))?;
    let email = match cells[7].trim() {
        "" => None,
        typed => Some(EmailAddress::parse(typed).map_err(|_| {
            format!(
                "Column email: {} is not an e-mail address. Write it as name@example.com, or leave it empty.",
                quoted(typed)
            )
        })?),
    };
    let status = match cells[8].trim().to_lowercase().as_str() {
        "" | "active" => Status::Active,
        "closed" => Status::Closed,
        other => return Err(format!("Column status: write active or closed, not {}.", quoted(other))),
    };
    Ok(Line { kind: id.kind.clone(), number: id.number.digits(), name, street, email, status, is_faulty: false })
}

/// A name or a line of an address, in this column.
fn line(column: &str, raw: &str) -> Result<String, String> {
    let text = text::name(raw);
    if text.chars().count() > LONGEST {
        return Err(format!("Column {column}: shorten it to {LONGEST} characters."));
    }
    if !text.is_empty() && !text::is_shown(&text) {
        return Err(format!("Column {column}: use visible letters and symbols."));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::agency::SEED;

    type Read = Vec<(u64, Result<Line, Unbelieved>)>;

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
}
