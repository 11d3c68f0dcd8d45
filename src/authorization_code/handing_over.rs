//! A code that waits in the database, and what is noted of it when it is handed over, or can't be.

use super::Channel;
use crate::{
    db::{
        Db, DbError, Query, Transaction, statement,
        value::{Bytes, SurrealValue},
    },
    words::{AccountId, AccountNumber, CodeId, Moment},
};

/// A code that waits to be handed over.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// For which account.
    pub account: AccountId,
    /// Who asked.
    pub logon: String,
    /// When.
    pub requested: Moment,
    /// The request's confirmation number.
    pub submission: i64,
    /// The seal.
    pub sealed: Vec<u8>,
}

#[derive(SurrealValue)]
struct WaitingRow {
    kind: String,
    number: String,
    logon: String,
    requested: Moment,
    submission: i64,
    sealed: Option<Bytes>,
}

statement! {
    FindWaiting { id: String } -> Option<WaitingRow>;
    reads code;
    "SELECT kind, number, logon, requested, submission, sealed FROM ONLY type::record('code', $id) WHERE state = 'waiting'"
}

/// The code, if it still waits to be handed over.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting(db: &Db, id: &CodeId) -> Result<Option<Waiting>, DbError> {
    let row = db.ask(FindWaiting { id: id.to_string() }).await?;
    let Some(row) = row else { return Ok(None) };
    let number = AccountNumber::parse(&row.number).map_err(|_| DbError::Broken("a code names no account".into()))?;
    let Some(sealed) = row.sealed else { return Ok(None) };
    Ok(Some(Waiting {
        account: AccountId::new(row.kind, number),
        logon: row.logon,
        requested: row.requested,
        submission: row.submission,
        sealed: sealed.to_vec(),
    }))
}

/// Says where the submission `$submission` stands, if `$moved` names what moved.
macro_rules! status_if_moved {
    ($status:literal) => {
        concat!(
            "IF $moved != [] {
                UPDATE type::record('submission', $submission) SET status = '",
            $status,
            "', changed = $now RETURN NONE;
                CREATE type::record('change', rand::ulid()) SET logons = [(SELECT VALUE logon FROM ONLY type::record('submission', $submission)) ?? ''], what = 'facts' RETURN NONE;
             };
             "
        )
    };
}

/// Notes that the code `$id` was handed over, if it still waits.
macro_rules! moved {
    () => {
        "LET $moved = (UPDATE type::record('code', $id) SET state = 'handed over', sealed = NONE, handed_over = $now,
            expires = $expires WHERE state = 'waiting' RETURN VALUE id);
         "
    };
}

statement! {
    Emailed { id: String, submission: i64, expires: Moment, now: Moment };
    reads submission;
    writes code, submission, change;
    concat!(moved!(), status_if_moved!("Code e-mailed"))
}

statement! {
    Spooled { id: String, submission: i64, expires: Moment, now: Moment };
    reads submission;
    writes code, submission, change;
    concat!(moved!(), status_if_moved!("Letter waits to be printed"), "IF $moved = [] { RETURN NONE };")
}

/// Notes that a code was handed over, and says so to whoever asked for it; its seal is deleted. Nothing is noted of one
/// that does not wait any more. With a letter the transaction ends then, and what follows is not done.
pub fn handed_over(id: &CodeId, submission: i64, channel: Channel, now: Moment) -> Transaction {
    let (id, expires) = (id.to_string(), now + channel.lasts());
    match channel {
        Channel::Email => Emailed { id, submission, expires, now }.into(),
        Channel::Letter => Spooled { id, submission, expires, now }.into(),
    }
}

statement! {
    Undeliverable { id: String, submission: i64, said: String, now: Moment };
    reads submission;
    writes code, submission, change;
    concat!(
        "LET $moved = (UPDATE type::record('code', $id) SET state = 'undeliverable', sealed = NONE, said = $said
            WHERE state = 'waiting' RETURN VALUE id);
         ",
        status_if_moved!("The code could not be delivered")
    )
}

/// Notes that a code can't be handed over, and why, if it still waits; its seal is deleted, and the submission says so.
///
/// # Errors
/// When the database does not answer.
pub async fn undeliverable(db: &Db, id: &CodeId, submission: i64, why: &str, now: Moment) -> Result<(), DbError> {
    Undeliverable { id: id.to_string(), submission, said: why.to_owned(), now }.run(db).await
}
