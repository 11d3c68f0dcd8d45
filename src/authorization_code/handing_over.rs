//! A code that waits in the database, and what is noted of it when it is handed over, or can't be.

use super::Channel;
use crate::{
    db::{
        Db, DbError, Query, Transaction, statement,
        value::{Bytes, SurrealValue},
    },
    submission::{self, Owned},
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

impl Waiting {
    fn request(&self) -> Owned {
        Owned { number: self.submission, logon: self.logon.clone() }
    }
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

statement! {
    HandOver { id: String, expires: Moment, now: Moment };
    writes code;
    "IF (UPDATE type::record('code', $id) SET state = 'handed over', sealed = NONE, handed_over = $now, expires = $expires
        WHERE state = 'waiting' RETURN VALUE id) = [] { RETURN NONE };"
}

/// Notes that a code was handed over, and says so to whoever asked for it; its seal is deleted. Of one that does not wait any
/// more nothing is noted: the transaction ends, and what follows is not done.
pub fn handed_over(id: &CodeId, waiting: &Waiting, channel: Channel, now: Moment) -> Transaction {
    let status = match channel {
        Channel::Email => "Code e-mailed",
        Channel::Letter => "Letter waits to be printed",
    };
    let hand_over = HandOver { id: id.to_string(), expires: now + channel.lasts(), now };
    hand_over.then(submission::set_status([waiting.request()], status, now))
}

statement! {
    Undeliverable { id: String, said: String };
    writes code;
    "IF (UPDATE type::record('code', $id) SET state = 'undeliverable', sealed = NONE, said = $said
        WHERE state = 'waiting' RETURN VALUE id) = [] { RETURN NONE };"
}

/// Notes that a code can't be handed over, and why, if it still waits; its seal is deleted, and the submission says so.
///
/// # Errors
/// When the database does not answer.
pub async fn undeliverable(db: &Db, id: &CodeId, waiting: &Waiting, why: &str, now: Moment) -> Result<(), DbError> {
    Undeliverable { id: id.to_string(), said: why.to_owned() }
        .then(submission::set_status([waiting.request()], "The code could not be delivered", now))
        .run(db)
        .await
}
