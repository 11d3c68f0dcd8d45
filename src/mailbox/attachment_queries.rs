//! Attachments in the database: staged by the form that they came with, then bound to its message by the post itself.

use super::attachment::Attachment;
use crate::{
    db::{Db, DbError, Query, Whole, statement, value::SurrealValue},
    words::{AccountId, DraftId, Moment},
};

#[derive(SurrealValue)]
struct Row {
    id: String,
    name: String,
    media: String,
    bytes: i64,
    message: Option<i64>,
}

impl From<Row> for Attachment {
    fn from(row: Row) -> Self {
        Self { id: row.id, name: row.name, media: row.media, bytes: row.bytes, message: row.message }
    }
}

/// A file that came with a form.
pub struct Staged<'a> {
    /// Its id.
    pub id: &'a str,
    /// The form's message.
    pub draft: &'a DraftId,
    /// Who sent it: only they see it until it is posted.
    pub owner: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its media type.
    pub media: &'a str,
    /// How long it is.
    pub bytes: i64,
    /// Its SHA-256.
    pub hash: &'a str,
}

statement! {
    Stage {
        id: String,
        draft: String,
        owner: String,
        name: String,
        media: String,
        bytes: i64,
        hash: String,
        now: Moment,
    };
    writes attachment;
    "CREATE type::record('attachment', $id) SET draft = $draft, owner = $owner, name = $name, media = $media,
        bytes = $bytes, hash = $hash, staged = $now RETURN NONE;"
}

/// Notes a file that came with a form.
///
/// # Errors
/// When the database does not answer.
pub async fn stage(db: &Db, staged: &Staged<'_>, now: Moment) -> Result<(), DbError> {
    let stage = Stage {
        id: staged.id.to_owned(),
        draft: staged.draft.as_str().to_owned(),
        owner: staged.owner.to_owned(),
        name: staged.name.to_owned(),
        media: staged.media.to_owned(),
        bytes: staged.bytes,
        hash: staged.hash.to_owned(),
        now,
    };
    stage.run(db).await
}

statement! {
    OfDraft { draft: String, owner: String } -> Vec<Row>;
    reads attachment;
    "SELECT record::id(id) AS id, name, media, bytes, message FROM attachment WHERE draft = $draft AND owner = $owner AND message = NONE"
}

/// The files of a form that was not sent yet.
///
/// # Errors
/// When the database does not answer.
pub async fn of_draft(db: &Db, draft: &DraftId, owner: &str) -> Result<Vec<Attachment>, DbError> {
    let mut rows = db.ask(OfDraft { draft: draft.as_str().to_owned(), owner: owner.to_owned() }).await?;
    rows.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(rows.into_iter().map(Attachment::from).collect())
}

#[derive(SurrealValue)]
struct StagedElsewhere {
    bytes: i64,
    draft: String,
    ids: Vec<String>,
}

statement! {
    FindStagedElsewhere { draft: String, owner: String } -> Option<StagedElsewhere>;
    reads attachment;
    "LET $others = (SELECT record::id(id) AS id, draft, bytes, staged FROM attachment WITH INDEX attachment_owner
        WHERE owner = $owner AND message = NONE AND draft != $draft ORDER BY staged LIMIT 500);
     IF $others = [] { RETURN NONE };
     RETURN {
        bytes: math::sum($others.bytes),
        draft: $others[0].draft,
        ids: $others.filter(|$one: any| $one.draft = $others[0].draft).id
     };"
}

/// The bytes that a person has staged in other forms than this one, and the oldest of those forms.
///
/// # Errors
/// When the database does not answer.
pub async fn staged_elsewhere(
    db: &Db,
    draft: &DraftId,
    owner: &str,
) -> Result<Option<(i64, DraftId, Vec<String>)>, DbError> {
    let elsewhere = FindStagedElsewhere { draft: draft.as_str().to_owned(), owner: owner.to_owned() };
    let found = elsewhere.run(db).await?;
    Ok(found.map(|found| (found.bytes, DraftId::known(found.draft), found.ids)))
}

statement! {
    Unstage { id: String, draft: String, owner: String } -> Option<bool>;
    writes attachment;
    "LET $gone = (DELETE type::record('attachment', $id) WHERE draft = $draft AND owner = $owner AND message = NONE RETURN BEFORE);
     RETURN $gone != [];"
}

/// Forgets a file of a form that was not sent yet; true if it was there.
///
/// # Errors
/// When the database does not answer.
pub async fn unstage(db: &Db, draft: &DraftId, owner: &str, id: &str) -> Result<bool, DbError> {
    let unstage = Unstage { id: id.to_owned(), draft: draft.as_str().to_owned(), owner: owner.to_owned() };
    Ok(unstage.run(db).await?.unwrap_or(false))
}

statement! {
    OfThread { kind: String, number: String, thread: i64 } -> Vec<Row>;
    reads attachment;
    "SELECT record::id(id) AS id, name, media, bytes, message FROM attachment
     WHERE kind = $kind AND number = $number AND thread = $thread"
}

/// The files of a thread's messages.
///
/// # Errors
/// When the database does not answer.
pub async fn of_thread(db: &Db, account: &AccountId, thread: i64) -> Result<Vec<Attachment>, DbError> {
    let of_thread = OfThread { kind: account.kind.clone(), number: account.number.digits(), thread };
    let mut rows = db.ask(of_thread).await?;
    rows.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(rows.into_iter().map(Attachment::from).collect())
}

statement! {
    Find { id: String, kind: String, number: String } -> Vec<Row>;
    reads attachment;
    "SELECT record::id(id) AS id, name, media, bytes, message FROM type::record('attachment', $id)
     WHERE kind = $kind AND number = $number AND message != NONE"
}

/// A file of a message of this account.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &Db, account: &AccountId, id: &str) -> Result<Option<Attachment>, DbError> {
    let find = Find { id: id.to_owned(), kind: account.kind.clone(), number: account.number.digits() };
    Ok(db.ask(find).await?.into_iter().next().map(Attachment::from))
}

statement! {
    ForgetExpired { now: Moment } -> Whole<Vec<String>>;
    reads attachment;
    writes attachment;
    "LET $old = (SELECT VALUE id FROM attachment WHERE message = NONE AND staged < $now - 1d LIMIT 500);
     DELETE $old;
     RETURN $old.map(|$id: any| record::id($id));"
}

/// Forgets the files of forms that were not sent for a day, and says which.
///
/// # Errors
/// When the database does not answer.
pub async fn expired(db: &Db, now: Moment) -> Result<Vec<String>, DbError> {
    Ok(ForgetExpired { now }.run(db).await?.0)
}
