//! Comparing a file with what is on file: both are walked side by side in the order of the accounts, a few at a time.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, BufWriter, Write},
};

use serde::{Deserialize, Serialize};

use super::{
    Files,
    sorting::{Lines, write},
    source::Line,
};
use crate::{
    account::{self, Account, Status},
    db::{Db, DbError},
};

/// Accounts that are read at a time.
const AT_ONCE: usize = 1000;

/// What is to be changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "lowercase")]
pub enum Change {
    /// An account that is not on file.
    New {
        /// What the registry says.
        after: Line,
    },
    /// One that is on file with other details.
    Changed {
        /// What is on file.
        before: Line,
        /// What the registry says.
        after: Line,
    },
    /// One that is on file and not in the registry.
    Gone {
        /// What is on file.
        before: Line,
    },
}

/// How many accounts there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// New ones.
    pub fresh: i64,
    /// Changed ones.
    pub changed: i64,
    /// The same.
    pub same: i64,
    /// Gone ones.
    pub gone: i64,
}

/// Why it could not be compared.
pub enum Uncompared {
    /// The disk refuses.
    Disk(io::Error),
    /// The database does.
    Db(DbError),
}

impl From<io::Error> for Uncompared {
    fn from(fault: io::Error) -> Self {
        Self::Disk(fault)
    }
}

impl From<DbError> for Uncompared {
    fn from(fault: DbError) -> Self {
        Self::Db(fault)
    }
}

fn line(account: &Account) -> Line {
    Line {
        kind: account.id.kind.clone(),
        number: account.id.number.digits(),
        name: account.name.clone(),
        street: account.street.clone(),
        email: account.email.clone(),
        status: account.status,
        is_faulty: false,
    }
}

/// The accounts on file of some types, in order.
struct OnFile<'a> {
    db: &'a Db,
    /// The type that is being read: none when all were.
    kind: Option<String>,
    kinds: std::collections::btree_set::IntoIter<String>,
    read: std::vec::IntoIter<Account>,
    after: String,
}

impl<'a> OnFile<'a> {
    fn new(db: &'a Db, kinds: BTreeSet<String>) -> Self {
        let mut kinds = kinds.into_iter();
        Self { db, kind: kinds.next(), kinds, read: Vec::new().into_iter(), after: String::new() }
    }

    async fn next(&mut self) -> Result<Option<Line>, DbError> {
        loop {
            if let Some(account) = self.read.next() {
                self.after = account.id.number.digits();
                return Ok(Some(line(&account)));
            }
            let Some(kind) = &self.kind else { return Ok(None) };
            let read = account::of_type(self.db, kind, &self.after, AT_ONCE).await?;
            if read.is_empty() {
                (self.kind, self.after) = (self.kinds.next(), String::new());
            }
            self.read = read.into_iter();
        }
    }
}

/// The types of which a sorted file has a line without a fault.
fn kinds(files: &Files) -> io::Result<BTreeSet<String>> {
    let mut kinds = BTreeSet::new();
    for line in Lines::<Line>::open(&files.sorted())? {
        let line = line?;
        // What a faulty line says of its type may be the fault.
        if !line.is_faulty && !kinds.contains(&line.kind) {
            kinds.insert(line.kind);
        }
    }
    Ok(kinds)
}

/// Writes what is to be changed, in the order of the accounts; says how much of it there is. Accounts of types that the
/// file does not have are none of its business; closed ones are not gone, and none is while not all lines say which account
/// they are of (`all_named`). An account whose line has a fault stays as it is.
///
/// # Errors
/// Why not.
pub async fn compare(db: &Db, files: &Files, all_named: bool) -> Result<Compared, Uncompared> {
    let mut out = BufWriter::new(File::create(files.changes())?);
    let mut on_file = OnFile::new(db, kinds(files)?);
    let mut lines = Lines::<Line>::open(&files.sorted())?;
    let (mut here, mut there) = (on_file.next().await?, lines.next().transpose()?);
    let mut counts = Compared::default();
    loop {
        let order = match (&here, &there) {
            (None, None) => break,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(_), None) => std::cmp::Ordering::Less,
            (Some(here), Some(there)) => here.key().cmp(&there.key()),
        };
        let (before, after) = match order {
            std::cmp::Ordering::Less => (here.take(), None),
            std::cmp::Ordering::Greater => (None, there.take()),
            std::cmp::Ordering::Equal => (here.take(), there.take()),
        };
        let change = match (before, after) {
            (_, Some(after)) if after.is_faulty => None,
            (Some(before), Some(after)) if before == after => {
                counts.same += 1;
                None
            }
            (Some(before), Some(after)) => {
                counts.changed += 1;
                Some(Change::Changed { before, after })
            }
            (None, Some(after)) => {
                counts.fresh += 1;
                Some(Change::New { after })
            }
            (Some(before), None) if before.status == Status::Active && all_named => {
                counts.gone += 1;
                Some(Change::Gone { before })
            }
            _ => None,
        };
        if let Some(change) = change {
            write(&mut out, &change)?;
        }
        if here.is_none() {
            here = on_file.next().await?;
        }
        if there.is_none() {
            there = lines.next().transpose()?;
        }
    }
    out.flush()?;
    // On the disk before the database says that the file was read.
    out.get_ref().sync_all()?;
    Ok(counts)
}
