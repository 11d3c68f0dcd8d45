//! What staff do with a code, and what time and the letter room do: made void, sent again, printed, returned, expired.

use springboard_jobs::{CodeByEmail, CodeByLetter, CodeReminder, CodeReminderKind, Job, Notice, NoticeKind};

use super::{A_MONTH, Channel, queries, track::Tracked};
use crate::{
    audit::{self, Deed},
    db::{Db, DbError, Query, Transaction, statement},
    session::staff::By,
    submission,
    words::{CodeId, Keys, Moment},
};

/// What sending again throws when a person was sent too many for an account.
pub const TOO_MANY: &str = "too many codes this month";
/// Days after its letter was printed when whoever asked is reminded.
const UNUSED: chrono::Duration = chrono::Duration::days(14);
/// How long before it expires they are told.
const EXPIRING: chrono::Duration = chrono::Duration::days(3);

/// Ends a code that may still be used or waits, and says so to whoever asked for it.
macro_rules! end {
    () => {
        "LET $ended = (UPDATE ONLY type::record('code', $id) SET state = $state, sealed = NONE, ended = $now
            WHERE state IN ['waiting', 'handed over']);
         IF $ended != NONE {
            DELETE type::record('live_code', [$ended.kind, $ended.number, $ended.logon]) WHERE code = $id;
            UPDATE type::record('submission', $ended.submission) SET status = $status, changed = $now RETURN NONE;
            CREATE type::record('change', rand::ulid()) SET logons = [$ended.logon], what = 'facts' RETURN NONE;
         };
         "
    };
}

statement! {
    End { id: String, state: &'static str, status: &'static str, now: Moment };
    writes code, live_code, submission, change;
    concat!(end!())
}

statement! {
    EndOrStop { id: String, state: &'static str, status: &'static str, now: Moment };
    writes code, live_code, submission, change;
    concat!(end!(), "IF $ended = NONE { RETURN NONE };")
}

/// Makes a code void.
///
/// # Errors
/// When the database does not answer.
pub async fn void(db: &Db, code: &Tracked, reason: &str, by: By<'_>, now: Moment) -> Result<(), DbError> {
    EndOrStop { id: code.id.clone(), state: "void", status: "Void: the agency withdrew it", now }
        .then(audit::row(now, by.id, Deed::VoidedCode, &code.account.key(), reason))
        .run(db)
        .await
}

/// Sends another code in the place of one: to the same person, by this way, for the same request. Nobody can send the same
/// one again, because nobody can read it.
///
/// # Errors
/// A refusal of [`TOO_MANY`] when this person was sent too many for the account this month.
pub async fn send_again(
    db: &Db,
    keys: &Keys,
    code: &Tracked,
    channel: Channel,
    by: By<'_>,
    now: Moment,
) -> Result<(), DbError> {
    let id = CodeId::draw();
    let job = match channel {
        Channel::Email => CodeByEmail { code: id.to_string() }.task(),
        Channel::Letter => CodeByLetter { code: id.to_string() }.task(),
    };
    let new =
        queries::New { id: &id, account: &code.account, logon: &code.logon, channel, submission: code.submission, job };
    A_MONTH
        .within_transaction(&queries::whom(&code.account, &code.logon), now, TOO_MANY)
        .then(queries::create(new, keys, now))
        .then(submission::set_status(code.submission, "Code on its way", now))
        .then(audit::row(now, by.id, Deed::SentCodeAgain, &code.account.key(), channel.word()))
        .run(db)
        .await
}

/// Makes a code void whose letter came back.
pub fn returned(id: &CodeId, now: Moment) -> Transaction {
    End { id: id.to_string(), state: "returned", status: "The letter with the code came back", now }.into()
}

/// Tells whoever asked for a code that its letter came back.
pub fn tell_of_return(id: &CodeId, now: Moment) -> Transaction {
    let kind = NoticeKind::LetterReturned;
    let notice = Notice { kind, about: id.to_string(), to: String::new(), event: now.timestamp().to_string() };
    Transaction::enqueue(notice.task())
}

