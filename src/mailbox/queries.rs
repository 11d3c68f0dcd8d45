//! Messages and threads in the database. Order is the account's own sequence, not a clock; newest first
//! is ascending on a negative rank.

use springboard_jobs::{Alert, Job, Reminder};

use super::{
    attachment_queries,
    notices::Remind,
    receipts, text,
    thread::{Author, Message, New, Thread},
};
use crate::{
    audit::{self, Deed},
    db::{Ask, Db, DbError, Piece, value::SurrealValue},
    mailbox::lists::{HeadRow, listed},
    words::{AccountId, Moment, text::folded},
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

/// The thread that a message stands in.
///
/// # Errors
/// When the database does not answer.
pub async fn thread_of(db: &Db, account: &AccountId, sequence: i64) -> Result<Option<i64>, DbError> {
    let ask = Ask::new("SELECT VALUE thread FROM ONLY type::record('message', [$kind, $number, -$sequence])")
        .with("kind", account.kind.clone())
        .with("number", account.number.digits())
        .with("sequence", sequence);
    db.ask(ask).await?.one(0)
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
    let ask = Ask::new(
        "SELECT kind, number, first, subject, messages, at, rank, answer_by, confirm_by, assigned,
            type::record('place', [$logon, kind, number, first]).unread AS unread FROM ONLY type::record('thread', [$kind, $number, $first]);
         SELECT VALUE folder FROM ONLY type::record('place', [$logon, $kind, $number, $first]);
         SELECT sequence, body, html, staff, logon, author, at, rank, confirm_by FROM message
            WHERE kind = $kind AND number = $number AND thread = $first AND rank > $after ORDER BY rank LIMIT $most;",
    )
    .with("logon", logon.to_owned())
    .with("kind", account.kind.clone())
    .with("number", account.number.digits())
    .with("first", first)
    .with("after", before.map_or(i64::MIN, |before| -before))
    .with("most", i64::try_from(SHOWN + 1).unwrap_or(i64::MAX));
    let (mut answer, files, receipt) = futures_util::try_join!(db.ask(ask), files, receipt)?;
    let Some(head) = answer.one::<HeadRow>(0)? else { return Ok(None) };
    let folder: Option<String> = answer.one(1)?;
    let mut rows: Vec<MessageRow> = answer.all(2)?;
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

/// Until when a message is to be confirmed, if it is a notice.
///
/// # Errors
/// When the database does not answer.
pub async fn notice(db: &Db, account: &AccountId, sequence: i64) -> Result<Option<Moment>, DbError> {
    let ask = Ask::new("SELECT VALUE confirm_by FROM ONLY type::record('message', [$kind, $number, -$sequence])")
        .with("kind", account.kind.clone())
        .with("number", account.number.digits())
        .with("sequence", sequence);
    db.ask(ask).await?.one(0)
}

/// Notes that a logon has read a thread up to a message; true if something of it was unread.
///
/// # Errors
/// When the database does not answer.
pub async fn read(db: &Db, logon: &str, account: &AccountId, first: i64, upto: i64) -> Result<bool, DbError> {
    let ask = Ask::new(
        "{
            LET $place = type::record('place', [$logon, $kind, $number, $first]);
            IF !((SELECT VALUE fresh FROM ONLY $place) ?? false) { RETURN false };
            LET $later = (SELECT VALUE logon FROM message WHERE kind = $kind AND number = $number AND thread = $first AND rank < -$upto);
            LET $unread = array::len($later.filter(|$by: any| $by != $logon));
            UPDATE $place SET unread = $unread, fresh = $unread > 0, read = math::max([read ?? 0, $upto]) RETURN NONE;
            fn::wake($logon, 'facts');
            RETURN true;
        }",
    )
    .with("logon", logon.to_owned())
    .with("kind", account.kind.clone())
    .with("number", account.number.digits())
    .with("first", first)
    .with("upto", upto);
    Ok(db.ask(ask).await?.one(0)?.unwrap_or(false))
}

/// Puts a thread away, or back into the inbox. A new message brings it back by itself.
///
/// # Errors
/// When the database does not answer.
pub async fn archive(db: &Db, logon: &str, account: &AccountId, first: i64, away: bool) -> Result<(), DbError> {
    let ask = Ask::new(
        "{
            UPDATE type::record('place', [$logon, $kind, $number, $first]) SET folder = $folder RETURN NONE;
            fn::wake($logon, 'facts');
        }",
    )
    .with("logon", logon.to_owned())
    .with("kind", account.kind.clone())
    .with("number", account.number.digits())
    .with("first", first)
    .with("folder", if away { "archived" } else { "inbox" });
    db.ask(ask).await.map(drop)
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
    Piece::new(
        "UPDATE type::record('thread', [$thread.kind, $thread.number, $thread.first]) SET assigned = $assigned RETURN NONE;
         fn::wake('staff', 'facts');",
    )
    .with("thread", ThreadKey { kind: account.kind.clone(), number: account.number.digits(), first })
    .with("assigned", to.map(str::to_owned))
    .then(audit::row(now, by, if to.is_some() { Deed::TookThread } else { Deed::LetThreadGo }, &account.key(), ""))
    .run(db)
    .await
    .map(drop)
}

