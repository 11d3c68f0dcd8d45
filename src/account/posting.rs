//! Posting to ledgers: each posting has a reference, and an account takes each reference once.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};

use super::Entry;
use crate::{
    db::{Db, DbError, Refusal, Transaction, statement, value::SurrealValue},
    form,
    words::{AccountId, Cents, Fault, Moment},
};

/// Letters of an entry's text.
const LONGEST_TEXT: usize = 100;

/// Reads what an entry is for: one line that holders see on pages and paper.
///
/// # Errors
/// A sentence for whoever typed it.
pub fn entry_text(typed: &str) -> Result<String, String> {
    form::line(typed, "what the entry is for", LONGEST_TEXT)
}

/// Reads a day in the agency's books, as `YYYY-MM-DD`; none when nothing was typed.
///
/// # Errors
/// A sentence for whoever typed it.
pub fn book_day(typed: &str) -> Result<Option<String>, Fault> {
    let text = typed.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    // Years of four digits can be compared as text, and shown everywhere.
    let day = day.filter(|day| (1900..3000).contains(&day.year()));
    day.map(|day| Some(day.to_string())).ok_or("Enter a day as YYYY-MM-DD.")
}

/// What posting throws when the entry is on the ledger already.
pub const POSTED: Refusal = Refusal::new("the entry is posted");

/// Where a posting comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The demo's data.
    Seed,
    /// A file of the agency's accounting.
    File,
    /// A request that a second staff member approved.
    Request,
}

/// An entry to be posted.
#[derive(Clone, Debug)]
pub struct Posting {
    /// To which account.
    pub account: AccountId,
    /// Where it comes from.
    pub origin: Origin,
    /// With the origin, what makes it the account's only one.
    pub reference: String,
    /// What for.
    pub text: String,
    /// How much.
    pub amount: Cents,
    /// Its day in the agency's books, as `YYYY-MM-DD`.
    pub book_day: Option<String>,
}

#[derive(SurrealValue)]
struct Values {
    kind: String,
    number: String,
    entry: EntryValues,
}

#[derive(SurrealValue)]
struct EntryValues {
    origin: String,
    reference: String,
    text: String,
    cents: i64,
    book_day: Option<String>,
    reverses: Option<i64>,
}

fn values(posting: Posting) -> Values {
    Values {
        kind: posting.account.kind,
        number: posting.account.number.digits(),
        entry: EntryValues {
            origin: match posting.origin {
                Origin::Seed => "seed",
                Origin::File => "file",
                Origin::Request => "request",
            }
            .to_owned(),
            reference: posting.reference,
            text: posting.text,
            cents: posting.amount.0,
            book_day: posting.book_day,
            reverses: None,
        },
    }
}

#[derive(SurrealValue)]
struct Woken {
    kind: String,
    number: String,
}

statement! {
    PostAll { postings: Vec<Values>, accounts: Vec<Woken>, now: Moment };
    "FOR $posting IN $postings { fn::post_entry($posting.kind, $posting.number, $posting.entry, $now); };
     FOR $woken IN $accounts { fn::wake_holders($woken.kind, $woken.number); };"
}

/// Statements that post entries, in their order, and leave out those that are on their ledger already. Whoever has access
/// sees the new balance.
pub fn post(postings: Vec<Posting>, now: Moment) -> Transaction {
    let accounts: BTreeSet<_> =
        postings.iter().map(|posting| (posting.account.kind.clone(), posting.account.number.digits())).collect();
    let woken: Vec<_> = accounts.into_iter().map(|(kind, number)| Woken { kind, number }).collect();
    PostAll { postings: postings.into_iter().map(values).collect(), accounts: woken, now }.into()
}

statement! {
    PostOne { kind: String, number: String, entry: EntryValues, now: Moment };
    refuses POSTED;
    "IF fn::post_entry($kind, $number, $entry, $now) = 0 { THROW $POSTED };
     fn::wake_holders($kind, $number);"
}

/// Statements that post one entry, or throw [`POSTED`].
pub fn post_one(posting: Posting, now: Moment) -> Transaction {
    let Values { kind, number, entry } = values(posting);
    PostOne { kind, number, entry, now }.into()
}

statement! {
    Reverse { kind: String, number: String, entry: EntryValues, now: Moment };
    writes ledger;
    refuses POSTED;
    "LET $line = fn::post_entry($kind, $number, $entry, $now);
     IF $line = 0 { THROW $POSTED };
     UPDATE type::record('ledger', [$kind, $number, -$entry.reverses]) SET reversed_by = $line RETURN NONE;
     fn::wake_holders($kind, $number);"
}

/// Statements that take an entry back by another one, or throw [`POSTED`] when another one did before.
pub fn reverse(id: &AccountId, entry: &Entry, now: Moment) -> Transaction {
    let text: String = format!("Reversal: {}", entry.text).chars().take(LONGEST_TEXT).collect();
    let reversal = EntryValues {
        origin: "reversal".to_owned(),
        reference: entry.line.to_string(),
        text,
        cents: -entry.cents,
        book_day: None,
        reverses: Some(entry.line),
    };
    Reverse { kind: id.kind.clone(), number: id.number.digits(), entry: reversal, now }.into()
}

/// What is on file of an entry of a file.
#[derive(Clone, Debug, SurrealValue)]
pub struct OnFile {
    /// Whether the account is.
    pub account: bool,
    /// What for, if the entry is.
    pub text: Option<String>,
    /// How much, in cents.
    pub cents: Option<i64>,
    /// Its day in the agency's books.
    pub book_day: Option<String>,
}

#[derive(SurrealValue)]
struct Key {
    kind: String,
    number: String,
    reference: String,
}

