//! An account's ledger: what its balance is made of (R140).

use crate::{
    store::{Ask, Piece, Store, StoreFault, value::SurrealValue},
    words::{AccountId, Moment},
};

/// A line of an account's ledger.
#[derive(Clone, Debug, SurrealValue)]
pub struct Entry {
    /// When.
    pub at: Moment,
    /// What for.
    pub text: String,
    /// How much, in cents.
    pub cents: i64,
    /// The balance after it, in cents.
    pub balance: i64,
    /// Its place, counted from the account's first line.
    pub line: i64,
}

/// Lines of an account's ledger, newest first: at most `most`, from the one before this line on.
///
/// # Errors
/// When the database does not answer.
pub async fn ledger(store: &Store, id: &AccountId, before: Option<i64>, most: usize) -> Result<Vec<Entry>, StoreFault> {
    let ask = Ask::new(
        "SELECT at, text, cents, balance, -record::id(id)[2] AS line
         FROM type::record('ledger', [$kind, $number, $from]..[$kind, $number, ..]) LIMIT $most",
    )
    .with("kind", id.kind.clone())
    .with("number", id.number.digits())
    .with("from", before.map_or(i64::MIN, |before| 1 - before))
    .with("most", i64::try_from(most).unwrap_or(i64::MAX));
    store.ask(ask).await?.all(0)
}

/// A new line of a ledger.
#[derive(Clone, Debug, serde::Deserialize)]
pub struct NewEntry {
    /// What for.
    pub text: String,
    /// How much, in cents.
    pub cents: i64,
}

#[derive(SurrealValue)]
struct Values {
    kind: String,
    number: String,
    text: String,
    cents: i64,
    now: Moment,
}

/// Enters a line into an account's ledger and its balance; whoever has access sees it. `name` keeps the piece's value
/// apart from others.
pub fn enter(name: &str, id: &AccountId, entry: &NewEntry, now: Moment) -> Piece {
    let values =
        Values { kind: id.kind.clone(), number: id.number.digits(), text: entry.text.clone(), cents: entry.cents, now };
    Piece::new(format!("fn::enter(${name}.kind, ${name}.number, ${name}.text, ${name}.cents, ${name}.now);"))
        .with(name, values)
}
