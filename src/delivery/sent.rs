//! Correspondence: each letter, e-mail and text message that the agency sent for an account, as it was sent.

use super::Way;
use crate::{
    db::{Ask, Db, DbError, Piece, value::SurrealValue},
    words::{AccountId, Moment},
};

/// What was sent.
pub struct New<'a> {
    /// Its name: the e-mail's or text message's id, or the letter's.
    pub name: &'a str,
    /// For which account.
    pub account: &'a AccountId,
    /// For which logon; none for the address on record.
    pub logon: Option<&'a str>,
    /// By which way.
    pub way: Way,
    /// The address.
    pub recipient: String,
    /// The subject.
    pub subject: String,
    /// The text without its secrets; of a letter, its parts as JSON.
    pub content: String,
    /// When it left.
    pub at: Moment,
}

#[derive(SurrealValue)]
struct Values {
    name: String,
    kind: String,
    number: String,
    whose: String,
    way: Way,
    recipient: String,
    subject: String,
    content: String,
    at: Moment,
}

/// Keeps what was sent: once, however often it was.
pub fn keep(new: New<'_>) -> Piece {
    let values = Values {
        name: new.name.to_owned(),
        kind: new.account.kind.clone(),
        number: new.account.number.digits(),
        whose: new.logon.unwrap_or_default().to_owned(),
        way: new.way,
        recipient: new.recipient,
        subject: new.subject,
        content: new.content,
        at: new.at,
    };
    Piece::new(
        "LET $kept = type::record('correspondence', $sent.name);
         IF !record::exists($kept) {
            CREATE $kept SET kind = $sent.kind, number = $sent.number, whose = $sent.whose, way = $sent.way,
                recipient = $sent.recipient, subject = $sent.subject, content = $sent.content, at = $sent.at,
                rank = -time::nano($sent.at) RETURN NONE;
         };",
    )
    .with("sent", values)
}

/// The address that something was sent to; nothing for what was not sent for an account.
///
/// # Errors
/// When the database does not answer.
pub async fn recipient(db: &Db, name: &str) -> Result<Option<String>, DbError> {
    let ask = Ask::new("SELECT VALUE recipient FROM ONLY type::record('correspondence', $name)");
    db.ask(ask.with("name", name.to_owned())).await?.one(0)
}

/// Notes that something came back, and why.
///
/// # Errors
/// When the database does not answer.
pub async fn came_back(db: &Db, name: &str, said: &str, now: Moment) -> Result<(), DbError> {
    let ask = Ask::new(
        "UPDATE type::record('correspondence', $name) SET returned = returned ?? $now, said = said ?? $said RETURN NONE",
    )
    .with("name", name.to_owned())
    .with("said", said.to_owned())
    .with("now", now);
    db.ask(ask).await.map(drop)
}

/// Whose correspondence is asked for.
#[derive(Clone, Copy, Debug)]
pub enum Reader<'a> {
    /// A holder: what went to the address on record, and to this logon.
    Holder(&'a str),
    /// Staff: all.
    Staff,
}

/// What was sent, as lists show it.
#[derive(Clone, Debug, SurrealValue)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// By which way.
    pub way: Way,
    /// The address.
    pub recipient: String,
    /// The subject.
    pub subject: String,
    /// When it left.
    pub at: Moment,
    /// Its place in lists.
    pub rank: i64,
    /// When it came back.
    pub returned: Option<Moment>,
    /// Why.
    pub said: Option<String>,
}

/// An account's correspondence after a place in the list, newest first: at most `most`.
///
/// # Errors
/// When the database does not answer.
pub async fn of_account(
    db: &Db,
    reader: Reader<'_>,
    account: &AccountId,
    after: i64,
    most: usize,
) -> Result<Vec<Listed>, DbError> {
    let ask = match reader {
        Reader::Staff => Ask::new(
            "SELECT record::id(id) AS name, way, recipient, subject, at, rank, returned, said FROM correspondence
                WHERE kind = $kind AND number = $number AND rank > $after ORDER BY rank LIMIT $most",
        ),
        // Two ranges of one index, and none of what is others'.
        Reader::Holder(logon) => Ask::new(
            "SELECT record::id(id) AS name, way, recipient, subject, at, rank, returned, said FROM correspondence
                WHERE kind = $kind AND number = $number AND whose = '' AND rank > $after ORDER BY rank LIMIT $most;
             SELECT record::id(id) AS name, way, recipient, subject, at, rank, returned, said FROM correspondence
                WHERE kind = $kind AND number = $number AND whose = $logon AND rank > $after ORDER BY rank LIMIT $most",
        )
        .with("logon", logon.to_owned()),
    };
    let ask = ask
        .with("kind", account.kind.clone())
        .with("number", account.number.digits())
        .with("after", after)
        .with("most", i64::try_from(most).unwrap_or(i64::MAX));
    let mut answer = db.ask(ask).await?;
    let mut found: Vec<Listed> = answer.all(0)?;
    if let Reader::Holder(_) = reader {
        found.append(&mut answer.all(1)?);
        found.sort_by_key(|one| one.rank);
        found.truncate(most);
    }
    Ok(found)
}

/// What was sent, whole.
#[derive(Clone, Debug, SurrealValue)]
pub struct Sent {
    /// Its name.
    pub name: String,
    /// By which way.
    pub way: Way,
    /// The address.
    pub recipient: String,
    /// The subject.
    pub subject: String,
    /// The text without its secrets; of a letter, its parts as JSON.
    pub content: String,
    /// When it left.
    pub at: Moment,
    /// When it came back.
    pub returned: Option<Moment>,
    /// Why.
    pub said: Option<String>,
}

/// One of an account's letters, e-mails and text messages, if this reader may see it.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &Db, reader: Reader<'_>, account: &AccountId, name: &str) -> Result<Option<Sent>, DbError> {
    let ask = Ask::new(
        "SELECT record::id(id) AS name, way, recipient, subject, content, at, returned, said
         FROM ONLY type::record('correspondence', $name)
         WHERE kind = $kind AND number = $number AND ($staff OR whose IN ['', $logon])",
    )
    .with("name", name.to_owned())
    .with("kind", account.kind.clone())
    .with("number", account.number.digits())
    .with("staff", matches!(reader, Reader::Staff))
    .with("logon", if let Reader::Holder(logon) = reader { logon.to_owned() } else { String::new() });
    db.ask(ask).await?.one(0)
}
