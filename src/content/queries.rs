//! Content in the database: every version of a document, and which one holds.

use sha2::{Digest, Sha256};

use super::{Document, item::Item};
use crate::{
    audit::{self, Deed},
    db::{Ask, Db, DbError, Piece, value::SurrealValue},
    http::Holding,
    session::staff::By,
    words::Moment,
};

/// What publishing throws when another version of the document was published since the form was opened.
pub const CHANGED: &str = "another version was published";
/// What publishing throws when another document was published since this one was looked at.
pub const MOVED: &str = "another document was published";
/// Whose facts changed, if it is what the agency says; no logon has this id.
pub const ALL: &str = "content";
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

/// All documents that were published, in the versions that hold.
///
/// # Errors
/// When the database does not answer.
pub async fn held(db: &Db) -> Result<Vec<Held>, DbError> {
    // Every name begins with a small letter: by a range of ids, all of them.
    let ask = Ask::new(
        "SELECT record::id(id) AS document, version, by_name, at, items FROM type::record('content_now', 'a'..'~')",
    );
    let rows: Vec<Row> = db.ask(ask).await?.all(0)?;
    let read = |row: Row| Held {
        items: serde_json::from_str(&row.items).ok(),
        document: row.document,
        holding: Holding { version: row.version, by_name: row.by_name, at: row.at },
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Counted by each publication.
///
/// # Errors
/// When the database does not answer.
pub async fn head(db: &Db) -> Result<i64, DbError> {
    let ask = Ask::new("SELECT VALUE number FROM ONLY content_head:all");
    Ok(db.ask(ask).await?.one(0)?.unwrap_or(0))
}

/// A version of a document, and what it says; that is nothing if it can't be read.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &Db, document: &Document, number: i64) -> Result<Option<(Version, Option<Vec<Item>>)>, DbError> {
    let ask = Ask::new(
        "SELECT record::id(id)[1] AS number, note, by_name, at, items FROM ONLY type::record('content', [$document, $number])",
    )
    .with("document", document.key())
    .with("number", number);
    let row: Option<Whole> = db.ask(ask).await?.one(0)?;
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

/// The versions of a document up to this number, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn history(db: &Db, document: &Document, newest: i64) -> Result<Vec<Version>, DbError> {
    let ask = Ask::new(
        "SELECT record::id(id)[1] AS number, note, by_name, at FROM type::record('content', [$document, $oldest]..[$document, $before])",
    )
    .with("document", document.key())
    .with("oldest", newest.saturating_sub(AT_ONCE).saturating_add(1).max(1))
    .with("before", newest.saturating_add(1));
    let mut versions: Vec<Version> = db.ask(ask).await?.all(0)?;
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

#[derive(SurrealValue)]
struct Values {
    document: String,
    base: i64,
    number: i64,
    head: i64,
    items: String,
    note: String,
    by_name: String,
    now: Moment,
}

/// Publishes a version of a document on top of the one that holds, in one transaction `with` what else is done by that.
///
/// # Errors
/// A refusal of [`CHANGED`] when that is another one by now, of [`MOVED`] when another document is.
pub async fn publish(
    db: &Db,
    document: &Document,
    new: New<'_>,
    with: Piece,
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
    let values = Values {
        document: key.clone(),
        base: new.base,
        number,
        head: new.head,
        items,
        note: new.note.to_owned(),
        by_name,
        now,
    };
    Piece::new(format!(
        "IF ((SELECT VALUE version FROM ONLY type::record('content_now', $content.document)) ?? 0) != $content.base {{ THROW '{CHANGED}' }};
         IF ((SELECT VALUE number FROM ONLY content_head:all) ?? 0) != $content.head {{ THROW '{MOVED}' }};
         UPSERT content_head:all SET number = $content.head + 1 RETURN NONE;
         CREATE type::record('content', [$content.document, $content.number]) SET items = $content.items, note = $content.note,
            by_name = $content.by_name, at = $content.now RETURN NONE;
         UPSERT type::record('content_now', $content.document) SET version = $content.number, items = $content.items,
            by_name = $content.by_name, at = $content.now RETURN NONE;
         fn::wake('{ALL}', 'content');"
    ))
    .with("content", values)
    .then(with)
    .then(audit::row(now, by.id, Deed::PublishedContent, &key, &about))
    .run(db)
    .await
    .map(drop)
}
