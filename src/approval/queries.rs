//! Requests in the database.

use super::{ActionRequest, NewRequest, RestrictedAction};
use crate::{
    audit::{self, Deed},
    db::{Db, DbError, Query, Refusal, Transaction, statement, value::SurrealValue},
    session::{Role, staff::By},
    words::Moment,
};

/// How long a request may wait: what it says grows old.
const LASTS: chrono::Duration = chrono::Duration::days(14);
/// What deciding throws when somebody did before, it is one's own, or it is too old.
pub const ALREADY_DECIDED: Refusal = Refusal::new("the request is decided");

statement! {
    Create {
        id: String,
        action: &'static str,
        subject: String,
        payload: String,
        summary: String,
        reason: String,
        asked_by: String,
        asked_by_name: String,
        now: Moment,
    };
    reads restricted_action;
    writes restricted_action;
    changes Staff;
    "IF record::exists(type::record('restricted_action', $id)) { RETURN NONE };
     CREATE type::record('restricted_action', $id) SET action = $action, subject = $subject, payload = $payload,
        summary = $summary, reason = $reason, state = 'open', asked_by = $asked_by, asked_by_name = $asked_by_name,
        created = $now, rank = -time::nano($now) RETURN NONE;"
}

/// Statements that ask another staff member, or do nothing when that was asked before.
pub fn ask(new: NewRequest<'_>, by: By<'_>, now: Moment) -> Transaction {
    let note = format!("{}: {}", new.action.code(), new.summary);
    let row = audit::row(now, by.id, Deed::AskedForAction, new.subject, &note);
    let create = Create {
        id: new.id.to_string(),
        action: new.action.code(),
        subject: new.subject.to_owned(),
        payload: new.payload,
        summary: new.summary,
        reason: new.reason.to_owned(),
        asked_by: by.id.to_owned(),
        asked_by_name: by.name.to_owned(),
        now,
    };
    create.then(row)
}

#[derive(SurrealValue)]
struct Row {
    id: String,
    action: String,
    subject: String,
    payload: String,
    summary: String,
    reason: String,
    state: String,
    asked_by: String,
    asked_by_name: String,
    decided_by_name: Option<String>,
    created: Moment,
    decided: Option<Moment>,
}

macro_rules! columns {
    () => {
        "record::id(id) AS id, action, subject, payload, summary, reason, state, asked_by, asked_by_name,
            decided_by_name, created, decided, rank"
    };
}

fn read(row: Row) -> Option<ActionRequest> {
    Some(ActionRequest {
        action: RestrictedAction::of_code(&row.action)?,
        id: row.id,
        subject: row.subject,
        payload: row.payload,
        summary: row.summary,
        reason: row.reason,
        state: row.state,
        asked_by: row.asked_by,
        asked_by_name: row.asked_by_name,
        decided_by_name: row.decided_by_name,
        created: row.created,
        decided: row.decided,
    })
}

fn read_all(rows: Vec<Row>) -> Vec<ActionRequest> {
    rows.into_iter().filter_map(read).collect()
}

statement! {
    Find { id: String } -> Option<Row>;
    reads restricted_action;
    concat!("SELECT ", columns!(), " FROM ONLY type::record('restricted_action', $id)")
}

/// One request.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &Db, id: &str) -> Result<Option<ActionRequest>, DbError> {
    if id.is_empty() {
        return Ok(None);
    }
    Ok(db.ask(Find { id: id.to_owned() }).await?.and_then(read))
}

statement! {
    Open { oldest: i64 } -> Vec<Row>;
    reads restricted_action;
    concat!(
        "SELECT ",
        columns!(),
        " FROM restricted_action WITH INDEX restricted_action_state
            WHERE state = 'open' AND rank < $oldest ORDER BY rank LIMIT 100"
    )
}

/// Requests that nobody decided yet, the oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn open(db: &Db, now: Moment) -> Result<Vec<ActionRequest>, DbError> {
    let mut found = read_all(db.ask(Open { oldest: rank(now - LASTS) }).await?);
    found.reverse();
    Ok(found)
}

fn rank(at: Moment) -> i64 {
    at.timestamp_nanos_opt().map_or(0, |nanos| -nanos)
}