#[derive(SurrealValue)]
struct ThreadKey {
    kind: String,
    number: String,
    first: i64,
}

/// What a post came to.
#[derive(Clone, Debug, SurrealValue)]
pub struct Written {
    /// The message's place in its mailbox.
    pub sequence: i64,
    /// The thread's first message.
    pub thread: i64,
    /// Everyone who had access when it was posted.
    pub holders: Vec<String>,
}

#[derive(SurrealValue)]
struct PostValues {
    kind: String,
    number: String,
    thread: Option<i64>,
    subject: String,
    body: String,
    words: String,
    html: String,
    staff: Option<String>,
    logon: Option<String>,
    author: String,
    answer_by: Option<Moment>,
    confirm_by: Option<Moment>,
    reminders: Vec<RemindValues>,
    draft: String,
    posted_once: String,
    now: Moment,
}

#[derive(SurrealValue)]
struct RemindValues {
    days: i64,
    at: Moment,
}

#[derive(SurrealValue)]
struct AlertShape {
    queue: String,
    max_attempts: i64,
    reminder: String,
}

impl From<&Remind> for RemindValues {
    fn from(remind: &Remind) -> Self {
        Self { days: i64::try_from(remind.days).unwrap_or(i64::MAX), at: remind.at }
    }
}

/// The text that [`post`] refuses with when its author may not post there, or the thread is not there.
pub const NO_PLACE: &str = "no place for this message";

/// Writes a message, its place in each holder's mailbox, and an alert for each who wants one and did not write it:
/// one transaction. A draft that was posted before is not posted again. The alerts' arguments are JSON that the
/// database writes: who has access is known only there; ids, type keys and digits need no escaping. `html` is the text as
/// `text::render` made it.
///
/// # Errors
/// [`DbError::Refused`] with [`NO_PLACE`]; others when the database does not answer.
pub async fn post(db: &Db, new: &New, html: String, now: Moment) -> Result<Written, DbError> {
    let (staff, logon, author) = match &new.author {
        Author::Staff { id, name } => (Some(id.clone()), None, name.clone()),
        Author::Holder { logon, name } => (None, Some(logon.clone()), name.clone()),
    };
    let by = staff.clone().or_else(|| logon.clone()).unwrap_or_default();
    let values = PostValues {
        kind: new.account.kind.clone(),
        number: new.account.number.digits(),
        thread: new.thread,
        subject: new.subject.clone(),
        body: new.body.clone(),
        words: folded(&format!("{} {}", new.subject, new.body)),
        html,
        staff,
        logon,
        author,
        answer_by: new.answer_by,
        confirm_by: new.notice.as_ref().map(|(by, _)| *by),
        reminders: new.notice.iter().flat_map(|(_, reminders)| reminders).map(RemindValues::from).collect(),
        draft: new.draft.to_string(),
        // Of one draft, author and account there is one message: nobody else's draft stands in its way.
        posted_once: format!("{by}/{}/{}", new.account.key(), new.draft),
        now,
    };
    let shape = AlertShape {
        queue: Alert::QUEUE.into(),
        max_attempts: i64::try_from(Alert::PATIENCE.tries).unwrap_or(i64::MAX),
        reminder: Reminder::QUEUE.into(),
    };
    let mut answer = Piece::new(POST)
        .with("post", values)
        .with("alert", shape)
        .then(audit::row(now, &by, Deed::PostedMessage, &new.account.key(), ""))
        .then(Piece::new("RETURN { sequence: $sequence, thread: $first, holders: $holders.logon };"))
        .run(db)
        .await?;
    answer.whole(0)
}

