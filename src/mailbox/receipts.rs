//! Receipts of notices in the database: who has read and who has confirmed what they were asked to.

use crate::{
    audit::{self, Deed},
    db::{
        Db, DbError, Refusal, Transaction, record_id, statement, unless_moved,
        value::{RecordId, SurrealValue},
    },
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

/// What is thrown when somebody confirms, or is noted, at the same moment.
const MOVED: Refusal = Refusal::new("a receipt moved on");

statement! {
    Late { kind: String, number: String, sequence: i64 } -> Vec<String>;
    reads receipt, access;
    "SELECT VALUE logon FROM type::record('receipt', [$kind, $number, $sequence]..[$kind, $number, $sequence, ..])
        WHERE confirmed = NONE AND missed = NONE AND record::exists(type::record('access', [$kind, $number, logon]))"
}

statement! {
    Miss { receipts: Vec<RecordId>, now: Moment };
    writes receipt;
    refuses MOVED;
    "IF array::len((UPDATE $receipts SET missed = $now WHERE confirmed = NONE AND missed = NONE RETURN VALUE id)) != array::len($receipts) { THROW $MOVED };"
}

/// So many are noted in one transaction.
const NOTED_TOGETHER: usize = 20;

/// Notes, once, who let the due date of a notice go by; each is an event of the audit trail.
///
/// # Errors
/// When the database does not answer.
pub async fn miss(db: &Db, account: &AccountId, sequence: i64, now: Moment) -> Result<(), DbError> {
    unless_moved(MOVED, || async {
        let (kind, number) = (account.kind.clone(), account.number.digits());
        let late = db.ask(Late { kind: kind.clone(), number: number.clone(), sequence }).await?;
        for some in late.chunks(NOTED_TOGETHER) {
            let receipt =
                |logon: &String| record_id("receipt", (kind.clone(), number.clone(), sequence, logon.clone()));
            let noted = Transaction::from(Miss { receipts: some.iter().map(receipt).collect(), now });
            let audited = |noted: Transaction, logon: &String| {
                noted.then(audit::row(now, logon, Deed::NeverConfirmedNotice, &account.key(), &sequence.to_string()))
            };
            some.iter().fold(noted, audited).run(db).await?;
        }
        Ok(())
    })
    .await
}
