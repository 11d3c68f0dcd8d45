//! How many messages staff can post to single accounts a second, one at a time and sixteen, and how long a message takes to an
//! account of ten thousand holders. Everyone wants to be told at once. `run-posts` beside it runs it.
//!
//!     posts FOLDER

use std::{
    path::Path,
    time::{Duration, Instant},
};

use springboard::{
    db::{Db, migrate},
    mailbox::{
        posting::{Composed, post},
        thread::{Author, New},
    },
    words::{AccountId, AccountNumber, DraftId, Moment, config::Database},
};

/// Accounts of one holder each; each gets a message in each round.
const ACCOUNTS: usize = 1_600;
/// Holders of the account that has many.
const HOLDERS: usize = 10_000;
const ROUNDS: usize = 3;

#[tokio::main]
async fn main() {
    let folder = std::env::args().nth(1).expect("a folder");
    let url = format!("rocksdb://{}", Path::new(&folder).join("db").display());
    let db = Db::open(&Database { url, sign_in: None, cache: None }).await.unwrap();
    migrate::run(&db).await.unwrap();
    access(&db, 1, ACCOUNTS).await;
    for round in 0..HOLDERS / 500 {
        access_of_one(&db, round * 500, 500).await;
    }
    println!("| posts at a time | a second |\n|---|---|");
    for at_once in [1, 16] {
        let mut rates: Vec<f64> = Vec::new();
        for round in 0..ROUNDS {
            rates.push(rate(&db, at_once, round).await);
        }
        println!("| {at_once} | {:.0} |", median(&mut rates, f64::total_cmp));
    }
    let mut taken: Vec<Duration> = Vec::new();
    for round in 0..ROUNDS {
        let message = message(0, round);
        let begun = Instant::now();
        post(&db, &message, now(round)).await.unwrap();
        taken.push(begun.elapsed());
    }
    println!("\nAccepted for {HOLDERS} holders after {:.0?}.", median(&mut taken, Ord::cmp));
}

fn median<T: Copy>(values: &mut [T], order: impl FnMut(&T, &T) -> std::cmp::Ordering) -> T {
    values.sort_unstable_by(order);
    values[values.len() / 2]
}

fn now(round: usize) -> Moment {
    Moment::from_timestamp(1_767_225_600 + 60 * i64::try_from(round).unwrap(), 0).unwrap()
}

/// Accounts of one holder each.
async fn access(db: &Db, from: usize, count: usize) {
    let rows = "INSERT INTO access array::range($from..$to).map(|$n: int| {
            id: ['dealer', <string> (8000000000 + $n), 'holder' + <string> $n], logon: 'holder' + <string> $n, kind: 'dealer',
            number: <string> (8000000000 + $n), pace: 'at once', email: '', terms_version: '1', terms_at: time::now(),
            granted: time::now(), code: 'load'
        }) RETURN NONE";
    let (from, to) = (i64::try_from(from).unwrap(), i64::try_from(from + count).unwrap());
    db.raw(rows).bind(("from", from)).bind(("to", to)).await.unwrap();
}

/// Holders of one account.
async fn access_of_one(db: &Db, from: usize, count: usize) {
    let rows = "INSERT INTO access array::range($from..$to).map(|$n: int| {
            id: ['dealer', '8000000000', 'many' + <string> $n], logon: 'many' + <string> $n, kind: 'dealer', number: '8000000000',
            pace: 'at once', email: '', terms_version: '1', terms_at: time::now(), granted: time::now(), code: 'load'
        }) RETURN NONE";
    let (from, to) = (i64::try_from(from).unwrap(), i64::try_from(from + count).unwrap());
    db.raw(rows).bind(("from", from)).bind(("to", to)).await.unwrap();
}

fn message(account: usize, round: usize) -> Composed {
    let number = AccountNumber::parse(&(8_000_000_000 + account).to_string()).unwrap();
    Composed::of(New {
        account: AccountId::new("dealer", number),
        thread: None,
        subject: "A subject of usual length".into(),
        body: "A text of a line or two, as most are: please read it, and answer if there is anything to add.".into(),
        author: Author::Staff { id: "load".into(), name: "Load".into() },
        answer_by: None,
        notice: None,
        draft: DraftId::known(format!("load {round}")),
    })
}

/// Posts to all accounts, so many at a time; returns how many were posted a second.
async fn rate(db: &Db, at_once: usize, round: usize) -> f64 {
    let round = round + at_once * ROUNDS;
    let begun = Instant::now();
    let posters = (0..at_once).map(|poster| {
        let db = db.clone();
        tokio::spawn(async move {
            for account in (1 + poster..=ACCOUNTS).step_by(at_once) {
                post(&db, &message(account, round), now(round)).await.unwrap();
            }
        })
    });
    for poster in posters.collect::<Vec<_>>() {
        poster.await.unwrap();
    }
    ACCOUNTS as f64 / begun.elapsed().as_secs_f64()
}
