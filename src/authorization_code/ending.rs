//! How codes end: used, made void, returned, expired, undeliverable. What is read first says whose requests they were; the
//! transaction throws [`MOVED`] when one of them ended in between, and all is looked at anew.

use springboard_jobs::{CodeByEmail, CodeByLetter};

use super::queries::MAIL;
use crate::{
    db::{
        Db, DbError, Refusal, Transaction, queue, statement, unless_moved,
        value::{RecordId, SurrealValue},
    },
    submission::{self, Owned},
    words::{CodeId, Moment},
};

/// What the transaction throws when a code ended since it was looked at.
pub const MOVED: Refusal = Refusal::new("the code stands otherwise by now");
/// Codes that end in one transaction.
const AT_ONCE: i64 = 200;

/// A code that may still be used, or waits to be handed over.
#[derive(Clone, SurrealValue)]
pub(super) struct Open {
    pub id: String,
    submission: i64,
    logon: String,
}

impl Open {
    pub fn request(&self) -> Owned {
        Owned { number: self.submission, logon: self.logon.clone() }
    }
}

fn ids(codes: impl IntoIterator<Item = String>) -> Vec<RecordId> {
    codes.into_iter().map(|id| RecordId::new("code", id)).collect()
}

statement! {
    OpenOf { ids: Vec<RecordId>, states: Vec<&'static str> } -> Vec<Open>;
    reads code;
    "SELECT record::id(id) AS id, submission, logon FROM $ids WHERE state IN $states"
}

/// Those of the codes that are in one of these states.
pub(super) async fn those_in(
    db: &Db,
    codes: impl IntoIterator<Item = String>,
    states: &[&'static str],
) -> Result<Vec<Open>, DbError> {
    let ids = ids(codes);
    if ids.is_empty() { Ok(Vec::new()) } else { db.ask(OpenOf { ids, states: states.to_vec() }).await }
}

statement! {
    End { ids: Vec<RecordId>, state: &'static str, now: Moment };
    writes code;
    refuses MOVED;
    "LET $ended = (UPDATE $ids SET state = $state, sealed = NONE, ended = IF $state = 'expired' { expires } ELSE { $now }
        WHERE state IN ['waiting', 'handed over'] RETURN VALUE id);
     IF array::len($ended) != array::len($ids) { THROW $MOVED };"
}

/// Ends codes and says so to whoever asked for them, or throws [`MOVED`].
pub(super) fn end(codes: &[Open], state: &'static str, status: &str, now: Moment) -> Transaction {
    if codes.is_empty() {
        return Transaction::default();
    }
    let end = End { ids: ids(codes.iter().map(|code| code.id.clone())), state, now };
    Transaction::from(end).then(submission::set_status(codes.iter().map(Open::request), status, now))
}

/// Marks the codes whose jobs were given up.
///
/// # Errors
/// When the database does not answer.
pub async fn mark_given_up(db: &Db, now: Moment) -> Result<(), DbError> {
    let by_email = queue::given_up::<CodeByEmail>(db, now).await?.into_iter().map(|job| job.code);
    let by_letter = queue::given_up::<CodeByLetter>(db, now).await?.into_iter().map(|job| job.code);
    let codes: Vec<String> = by_email.chain(by_letter).collect();
    unless_moved(MOVED, || async {
        let waiting = those_in(db, codes.iter().cloned(), &["waiting"]).await?;
        end(&waiting, "undeliverable", "The code could not be delivered", now).run(db).await
    })
    .await
}

statement! {
    EmailedCode { id: String } -> Option<Open>;
    reads code;
    "SELECT record::id(id) AS id, submission, logon FROM ONLY type::record('code', $id)
     WHERE state = 'handed over' AND channel = 'email'"
}

/// Marks the code that an e-mail brought which came back: nobody can have read it there. Any other e-mail's id, and a code
/// that was used or replaced meanwhile, change nothing.
///
/// # Errors
/// When the database does not answer.
pub async fn came_back(db: &Db, mail: &str, now: Moment) -> Result<(), DbError> {
    let Some(id) = mail.strip_prefix(MAIL).filter(|id| !id.is_empty()) else { return Ok(()) };
    unless_moved(MOVED, || async {
        let emailed = db.ask(EmailedCode { id: id.to_uppercase() }).await?;
        end(emailed.as_slice(), "undeliverable", "The e-mail with the code came back", now).run(db).await
    })
    .await
}

/// Makes a code void whose letter came back.
///
/// # Errors
/// When the database does not answer; the transaction throws [`MOVED`] when the code ended in between.
pub async fn returned(db: &Db, id: &CodeId, now: Moment) -> Result<Transaction, DbError> {
    let open = those_in(db, [id.to_string()], &["waiting", "handed over"]).await?;
    Ok(end(&open, "returned", "The letter with the code came back", now))
}

statement! {
    SomeOpen { limit: i64 } -> (Vec<Open>, Vec<Open>);
    reads code;
    "SELECT record::id(id) AS id, submission, logon, rank FROM code WITH INDEX code_state WHERE state = 'handed over' AND rank < 0 LIMIT $limit;
     SELECT record::id(id) AS id, submission, logon, rank FROM code WITH INDEX code_state WHERE state = 'waiting' AND rank < 0 LIMIT $limit"
}

/// Makes all codes void that were not used: after a restore nobody knows which were used since the backup. Returns how many
/// there were.
///
/// # Errors
/// When the database does not answer.
pub async fn void_all(db: &Db, now: Moment) -> Result<usize, DbError> {
    let mut voided = 0;
    loop {
        let (mut open, waiting) = db.ask(SomeOpen { limit: AT_ONCE }).await?;
        open.extend(waiting);
        if open.is_empty() {
            return Ok(voided);
        }
        match end(&open, "void", "Void: the portal was restored from a backup", now).run(db).await {
            Ok(()) => voided += open.len(),
            Err(fault) if fault.is_refusal(MOVED) => {}
            Err(fault) => return Err(fault),
        }
    }
}

statement! {
    SomeOver { limit: i64, now: Moment } -> Vec<Open>;
    reads code;
    "SELECT record::id(id) AS id, submission, logon, expires FROM code WITH INDEX code_expires
     WHERE state = 'handed over' AND expires <= $now LIMIT $limit"
}

/// Notes which codes have expired.
///
/// # Errors
/// When the database does not answer.
pub async fn expire(db: &Db, now: Moment) -> Result<(), DbError> {
    loop {
        let over = db.ask(SomeOver { limit: AT_ONCE, now }).await?;
        if over.is_empty() {
            return Ok(());
        }
        match end(&over, "expired", "Expired", now).run(db).await {
            Err(fault) if !fault.is_refusal(MOVED) => return Err(fault),
            _ => {}
        }
    }
}