statement! {
    OnLedgers { keys: Vec<Key> } -> Vec<OnFile>;
    reads ledger_reference, ledger, account;
    "RETURN $keys.map(|$key| {
        LET $line = (SELECT VALUE line FROM ONLY type::record('ledger_reference', [$key.kind, $key.number, 'file', $key.reference]));
        LET $entry = IF $line = NONE { NONE } ELSE { (SELECT text, cents, book_day FROM ONLY type::record('ledger', [$key.kind, $key.number, -$line])) };
        RETURN {
            account: record::exists(type::record('account', [$key.kind, $key.number])),
            text: $entry.text, cents: $entry.cents, book_day: $entry.book_day
        };
     })"
}

/// What is on file of each of these accounts and references of files, in their order.
///
/// # Errors
/// When the database does not answer.
pub async fn on_ledgers(db: &Db, keys: &[(&AccountId, &str)]) -> Result<Vec<OnFile>, DbError> {
    let key = |(id, reference): &(&AccountId, &str)| Key {
        kind: id.kind.clone(),
        number: id.number.digits(),
        reference: (*reference).to_owned(),
    };
    db.ask(OnLedgers { keys: keys.iter().map(key).collect() }).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        account::{NewAccount, NewEntry, entries, entry, find, import, ledger, posted_before},
        db::migrate,
        words::AccountNumber,
    };

    fn posting(account: &AccountId, reference: &str, cents: i64) -> Posting {
        Posting {
            account: account.clone(),
            origin: Origin::File,
            reference: reference.to_owned(),
            text: format!("Entry {reference}"),
            amount: Cents(cents),
            book_day: Some("2026-11-01".to_owned()),
        }
    }

    async fn store_with_account() -> (Db, AccountId) {
        let db = Db::in_memory().await.unwrap();
        migrate::run(&db).await.unwrap();
        let number = AccountNumber::parse("7").unwrap();
        let ledger = vec![NewEntry { text: "Opening".into(), cents: 1000 }];
        let new = NewAccount { kind: "dealer".into(), number, name: "D".into(), street: vec![], email: None, ledger };
        import(&db, &new, "2026-10-31T12:00:00Z".parse().unwrap()).await.unwrap();
        (db, AccountId::new("dealer", number))
    }

    #[test]
    fn a_book_date_is_a_day_of_four_digits() {
        assert_eq!(book_day(" 2026-02-28 "), Ok(Some("2026-02-28".into())));
        assert_eq!(book_day("2026-2-8"), Ok(Some("2026-02-08".into())));
        assert_eq!(book_day(""), Ok(None));
        for wrong in ["2026-02-30", "0026-01-01", "02/28/2026", "+12026-01-01"] {
            assert!(book_day(wrong).is_err(), "{wrong}");
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn an_account_takes_each_reference_once_and_an_entry_is_reversed_once() {
        let (db, id) = store_with_account().await;
        let now: Moment = "2026-11-24T15:00:00Z".parse().unwrap();
        let both = || vec![posting(&id, "A", 500), posting(&id, "B", -2000)];
        post(both(), now).run(&db).await.unwrap();
        post(both(), now).run(&db).await.unwrap();
        let found = ledger(&db, &id, None, 10).await.unwrap();
        let seen: Vec<_> = found.iter().map(|entry| (entry.line, entry.cents, entry.balance)).collect();
        assert_eq!(seen, [(3, -2000, -500), (2, 500, 1500), (1, 1000, 1000)]);
        assert_eq!(find(&db, &id).await.unwrap().unwrap().balance, Cents(-500));
        let on_file = on_ledgers(&db, &[(&id, "A"), (&id, "C")]).await.unwrap();
        assert_eq!((on_file[0].cents, on_file[0].text.as_deref()), (Some(500), Some("Entry A")));
        assert!(on_file[1].account && on_file[1].cents.is_none());
        let fault = post_one(posting(&id, "A", 1), now).run(&db).await.err().unwrap();
        assert!(fault.is_refusal(POSTED), "{fault}");

        let wrong = entry(&db, &id, 3).await.unwrap().unwrap();
        reverse(&id, &wrong, now).run(&db).await.unwrap();
        let fault = reverse(&id, &wrong, now).run(&db).await.err().unwrap();
        assert!(fault.is_refusal(POSTED), "{fault}");
        let found = ledger(&db, &id, None, 10).await.unwrap();
        assert_eq!((found[0].cents, found[0].balance, found[0].reverses), (2000, 1500, Some(3)));
        assert_eq!((found[1].cents, found[1].reversed_by), (-2000, Some(4)));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn entries_are_found_by_when_they_were_posted() {
        let (db, id) = store_with_account().await;
        let day = |day: i64| "2026-11-01T00:00:00Z".parse::<Moment>().unwrap() + chrono::Duration::days(day);
        for number in 0..9 {
            post(vec![posting(&id, &number.to_string(), 1)], day(number)).run(&db).await.unwrap();
        }
        for (moment, count) in [(day(-9), 0), (day(0), 1), (day(1), 2), (day(5), 6), (day(99), 10)] {
            assert_eq!(posted_before(&db, &id, moment).await.unwrap(), count, "{moment}");
        }
        let some: Vec<_> = entries(&db, &id, 3, 5).await.unwrap().iter().map(|entry| entry.line).collect();
        assert_eq!(some, [5, 4, 3]);
        assert!(entries(&db, &id, 5, 4).await.unwrap().is_empty());
        let nobody = AccountId::new("dealer", AccountNumber::parse("8").unwrap());
        assert_eq!(posted_before(&db, &nobody, day(0)).await.unwrap(), 0);
    }
}
