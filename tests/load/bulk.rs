//! One notice to many accounts of one holder each: how long until every alert is queued, and how many mails a second
//! leave. `run-bulk` beside it generates the accounts, starts a portal and prints a table.
//!
//!     bulk generate FOLDER ACCOUNTS           accounts, holders and an employee's session in a database not in use
//!     bulk watch FOLDER URL SMTP ACCOUNTS     takes the mails at this port, posts, and measures
//!     bulk delays FOLDER                      how long each mail came behind its message; the database is not in use

use std::{
    collections::HashMap,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use springboard::{
    account,
    db::{Db, migrate},
    logon,
    session::token,
    words::{Keys, agency::SEED, config::Database},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// The token of the employee's session; as long as every token.
const STAFF: &str = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
const KIND: &str = "permanent-fleet";

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| arguments[at].parse::<usize>().expect("a number");
    let folder = Path::new(&arguments[1]);
    match arguments[0].as_str() {
        "generate" => generate(folder, number(2)).await,
        "watch" => watch(folder, &arguments[2], number(3), number(4)).await,
        "delays" => delays(folder).await,
        other => panic!("{other} is none of generate, watch and delays"),
    }
}

async fn generate(folder: &Path, accounts: usize) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("secret-key"), Keys::draw()).unwrap();
    // No second employee is at hand.
    let agency = SEED.replace("release_above = 100", "release_above = 100000000");
    std::fs::write(folder.join("agency.toml"), agency).unwrap();
    let url = format!("rocksdb://{}", folder.join("db").display());
    let db = Db::open(&Database { url, sign_in: None, cache: None }).await.unwrap();
    migrate::run(&db).await.unwrap();
    for first in (0..accounts).step_by(250) {
        let people = db.raw(
            "{ FOR $n IN $first..$until {
                LET $logon = 'load' + <string> $n;
                LET $number = <string> (9000000000 + $n);
                CREATE type::record('logon', $logon) SET user_id = $logon, folded = $logon, first = 'Load', last = 'Test',
                    email = $logon + '@example.com', email_folded = $logon + '@example.com', work_phone = '+15555550100',
                    password = 'none', recovery = ['email'], terms_version = '2026-11', terms_at = time::now(), created = time::now() RETURN NONE;
                CREATE type::record('account', [$kind, $number]) SET kind = $kind, number = $number, name = 'LOAD ' + <string> $n,
                    street = ['1 MAIN ST'], balance = 0 RETURN NONE;
                CREATE type::record('access', [$kind, $number, $logon]) SET logon = $logon, kind = $kind, number = $number,
                    pace = 'at once', email = '', terms_version = '2026-11', terms_at = time::now(), granted = time::now(), code = 'load' RETURN NONE;
            } }",
        )
        .bind(("first", i64::try_from(first).unwrap()))
        .bind(("until", i64::try_from((first + 250).min(accounts)).unwrap()))
        .bind(("kind", KIND));
        people.await.unwrap();
    }
    // What the portal would do first when it starts.
    account::prepare(&db).await.unwrap();
    logon::prepare(&db).await.unwrap();
    let employee = "{
            CREATE staff:load SET user_id = 'load', folded = 'load', name = 'Load', role = 'clerk', password = 'none' RETURN NONE;
            CREATE type::record('session', $key) SET kind = 'staff', who = 'load', began = time::now(), seen = time::now() RETURN NONE;
        }";
    db.raw(employee).bind(("key", token::record_key(STAFF))).await.unwrap();
    println!("{accounts} accounts were written");
}

/// The mails that were taken.
#[derive(Default)]
struct Taken {
    count: AtomicUsize,
    /// To whom, and when, in microseconds since 1970.
    arrivals: Mutex<Vec<(String, i64)>>,
}

impl Taken {
    fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }
}

/// Takes every mail, and counts them.
async fn sink(port: usize, taken: Arc<Taken>) {
    let listener = TcpListener::bind(("127.0.0.1", u16::try_from(port).unwrap())).await.unwrap();
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(converse(stream, taken.clone()));
    }
}

async fn converse(stream: TcpStream, taken: Arc<Taken>) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 sink ESMTP\r\n").await?;
    let mut to = String::new();
    while let Some(line) = lines.next_line().await? {
        if let Some(("RCPT TO:", rest)) = line.split_once('<') {
            rest.split('@').next().unwrap_or_default().clone_into(&mut to);
        }
        if line.starts_with("DATA") {
            write.write_all(b"354 go on\r\n").await?;
            while lines.next_line().await?.is_some_and(|line| line != ".") {}
            taken.arrivals.lock().unwrap().push((to.clone(), chrono::Utc::now().timestamp_micros()));
            taken.count.fetch_add(1, Ordering::Relaxed);
        }
        write.write_all(b"250 Ok\r\n").await?;
    }
    Ok(())
}

