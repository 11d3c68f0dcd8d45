//! The ways of an alert: what failed, with what was said, and what waits instead. An alert takes each way at most once.

use springboard_jobs::NewTask;

use crate::{
    access,
    db::{Db, DbError, Query, Transaction, Whole, statement, value::SurrealValue},
    delivery::{State, Way},
    words::{AccountId, AccountNumber, Moment},
};

/// An alert as it stands.
#[derive(Clone, Debug, SurrealValue)]
pub struct AlertStanding {
    /// The message's place in its mailbox.
    pub sequence: i64,
    /// What came of it.
    pub state: State,
    /// What carries it.
    pub carrier: Option<String>,
    /// The way, if it is not e-mail.
    pub way: Option<Way>,
}

#[derive(SurrealValue)]
struct ToldOf {
    kind: String,
    number: String,
    logon: String,
    alerts: Vec<AlertStanding>,
}

statement! {
    OfMail { mail: String } -> Whole<Option<ToldOf>>;
    reads correspondence, alert;
    "LET $sent = (SELECT kind, number, whose, messages FROM ONLY type::record('correspondence', $mail));
     IF $sent.messages = NONE { RETURN NONE };
     LET $ids = $sent.messages.map(|$sequence: int| type::record('alert', [$sent.kind, $sent.number, $sequence, $sent.whose]));
     RETURN {
        kind: $sent.kind, number: $sent.number, logon: $sent.whose,
        alerts: (SELECT sequence, state, carrier, way FROM $ids)
     };"
}

/// Whom an e-mail told of which messages.
pub struct MailedAlerts {
    /// The person.
    pub logon: String,
    /// Of which account.
    pub account: AccountId,
    /// The alerts, as they stand now.
    pub alerts: Vec<AlertStanding>,
}

/// Whom an e-mail told of which messages; nothing if it was no alert.
///
/// # Errors
/// When the database does not answer.
pub async fn of_mail(db: &Db, mail: &str) -> Result<Option<MailedAlerts>, DbError> {
    let Some(told) = (OfMail { mail: mail.to_owned() }).run(db).await?.0 else { return Ok(None) };
    let number =
        AccountNumber::parse(&told.number).map_err(|_| DbError::Broken("an e-mail names no account".into()))?;
    Ok(Some(MailedAlerts { logon: told.logon, account: AccountId::new(told.kind, number), alerts: told.alerts }))
}

/// Alerts whose way failed.
pub struct Fallen<'a> {
    /// Who was to be told.
    pub logon: &'a str,
    /// Of which account.
    pub account: &'a AccountId,
    /// Of which messages.
    pub sequences: Vec<i64>,
    /// What carried them.
    pub carrier: &'a str,
    /// The way that failed.
    pub way: Way,
    /// What was said.
    pub said: &'a str,
    /// Whether the person is to look after the e-mail address: it is still where alerts go.
    pub is_trouble: bool,
}

/// The way that is tried next: its carrier's name and its job.
pub struct Next {
    /// Which way.
    pub way: Way,
    /// What carries the alerts then.
    pub carrier: String,
    /// The job that hands it over.
    pub task: NewTask,
}

statement! {
    Fall {
        logon: String,
        kind: String,
        number: String,
        sequences: Vec<i64>,
        carrier: String,
        failed: Way,
        said: String,
        way: Option<Way>,
        next: Option<String>,
        state: State,
        now: Moment,
    };
    reads alert_later;
    writes alert, alert_later, lost_alert;
    changes Logon(logon), Staff;
    "LET $fallen = array::flatten($sequences.map(|$sequence: int| {
        LET $alert = type::record('alert', [$kind, $number, $sequence, $logon]);
        RETURN (UPDATE $alert SET steps = array::append(steps ?? [], { way: $failed, said: $said, at: $now }),
                state = $state, way = $way, carrier = $next, said = '', changed = $now
            WHERE carrier = $carrier AND state IN ['waiting', 'sent'] RETURN VALUE sequence);
     }));
     IF $fallen = [] { RETURN NONE };
     LET $later = type::record('alert_later', [$logon, $kind, $number]);
     IF record::exists($later) {
        UPDATE $later SET sequences = IF $state = 'waiting' { array::union(sequences, $fallen) }
            ELSE { array::complement(sequences, $fallen) } RETURN NONE
     } ELSE IF $state = 'waiting' {
        CREATE $later SET sequences = $fallen RETURN NONE
     };
     IF $state = 'undeliverable' {
        FOR $sequence IN $fallen { UPSERT type::record('lost_alert', [-time::nano($now), $logon, $kind, $number, $sequence]) RETURN NONE };
     };"
}

/// Notes that a way failed and enqueues the next one's job, or marks the alerts undeliverable. Alerts that their carrier
/// does not carry any more are left alone: of two reports only the first counts.
///
/// # Errors
/// When the database does not answer.
pub async fn fall(db: &Db, fallen: Fallen<'_>, next: Option<Next>, now: Moment) -> Result<(), DbError> {
    let state = if next.is_some() { State::Waiting } else { State::Undeliverable };
    let (way, next, enqueued) = match next {
        Some(next) => (Some(next.way), Some(next.carrier), Transaction::enqueue(next.task)),
        None => (None, None, Transaction::default()),
    };
    let trouble = match fallen.sequences.first() {
        Some(first) if fallen.is_trouble => access::note_trouble(fallen.logon, fallen.account, *first),
        _ => Transaction::default(),
    };
    let fall = Fall {
        logon: fallen.logon.to_owned(),
        kind: fallen.account.kind.clone(),
        number: fallen.account.number.digits(),
        sequences: fallen.sequences,
        carrier: fallen.carrier.to_owned(),
        failed: fallen.way,
        said: fallen.said.to_owned(),
        way,
        next,
        state,
        now,
    };
    fall.then(enqueued).then(trouble).run(db).await
}
