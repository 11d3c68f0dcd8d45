//! Codes in the database. What is stored is a keyed hash, and a seal only until the code is handed over.

use chrono::Duration;
use springboard_jobs::{CodeByEmail, CodeByLetter, NewTask};

use super::{Channel, ENTRIES, WRONG};
use crate::{
    db::{
        Db, DbError, Query, Transaction, queue, statement,
        value::{Bytes, SurrealValue},
    },
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

/// Makes the present code of `$logon` for the account void, and says so to whoever asked for it.
macro_rules! void {
    ($why:literal) => {
        concat!(
            "LET $old_code = (SELECT VALUE code FROM ONLY type::record('live_code', [$kind, $number, $logon]));
             IF $old_code != NONE {
                LET $voided = (UPDATE ONLY type::record('code', $old_code) SET state = 'void', sealed = NONE, ended = $now);
                UPDATE type::record('submission', $voided.submission) SET status = '",
            $why,
            "', changed = $now RETURN NONE;
                DELETE type::record('live_code', [$kind, $number, $logon]);
                CREATE type::record('change', rand::ulid()) SET logons = [$voided.logon], what = 'facts' RETURN NONE;
             };
             "
        )
    };
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
        wrong: &'static str,
        whom: String,
        now: Moment,
    };
    reads live_code;
    writes code, live_code, submission, throttle, change;
    concat!(
        void!("Replaced by a newer request"),
        "CREATE type::record('code', $id) SET kind = $kind, number = $number, logon = $logon,
            hash = $hash, sealed = $sealed, channel = $channel, state = 'waiting',
            submission = $submission, requested = $now, rank = -time::nano($now) RETURN NONE;
         UPSERT type::record('live_code', [$kind, $number, $logon]) SET code = $id RETURN NONE;
         UPDATE type::record('throttle', [$wrong, $whom]) SET hits = [], touched = $now RETURN NONE;"
    )
}

/// Draws a code and writes it with its job; an older code of the same logon for the account is void from now on.
pub fn create(new: New<'_>, keys: &Keys, now: Moment) -> Transaction {
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
        wrong: WRONG.what,
        whom: whom(new.account, new.logon),
        now,
    };
    create.then(Transaction::enqueue(new.job))
}

statement! {
    MarkGivenUp { ids: Vec<String>, now: Moment };
    writes code, submission, change;
    "FOR $id IN $ids {
        LET $given_up = (UPDATE ONLY type::record('code', $id) SET state = 'undeliverable', sealed = NONE, ended = $now WHERE state = 'waiting');
        IF $given_up != NONE {
            UPDATE type::record('submission', $given_up.submission)
                SET status = 'The code could not be delivered', changed = $now RETURN NONE;
            CREATE type::record('change', rand::ulid()) SET logons = [$given_up.logon], what = 'facts' RETURN NONE;
        };
     };"
}

/// Marks the codes whose jobs were given up.
///
/// # Errors
/// When the database does not answer.
pub async fn mark_given_up(db: &Db, now: Moment) -> Result<(), DbError> {
    let by_email = queue::given_up::<CodeByEmail>(db, now).await?.into_iter().map(|job| job.code);
    let by_letter = queue::given_up::<CodeByLetter>(db, now).await?.into_iter().map(|job| job.code);
    MarkGivenUp { ids: by_email.chain(by_letter).collect(), now }.run(db).await
}

statement! {
    CameBack { id: String, now: Moment };
    writes code, live_code, submission, change;
    "LET $lost = (UPDATE ONLY type::record('code', $id) SET state = 'undeliverable', sealed = NONE, ended = $now
        WHERE state = 'handed over' AND channel = 'email');
     IF $lost != NONE {
        DELETE type::record('live_code', [$lost.kind, $lost.number, $lost.logon]) WHERE code = $id;
        UPDATE type::record('submission', $lost.submission)
            SET status = 'The e-mail with the code came back', changed = $now RETURN NONE;
        CREATE type::record('change', rand::ulid()) SET logons = [$lost.logon], what = 'facts' RETURN NONE;
     };"
}

