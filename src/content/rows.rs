//! Content in the database: every version of a document, and which one holds.

use super::{Document, item::Item};
use crate::{
    audit::{self, Deed},
    session::staff::By,
    store::{Ask, Piece, Store, StoreFault, value::SurrealValue},
    words::Moment,
};

/// What publishing throws when another version was published since the form was opened.
pub const CHANGED: &str = "another version was published";
/// Whose facts changed, if it is what the agency says; no logon has this id.
pub const ALL: &str = "content";
/// The versions on one page.
pub const AT_ONCE: usize = 20;

/// A version that was published.
#[derive(Clone, Debug)]
pub struct Version {
    /// Its number, from 1.
    pub number: i64,
    /// What it says.
    pub items: Vec<Item>,
    /// What was changed, in the words of whoever did.
    pub note: String,
    /// Who published it.
    pub by_name: String,
    /// When.
    pub at: Moment,
}

#[derive(SurrealValue)]
struct Row {
    number: i64,
    items: String,
    note: String,
    by_name: String,
    at: Moment,
}

fn read(items: &str) -> Result<Vec<Item>, StoreFault> {
    serde_json::from_str(items).map_err(|fault| StoreFault::Broken(format!("content can't be read: {fault}")))
}

impl TryFrom<Row> for Version {
    type Error = StoreFault;

    fn try_from(row: Row) -> Result<Self, StoreFault> {
        let items = read(&row.items)?;
        Ok(Self { number: row.number, items, note: row.note, by_name: row.by_name, at: row.at })
    }
}

/// Which version of a document holds.
#[derive(Clone, Debug, SurrealValue)]
pub struct Now {
    /// The document's name.
    pub document: String,
    /// The version's number.
    pub version: i64,
    /// Who published it.
    pub by_name: String,
    /// When.
    pub at: Moment,
    items: String,
}

impl Now {
    /// What it says.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn items(&self) -> Result<Vec<Item>, StoreFault> {
        read(&self.items)
    }
}

/// All documents that were changed since the agency's configuration was written.
///
/// # Errors
/// When the database does not answer.
pub async fn now(store: &Store) -> Result<Vec<Now>, StoreFault> {
    // Every name begins with a small letter: by a range of ids, all of them.
    let ask = Ask::new(
        "SELECT record::id(id) AS document, version, by_name, at, items FROM type::record('content_now', 'a'..'~')",
    );
    store.ask(ask).await?.all(0)
}

/// The number of the version of a document that holds: 0 for what the configuration says.
///
/// # Errors
/// When the database does not answer.
pub async fn number(store: &Store, document: &Document) -> Result<i64, StoreFault> {
    let ask = Ask::new("SELECT VALUE version FROM ONLY type::record('content_now', $document)");
    let number: Option<i64> = store.ask(ask.with("document", document.key())).await?.one(0)?;
    Ok(number.unwrap_or(0))
}

const FIELDS: &str = "record::id(id)[1] AS number, items, note, by_name, at";

/// A version of a document.
///
/// # Errors
/// When the database does not answer.
pub async fn find(store: &Store, document: &Document, number: i64) -> Result<Option<Version>, StoreFault> {
    let text = format!("RETURN (SELECT {FIELDS} FROM ONLY type::record('content', [$document, $number]));");
    let ask = Piece::new(text).with("document", document.key()).with("number", number);
    let row: Option<Row> = ask.run(store).await?.one(0)?;
    row.map(Version::try_from).transpose()
}

/// The versions of a document before this number, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn history(store: &Store, document: &Document, before: i64) -> Result<Vec<Version>, StoreFault> {
    let after = before.saturating_sub(i64::try_from(AT_ONCE).unwrap_or(i64::MAX)).max(1);
    let text =
        format!("RETURN (SELECT {FIELDS} FROM type::record('content', [$document, $after]..[$document, $before]));");
    let ask = Piece::new(text).with("document", document.key()).with("after", after).with("before", before);
    let rows: Vec<Row> = ask.run(store).await?.all(0)?;
    rows.into_iter().rev().map(Version::try_from).collect()
}

#[derive(SurrealValue)]
struct New {
    document: String,
    base: i64,
    items: String,
    note: String,
    by_name: String,
    now: Moment,
}

/// Publishes a version of a document on top of the one that holds.
///
/// # Errors
/// A refusal of [`CHANGED`] when that is another one by now.
pub async fn publish(
    store: &Store,
    document: &Document,
    (base, items): (i64, &[Item]),
    note: &str,
    by: By<'_>,
    now: Moment,
) -> Result<(), StoreFault> {
    let written = serde_json::to_string(items).map_err(|fault| StoreFault::Broken(fault.to_string()))?;
    let (key, number) = (document.key(), base + 1);
    let new =
        New { document: key.clone(), base, items: written, note: note.to_owned(), by_name: by.name.to_owned(), now };
    Piece::new(format!(
        "IF ((SELECT VALUE version FROM ONLY type::record('content_now', $content.document)) ?? 0) != $content.base {{ THROW '{CHANGED}' }};
         CREATE type::record('content', [$content.document, $content.base + 1]) SET items = $content.items, note = $content.note,
            by_name = $content.by_name, at = $content.now RETURN NONE;
         UPSERT type::record('content_now', $content.document) SET version = $content.base + 1, items = $content.items,
            by_name = $content.by_name, at = $content.now RETURN NONE;
         fn::wake('{ALL}', 'content');"
    ))
    .with("content", new)
    .then(audit::row(now, by.id, Deed::PublishedContent, &key, &format!("version {number}. {note}")))
    .run(store)
    .await
    .map(drop)
}
