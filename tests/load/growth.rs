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
    db::{Db, migrate},
    mailbox::{
        lists,
        thread::{After, Folder},
    },
    words::config::Database,
};

/// Messages of one account; each begins a thread, which is the most that a message can cost.
const OF_ONE: usize = 1_000;
/// Messages of one transaction.
const AT_ONCE: usize = 500;
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
        "fill" => {
            for account in number(2) / OF_ONE..number(3) / OF_ONE {
                let other = format!("other{account}");
                fill(&db, account, OF_ONE, if account == 0 { PERSON } else { &other }).await;
            }
        }
        "measure" => {
            let [first, deep, unread] = measure(&db).await.map(|taken| taken.as_secs_f64() * 1000.0);
            println!("| {} | {first:.2} ms | {deep:.2} ms | {unread:.2} ms |", number(2));
        }
        other => panic!("{other} is neither fill nor measure"),
    }
}

/// Writes an account's messages as one holder has them: half of what is newest is unread.
async fn fill(db: &Db, account: usize, messages: usize, logon: &str) {
    for first in (1..=messages).step_by(AT_ONCE) {
        let written = db.raw(
            "{
                LET $rows = array::range($first..($first + $most)).map(|$n: int| {
                    LET $at = d'2026-01-01T00:00:00Z' + duration::from_secs($n * 60) + duration::from_micros($account);
                    RETURN { n: $n, at: $at, rank: -time::nano($at), unread: IF $n > $messages - 20 AND $n % 2 = 0 { 1 } ELSE { 0 } };
                });
                INSERT INTO message $rows.map(|$r: object| { id: ['dealer', $number, -$r.n], kind: 'dealer', number: $number,
                    sequence: $r.n, rank: -$r.n, thread: $r.n, subject: 'A subject of usual length',
                    body: 'A text of a line or two, as most are.', staff: 'load', author: 'Load',
                    draft: $number + '-' + <string> $r.n, at: $r.at }) RETURN NONE;
                INSERT INTO thread $rows.map(|$r: object| { id: ['dealer', $number, $r.n], kind: 'dealer', number: $number, first: $r.n,
                    subject: 'A subject of usual length', messages: 1, at: $r.at, rank: $r.rank, waiting: false }) RETURN NONE;
                INSERT INTO place $rows.map(|$r: object| { id: [$logon, 'dealer', $number, $r.n], logon: $logon, kind: 'dealer',
                    number: $number, thread: $r.n, folder: 'inbox', rank: $r.rank, unread: $r.unread, fresh: $r.unread > 0,
                    sent: false }) RETURN NONE;
            }",
        )
        .bind(("first", i64::try_from(first).unwrap()))
        .bind(("most", i64::try_from(AT_ONCE).unwrap()))
        .bind(("messages", i64::try_from(messages).unwrap()))
        .bind(("account", i64::try_from(account).unwrap()))
        .bind(("number", format!("{:010}", 8_000_000_000 + account)))
        .bind(("logon", logon.to_owned()));
        written.await.unwrap();
    }
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
