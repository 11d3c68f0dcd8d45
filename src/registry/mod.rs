//! The registry: files of the agency's accounts, and of entries of their ledgers, are read, compared with what is on file,
//! shown, and applied. A file is read line by line; running the same one twice changes nothing.

mod compare;
#[cfg(test)]
mod corpus;
mod entries;
mod entry_pages;
pub mod exports;
pub mod jobs;
mod json;
mod pages;
pub mod queries;
mod reading;
pub mod routes;
mod sorting;
mod source;
mod tabular;
pub mod workbook;

use std::path::PathBuf;

use crate::{
    db::value::SurrealValue,
    http::Portal,
    words::{ImportId, Moment},
};

/// What a file is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SurrealValue)]
#[surreal(untagged, rename_all = "lowercase")]
pub enum Subject {
    /// Accounts.
    Accounts,
    /// Entries of ledgers.
    Ledger,
}

impl Subject {
    /// The subject of this word.
    pub fn of_word(word: &str) -> Option<Self> {
        match word {
            "accounts" => Some(Self::Accounts),
            "ledger" => Some(Self::Ledger),
            _ => None,
        }
    }

    /// Its name on pages.
    pub fn label(self) -> &'static str {
        match self {
            Self::Accounts => "Accounts",
            Self::Ledger => "Ledger entries",
        }
    }
}

/// Where an import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SurrealValue)]
#[surreal(untagged)]
pub enum State {
    /// Its lines are read and compared.
    #[surreal(rename = "reading")]
    Reading,
    /// It can be looked at, and applied.
    #[surreal(rename = "read")]
    Read,
    /// It is no file of a registry.
    #[surreal(rename = "unreadable")]
    Unreadable,
    /// Some of its changes are applied.
    #[surreal(rename = "applying")]
    Applying,
    /// All are.
    #[surreal(rename = "applied")]
    Applied,
    /// No more of them will be.
    #[surreal(rename = "cancelled")]
    Cancelled,
}

impl State {
    /// Its name on pages.
    pub fn label(self) -> &'static str {
        match self {
            Self::Reading => "being read",
            Self::Read => "read, nothing is changed yet",
            Self::Unreadable => "not readable",
            Self::Applying => "being applied",
            Self::Applied => "applied",
            Self::Cancelled => "cancelled",
        }
    }
}

/// An import.
#[derive(Clone, Debug, SurrealValue)]
pub struct Import {
    /// Its id.
    pub id: String,
    /// What the file is about.
    pub subject: Subject,
    /// What the file was called.
    pub file: String,
    /// How long it is.
    pub bytes: i64,
    /// Where it stands.
    pub state: State,
    /// Whether accounts that are not in the file are closed.
    pub close_gone: bool,
    /// How many lines were read.
    pub lines: i64,
    /// How many of them can't be.
    pub faults: i64,
    /// Accounts or entries that are new.
    pub fresh: i64,
    /// Accounts that are on file with other details.
    pub changed: i64,
    /// Accounts or entries that are on file as they are here.
    pub same: i64,
    /// Accounts that are on file, active, of a type that the file has, and not in it.
    pub gone: i64,
    /// How many changes are applied.
    pub applied: i64,
    /// Where in the file of changes the next one begins.
    pub offset: i64,
    /// What could not be read.
    pub said: String,
    /// Who brought it: the employee's id.
    pub author: String,
    /// And name.
    pub author_name: String,
    /// When.
    pub created: Moment,
    /// Since when it stands there.
    pub since: Moment,
}

impl Import {
    /// How many changes there are to apply.
    pub fn changes(&self) -> i64 {
        self.fresh + self.changed + if self.close_gone { self.gone } else { 0 }
    }
}

/// The files of an import.
pub struct Files(PathBuf);

impl Files {
    /// Those of this import.
    pub fn of(portal: &Portal, id: &ImportId) -> Self {
        Self(portal.data.join("imports").join(id.as_str()))
    }

    /// Their folder.
    pub fn folder(&self) -> &PathBuf {
        &self.0
    }

    /// The file as it came.
    pub fn upload(&self) -> PathBuf {
        self.0.join("upload")
    }

    /// The table of a workbook.
    pub fn table(&self) -> PathBuf {
        self.0.join("table")
    }

    /// Its lines that can be read: accounts in their order, entries in the file's.
    pub fn sorted(&self) -> PathBuf {
        self.0.join("sorted")
    }

    /// Lines that can't be read.
    pub fn faults(&self) -> PathBuf {
        self.0.join("faults")
    }

    /// What is to be changed.
    pub fn changes(&self) -> PathBuf {
        self.0.join("changes")
    }
}
