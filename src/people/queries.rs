//! What staff look up of logons, and requests for approval, in the database.

use super::{Approval, Risky, State};
use crate::{
    access,
    audit::{self, Deed},
    db::{Db, DbError, Query, Refusal, Transaction, statement, value::SurrealValue},
    logon::findable::typed_key,
    session::staff::By,
    words::{AccountId, Moment},
};

/// The most that are shown.
pub const MOST: i64 = 20;

/// A logon as the search lists it.
#[derive(Clone, Debug, SurrealValue)]
pub struct Found {
    /// Its id.
    pub id: String,
    /// Its user ID.
    pub user_id: String,
    /// Its owner's name.
    pub name: String,
    /// Its owner's e-mail address.
    pub email: String,
    /// Whether it is suspended.
    pub suspended: bool,
}

macro_rules! beginning {
    ($field:literal, $index:literal, $from:literal, $until:literal) => {
        concat!(
            "(SELECT record::id(id) AS id, user_id, first + ' ' + last AS name, email, status = 'suspended' AS suspended, ",
            $field, " FROM logon WITH INDEX ", $index, " WHERE ", $field, " >= ", $from, " AND ", $field, " < ", $until,
            " ORDER BY ", $field, " LIMIT $most).map(|$one: object| $one.{ id, user_id, name, email, suspended })"
        )
    };
}

statement! {
    Search { from: String, until: String, name: String, name_until: String, most: i64 } -> Vec<Found>;
    reads logon;
    concat!(
        "RETURN array::slice(array::distinct(array::concat(",
        beginning!("folded", "logon_folded", "$from", "$until"), ",
            ", beginning!("name_folded", "logon_name", "$name", "$name_until"), ",
            ", beginning!("email_folded", "logon_email", "$from", "$until"),
        ")), 0, $most)"
    )
}

/// Logons whose user ID, last name or e-mail address begins with what was typed.
///
/// # Errors
/// When the database does not answer.
pub async fn search(db: &Db, typed: &str) -> Result<Vec<Found>, DbError> {
    let from = typed.trim().to_lowercase();
    // Signs alone are no name, and everybody's begins with nothing.
    let name = Some(typed_key(typed)).filter(|name| !name.is_empty()).unwrap_or_else(|| from.clone());
    let (until, name_until) = (format!("{from}\u{10FFFF}"), format!("{name}\u{10FFFF}"));
    db.ask(Search { from, until, name, name_until, most: MOST }).await
}

/// An account that a logon may see, as its sheet shows it.
#[derive(Clone, Debug)]
pub struct Held {
    /// Which.
    pub account: AccountId,
    /// Its name.
    pub name: String,
}

/// The accounts that a logon may see.
///
/// # Errors
/// When the database does not answer.
pub async fn held(db: &Db, logon: &str) -> Result<Vec<Held>, DbError> {
    let held = access::of_logon(db, logon).await?;
    Ok(held.into_iter().map(|held| Held { account: held.account, name: held.name }).collect())
}

/// What is asked for, with the account that it is for.
pub fn named(act: Risky, account: Option<&AccountId>) -> String {
    match account {
        Some(account) => format!("{}, {}", act.label(), account.key()),
        None => act.label().to_owned(),
    }
}

statement! {
    AskFor {
        id: String, act: Risky, logon: String, kind: Option<String>, number: Option<String>, reason: String, by: String,
        by_name: String, now: Moment,
    };
    writes approval;
    changes Staff;
    "CREATE type::record('approval', $id) SET act = $act, logon = $logon, kind = $kind, number = $number, reason = $reason,
        state = 'open', by = $by, by_name = $by_name, created = $now, rank = -time::nano($now) RETURN NONE;"
}

/// Asks for a second employee's approval.
///
/// # Errors
/// When the database does not answer.
pub async fn ask_for(
    db: &Db,
    act: Risky,
    logon: &str,
    account: Option<&AccountId>,
    reason: &str,
    by: By<'_>,
    now: Moment,
) -> Result<(), DbError> {
    let new = AskFor {
        id: ulid::Ulid::generate().to_string(),
        act,
        logon: logon.to_owned(),
        kind: account.map(|account| account.kind.clone()),
        number: account.map(|account| account.number.digits()),
        reason: reason.to_owned(),
        by: by.id.to_owned(),
        by_name: by.name.to_owned(),
        now,
    };
    let note = format!("{}: {reason}", named(act, account));
    new.then(audit::row(now, by.id, Deed::AskedForApproval, logon, &note)).run(db).await
}

macro_rules! columns {
    () => {
        "record::id(id) AS id, act, logon, type::record('logon', logon).user_id AS user_id, kind, number, reason,
            state, by, by_name, decided_by, created, decided"
    };
}

statement! {
    OpenApprovals -> Vec<Approval>;
    reads approval, logon;
    concat!(
        "SELECT ", columns!(), ", rank FROM approval WITH INDEX approval_state
            WHERE state = 'open' AND rank < 0 ORDER BY rank LIMIT 100"
    )
}

statement! {
    LatestApprovals -> Vec<Approval>;
    reads approval, logon;
    concat!(
        "SELECT ", columns!(), ", rank FROM approval WITH INDEX approval_rank
            WHERE rank < 0 AND state != 'open' ORDER BY rank LIMIT 20"
    )
}

