//! What staff do with a code, and what time and the letter room do: made void, sent again, printed, returned, expired.

use springboard_jobs::{CodeByEmail, CodeByLetter, CodeReminder, CodeReminderKind, Job, Notice, NoticeKind};

use super::{A_MONTH, Channel, queries, track::Tracked};
use crate::{
    audit::{self, Deed},
    db::{Ask, Db, DbError, Piece, value::SurrealValue},
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

#[derive(SurrealValue)]
struct Ending {
    id: String,
    state: String,
    status: String,
    now: Moment,
}

/// Statements that end a code that may still be used or waits, and say so to whoever asked for it.
fn end(id: &str, state: &str, status: &str, now: Moment) -> Piece {
    let values = Ending { id: id.to_owned(), state: state.to_owned(), status: status.to_owned(), now };
    Piece::new(
        "LET $ended = (UPDATE ONLY type::record('code', $ending.id) SET state = $ending.state, sealed = NONE, ended = $ending.now
            WHERE state IN ['waiting', 'handed over']);
         IF $ended != NONE {
            DELETE type::record('live_code', [$ended.kind, $ended.number, $ended.logon]) WHERE code = $ending.id;
            UPDATE type::record('submission', $ended.submission) SET status = $ending.status, changed = $ending.now RETURN NONE;
            fn::wake($ended.logon, 'facts');
         };",
    )
    .with("ending", values)
}

/// Makes a code void.
///
/// # Errors
/// When the database does not answer.
pub async fn void(db: &Db, code: &Tracked, reason: &str, by: By<'_>, now: Moment) -> Result<(), DbError> {
    end(&code.id, "void", "Void: the agency withdrew it", now)
        .then(Piece::new("IF $ended = NONE { RETURN NONE };"))
        .then(audit::row(now, by.id, Deed::VoidedCode, &code.account.key(), reason))
        .run(db)
        .await
        .map(drop)
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
        .piece("a_month", &queries::whom(&code.account, &code.logon), now, TOO_MANY)
        .then(queries::create(new, keys, now))
        .then(submission::set_status(code.submission, "Code on its way", now))
        .then(audit::row(now, by.id, Deed::SentCodeAgain, &code.account.key(), channel.word()))
        .run(db)
        .await
        .map(drop)
}

/// Statements that make a code void whose letter came back.
pub fn returned(id: &CodeId, now: Moment) -> Piece {
    end(id.as_str(), "returned", "The letter with the code came back", now)
}

/// Tells whoever asked for a code that its letter came back.
pub fn tell_of_return(id: &CodeId, now: Moment) -> Piece {
    let kind = NoticeKind::LetterReturned;
    let notice = Notice { kind, about: id.to_string(), to: String::new(), event: now.timestamp().to_string() };
    Piece::enqueue("return_notice", notice.task())
}

#[derive(SurrealValue)]
struct Paper {
    ids: Vec<String>,
    status: String,
    expires: Option<Moment>,
    now: Moment,
}

/// Statements for codes whose letters are on paper: they last from today, and whoever asked is reminded.
pub fn printed(ids: &[CodeId], now: Moment) -> Piece {
    let expires = now + Channel::Letter.lasts();
    let reminders = ids.iter().flat_map(|id| {
        let reminder = |kind, due: Moment| CodeReminder { code: id.to_string(), kind, due: due.timestamp() }.task();
        [reminder(CodeReminderKind::Unused, now + UNUSED), reminder(CodeReminderKind::Expiring, expires - EXPIRING)]
    });
    paper("printed_codes", ids, "Letter printed", Some(expires), now)
        .then(Piece::new("FOR $reminder IN $reminders { fn::apalis_enqueue($reminder); };"))
        .with("reminders", reminders.collect::<Vec<_>>())
}

/// Statements for codes whose letters left.
pub fn mailed(ids: &[CodeId], status: &str, now: Moment) -> Piece {
    paper("mailed_codes", ids, status, None, now)
}

/// `name` keeps the piece's values apart from others.
fn paper(name: &str, ids: &[CodeId], status: &str, expires: Option<Moment>, now: Moment) -> Piece {
    let ids = ids.iter().map(ToString::to_string).collect();
    Piece::new(format!(
        "FOR $id IN ${name}.ids {{
            LET $live = (UPDATE ONLY type::record('code', $id) SET expires = IF ${name}.expires = NONE {{ expires }} ELSE {{ ${name}.expires }}
                WHERE state = 'handed over');
            IF $live != NONE {{
                UPDATE type::record('submission', $live.submission) SET status = ${name}.status, changed = ${name}.now RETURN NONE;
                fn::wake($live.logon, 'facts');
            }};
        }};"
    ))
    .with(name, Paper { ids, status: status.to_owned(), expires, now })
}

/// Makes all codes void that were not used: after a restore nobody knows which were used since the backup. Returns how many
/// there were.
///
/// # Errors
/// When the database does not answer.
pub async fn void_all(db: &Db, now: Moment) -> Result<i64, DbError> {
    let mut voided = 0;
    loop {
        let ask = Ask::new(
            "{
                LET $live = (SELECT VALUE record::id(id) FROM code WITH INDEX code_state WHERE state = 'handed over' AND rank < 0 LIMIT $most);
                LET $waiting = (SELECT VALUE record::id(id) FROM code WITH INDEX code_state WHERE state = 'waiting' AND rank < 0 LIMIT $most);
                LET $all = array::concat($live, $waiting);
                FOR $one IN $all {
                    LET $ended = (UPDATE ONLY type::record('code', $one) SET state = 'void', sealed = NONE, ended = $now);
                    UPDATE type::record('submission', $ended.submission)
                        SET status = 'Void: the portal was restored from a backup', changed = $now RETURN NONE;
                    DELETE type::record('live_code', [$ended.kind, $ended.number, $ended.logon]) WHERE code = $one;
                };
                RETURN array::len($all);
            }",
        );
        let count: i64 = db.ask(ask.with("now", now).with("most", AT_ONCE)).await?.one(0)?.unwrap_or(0);
        voided += count;
        if count == 0 {
            return Ok(voided);
        }
    }
}

/// Codes that are expired at a time.
const AT_ONCE: i64 = 200;

/// Notes which codes have expired.
///
/// # Errors
/// When the database does not answer.
pub async fn expire(db: &Db, now: Moment) -> Result<(), DbError> {
    loop {
        let ask = Ask::new(
            "{
                LET $over = (SELECT VALUE [record::id(id), expires] FROM code WITH INDEX code_expires
                    WHERE state = 'handed over' AND expires <= $now LIMIT $most);
                FOR $one IN $over {
                    LET $expired = (UPDATE ONLY type::record('code', $one[0]) SET state = 'expired', ended = expires WHERE state = 'handed over');
                    DELETE type::record('live_code', [$expired.kind, $expired.number, $expired.logon]) WHERE code = $one[0];
                    UPDATE type::record('submission', $expired.submission) SET status = 'Expired', changed = $now RETURN NONE;
                    fn::wake($expired.logon, 'facts');
                };
                RETURN array::len($over);
            }",
        );
        let count: i64 = db.ask(ask.with("now", now).with("most", AT_ONCE)).await?.one(0)?.unwrap_or(0);
        if count < AT_ONCE {
            return Ok(());
        }
    }
}
