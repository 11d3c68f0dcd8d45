//! Verifying the trail: the chain is walked from its first row, and what does not hold is named.

use std::{collections::BTreeSet, io::BufRead};

use serde::{Deserialize, Serialize};

use super::seal::{Row, Seal, hash, head, signed_text, text};
use crate::{
    db::{Db, DbError, statement, value::SurrealValue},
    http::Portal,
    words::{AuditKeys, Keys, audit_keys::Signed},
};

/// Links that are looked at in one question.
const AT_ONCE: i64 = 1000;
/// What the keyed hashes of older links are for.
const OLD_PURPOSE: &str = "audit chain";
/// Bytes of a line of a file of links.
const LONGEST_LINE: u64 = 1 << 20;

/// What does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// The row of this place was changed, or is not the one that was sealed there.
    Changed(i64),
    /// The row of this place is gone.
    Missing(i64),
    /// The chain has no link of this place.
    Broken(i64),
    /// The chain ends before or after the row that was sealed last.
    End {
        /// Where it ends.
        found: i64,
        /// Where it should.
        sealed: i64,
    },
    /// The chain's end here is not signed by a key that is believed.
    Unsigned(i64),
    /// The seal that was noted elsewhere is not that of this chain.
    Noted(i64),
    /// So many rows were put in beside the sealer's back, or taken from what it has yet to seal.
    Uncounted(i64),
}

impl std::fmt::Display for Flaw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Changed(number) => write!(f, "row {number} was changed or moved"),
            Self::Missing(number) => write!(f, "row {number} is gone"),
            Self::Broken(number) => write!(f, "the chain has no link {number}"),
            Self::End { found, sealed } => write!(f, "the chain ends at row {found}, but {sealed} rows were sealed"),
            Self::Unsigned(number) => write!(f, "the chain up to row {number} is not signed by a known key"),
            Self::Noted(number) => write!(f, "the seal of row {number} is not the one that was noted"),
            Self::Uncounted(count) => write!(f, "{count} rows are neither sealed nor wait for it"),
        }
    }
}

/// What verifying found.
#[derive(Clone, Debug)]
pub struct Report {
    /// The end of the chain.
    pub head: Seal,
    /// Rows that wait for the sealer.
    pub unsealed: i64,
    /// Rows from before signatures, which only the secret key verifies, when it was not there.
    pub unchecked: i64,
    /// What does not hold.
    pub flaws: Vec<Flaw>,
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for flaw in &self.flaws {
            writeln!(f, "{flaw}")?;
        }
        let state = if self.flaws.is_empty() { "The audit holds." } else { "The audit does not hold." };
        writeln!(f, "{state} {} rows are sealed, {} wait for it.", self.head.number, self.unsealed)?;
        if self.unchecked > 0 {
            writeln!(f, "{} rows from before signatures can be verified only with the secret key.", self.unchecked)?;
        }
        writeln!(f, "Seal: {}", self.head)
    }
}

/// A link of the chain with its row, as it is read, and as a line of a file for whoever verifies elsewhere.
#[derive(SurrealValue, Serialize, Deserialize)]
pub struct Link {
    number: i64,
    pub(super) hash: String,
    format: Option<i64>,
    signed_by: Option<String>,
    signature: Option<String>,
    row: Option<Row>,
}

impl Link {
    /// Whether it bears a signature that holds for the chain up to here.
    fn is_signed(&self, public: &AuditKeys) -> bool {
        let seal = Seal { number: self.number, hash: self.hash.clone() };
        self.signed_by
            .clone()
            .zip(self.signature.clone())
            .is_some_and(|(key, signature)| public.verifies(&signed_text(&seal), &Signed { key, signature }))
    }

    /// Whether its hash is the keyed one of this row, from before signatures.
    fn is_keyed(&self, keys: &Keys, before: &str, row: &Row) -> bool {
        keys.hashes(OLD_PURPOSE, &text(self.number, before, row)).contains(&self.hash)
    }
}

/// What links are verified with.
#[derive(Clone, Copy)]
pub struct Trust<'a> {
    /// The public keys that are believed.
    pub public: &'a AuditKeys,
    /// The secret keys, for links from before signatures.
    pub secret: Option<&'a Keys>,
}

