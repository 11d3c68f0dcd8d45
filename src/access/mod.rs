//! Access: which logon may act for which account, since when, and whether it is told of messages.

pub mod guard;
mod pace;

pub use pace::{Pace, Quiet, due};

use futures_util::future::BoxFuture;

use crate::{
    db::{Db, DbError, Transaction, statement, value::SurrealValue},
    session::AccessTerms,
    words::{AccountId, AccountNumber, Cents, EmailAddress, Moment},
};

/// An account that a logon may see, as its lists show it.
#[derive(Clone, Debug)]
pub struct Held {
    /// Which.
    pub account: AccountId,
    /// Its name on record.
    pub name: String,
    /// Its balance.
    pub balance: Cents,
    /// How soon this logon is told of messages by e-mail.
    pub pace: Pace,
    /// When it is not to be disturbed.
    pub quiet: Option<Quiet>,
    /// Where to.
    pub email: String,
    /// Whether that is an address of this access's own and not the logon's.
    pub own_address: bool,
    /// The message whose alert was the latest that could not be e-mailed there, by its place in the mailbox.
    pub trouble: Option<i64>,
}

#[derive(SurrealValue)]
struct HeldRow {
    kind: String,
    number: String,
    pace: Pace,
    quiet_from: Option<i64>,
    quiet_until: Option<i64>,
    email: String,
    own_address: bool,
    trouble: Option<i64>,
    name: Option<String>,
    balance: Option<i64>,
}

statement! {
    HeldBy { logon: String } -> Vec<HeldRow>;
    reads access, account, logon;
    "SELECT kind, number, pace, quiet_from, quiet_until, IF email = '' { type::record('logon', $logon).email } ELSE { email } AS email, email != '' AS own_address, trouble,
        type::record('account', [kind, number]).name AS name, type::record('account', [kind, number]).balance AS balance
     FROM access WHERE logon = $logon"
}

/// The accounts that a logon may see, by type and number.
///
/// # Errors
/// When the database does not answer.
pub async fn of_logon(db: &Db, logon: &str) -> Result<Vec<Held>, DbError> {
    let rows = db.ask(HeldBy { logon: logon.to_owned() }).await?;
    rows.into_iter()
        .map(|row| {
            let number =
                AccountNumber::parse(&row.number).map_err(|_| DbError::Broken("an access names no account".into()))?;
            Ok(Held {
                account: AccountId::new(row.kind, number),
                name: row.name.unwrap_or_default(),
                balance: Cents(row.balance.unwrap_or(0)),
                pace: row.pace,
                quiet: Quiet::kept(row.quiet_from, row.quiet_until),
                email: row.email,
                own_address: row.own_address,
                trouble: row.trouble,
            })
        })
        .collect()
}

/// Who has access to an account, as staff and other holders see it.
#[derive(Clone, Debug, SurrealValue)]
pub struct Holder {
    /// The logon.
    pub logon: String,
    /// Its user ID.
    pub user_id: String,
    /// Since when.
    pub granted: Moment,
    /// How soon it is told of messages.
    pub pace: Pace,
}

statement! {
    HoldersOf { kind: String, number: String } -> Vec<Holder>;
    reads access, logon;
    "SELECT logon, type::record('logon', logon).user_id AS user_id, granted, pace
     FROM type::record('access', [$kind, $number]..[$kind, $number, ..])"
}

/// Who has access to an account.
///
/// # Errors
/// When the database does not answer.
pub async fn holders(db: &Db, account: &AccountId) -> Result<Vec<Holder>, DbError> {
    let (kind, number) = key(account);
    db.ask(HoldersOf { kind, number }).await
}

statement! {
    CountHolders { kind: String, number: String } -> Option<i64>;
    reads access;
    "SELECT VALUE count FROM (SELECT count() AS count FROM type::record('access', [$kind, $number]..[$kind, $number, ..]) GROUP ALL)"
}

/// How many have access to an account.
///
/// # Errors
/// When the database does not answer.
pub async fn count(db: &Db, account: &AccountId) -> Result<usize, DbError> {
    let (kind, number) = key(account);
    let count = db.ask(CountHolders { kind, number }).await?;
    Ok(usize::try_from(count.unwrap_or(0)).unwrap_or(0))
}

