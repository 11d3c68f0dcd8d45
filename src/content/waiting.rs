//! What one employee wrote and another has to publish: terms, and texts that bring a secret. Whoever could change those alone
//! could bind or mislead everybody.

use super::{Document, item::Item};
use crate::{
    audit::{self, Deed},
    session::staff::By,
    store::{Ask, Piece, Store, StoreFault, value::SurrealValue},
    words::Moment,
};

/// What submitting throws when a colleague's version waits already.
pub const TAKEN: &str = "another version waits";
/// What publishing throws when another version waits by now, or none.
pub const GONE: &str = "it waits no more";

/// A version that waits to be published.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Drawn anew for each version.
    pub draft: String,
    /// The version that it was made from.
    pub base: i64,
    /// What it says.
    pub items: Vec<Item>,
    /// What was changed.
    pub note: String,
    /// Whether it is terms that nobody is asked to agree to again.
    pub is_correction: bool,
    /// Who wrote it: the employee's id.
    pub author: String,
    /// And name.
    pub author_name: String,
    /// When.
    pub at: Moment,
}

#[derive(SurrealValue)]
struct Row {
    draft: String,
    base: i64,
    items: String,
    note: String,
    is_correction: bool,
    author: String,
    author_name: String,
    at: Moment,
}

/// The version of a document that waits, if one does.
///
/// # Errors
/// When the database does not answer.
pub async fn find(store: &Store, document: &Document) -> Result<Option<Waiting>, StoreFault> {
    let ask = Ask::new(
        "SELECT draft, base, items, note, is_correction, author, author_name, at FROM ONLY type::record('content_waiting', $document)",
    );
    let row: Option<Row> = store.ask(ask.with("document", document.key())).await?.one(0)?;
    row.map(|row| {
        let items = serde_json::from_str(&row.items);
        Ok(Waiting {
            items: items.map_err(|fault| StoreFault::Broken(format!("what waits can't be read: {fault}")))?,
            draft: row.draft,
            base: row.base,
            note: row.note,
            is_correction: row.is_correction,
            author: row.author,
            author_name: row.author_name,
            at: row.at,
        })
    })
    .transpose()
}

/// The names of the documents of which a version waits.
///
/// # Errors
/// When the database does not answer.
pub async fn names(store: &Store) -> Result<Vec<String>, StoreFault> {
    let ask = Ask::new("SELECT VALUE record::id(id) FROM type::record('content_waiting', 'a'..'~')");
    store.ask(ask).await?.all(0)
}

/// What is submitted.
pub struct New<'a> {
    /// The version that it was made from.
    pub base: i64,
    /// What it says.
    pub items: &'a [Item],
    /// What was changed.
    pub note: &'a str,
    /// Whether it is terms that nobody is asked to agree to again.
    pub is_correction: bool,
}

#[derive(SurrealValue)]
struct Values {
    document: String,
    draft: String,
    base: i64,
    items: String,
    note: String,
    is_correction: bool,
    author: String,
    author_name: String,
    now: Moment,
}

/// Has a version wait for a second employee, in the place of one's own that waits.
///
/// # Errors
/// A refusal of [`TAKEN`] when a colleague's waits.
pub async fn submit(
    store: &Store,
    document: &Document,
    new: New<'_>,
    by: By<'_>,
    now: Moment,
) -> Result<(), StoreFault> {
    let items = serde_json::to_string(new.items).map_err(|fault| StoreFault::Broken(fault.to_string()))?;
    let key = document.key();
    let values = Values {
        document: key.clone(),
        draft: ulid::Ulid::generate().to_string(),
        base: new.base,
        items,
        note: new.note.to_owned(),
        is_correction: new.is_correction,
        author: by.id.to_owned(),
        author_name: by.name.to_owned(),
        now,
    };
    Piece::new(format!(
        "IF ((SELECT VALUE author FROM ONLY type::record('content_waiting', $submitted.document)) ?? $submitted.author) != $submitted.author {{ THROW '{TAKEN}' }};
         UPSERT type::record('content_waiting', $submitted.document) SET draft = $submitted.draft, base = $submitted.base,
            items = $submitted.items, note = $submitted.note, is_correction = $submitted.is_correction, author = $submitted.author,
            author_name = $submitted.author_name, at = $submitted.now RETURN NONE;
         fn::wake('staff', 'facts');"
    ))
    .with("submitted", values)
    .then(audit::row(now, by.id, Deed::SubmittedContent, &key, new.note))
    .run(store)
    .await
    .map(drop)
}

#[derive(SurrealValue)]
struct Taken {
    document: String,
    draft: String,
}

/// Statements that take what waits, if it is still what was looked at.
pub fn take(document: &Document, draft: &str) -> Piece {
    Piece::new(format!(
        "IF (DELETE type::record('content_waiting', $taken.document) WHERE draft = $taken.draft RETURN BEFORE) = [] {{ THROW '{GONE}' }};
         fn::wake('staff', 'facts');"
    ))
    .with("taken", Taken { document: document.key(), draft: draft.to_owned() })
}

/// Ends the waiting of a version that nobody publishes.
///
/// # Errors
/// A refusal of [`GONE`] when another one waits by now, or none.
pub async fn end(
    store: &Store,
    document: &Document,
    waiting: &Waiting,
    by: By<'_>,
    now: Moment,
) -> Result<(), StoreFault> {
    let about = format!("by {}", waiting.author_name);
    take(document, &waiting.draft)
        .then(audit::row(now, by.id, Deed::RefusedContent, &document.key(), &about))
        .run(store)
        .await
        .map(drop)
}