impl<'a> Trust<'a> {
    /// What the portal itself believes.
    pub fn of(portal: &'a Portal) -> Self {
        Self { public: &portal.audit_keys, secret: Some(&portal.keys) }
    }

    /// Whether the last of these links is the chain's end, and was sealed by somebody who is believed.
    pub(super) fn believes(&self, links: &[Link], end: &Seal) -> bool {
        let (Some(last), before) = (links.last(), links.len().checked_sub(2).map(|at| &links[at].hash)) else {
            return false;
        };
        if last.number != end.number || last.hash != end.hash {
            return false;
        }
        if last.format.is_some() {
            return last.is_signed(self.public);
        }
        let before = before.map_or("", String::as_str);
        let row = last.row.as_ref();
        row.is_some_and(|row| self.secret.is_some_and(|keys| last.is_keyed(keys, before, row)))
    }
}

#[derive(SurrealValue)]
struct Counts {
    rows: i64,
    unsealed: i64,
}

/// Walks the whole chain. A seal that was noted elsewhere also finds an end that was cut off.
///
/// # Errors
/// When the database does not answer.
pub async fn verify(db: &Db, trust: Trust<'_>, noted: Option<&Seal>) -> Result<Report, DbError> {
    let head = head(db).await?;
    let mut walk = Walk::new(trust, noted);
    loop {
        let links = links(db, walk.last.number, head.number).await?;
        if links.is_empty() {
            break;
        }
        links.into_iter().for_each(|link| walk.step(link));
    }
    let counts = counts(db).await?;
    let (last, unchecked, mut flaws) = walk.end();
    if last != head {
        flaws.push(Flaw::End { found: last.number, sealed: head.number });
    }
    // Rows that were sealed while this walked are counted on both sides.
    let beyond = super::head(db).await?.number - head.number;
    let uncounted = counts.rows - counts.unsealed - head.number;
    if !(0..=beyond).contains(&uncounted) && !flaws.iter().any(|flaw| matches!(flaw, Flaw::Missing(_))) {
        flaws.push(Flaw::Uncounted(uncounted));
    }
    Ok(Report { head, unsealed: counts.unsealed, unchecked, flaws })
}

/// Verifies a file of links, as [`export`] writes it: with public keys alone, without the portal and its database. Rows from
/// before signatures are passed over as far as the operator says that there are such; others of that kind are forged.
///
/// # Errors
/// A sentence when the file can't be read, or is empty.
pub fn verify_file(
    mut file: impl BufRead,
    public: &AuditKeys,
    unsigned_until: i64,
    noted: Option<&Seal>,
) -> Result<Report, String> {
    let mut walk = Walk { unsigned_until, ..Walk::new(Trust { public, secret: None }, noted) };
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let read = std::io::Read::take(&mut file, LONGEST_LINE).read_until(b'\n', &mut line);
        if read.map_err(|fault| fault.to_string())? == 0 {
            break;
        }
        walk.step(serde_json::from_slice(&line).map_err(|fault| format!("line {number} is no link: {fault}"))?);
    }
    let (head, unchecked, flaws) = walk.end();
    if head.number == 0 {
        return Err("there are no rows in it".into());
    }
    Ok(Report { head, unsealed: 0, unchecked, flaws })
}

/// Writes all links with their rows, each as a line of JSON.
///
/// # Errors
/// A sentence when the database does not answer, or the file can't be written.
pub async fn export(db: &Db, file: &mut impl std::io::Write) -> Result<Seal, String> {
    let head = head(db).await.map_err(|fault| fault.to_string())?;
    let mut last = 0;
    loop {
        let links = links(db, last, head.number).await.map_err(|fault| fault.to_string())?;
        let Some(end) = links.last() else { break };
        last = end.number;
        for link in &links {
            serde_json::to_writer(&mut *file, link).map_err(|fault| fault.to_string())?;
            file.write_all(b"\n").map_err(|fault| fault.to_string())?;
        }
    }
    file.flush().map_err(|fault| fault.to_string())?;
    Ok(head)
}