/// The mark of the preview on a page.
fn seen_on(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"seen\" value=\"").expect("a preview");
    rest.split('"').next().unwrap_or_default().to_owned()
}

async fn watch(folder: &Path, url: &str, port: usize, accounts: usize) {
    let taken = Arc::new(Taken::default());
    tokio::spawn(sink(port, taken.clone()));
    let keys = Keys::parse(&std::fs::read_to_string(folder.join("secret-key")).unwrap()).unwrap();
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let token = token::for_forms(&keys, STAFF);
    let form = [
        ("token", token.as_str()),
        ("id", "LOAD"),
        ("kind", KIND),
        ("subject", "A notice for {name}"),
        ("body", "Please read this, {name}: it is about {type} {number}."),
        ("confirm-by", "2090-12-31"),
    ];
    let cookie = format!("staff-session={STAFF}");
    let send = |go: &'static str, seen: String| {
        let form: Vec<(&str, String)> = form.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let form = [form, vec![("go", go.to_owned()), ("seen", seen)]].concat();
        http.post(format!("{url}/staff/bulk-posts")).header("cookie", &cookie).form(&form).send()
    };
    let shown = send("preview", String::new()).await.unwrap().text().await.unwrap();
    let begun = Instant::now();
    let answer = send("post", seen_on(&shown)).await.unwrap();
    assert!(answer.status().is_redirection(), "{}", answer.text().await.unwrap());
    let mut queued = None;
    let mut seen = (0, Instant::now());
    let mut looked = Instant::now();
    while taken.count() < accounts {
        tokio::time::sleep(Duration::from_millis(10)).await;
        if queued.is_none() && looked.elapsed() > Duration::from_millis(500) {
            looked = Instant::now();
            let page = http.get(format!("{url}/staff/bulk-posts/LOAD")).header("cookie", &cookie).send().await.unwrap();
            if page.text().await.unwrap().contains(&format!("{accounts} of {accounts} accounts, done")) {
                queued = Some((begun.elapsed(), taken.count()));
                seen = (taken.count(), Instant::now());
            }
        }
        assert!(begun.elapsed() < Duration::from_secs(7200), "not within two hours");
    }
    let all = begun.elapsed();
    let arrivals: Vec<String> = taken.arrivals.lock().unwrap().iter().map(|(to, at)| format!("{to} {at}")).collect();
    std::fs::write(folder.join("arrivals"), arrivals.join("\n")).unwrap();
    let (queued, by_then) = queued.unwrap_or((all, accounts));
    println!(
        "| accounts | every alert queued after | accounts a second | mails by then | mails a second, after that | all mailed after |"
    );
    println!("|---|---|---|---|---|---|");
    println!(
        "| {accounts} | {:.0} s | {:.0} | {by_then} | {:.0} | {:.0} s |",
        queued.as_secs_f64(),
        accounts as f64 / queued.as_secs_f64(),
        (accounts - seen.0) as f64 / seen.1.elapsed().as_secs_f64().max(0.001),
        all.as_secs_f64()
    );
}

/// How long each mail came behind the moment that its message bears.
async fn delays(folder: &Path) {
    let url = format!("rocksdb://{}", folder.join("db").display());
    let db = Db::open(&Database { url, sign_in: None, cache: None }).await.unwrap();
    let posted = "SELECT VALUE [<string> (<int> record::id(id)[1] - 9000000000), <string> time::micros(at)]
        FROM type::record('message', [$kind]..[$kind, ..])";
    let posted: Vec<(String, String)> = db.raw(posted).bind(("kind", KIND)).await.unwrap().take(0).unwrap();
    let posted: HashMap<String, i64> =
        posted.into_iter().map(|(number, at)| (format!("load{number}"), at.parse().unwrap())).collect();
    let arrivals = std::fs::read_to_string(folder.join("arrivals")).unwrap();
    let delay = |line: &str| {
        let (to, at) = line.split_once(' ').unwrap();
        at.parse::<i64>().unwrap() - posted[to]
    };
    let mut delays: Vec<i64> = arrivals.lines().map(delay).collect();
    delays.sort_unstable();
    let share = |of_hundred: usize| delays[(delays.len() - 1) * of_hundred / 100] / 1000;
    println!("From message to mail: p50 {} ms, p95 {} ms, p99 {} ms", share(50), share(95), share(99));
}
