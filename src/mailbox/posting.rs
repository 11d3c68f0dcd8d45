//! Posting a message: it, its place in each holder's mailbox, and the alerts, in one transaction.

use springboard_jobs::{Alert, Job, Reminder};

use super::{
    notices::Remind,
    thread::{Author, New},
};
use crate::{
    audit::{self, Deed},
    db::{Db, DbError, Query, Whole, statement, value::SurrealValue},
    words::{Moment, text::folded},
};

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
struct RemindValues {
    days: i64,
    at: Moment,
}

impl From<&Remind> for RemindValues {
    fn from(remind: &Remind) -> Self {
        Self { days: i64::try_from(remind.days).unwrap_or(i64::MAX), at: remind.at }
    }
}

/// The text that [`post`] refuses with when its author may not post there, or the thread is not there.
pub const NO_PLACE: &str = "no place for this message";

statement! {
    Earlier { posted_once: String };
    reads message;
    "LET $earlier = (SELECT sequence, thread FROM message WHERE draft = $posted_once LIMIT 1)[0];
     IF $earlier != NONE { RETURN { sequence: $earlier.sequence, thread: $earlier.thread, holders: [] } };"
}

// The mailbox's record is what posts and changes of access meet on. A later message of an account never bears an
// earlier time, whatever the clocks of two processes say. Staff are not woken by the first message of their own: there
// may be many at once.
statement! {
    PostMessage {
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
        alert_queue: &'static str,
        reminder_queue: &'static str,
        max_attempts: i64,
        now: Moment,
    } -> Whole<Written>;
    reads access, mailbox, thread, place;
    writes mailbox, thread, message, message_text, attachment, place, alert, receipt, apalis_task;
    refuses NO_PLACE;
    r#"
IF $logon != NONE AND !record::exists(type::record('access', [$logon, $kind, $number])) { THROW $NO_PLACE };
LET $box = type::record('mailbox', [$kind, $number]);
LET $old = (SELECT last, at FROM ONLY $box);
LET $sequence = ($old.last ?? 0) + 1;
LET $at = IF $old.at != NONE AND $old.at >= $now { $old.at + 1us } ELSE { $now };
UPSERT $box SET last = $sequence, at = $at RETURN NONE;
LET $first = $thread ?? $sequence;
LET $rank = -time::nano($at);
LET $threads_row = type::record('thread', [$kind, $number, $first]);
LET $threads_subject = IF $thread = NONE { $subject } ELSE { (SELECT VALUE subject FROM ONLY $threads_row) };
IF $threads_subject = NONE { THROW $NO_PLACE };
UPSERT $threads_row SET kind = $kind, number = $number, first = $first, subject = $threads_subject,
    messages = (messages ?? 0) + 1, at = $at, rank = $rank, waiting = $logon != NONE, answer_by = $answer_by,
    confirm_by = $confirm_by ?? confirm_by RETURN NONE;
CREATE type::record('message', [$kind, $number, -$sequence]) SET kind = $kind, number = $number,
    sequence = $sequence, rank = -$sequence, thread = $first, subject = $threads_subject, body = $body, html = $html, staff = $staff,
    logon = $logon, author = $author, draft = $posted_once, at = $at, confirm_by = $confirm_by RETURN NONE;
CREATE type::record('message_text', [$kind, $number, -$sequence]) SET kind = $kind, number = $number,
    sequence = $sequence, words = fn::account_word($kind, $number) + ' ' + $threads_subject + ' ' + $words RETURN NONE;
UPDATE attachment SET kind = $kind, number = $number, thread = $first, message = $sequence
    WHERE draft = $draft AND owner = ($staff ?? $logon) AND message = NONE RETURN NONE;
IF $logon != NONE OR $thread != NONE { fn::wake('staff', 'message') };
LET $holders = (SELECT logon, pace FROM access WHERE kind = $kind AND number = $number);
FOR $holder IN $holders {
    LET $own = $holder.logon = $logon;
    LET $place = type::record('place', [$holder.logon, $kind, $number, $first]);
    LET $unread = ((SELECT VALUE unread FROM ONLY $place) ?? 0) + (IF $own { 0 } ELSE { 1 });
    UPSERT $place SET logon = $holder.logon, kind = $kind,
        number = $number, thread = $first, folder = 'inbox', rank = $rank, unread = $unread,
        fresh = $unread > 0, sent = (sent ?? false) OR $own RETURN NONE;
    fn::wake($holder.logon, 'message');
    LET $wanted = $holder.pace != 'off';
    IF !$own {
        CREATE type::record('alert', [$holder.logon, $kind, $number, $sequence]) SET logon = $holder.logon,
            kind = $kind, number = $number, sequence = $sequence, thread = $first, posted = $at, changed = $at,
            state = IF $wanted { 'waiting' } ELSE { 'not wanted' } RETURN NONE;
    };
    IF $confirm_by != NONE {
        CREATE type::record('receipt', [$kind, $number, $sequence, $holder.logon]) SET logon = $holder.logon RETURN NONE;
    };
    IF $wanted AND !$own {
        fn::apalis_enqueue({
            id: rand::ulid(),
            queue: $alert_queue,
            args: <bytes> ('{"logon":"' + $holder.logon + '","kind":"' + $kind + '","number":"' + $number + '","sequence":' + <string> $sequence + '}'),
            max_attempts: $max_attempts,
            idempotency_key: $holder.logon + '/' + $kind + '/' + $number + '/' + <string> $sequence
        });
    };
};
FOR $remind IN $reminders {
    fn::apalis_enqueue({
        id: rand::ulid(),
        queue: $reminder_queue,
        args: <bytes> ('{"kind":"' + $kind + '","number":"' + $number + '","sequence":' + <string> $sequence + ',"days":' + <string> $remind.days + '}'),
        run_at: $remind.at,
        max_attempts: $max_attempts,
        idempotency_key: $kind + '/' + $number + '/' + <string> $sequence + '/' + <string> $remind.days + '//0'
    });
};
RETURN { sequence: $sequence, thread: $first, holders: $holders.logon };"#
}

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
    // Of one draft, author and account there is one message: nobody else's draft stands in its way.
    let posted_once = format!("{by}/{}/{}", new.account.key(), new.draft);
    let message = PostMessage {
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
        posted_once: posted_once.clone(),
        alert_queue: Alert::QUEUE,
        reminder_queue: Reminder::QUEUE,
        max_attempts: i64::try_from(Alert::PATIENCE.tries).unwrap_or(i64::MAX),
        now,
    };
    let written: Whole<Written> = Earlier { posted_once }
        .then(audit::row(now, &by, Deed::PostedMessage, &new.account.key(), ""))
        .then(message)
        .answer(db)
        .await?;
    Ok(written.0)
}
