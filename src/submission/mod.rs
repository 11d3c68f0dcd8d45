//! Submissions: every request that a person made, with its confirmation number and status (R138).

pub mod numbers;

pub use numbers::Numbers;

use crate::{
    db::{Ask, Db, DbError, Piece, value::SurrealValue},
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

/// A logon's submissions, newest first, at most 50.
///
/// # Errors
/// When the database does not answer.
pub async fn of_logon(db: &Db, logon: &str) -> Result<Vec<Submission>, DbError> {
    let ask = Ask::new(
        "SELECT number, title, kind, account, status, notice, at, changed, rank FROM submission WHERE logon = $logon ORDER BY rank LIMIT 50",
    )
    .with("logon", logon.to_owned());
    let rows: Vec<Row> = db.ask(ask).await?.all(0)?;
    rows.into_iter().map(read).collect()
}

/// One of a logon's own submissions; somebody else's is not found.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &Db, logon: &str, number: ConfirmationNumber) -> Result<Option<Submission>, DbError> {
    let ask = Ask::new(
        "SELECT number, title, kind, account, status, notice, at, changed FROM ONLY type::record('submission', $number) WHERE logon = $logon",
    )
    .with("logon", logon.to_owned())
    .with("number", number.number());
    let row: Option<Row> = db.ask(ask).await?.one(0)?;
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

#[derive(SurrealValue)]
struct NewValues {
    number: i64,
    logon: String,
    draft: String,
    title: String,
    kind: String,
    account: String,
    status: String,
    notice: String,
    now: Moment,
}

/// Writes a submission.
pub fn create(new: &New<'_>, now: Moment) -> Piece {
    let values = NewValues {
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
    Piece::new(
        "CREATE type::record('submission', $submission.number) SET number = $submission.number, rank = -$submission.number,
            logon = $submission.logon, draft = $submission.draft, title = $submission.title, kind = $submission.kind,
            account = $submission.account, status = $submission.status, notice = $submission.notice,
            at = $submission.now, changed = $submission.now RETURN NONE;
         fn::wake($submission.logon, 'facts');",
    )
    .with("submission", values)
}

/// The same, if a piece before it found that something moved (`$moved`).
pub fn set_status_if_moved(number: i64, status: &str, now: Moment) -> Piece {
    Piece::new("IF $moved != [] {").then(set_status(number, status, now)).then(Piece::new("};"))
}

#[derive(SurrealValue)]
struct StatusValues {
    number: i64,
    status: String,
    now: Moment,
}

/// Changes where a submission stands; its owner's pages show it.
pub fn set_status(number: i64, status: &str, now: Moment) -> Piece {
    Piece::new(
        "UPDATE type::record('submission', $standing.number) SET status = $standing.status, changed = $standing.now RETURN NONE;
         fn::wake((SELECT VALUE logon FROM ONLY type::record('submission', $standing.number)) ?? '', 'facts');",
    )
    .with("standing", StatusValues { number, status: status.to_owned(), now })
}
