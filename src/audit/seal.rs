//! The sealer: chains rows that were appended, each with a hash of itself and the one before it, and signs where the chain
//! ends. The key is outside the database: whoever can write there can't sign what was changed.

use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::verify::{Trust, links};
use crate::{
    db::{
        Db, DbError, Query, Refusal, Whole, record_id, statement,
        value::{RecordId, SurrealValue},
    },
    post::paper::write_whole,
    words::Moment,
};

/// Rows of one transaction.
const AT_ONCE: i64 = 500;
/// What a sealer says that does not know the chain's end.
const CHANGED: &str = "the audit's chain is not as it was sealed, and nothing is added to it: run `springboard audit verify`. \
    If the database was replaced on purpose, delete the file audit-seal in the data folder";
/// What a transaction throws when another sealer was quicker.
const OVERTAKEN: Refusal = Refusal::new("another sealer was quicker");

/// The end of the chain.
#[derive(Clone, Debug, PartialEq, Eq, SurrealValue)]
pub struct Seal {
    /// How many rows are sealed.
    pub number: i64,
    /// The hash of the last one; it stands for all before it.
    pub hash: String,
}

impl Seal {
    /// Before the first row.
    pub(super) fn none() -> Self {
        Self { number: 0, hash: String::new() }
    }

    /// Reads what [`Seal`] shows, as an operator noted it: `12:abcd…`.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parsed = text.split_once(':').and_then(|(number, hash)| Some((number.trim().parse().ok()?, hash.trim())));
        match parsed {
            Some((number, hash)) if hash.len() == 64 => Ok(Self { number, hash: hash.to_owned() }),
            _ => Err("a seal is a number, a colon and a hash of 64 hexadecimal digits".into()),
        }
    }
}

impl std::fmt::Display for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.number, self.hash)
    }
}

/// A row as it is hashed.
#[derive(Clone, Debug, SurrealValue, Serialize, Deserialize)]
pub(super) struct Row {
    pub key: String,
    pub at: Moment,
    pub who: String,
    pub did: String,
    pub what: String,
    pub note: String,
    pub source: Option<String>,
    pub session: Option<String>,
}

/// What the hash of a row is made from: its place, the hash before it, and all that it says.
pub(super) fn text(number: i64, before: &str, row: &Row) -> Vec<u8> {
    let at = row.at.to_rfc3339_opts(chrono::SecondsFormat::Nanos, true);
    // Texts and a number always have a JSON form; in it nothing runs into its neighbour.
    let of_before = (number, before, &row.key, at, &row.who, &row.did, &row.what, &row.note);
    // Rows from before sources were kept are hashed as they were then.
    let text = match (&row.source, &row.session) {
        (None, None) => serde_json::to_vec(&of_before),
        origin => serde_json::to_vec(&(of_before, origin)),
    };
    text.unwrap_or_default()
}

/// The format of links whose hashes are not keyed, and whose last one is signed.
const FORMAT: i64 = 2;

/// The hash of a row in its place: SHA-256.
pub(super) fn hash(number: i64, before: &str, row: &Row) -> String {
    hex::encode(
        Sha256::new().chain_update(b"springboard audit row\n").chain_update(text(number, before, row)).finalize(),
    )
}

/// What is signed where the chain ends.
pub(super) fn signed_text(end: &Seal) -> Vec<u8> {
    format!("springboard audit seal\n{end}").into_bytes()
}

#[derive(SurrealValue)]
struct Link {
    /// Its place in the chain.
    id: i64,
    row: String,
    hash: String,
    format: i64,
    signed_by: Option<String>,
    signature: Option<String>,
}

/// That a row is sealed, and where.
#[derive(SurrealValue)]
struct Place {
    /// The row's key.
    id: String,
    number: i64,
}

statement! {
    Head -> Option<Seal>;
    reads audit_head;
    "SELECT number, hash FROM ONLY type::record('audit_head', 'head')"
}

/// The end of the chain.
///
/// # Errors
/// When the database does not answer.
pub async fn head(db: &Db) -> Result<Seal, DbError> {
    Ok(db.ask(Head {}).await?.unwrap_or_else(Seal::none))
}

/// What a sealer stands on.
pub struct Sealer<'a> {
    /// Keys: its own to sign with, and those that the chain's end was signed with.
    pub trust: Trust<'a>,
    /// A file outside of the database with the seal that was made last.
    pub memory: Option<&'a Path>,
}

statement! {
    Chain { from: i64, links: Vec<Link>, places: Vec<Place>, number: i64, hash: String };
    reads audit_head;
    writes audit_chain, audit_sealed, audit_head;
    refuses OVERTAKEN;
    "IF ((SELECT VALUE number FROM ONLY type::record('audit_head', 'head')) ?? 0) != $from { THROW $OVERTAKEN };
     INSERT INTO audit_chain $links RETURN NONE;
     INSERT INTO audit_sealed $places RETURN NONE;
     UPSERT type::record('audit_head', 'head') SET number = $number, hash = $hash RETURN NONE;"
}

