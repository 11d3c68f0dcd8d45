//! Whether a mailbox stays as fast however many messages the portal holds: one person's inbox and unread count, with ever
//! more messages of others in the same database. `run-growth` beside it runs it and prints a table. Each command is a
//! process of its own, so that every measurement begins with a database that was just opened.
//!
//!     growth fill FOLDER FROM TO      writes so many messages in all, in thousands of one account
//!     growth measure FOLDER TO        prints a row of the table

use std::{
    path::Path,
    time::{Duration, Instant},
};

use springboard::{
    db::{Db, Transaction, migrate},
    mailbox::{
        lists,
        post_many::{PostBatch, post_many},
        posting::Composed,
        thread::{After, Author, Folder, New},
    },
    words::{AccountId, AccountNumber, DraftId, Moment, config::Database},
};

/// Messages of one account; each begins a thread, which is the most that a message can cost.
const OF_ONE: usize = 1_000;
/// Accounts of one transaction, as a bulk message has them.
const AT_ONCE: usize = 250;
/// How often each question is asked.
const ROUNDS: usize = 2_000;
/// The person whose mailbox is measured.
const PERSON: &str = "measured";

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| arguments[at].parse::<usize>().expect("a number");
    let folder = Path::new(&arguments[1]);
    std::fs::create_dir_all(folder).unwrap();
    let url = format!("rocksdb://{}", folder.join("db").display());
    let db = Db::open(&Database { url, sign_in: None, cache: None }).await.unwrap();
    migrate::run(&db).await.unwrap();
    match arguments[0].as_str() {
        "fill" => fill(&db, number(2), number(3)).await,
        "measure" => {
            let [first, deep, unread] = measure(&db).await.map(|taken| taken.as_secs_f64() * 1000.0);
            println!("| {} | {first:.2} ms | {deep:.2} ms | {unread:.2} ms |", number(2));
        }
        other => panic!("{other} is neither fill nor measure"),
    }
}

/// Accounts of one holder each, from this one on.
async fn accounts(db: &Db, from: usize, to: usize) {
    let rows = "INSERT INTO access array::range($from..$to).map(|$n: int| {
            id: ['dealer', <string> (8000000000 + $n), IF $n = 0 { $person } ELSE { 'other' + <string> $n }],
            logon: IF $n = 0 { $person } ELSE { 'other' + <string> $n }, kind: 'dealer', number: <string> (8000000000 + $n),
            pace: 'off', email: '', terms_version: '1', terms_at: time::now(), granted: time::now(), code: 'load'
        }) RETURN NONE";
    for first in (from..to).step_by(500) {
        let written = db
            .raw(rows)
            .bind(("from", i64::try_from(first).unwrap()))
            .bind(("to", i64::try_from((first + 500).min(to)).unwrap()))
            .bind(("person", PERSON));
        written.await.unwrap();
    }
}

/// A message to each of these accounts, by the way that bulk messages take.
async fn post(db: &Db, accounts: std::ops::Range<usize>, now: Moment) {
    let body = "A text of a line or two, as most are: please read it, and answer if there is anything to add.";
    for first in accounts.clone().step_by(AT_ONCE) {
        let of_batch = first..(first + AT_ONCE).min(accounts.end);
        let messages = Composed::of_all(of_batch.map(|account| message(account, body)).collect());
        let batch = PostBatch { messages: &messages, are_neighbours: true, name: "load".into() };
        let posted = post_many(db, &batch, now, |_| Transaction::default()).await.unwrap();
        assert_eq!(posted, messages.len());
    }
}

fn message(account: usize, body: &str) -> New {
    let number = AccountNumber::parse(&(8_000_000_000 + account).to_string()).unwrap();
    New {
        account: AccountId::new("dealer", number),
        thread: None,
        subject: "A subject of usual length".into(),
        body: body.into(),
        author: Author::Staff { id: "load".into(), name: "Load".into() },
        answer_by: None,
        notice: None,
        draft: DraftId::known("load"),
    }
}

/// Messages `from` to `to` in all, of which each account has [`OF_ONE`]; the first account has them all from the start.
async fn fill(db: &Db, from: usize, to: usize) {
    let begun = Instant::now();
    let (first, last) = (from / OF_ONE, to / OF_ONE);
    accounts(db, first, last).await;
    for round in 0..OF_ONE {
        // Two at a time, as two processes would: commits share the disk's syncs.
        let middle = first + (last - first) / 2;
        let now = Moment::from_timestamp(1_767_225_600 + 60 * i64::try_from(round).unwrap(), 0).unwrap();
        futures_util::join!(post(db, first..middle, now), post(db, middle..last, now));
    }
    if first == 0 {
        // Half of the latest twenty are unread.
        let read = "UPDATE type::record('thread_state', [$person]..[$person, ..]) SET unread = 0, has_unread = false
            WHERE thread <= $last OR thread % 2 = 1 RETURN NONE";
        db.raw(read).bind(("person", PERSON)).bind(("last", i64::try_from(OF_ONE - 20).unwrap())).await.unwrap();
    }
    let taken = begun.elapsed().as_secs_f64();
    eprintln!("{} messages in {taken:.0} s: {:.0} a second", to - from, (to - from) as f64 / taken);
}

/// The median time of each question.
async fn measure(db: &Db) -> [Duration; 3] {
    let mut deep = After::NOTHING;
    for _ in 1..40 {
        deep = lists::folder(db, PERSON, Folder::Inbox, deep).await.unwrap().next.expect("forty pages");
    }
    let mut taken: [Vec<Duration>; 3] = Default::default();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let page = lists::folder(db, PERSON, Folder::Inbox, After::NOTHING).await.unwrap();
        taken[0].push(begun.elapsed());
        assert_eq!(page.items.len(), 20);
        let begun = Instant::now();
        let page = lists::folder(db, PERSON, Folder::Inbox, deep).await.unwrap();
        taken[1].push(begun.elapsed());
        assert_eq!(page.items.len(), 20);
        let begun = Instant::now();
        assert_eq!(lists::unread_count(db, PERSON).await.unwrap(), 10);
        taken[2].push(begun.elapsed());
    }
    taken.map(|mut taken| {
        taken.sort_unstable();
        taken[ROUNDS / 2]
    })
}
