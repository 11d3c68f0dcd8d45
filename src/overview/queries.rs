//! What the overview asks the database.

use crate::{
    db::{Db, DbError, Query, queue, statement, value::SurrealValue},
    words::{AccountId, AccountNumber, Moment},
};

/// How much waits now.
#[derive(Clone, Debug, Default, SurrealValue)]
pub struct Now {
    /// Threads that wait for the agency's answer.
    pub messages: i64,
    /// Requests for approval.
    pub approvals: i64,
    /// Codes that may be used.
    pub codes: i64,
    /// Addresses on record to correct.
    pub addresses: i64,
}

statement! {
    Waiting -> Option<Now>;
    reads thread_work, approval, code, address_fault;
    "RETURN {
        messages: (SELECT VALUE count FROM (SELECT count() AS count FROM thread_work WITH INDEX thread_work_waiting WHERE waiting = true GROUP ALL))[0] ?? 0,
        approvals: (SELECT VALUE count FROM (SELECT count() AS count FROM approval WITH INDEX approval_state WHERE state = 'open' GROUP ALL))[0] ?? 0,
        codes: (SELECT VALUE count FROM (SELECT count() AS count FROM code WITH INDEX code_state WHERE state = 'handed over' GROUP ALL))[0] ?? 0,
        addresses: (SELECT VALUE count FROM (SELECT count() AS count FROM address_fault GROUP ALL))[0] ?? 0
    }"
}

/// How much waits now.
///
/// # Errors
/// When the database does not answer.
pub async fn now(db: &Db) -> Result<Now, DbError> {
    Ok(db.ask(Waiting {}).await?.unwrap_or_default())
}

/// How long a code was under way until it was used.
#[derive(Clone, Debug, SurrealValue)]
pub struct Used {
    /// How it travelled: `email` or `letter`.
    pub channel: String,
    /// When it was asked for.
    pub requested: Moment,
    /// When it was used.
    pub ended: Option<Moment>,
}

statement! {
    UntilUsed { most: i64 } -> Vec<Used>;
    reads code;
    "SELECT channel, requested, ended, rank FROM code WITH INDEX code_state WHERE state = 'used' AND rank < 0 ORDER BY rank LIMIT $most"
}

/// The latest codes that were used.
///
/// # Errors
/// When the database does not answer.
pub async fn until_used(db: &Db, most: usize) -> Result<Vec<Used>, DbError> {
    db.ask(UntilUsed { most: i64::try_from(most).unwrap_or(i64::MAX) }).await
}

/// A queue and what waits in it.
#[derive(Clone, Debug)]
pub struct Queue {
    /// Its name.
    pub name: &'static str,
    /// Jobs that can be run, that wait for their time, and that run.
    pub stages: [i64; 3],
}

/// The queues.
///
/// # Errors
/// When the database does not answer.
pub async fn queues(db: &Db) -> Result<Vec<Queue>, DbError> {
    let waiting = queue::waiting(db).await?;
    Ok(waiting.into_iter().map(|(name, of)| Queue { name, stages: [of.ready, of.delayed, of.held] }).collect())
}

/// An alert that nothing could tell of.
#[derive(Clone, Debug)]
pub struct Lost {
    /// For which account.
    pub account: AccountId,
    /// The message's thread.
    pub thread: i64,
    /// Who was to be told.
    pub user_id: String,
    /// What the last way said.
    pub said: String,
    /// When it was given up.
    pub changed: Moment,
    /// Its place in the list.
    pub rank: i64,
}

#[derive(SurrealValue)]
struct LostRow {
    kind: String,
    number: String,
    thread: i64,
    user_id: Option<String>,
    said: String,
    changed: Moment,
    lost: i64,
}

statement! {
    LostAlerts { from: i64, most: i64 } -> Vec<LostRow>;
    reads lost_alert, alert, logon;
    "LET $keys = (SELECT VALUE record::id(id) FROM type::record('lost_alert', [$from]..) LIMIT $most);
     RETURN $keys.map(|$key: array| (SELECT kind, number, thread, type::record('logon', logon).user_id AS user_id,
            array::last(steps ?? []).said ?? said AS said, changed, $key[0] AS lost
        FROM ONLY type::record('alert', [$key[2], $key[3], $key[4], $key[1]]))).filter(|$one: any| $one != NONE);"
}

/// Alerts that nothing could tell of after a place, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn lost_alerts(db: &Db, after: i64, most: usize) -> Result<Vec<Lost>, DbError> {
    let lost = LostAlerts { from: after.saturating_add(1), most: i64::try_from(most).unwrap_or(i64::MAX) };
    let rows = lost.run(db).await?;
    let read = |row: LostRow| {
        let number =
            AccountNumber::parse(&row.number).map_err(|_| DbError::Broken("an alert names no account".into()))?;
        Ok(Lost {
            account: AccountId::new(row.kind, number),
            thread: row.thread,
            user_id: row.user_id.unwrap_or_else(|| "gone".into()),
            said: row.said,
            changed: row.changed,
            rank: row.lost,
        })
    };
    rows.into_iter().map(read).collect()
}
