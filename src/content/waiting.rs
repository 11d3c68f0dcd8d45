//! What one employee wrote and another has to publish: terms, and texts that bring a secret. Whoever could change those alone
//! could bind or mislead everybody.

use super::{Document, item::Item};
use crate::{
    audit::{self, Deed},
    db::{Db, DbError, Query, Refusal, Transaction, statement, value::SurrealValue},
    session::staff::By,
    words::Moment,
};

/// What submitting throws when another version waits already.
pub const TAKEN: Refusal = Refusal::new("another version waits");
/// What publishing throws when another version waits by now, or none.
pub const GONE: Refusal = Refusal::new("it waits no more");

/// A version that waits to be published.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Drawn anew for each version: whoever publishes it publishes what was looked at.
    pub mark: String,
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
    /// Who did not publish it; then it waits for its author.
    pub refused_by: Option<String>,
}

#[derive(SurrealValue)]
struct Row {
    mark: String,
    base: i64,
    items: String,
    note: String,
    is_correction: bool,
    author: String,
    author_name: String,
    at: Moment,
    refused_by: Option<String>,
}

statement! {
    Find { document: String } -> Option<Row>;
    reads content_waiting;
    "SELECT mark, base, items, note, is_correction, author, author_name, at, refused_by FROM ONLY type::record('content_waiting', $document)"
}

/// The version of a document that waits, if one does.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &Db, document: &Document) -> Result<Option<Waiting>, DbError> {
    let row = db.ask(Find { document: document.key() }).await?;
    row.map(|row| {
        let items = serde_json::from_str(&row.items);
        Ok(Waiting {
            items: items.map_err(|fault| DbError::Broken(format!("what waits can't be read: {fault}")))?,
            mark: row.mark,
            base: row.base,
            note: row.note,
            is_correction: row.is_correction,
            author: row.author,
            author_name: row.author_name,
            at: row.at,
            refused_by: row.refused_by,
        })
    })
    .transpose()
}

statement! {
    Names -> Vec<String>;
    reads content_waiting;
    "SELECT VALUE record::id(id) FROM type::record('content_waiting', 'a'..'~')"
}

/// The names of the documents of which a version waits.
///
/// # Errors
/// When the database does not answer.
pub async fn names(db: &Db) -> Result<Vec<String>, DbError> {
    db.ask(Names {}).await
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
    /// The mark of the version that it takes the place of; empty for none.
    pub replaces: &'a str,
}

statement! {
    Submit {
        document: String,
        mark: String,
        base: i64,
        items: String,
        note: String,
        is_correction: bool,
        author: String,
        author_name: String,
        replaces: String,
        now: Moment,
    };
    reads content_waiting;
    writes content_waiting;
    changes Staff;
    refuses TAKEN;
    "LET $waits = (SELECT mark, author, refused_by FROM ONLY type::record('content_waiting', $document));
     IF $waits != NONE AND $waits.refused_by = NONE AND ($waits.mark != $replaces OR $waits.author != $author) { THROW $TAKEN };
     UPSERT type::record('content_waiting', $document) SET mark = $mark, base = $base, items = $items, note = $note,
        is_correction = $is_correction, author = $author, author_name = $author_name, at = $now, refused_by = NONE RETURN NONE;"
}

/// Has a version wait for a second employee, in the place of the one that it was made of.
///
/// # Errors
/// A refusal of [`TAKEN`] when another one waits.
pub async fn submit(db: &Db, document: &Document, new: New<'_>, by: By<'_>, now: Moment) -> Result<(), DbError> {
    let items = serde_json::to_string(new.items).map_err(|fault| DbError::Broken(fault.to_string()))?;
    let key = document.key();
    let submit = Submit {
        document: key.clone(),
        mark: ulid::Ulid::generate().to_string(),
        base: new.base,
        items,
        note: new.note.to_owned(),
        is_correction: new.is_correction,
        author: by.id.to_owned(),
        author_name: by.name.to_owned(),
        replaces: new.replaces.to_owned(),
        now,
    };
    submit.then(audit::row(now, by.id, Deed::SubmittedContent, &key, new.note)).run(db).await
}

statement! {
    Take { document: String, mark: String };
    reads content_waiting;
    writes content_waiting;
    changes Staff;
    refuses GONE;
    "IF (DELETE type::record('content_waiting', $document) WHERE mark = $mark RETURN BEFORE) = [] { THROW $GONE };"
}

statement! {
    TakeUnrefused { document: String, mark: String };
    reads content_waiting;
    writes content_waiting;
    changes Staff;
    refuses GONE;
    "IF (DELETE type::record('content_waiting', $document) WHERE mark = $mark AND refused_by = NONE RETURN BEFORE) = [] { THROW $GONE };"
}

/// Statements that take what waits, if it is still what was looked at, and, to be published, was not refused meanwhile.
pub fn take(document: &Document, mark: &str, to_publish: bool) -> Transaction {
    let (document, mark) = (document.key(), mark.to_owned());
    if to_publish { TakeUnrefused { document, mark }.into() } else { Take { document, mark }.into() }
}

statement! {
    Refuse { document: String, mark: String, refused_by: String };
    reads content_waiting;
    writes content_waiting;
    changes Staff;
    refuses GONE;
    "IF (UPDATE type::record('content_waiting', $document) SET refused_by = $refused_by WHERE mark = $mark) = [] { THROW $GONE };"
}

/// Does not publish the version of a colleague that has this mark: it waits for its author, who takes it up again or withdraws it.
///
/// # Errors
/// A refusal of [`GONE`] when another one waits by now, or none.
pub async fn refuse(
    db: &Db,
    document: &Document,
    (mark, author_name): (&str, &str),
    by: By<'_>,
    now: Moment,
) -> Result<(), DbError> {
    Refuse { document: document.key(), mark: mark.to_owned(), refused_by: by.name.to_owned() }
        .then(audit::row(now, by.id, Deed::RefusedContent, &document.key(), &format!("by {author_name}")))
        .run(db)
        .await
}

/// Withdraws the version that has this mark.
///
/// # Errors
/// A refusal of [`GONE`] when another one waits by now, or none.
pub async fn withdraw(
    db: &Db,
    document: &Document,
    (mark, author_name): (&str, &str),
    by: By<'_>,
    now: Moment,
) -> Result<(), DbError> {
    take(document, mark, false)
        .then(audit::row(now, by.id, Deed::WithdrewContent, &document.key(), &format!("by {author_name}")))
        .run(db)
        .await
}
