//! Access: which logon may act for which account, since when, and whether it is told of messages.

pub mod guard;

use crate::{
    store::{Ask, Piece, Store, StoreFault, value::SurrealValue},
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
    /// Whether this logon is told of messages by e-mail.
    pub alerts: bool,
    /// Where to.
    pub email: String,
}

#[derive(SurrealValue)]
struct HeldRow {
    kind: String,
    number: String,
    alerts: bool,
    email: String,
    name: Option<String>,
    balance: Option<i64>,
}

/// The accounts that a logon may see, by type and number.
///
/// # Errors
/// When the database does not answer.
pub async fn of_logon(store: &Store, logon: &str) -> Result<Vec<Held>, StoreFault> {
    let ask = Ask::new(
        "SELECT kind, number, alerts, IF email = '' { type::record('logon', $logon).email } ELSE { email } AS email,
            type::record('account', [kind, number]).name AS name, type::record('account', [kind, number]).balance AS balance
         FROM type::record('access', [$logon]..[$logon, ..])",
    )
    .with("logon", logon.to_owned());
    let rows: Vec<HeldRow> = store.ask(ask).await?.all(0)?;
    rows.into_iter()
        .map(|row| {
            let number = AccountNumber::parse(&row.number)
                .map_err(|_| StoreFault::Broken("an access names no account".into()))?;
            Ok(Held {
                account: AccountId::new(row.kind, number),
                name: row.name.unwrap_or_default(),
                balance: Cents(row.balance.unwrap_or(0)),
                alerts: row.alerts,
                email: row.email,
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
    /// Whether it is told of messages.
    pub alerts: bool,
}

/// Who has access to an account.
///
/// # Errors
/// When the database does not answer.
pub async fn holders(store: &Store, account: &AccountId) -> Result<Vec<Holder>, StoreFault> {
    let ask = Ask::new(
        "SELECT logon, type::record('logon', logon).user_id AS user_id, granted, alerts FROM access WHERE kind = $kind AND number = $number",
    )
    .with("kind", account.kind.clone())
    .with("number", account.number.digits());
    store.ask(ask).await?.all(0)
}

/// Whether a logon has access to an account.
///
/// # Errors
/// When the database does not answer.
pub async fn has(store: &Store, logon: &str, account: &AccountId) -> Result<bool, StoreFault> {
    Ok(alert_address(store, logon, account).await?.is_some())
}

/// Where a logon is told of an account's messages; nothing without access. The flag says whether at all.
///
/// # Errors
/// When the database does not answer.
pub async fn alert_address(
    store: &Store,
    logon: &str,
    account: &AccountId,
) -> Result<Option<(bool, String)>, StoreFault> {
    let ask = Ask::new(
        "SELECT alerts, IF email = '' { type::record('logon', $logon).email } ELSE { email } AS email
         FROM ONLY type::record('access', [$logon, $kind, $number])",
    )
    .with("logon", logon.to_owned())
    .with("kind", account.kind.clone())
    .with("number", account.number.digits());
    let row: Option<AlertRow> = store.ask(ask).await?.one(0)?;
    Ok(row.map(|row| (row.alerts, row.email)))
}

#[derive(SurrealValue)]
struct AlertRow {
    alerts: bool,
    email: String,
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
    alerts: bool,
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
        alerts: grant.alerts,
        email: grant.email.map(ToString::to_string).unwrap_or_default(),
        terms_version: grant.terms_version.to_owned(),
        now,
    };
    Piece::new(
        "UPSERT type::record('access', [$grant.logon, $grant.kind, $grant.number]) SET logon = $grant.logon, kind = $grant.kind,
            number = $grant.number, alerts = $grant.alerts, email = $grant.email, terms_version = $grant.terms_version,
            terms_at = $grant.now, granted = $grant.now, code = $right RETURN NONE;
         fn::place($grant.logon, $grant.kind, $grant.number);
         fn::wake($grant.logon, 'facts');",
    )
    .with("grant", values)
}

#[derive(SurrealValue)]
struct AlertsValues {
    logon: String,
    kind: String,
    number: String,
    alerts: bool,
}

/// Turns alerts on or off.
pub fn set_alerts(logon: &str, account: &AccountId, alerts: bool) -> Piece {
    let values =
        AlertsValues { logon: logon.to_owned(), kind: account.kind.clone(), number: account.number.digits(), alerts };
    Piece::new(
        "UPDATE type::record('access', [$alerts.logon, $alerts.kind, $alerts.number]) SET alerts = $alerts.alerts RETURN NONE;
         fn::wake($alerts.logon, 'facts');",
    )
    .with("alerts", values)
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
