//! Verifying the trail: the chain is walked from its first row, and what does not hold is named.

use std::collections::BTreeSet;

use super::seal::{PURPOSE, Row, Seal, head, text};
use crate::{
    store::{Ask, Store, StoreFault, value::SurrealValue},
    words::Keys,
};

/// Links that are looked at in one question.
const AT_ONCE: i64 = 1000;

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
        writeln!(f, "Seal: {}", self.head)
    }
}

#[derive(SurrealValue)]
struct Link {
    number: i64,
    hash: String,
    row: Option<Row>,
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
pub async fn verify(store: &Store, keys: &Keys, noted: Option<&Seal>) -> Result<Report, StoreFault> {
    let head = head(store).await?;
    let mut walk = Walk { keys, noted, last: Seal::none(), seen: BTreeSet::new(), flaws: Vec::new() };
    loop {
        let links = links(store, walk.last.number, head.number).await?;
        if links.is_empty() {
            break;
        }
        links.into_iter().for_each(|link| walk.step(link));
    }
    let counts = counts(store).await?;
    let mut flaws = walk.flaws;
    if walk.last.number != head.number || walk.last.hash != head.hash {
        flaws.push(Flaw::End { found: walk.last.number, sealed: head.number });
    }
    if let Some(noted) = noted.filter(|noted| noted.number > walk.last.number) {
        flaws.push(Flaw::Noted(noted.number));
    }
    // Rows that were sealed while this walked are counted on both sides.
    let beyond = super::head(store).await?.number - head.number;
    let uncounted = counts.rows - counts.unsealed - head.number;
    if !(0..=beyond).contains(&uncounted) && !flaws.iter().any(|flaw| matches!(flaw, Flaw::Missing(_))) {
        flaws.push(Flaw::Uncounted(uncounted));
    }
    Ok(Report { head, unsealed: counts.unsealed, flaws })
}

struct Walk<'a> {
    keys: &'a Keys,
    noted: Option<&'a Seal>,
    last: Seal,
    seen: BTreeSet<String>,
    flaws: Vec<Flaw>,
}

impl Walk<'_> {
    /// Looks at a link. What follows a flaw is judged by what the flaw's link says, so that each is named once.
    fn step(&mut self, link: Link) {
        self.flaws.extend((self.last.number + 1..link.number).map(Flaw::Broken));
        match &link.row {
            None => self.flaws.push(Flaw::Missing(link.number)),
            Some(row) => {
                let hashes = self.keys.hashes(PURPOSE, &text(link.number, &self.last.hash, row));
                if !hashes.contains(&link.hash) || !self.seen.insert(row.key.clone()) {
                    self.flaws.push(Flaw::Changed(link.number));
                }
            }
        }
        if self.noted.is_some_and(|noted| noted.number == link.number && noted.hash != link.hash) {
            self.flaws.push(Flaw::Noted(link.number));
        }
        self.last = Seal { number: link.number, hash: link.hash };
    }
}

async fn links(store: &Store, after: i64, until: i64) -> Result<Vec<Link>, StoreFault> {
    let ask = Ask::new(
        "SELECT record::id(id) AS number, hash,
            (SELECT record::id(id) AS key, at, who, did, what, note, source, session FROM ONLY type::record('audit', $parent.row)) AS row
         FROM type::record('audit_chain', $from..=$until)",
    )
    .with("from", after + 1)
    .with("until", until.min(after + AT_ONCE));
    store.ask(ask).await?.all(0)
}

async fn counts(store: &Store) -> Result<Counts, StoreFault> {
    let ask = Ask::new(
        "RETURN {
            rows: (SELECT VALUE count FROM (SELECT count() AS count FROM audit GROUP ALL))[0] ?? 0,
            unsealed: (SELECT VALUE count FROM (SELECT count() AS count FROM audit_unsealed GROUP ALL))[0] ?? 0
        }",
    );
    Ok(store.ask(ask).await?.one(0)?.unwrap_or(Counts { rows: 0, unsealed: 0 }))
}