/// The mailbox's record is what posts and changes of access meet on. A later message of an account never bears an
/// earlier time, whatever the clocks of two processes say.
const POST: &str = r#"
LET $before = (SELECT sequence, thread FROM message WHERE draft = $post.posted_once LIMIT 1)[0];
IF $before != NONE { RETURN { sequence: $before.sequence, thread: $before.thread, holders: [] } };
IF $post.logon != NONE AND !record::exists(type::record('access', [$post.logon, $post.kind, $post.number])) { THROW 'no place for this message' };
LET $box = type::record('mailbox', [$post.kind, $post.number]);
LET $old = (SELECT last, at FROM ONLY $box);
LET $sequence = ($old.last ?? 0) + 1;
LET $at = IF $old.at != NONE AND $old.at >= $post.now { $old.at + 1us } ELSE { $post.now };
UPSERT $box SET last = $sequence, at = $at RETURN NONE;
LET $first = $post.thread ?? $sequence;
LET $rank = -time::nano($at);
LET $thread = type::record('thread', [$post.kind, $post.number, $first]);
LET $subject = IF $post.thread = NONE { $post.subject } ELSE { (SELECT VALUE subject FROM ONLY $thread) };
IF $subject = NONE { THROW 'no place for this message' };
UPSERT $thread SET kind = $post.kind, number = $post.number, first = $first, subject = $subject, messages = (messages ?? 0) + 1,
    at = $at, rank = $rank, waiting = $post.logon != NONE, answer_by = $post.answer_by,
    confirm_by = $post.confirm_by ?? confirm_by RETURN NONE;
CREATE type::record('message', [$post.kind, $post.number, -$sequence]) SET kind = $post.kind, number = $post.number,
    sequence = $sequence, rank = -$sequence, thread = $first, subject = $subject, body = $post.body, html = $post.html, staff = $post.staff,
    logon = $post.logon, author = $post.author, draft = $post.posted_once, at = $at, confirm_by = $post.confirm_by RETURN NONE;
CREATE type::record('message_text', [$post.kind, $post.number, -$sequence]) SET kind = $post.kind, number = $post.number,
    sequence = $sequence, words = fn::account_word($post.kind, $post.number) + ' ' + $subject + ' ' + $post.words RETURN NONE;
UPDATE attachment SET kind = $post.kind, number = $post.number, thread = $first, message = $sequence
    WHERE draft = $post.draft AND owner = ($post.staff ?? $post.logon) AND message = NONE RETURN NONE;
-- Not for the first message of staff's own: there may be many at once.
IF $post.logon != NONE OR $post.thread != NONE { fn::wake('staff', 'message') };
LET $holders = (SELECT logon, pace FROM access WHERE kind = $post.kind AND number = $post.number);
FOR $holder IN $holders {
    LET $own = $holder.logon = $post.logon;
    LET $place = type::record('place', [$holder.logon, $post.kind, $post.number, $first]);
    LET $unread = ((SELECT VALUE unread FROM ONLY $place) ?? 0) + (IF $own { 0 } ELSE { 1 });
    UPSERT $place SET logon = $holder.logon, kind = $post.kind,
        number = $post.number, thread = $first, folder = 'inbox', rank = $rank, unread = $unread,
        fresh = $unread > 0, sent = (sent ?? false) OR $own RETURN NONE;
    fn::wake($holder.logon, 'message');
    LET $wanted = $holder.pace != 'off';
    IF !$own {
        CREATE type::record('alert', [$holder.logon, $post.kind, $post.number, $sequence]) SET logon = $holder.logon,
            kind = $post.kind, number = $post.number, sequence = $sequence, thread = $first, posted = $at, changed = $at,
            state = IF $wanted { 'waiting' } ELSE { 'not wanted' } RETURN NONE;
    };
    IF $post.confirm_by != NONE {
        CREATE type::record('receipt', [$post.kind, $post.number, $sequence, $holder.logon]) SET logon = $holder.logon RETURN NONE;
    };
    IF $wanted AND !$own {
        fn::apalis_enqueue({
            id: rand::ulid(),
            queue: $alert.queue,
            args: <bytes> ('{"logon":"' + $holder.logon + '","kind":"' + $post.kind + '","number":"' + $post.number + '","sequence":' + <string> $sequence + '}'),
            max_attempts: $alert.max_attempts,
            idempotency_key: $holder.logon + '/' + $post.kind + '/' + $post.number + '/' + <string> $sequence
        });
    };
};
FOR $remind IN $post.reminders {
    fn::apalis_enqueue({
        id: rand::ulid(),
        queue: $alert.reminder,
        args: <bytes> ('{"kind":"' + $post.kind + '","number":"' + $post.number + '","sequence":' + <string> $sequence + ',"days":' + <string> $remind.days + '}'),
        run_at: $remind.at,
        max_attempts: $alert.max_attempts,
        idempotency_key: $post.kind + '/' + $post.number + '/' + <string> $sequence + '/' + <string> $remind.days + '//0'
    });
};"#;
