//! The rows of posts and the statements that write them: one for each table, however many messages one transaction posts.

use chrono::TimeDelta;

use crate::{
    db::{
        Change, Query, Refusal, Transaction, record_id, statement,
        value::{RecordId, SurrealValue, Value},
    },
    words::Moment,
};

/// What a transaction throws when a mailbox is not as it was read: the rows are made anew.
pub(super) const MOVED: Refusal = Refusal::new("the mailbox moved on");

/// A mailbox's record.
#[derive(Clone, SurrealValue)]
pub(super) struct MailboxRow {
    pub id: (String, String),
    pub last: i64,
    pub at: Moment,
}

/// A thread's record.
#[derive(Clone, SurrealValue)]
pub(super) struct ThreadRow {
    pub id: (String, String, i64),
    pub kind: String,
    pub number: String,
    pub first: i64,
    pub subject: String,
    pub messages: i64,
    pub at: Moment,
    pub sort_key: i64,
    pub answer_by: Option<Moment>,
    pub confirm_by: Option<Moment>,
}

/// A message's record.
#[derive(Clone, SurrealValue)]
pub(super) struct MessageRow {
    pub id: (String, String, i64),
    pub sequence: i64,
    pub thread: i64,
    pub subject: String,
    pub body: String,
    pub html: String,
    pub terms: Vec<String>,
    pub staff: Option<String>,
    pub logon: Option<String>,
    pub author: String,
    pub at: Moment,
    pub confirm_by: Option<Moment>,
}

/// Where one person keeps one thread.
#[derive(Clone, SurrealValue)]
pub(super) struct StateRow {
    pub id: (String, String, String, i64),
    pub logon: String,
    pub kind: String,
    pub number: String,
    pub thread: i64,
    pub folder: &'static str,
    pub sort_key: i64,
    pub unread: i64,
    pub has_unread: bool,
}

/// What comes of telling one person of one message.
#[derive(Clone, SurrealValue)]
pub(super) struct AlertRow {
    pub id: (String, String, i64, String),
    pub logon: String,
    pub kind: String,
    pub number: String,
    pub sequence: i64,
    pub thread: i64,
    pub state: crate::delivery::State,
    pub said: String,
    pub posted: Moment,
    pub changed: Moment,
}

/// What one person does with one notice.
#[derive(Clone, SurrealValue)]
pub(super) struct ReceiptRow {
    pub id: (String, String, i64, String),
    pub logon: String,
}

/// A moment at which people are reminded of a notice.
#[derive(Clone, SurrealValue)]
pub(super) struct ReminderRow {
    pub id: (i64, String, String, i64, i64),
}

statement! {
    /// Takes the next place in mailboxes that are there, if they are as they were read.
    pub(super) TakePlaces { boxes: Vec<RecordId>, as_read: Vec<(i64, i64)>, now: Moment };
    writes mailbox;
    refuses MOVED;
    as TakePlaces::by_keys;
    "LET $were = (UPDATE $boxes SET last = (last ?? 0) + 1,
        at = IF at != NONE AND at >= $now { at + 1us } ELSE { $now }
        RETURN VALUE [$before.last ?? 0, $before.changes ?? 0]);
     IF $were != $as_read { THROW $MOVED };"
}

/// All that a mailbox's record says.
#[derive(SurrealValue)]
struct BoxState {
    last: Option<i64>,
    at: Option<Moment>,
    changes: Option<i64>,
}

impl TakePlaces {
    fn by_keys(&self) -> Vec<Change> {
        let now = self.now;
        let take = |(id, as_read): (&RecordId, &(i64, i64))| {
            let as_read = *as_read;
            Change::of(id.clone(), move |found: Option<BoxState>| {
                let found = found.filter(|of| (of.last.unwrap_or(0), of.changes.unwrap_or(0)) == as_read);
                let BoxState { at, changes, .. } = found.ok_or(MOVED)?;
                let at = at.filter(|at| *at >= now).map_or(now, |at| at + TimeDelta::microseconds(1));
                Ok((Some(BoxState { last: Some(as_read.0 + 1), at: Some(at), changes }), Value::None))
            })
        };
        self.boxes.iter().zip(&self.as_read).map(take).collect()
    }
}

statement! {
    /// Opens mailboxes with their first message.
    pub(super) OpenMailboxes { rows: Vec<MailboxRow> };
    writes mailbox;
    refuses MOVED;
    as OpenMailboxes::by_keys;
    "IF array::len((INSERT IGNORE INTO mailbox $rows RETURN VALUE last)) != array::len($rows) { THROW $MOVED };"
}

impl OpenMailboxes {
    fn by_keys(&self) -> Vec<Change> {
        let open = |row: &MailboxRow| {
            let (last, at) = (Some(row.last), Some(row.at));
            Change::of(record_id("mailbox", row.id.clone()), move |found: Option<BoxState>| match found {
                None => Ok((Some(BoxState { last, at, changes: None }), Value::None)),
                Some(_) => Err(MOVED),
            })
        };
        self.rows.iter().map(open).collect()
    }
}

/// What was posted with a form.
#[derive(SurrealValue)]
struct KeyRow {
    sequence: i64,
    thread: i64,
}

