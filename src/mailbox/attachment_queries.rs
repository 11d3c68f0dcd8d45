//! Attachments in the database: staged by the form that they came with, then bound to its message by the post itself.

use super::attachment::Attachment;
use crate::{
    db::{Ask, Db, DbError, value::SurrealValue},
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

/// Notes a file that came with a form.
///
/// # Errors
/// When the database does not answer.
pub async fn stage(db: &Db, staged: &Staged<'_>, now: Moment) -> Result<(), DbError> {
    let ask = Ask::new(
        "CREATE type::record('attachment', $id) SET draft = $draft, owner = $owner, name = $name, media = $media,
            bytes = $bytes, hash = $hash, staged = $now RETURN NONE",
    )
    .with("id", staged.id.to_owned())
    .with("draft", staged.draft.as_str().to_owned())
    .with("owner", staged.owner.to_owned())
    .with("name", staged.name.to_owned())
    .with("media", staged.media.to_owned())
    .with("bytes", staged.bytes)
    .with("hash", staged.hash.to_owned())
    .with("now", now);
    db.ask(ask).await.map(drop)
}

/// The files of a form that was not sent yet.
///
/// # Errors
/// When the database does not answer.
pub async fn of_draft(db: &Db, draft: &DraftId, owner: &str) -> Result<Vec<Attachment>, DbError> {
    let ask = Ask::new(
        "SELECT record::id(id) AS id, name, media, bytes, message FROM attachment WHERE draft = $draft AND owner = $owner AND message = NONE",
    )
    .with("draft", draft.as_str().to_owned())
    .with("owner", owner.to_owned());
    let mut rows: Vec<Row> = db.ask(ask).await?.all(0)?;
    rows.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(rows.into_iter().map(Attachment::from).collect())
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
    let ask = Ask::new(
        "{
            LET $others = (SELECT record::id(id) AS id, draft, bytes, staged FROM attachment WITH INDEX attachment_owner
                WHERE owner = $owner AND message = NONE AND draft != $draft ORDER BY staged LIMIT 500);
            IF $others = [] { RETURN NONE };
            RETURN {
                bytes: math::sum($others.bytes),
                draft: $others[0].draft,
                ids: $others.filter(|$one: any| $one.draft = $others[0].draft).id
            };
        }",
    )
    .with("draft", draft.as_str().to_owned())
    .with("owner", owner.to_owned());
    let found: Option<StagedElsewhere> = db.ask(ask).await?.one(0)?;
    Ok(found.map(|found| (found.bytes, DraftId::known(found.draft), found.ids)))
}

#[derive(SurrealValue)]
struct StagedElsewhere {
    bytes: i64,
    draft: String,
    ids: Vec<String>,
}

/// Forgets a file of a form that was not sent yet; true if it was there.
///
/// # Errors
/// When the database does not answer.
pub async fn unstage(db: &Db, draft: &DraftId, owner: &str, id: &str) -> Result<bool, DbError> {
    let ask = Ask::new(
        "{
            LET $gone = (DELETE type::record('attachment', $id) WHERE draft = $draft AND owner = $owner AND message = NONE RETURN BEFORE);
            RETURN $gone != [];
        }",
    )
    .with("id", id.to_owned())
    .with("draft", draft.as_str().to_owned())
    .with("owner", owner.to_owned());
    Ok(db.ask(ask).await?.one(0)?.unwrap_or(false))
}

/// The files of a thread's messages.
///
/// # Errors
/// When the database does not answer.
pub async fn of_thread(db: &Db, account: &AccountId, thread: i64) -> Result<Vec<Attachment>, DbError> {
    let ask = Ask::new(
        "SELECT record::id(id) AS id, name, media, bytes, message FROM attachment
         WHERE kind = $kind AND number = $number AND thread = $thread",
    )
    .with("kind", account.kind.clone())
    .with("number", account.number.digits())
    .with("thread", thread);
    let mut rows: Vec<Row> = db.ask(ask).await?.all(0)?;
    rows.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(rows.into_iter().map(Attachment::from).collect())
}

/// A file of a message of this account.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &Db, account: &AccountId, id: &str) -> Result<Option<Attachment>, DbError> {
    let ask = Ask::new(
        "SELECT record::id(id) AS id, name, media, bytes, message FROM type::record('attachment', $id)
         WHERE kind = $kind AND number = $number AND message != NONE",
    )
    .with("id", id.to_owned())
    .with("kind", account.kind.clone())
    .with("number", account.number.digits());
    let rows: Vec<Row> = db.ask(ask).await?.all(0)?;
    Ok(rows.into_iter().next().map(Attachment::from))
}

/// Forgets the files of forms that were not sent for a day, and says which.
///
/// # Errors
/// When the database does not answer.
pub async fn expired(db: &Db, now: Moment) -> Result<Vec<String>, DbError> {
    let ask = Ask::new(
        "{
            LET $old = (SELECT VALUE id FROM attachment WHERE message = NONE AND staged < $now - 1d LIMIT 500);
            DELETE $old;
            RETURN $old.map(|$id: any| record::id($id));
        }",
    )
    .with("now", now);
    db.ask(ask).await?.whole(0)
}