/// Marks the code that an e-mail brought which came back: nobody can have read it there. Any other e-mail's id, and a code
/// that was used or replaced meanwhile, change nothing.
///
/// # Errors
/// When the database does not answer.
pub async fn came_back(db: &Db, mail: &str, now: Moment) -> Result<(), DbError> {
    let Some(id) = mail.strip_prefix(MAIL).filter(|id| !id.is_empty()) else { return Ok(()) };
    CameBack { id: id.to_uppercase(), now }.run(db).await
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

fn std_duration(duration: Duration) -> std::time::Duration {
    duration.to_std().unwrap_or_default()
}

/// The live code of `$logon` for an account, if it is what was typed. Used twice: to check, and to consume.
macro_rules! live {
    () => {
        "LET $live = (SELECT VALUE code FROM ONLY type::record('live_code', [$kind, $number, $logon])) ?? 'none';
         LET $right = (SELECT VALUE record::id(id) FROM ONLY type::record('code', $live)
            WHERE hash IN $hashes AND logon = $logon AND state = 'handed over' AND expires > $now
                AND type::record('account', [$kind, $number]).status = 'active');
         "
    };
}

statement! {
    Check {
        logon: String,
        kind: String,
        number: String,
        whom: String,
        hashes: Vec<String>,
        entry: &'static str,
        most_entries: i64,
        entries_within: std::time::Duration,
        wrong: &'static str,
        most_wrong: i64,
        wrong_within: std::time::Duration,
        now: Moment,
    } -> Option<CheckedRow>;
    reads account, code, live_code;
    writes code, live_code, submission, change;
    concat!(
        "IF !fn::may($entry, $logon, $most_entries, $entries_within, $now) { RETURN { outcome: 'too many' } };
         ",
        live!(),
        "IF $right != NONE { RETURN { outcome: 'right', code: $right } };
         IF $live = 'none' { RETURN { outcome: 'wrong' } };
         IF fn::may($wrong, $whom, $most_wrong, $wrong_within, $now) { RETURN { outcome: 'wrong' } };
         ",
        void!("Void after too many wrong tries"),
        "RETURN { outcome: 'wrong' };"
    )
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
    let check = Check {
        logon: logon.to_owned(),
        kind: account.kind.clone(),
        number: account.number.digits(),
        whom: whom(account, logon),
        hashes: hashes.to_vec(),
        entry: ENTRIES.what,
        most_entries: ENTRIES.most,
        entries_within: std_duration(ENTRIES.within),
        wrong: WRONG.what,
        most_wrong: WRONG.most,
        wrong_within: std_duration(WRONG.within),
        now,
    };
    Ok(match check.run(db).await? {
        Some(CheckedRow { outcome, code: Some(code) }) if outcome == "right" => Checked::Right(CodeId::known(code)),
        Some(CheckedRow { outcome, .. }) if outcome == "too many" => Checked::TooMany,
        _ => Checked::Wrong,
    })
}

/// What the transaction throws when the code is no longer good.
pub const NOT_GOOD: &str = "the code is not good";

statement! {
    Consume { logon: String, kind: String, number: String, hashes: Vec<String>, now: Moment };
    reads account, code, live_code;
    writes code, live_code, submission;
    refuses NOT_GOOD;
    concat!(
        live!(),
        "IF $right = NONE { THROW $NOT_GOOD };
         LET $used = (UPDATE ONLY type::record('code', $right) SET state = 'used', sealed = NONE, ended = $now);
         UPDATE type::record('submission', $used.submission) SET status = 'Used', changed = $now RETURN NONE;
         DELETE type::record('live_code', [$kind, $number, $logon]);"
    )
}

/// Uses the code up: of two that come at once, one finds it used.
pub fn consume(logon: &str, account: &AccountId, hashes: &[String], now: Moment) -> Transaction {
    let (kind, number) = (account.kind.clone(), account.number.digits());
    Consume { logon: logon.to_owned(), kind, number, hashes: hashes.to_vec(), now }.into()
}
