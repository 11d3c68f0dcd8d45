//! Submissions: every request that a person made, with its confirmation number and status (R138).

pub mod numbers;

pub use numbers::Numbers;

use crate::{
    db::{
        Db, DbError, Transaction, statement,
        value::{RecordId, SurrealValue},
    },
    words::{AccountId, ConfirmationNumber, DraftId, Moment},
};

/// A submission as its owner sees it.
#[derive(Clone, Debug)]
pub struct Submission {
    /// Its confirmation number.
    pub number: ConfirmationNumber,
    /// What was asked for.
    pub title: String,
    /// The account's type.
    pub kind: String,
    /// The account's number, as it is shown.
    pub account: String,
    /// Where it stands.
    pub status: String,
    /// What the person was told on submitting.
    pub notice: String,
    /// When it was submitted.
    pub at: Moment,
    /// When its status last changed.
    pub changed: Moment,
}

#[derive(SurrealValue)]
struct Row {
    number: i64,
    title: String,
    kind: String,
    account: String,
    status: String,
    notice: String,
    at: Moment,
    changed: Moment,
}

fn read(row: Row) -> Result<Submission, DbError> {
    let number = ConfirmationNumber::new(row.number)
        .map_err(|_| DbError::Broken("a confirmation number is out of range".into()))?;
    Ok(Submission {
        number,
        title: row.title,
        kind: row.kind,
        account: row.account,
        status: row.status,
        notice: row.notice,
        at: row.at,
        changed: row.changed,
    })
}

statement! {
    OfLogon { logon: String } -> Vec<Row>;
    reads submission;
    "SELECT number, title, kind, account, status, notice, at, changed, rank FROM submission WHERE logon = $logon ORDER BY rank LIMIT 50"
}

/// A logon's submissions, newest first, at most 50.
///
/// # Errors
/// When the database does not answer.
pub async fn of_logon(db: &Db, logon: &str) -> Result<Vec<Submission>, DbError> {
    let rows = db.ask(OfLogon { logon: logon.to_owned() }).await?;
    rows.into_iter().map(read).collect()
}

statement! {
    Find { logon: String, number: i64 } -> Option<Row>;
    reads submission;
    "SELECT number, title, kind, account, status, notice, at, changed FROM ONLY type::record('submission', $number) WHERE logon = $logon"
}

/// One of a logon's own submissions; somebody else's is not found.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &Db, logon: &str, number: ConfirmationNumber) -> Result<Option<Submission>, DbError> {
    let row = db.ask(Find { logon: logon.to_owned(), number: number.number() }).await?;
    row.map(read).transpose()
}

/// What a new submission needs.
pub struct New<'a> {
    /// Its number.
    pub number: ConfirmationNumber,
    /// Whose.
    pub logon: &'a str,
    /// The draft that it was; of one draft there is one submission.
    pub draft: &'a DraftId,
    /// What is asked for.
    pub title: &'a str,
    /// About which account.
    pub account: &'a AccountId,
    /// Where it stands.
    pub status: &'a str,
    /// What the person is told.
    pub notice: &'a str,
}

statement! {
    Create {
        number: i64,
        logon: String,
        draft: String,
        title: String,
        kind: String,
        account: String,
        status: String,
        notice: String,
        now: Moment,
    };
    writes submission;
    changes Logon(logon);
    "CREATE type::record('submission', $number) SET number = $number, rank = -$number,
        logon = $logon, draft = $draft, title = $title, kind = $kind,
        account = $account, status = $status, notice = $notice,
        at = $now, changed = $now RETURN NONE;"
}

/// Writes a submission.
pub fn create(new: &New<'_>, now: Moment) -> Transaction {
    let create = Create {
        number: new.number.number(),
        logon: new.logon.to_owned(),
        draft: new.draft.to_string(),
        title: new.title.to_owned(),
        kind: new.account.kind.clone(),
        account: new.account.number.to_string(),
        status: new.status.to_owned(),
        notice: new.notice.to_owned(),
        now,
    };
    create.into()
}

statement! {
    SetStatus { ids: Vec<RecordId>, logons: Vec<String>, status: String, now: Moment };
    writes submission;
    changes Logon(logons);
    "UPDATE $ids SET status = $status, changed = $now WHERE logon IN $logons RETURN NONE;"
}

/// A submission and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owned {
    /// Its confirmation number.
    pub number: i64,
    /// The logon.
    pub logon: String,
}

/// Changes where submissions stand; their owners' pages show it.
pub fn set_status(those: impl IntoIterator<Item = Owned>, status: impl Into<String>, now: Moment) -> Transaction {
    let (ids, mut logons): (Vec<_>, Vec<_>) =
        those.into_iter().map(|one| (RecordId::new("submission", one.number), one.logon)).unzip();
    logons.sort_unstable();
    logons.dedup();
    if ids.is_empty() { Transaction::default() } else { SetStatus { ids, logons, status: status.into(), now }.into() }
}
