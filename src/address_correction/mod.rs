//! Corrects an account's address on record, as when a letter came back. Codes go to that address, so it takes two staff
//! members, and the address of before, the one of now and everybody with access are told.

pub mod jobs;
mod queries;
pub mod routes;
mod views;

use serde::{Deserialize, Serialize};

use crate::{
    account::Account,
    form::{Faults, Fields, line},
    words::{EmailAddress, window},
};

/// The fields of the form's lines.
const LINES: [&str; 4] = ["line-1", "line-2", "line-3", "line-4"];
/// Letters of a line, as in the registry.
const LONGEST: usize = 100;

/// Where an account can be reached by mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Street, town and ZIP code: at least one line, at most four.
    pub street: Vec<String>,
    /// The e-mail address, if there is one.
    pub email: Option<EmailAddress>,
}

impl Address {
    /// The one on record.
    pub fn of(account: &Account) -> Self {
        Self { street: account.street.clone(), email: account.email.clone() }
    }

    /// The one that was typed, for an account of this name.
    ///
    /// # Errors
    /// What is wrong with which field.
    pub fn parse(typed: &Fields, name: &str) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        let mut street = Vec::new();
        for (index, field) in LINES.into_iter().enumerate() {
            // The first line has to be there; an empty one between others is left out.
            if index == 0 || !typed.text(field).trim().is_empty() {
                street.extend(faults.take(field, line(typed.text(field), "a line of the address", LONGEST)));
            }
        }
        let email = match typed.text("email").trim() {
            "" => Some(None),
            text => faults.take("email", EmailAddress::parse(text).map(Some)),
        };
        if faults.is_empty() {
            let lines: Vec<String> = std::iter::once(name.to_owned()).chain(street.iter().cloned()).collect();
            faults.take(LINES[0], window::check(&lines));
        }
        faults.or(email.map(|email| Self { street, email }))
    }

    /// As one sentence's part.
    pub fn shown(&self) -> String {
        let email = self.email.as_ref().map_or_else(|| "no e-mail address".to_owned(), ToString::to_string);
        format!("{}; {email}", self.street.join(", "))
    }
}

/// What a second staff member decides on.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Correction {
    before: Address,
    after: Address,
}
