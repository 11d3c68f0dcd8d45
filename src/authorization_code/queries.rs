//! Codes in the database. What is stored is a keyed hash, and a seal only until the code is handed over.

use springboard_jobs::NewTask;

use super::{
    Channel, ENTRIES, WRONG,
    ending::{self, MOVED, Open},
};
use crate::{
    db::{
        Db, DbError, Query, Refusal, Transaction, statement,
        value::{Bytes, SurrealValue},
    },
    submission::{self, Owned},
    words::{AccountId, AuthorizationCode, CodeId, Keys, Moment},
};

/// What the id of an e-mail with a code begins with; the code's id follows, in lower case.
pub(super) const MAIL: &str = "code-";

/// What a new code needs.
pub struct New<'a> {
    /// Its identity.
    pub id: &'a CodeId,
    /// For which account.
    pub account: &'a AccountId,
    /// Who asked.
    pub logon: &'a str,
    /// How it travels.
    pub channel: Channel,
    /// The confirmation number of the request.
    pub submission: i64,
    /// The job that hands it over.
    pub job: NewTask,
}

/// The name under which a code is sealed.
pub(super) fn seal_name(id: &CodeId) -> String {
    format!("code:{id}")
}

/// Whom limits are counted for that belong to an account and a logon.
pub fn whom(account: &AccountId, logon: &str) -> String {
    format!("{}/{logon}", account.key())
}

/// What stands as a logon's code for an account.
#[derive(Clone, SurrealValue)]
pub struct Present {
    /// The code that was drawn last; `none` if there was none.
    code: String,
    /// The same if it may still be used, or waits.
    open: Option<Open>,
}

statement! {
    PresentOf { logon: String, kind: String, number: String } -> Option<Present>;
    reads code, live_code;
    "LET $code = (SELECT VALUE code FROM ONLY type::record('live_code', [$kind, $number, $logon])) ?? 'none';
     RETURN {
        code: $code,
        open: (SELECT record::id(id) AS id, submission, logon FROM ONLY type::record('code', $code) WHERE state IN ['waiting', 'handed over'])
     };"
}

/// What stands as a logon's code for an account: to be replaced by [`create`].
///
/// # Errors
/// When the database does not answer.
pub async fn present(db: &Db, logon: &str, account: &AccountId) -> Result<Present, DbError> {
    let (kind, number) = (account.kind.clone(), account.number.digits());
    let present = PresentOf { logon: logon.to_owned(), kind, number }.run(db).await?;
    present.ok_or_else(|| DbError::Broken("what stands as a code was not answered".into()))
}

statement! {
    Create {
        id: String,
        kind: String,
        number: String,
        logon: String,
        hash: String,
        sealed: Bytes,
        channel: &'static str,
        submission: i64,
        present: String,
        wrong: &'static str,
        whom: String,
        now: Moment,
    };
    reads live_code;
    writes code, live_code, throttle;
    refuses MOVED;
    "IF ((SELECT VALUE code FROM ONLY type::record('live_code', [$kind, $number, $logon])) ?? 'none') != $present { THROW $MOVED };
     CREATE type::record('code', $id) SET kind = $kind, number = $number, logon = $logon,
        hash = $hash, sealed = $sealed, channel = $channel, state = 'waiting',
        submission = $submission, requested = $now, rank = -time::nano($now) RETURN NONE;
     UPSERT type::record('live_code', [$kind, $number, $logon]) SET code = $id RETURN NONE;
     UPDATE type::record('throttle', [$wrong, $whom]) SET hits = [], touched = $now RETURN NONE;"
}

/// Draws a code and writes it with its job; the one that stands is void from now on. Throws [`MOVED`] when another one
/// stands by now.
pub fn create(new: New<'_>, present: &Present, keys: &Keys, now: Moment) -> Transaction {
    let code = AuthorizationCode::draw();
    let create = Create {
        id: new.id.to_string(),
        kind: new.account.kind.clone(),
        number: new.account.number.digits(),
        logon: new.logon.to_owned(),
        hash: code.hash(keys),
        sealed: keys.seal(&seal_name(new.id), code.as_bytes()).into(),
        channel: new.channel.word(),
        submission: new.submission,
        present: present.code.clone(),
        wrong: WRONG.what,
        whom: whom(new.account, new.logon),
        now,
    };
    ending::end(present.open.as_slice(), "void", "Replaced by a newer request", now)
        .then(create)
        .then(Transaction::enqueue(new.job))
}

#[derive(SurrealValue)]
struct Recent {
    kind: String,
    hash: String,
    requested: Moment,
}

