//! What staff do with a code, and what the letter room does: made void, sent again, printed, mailed.

use springboard_jobs::{CodeByEmail, CodeByLetter, CodeReminder, CodeReminderKind, Job, Notice, NoticeKind};

use super::{
    A_MONTH, Channel,
    ending::{self, MOVED},
    queries,
    track::Tracked,
};
use crate::{
    audit::{self, Deed},
    db::{Db, DbError, Query, Refusal, Transaction, statement, unless_moved, value::RecordId},
    session::staff::By,
    submission::{self, Owned},
    words::{CodeId, Keys, Moment},
};

/// What sending again throws when a person was sent too many for an account.
pub const TOO_MANY: Refusal = Refusal::new("too many codes this month");
/// Days after its letter was printed when whoever asked is reminded.
const UNUSED: chrono::Duration = chrono::Duration::days(14);
/// How long before it expires they are told.
const EXPIRING: chrono::Duration = chrono::Duration::days(3);

/// Makes a code void.
///
/// # Errors
/// When the database does not answer.
pub async fn void(db: &Db, code: &Tracked, reason: &str, by: By<'_>, now: Moment) -> Result<(), DbError> {
    unless_moved(MOVED, || async {
        let open = ending::those_in(db, [code.id.clone()], &["waiting", "handed over"]).await?;
        if open.is_empty() {
            return Ok(());
        }
        ending::end(&open, "void", "Void: the agency withdrew it", now)
            .then(audit::row(now, by.id, Deed::VoidedCode, &code.account.key(), reason))
            .run(db)
            .await
    })
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
    unless_moved(MOVED, || async {
        let id = CodeId::draw();
        let job = match channel {
            Channel::Email => CodeByEmail { code: id.to_string() }.task(),
            Channel::Letter => CodeByLetter { code: id.to_string() }.task(),
        };
        let (account, logon) = (&code.account, code.logon.as_str());
        let present = queries::present(db, logon, account).await?;
        let new = queries::New { id: &id, account, logon, channel, submission: code.submission, job };
        let request = Owned { number: code.submission, logon: logon.to_owned() };
        A_MONTH
            .within_transaction(&queries::whom(account, logon), now, TOO_MANY)
            .then(queries::create(new, &present, keys, now))
            .then(submission::set_status([request], "Code on its way", now))
            .then(audit::row(now, by.id, Deed::SentCodeAgain, &account.key(), channel.word()))
            .run(db)
            .await
    })
    .await
}

/// Tells whoever asked for a code that its letter came back.
pub fn tell_of_return(id: &CodeId, now: Moment) -> Transaction {
    let kind = NoticeKind::LetterReturned;
    let notice = Notice { kind, about: id.to_string(), to: String::new(), event: now.timestamp().to_string() };
    Transaction::enqueue(notice.task())
}

statement! {
    Paper { ids: Vec<RecordId>, expires: Option<Moment> };
    writes code;
    refuses MOVED;
    "LET $live = (UPDATE $ids SET expires = $expires ?? expires WHERE state = 'handed over' RETURN VALUE id);
     IF array::len($live) != array::len($ids) { THROW $MOVED };"
}

async fn paper(
    db: &Db,
    codes: &[CodeId],
    status: &str,
    expires: Option<Moment>,
    now: Moment,
) -> Result<Transaction, DbError> {
    let live = ending::those_in(db, codes.iter().map(ToString::to_string), &["handed over"]).await?;
    if live.is_empty() {
        return Ok(Transaction::default());
    }
    let ids = live.iter().map(|code| RecordId::new("code", code.id.clone())).collect();
    Ok(Paper { ids, expires }.then(submission::set_status(live.iter().map(ending::Open::request), status, now)))
}

/// Codes whose letters are on paper: they last from today, and whoever asked is reminded.
///
/// # Errors
/// When the database does not answer; the transaction throws [`MOVED`] when a code ended in between.
pub async fn printed(db: &Db, codes: &[CodeId], now: Moment) -> Result<Transaction, DbError> {
    let expires = now + Channel::Letter.lasts();
    let reminders = codes.iter().flat_map(|id| {
        let reminder = |kind, due: Moment| CodeReminder { code: id.to_string(), kind, due: due.timestamp() }.task();
        [reminder(CodeReminderKind::Unused, now + UNUSED), reminder(CodeReminderKind::Expiring, expires - EXPIRING)]
    });
    let reminders = Transaction::enqueue_all(reminders.collect());
    Ok(paper(db, codes, "Letter printed", Some(expires), now).await?.then(reminders))
}

/// Codes whose letters left.
///
/// # Errors
/// As [`printed`].
pub async fn mailed(db: &Db, codes: &[CodeId], status: &str, now: Moment) -> Result<Transaction, DbError> {
    paper(db, codes, status, None, now).await
}