/// Whether a logon has access to an account.
///
/// # Errors
/// When the database does not answer.
pub async fn has(db: &Db, logon: &str, account: &AccountId) -> Result<bool, DbError> {
    Ok(wishes(db, logon, account).await?.is_some())
}

/// How a logon wants to be told of an account's messages.
#[derive(Clone, Debug)]
pub struct Wishes {
    /// How soon.
    pub pace: Pace,
    /// When not.
    pub quiet: Option<Quiet>,
    /// Where to.
    pub email: String,
}

#[derive(SurrealValue)]
struct WishesRow {
    pace: Pace,
    quiet_from: Option<i64>,
    quiet_until: Option<i64>,
    email: String,
}

/// An account as records name it.
fn key(account: &AccountId) -> (String, String) {
    (account.kind.clone(), account.number.digits())
}

statement! {
    WishesOf { logon: String, kind: String, number: String } -> Option<WishesRow>;
    reads access, logon;
    "SELECT pace, quiet_from, quiet_until, IF email = '' { type::record('logon', $logon).email } ELSE { email } AS email
     FROM ONLY type::record('access', [$kind, $number, $logon])"
}

/// How a logon wants to be told of an account's messages; nothing without access.
///
/// # Errors
/// When the database does not answer.
pub async fn wishes(db: &Db, logon: &str, account: &AccountId) -> Result<Option<Wishes>, DbError> {
    let (kind, number) = key(account);
    let row = db.ask(WishesOf { logon: logon.to_owned(), kind, number }).await?;
    Ok(row.map(|row| Wishes { pace: row.pace, quiet: Quiet::kept(row.quiet_from, row.quiet_until), email: row.email }))
}

/// What a new access needs.
pub struct Grant<'a> {
    /// Whose.
    pub logon: &'a str,
    /// To which account.
    pub account: &'a AccountId,
    /// Whether to tell of messages.
    pub alerts: bool,
    /// Where to, if not to the logon's own address, whichever that is then.
    pub email: Option<&'a EmailAddress>,
    /// The version of the access terms that were agreed to.
    pub terms_version: &'a str,
    /// The id of the code that it comes by, or what is noted in its place.
    pub code: &'a str,
}

statement! {
    GrantAccess {
        logon: String,
        kind: String,
        number: String,
        pace: Pace,
        email: String,
        terms_version: String,
        code: String,
        now: Moment,
    };
    writes access;
    changes Logon(logon);
    "UPSERT type::record('access', [$kind, $number, $logon]) SET logon = $logon, kind = $kind,
        number = $number, pace = $pace, email = $email, terms_version = $terms_version,
        terms_at = $now, granted = $now, code = $code RETURN NONE;"
}

/// Writes an access, in one transaction with what consumes its code, and before that. The mailbox is to learn of it in the
/// same transaction: callers use `mailbox::holders::grant`.
pub(crate) fn grant(grant: &Grant<'_>, now: Moment) -> Transaction {
    let (kind, number) = key(grant.account);
    let access = GrantAccess {
        logon: grant.logon.to_owned(),
        kind,
        number,
        pace: if grant.alerts { Pace::AtOnce } else { Pace::Off },
        email: grant.email.map(ToString::to_string).unwrap_or_default(),
        terms_version: grant.terms_version.to_owned(),
        code: grant.code.to_owned(),
        now,
    };
    access.into()
}

statement! {
    UseLogonsAddress { logon: String, kind: String, number: String };
    writes access;
    "UPDATE type::record('access', [$kind, $number, $logon]) SET email = '' RETURN NONE;"
}

/// From now on a logon is told of an account's messages at its own address, and no more at one of this access's.
pub fn use_logons_address(logon: &str, account: &AccountId) -> Transaction {
    let (kind, number) = key(account);
    UseLogonsAddress { logon: logon.to_owned(), kind, number }.into()
}

statement! {
    AddressChanged { logon: String };
    writes access;
    "UPDATE access SET trouble = NONE WHERE logon = $logon AND email = '' AND trouble != NONE RETURN NONE;"
}