statement! {
    RecentOf { logon: String } -> Vec<Recent>;
    reads code;
    "SELECT kind, hash, requested FROM code WHERE logon = $logon ORDER BY requested DESC LIMIT 20"
}

/// The account type to name when a logon typed a code: that of its own code, or else of its latest
/// request. So the name tells nothing about codes of others (R119, R122).
///
/// # Errors
/// When the database does not answer.
pub async fn type_for_entry(db: &Db, logon: &str, hashes: &[String]) -> Result<Option<String>, DbError> {
    let recent = db.ask(RecentOf { logon: logon.to_owned() }).await?;
    let own = recent.iter().find(|code| hashes.contains(&code.hash)).or(recent.first());
    Ok(own.map(|code| code.kind.clone()))
}

/// A code that was typed in and is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Right {
    id: CodeId,
    submission: i64,
}

impl Right {
    /// Its id.
    pub fn id(&self) -> &CodeId {
        &self.id
    }
}

/// What became of a code that was typed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    /// It is the account's, and this logon's.
    Right(Right),
    /// It is not, has expired, was used or voided; nobody is told which.
    Wrong,
    /// Too many were typed in a short time.
    TooMany,
}

#[derive(SurrealValue)]
struct RightRow {
    id: String,
    submission: i64,
}

statement! {
    RightOf { logon: String, kind: String, number: String, hashes: Vec<String>, now: Moment } -> Option<RightRow>;
    reads account, code, live_code;
    "LET $code = (SELECT VALUE code FROM ONLY type::record('live_code', [$kind, $number, $logon])) ?? 'none';
     RETURN (SELECT record::id(id) AS id, submission FROM ONLY type::record('code', $code)
        WHERE hash IN $hashes AND logon = $logon AND state = 'handed over' AND expires > $now
            AND type::record('account', [$kind, $number]).status = 'active');"
}

/// The code of a logon for an account, if it is what was typed and may be used. Nothing is counted.
///
/// # Errors
/// When the database does not answer.
pub async fn right(
    db: &Db,
    logon: &str,
    account: &AccountId,
    hashes: &[String],
    now: Moment,
) -> Result<Option<Right>, DbError> {
    let (kind, number) = (account.kind.clone(), account.number.digits());
    let right = RightOf { logon: logon.to_owned(), kind, number, hashes: hashes.to_vec(), now }.run(db).await?;
    Ok(right.map(|row| Right { id: CodeId::known(row.id), submission: row.submission }))
}

/// Checks a code that was typed in, and counts the try: for the logon whether right or wrong, for its own code when
/// wrong. Too many wrong ones make that code void; what others type does not touch it.
///
/// # Errors
/// When the database does not answer.
pub async fn check(
    db: &Db,
    logon: &str,
    account: &AccountId,
    hashes: &[String],
    now: Moment,
) -> Result<Checked, DbError> {
    if !ENTRIES.allows(db, logon, now).await? {
        return Ok(Checked::TooMany);
    }
    if let Some(right) = right(db, logon, account, hashes, now).await? {
        return Ok(Checked::Right(right));
    }
    let present = present(db, logon, account).await?;
    if let Some(open) = present.open
        && !WRONG.allows(db, &whom(account, logon), now).await?
    {
        match ending::end(&[open], "void", "Void after too many wrong tries", now).run(db).await {
            // It ended otherwise in the meantime.
            Err(fault) if !fault.is_refusal(MOVED) => return Err(fault),
            _ => {}
        }
    }
    Ok(Checked::Wrong)
}

/// What the transaction throws when the code is no longer good.
pub const NOT_GOOD: Refusal = Refusal::new("the code is not good");

statement! {
    Consume { id: String, kind: String, number: String, logon: String, now: Moment };
    reads account;
    writes code;
    refuses NOT_GOOD;
    "LET $used = (UPDATE type::record('code', $id) SET state = 'used', sealed = NONE, ended = $now
        WHERE logon = $logon AND state = 'handed over' AND expires > $now
            AND type::record('account', [$kind, $number]).status = 'active' RETURN VALUE id);
     IF $used = [] { THROW $NOT_GOOD };"
}

/// Uses a code up that was right: of two that come at once, one finds it used, and [`NOT_GOOD`] is thrown.
pub fn consume(right: &Right, logon: &str, account: &AccountId, now: Moment) -> Transaction {
    let (kind, number) = (account.kind.clone(), account.number.digits());
    let consume = Consume { id: right.id.to_string(), kind, number, logon: logon.to_owned(), now };
    let request = Owned { number: right.submission, logon: logon.to_owned() };
    consume.then(submission::set_status([request], "Used", now))
}