statement! {
    Paper { ids: Vec<String>, status: String, expires: Option<Moment>, now: Moment };
    writes code, submission, change;
    "FOR $id IN $ids {
        LET $live = (UPDATE ONLY type::record('code', $id) SET expires = IF $expires = NONE { expires } ELSE { $expires }
            WHERE state = 'handed over');
        IF $live != NONE {
            UPDATE type::record('submission', $live.submission) SET status = $status, changed = $now RETURN NONE;
            CREATE type::record('change', rand::ulid()) SET logons = [$live.logon], what = 'facts' RETURN NONE;
        };
     };"
}

fn paper(ids: &[CodeId], status: &str, expires: Option<Moment>, now: Moment) -> Paper {
    Paper { ids: ids.iter().map(ToString::to_string).collect(), status: status.to_owned(), expires, now }
}

/// Codes whose letters are on paper: they last from today, and whoever asked is reminded.
pub fn printed(ids: &[CodeId], now: Moment) -> Transaction {
    let expires = now + Channel::Letter.lasts();
    let reminders = ids.iter().flat_map(|id| {
        let reminder = |kind, due: Moment| CodeReminder { code: id.to_string(), kind, due: due.timestamp() }.task();
        [reminder(CodeReminderKind::Unused, now + UNUSED), reminder(CodeReminderKind::Expiring, expires - EXPIRING)]
    });
    paper(ids, "Letter printed", Some(expires), now).then(Transaction::enqueue_all(reminders.collect()))
}

/// Codes whose letters left.
pub fn mailed(ids: &[CodeId], status: &str, now: Moment) -> Transaction {
    paper(ids, status, None, now).into()
}

statement! {
    VoidSome { most: i64, now: Moment } -> Option<i64>;
    reads code;
    writes code, live_code, submission;
    "LET $live = (SELECT VALUE record::id(id) FROM code WITH INDEX code_state WHERE state = 'handed over' AND rank < 0 LIMIT $most);
     LET $waiting = (SELECT VALUE record::id(id) FROM code WITH INDEX code_state WHERE state = 'waiting' AND rank < 0 LIMIT $most);
     LET $all = array::concat($live, $waiting);
     FOR $one IN $all {
        LET $ended = (UPDATE ONLY type::record('code', $one) SET state = 'void', sealed = NONE, ended = $now);
        UPDATE type::record('submission', $ended.submission)
            SET status = 'Void: the portal was restored from a backup', changed = $now RETURN NONE;
        DELETE type::record('live_code', [$ended.kind, $ended.number, $ended.logon]) WHERE code = $one;
     };
     RETURN array::len($all);"
}

/// Makes all codes void that were not used: after a restore nobody knows which were used since the backup. Returns how many
/// there were.
///
/// # Errors
/// When the database does not answer.
pub async fn void_all(db: &Db, now: Moment) -> Result<i64, DbError> {
    let mut voided = 0;
    loop {
        let count = VoidSome { most: AT_ONCE, now }.run(db).await?.unwrap_or(0);
        voided += count;
        if count == 0 {
            return Ok(voided);
        }
    }
}

/// Codes that are expired at a time.
const AT_ONCE: i64 = 200;

statement! {
    ExpireSome { most: i64, now: Moment } -> Option<i64>;
    reads code;
    writes code, live_code, submission, change;
    "LET $over = (SELECT VALUE [record::id(id), expires] FROM code WITH INDEX code_expires
        WHERE state = 'handed over' AND expires <= $now LIMIT $most);
     FOR $one IN $over {
        LET $expired = (UPDATE ONLY type::record('code', $one[0]) SET state = 'expired', ended = expires WHERE state = 'handed over');
        DELETE type::record('live_code', [$expired.kind, $expired.number, $expired.logon]) WHERE code = $one[0];
        UPDATE type::record('submission', $expired.submission) SET status = 'Expired', changed = $now RETURN NONE;
        CREATE type::record('change', rand::ulid()) SET logons = [$expired.logon], what = 'facts' RETURN NONE;
     };
     RETURN array::len($over);"
}

/// Notes which codes have expired.
///
/// # Errors
/// When the database does not answer.
pub async fn expire(db: &Db, now: Moment) -> Result<(), DbError> {
    loop {
        let count = ExpireSome { most: AT_ONCE, now }.run(db).await?.unwrap_or(0);
        if count < AT_ONCE {
            return Ok(());
        }
    }
}
