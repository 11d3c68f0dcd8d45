//! What came of telling people of messages: one row for each message and each person who had access when it was
//! posted.

use std::collections::{BTreeMap, HashMap};

use springboard_jobs::{Alert, AlertKey, Job};

use crate::{
    access::Held,
    db::{
        Db, DbError, Query, Transaction, Whole, record_id, statement,
        value::{RecordId, SurrealValue},
    },
    delivery::{History, State, Way},
    words::{AccountId, AccountNumber, Moment},
};

/// A message that a person is to be told of.
#[derive(Clone, Debug, SurrealValue)]
pub struct Waiting {
    /// Its place in the mailbox.
    pub sequence: i64,
    /// When it was posted.
    pub posted: Moment,
    /// What carries it, if anything does.
    pub carrier: Option<String>,
    /// The way, if it is not e-mail.
    pub way: Option<Way>,
    /// Since when it stands so.
    pub changed: Moment,
    /// Up to which message the person has read its thread.
    pub read: Option<i64>,
}

impl Waiting {
    /// Whether the person has read it.
    pub fn is_read(&self) -> bool {
        self.read.is_some_and(|read| read >= self.sequence)
    }
}

statement! {
    StillWaiting { logon: String, kind: String, number: String } -> Whole<Vec<Waiting>>;
    reads alert, alert_later, thread_state;
    "LET $later = (SELECT VALUE sequences FROM ONLY type::record('alert_later', [$logon, $kind, $number])) ?? [];
     LET $alerts = $later.map(|$sequence: int| type::record('alert', [$kind, $number, $sequence, $logon]));
     RETURN (SELECT sequence, posted, carrier, way, changed, type::record('thread_state', [logon, kind, number, thread]).read AS read
        FROM $alerts WHERE state = 'waiting');"
}

/// The messages of an account that a logon is still to be told of, by any way, by sequence: those that were put off, or that
/// could not be told of at once.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting(db: &Db, logon: &str, account: &AccountId) -> Result<Vec<Waiting>, DbError> {
    let (kind, number) = (account.kind.clone(), account.number.digits());
    let mut rows = (StillWaiting { logon: logon.to_owned(), kind, number }).run(db).await?.0;
    rows.sort_by_key(|row| row.sequence);
    Ok(rows)
}

/// What came of the alerts that could not be e-mailed to a person, by account.
pub type Troubles = HashMap<AccountId, History>;

#[derive(SurrealValue)]
struct TroubleRow {
    kind: String,
    number: String,
    history: History,
}

statement! {
    HistoriesOf { alerts: Vec<RecordId> } -> Vec<TroubleRow>;
    reads alert;
    "SELECT kind, number, { state: state, way: way, said: said, changed: changed, steps: steps } AS history FROM $alerts"
}

/// What came of the alerts that could not be e-mailed to a logon, of those accounts that have such.
///
/// # Errors
/// When the database does not answer.
pub async fn troubles(db: &Db, logon: &str, accounts: &[Held]) -> Result<Troubles, DbError> {
    let of = |held: &Held| {
        let (kind, number) = (held.account.kind.clone(), held.account.number.digits());
        held.trouble.map(|sequence| record_id("alert", (kind, number, sequence, logon.to_owned())))
    };
    let alerts: Vec<RecordId> = accounts.iter().filter_map(of).collect();
    if alerts.is_empty() {
        return Ok(Troubles::new());
    }
    let read = |row: TroubleRow| {
        let number =
            AccountNumber::parse(&row.number).map_err(|_| DbError::Broken("an alert names no account".into()))?;
        Ok((AccountId::new(row.kind, number), row.history))
    };
    db.ask(HistoriesOf { alerts }).await?.into_iter().map(read).collect()
}

/// What came of alerts, and who says so.
#[derive(Clone, Copy)]
pub struct Outcome<'a> {
    /// The e-mail that carries them, or would have.
    pub carrier: &'a str,
    /// What came of them.
    pub state: State,
    /// What the mail server said.
    pub said: &'a str,
}

statement! {
    Settle {
        logon: String,
        kind: String,
        number: String,
        sequences: Vec<i64>,
        carrier: String,
        state: State,
        said: String,
        now: Moment,
    };
    writes alert, alert_later;
    "FOR $sequence IN $sequences {
        UPDATE type::record('alert', [$kind, $number, $sequence, $logon])
            SET state = $state, said = $said, changed = $now
            WHERE state = 'waiting' AND (carrier = NONE OR carrier = $carrier) RETURN NONE;
     };
     UPDATE type::record('alert_later', [$logon, $kind, $number])
        SET sequences = array::complement(sequences, $sequences) RETURN NONE;"
}

