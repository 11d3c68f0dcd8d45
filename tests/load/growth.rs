//! Whether a mailbox stays as fast however many messages the portal holds: one person's inbox and unread count, with ever
//! more messages of others in the same database. `run-growth` beside it builds and runs it.
//!
//!     growth FOLDER SIZE…     fills a new database up to each size, and measures

use std::{
    path::Path,
    time::{Duration, Instant},
};

use springboard::{
    mailbox::{
        lists,
        thread::{After, Folder},
    },
    store::{Ask, Store, migrate},
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
    let folder = Path::new(&arguments[0]);
    std::fs::create_dir_all(folder).unwrap();
    let url = format!("rocksdb://{}", folder.join("db").display());
    let store = Store::open(&Database { url, sign_in: None }).await.unwrap();
    migrate::run(&store).await.unwrap();
    fill(&store, 0, OF_ONE, PERSON).await;
    let mut filled = OF_ONE;
    let mut first: Option<[Duration; 3]> = None;
    println!("| messages | first page of the inbox | its 40th page | unread count | written per second |");
    println!("|---|---|---|---|---|");
    for size in &arguments[1..] {
        let size: usize = size.parse().expect("a number");
        let (begun, before) = (Instant::now(), filled);
        while filled < size {
            let account = filled / OF_ONE;
            fill(&store, account, OF_ONE, &format!("other{account}")).await;
            filled += OF_ONE;
        }
        let rate = (filled - before) as f64 / begun.elapsed().as_secs_f64().max(0.001);
        let found = measure(&store).await;
        let base = *first.get_or_insert(found);
        let cell = |at: usize| {
            let ratio = found[at].as_secs_f64() / base[at].as_secs_f64();
            format!("{:.2} ms ({ratio:.2})", found[at].as_secs_f64() * 1000.0)
        };
        println!("| {filled} | {} | {} | {} | {rate:.0} |", cell(0), cell(1), cell(2));
    }
}

/// Writes an account's messages as one holder has them: half of what is newest is unread.
async fn fill(store: &Store, account: usize, messages: usize, logon: &str) {
    for first in (1..=messages).step_by(AT_ONCE) {
        let ask = Ask::new(
            "{ FOR $n IN $first..($first + $most) {
                LET $at = d'2026-01-01T00:00:00Z' + duration::from_secs($n * 60) + duration::from_micros($account);
                LET $rank = -time::nano($at);
                LET $unread = IF $n > $messages - 20 AND $n % 2 = 0 { 1 } ELSE { 0 };
                CREATE type::record('message', ['dealer', $number, -$n]) SET kind = 'dealer', number = $number, sequence = $n,
                    rank = -$n, thread = $n, subject = 'A subject of usual length', body = 'A text of a line or two, as most are.',
                    staff = 'load', author = 'Load', draft = $number + '-' + <string> $n, at = $at RETURN NONE;
                CREATE type::record('thread', ['dealer', $number, $n]) SET kind = 'dealer', number = $number, first = $n,
                    subject = 'A subject of usual length', messages = 1, at = $at, rank = $rank, waiting = false RETURN NONE;
                CREATE type::record('place', [$logon, 'dealer', $number, $n]) SET logon = $logon, kind = 'dealer', number = $number,
                    thread = $n, folder = 'inbox', rank = $rank, unread = $unread, fresh = $unread > 0, sent = false RETURN NONE;
            } }",
        )
        .with("first", i64::try_from(first).unwrap())
        .with("most", i64::try_from(AT_ONCE).unwrap())
        .with("messages", i64::try_from(messages).unwrap())
        .with("account", i64::try_from(account).unwrap())
        .with("number", format!("{:010}", 8_000_000_000 + account))
        .with("logon", logon.to_owned());
        store.ask(ask).await.unwrap();
    }
}

/// The median time of each question.
async fn measure(store: &Store) -> [Duration; 3] {
    let mut deep = After::NOTHING;
    for _ in 1..40 {
        deep = lists::folder(store, PERSON, Folder::Inbox, deep).await.unwrap().next.expect("forty pages");
    }
    let mut taken: [Vec<Duration>; 3] = Default::default();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let page = lists::folder(store, PERSON, Folder::Inbox, After::NOTHING).await.unwrap();
        taken[0].push(begun.elapsed());
        assert_eq!(page.items.len(), 20);
        let begun = Instant::now();
        let page = lists::folder(store, PERSON, Folder::Inbox, deep).await.unwrap();
        taken[1].push(begun.elapsed());
        assert_eq!(page.items.len(), 20);
        let begun = Instant::now();
        assert_eq!(lists::unread_count(store, PERSON).await.unwrap(), 10);
        taken[2].push(begun.elapsed());
    }
    taken.map(|mut taken| {
        taken.sort_unstable();
        taken[ROUNDS / 2]
    })
}
