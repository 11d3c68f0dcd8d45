//! Codes in the database. What is stored is a keyed hash, and a seal only until the code is handed over.

use chrono::Duration;
use springboard_jobs::NewTask;

use super::{Channel, ENTRIES, WRONG};
use crate::{
    db::{
        Ask, Db, DbError, Piece, queue,
        value::{Bytes, SurrealValue},
    },
    words::{AccountId, AccountNumber, AuthorizationCode, CodeId, Keys, Moment},
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

#[derive(SurrealValue)]
struct NewValues {
    id: String,
    kind: String,
    number: String,
    logon: String,
    hash: String,
    sealed: Bytes,
    channel: String,
    submission: i64,
    wrong: String,
    whom: String,
    now: Moment,
}

/// The name under which a code is sealed.
pub(super) fn seal_name(id: &CodeId) -> String {
    format!("code:{id}")
}

/// Whom limits are counted for that belong to an account and a logon.
pub fn whom(account: &AccountId, logon: &str) -> String {
    format!("{}/{logon}", account.key())
}

/// Draws a code and writes it with its job; an older code of the same logon for the account is void from now on.
pub fn create(new: New<'_>, keys: &Keys, now: Moment) -> Piece {
    let code = AuthorizationCode::draw();
    let values = NewValues {
        id: new.id.to_string(),
        kind: new.account.kind.clone(),
        number: new.account.number.digits(),
        logon: new.logon.to_owned(),
        hash: code.hash(keys),
        sealed: keys.seal(&seal_name(new.id), code.as_bytes()).into(),
        channel: new.channel.word().to_owned(),
        submission: new.submission,
        wrong: WRONG.what.into(),
        whom: whom(new.account, new.logon),
        now,
    };
    void("code", "Replaced by a newer request")
        .then(Piece::new(
            "CREATE type::record('code', $code.id) SET kind = $code.kind, number = $code.number, logon = $code.logon,
                hash = $code.hash, sealed = $code.sealed, channel = $code.channel, state = 'waiting',
                submission = $code.submission, requested = $code.now, rank = -time::nano($code.now) RETURN NONE;
             UPSERT type::record('live_code', [$code.kind, $code.number, $code.logon]) SET code = $code.id RETURN NONE;
             UPDATE type::record('throttle', [$code.wrong, $code.whom]) SET hits = [], touched = $code.now RETURN NONE;
             fn::apalis_enqueue($code_job);",
        ))
        .with("code", values)
        .with("code_job", new.job)
}

/// Statements that make a logon's present code for an account void, and say so to whoever asked for it. They are
/// `$name.logon`, `$name.kind` and `$name.number`.
fn void(name: &str, why: &'static str) -> Piece {
    Piece::new(format!(
        "LET $old_code = (SELECT VALUE code FROM ONLY type::record('live_code', [${name}.kind, ${name}.number, ${name}.logon]));
         IF $old_code != NONE {{
            LET $voided = (UPDATE ONLY type::record('code', $old_code) SET state = 'void', sealed = NONE, ended = ${name}.now);
            UPDATE type::record('submission', $voided.submission) SET status = '{why}', changed = ${name}.now RETURN NONE;
            DELETE type::record('live_code', [${name}.kind, ${name}.number, ${name}.logon]);
            fn::wake($voided.logon, 'facts');
         }};"
    ))
}

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

/// The code, if it still waits to be handed over.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting(db: &Db, id: &CodeId) -> Result<Option<Waiting>, DbError> {
    let ask = Ask::new(
        "SELECT kind, number, logon, requested, submission, sealed FROM ONLY type::record('code', $id) WHERE state = 'waiting'",
    )
    .with("id", id.as_str());
    let row: Option<WaitingRow> = db.ask(ask).await?.one(0)?;
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

#[derive(SurrealValue)]
struct HandedOver {
    id: String,
    at: Moment,
    expires: Moment,
}

/// Notes that a code was handed over; its seal is deleted. `$moved` tells whether it still waited.
pub fn handed_over(id: &CodeId, channel: Channel, at: Moment) -> Piece {
    Piece::new(
        "LET $moved = (UPDATE type::record('code', $handed.id) SET state = 'handed over', sealed = NONE, handed_over = $handed.at,
            expires = $handed.expires WHERE state = 'waiting' RETURN VALUE id);",
    )
    .with("handed", HandedOver { id: id.to_string(), at, expires: at + channel.lasts() })
}