/// Requests that nobody decided yet, and the latest ones that somebody did.
///
/// # Errors
/// When the database does not answer.
pub async fn approvals(db: &Db) -> Result<(Vec<Approval>, Vec<Approval>), DbError> {
    let (mut waiting, latest) = futures_util::try_join!(db.ask(OpenApprovals {}), db.ask(LatestApprovals {}))?;
    // The oldest first: a new one takes nobody's place under the pointer.
    waiting.reverse();
    Ok((waiting, latest))
}

statement! {
    OneApproval { id: String } -> Option<Approval>;
    reads approval, logon;
    concat!("SELECT ", columns!(), " FROM ONLY type::record('approval', $id)")
}

/// One request.
///
/// # Errors
/// When the database does not answer.
pub async fn approval(db: &Db, id: &str) -> Result<Option<Approval>, DbError> {
    if id.is_empty() {
        return Ok(None);
    }
    db.ask(OneApproval { id: id.to_owned() }).await
}

/// What approving throws when what was asked for is not possible any more.
pub const CHANGED: Refusal = Refusal::new("it is not possible any more");
/// How long a request may wait: what it says of a person grows old.
const LASTS: chrono::Duration = chrono::Duration::days(14);

statement! {
    ReinstateStands { logon: String, created: Moment, oldest: Moment };
    reads logon;
    refuses CHANGED;
    "LET $status = (SELECT VALUE status FROM ONLY type::record('logon', $logon)) ?? '';
     IF $created < $oldest OR $status != 'suspended' { THROW $CHANGED };"
}

statement! {
    GrantStands { logon: String, kind: String, number: String, created: Moment, oldest: Moment };
    reads account, access, logon;
    refuses CHANGED;
    "LET $open = ((SELECT VALUE status FROM ONLY type::record('account', [$kind, $number])) ?? '') = 'active';
     LET $held = record::exists(type::record('access', [$kind, $number, $logon]));
     LET $status = (SELECT VALUE status FROM ONLY type::record('logon', $logon)) ?? '';
     IF $created < $oldest OR $status != 'active' OR !($open AND !$held) { THROW $CHANGED };"
}

statement! {
    LetterStands { logon: String, kind: String, number: String, created: Moment, oldest: Moment };
    reads account, access, address_fault, logon;
    refuses CHANGED;
    "LET $key = [$kind, $number];
     LET $open = ((SELECT VALUE status FROM ONLY type::record('account', $key)) ?? '') = 'active';
     LET $held = record::exists(type::record('access', [$kind, $number, $logon]));
     LET $wrong = record::exists(type::record('address_fault', $key));
     LET $status = (SELECT VALUE status FROM ONLY type::record('logon', $logon)) ?? '';
     IF $created < $oldest OR $status != 'active' OR !($open AND $held AND !$wrong) { THROW $CHANGED };"
}

/// Statements that throw [`CHANGED`] unless what a request asks for is possible still, as it was when it was asked for.
pub fn stands(approval: &Approval, now: Moment) -> Transaction {
    let account = approval.account();
    let logon = approval.logon.clone();
    let kind = account.as_ref().map(|account| account.kind.clone()).unwrap_or_default();
    let number = account.as_ref().map(|account| account.number.digits()).unwrap_or_default();
    let (created, oldest) = (approval.created, now - LASTS);
    match approval.act {
        Risky::Reinstate => ReinstateStands { logon, created, oldest }.into(),
        Risky::GrantAccess => GrantStands { logon, kind, number, created, oldest }.into(),
        Risky::RecoverByLetter => LetterStands { logon, kind, number, created, oldest }.into(),
    }
}

statement! {
    WithdrawAll { logon: String, now: Moment };
    reads approval;
    writes approval;
    "FOR $open IN (SELECT VALUE id FROM approval WITH INDEX approval_state WHERE state = 'open' AND logon = $logon) {
        UPDATE $open SET state = 'withdrawn', decided_by = 'the portal', decided = $now RETURN NONE;
     };"
}

/// Statements that take back what is asked for about a logon: it was suspended, or lost an access.
pub fn withdraw_all(logon: &str, now: Moment) -> Transaction {
    WithdrawAll { logon: logon.to_owned(), now }.into()
}

statement! {
    WithdrawOpen;
    writes approval;
    "UPDATE approval SET state = 'withdrawn' WHERE state = 'open' RETURN NONE;"
}

/// Statements that take back all that is asked for.
pub fn withdraw_open() -> Transaction {
    WithdrawOpen {}.into()
}

/// What deciding throws when somebody did before.
pub const DECIDED: Refusal = Refusal::new("it was decided before");

statement! {
    Decide { id: String, state: State, by_name: String, now: Moment };
    writes approval;
    changes Staff;
    refuses DECIDED;
    "LET $decided = (UPDATE type::record('approval', $id) SET state = $state, decided_by = $by_name, decided = $now
        WHERE state = 'open' RETURN VALUE act);
     IF $decided = [] { THROW $DECIDED };"
}

/// Statements that decide a request, or throw [`DECIDED`].
pub fn decide(approval: &Approval, state: State, by: By<'_>, now: Moment) -> Transaction {
    Decide { id: approval.id.clone(), state, by_name: by.name.to_owned(), now }.into()
}
