//! Messages and threads in the database. Order is the account's own sequence, not a clock; newest first
//! is ascending on a negative rank.

pub use super::posting::{NO_PLACE, Written, post};
use super::{
    attachment_queries, receipts, text,
    thread::{Author, Message, Thread},
};
use crate::{
    audit::{self, Deed},
    db::{Db, DbError, Query, statement, value::SurrealValue},
    mailbox::lists::{HeadRow, listed},
    words::{AccountId, Moment},
};

/// How many messages of a thread are shown at a time.
const SHOWN: usize = 50;

#[derive(SurrealValue)]
struct MessageRow {
    sequence: i64,
    body: String,
    html: Option<String>,
    staff: Option<String>,
    logon: Option<String>,
    author: Option<String>,
    at: Moment,
    confirm_by: Option<Moment>,
}

impl From<MessageRow> for Message {
    fn from(row: MessageRow) -> Self {
        let name = row.author.unwrap_or_default();
        let author = match row.logon {
            Some(logon) => Author::Holder { logon, name },
            None => Author::Staff { id: row.staff.unwrap_or_default(), name },
        };
        let html = row.html.unwrap_or_default();
        Self { sequence: row.sequence, body: row.body, html, author, at: row.at, confirm_by: row.confirm_by }
    }
}

statement! {
    ThreadOf { kind: String, number: String, sequence: i64 } -> Option<i64>;
    reads message;
    "SELECT VALUE thread FROM ONLY type::record('message', [$kind, $number, -$sequence])"
}

/// The thread that a message stands in.
///
/// # Errors
/// When the database does not answer.
pub async fn thread_of(db: &Db, account: &AccountId, sequence: i64) -> Result<Option<i64>, DbError> {
    db.ask(ThreadOf { kind: account.kind.clone(), number: account.number.digits(), sequence }).await
}

statement! {
    Open { logon: String, kind: String, number: String, first: i64, beyond: i64, most: i64 }
        -> (Option<HeadRow>, Option<String>, Vec<MessageRow>);
    reads thread, place, message;
    "SELECT kind, number, first, subject, messages, at, rank, answer_by, confirm_by, assigned,
        type::record('place', [$logon, kind, number, first]).unread AS unread FROM ONLY type::record('thread', [$kind, $number, $first]);
     SELECT VALUE folder FROM ONLY type::record('place', [$logon, $kind, $number, $first]);
     SELECT sequence, body, html, staff, logon, author, at, rank, confirm_by FROM message
        WHERE kind = $kind AND number = $number AND thread = $first AND rank > $beyond ORDER BY rank LIMIT $most;"
}

/// A thread with its latest messages, or those before one of them, as this logon keeps it.
///
/// # Errors
/// When the database does not answer.
pub async fn open(
    db: &Db,
    logon: &str,
    account: &AccountId,
    first: i64,
    before: Option<i64>,
) -> Result<Option<Thread>, DbError> {
    let files = attachment_queries::of_thread(db, account, first);
    let receipt = receipts::find(db, account, first, logon);
    let open = Open {
        logon: logon.to_owned(),
        kind: account.kind.clone(),
        number: account.number.digits(),
        first,
        beyond: before.map_or(i64::MIN, |before| -before),
        most: i64::try_from(SHOWN + 1).unwrap_or(i64::MAX),
    };
    let ((head, folder, mut rows), files, receipt) = futures_util::try_join!(db.ask(open), files, receipt)?;
    let Some(head) = head else { return Ok(None) };
    let earlier = rows.len() > SHOWN;
    rows.truncate(SHOWN);
    let rows = rendered(rows).await?;
    Ok(Some(Thread {
        head: listed(head)?,
        messages: rows.into_iter().rev().map(Message::from).collect(),
        files,
        earlier,
        before,
        archived: folder.is_some_and(|folder| folder == "archived"),
        confirmed: receipt.flatten(),
    }))
}

