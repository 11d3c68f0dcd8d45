//! How long a portal's database of an earlier version (schema 35) with many messages takes to be upgraded. `run-upgrade` beside
//! it runs it.
//!
//!     upgrade FOLDER MESSAGES

use std::{path::Path, time::Instant};

use springboard::{
    account,
    db::{Db, migrate},
    logon,
    words::config::Database,
};

/// Messages of one account; each begins a thread of one holder, who was told of it.
const OF_ONE: usize = 1_000;
const AT_ONCE: usize = 250;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = Path::new(&arguments[0]);
    let messages: usize = arguments[1].parse().expect("a number");
    std::fs::create_dir_all(folder).unwrap();
    let url = format!("rocksdb://{}", folder.join("db").display());
    let db = Db::open(&Database { url, sign_in: None, cache: None }).await.unwrap();
    db.import(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/web/data/portal-0035.surql")).await.unwrap();
    let begun = Instant::now();
    for first in (0..messages).step_by(AT_ONCE) {
        fill(&db, first, (first + AT_ONCE).min(messages)).await;
    }
    eprintln!("{messages} messages were written in {:.0} s", begun.elapsed().as_secs_f64());
    let begun = Instant::now();
    migrate::run(&db).await.unwrap();
    account::prepare(&db).await.unwrap();
    logon::prepare(&db).await.unwrap();
    println!("{messages} messages were upgraded in {:.1} s", begun.elapsed().as_secs_f64());
    for table in ["message", "message_key", "thread", "thread_state", "alert"] {
        let count = format!("RETURN array::len((SELECT VALUE id FROM {table}))");
        let count: Option<i64> = db.raw(count).await.unwrap().take(0).unwrap();
        assert!(count.is_some_and(|count| count >= i64::try_from(messages).unwrap()), "{table}: {count:?}");
    }
}

/// The rows of messages, as the portal of that version wrote them.
async fn fill(db: &Db, from: usize, to: usize) {
    let rows = "{
        LET $rows = array::range($from..$to).map(|$n: int| {
            number: <string> (8000000000 + math::floor($n / $of_one)), n: $n % $of_one + 1, rank: -($n + 1)
        });
        INSERT INTO thread $rows.map(|$row: object| { id: ['dealer', $row.number, $row.n], kind: 'dealer', number: $row.number,
            first: $row.n, subject: 'A subject', messages: 1, at: time::now(), rank: $row.rank, waiting: false }) RETURN NONE;
        INSERT INTO message $rows.map(|$row: object| { id: ['dealer', $row.number, -$row.n], kind: 'dealer', number: $row.number,
            sequence: $row.n, thread: $row.n, rank: -$row.n, subject: 'A subject', body: 'A text of a line or two.',
            html: '<p>A text of a line or two.</p>', author: 'Casey', staff: 'load', draft: <string> $row.rank, at: time::now() }) RETURN NONE;
        INSERT INTO message_text $rows.map(|$row: object| { id: ['dealer', $row.number, -$row.n], kind: 'dealer',
            number: $row.number, sequence: $row.n, words: 'dealerx' + $row.number + ' A subject a text of a line or two.' }) RETURN NONE;
        INSERT INTO place $rows.map(|$row: object| { id: ['holder' + $row.number, 'dealer', $row.number, $row.n],
            logon: 'holder' + $row.number, kind: 'dealer', number: $row.number, thread: $row.n, folder: 'inbox', rank: $row.rank,
            unread: 1, fresh: true, sent: false }) RETURN NONE;
        INSERT INTO alert $rows.map(|$row: object| { id: ['holder' + $row.number, 'dealer', $row.number, $row.n],
            logon: 'holder' + $row.number, kind: 'dealer', number: $row.number, sequence: $row.n, thread: $row.n,
            state: 'sent', said: '', carrier: 'alert-' + <string> $row.rank, posted: time::now(), changed: time::now() }) RETURN NONE;
        INSERT INTO correspondence $rows.map(|$row: object| { id: 'alert-' + <string> $row.rank, kind: 'dealer', number: $row.number,
            whose: 'holder' + $row.number, way: 'e-mail', recipient: 'a@example.com', subject: 'A message',
            content: 'There is a message.', at: time::now(), rank: $row.rank }) RETURN NONE;
    }";
    let values = [("from", from), ("to", to), ("of_one", OF_ONE)];
    let asked =
        values.into_iter().fold(db.raw(rows), |asked, (name, value)| asked.bind((name, i64::try_from(value).unwrap())));
    asked.await.unwrap();
}
