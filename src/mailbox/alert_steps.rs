//! The ways of an alert: what failed, with what was said, and what waits instead. An alert takes each way at most once.

use springboard_jobs::NewTask;

use crate::{
    db::{Db, DbError, Query, statement, value::SurrealValue},
    delivery::{State, Way},
    words::{AccountId, Moment},
};

/// An alert that something carries.
#[derive(Clone, Debug, SurrealValue)]
pub struct Carried {
    /// Who is told.
    pub logon: String,
    /// The account's type.
    pub kind: String,
    /// The account's number.
    pub number: String,
    /// The message's place in its mailbox.
    pub sequence: i64,
    /// What came of it.
    pub state: State,
    /// The way, if it is not e-mail.
    pub way: Option<Way>,
    /// Since when that is so.
    pub changed: Moment,
    /// Up to which message the person has read its thread.
    pub read: Option<i64>,
}

impl Carried {
    /// Whether the person has read the message.
    pub fn is_read(&self) -> bool {
        self.read.is_some_and(|read| read >= self.sequence)
    }
}

statement! {
    CarriedBy { carrier: String } -> Vec<Carried>;
    reads alert, place;
    "SELECT logon, kind, number, sequence, state, way, changed, type::record('place', [logon, kind, number, thread]).read AS read
     FROM alert WHERE carrier = $carrier"
}

/// What an e-mail, a text message or a letter carries.
///
/// # Errors
/// When the database does not answer.
pub async fn carried(db: &Db, carrier: &str) -> Result<Vec<Carried>, DbError> {
    db.ask(CarriedBy { carrier: carrier.to_owned() }).await
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
        task: Option<NewTask>,
        state: State,
        trouble: bool,
        now: Moment,
    };
    writes alert, lost_alert, apalis_task, access;
    "LET $fallen = array::flatten($sequences.map(|$sequence: int| {
        LET $alert = type::record('alert', [$logon, $kind, $number, $sequence]);
        RETURN (UPDATE $alert SET steps = array::append(steps ?? [], { way: $failed, said: $said, at: $now }),
                state = $state, way = $way, carrier = $next, said = '', changed = $now
            WHERE carrier = $carrier AND state IN ['waiting', 'sent'] RETURN VALUE sequence);
     }));
     IF array::len($fallen) > 0 {
        IF $state = 'undeliverable' {
            FOR $sequence IN $fallen { UPSERT type::record('lost_alert', [-time::nano($now), $logon, $kind, $number, $sequence]) RETURN NONE };
        };
        IF $task != NONE { fn::apalis_enqueue($task); };
        IF $trouble {
            UPDATE type::record('access', [$logon, $kind, $number]) SET trouble = $fallen[0] RETURN NONE;
        };
        fn::wake($logon, 'facts');
        fn::wake('staff', 'facts');
     };"
}

/// Notes that a way failed and enqueues the next one's job, or marks the alerts undeliverable. Alerts that their carrier
/// does not carry any more are left alone: of two reports only the first counts.
///
/// # Errors
/// When the database does not answer.
pub async fn fall(db: &Db, fallen: Fallen<'_>, next: Option<Next>, now: Moment) -> Result<(), DbError> {
    let state = if next.is_some() { State::Waiting } else { State::Undeliverable };
    let (way, next, task) = match next {
        Some(next) => (Some(next.way), Some(next.carrier), Some(next.task)),
        None => (None, None, None),
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
        task,
        state,
        trouble: fallen.is_trouble,
        now,
    };
    fall.run(db).await
}

statement! {
    Untaken { keys: Vec<String> } -> Vec<String>;
    reads alert;
    "RETURN $keys.filter(|$key: string| {
        LET $part = string::split($key, '/');
        LET $alert = type::record('alert', [$part[0], $part[1], $part[2], <int> $part[3]]);
        RETURN (SELECT VALUE state FROM ONLY $alert WHERE way = NONE AND carrier = NONE) = 'waiting';
     })"
}

/// Of alerts by e-mail whose jobs, of these keys, were given up, the keys of those that no e-mail carries.
///
/// # Errors
/// When the database does not answer.
pub async fn untaken(db: &Db, keys: Vec<String>) -> Result<Vec<String>, DbError> {
    db.ask(Untaken { keys }).await
}

statement! {
    WaitedFor { carriers: Vec<String> } -> Vec<String>;
    reads alert;
    "RETURN $carriers.filter(|$carrier: string|
        array::len((SELECT VALUE sequence FROM alert WHERE carrier = $carrier AND state = 'waiting' LIMIT 1)) > 0)"
}

/// Of e-mails, text messages or letters, those whose alerts still wait for them.
///
/// # Errors
/// When the database does not answer.
pub async fn waited_for(db: &Db, carriers: Vec<String>) -> Result<Vec<String>, DbError> {
    db.ask(WaitedFor { carriers }).await
}