impl NoteKey {
    fn by_key(&self) -> [Change; 1] {
        let (sequence, thread) = (self.sequence, self.thread);
        [Change::of(RecordId::new("message_key", self.key.clone()), move |found: Option<KeyRow>| match found {
            None => Ok((Some(KeyRow { sequence, thread }), Value::None)),
            Some(_) => Err(MOVED),
        })]
    }
}

statement! {
    /// Notes that a form was posted.
    pub(super) NoteKey { key: String, sequence: i64, thread: i64 };
    writes message_key;
    refuses MOVED;
    as NoteKey::by_key;
    "IF array::len((INSERT IGNORE INTO message_key { id: $key, sequence: $sequence, thread: $thread } RETURN VALUE thread)) = 0 { THROW $MOVED };"
}

statement! {
    pub(super) InsertThreads { rows: Vec<ThreadRow> };
    writes thread;
    "INSERT INTO thread $rows RETURN NONE;"
}

statement! {
    /// Notes that a thread goes on.
    pub(super) Continue {
        kind: String,
        number: String,
        first: i64,
        at: Moment,
        sort_key: i64,
        answer_by: Option<Moment>,
        confirm_by: Option<Moment>,
    };
    writes thread;
    "UPDATE type::record('thread', [$kind, $number, $first]) SET messages += 1, at = $at, sort_key = $sort_key,
        answer_by = $answer_by, confirm_by = $confirm_by ?? confirm_by RETURN NONE;"
}

statement! {
    /// Notes whether the agency is to answer a thread that a holder wrote in.
    pub(super) Await { kind: String, number: String, first: i64, sort_key: i64, waiting: bool };
    reads thread_work;
    writes thread_work;
    "LET $work = type::record('thread_work', [$kind, $number, $first]);
     IF $waiting AND !record::exists($work) {
        CREATE $work SET kind = $kind, number = $number, first = $first, sort_key = $sort_key, waiting = true RETURN NONE
     } ELSE {
        UPDATE $work SET sort_key = $sort_key, waiting = $waiting RETURN NONE
     };"
}

statement! {
    pub(super) InsertMessages { rows: Vec<MessageRow> };
    writes message;
    "INSERT INTO message $rows RETURN NONE;"
}

/// That a message answers another.
#[derive(Clone, SurrealValue)]
pub(super) struct ReplyRow {
    pub id: (String, String, i64, i64),
    pub logon: Option<String>,
}

statement! {
    pub(super) InsertReplies { rows: Vec<ReplyRow> };
    writes reply;
    "INSERT INTO reply $rows RETURN NONE;"
}

statement! {
    pub(super) InsertStates { rows: Vec<StateRow> };
    writes thread_state;
    refuses MOVED;
    "IF array::len((INSERT IGNORE INTO thread_state $rows RETURN VALUE thread)) != array::len($rows) { THROW $MOVED };"
}

statement! {
    /// Brings a thread back to the top of the inboxes that have it.
    pub(super) Renew { states: Vec<RecordId>, sort_key: i64, sequence: i64, is_own: bool };
    writes thread_state;
    "UPDATE $states SET folder = 'inbox', sort_key = $sort_key,
        unread = (unread ?? 0) + (IF $is_own OR (read ?? 0) >= $sequence { 0 } ELSE { 1 }),
        has_unread = has_unread OR !($is_own OR (read ?? 0) >= $sequence) RETURN NONE;"
}

statement! {
    /// Notes that a person wrote in a thread.
    pub(super) NoteSent { logon: String, kind: String, number: String, first: i64, sort_key: i64 };
    writes sent_thread;
    "UPSERT type::record('sent_thread', [$logon, $kind, $number, $first])
        SET logon = $logon, kind = $kind, number = $number, thread = $first, sort_key = $sort_key RETURN NONE;"
}

statement! {
    pub(super) InsertAlerts { rows: Vec<AlertRow> };
    writes alert;
    "INSERT INTO alert $rows RETURN NONE;"
}

statement! {
    pub(super) InsertReceipts { rows: Vec<ReceiptRow> };
    writes receipt;
    "INSERT IGNORE INTO receipt $rows RETURN NONE;"
}

statement! {
    pub(super) InsertReminders { rows: Vec<ReminderRow> };
    writes reminder_due;
    "INSERT INTO reminder_due $rows RETURN NONE;"
}

statement! {
    /// Binds the files that came with a form to its message.
    pub(super) BindFiles { files: Vec<RecordId>, kind: String, number: String, first: i64, sequence: i64 };
    writes attachment;
    "UPDATE $files SET kind = $kind, number = $number, thread = $first, message = $sequence
        WHERE message = NONE RETURN NONE;"
}

statement! {
    /// Notes how far a message came that goes to many holders.
    pub(super) Reach { message: RecordId, after: String, upto: String };
    writes message;
    refuses MOVED;
    "IF array::len((UPDATE $message SET reached = $upto WHERE (reached ?? '') = $after RETURN VALUE sequence)) = 0 { THROW $MOVED };"
}

/// A statement for rows, if there are any.
pub(super) fn of<T, Q: Query>(rows: Vec<T>, statement: impl FnOnce(Vec<T>) -> Q) -> Transaction {
    if rows.is_empty() { Transaction::default() } else { statement(rows).into() }
}