/// Chains what was appended since; returns the chain's end. Of two sealers one does nothing. What somebody changed behind
/// the portal's back is not signed: the chain's end has to bear a good signature, and to hold the seal that was made last.
///
/// # Errors
/// When the database does not answer, this process has no key to sign with, or the chain's end is not what it left.
pub async fn seal(db: &Db, sealer: &Sealer<'_>) -> Result<Seal, DbError> {
    let keys = sealer.trust.public;
    loop {
        let begin = head(db).await?;
        let Unsealed { left, rows } = unsealed(db).await?;
        unmark(db, left).await;
        if rows.is_empty() {
            return Ok(begin);
        }
        if !sealer.knows(db, &begin).await? {
            return Err(DbError::Broken(CHANGED.into()));
        }
        let mut end = begin.clone();
        let links = rows.iter().map(|row| {
            let number = end.number + 1;
            end = Seal { number, hash: hash(number, &end.hash, row) };
            let (key, hash) = (row.key.clone(), end.hash.clone());
            Link { id: number, row: key, hash, format: FORMAT, signed_by: None, signature: None }
        });
        let mut links: Vec<Link> = links.collect();
        let signed = keys.sign(&signed_text(&end));
        let signed = signed.ok_or_else(|| DbError::Broken("there is no key to sign the audit with".into()))?;
        if let Some(last) = links.last_mut() {
            (last.signed_by, last.signature) = (Some(signed.key), Some(signed.signature));
        }
        let places = links.iter().map(|link| Place { id: link.row.clone(), number: link.id }).collect();
        let marks = rows.iter().map(|row| record_id("audit_unsealed", (row.at, row.key.clone()))).collect();
        let chain = Chain { from: begin.number, links, places, number: end.number, hash: end.hash.clone() };
        match chain.run(db).await {
            // In the log it stands outside of the database: who cuts the chain's end off can't take it back there.
            Ok(()) => {
                tracing::info!(seal = %end, "the audit was sealed");
                sealer.remember(&end).await;
                unmark(db, marks).await;
            }
            Err(fault) if fault.is_refusal(OVERTAKEN) => return head(db).await,
            Err(fault) => return Err(fault),
        }
    }
}

impl Sealer<'_> {
    /// Whether the chain's end is one that was sealed, and has the seal that was made last behind it.
    async fn knows(&self, db: &Db, end: &Seal) -> Result<bool, DbError> {
        let remembered = match self.memory {
            Some(file) => tokio::fs::read_to_string(file).await.ok().and_then(|text| Seal::parse(text.trim()).ok()),
            None => None,
        };
        if let Some(last) = remembered {
            let there = links(db, last.number - 1, last.number).await?;
            if !there.iter().any(|link| link.hash == last.hash) {
                return Ok(false);
            }
        }
        if end.number == 0 {
            return Ok(true);
        }
        Ok(self.trust.believes(&links(db, end.number - 2, end.number).await?, end))
    }

    /// Writes the seal down. A disk that refuses is no reason not to seal.
    async fn remember(&self, seal: &Seal) {
        let Some(file) = self.memory.map(Path::to_owned) else { return };
        let text = seal.to_string();
        let written = tokio::task::spawn_blocking(move || write_whole(&file, text.as_bytes())).await;
        if !matches!(written, Ok(Ok(()))) {
            tracing::warn!("the seal of the audit can't be written down");
        }
    }
}

/// The next rows to seal.
#[derive(SurrealValue)]
struct Unsealed {
    /// Marks of rows that are sealed: a process ended before it took them away.
    left: Vec<RecordId>,
    rows: Vec<Row>,
}

statement! {
    NextUnsealed { most: i64 } -> Whole<Unsealed>;
    reads audit_unsealed, audit, audit_sealed;
    "LET $marks = (SELECT VALUE id FROM audit_unsealed LIMIT $most);
     LET $rows = $marks.map(|$mark: record| type::record('audit', record::id($mark)[1]));
     RETURN {
        left: $marks.filter(|$mark: record| record::exists(type::record('audit_sealed', record::id($mark)[1]))),
        rows: (SELECT record::id(id) AS key, at, who, did, what, note, source, session FROM $rows
            WHERE !record::exists(type::record('audit_sealed', record::id(id))))
     };"
}

async fn unsealed(db: &Db) -> Result<Unsealed, DbError> {
    Ok(NextUnsealed { most: AT_ONCE }.run(db).await?.0)
}

/// Takes the marks of sealed rows away. What stays is taken away the next time.
async fn unmark(db: &Db, ids: Vec<RecordId>) {
    if !ids.is_empty()
        && let Err(fault) = db.sweep(Sealed { ids }).await
    {
        tracing::warn!(%fault, "marks of sealed rows could not be taken away yet");
    }
}

statement! {
    Sealed { ids: Vec<RecordId> };
    writes audit_unsealed;
    "DELETE $ids RETURN NONE;"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_reads_back() {
        let seal = Seal { number: 12, hash: "a".repeat(64) };
        assert_eq!(Seal::parse(&seal.to_string()), Ok(seal));
        assert!(Seal::parse("12").is_err() && Seal::parse("x:abc").is_err());
    }

    #[test]
    fn every_part_of_a_row_is_in_its_hash() {
        let row = Row {
            key: "k".into(),
            at: "2026-11-24T15:00:00Z".parse().unwrap(),
            who: "w".into(),
            did: "d".into(),
            what: "a".into(),
            note: "n".into(),
            source: None,
            session: None,
        };
        let whole = text(1, "b", &row);
        let mut others = vec![text(2, "b", &row), text(1, "c", &row)];
        for change in 0..8 {
            let mut other = row.clone();
            match change {
                0 => other.key.push('x'),
                1 => other.at += chrono::TimeDelta::nanoseconds(1),
                2 => other.who.push('x'),
                3 => other.did.push('x'),
                4 => other.what.push('x'),
                5 => other.note.push('x'),
                6 => other.source = Some("192.0.2.1".into()),
                _ => other.session = Some("192.0.2.1".into()),
            }
            others.push(text(1, "b", &other));
        }
        // What leaves one field for the next is no different text otherwise.
        others.push(text(1, "b", &Row { who: "wd".into(), did: String::new(), ..row }));
        assert!(others.iter().all(|other| *other != whole));
    }
}
