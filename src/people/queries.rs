//! What staff look up of logons, and requests for approval, in the database.

use super::{Approval, Risky, State};
use crate::{
    access,
    audit::{self, Deed},
    db::{Db, DbError, Piece, value::SurrealValue},
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

/// Logons whose user ID, last name or e-mail address begins with what was typed.
///
/// # Errors
/// When the database does not answer.
pub async fn search(db: &Db, typed: &str) -> Result<Vec<Found>, DbError> {
    const FIELDS: &str =
        "record::id(id) AS id, user_id, first + ' ' + last AS name, email, status = 'suspended' AS suspended";
    let from = typed.trim().to_lowercase();
    // Signs alone are no name, and everybody's begins with nothing.
    let name = Some(typed_key(typed)).filter(|name| !name.is_empty()).unwrap_or_else(|| from.clone());
    let text = ["folded", "name_folded", "email_folded"].map(|field| {
        let (index, from, until) = match field {
            "folded" => ("logon_folded", "$from", "$until"),
            "name_folded" => ("logon_name", "$name", "$name_until"),
            _ => ("logon_email", "$from", "$until"),
        };
        format!(
            "(SELECT {FIELDS}, {field} FROM logon WITH INDEX {index} WHERE {field} >= {from} AND {field} < {until} ORDER BY {field} LIMIT $most)
                .map(|$one: object| $one.{{ id, user_id, name, email, suspended }})"
        )
    });
    let piece =
        Piece::new(format!("RETURN array::slice(array::distinct(array::concat({})), 0, $most);", text.join(", ")))
            .with("until", format!("{from}\u{10FFFF}"))
            .with("from", from)
            .with("name_until", format!("{name}\u{10FFFF}"))
            .with("name", name)
            .with("most", MOST);
    piece.run(db).await?.all(0)
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

#[derive(SurrealValue)]
struct New {
    id: String,
    act: Risky,
    logon: String,
    kind: Option<String>,
    number: Option<String>,
    reason: String,
    by: String,
    by_name: String,
    now: Moment,
}

/// What is asked for, with the account that it is for.
pub fn named(act: Risky, account: Option<&AccountId>) -> String {
    match account {
        Some(account) => format!("{}, {}", act.label(), account.key()),
        None => act.label().to_owned(),
    }
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
    let new = New {
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
    Piece::new(
        "CREATE type::record('approval', $approval.id) SET act = $approval.act, logon = $approval.logon, kind = $approval.kind,
            number = $approval.number, reason = $approval.reason, state = 'open', by = $approval.by, by_name = $approval.by_name,
            created = $approval.now, rank = -time::nano($approval.now) RETURN NONE;
         fn::wake('staff', 'facts');",
    )
    .with("approval", new)
    .then(audit::row(now, by.id, Deed::AskedForApproval, logon, &note))
    .run(db)
    .await
    .map(drop)
}

const APPROVAL: &str =
    "record::id(id) AS id, act, logon, type::record('logon', logon).user_id AS user_id, kind, number, reason,
    state, by, by_name, decided_by, created, decided";

/// Requests that nobody decided yet, and the latest ones that somebody did.
///
/// # Errors
/// When the database does not answer.
pub async fn approvals(db: &Db) -> Result<(Vec<Approval>, Vec<Approval>), DbError> {
    let open = format!(
        "RETURN (SELECT {APPROVAL}, rank FROM approval WITH INDEX approval_state WHERE state = 'open' AND rank < 0 ORDER BY rank LIMIT 100);"
    );
    let latest = format!(
        "RETURN (SELECT {APPROVAL}, rank FROM approval WITH INDEX approval_rank WHERE rank < 0 AND state != 'open' ORDER BY rank LIMIT 20);"
    );
    let (open, latest) = futures_util::try_join!(Piece::new(open).run(db), Piece::new(latest).run(db))?;
    let (mut open, mut latest) = (open, latest);
    // The oldest first: a new one takes nobody's place under the pointer.
    let mut waiting: Vec<Approval> = open.all(0)?;
    waiting.reverse();
    Ok((waiting, latest.all(0)?))
}

/// One request.
///
/// # Errors
/// When the database does not answer.
pub async fn approval(db: &Db, id: &str) -> Result<Option<Approval>, DbError> {
    if id.is_empty() {
        return Ok(None);
    }
    let text = format!("RETURN (SELECT {APPROVAL} FROM ONLY type::record('approval', $id));");
    Piece::new(text).with("id", id.to_owned()).run(db).await?.one(0)
}

/// What approving throws when what was asked for is not possible any more.
pub const CHANGED: &str = "it is not possible any more";
/// How long a request may wait: what it says of a person grows old.
const LASTS: chrono::Duration = chrono::Duration::days(14);

#[derive(SurrealValue)]
struct Stands {
    logon: String,
    kind: String,
    number: String,
    created: Moment,
    oldest: Moment,
}

/// Statements that throw [`CHANGED`] unless what a request asks for is possible still, as it was when it was asked for.
pub fn stands(approval: &Approval, now: Moment) -> Piece {
    let account = approval.account();
    let values = Stands {
        logon: approval.logon.clone(),
        kind: account.as_ref().map(|account| account.kind.clone()).unwrap_or_default(),
        number: account.as_ref().map(|account| account.number.digits()).unwrap_or_default(),
        created: approval.created,
        oldest: now - LASTS,
    };
    let (status, wanted) = match approval.act {
        Risky::Reinstate => ("suspended", "true"),
        Risky::GrantAccess => ("active", "$open AND !$held"),
        Risky::RecoverByLetter => ("active", "$open AND $held AND !$wrong"),
    };
    Piece::new(format!(
        "LET $key = [$asked.kind, $asked.number];
         LET $open = ((SELECT VALUE status FROM ONLY type::record('account', $key)) ?? '') = 'active';
         LET $held = record::exists(type::record('access', [$asked.logon, $asked.kind, $asked.number]));
         LET $wrong = record::exists(type::record('address_fault', $key));
         LET $status = (SELECT VALUE status FROM ONLY type::record('logon', $asked.logon)) ?? '';
         IF $asked.created < $asked.oldest OR $status != '{status}' OR !({wanted}) {{ THROW '{CHANGED}' }};"
    ))
    .with("asked", values)
}

/// Statements that take back what is asked for about a logon: it was suspended, or lost an access.
pub fn withdraw_all(logon: &str, now: Moment) -> Piece {
    Piece::new(
        "FOR $open IN (SELECT VALUE id FROM approval WITH INDEX approval_state WHERE state = 'open' AND logon = $withdrawn.logon) {
            UPDATE $open SET state = 'withdrawn', decided_by = 'the portal', decided = $withdrawn.oldest RETURN NONE;
         };",
    )
    .with("withdrawn", Stands { logon: logon.to_owned(), kind: String::new(), number: String::new(), created: now, oldest: now })
}

/// What deciding throws when somebody did before.
pub const DECIDED: &str = "it was decided before";

#[derive(SurrealValue)]
struct Decision {
    id: String,
    state: State,
    by_name: String,
    now: Moment,
}

/// Statements that decide a request, or throw [`DECIDED`].
pub fn decide(approval: &Approval, state: State, by: By<'_>, now: Moment) -> Piece {
    let values = Decision { id: approval.id.clone(), state, by_name: by.name.to_owned(), now };
    Piece::new(format!(
        "LET $decided = (UPDATE type::record('approval', $decision.id) SET state = $decision.state, decided_by = $decision.by_name,
            decided = $decision.now WHERE state = 'open' RETURN VALUE act);
         IF $decided = [] {{ THROW '{DECIDED}' }};
         fn::wake('staff', 'facts');"
    ))
    .with("decision", values)
}
