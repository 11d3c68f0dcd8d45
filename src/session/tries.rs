//! Tries to sign in, counted in the database: how many there may be, and until when a sign-in is locked.

use chrono::TimeDelta;

use crate::{
    db::{
        Change, Db, DbError, Refusal, Transaction,
        rate_limit::Limit,
        record_id, statement,
        value::{RecordId, SurrealValue, Value},
    },
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
    as CountTry::by_key;
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

/// The tries of one user ID.
#[derive(Clone, Debug, Default, SurrealValue)]
struct Tries {
    hits: Vec<Moment>,
    locks: Option<i64>,
    until: Option<Moment>,
    failures: Option<i64>,
    touched: Moment,
}

impl Tries {
    /// Counts one more, unless it is locked.
    fn counted(self, is_known: bool, most: i64, now: Moment) -> (Option<Self>, Try) {
        let (failures, locks) = (self.failures.unwrap_or(0), self.locks.unwrap_or(0));
        if self.until.is_some_and(|until| until > now) || (!is_known && failures >= most) {
            return (None, Try::Locked);
        }
        let mut hits: Vec<Moment> = self.hits.into_iter().filter(|hit| *hit > now - TimeDelta::hours(1)).collect();
        hits.push(now);
        let failures = Some(failures + 1);
        if hits.len() < 5 {
            return (Some(Self { hits, locks: Some(locks), until: None, failures, touched: now }), Try::Open);
        }
        let wait = TimeDelta::minutes(match locks {
            0 => 15,
            1 => 30,
            _ => 60,
        });
        let locked = Self { hits: Vec::new(), locks: Some(locks + 1), until: Some(now + wait), failures, touched: now };
        (Some(locked), Try::Last)
    }
}

fn counter(key: &str) -> RecordId {
    record_id("throttle", ("sign-in", key.to_owned()))
}

impl CountTry {
    fn by_key(&self) -> [Change; 1] {
        let (is_known, most, now) = (self.known, self.most, self.now);
        [Change::of(counter(&self.key), move |found: Option<Tries>| {
            Ok(found.unwrap_or_default().counted(is_known, most, now))
        })]
    }
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
    Forgive { key: String, now: Moment };
    writes throttle;
    as Forgive::by_key;
    "UPDATE type::record('throttle', ['sign-in', $key])
        SET hits = [], locks = 0, until = NONE, failures = 0, touched = $now RETURN NONE;"
}

impl Forgive {
    fn by_key(&self) -> [Change; 1] {
        let now = self.now;
        [Change::of(counter(&self.key), move |found: Option<Tries>| {
            let none = Tries { locks: Some(0), failures: Some(0), touched: now, ..Tries::default() };
            Ok((found.map(|_| none.clone()), Value::None))
        })]
    }
}

/// Forgets failures after a sign-in, under all of these keys. Their rows are written over and swept later: for a DELETE the
/// engine reads the definitions of all tables, 2 ms of a sign-in.
pub(super) fn forgive(keys: Vec<String>, now: Moment) -> Transaction {
    keys.into_iter().fold(Transaction::default(), |all, key| all.then(Forgive { key, now }))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rand::{RngExt, SeedableRng, rngs::StdRng};

    use super::*;
    use crate::db::migrate;

    const PER_ADDRESS: Limit = Limit { what: "test", most: 20, within: TimeDelta::hours(1) };

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_database_counts_as_the_program_does() {
        let by_key = Db::in_memory().await.unwrap();
        // Whoever is observed gets the statements.
        let by_text = Db::in_memory().await.unwrap().observed(Arc::new(|_, _| Ok(())));
        let mut outcomes = Vec::new();
        for db in [&by_key, &by_text] {
            migrate::run(db).await.unwrap();
            let (mut random, mut answers) = (StdRng::seed_from_u64(11), Vec::new());
            let mut now: Moment = "2026-11-24T12:00:00Z".parse().unwrap();
            for _ in 0..400 {
                now += TimeDelta::seconds(random.random_range(1..1_200));
                let (key, is_known) = (["a", "b"][random.random_range(0..2)], random.random_bool(0.3));
                if random.random_bool(0.02) {
                    forgive(vec![key.to_owned(), "nobody".to_owned()], now).run(db).await.unwrap();
                }
                answers.push(may_try(db, Some((&PER_ADDRESS, "address")), key, is_known, now).await.unwrap());
            }
            let all = "SELECT hits, locks, until, failures, touched FROM throttle ORDER BY id";
            outcomes.push((answers, db.raw(all).await.unwrap().take::<Value>(0).unwrap()));
        }
        assert_eq!(outcomes[0], outcomes[1]);
        for answer in [Try::Locked, Try::Open, Try::Last] {
            assert!(outcomes[0].0.contains(&answer), "{answer:?} did not come");
        }
    }
}
