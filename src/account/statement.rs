//! Monthly statements of a ledger (R140): what was posted in a month of the agency's calendar, between two balances.

use chrono_tz::Tz;

use super::{Entry, entry, posted_before};
use crate::{
    db::{Db, DbError},
    words::{AccountId, Cents, Moment, Month},
};

/// A month of an account's ledger.
#[derive(Clone, Debug)]
pub struct MonthlyStatement {
    /// Which.
    pub month: Month,
    /// The balance before its first entry.
    pub opening: Cents,
    /// The balance after its last one.
    pub closing: Cents,
    /// Its first entry; after `last` when there is none.
    pub first: i64,
    /// Its last entry.
    pub last: i64,
    /// Whether the month goes on, so that more may be posted.
    pub is_to_date: bool,
}

impl MonthlyStatement {
    /// Reads a month; none before the account's first entry and after this month.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn read(db: &Db, id: &AccountId, month: Month, zone: Tz, now: Moment) -> Result<Option<Self>, DbError> {
        if !months(db, id, zone, now).await?.contains(&month) {
            return Ok(None);
        }
        let is_to_date = month == Month::of(now, zone);
        let before = posted_before(db, id, month.begin(zone)).await?;
        let last = posted_before(db, id, month.end(zone)).await?;
        let opening = balance_after(db, id, before).await?;
        let closing = balance_after(db, id, last).await?;
        Ok(Some(Self { month, opening, closing, first: before + 1, last, is_to_date }))
    }

    /// How many entries there are.
    pub fn len(&self) -> i64 {
        self.last - self.first + 1
    }

    /// Whether nothing was posted.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

async fn balance_after(db: &Db, id: &AccountId, line: i64) -> Result<Cents, DbError> {
    let before_all = |first: Entry| first.balance - first.cents;
    Ok(Cents(match line {
        0 => entry(db, id, 1).await?.map_or(0, before_all),
        line => entry(db, id, line).await?.map_or(0, |entry| entry.balance),
    }))
}

/// The months that there are statements of, newest first: from this one back to that of the first entry.
///
/// # Errors
/// When the database does not answer.
pub async fn months(db: &Db, id: &AccountId, zone: Tz, now: Moment) -> Result<Vec<Month>, DbError> {
    let Some(first) = entry(db, id, 1).await? else { return Ok(Vec::new()) };
    let first = Month::of(first.at, zone);
    Ok(std::iter::successors(Some(Month::of(now, zone)), |month| Some(month.previous()))
        .take_while(|month| *month >= first)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        account::{NewAccount, NewEntry, Origin, Posting, import, post},
        db::migrate,
        words::AccountNumber,
    };

    const ZONE: Tz = chrono_tz::America::Detroit;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn each_entry_is_on_one_statement_and_balances_meet() {
        let db = Db::in_memory().await.unwrap();
        migrate::run(&db).await.unwrap();
        let number = AccountNumber::parse("7").unwrap();
        let id = AccountId::new("dealer", number);
        let at = |text: &str| text.parse::<Moment>().unwrap();
        let ledger = vec![NewEntry { text: "Payment".into(), cents: 1000 }];
        let new = NewAccount { kind: "dealer".into(), number, name: "D".into(), street: vec![], email: None, ledger };
        // The last second of August in the agency's zone, the first one of September, and one in November.
        import(&db, &new, at("2026-09-01T03:59:59Z")).await.unwrap();
        for (moment, cents) in [("2026-09-01T04:00:00Z", -300), ("2026-11-02T00:00:00Z", 50)] {
            let posting = Posting {
                account: id.clone(),
                origin: Origin::File,
                reference: moment.into(),
                text: "Fee".into(),
                amount: Cents(cents),
                book_day: None,
            };
            post(vec![posting], at(moment)).run(&db).await.unwrap();
        }
        let now = at("2026-11-24T15:00:00Z");
        let listed: Vec<_> = months(&db, &id, ZONE, now).await.unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(listed, ["2026-11", "2026-10", "2026-09", "2026-08"]);
        let read = async |month: &str| {
            let month = Month::parse(month).unwrap();
            let read = MonthlyStatement::read(&db, &id, month, ZONE, now).await.unwrap();
            read.map(|read| (read.opening.0, read.closing.0, read.first, read.last, read.is_to_date))
        };
        assert_eq!(read("2026-08").await, Some((0, 1000, 1, 1, false)));
        assert_eq!(read("2026-09").await, Some((1000, 700, 2, 2, false)));
        assert_eq!(read("2026-10").await, Some((700, 700, 3, 2, false)));
        assert_eq!(read("2026-11").await, Some((700, 750, 3, 3, true)));
        assert_eq!((read("2026-07").await, read("2026-12").await), (None, None));
        let other = AccountId::new("dealer", AccountNumber::parse("8").unwrap());
        assert!(months(&db, &other, ZONE, now).await.unwrap().is_empty());
    }
}
