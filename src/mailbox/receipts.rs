//! Receipts of notices in the database: who has read and who has confirmed what they were asked to.

use crate::{
    db::{Ask, Db, DbError, Piece, value::SurrealValue},
    delivery::History,
    words::{AccountId, Moment},
};

/// What one person did with one notice.
#[derive(Clone, Debug, SurrealValue)]
pub struct Receipt {
    /// The logon.
    pub logon: String,
    /// Its user ID.
    pub user_id: Option<String>,
    /// When it was opened.
    pub read: Option<Moment>,
    /// When it was confirmed.
    pub confirmed: Option<Moment>,
    /// When the due date went by without that.
    pub missed: Option<Moment>,
    /// What came of the alert; nothing for who had access only later.
    pub alert: Option<History>,
}

/// The receipts of a notice, by logon.
///
/// # Errors
/// When the database does not answer.
pub async fn of_notice(db: &Db, account: &AccountId, sequence: i64) -> Result<Vec<Receipt>, DbError> {
    let ask = Ask::new(
        "SELECT logon, type::record('logon', logon).user_id AS user_id, read, confirmed, missed,
            type::record('alert', [logon, $kind, $number, $sequence]).{ state, way, said, changed, steps } AS alert
         FROM type::record('receipt', [$kind, $number, $sequence]..[$kind, $number, $sequence, ..])",
    )
    .with("kind", account.kind.clone())
    .with("number", account.number.digits())
    .with("sequence", sequence);
    db.ask(ask).await?.all(0)
}

/// One person's receipt of a notice.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &Db, account: &AccountId, sequence: i64, logon: &str) -> Result<Option<Option<Moment>>, DbError> {
    #[derive(SurrealValue)]
    struct Row {
        confirmed: Option<Moment>,
    }
    let ask = Ask::new("SELECT confirmed FROM ONLY type::record('receipt', [$kind, $number, $sequence, $logon])")
        .with("kind", account.kind.clone())
        .with("number", account.number.digits())
        .with("sequence", sequence)
        .with("logon", logon.to_owned());
    Ok(db.ask(ask).await?.one::<Row>(0)?.map(|row| row.confirmed))
}

#[derive(SurrealValue)]
struct Values {
    kind: String,
    number: String,
    sequence: i64,
    logon: String,
    now: Moment,
}

/// Notes that a person opened a notice, or confirmed it: the first time counts. Who gained access after it was posted
/// has a receipt from then on.
pub fn note(account: &AccountId, sequence: i64, logon: &str, confirmed: bool, now: Moment) -> Piece {
    let values =
        Values { kind: account.kind.clone(), number: account.number.digits(), sequence, logon: logon.to_owned(), now };
    let (confirm, wake) = if confirmed {
        // The person's other pages show it as well.
        (", confirmed = confirmed ?? $receipt.now", "fn::wake($receipt.logon, 'facts');")
    } else {
        ("", "")
    };
    Piece::new(format!(
        "LET $noted = type::record('receipt', [$receipt.kind, $receipt.number, $receipt.sequence, $receipt.logon]);
         IF {confirmed} OR (SELECT VALUE read FROM ONLY $noted) = NONE {{
            UPSERT $noted SET logon = $receipt.logon, read = read ?? $receipt.now{confirm} RETURN NONE;
            fn::wake('staff', 'facts');
            {wake}
         }};"
    ))
    .with("receipt", values)
}

/// Those who have access and have not confirmed a notice.
///
/// # Errors
/// When the database does not answer.
pub async fn unconfirmed(db: &Db, account: &AccountId, sequence: i64) -> Result<Vec<String>, DbError> {
    let ask = Ask::new(
        "SELECT VALUE logon FROM type::record('receipt', [$kind, $number, $sequence]..[$kind, $number, $sequence, ..])
         WHERE confirmed = NONE AND record::exists(type::record('access', [logon, $kind, $number]))",
    )
    .with("kind", account.kind.clone())
    .with("number", account.number.digits())
    .with("sequence", sequence);
    db.ask(ask).await?.all(0)
}

/// Notes, once, who let the due date of a notice go by; each is an event of the audit trail.
///
/// # Errors
/// When the database does not answer.
pub async fn miss(db: &Db, account: &AccountId, sequence: i64, now: Moment) -> Result<(), DbError> {
    let values =
        Values { kind: account.kind.clone(), number: account.number.digits(), sequence, logon: String::new(), now };
    Piece::new(
        "LET $range = type::record('receipt', [$miss.kind, $miss.number, $miss.sequence]..[$miss.kind, $miss.number, $miss.sequence, ..]);
         FOR $late IN (SELECT id, logon FROM $range WHERE confirmed = NONE AND missed = NONE
            AND record::exists(type::record('access', [logon, $miss.kind, $miss.number]))) {
            UPDATE $late.id SET missed = $miss.now RETURN NONE;
            fn::audit($miss.now, $late.logon, 'never confirmed a notice', $miss.kind + '/' + $miss.number, <string> $miss.sequence);
         };",
    )
    .with("miss", values)
    .run(db)
    .await
    .map(drop)
}
