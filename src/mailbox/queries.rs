//! Messages and threads in the database. Order is the account's own sequence, not a clock; newest first
//! is ascending on a negative rank.

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

/// Where a person keeps a thread, and who looks after it.
#[derive(SurrealValue)]
struct Kept {
    folder: Option<String>,
    assigned: Option<String>,
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
        -> (Option<HeadRow>, Option<Kept>, Vec<MessageRow>, Option<MessageRow>);
    reads thread, thread_work, thread_state, message, reply;
    "SELECT kind, number, first, subject, messages, at, sort_key, answer_by, confirm_by,
        type::record('thread_state', [$logon, kind, number, first]).unread AS unread FROM ONLY type::record('thread', [$kind, $number, $first]);
     RETURN {
        folder: type::record('thread_state', [$logon, $kind, $number, $first]).folder,
        assigned: type::record('thread_work', [$kind, $number, $first]).assigned
     };
     SELECT VALUE type::record('message', [$kind, $number, record::id(id)[3]]).{ sequence, body, html, staff, logon, author, at, confirm_by }
        FROM type::record('reply', [$kind, $number, $first, $beyond]..[$kind, $number, $first, ..]) LIMIT $most;
     SELECT sequence, body, html, staff, logon, author, at, confirm_by
        FROM ONLY type::record('message', [$kind, $number, -$first]) WHERE -$first >= $beyond;"
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
        // A range begins with its first key.
        beyond: before.map_or(i64::MIN, |before| 1 - before),
        most: i64::try_from(SHOWN + 1).unwrap_or(i64::MAX),
    };
    let ((head, kept, mut rows, begin), files, receipt) = futures_util::try_join!(db.ask(open), files, receipt)?;
    let Some(head) = head else { return Ok(None) };
    rows.extend(begin);
    let earlier = rows.len() > SHOWN;
    rows.truncate(SHOWN);
    let rows = rendered(rows).await?;
    Ok(Some(Thread {
        head: listed(head)?,
        assigned: kept.as_ref().and_then(|kept| kept.assigned.clone()),
        messages: rows.into_iter().rev().map(Message::from).collect(),
        files,
        earlier,
        before,
        archived: kept.and_then(|kept| kept.folder).is_some_and(|folder| folder == "archived"),
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
    reads thread_state, thread, access, reply;
    writes thread_state;
    changes Logon(logon);
    "LET $state = type::record('thread_state', [$logon, $kind, $number, $first]);
     LET $kept = (SELECT has_unread, read FROM ONLY $state);
     IF $kept = NONE {
        LET $thread = (SELECT sort_key FROM ONLY type::record('thread', [$kind, $number, $first]));
        IF $thread != NONE AND record::exists(type::record('access', [$kind, $number, $logon])) {
            CREATE $state SET logon = $logon, kind = $kind, number = $number, thread = $first, folder = 'inbox',
                sort_key = $thread.sort_key, unread = 0, has_unread = false, read = $upto RETURN NONE
        };
        RETURN false
     };
     IF !$kept.has_unread AND ($kept.read ?? 0) >= $upto { RETURN false };
     LET $later = (SELECT VALUE logon FROM type::record('reply', [$kind, $number, $first, NONE]..[$kind, $number, $first, -$upto]));
     LET $unread = array::len($later.filter(|$by: any| $by != $logon));
     UPDATE $state SET unread = $unread, has_unread = $unread > 0, read = math::max([read ?? 0, $upto]) RETURN NONE;
     IF !$kept.has_unread { RETURN false };
     RETURN true;"
}

/// Notes that a logon has read a thread up to a message; true if something of it was unread. A message that is still being
/// brought to its many holders may be read before.
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
    writes thread_state;
    changes Logon(logon);
    "UPDATE type::record('thread_state', [$logon, $kind, $number, $first]) SET folder = $folder WHERE folder != 'none' RETURN NONE;"
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
    reads thread, thread_work;
    writes thread_work;
    changes Staff;
    "LET $thread = (SELECT sort_key FROM ONLY type::record('thread', [$kind, $number, $first]));
     LET $work = type::record('thread_work', [$kind, $number, $first]);
     IF $thread != NONE {
        IF record::exists($work) {
            UPDATE $work SET assigned = $assigned RETURN NONE
        } ELSE {
            CREATE $work SET kind = $kind, number = $number, first = $first, sort_key = $thread.sort_key, waiting = false,
                assigned = $assigned RETURN NONE
        };
     };"
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
