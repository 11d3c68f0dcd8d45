//! The letter room: the day's letters as one batch for the printer, what became of them, and mail that came back (R147).

pub mod confirm;
mod confirm_pages;
pub mod jobs;
mod pages;
pub mod printer;
pub mod queries;
pub mod routes;
pub mod take;

use std::path::PathBuf;

use crate::{db::value::SurrealValue, http::Portal, words::Moment};

/// Where a batch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SurrealValue)]
#[surreal(untagged, rename_all = "lowercase")]
pub enum State {
    /// Its letters are gathered.
    Making,
    /// It can be printed.
    Made,
    /// It is on paper.
    Printed,
    /// It left.
    Mailed,
}

impl State {
    /// Its name on pages.
    pub fn label(self) -> &'static str {
        match self {
            Self::Making => "being made",
            Self::Made => "to be printed",
            Self::Printed => "printed",
            Self::Mailed => "mailed",
        }
    }
}

/// A batch.
#[derive(Clone, Debug, SurrealValue)]
pub struct Batch {
    /// Its name: the day, and a number within it.
    pub name: String,
    /// Where it stands.
    pub state: State,
    /// How many letters are in its PDF.
    pub letters: i64,
    /// How many were not in the spool.
    pub missing: i64,
    /// How many pages it has.
    pub pages: i64,
    /// How long its PDF is, in bytes.
    pub bytes: i64,
    /// The PDF's SHA-256.
    pub hash: String,
    /// Who asked for it; nobody, if the morning did.
    pub by_name: Option<String>,
    /// When.
    pub created: Moment,
    /// When it was printed.
    pub printed: Option<Moment>,
    /// When it left.
    pub mailed: Option<Moment>,
    /// Whether it is in the print provider's folder.
    pub handed: Option<bool>,
}

/// The files of a batch.
pub struct Files {
    folder: PathBuf,
    name: String,
}

impl Files {
    /// Those of this batch.
    pub fn of(portal: &Portal, name: &str) -> Self {
        Self { folder: portal.data.join("batches"), name: name.to_owned() }
    }

    /// Its PDF: gone when the batch has left.
    pub fn pdf(&self) -> PathBuf {
        self.folder.join(format!("letters-{}.pdf", self.name))
    }

    /// What is in it, letter by letter.
    pub fn manifest(&self) -> PathBuf {
        self.folder.join(format!("letters-{}.csv", self.name))
    }

    /// The PDF's SHA-256, as `sha256sum` reads it.
    pub fn hash(&self) -> PathBuf {
        self.folder.join(format!("letters-{}.sha256", self.name))
    }
}
