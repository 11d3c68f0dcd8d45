//! Tries to sign in, counted in the database: how many there may be, and until when a sign-in is locked.

use crate::{
    db::{Db, DbError, Refusal, Transaction, rate_limit::Limit, statement, value::SurrealValue},
    words::Moment,
};

/// What a transaction throws when one address tries too often.
const SLOWED: Refusal = Refusal::new("this address tries too often");

/// Failures in a row from devices that never signed in (NIST SP 800-63B, 5.2.2).
const MOST_FAILURES: i64 = 100;

/// Whether a sign-in may be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SurrealValue)]
#[surreal(untagged, rename_all = "lowercase")]
pub(super) enum Try {
    /// It is locked.
    Locked,
    /// It may.
    Open,
    /// It may, and if it fails it is locked.
    Last,
    /// Its address tries too often.
    Slowed,
}

statement! {
    CountTry { key: String, known: bool, most: i64, now: Moment } -> Option<Try>;
    reads throttle;
    writes throttle;
    "LET $id = type::record('throttle', ['sign-in', $key]);
     LET $old = (SELECT hits, locks, until, failures FROM ONLY $id) ?? { hits: [], locks: 0, until: NONE, failures: 0 };
     LET $failures = $old.failures ?? 0;
     IF ($old.until != NONE AND $old.until > $now) OR (!$known AND $failures >= $most) { RETURN 'locked' };
     LET $hits = array::append($old.hits.filter(|$hit: datetime| $hit > $now - 1h), $now);
     IF array::len($hits) < 5 {
        UPSERT $id SET hits = $hits, locks = $old.locks, until = NONE, failures = $failures + 1, touched = $now RETURN NONE;
        RETURN 'open';
     } ELSE {
        LET $wait = IF $old.locks = 0 { 15m } ELSE IF $old.locks = 1 { 30m } ELSE { 60m };
        UPSERT $id SET hits = [], locks = $old.locks + 1, until = $now + $wait, failures = $failures + 1, touched = $now RETURN NONE;
        RETURN 'last';
     };"
}

/// Counts a sign-in before its password is looked at, so that many at once are no more than many in a row: one synced write,
/// for the address as well, where a limit for one is given. The fifth without success locks for 15 minutes, the next five for
/// 30, then for 60. From devices that never signed in, a hundred in a row close it for such devices until somebody proves to be
/// its owner otherwise.
pub(super) async fn may_try(
    db: &Db,
    address: Option<(&Limit, &str)>,
    key: &str,
    is_known: bool,
    now: Moment,
) -> Result<Try, DbError> {
    let slowed = |(limit, whom): (&Limit, &str)| limit.within_transaction(whom, now, SLOWED);
    let of_address = address.map(slowed).unwrap_or_default();
    let counted = CountTry { key: key.to_owned(), known: is_known, most: MOST_FAILURES, now };
    match of_address.then(counted).answer::<Option<Try>>(db).await {
        Ok(answer) => Ok(answer.unwrap_or(Try::Locked)),
        Err(fault) if fault.is_refusal(SLOWED) => Ok(Try::Slowed),
        Err(fault) => Err(fault),
    }
}

statement! {
    LockedUntil { key: String, most: i64, now: Moment } -> Option<Moment>;
    reads throttle;
    "SELECT VALUE IF failures >= $most { touched + 31d } ELSE { until } FROM ONLY type::record('throttle', ['sign-in', $key])
        WHERE until > $now OR failures >= $most"
}

/// Until when a sign-in is locked, if it is; without an end, as far as anybody can tell.
pub(super) async fn locked_until(db: &Db, key: &str, now: Moment) -> Result<Option<Moment>, DbError> {
    db.ask(LockedUntil { key: key.to_owned(), most: MOST_FAILURES, now }).await
}

statement! {
    Forgive { keys: Vec<String>, now: Moment };
    writes throttle;
    "FOR $key IN $keys {
        UPDATE type::record('throttle', ['sign-in', $key])
            SET hits = [], locks = 0, until = NONE, failures = 0, touched = $now RETURN NONE
     };"
}

/// Forgets failures after a sign-in, under all of these keys. Their rows are written over and swept later: for a DELETE the
/// engine reads the definitions of all tables, 2 ms of a sign-in.
pub(super) fn forgive(keys: Vec<String>, now: Moment) -> Transaction {
    Forgive { keys, now }.into()
}