/// Messages from before their HTML was kept, with it: rendered each time, off the threads that answer.
async fn rendered(mut rows: Vec<MessageRow>) -> Result<Vec<MessageRow>, DbError> {
    if rows.iter().all(|row| row.html.is_some()) {
        return Ok(rows);
    }
    let work = move || {
        for row in &mut rows {
            row.html.get_or_insert_with(|| text::render(&row.body));
        }
        rows
    };
    tokio::task::spawn_blocking(work).await.map_err(|fault| DbError::Broken(fault.to_string()))
}

statement! {
    ConfirmBy { kind: String, number: String, sequence: i64 } -> Option<Moment>;
    reads message;
    "SELECT VALUE confirm_by FROM ONLY type::record('message', [$kind, $number, -$sequence])"
}

/// Until when a message is to be confirmed, if it is a notice.
///
/// # Errors
/// When the database does not answer.
pub async fn notice(db: &Db, account: &AccountId, sequence: i64) -> Result<Option<Moment>, DbError> {
    db.ask(ConfirmBy { kind: account.kind.clone(), number: account.number.digits(), sequence }).await
}

statement! {
    NoteRead { logon: String, kind: String, number: String, first: i64, upto: i64 } -> Option<bool>;
    reads place, message;
    writes place;
    "LET $place = type::record('place', [$logon, $kind, $number, $first]);
     IF !((SELECT VALUE fresh FROM ONLY $place) ?? false) { RETURN false };
     LET $later = (SELECT VALUE logon FROM message WHERE kind = $kind AND number = $number AND thread = $first AND rank < -$upto);
     LET $unread = array::len($later.filter(|$by: any| $by != $logon));
     UPDATE $place SET unread = $unread, fresh = $unread > 0, read = math::max([read ?? 0, $upto]) RETURN NONE;
     fn::wake($logon, 'facts');
     RETURN true;"
}

/// Notes that a logon has read a thread up to a message; true if something of it was unread.
///
/// # Errors
/// When the database does not answer.
pub async fn read(db: &Db, logon: &str, account: &AccountId, first: i64, upto: i64) -> Result<bool, DbError> {
    let (kind, number) = (account.kind.clone(), account.number.digits());
    let noted = NoteRead { logon: logon.to_owned(), kind, number, first, upto }.run(db).await?;
    Ok(noted.unwrap_or(false))
}

statement! {
    PutAway { logon: String, kind: String, number: String, first: i64, folder: &'static str };
    writes place;
    "UPDATE type::record('place', [$logon, $kind, $number, $first]) SET folder = $folder RETURN NONE;
     fn::wake($logon, 'facts');"
}

/// Puts a thread away, or back into the inbox. A new message brings it back by itself.
///
/// # Errors
/// When the database does not answer.
pub async fn archive(db: &Db, logon: &str, account: &AccountId, first: i64, away: bool) -> Result<(), DbError> {
    let (kind, number) = (account.kind.clone(), account.number.digits());
    let folder = if away { "archived" } else { "inbox" };
    PutAway { logon: logon.to_owned(), kind, number, first, folder }.run(db).await
}

statement! {
    Assign { kind: String, number: String, first: i64, assigned: Option<String> };
    writes thread;
    "UPDATE type::record('thread', [$kind, $number, $first]) SET assigned = $assigned RETURN NONE;
     fn::wake('staff', 'facts');"
}

/// Gives a thread into the hands of a member of staff, or of nobody.
///
/// # Errors
/// When the database does not answer.
pub async fn assign(
    db: &Db,
    account: &AccountId,
    first: i64,
    to: Option<&str>,
    by: &str,
    now: Moment,
) -> Result<(), DbError> {
    let (kind, number) = (account.kind.clone(), account.number.digits());
    let did = if to.is_some() { Deed::TookThread } else { Deed::LetThreadGo };
    Assign { kind, number, first, assigned: to.map(str::to_owned) }
        .then(audit::row(now, by, did, &account.key(), ""))
        .run(db)
        .await
}
