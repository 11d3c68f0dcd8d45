//! Content in the database: every version of a document, and which one holds.

use sha2::{Digest, Sha256};

use super::{Document, item::Item};
use crate::{
    audit::{self, Deed},
    db::{Db, DbError, Query, Refusal, Transaction, statement, value::SurrealValue},
    http::Holding,
    session::staff::By,
    words::Moment,
};

/// What publishing throws when another version of the document was published since the form was opened.
pub const CHANGED: Refusal = Refusal::new("another version was published");
/// What publishing throws when another document was published since this one was looked at.
pub const MOVED: Refusal = Refusal::new("another document was published");
/// The versions on one page.
pub const AT_ONCE: i64 = 20;

/// A version that was published.
#[derive(Clone, Debug, SurrealValue)]
pub struct Version {
    /// Its number, from 1.
    pub number: i64,
    /// What was changed, in the words of whoever did.
    pub note: String,
    /// Who published it.
    pub by_name: String,
    /// When.
    pub at: Moment,
}

/// A document that was published, with what it says.
#[derive(Clone, Debug)]
pub struct Held {
    /// The document's name.
    pub document: String,
    /// Which version holds.
    pub holding: Holding,
    /// What it says; nothing if that can't be read.
    pub items: Option<Vec<Item>>,
}

#[derive(SurrealValue)]
struct Row {
    document: String,
    version: i64,
    by_name: String,
    at: Moment,
    items: String,
}

// Every name begins with a small letter: by a range of ids, all of them.
statement! {
    HeldNow -> Vec<Row>;
    reads content_now;
    "SELECT record::id(id) AS document, version, by_name, at, items FROM type::record('content_now', 'a'..'~')"
}

/// All documents that were published, in the versions that hold.
///
/// # Errors
/// When the database does not answer.
pub async fn held(db: &Db) -> Result<Vec<Held>, DbError> {
    let read = |row: Row| Held {
        items: serde_json::from_str(&row.items).ok(),
        document: row.document,
        holding: Holding { version: row.version, by_name: row.by_name, at: row.at },
    };
    Ok(db.ask(HeldNow {}).await?.into_iter().map(read).collect())
}

statement! {
    Head -> Option<i64>;
    reads content_head;
    "SELECT VALUE number FROM ONLY content_head:all"
}

/// Counted by each publication.
///
/// # Errors
/// When the database does not answer.
pub async fn head(db: &Db) -> Result<i64, DbError> {
    Ok(db.ask(Head {}).await?.unwrap_or(0))
}

statement! {
    Find { document: String, number: i64 } -> Option<Whole>;
    reads content;
    "SELECT record::id(id)[1] AS number, note, by_name, at, items FROM ONLY type::record('content', [$document, $number])"
}

/// A version of a document, and what it says; that is nothing if it can't be read.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &Db, document: &Document, number: i64) -> Result<Option<(Version, Option<Vec<Item>>)>, DbError> {
    let row = db.ask(Find { document: document.key(), number }).await?;
    Ok(row.map(|row| {
        let items = serde_json::from_str(&row.items).ok();
        (Version { number: row.number, note: row.note, by_name: row.by_name, at: row.at }, items)
    }))
}

#[derive(SurrealValue)]
struct Whole {
    number: i64,
    note: String,
    by_name: String,
    at: Moment,
    items: String,
}

statement! {
    History { document: String, oldest: i64, beyond: i64 } -> Vec<Version>;
    reads content;
    "SELECT record::id(id)[1] AS number, note, by_name, at FROM type::record('content', [$document, $oldest]..[$document, $beyond])"
}

/// The versions of a document up to this number, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn history(db: &Db, document: &Document, newest: i64) -> Result<Vec<Version>, DbError> {
    let oldest = newest.saturating_sub(AT_ONCE).saturating_add(1).max(1);
    let history = History { document: document.key(), oldest, beyond: newest.saturating_add(1) };
    let mut versions = db.ask(history).await?;
    versions.reverse();
    Ok(versions)
}

/// What is published of a document.
pub struct New<'a> {
    /// The version that it was made from.
    pub base: i64,
    /// What it says.
    pub items: &'a [Item],
    /// What was changed.
    pub note: &'a str,
    /// Whether it is terms that nobody is asked to agree to again.
    pub is_correction: bool,
    /// The number of publications that it was looked at with.
    pub head: i64,
    /// Who wrote it, if that is somebody else than who publishes it.
    pub author: Option<&'a str>,
}

statement! {
    Publish {
        document: String,
        base: i64,
        number: i64,
        head: i64,
        items: String,
        note: String,
        by_name: String,
        now: Moment,
    };
    reads content_now, content_head;
    writes content_head, content, content_now;
    changes Content;
    refuses CHANGED, MOVED;
    "IF ((SELECT VALUE version FROM ONLY type::record('content_now', $document)) ?? 0) != $base { THROW $CHANGED };
     IF ((SELECT VALUE number FROM ONLY content_head:all) ?? 0) != $head { THROW $MOVED };
     UPSERT content_head:all SET number = $head + 1 RETURN NONE;
     CREATE type::record('content', [$document, $number]) SET items = $items, note = $note, by_name = $by_name, at = $now RETURN NONE;
     UPSERT type::record('content_now', $document) SET version = $number, items = $items, by_name = $by_name, at = $now RETURN NONE;"
}

/// Publishes a version of a document on top of the one that holds, in one transaction `with` what else is done by that.
///
/// # Errors
/// A refusal of [`CHANGED`] when that is another one by now, of [`MOVED`] when another document is.
pub async fn publish(
    db: &Db,
    document: &Document,
    new: New<'_>,
    with: Transaction,
    by: By<'_>,
    now: Moment,
) -> Result<(), DbError> {
    let items = serde_json::to_string(new.items).map_err(|fault| DbError::Broken(fault.to_string()))?;
    let (key, number) = (document.key(), new.base.saturating_add(1));
    // The trail is sealed: what a version said can be proved by it.
    let hash = hex::encode(Sha256::digest(items.as_bytes()));
    let kind = if new.is_correction { " as a correction" } else { "" };
    let written = new.author.map(|author| format!(", written by {author}")).unwrap_or_default();
    let about = format!("version {number}{kind}{written}, sha256:{hash}. {}", new.note);
    let by_name = match new.author {
        Some(author) => format!("{author}, released by {}", by.name),
        None => by.name.to_owned(),
    };
    let publish = Publish {
        document: key.clone(),
        base: new.base,
        number,
        head: new.head,
        items,
        note: new.note.to_owned(),
        by_name,
        now,
    };
    publish.then(with).then(audit::row(now, by.id, Deed::PublishedContent, &key, &about)).run(db).await
}
