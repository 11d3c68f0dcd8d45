//! Access: which logon may act for which account, since when, and whether it is told of messages.

pub mod guard;
mod pace;

pub use pace::{Pace, Quiet, due};

use crate::{
    db::{Ask, Db, DbError, Piece, value::SurrealValue},
    delivery::History,
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
    /// What came of the latest alert that could not be e-mailed there.
    pub trouble: Option<History>,
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
    trouble: Option<History>,
    name: Option<String>,
    balance: Option<i64>,
}

/// The accounts that a logon may see, by type and number.
///
/// # Errors
/// When the database does not answer.
pub async fn of_logon(db: &Db, logon: &str) -> Result<Vec<Held>, DbError> {
    let ask = Ask::new(
        "SELECT kind, number, pace, quiet_from, quiet_until, IF email = '' { type::record('logon', $logon).email } ELSE { email } AS email, email != '' AS own_address, IF trouble = NONE { NONE } ELSE {
                type::record('alert', [logon, kind, number, trouble]).{ state, way, said, changed, steps }
            } AS trouble,
            type::record('account', [kind, number]).name AS name, type::record('account', [kind, number]).balance AS balance
         FROM type::record('access', [$logon]..[$logon, ..])",
    )
    .with("logon", logon.to_owned());
    let rows: Vec<HeldRow> = db.ask(ask).await?.all(0)?;
    rows.into_iter()
        .map(|row| {
            let number =
                AccountNumber::parse(&row.number).map_err(|_| DbError::Broken("an access names no account".into()))?;
            Ok(Held {
                account: AccountId::new(row.kind, number),
                name: row.name.unwrap_or_default(),
                balance: Cents(row.balance.unwrap_or(0)),
                pace: row.pace,
                quiet: quiet(row.quiet_from, row.quiet_until),
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

/// Who has access to an account.
///
/// # Errors
/// When the database does not answer.
pub async fn holders(db: &Db, account: &AccountId) -> Result<Vec<Holder>, DbError> {
    let ask = Ask::new(
        "SELECT logon, type::record('logon', logon).user_id AS user_id, granted, pace FROM access WHERE kind = $kind AND number = $number",
    )
    .with("kind", account.kind.clone())
    .with("number", account.number.digits());
    db.ask(ask).await?.all(0)
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

fn quiet(from: Option<i64>, until: Option<i64>) -> Option<Quiet> {
    Quiet::new(u32::try_from(from?).ok()?, u32::try_from(until?).ok()?)
}

/// How a logon wants to be told of an account's messages; nothing without access.
///
/// # Errors
/// When the database does not answer.
pub async fn wishes(db: &Db, logon: &str, account: &AccountId) -> Result<Option<Wishes>, DbError> {
    let ask = Ask::new(
        "SELECT pace, quiet_from, quiet_until, IF email = '' { type::record('logon', $logon).email } ELSE { email } AS email
         FROM ONLY type::record('access', [$logon, $kind, $number])",
    )
    .with("logon", logon.to_owned())
    .with("kind", account.kind.clone())
    .with("number", account.number.digits());
    let row: Option<WishesRow> = db.ask(ask).await?.one(0)?;
    Ok(row.map(|row| Wishes { pace: row.pace, quiet: quiet(row.quiet_from, row.quiet_until), email: row.email }))
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
}

#[derive(SurrealValue)]
struct GrantValues {
    logon: String,
    kind: String,
    number: String,
    pace: Pace,
    email: String,
    terms_version: String,
    now: Moment,
}

/// Writes an access, in the transaction that consumes its code and calls it `$right`. What is in the account's mailbox
/// already is in the new holder's inbox, and read.
pub fn grant(grant: &Grant<'_>, now: Moment) -> Piece {
    let values = GrantValues {
        logon: grant.logon.to_owned(),
        kind: grant.account.kind.clone(),
        number: grant.account.number.digits(),
        pace: if grant.alerts { Pace::AtOnce } else { Pace::Off },
        email: grant.email.map(ToString::to_string).unwrap_or_default(),
        terms_version: grant.terms_version.to_owned(),
        now,
    };
    Piece::new(
        "UPSERT type::record('access', [$grant.logon, $grant.kind, $grant.number]) SET logon = $grant.logon, kind = $grant.kind,
            number = $grant.number, pace = $grant.pace, email = $grant.email, terms_version = $grant.terms_version,
            terms_at = $grant.now, granted = $grant.now, code = $right RETURN NONE;
         fn::place($grant.logon, $grant.kind, $grant.number);
         fn::wake($grant.logon, 'facts');",
    )
    .with("grant", values)
}

#[derive(SurrealValue)]
struct PaceValues {
    logon: String,
    kind: String,
    number: String,
    pace: Pace,
    from: Option<i64>,
    until: Option<i64>,
}

/// From now on a logon is told of an account's messages at its own address, and no more at one of this access's.
pub fn use_logons_address(logon: &str, account: &AccountId) -> Piece {
    let values = RevokeValues { logon: logon.to_owned(), kind: account.kind.clone(), number: account.number.digits() };
    Piece::new("UPDATE type::record('access', [$home.logon, $home.kind, $home.number]) SET email = '' RETURN NONE;")
        .with("home", values)
}

/// Forgets that a logon could not be reached at its own address, which is another one now.
pub fn address_changed(logon: &str) -> Piece {
    Piece::new(
        "UPDATE type::record('access', [$reached]..[$reached, ..]) SET trouble = NONE WHERE email = '' AND trouble != NONE RETURN NONE;",
    )
    .with("reached", logon.to_owned())
}

/// Sets how soon a logon is told of an account's messages, and when not. Whoever looks at these settings knows of
/// trouble with the address.
pub fn set_pace(logon: &str, account: &AccountId, pace: Pace, quiet: Option<Quiet>) -> Piece {
    let (from, until) = quiet.map(Quiet::hours).unzip();
    let values = PaceValues {
        logon: logon.to_owned(),
        kind: account.kind.clone(),
        number: account.number.digits(),
        pace,
        from: from.map(i64::from),
        until: until.map(i64::from),
    };
    Piece::new(
        "UPDATE type::record('access', [$pace.logon, $pace.kind, $pace.number]) SET pace = $pace.pace, quiet_from = $pace.from,
            quiet_until = $pace.until, trouble = NONE RETURN NONE;
         fn::wake($pace.logon, 'facts');",
    )
    .with("pace", values)
}

/// Turns the telling of an account's messages off, and leaves the quiet hours as they are.
pub fn turn_off(logon: &str, account: &AccountId) -> Piece {
    let values = RevokeValues { logon: logon.to_owned(), kind: account.kind.clone(), number: account.number.digits() };
    Piece::new(
        "UPDATE type::record('access', [$off.logon, $off.kind, $off.number]) SET pace = 'off' RETURN NONE;
         fn::wake($off.logon, 'facts');",
    )
    .with("off", values)
}

#[derive(SurrealValue)]
struct RevokeValues {
    logon: String,
    kind: String,
    number: String,
}

/// Takes an access away, with what was unread; the next request of that logon does not see the account. A
/// post at the same moment writes the same mailbox: one of the two is tried again and sees the other.
pub fn revoke(logon: &str, account: &AccountId) -> Piece {
    let values = RevokeValues { logon: logon.to_owned(), kind: account.kind.clone(), number: account.number.digits() };
    Piece::new(
        "DELETE type::record('access', [$revoke.logon, $revoke.kind, $revoke.number]);
         fn::displace($revoke.logon, $revoke.kind, $revoke.number);
         fn::wake($revoke.logon, 'facts');",
    )
    .with("revoke", values)
}