statement! {
    Latest { state: &'static str } -> Vec<Row>;
    reads restricted_action;
    concat!(
        "SELECT ",
        columns!(),
        " FROM restricted_action WITH INDEX restricted_action_state
            WHERE state = $state AND rank < 0 ORDER BY rank LIMIT 20"
    )
}

/// The latest ones that somebody decided.
///
/// # Errors
/// When the database does not answer.
pub async fn latest(db: &Db) -> Result<Vec<ActionRequest>, DbError> {
    let mut found = Vec::new();
    for state in ["approved", "refused", "withdrawn"] {
        found.extend(read_all(db.ask(Latest { state }).await?));
    }
    found.sort_by_key(|request| std::cmp::Reverse(request.created));
    found.truncate(20);
    Ok(found)
}

statement! {
    OpenFor { subject: String, action: &'static str, asked_by: String } -> Vec<Row>;
    reads restricted_action;
    concat!(
        "SELECT ",
        columns!(),
        " FROM restricted_action WITH INDEX restricted_action_subject
            WHERE subject = $subject AND action = $action AND rank < 0 AND asked_by = $asked_by ORDER BY rank LIMIT 10"
    )
}

/// The latest requests of this action for a record by one staff member.
///
/// # Errors
/// When the database does not answer.
pub async fn open_for(
    db: &Db,
    action: RestrictedAction,
    subject: &str,
    asked_by: &str,
) -> Result<Vec<ActionRequest>, DbError> {
    let asked = OpenFor { subject: subject.to_owned(), action: action.code(), asked_by: asked_by.to_owned() };
    Ok(read_all(db.ask(asked).await?))
}

statement! {
    Decide {
        id: String,
        state: &'static str,
        by: String,
        by_name: String,
        is_own: bool,
        oldest: Moment,
        now: Moment,
    };
    reads restricted_action;
    writes restricted_action;
    changes Staff;
    refuses ALREADY_DECIDED;
    "IF (UPDATE type::record('restricted_action', $id) SET state = $state, decided_by_name = $by_name, decided = $now
        WHERE state = 'open' AND created > $oldest AND (asked_by = $by) = $is_own RETURN VALUE state) = [] { THROW $ALREADY_DECIDED };"
}

/// Statements that decide a request, or throw [`ALREADY_DECIDED`]; nobody decides on their own, but to withdraw it.
fn decide(request: &ActionRequest, state: &'static str, is_own: bool, by: By<'_>, now: Moment) -> Decide {
    Decide {
        id: request.id.clone(),
        state,
        by: by.id.to_owned(),
        by_name: by.name.to_owned(),
        is_own,
        oldest: now - LASTS,
        now,
    }
}

statement! {
    WithdrawOpen;
    writes restricted_action;
    "UPDATE restricted_action SET state = 'withdrawn' WHERE state IN ['open', 'approved'] RETURN NONE;"
}

/// Statements that withdraw all that is asked for, or approved and not done yet.
pub fn withdraw_open() -> Transaction {
    WithdrawOpen {}.into()
}

statement! {
    AskerStillMay { id: String, roles: Vec<Role> };
    reads staff;
    refuses ALREADY_DECIDED;
    "IF (SELECT VALUE id FROM type::record('staff', $id)
        WHERE (status ?? 'active') = 'active' AND role IN $roles) = [] { THROW $ALREADY_DECIDED };"
}

/// Statements that note an approval; what was asked for follows in the same transaction.
pub fn approve(request: &ActionRequest, by: By<'_>, now: Moment) -> Transaction {
    let note = format!("{}: {}, asked for by {}", request.action.code(), request.summary, request.asked_by_name);
    let roles: Vec<Role> = Role::ALL.into_iter().filter(|role| request.action.is_asked_by(*role)).collect();
    // Whoever asked may have lost their role since.
    let asker = AskerStillMay { id: request.asked_by.clone(), roles };
    decide(request, "approved", false, by, now).then(asker).then(audit::row(
        now,
        by.id,
        Deed::ApprovedAction,
        &request.subject,
        &note,
    ))
}

/// Refuses a request of another staff member.
///
/// # Errors
/// A refusal of [`ALREADY_DECIDED`].
pub async fn refuse(db: &Db, request: &ActionRequest, by: By<'_>, now: Moment) -> Result<(), DbError> {
    decide(request, "refused", false, by, now)
        .then(audit::row(now, by.id, Deed::RefusedAction, &request.subject, &request.summary))
        .run(db)
        .await
}

/// Takes one's own request back.
///
/// # Errors
/// A refusal of [`ALREADY_DECIDED`].
pub async fn withdraw(db: &Db, request: &ActionRequest, by: By<'_>, now: Moment) -> Result<(), DbError> {
    decide(request, "withdrawn", true, by, now)
        .then(audit::row(now, by.id, Deed::WithdrewAction, &request.subject, &request.summary))
        .run(db)
        .await
}

impl ActionRequest {
    /// Whether it was approved, for this staff member, not longer ago than this.
    pub fn is_approved_for(&self, by: By<'_>, since: Moment) -> bool {
        self.state == "approved" && self.asked_by == by.id && self.decided.is_some_and(|at| at > since)
    }

    /// Whether it waits for a decision.
    pub fn is_open(&self, now: Moment) -> bool {
        self.state == "open" && self.created > now - LASTS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::migrate;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn nobody_decides_on_their_own_and_nothing_is_decided_twice() {
        let db = Db::in_memory().await.unwrap();
        migrate::run(&db).await.unwrap();
        let now: Moment = "2026-11-24T15:00:00Z".parse().unwrap();
        let by = |id: &'static str| By { id, name: id, role: Role::Clerk };
        let new = NewRequest {
            id: crate::words::DraftId::draw(),
            action: RestrictedAction::TakeBatch,
            subject: "batch",
            payload: String::new(),
            summary: "Batch".into(),
            reason: "",
        };
        ask(new, by("one"), now).run(&db).await.unwrap();
        let asker =
            "CREATE staff:one SET user_id = 'one', folded = 'one', name = 'One', password = 'x', role = 'clerk'";
        db.raw(asker).await.unwrap();
        let request = open(&db, now).await.unwrap().remove(0);
        let refused = async |approval: Transaction| approval.run(&db).await.err().unwrap().is_refusal(ALREADY_DECIDED);
        assert!(refused(approve(&request, by("one"), now)).await, "one's own");
        assert!(refused(approve(&request, by("two"), now + LASTS + chrono::Duration::seconds(1))).await, "too old");
        assert!(withdraw(&db, &request, by("two"), now).await.is_err(), "somebody else's");
        approve(&request, by("two"), now).run(&db).await.unwrap();
        assert!(refused(approve(&request, by("three"), now)).await);
        assert!(open(&db, now).await.unwrap().is_empty());
        let found = open_for(&db, RestrictedAction::TakeBatch, "batch", "one").await.unwrap().remove(0);
        assert!(found.is_approved_for(by("one"), now - chrono::Duration::hours(1)));
        assert!(!found.is_approved_for(by("two"), now - chrono::Duration::hours(1)));
        assert_eq!(latest(&db).await.unwrap().len(), 1);
    }
}
