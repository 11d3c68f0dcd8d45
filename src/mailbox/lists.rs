//! The lists of threads: a person's folders, an account's mailbox, what waits for the agency. Each is one range of
//! one index, a page at a time from where the last one ended, however long the list is.

use super::{
    terms::terms,
    thread::{After, Folder, Hit, Listed, Slice},
};
use crate::{
    db::{Db, DbError, Query, Whole, statement, value::SurrealValue},
    words::{AccountId, AccountNumber, Moment},
};

#[derive(SurrealValue)]
pub(super) struct HeadRow {
    kind: String,
    number: String,
    first: i64,
    subject: String,
    messages: i64,
    at: Moment,
    sort_key: i64,
    answer_by: Option<Moment>,
    confirm_by: Option<Moment>,
    unread: Option<i64>,
}

pub(super) fn listed(row: HeadRow) -> Result<Listed, DbError> {
    Ok(Listed {
        account: account(row.kind, &row.number)?,
        first: row.first,
        subject: row.subject,
        messages: row.messages,
        at: row.at,
        rank: row.sort_key,
        unread: row.unread.unwrap_or(0),
        answer_by: row.answer_by,
        confirm_by: row.confirm_by,
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

/// What a list says of the thread that a row names by this column.
macro_rules! of_thread {
    ($first:literal) => {
        concat!(
            "type::record('thread', [kind, number, ",
            $first,
            "]).subject AS subject,
        type::record('thread', [kind, number, ",
            $first,
            "]).messages AS messages,
        type::record('thread', [kind, number, ",
            $first,
            "]).at AS at,
        type::record('thread', [kind, number, ",
            $first,
            "]).answer_by AS answer_by,
        type::record('thread', [kind, number, ",
            $first,
            "]).confirm_by AS confirm_by"
        )
    };
}

/// A page of what two ranges of the index hold, newest first: what is read and what is not stand apart there.
macro_rules! folder {
    ($name:ident, $one:literal, $other:literal) => {
        statement! {
            $name { logon: String, beyond: i64, most: i64 } -> Vec<HeadRow>;
            reads thread_state, thread;
            concat!(
                "SELECT kind, number, thread AS first, sort_key, unread, ", of_thread!("thread"), "
     FROM (SELECT * FROM array::concat(
        (SELECT kind, number, thread, sort_key, unread FROM thread_state
            WHERE logon = $logon AND ", $one, " AND sort_key > $beyond ORDER BY sort_key LIMIT $most),
        (SELECT kind, number, thread, sort_key, unread FROM thread_state
            WHERE logon = $logon AND ", $other, " AND sort_key > $beyond ORDER BY sort_key LIMIT $most)
     ) ORDER BY sort_key LIMIT $most)"
            )
        }
    };
}

folder!(InboxPage, "folder = 'inbox' AND has_unread = true", "folder = 'inbox' AND has_unread = false");
folder!(ArchivedPage, "folder = 'archived' AND has_unread = true", "folder = 'archived' AND has_unread = false");
folder!(UnreadPage, "folder = 'inbox' AND has_unread = true", "folder = 'archived' AND has_unread = true");

statement! {
    SentPage { logon: String, beyond: i64, most: i64 } -> Vec<HeadRow>;
    reads sent_thread, thread, thread_state;
    concat!(
        "SELECT kind, number, thread AS first, sort_key, type::record('thread_state', [logon, kind, number, thread]).unread AS unread, ",
        of_thread!("thread"), "
     FROM sent_thread WHERE logon = $logon AND sort_key > $beyond ORDER BY sort_key LIMIT $most"
    )
}

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
    reads thread, thread_state;
    "SELECT kind, number, first, subject, messages, at, sort_key, answer_by, confirm_by,
        type::record('thread_state', [$logon, kind, number, first]).unread AS unread
     FROM thread WHERE kind = $kind AND number = $number AND sort_key > $beyond ORDER BY sort_key LIMIT $most"
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
    reads thread_work, thread;
    concat!(
        "SELECT kind, number, first, sort_key, 0 AS unread, ", of_thread!("first"), "
     FROM thread_work WHERE waiting = true AND sort_key > $beyond ORDER BY sort_key LIMIT $most"
    )
}

statement! {
    AssignedPage { of: String, beyond: i64, most: i64 } -> Vec<HeadRow>;
    reads thread_work, thread;
    concat!(
        "SELECT kind, number, first, sort_key, 0 AS unread, ", of_thread!("first"), "
     FROM thread_work WHERE assigned = $of AND waiting = true AND sort_key > $beyond ORDER BY sort_key LIMIT $most"
    )
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
    reads thread_state;
    "RETURN array::concat(
        (SELECT VALUE unread FROM thread_state WHERE logon = $logon AND folder = 'inbox' AND has_unread = true),
        (SELECT VALUE unread FROM thread_state WHERE logon = $logon AND folder = 'archived' AND has_unread = true))"
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
    sequence: i64,
    subject: String,
    at: Moment,
}

statement! {
    Hits { kind: String, number: String, sought: Vec<String>, scanned: i64, most: i64 } -> Whole<(Vec<HitRow>, i64)>;
    reads mailbox, message;
    "LET $last = (SELECT VALUE last FROM ONLY type::record('mailbox', [$kind, $number])) ?? 0;
     RETURN [
        (SELECT sequence, subject, at FROM type::record('message', [$kind, $number, -$last]..[$kind, $number, $scanned - $last])
            WHERE terms CONTAINSALL $sought LIMIT $most),
        $last
     ];"
}

/// How many hits of one account are shown.
const HITS: i64 = 50;

/// What a search found in an account's mailbox.
pub struct MessageSearch {
    /// The latest messages in which all words stand, newest first.
    pub hits: Vec<Hit>,
    /// Whether the mailbox has older messages than those that were looked through.
    pub has_older: bool,
}

/// The messages of an account in which all these words stand, in any form, among the latest `scanned`. A search reads
/// one account's messages one after another: its time grows with the mailbox and not with all that the portal holds, and
/// posting is spared an index.
///
/// # Errors
/// When the database does not answer.
pub async fn search(db: &Db, account: &AccountId, words: &str, scanned: i64) -> Result<MessageSearch, DbError> {
    let sought = terms(words);
    if sought.is_empty() {
        return Ok(MessageSearch { hits: Vec::new(), has_older: false });
    }
    let (kind, number) = (account.kind.clone(), account.number.digits());
    let (rows, last) = Hits { kind, number, sought, scanned, most: HITS }.run(db).await?.0;
    let hit = |row: HitRow| Hit { account: account.clone(), sequence: row.sequence, subject: row.subject, at: row.at };
    Ok(MessageSearch { hits: rows.into_iter().map(hit).collect(), has_older: last > scanned })
}