#[derive(SurrealValue)]
struct Lost {
    id: String,
    said: String,
}

/// Notes that a code can't be handed over, and why; its seal is deleted. `$moved` tells whether it still waited.
pub fn undeliverable(id: &CodeId, why: &str) -> Piece {
    Piece::new(
        "LET $moved = (UPDATE type::record('code', $lost.id) SET state = 'undeliverable', sealed = NONE, said = $lost.said
            WHERE state = 'waiting' RETURN VALUE id);",
    )
    .with("lost", Lost { id: id.to_string(), said: why.to_owned() })
}

/// Marks the codes whose jobs in this queue were given up.
///
/// # Errors
/// When the database does not answer.
pub async fn mark_given_up(db: &Db, queue: &str, now: Moment) -> Result<(), DbError> {
    let ask = Ask::new(
        "{
            FOR $id IN $ids {
                LET $given_up = (UPDATE ONLY type::record('code', $id) SET state = 'undeliverable', sealed = NONE, ended = $now WHERE state = 'waiting');
                IF $given_up != NONE {
                    UPDATE type::record('submission', $given_up.submission)
                        SET status = 'The code could not be delivered', changed = $now RETURN NONE;
                    fn::wake($given_up.logon, 'facts');
                };
            };
        }",
    )
    .with("ids", queue::given_up(db, queue, now).await?)
    .with("now", now);
    db.ask(ask).await.map(drop)
}

/// Marks the code that an e-mail brought which came back: nobody can have read it there. Any other e-mail's id, and a code
/// that was used or replaced meanwhile, change nothing.
///
/// # Errors
/// When the database does not answer.
pub async fn came_back(db: &Db, mail: &str, now: Moment) -> Result<(), DbError> {
    let Some(id) = mail.strip_prefix(MAIL).filter(|id| !id.is_empty()) else { return Ok(()) };
    let ask = Ask::new(
        "{
            LET $lost = (UPDATE ONLY type::record('code', $id) SET state = 'undeliverable', sealed = NONE, ended = $now
                WHERE state = 'handed over' AND channel = 'email');
            IF $lost != NONE {
                DELETE type::record('live_code', [$lost.kind, $lost.number, $lost.logon]) WHERE code = $id;
                UPDATE type::record('submission', $lost.submission)
                    SET status = 'The e-mail with the code came back', changed = $now RETURN NONE;
                fn::wake($lost.logon, 'facts');
            };
        }",
    )
    .with("id", id.to_uppercase())
    .with("now", now);
    db.ask(ask).await.map(drop)
}

#[derive(SurrealValue)]
struct Recent {
    kind: String,
    hash: String,
    requested: Moment,
}

/// The account type to name when a logon typed a code: that of its own code, or else of its latest
/// request. So the name tells nothing about codes of others (R119, R122).
///
/// # Errors
/// When the database does not answer.
pub async fn type_for_entry(db: &Db, logon: &str, hashes: &[String]) -> Result<Option<String>, DbError> {
    let ask = Ask::new("SELECT kind, hash, requested FROM code WHERE logon = $logon ORDER BY requested DESC LIMIT 20")
        .with("logon", logon.to_owned());
    let recent: Vec<Recent> = db.ask(ask).await?.all(0)?;
    let own = recent.iter().find(|code| hashes.contains(&code.hash)).or(recent.first());
    Ok(own.map(|code| code.kind.clone()))
}