struct Walk<'a> {
    trust: Trust<'a>,
    noted: Option<&'a Seal>,
    last: Seal,
    /// Whether links are signed from here on: then no keyed one may follow.
    is_signed: bool,
    /// The row up to which a signature holds.
    proved: i64,
    /// The last row from before signatures, by the word of whoever verifies without the secret key.
    unsigned_until: i64,
    unchecked: i64,
    seen: BTreeSet<String>,
    flaws: Vec<Flaw>,
}

impl<'a> Walk<'a> {
    fn new(trust: Trust<'a>, noted: Option<&'a Seal>) -> Self {
        Self {
            trust,
            noted,
            last: Seal::none(),
            is_signed: false,
            proved: 0,
            unsigned_until: 0,
            unchecked: 0,
            seen: BTreeSet::new(),
            flaws: Vec::new(),
        }
    }

    /// Where the chain ends, how many rows were not looked at, and what does not hold.
    fn end(mut self) -> (Seal, i64, Vec<Flaw>) {
        let unsigned = Flaw::Unsigned(self.last.number);
        if self.is_signed && self.proved != self.last.number && !self.flaws.contains(&unsigned) {
            self.flaws.push(unsigned);
        }
        if let Some(noted) = self.noted.filter(|noted| noted.number > self.last.number) {
            self.flaws.push(Flaw::Noted(noted.number));
        }
        (self.last, self.unchecked, self.flaws)
    }

    /// Whether a row is the one that was sealed here.
    fn holds(&mut self, link: &Link, row: &Row) -> bool {
        if link.format.is_some() {
            self.is_signed = true;
            return hash(link.number, &self.last.hash, row) == link.hash;
        }
        match self.trust.secret {
            _ if self.is_signed => false,
            Some(keys) => link.is_keyed(keys, &self.last.hash, row),
            None => {
                self.unchecked += 1;
                link.number <= self.unsigned_until
            }
        }
    }

    /// Looks at a link. What follows a flaw is judged by what the flaw's link says, so that each is named once.
    fn step(&mut self, link: Link) {
        self.flaws.extend((self.last.number + 1..link.number).map(Flaw::Broken));
        match &link.row {
            None => self.flaws.push(Flaw::Missing(link.number)),
            Some(row) => {
                if !self.holds(&link, row) || !self.seen.insert(row.key.clone()) {
                    self.flaws.push(Flaw::Changed(link.number));
                }
            }
        }
        if self.noted.is_some_and(|noted| noted.number == link.number && noted.hash != link.hash) {
            self.flaws.push(Flaw::Noted(link.number));
        }
        if link.is_signed(self.trust.public) {
            self.proved = link.number;
        } else if link.signature.is_some() {
            self.flaws.push(Flaw::Unsigned(link.number));
        }
        self.last = Seal { number: link.number, hash: link.hash };
    }
}

statement! {
    Links { from: i64, until: i64 } -> Vec<Link>;
    reads audit_chain, audit;
    "SELECT record::id(id) AS number, hash, format, signed_by, signature,
        (SELECT record::id(id) AS key, at, who, did, what, note, source, session FROM ONLY type::record('audit', $parent.row)) AS row
     FROM type::record('audit_chain', $from..=$until)"
}

pub(super) async fn links(db: &Db, after: i64, until: i64) -> Result<Vec<Link>, DbError> {
    db.ask(Links { from: after.max(0) + 1, until: until.min(after + AT_ONCE) }).await
}

statement! {
    Count -> Option<Counts>;
    reads audit, audit_unsealed, audit_sealed;
    "RETURN {
        rows: (SELECT VALUE count FROM (SELECT count() AS count FROM audit GROUP ALL))[0] ?? 0,
        unsealed: (SELECT VALUE count FROM (SELECT count() AS count FROM audit_unsealed
            WHERE !record::exists(type::record('audit_sealed', record::id(id)[1])) GROUP ALL))[0] ?? 0
    }"
}

async fn counts(db: &Db) -> Result<Counts, DbError> {
    Ok(db.ask(Count {}).await?.unwrap_or(Counts { rows: 0, unsealed: 0 }))
}
