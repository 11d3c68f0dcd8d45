//! The lists of threads: a person's folders, an account's mailbox, what waits for the agency. Each is one range of
//! one index, a page at a time from where the last one ended, however long the list is.

use super::thread::{After, Folder, Hit, Listed, Slice};
use crate::{
    db::{Db, DbError, statement, value::SurrealValue},
    words::{AccountId, AccountNumber, Moment, text::folded},
};

#[derive(SurrealValue)]
pub(super) struct HeadRow {
    kind: String,
    number: String,
    first: i64,
    subject: String,
    messages: i64,
    at: Moment,
    rank: i64,
    answer_by: Option<Moment>,
    confirm_by: Option<Moment>,
    assigned: Option<String>,
    unread: Option<i64>,
}

pub(super) fn listed(row: HeadRow) -> Result<Listed, DbError> {
    Ok(Listed {
        account: account(row.kind, &row.number)?,
        first: row.first,
        subject: row.subject,
        messages: row.messages,
        at: row.at,
        rank: row.rank,
        unread: row.unread.unwrap_or(0),
        answer_by: row.answer_by,
        confirm_by: row.confirm_by,
        assigned: row.assigned,
    })
}

fn account(kind: String, number: &str) -> Result<AccountId, DbError> {
    let number = AccountNumber::parse(number).map_err(|_| DbError::Broken("a thread names no account".into()))?;
    Ok(AccountId::new(kind, number))
}

/// One more than a page shows, to know whether another follows.
const MOST: i64 = Slice::<()>::MOST as i64 + 1;

fn page(rows: Vec<HeadRow>) -> Result<Slice<Listed>, DbError> {
    let items = rows.into_iter().map(listed).collect::<Result<Vec<_>, _>>()?;
    Ok(Slice::of(items, |thread| thread.rank))
}

/// What the places of a folder say of their threads.
macro_rules! folder {
    ($name:ident, $which:literal) => {
        statement! {
            $name { logon: String, beyond: i64, most: i64 } -> Vec<HeadRow>;
            reads place, thread;
            concat!(
                "SELECT kind, number, thread AS first, rank, unread,  type::record('thread', [kind, number, thread]).subject AS subject,
                    type::record('thread', [kind, number, thread]).messages AS messages,
                    type::record('thread', [kind, number, thread]).at AS at,
                    type::record('thread', [kind, number, thread]).answer_by AS answer_by,
                    type::record('thread', [kind, number, thread]).confirm_by AS confirm_by,
                    type::record('thread', [kind, number, thread]).assigned AS assigned
                 FROM place WHERE logon = $logon AND ", $which, " AND rank > $beyond ORDER BY rank LIMIT $most"
            )
        }
    };
}

folder!(InboxPage, "folder = 'inbox'");
folder!(ArchivedPage, "folder = 'archived'");
folder!(UnreadPage, "fresh = true");
folder!(SentPage, "sent = true");

/// A page of a person's folder, over all accounts, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn folder(db: &Db, logon: &str, folder: Folder, after: After) -> Result<Slice<Listed>, DbError> {
    let (logon, beyond, most) = (logon.to_owned(), after.0, MOST);
    page(match folder {
        Folder::Inbox => db.ask(InboxPage { logon, beyond, most }).await?,
        Folder::Archived => db.ask(ArchivedPage { logon, beyond, most }).await?,
        Folder::Unread => db.ask(UnreadPage { logon, beyond, most }).await?,
        Folder::Sent => db.ask(SentPage { logon, beyond, most }).await?,
    })
}

statement! {
    AccountPage { logon: String, kind: String, number: String, beyond: i64, most: i64 } -> Vec<HeadRow>;
    reads thread, place;
    "SELECT kind, number, first, subject, messages, at, rank, answer_by, confirm_by, assigned,
        type::record('place', [$logon, kind, number, first]).unread AS unread
     FROM thread WHERE kind = $kind AND number = $number AND rank > $beyond ORDER BY rank LIMIT $most"
}

/// A page of an account's mailbox, newest first, with what `logon` has not read.
///
/// # Errors
/// When the database does not answer.
pub async fn of_account(db: &Db, logon: &str, account: &AccountId, after: After) -> Result<Slice<Listed>, DbError> {
    let (kind, number) = (account.kind.clone(), account.number.digits());
    page(db.ask(AccountPage { logon: logon.to_owned(), kind, number, beyond: after.0, most: MOST }).await?)
}

statement! {
    WaitingPage { beyond: i64, most: i64 } -> Vec<HeadRow>;
    reads thread;
    "SELECT kind, number, first, subject, messages, at, rank, answer_by, confirm_by, assigned, 0 AS unread
     FROM thread WHERE waiting = true AND rank > $beyond ORDER BY rank LIMIT $most"
}

statement! {
    AssignedPage { of: String, beyond: i64, most: i64 } -> Vec<HeadRow>;
    reads thread;
    "SELECT kind, number, first, subject, messages, at, rank, answer_by, confirm_by, assigned, 0 AS unread
     FROM thread WHERE assigned = $of AND waiting = true AND rank > $beyond ORDER BY rank LIMIT $most"
}

/// A page of the threads that wait for the agency's answer, of all accounts or those that one employee looks after.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting(db: &Db, of: Option<&str>, after: After) -> Result<Slice<Listed>, DbError> {
    let (beyond, most) = (after.0, MOST);
    page(match of {
        None => db.ask(WaitingPage { beyond, most }).await?,
        Some(of) => db.ask(AssignedPage { of: of.to_owned(), beyond, most }).await?,
    })
}

statement! {
    UnreadCounts { logon: String } -> Vec<i64>;
    reads place;
    "SELECT VALUE unread FROM place WHERE logon = $logon AND fresh = true"
}

/// How many messages a logon has not read, over all its accounts (R132): a sum over what is unread only.
///
/// # Errors
/// When the database does not answer.
pub async fn unread_count(db: &Db, logon: &str) -> Result<i64, DbError> {
    Ok(db.ask(UnreadCounts { logon: logon.to_owned() }).await?.iter().sum())
}

#[derive(SurrealValue)]
struct HitRow {
    kind: String,
    number: String,
    sequence: i64,
    subject: Option<String>,
    at: Option<Moment>,
}

statement! {
    Hits { words: String, kind: String, number: String } -> Vec<HitRow>;
    reads message_text, message;
    "SELECT kind, number, sequence, type::record('message', [kind, number, -sequence]).subject AS subject,
        type::record('message', [kind, number, -sequence]).at AS at
     FROM message_text WHERE words @@ $words AND kind = $kind AND number = $number LIMIT 50"
}

/// The messages of an account in which all these words stand, newest first. The account's own word is one of those
/// searched for, so that the index gives only what this account has.
///
/// # Errors
/// When the database does not answer.
pub async fn search(db: &Db, account_id: &AccountId, words: &str) -> Result<Vec<Hit>, DbError> {
    let (kind, number) = (account_id.kind.clone(), account_id.number.digits());
    let words = format!("{}x{number} {}", kind.replace('-', ""), folded(words));
    let rows = db.ask(Hits { words, kind, number }).await?;
    let mut hits = Vec::with_capacity(rows.len());
    for row in rows {
        let (Some(subject), Some(at)) = (row.subject, row.at) else { continue };
        hits.push(Hit { account: account(row.kind, &row.number)?, sequence: row.sequence, subject, at });
    }
    hits.sort_by_key(|hit| std::cmp::Reverse(hit.sequence));
    Ok(hits)
}