/// What became of a code that was typed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    /// It is the account's, and this logon's.
    Right(CodeId),
    /// It is not, has expired, was used or voided; nobody is told which.
    Wrong,
    /// Too many were typed in a short time.
    TooMany,
}

#[derive(SurrealValue)]
struct CheckedRow {
    outcome: String,
    code: Option<String>,
}

#[derive(SurrealValue)]
struct Entry {
    logon: String,
    kind: String,
    number: String,
    whom: String,
    hashes: Vec<String>,
    entries: i64,
    entries_within: std::time::Duration,
    wrong: i64,
    wrong_within: std::time::Duration,
    now: Moment,
}

fn std_duration(duration: Duration) -> std::time::Duration {
    duration.to_std().unwrap_or_default()
}

fn entry(logon: &str, account: &AccountId, hashes: &[String], now: Moment) -> Entry {
    Entry {
        logon: logon.to_owned(),
        kind: account.kind.clone(),
        number: account.number.digits(),
        whom: whom(account, logon),
        hashes: hashes.to_vec(),
        entries: ENTRIES.most,
        entries_within: std_duration(ENTRIES.within),
        wrong: WRONG.most,
        wrong_within: std_duration(WRONG.within),
        now,
    }
}

/// The live code of a logon for an account, if it is what was typed. Used twice: to check, and to consume.
const LIVE: &str = "
    LET $live = (SELECT VALUE code FROM ONLY type::record('live_code', [$entry.kind, $entry.number, $entry.logon])) ?? 'none';
    LET $right = (SELECT VALUE record::id(id) FROM ONLY type::record('code', $live)
        WHERE hash IN $entry.hashes AND logon = $entry.logon AND state = 'handed over' AND expires > $entry.now
            AND type::record('account', [$entry.kind, $entry.number]).status = 'active');";

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
    let counted = Piece::new(format!(
        "IF !fn::may('{}', $entry.logon, $entry.entries, $entry.entries_within, $entry.now) {{ RETURN {{ outcome: 'too many' }} }};
         {LIVE}
         IF $right != NONE {{ RETURN {{ outcome: 'right', code: $right }} }};
         IF $live = 'none' {{ RETURN {{ outcome: 'wrong' }} }};
         IF fn::may('{}', $entry.whom, $entry.wrong, $entry.wrong_within, $entry.now) {{ RETURN {{ outcome: 'wrong' }} }};",
        ENTRIES.what, WRONG.what
    ));
    let piece = counted
        .then(void("entry", "Void after too many wrong tries"))
        .then(Piece::new("RETURN { outcome: 'wrong' };"))
        .with("entry", entry(logon, account, hashes, now));
    let row: Option<CheckedRow> = piece.run(db).await?.one(0)?;
    Ok(match row {
        Some(CheckedRow { outcome, code: Some(code) }) if outcome == "right" => Checked::Right(CodeId::known(code)),
        Some(CheckedRow { outcome, .. }) if outcome == "too many" => Checked::TooMany,
        _ => Checked::Wrong,
    })
}

/// What the transaction throws when the code is no longer good.
pub const NOT_GOOD: &str = "the code is not good";

/// Statements that use the code up: of two that come at once, one finds it used.
pub fn consume(logon: &str, account: &AccountId, hashes: &[String], now: Moment) -> Piece {
    Piece::new(format!(
        "{LIVE}
         IF $right = NONE {{ THROW '{NOT_GOOD}' }};
         LET $used = (UPDATE ONLY type::record('code', $right) SET state = 'used', sealed = NONE, ended = $entry.now);
         UPDATE type::record('submission', $used.submission) SET status = 'Used', changed = $entry.now RETURN NONE;
         DELETE type::record('live_code', [$entry.kind, $entry.number, $entry.logon]);"
    ))
    .with("entry", entry(logon, account, hashes, now))
}
