//! Receipts of notices in the database: who has read and who has confirmed what they were asked to.

use crate::{
    db::{Db, DbError, Query, Transaction, statement, value::SurrealValue},
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

statement! {
    OfNotice { kind: String, number: String, sequence: i64 } -> Vec<Receipt>;
    reads receipt, logon, alert;
    "SELECT logon, type::record('logon', logon).user_id AS user_id, read, confirmed, missed,
        type::record('alert', [$kind, $number, $sequence, logon]).{ state, way, said, changed, steps } AS alert
     FROM type::record('receipt', [$kind, $number, $sequence]..[$kind, $number, $sequence, ..])"
}

/// The receipts of a notice, by logon.
///
/// # Errors
/// When the database does not answer.
pub async fn of_notice(db: &Db, account: &AccountId, sequence: i64) -> Result<Vec<Receipt>, DbError> {
    db.ask(OfNotice { kind: account.kind.clone(), number: account.number.digits(), sequence }).await
}

#[derive(SurrealValue)]
struct Row {
    confirmed: Option<Moment>,
}

statement! {
    Find { kind: String, number: String, sequence: i64, logon: String } -> Option<Row>;
    reads receipt;
    "SELECT confirmed FROM ONLY type::record('receipt', [$kind, $number, $sequence, $logon])"
}

/// One person's receipt of a notice.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &Db, account: &AccountId, sequence: i64, logon: &str) -> Result<Option<Option<Moment>>, DbError> {
    let (kind, number) = (account.kind.clone(), account.number.digits());
    let found = db.ask(Find { kind, number, sequence, logon: logon.to_owned() }).await?;
    Ok(found.map(|row| row.confirmed))
}

statement! {
    NoteRead { kind: String, number: String, sequence: i64, logon: String, now: Moment };
    reads receipt;
    writes receipt;
    changes Staff;
    "LET $noted = type::record('receipt', [$kind, $number, $sequence, $logon]);
     IF (SELECT VALUE read FROM ONLY $noted) != NONE { RETURN NONE };
     UPSERT $noted SET logon = $logon, read = $now RETURN NONE;"
}

// The person's other pages show it as well.
statement! {
    NoteConfirmed { kind: String, number: String, sequence: i64, logon: String, now: Moment };
    writes receipt;
    changes Staff, Logon(logon);
    "UPSERT type::record('receipt', [$kind, $number, $sequence, $logon])
        SET logon = $logon, read = read ?? $now, confirmed = confirmed ?? $now RETURN NONE;"
}

/// Notes that a person opened a notice, or confirmed it: the first time counts. Who gained access after it was posted
/// has a receipt from then on.
pub fn note(account: &AccountId, sequence: i64, logon: &str, confirmed: bool, now: Moment) -> Transaction {
    let (kind, number, logon) = (account.kind.clone(), account.number.digits(), logon.to_owned());
    if confirmed {
        NoteConfirmed { kind, number, sequence, logon, now }.into()
    } else {
        NoteRead { kind, number, sequence, logon, now }.into()
    }
}

statement! {
    Unconfirmed { kind: String, number: String, sequence: i64 } -> Vec<String>;
    reads receipt, access;
    "SELECT VALUE logon FROM type::record('receipt', [$kind, $number, $sequence]..[$kind, $number, $sequence, ..])
     WHERE confirmed = NONE AND record::exists(type::record('access', [$kind, $number, logon]))"
}

/// Those who have access and have not confirmed a notice.
///
/// # Errors
/// When the database does not answer.
pub async fn unconfirmed(db: &Db, account: &AccountId, sequence: i64) -> Result<Vec<String>, DbError> {
    db.ask(Unconfirmed { kind: account.kind.clone(), number: account.number.digits(), sequence }).await
}

statement! {
    Miss { kind: String, number: String, sequence: i64, now: Moment };
    reads receipt, access;
    writes receipt;
    "LET $range = type::record('receipt', [$kind, $number, $sequence]..[$kind, $number, $sequence, ..]);
     FOR $late IN (SELECT id, logon FROM $range WHERE confirmed = NONE AND missed = NONE
        AND record::exists(type::record('access', [$kind, $number, logon]))) {
        UPDATE $late.id SET missed = $now RETURN NONE;
        fn::audit($now, $late.logon, 'never confirmed a notice', $kind + '/' + $number, <string> $sequence);
     };"
}

/// Notes, once, who let the due date of a notice go by; each is an event of the audit trail.
///
/// # Errors
/// When the database does not answer.
pub async fn miss(db: &Db, account: &AccountId, sequence: i64, now: Moment) -> Result<(), DbError> {
    Miss { kind: account.kind.clone(), number: account.number.digits(), sequence, now }.run(db).await
}
