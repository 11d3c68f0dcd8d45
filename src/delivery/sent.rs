//! Correspondence: each letter, e-mail and text message that the agency sent for an account, as it was sent.

use super::Way;
use crate::{
    db::{Db, DbError, Query, Transaction, statement, value::SurrealValue},
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
    /// The messages that it tells of, by their places in the account's mailbox.
    pub messages: Vec<i64>,
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

/// A copy of what was sent, as it is kept.
#[derive(Clone, SurrealValue)]
pub struct SentCopy {
    id: String,
    kind: String,
    number: String,
    whose: String,
    messages: Option<Vec<i64>>,
    way: Way,
    recipient: String,
    subject: String,
    content: String,
    at: Moment,
    rank: i64,
}

impl From<New<'_>> for SentCopy {
    fn from(new: New<'_>) -> Self {
        Self {
            id: new.name.to_owned(),
            kind: new.account.kind.clone(),
            number: new.account.number.digits(),
            whose: new.logon.unwrap_or_default().to_owned(),
            messages: (!new.messages.is_empty()).then_some(new.messages),
            way: new.way,
            recipient: new.recipient,
            subject: new.subject,
            content: new.content,
            at: new.at,
            rank: -new.at.timestamp_nanos_opt().unwrap_or(i64::MAX),
        }
    }
}

statement! {
    Keep { copies: Vec<SentCopy> };
    writes correspondence;
    "INSERT IGNORE INTO correspondence $copies RETURN NONE;"
}

/// Keeps what was sent: each once, however often it was.
pub fn keep(copies: Vec<SentCopy>) -> Transaction {
    if copies.is_empty() { Transaction::default() } else { Keep { copies }.into() }
}

statement! {
    Recipient { name: String } -> Option<String>;
    reads correspondence;
    "SELECT VALUE recipient FROM ONLY type::record('correspondence', $name)"
}

/// The address that something was sent to; nothing for what was not sent for an account.
///
/// # Errors
/// When the database does not answer.
pub async fn recipient(db: &Db, name: &str) -> Result<Option<String>, DbError> {
    db.ask(Recipient { name: name.to_owned() }).await
}

statement! {
    CameBack { name: String, said: String, now: Moment };
    writes correspondence;
    "UPDATE type::record('correspondence', $name) SET returned = returned ?? $now, said = said ?? $said RETURN NONE;"
}

/// Notes that something came back, and why.
///
/// # Errors
/// When the database does not answer.
pub async fn came_back(db: &Db, name: &str, said: &str, now: Moment) -> Result<(), DbError> {
    CameBack { name: name.to_owned(), said: said.to_owned(), now }.run(db).await
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

statement! {
    AllOfAccount { kind: String, number: String, beyond: i64, most: i64 } -> Vec<Listed>;
    reads correspondence;
    "SELECT record::id(id) AS name, way, recipient, subject, at, rank, returned, said FROM correspondence
        WHERE kind = $kind AND number = $number AND rank > $beyond ORDER BY rank LIMIT $most"
}

// Two ranges of one index, and none of what is others'.
statement! {
    HoldersOfAccount { logon: String, kind: String, number: String, beyond: i64, most: i64 }
        -> (Vec<Listed>, Vec<Listed>);
    reads correspondence;
    "SELECT record::id(id) AS name, way, recipient, subject, at, rank, returned, said FROM correspondence
        WHERE kind = $kind AND number = $number AND whose = '' AND rank > $beyond ORDER BY rank LIMIT $most;
     SELECT record::id(id) AS name, way, recipient, subject, at, rank, returned, said FROM correspondence
        WHERE kind = $kind AND number = $number AND whose = $logon AND rank > $beyond ORDER BY rank LIMIT $most"
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
    let (kind, number) = (account.kind.clone(), account.number.digits());
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let logon = match reader {
        Reader::Staff => return db.ask(AllOfAccount { kind, number, beyond: after, most: limit }).await,
        Reader::Holder(logon) => logon.to_owned(),
    };
    let of_account = HoldersOfAccount { logon, kind, number, beyond: after, most: limit };
    let (mut found, mut own) = db.ask(of_account).await?;
    found.append(&mut own);
    found.sort_by_key(|one| one.rank);
    found.truncate(most);
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

statement! {
    Find { name: String, kind: String, number: String, staff: bool, logon: String } -> Option<Sent>;
    reads correspondence;
    "SELECT record::id(id) AS name, way, recipient, subject, content, at, returned, said
     FROM ONLY type::record('correspondence', $name)
     WHERE kind = $kind AND number = $number AND ($staff OR whose IN ['', $logon])"
}

/// One of an account's letters, e-mails and text messages, if this reader may see it.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &Db, reader: Reader<'_>, account: &AccountId, name: &str) -> Result<Option<Sent>, DbError> {
    let find = Find {
        name: name.to_owned(),
        kind: account.kind.clone(),
        number: account.number.digits(),
        staff: matches!(reader, Reader::Staff),
        logon: if let Reader::Holder(logon) = reader { logon.to_owned() } else { String::new() },
    };
    db.ask(find).await
}