/// Notes what came of alerts that were waiting, unless another e-mail carries them.
pub fn settled(
    logon: &str,
    account: &AccountId,
    sequences: Vec<i64>,
    outcome: Outcome<'_>,
    now: Moment,
) -> Transaction {
    let settle = Settle {
        logon: logon.to_owned(),
        kind: account.kind.clone(),
        number: account.number.digits(),
        sequences,
        carrier: outcome.carrier.to_owned(),
        state: outcome.state,
        said: outcome.said.to_owned(),
        now,
    };
    settle.into()
}

statement! {
    Take { logon: String, kind: String, number: String, sequences: Vec<i64>, carrier: String } -> Whole<Vec<i64>>;
    writes alert;
    "RETURN array::flatten($sequences.map(|$sequence: int| {
        LET $alert = type::record('alert', [$kind, $number, $sequence, $logon]);
        RETURN (UPDATE $alert SET carrier = $carrier
            WHERE state = 'waiting' AND way = NONE AND (carrier = NONE OR carrier = $carrier) RETURN VALUE sequence);
     }));"
}

/// Takes alerts for an e-mail; returns those that no other one carries.
///
/// # Errors
/// When the database does not answer.
pub async fn take(
    db: &Db,
    logon: &str,
    account: &AccountId,
    sequences: Vec<i64>,
    carrier: &str,
) -> Result<Vec<i64>, DbError> {
    let take = Take {
        logon: logon.to_owned(),
        kind: account.kind.clone(),
        number: account.number.digits(),
        sequences,
        carrier: carrier.to_owned(),
    };
    Ok(take.run(db).await?.0)
}

statement! {
    LetGo { logon: String, kind: String, number: String, carrier: String };
    reads alert_later;
    writes alert;
    "LET $later = (SELECT VALUE sequences FROM ONLY type::record('alert_later', [$logon, $kind, $number])) ?? [];
     LET $alerts = $later.map(|$sequence: int| type::record('alert', [$kind, $number, $sequence, $logon]));
     UPDATE $alerts SET carrier = NONE WHERE state = 'waiting' AND carrier = $carrier RETURN NONE;"
}

/// A person's alerts of one account that are told later.
#[derive(Clone, SurrealValue)]
struct LaterRow {
    logon: String,
    kind: String,
    number: String,
    sequences: Vec<i64>,
}

statement! {
    PutOff { rows: Vec<LaterRow> };
    reads alert_later;
    writes alert_later;
    "FOR $row IN $rows {
        LET $id = type::record('alert_later', [$row.logon, $row.kind, $row.number]);
        IF record::exists($id) {
            UPDATE $id SET sequences = array::union(sequences, $row.sequences) RETURN NONE
        } ELSE {
            CREATE $id SET sequences = $row.sequences RETURN NONE
        };
     };"
}

/// Notes alerts that are not told of at once, where [`waiting`] finds them.
pub fn put_off(alerts: impl IntoIterator<Item = AlertKey>) -> Transaction {
    let mut later: BTreeMap<(String, String, String), Vec<i64>> = BTreeMap::new();
    for AlertKey { kind, number, sequence, logon } in alerts {
        later.entry((logon, kind, number)).or_default().push(sequence);
    }
    let row = |((logon, kind, number), sequences)| LaterRow { logon, kind, number, sequences };
    let rows: Vec<LaterRow> = later.into_iter().map(row).collect();
    if rows.is_empty() { Transaction::default() } else { PutOff { rows }.into() }
}

/// Sees to it that a logon is told of a message at this moment, and lets go of what `carrier` was to carry.
///
/// # Errors
/// When the database does not answer.
pub async fn later(db: &Db, alert: &Alert, account: &AccountId, carrier: &str, due: Moment) -> Result<(), DbError> {
    // Rounded up: what is due at that moment is due when the job runs.
    let due = due.timestamp() + i64::from(due.timestamp_subsec_nanos() > 0);
    let let_go = LetGo {
        logon: alert.logon.clone(),
        kind: account.kind.clone(),
        number: account.number.digits(),
        carrier: carrier.to_owned(),
    };
    Transaction::enqueue(Alert { due: Some(due), ..alert.clone() }.task()).then(let_go).run(db).await
}

/// What came of one alert, as staff see it.
#[derive(Clone, Debug, SurrealValue)]
pub struct Told {
    /// The person's user ID.
    pub user_id: Option<String>,
    /// What came of it.
    pub history: History,
}

statement! {
    OfMessage { kind: String, number: String, sequence: i64 } -> Vec<Told>;
    reads alert, logon;
    "SELECT type::record('logon', logon).user_id AS user_id, { state: state, way: way, said: said, changed: changed, steps: steps } AS history
     FROM type::record('alert', [$kind, $number, $sequence]..[$kind, $number, $sequence, ..]) LIMIT 200"
}

/// What came of telling people of a message.
///
/// # Errors
/// When the database does not answer.
pub async fn of_message(db: &Db, account: &AccountId, sequence: i64) -> Result<Vec<Told>, DbError> {
    db.ask(OfMessage { kind: account.kind.clone(), number: account.number.digits(), sequence }).await
}