/// Forgets that a logon could not be reached at its own address, which is another one now.
pub fn address_changed(logon: &str) -> Transaction {
    AddressChanged { logon: logon.to_owned() }.into()
}

statement! {
    SetPace {
        logon: String,
        kind: String,
        number: String,
        pace: Pace,
        quiet_from: Option<i64>,
        quiet_until: Option<i64>,
    };
    writes access;
    changes Logon(logon);
    "UPDATE type::record('access', [$kind, $number, $logon]) SET pace = $pace, quiet_from = $quiet_from,
        quiet_until = $quiet_until, trouble = NONE RETURN NONE;"
}

/// Sets how soon a logon is told of an account's messages, and when not. Whoever looks at these settings knows of
/// trouble with the address.
pub fn set_pace(logon: &str, account: &AccountId, pace: Pace, quiet: Option<Quiet>) -> Transaction {
    let (from, until) = quiet.map(Quiet::hours).unzip();
    let (quiet_from, quiet_until) = (from.map(i64::from), until.map(i64::from));
    let (kind, number) = key(account);
    SetPace { logon: logon.to_owned(), kind, number, pace, quiet_from, quiet_until }.into()
}

statement! {
    NoteTrouble { logon: String, kind: String, number: String, sequence: i64 };
    writes access;
    "UPDATE type::record('access', [$kind, $number, $logon]) SET trouble = $sequence RETURN NONE;"
}

/// Notes the message whose alert could not be e-mailed to a logon.
pub fn note_trouble(logon: &str, account: &AccountId, sequence: i64) -> Transaction {
    let (kind, number) = key(account);
    NoteTrouble { logon: logon.to_owned(), kind, number, sequence }.into()
}

statement! {
    AgreeToTerms { logon: String, version: String, until: Moment, now: Moment };
    writes access;
    changes Logon(logon);
    "UPDATE access SET terms_version = $version, terms_at = $now
        WHERE logon = $logon AND terms_version != $version AND granted <= $until RETURN NONE;"
}

/// Notes that a logon agreed to a version of the terms of access, for all access that was given until then.
pub fn agree_to_terms(logon: &str, version: &str, until: Moment, now: Moment) -> Transaction {
    AgreeToTerms { logon: logon.to_owned(), version: version.to_owned(), until, now }.into()
}

statement! {
    AgreedTerms { logon: String } -> Option<AccessTerms>;
    reads access;
    "RETURN {
        versions: (SELECT terms_version FROM access WHERE logon = $logon GROUP BY terms_version).terms_version,
        given: (SELECT VALUE [kind, number] FROM access WHERE logon = $logon AND terms_version = '')
     }"
}

/// Which terms of access a logon agreed to.
pub fn agreed_terms<'a>(db: &'a Db, logon: &'a str) -> BoxFuture<'a, Result<AccessTerms, DbError>> {
    Box::pin(async { Ok(db.ask(AgreedTerms { logon: logon.to_owned() }).await?.unwrap_or_default()) })
}

statement! {
    TurnOff { logon: String, kind: String, number: String };
    writes access;
    changes Logon(logon);
    "UPDATE type::record('access', [$kind, $number, $logon]) SET pace = 'off' RETURN NONE;"
}

/// Turns the telling of an account's messages off, and leaves the quiet hours as they are.
pub fn turn_off(logon: &str, account: &AccountId) -> Transaction {
    let (kind, number) = key(account);
    TurnOff { logon: logon.to_owned(), kind, number }.into()
}

statement! {
    Revoke { logon: String, kind: String, number: String };
    writes access;
    changes Logon(logon);
    "DELETE type::record('access', [$kind, $number, $logon]);"
}

/// Takes an access away; the next request of that logon does not see the account. The mailbox is to learn of it in the same
/// transaction: callers use `mailbox::holders::revoke`.
pub(crate) fn revoke(logon: &str, account: &AccountId) -> Transaction {
    let (kind, number) = key(account);
    Revoke { logon: logon.to_owned(), kind, number }.into()
}
