//! Open pages by the thousand: how soon each is told of a post, what each costs, and what happens when all come back
//! at once. `run-streams` beside it generates the people, starts a portal and prints a table.
//!
//!     streams generate FOLDER STREAMS SINGLES     people, sessions and accounts in a database that is not in use
//!     streams watch FOLDER URL PID STREAMS SINGLES

use std::{
    collections::HashSet,
    path::Path,
    time::{Duration, Instant},
};

use springboard::{
    db::{Db, migrate},
    session::token,
    words::{Keys, config::Database},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinSet,
};

/// The account that everybody holds, and the first of those that one person each holds.
const SHARED: usize = 9_000_000_000;
const AT_ONCE: usize = 200;
const PATIENCE: Duration = Duration::from_secs(120);

/// The token of the employee's session; as long as every token.
const STAFF: &str = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

fn session_of(person: usize) -> String {
    format!("{person:064}")
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| arguments[at].parse::<usize>().expect("a number");
    let folder = Path::new(&arguments[1]);
    match arguments[0].as_str() {
        "generate" => generate(folder, number(2), number(3)).await,
        "watch" => watch(folder, &arguments[2], number(3), number(4), number(5)).await,
        other => panic!("{other} is neither generate nor watch"),
    }
}

/// Writes people with a session each, access to the shared account, and for the first of them to one of their own.
async fn generate(folder: &Path, streams: usize, singles: usize) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("secret-key"), Keys::draw()).unwrap();
    let url = format!("rocksdb://{}", folder.join("db").display());
    let db = Db::open(&Database { url, sign_in: None, cache: None }).await.unwrap();
    migrate::run(&db).await.unwrap();
    let keys = |people: &[usize]| people.iter().map(|one| token::record_key(&session_of(*one))).collect::<Vec<_>>();
    let people: Vec<usize> = (0..streams).collect();
    for batch in people.chunks(250) {
        let written = db.raw(
            "{ FOR $at IN 0..array::len($keys) {
                LET $n = $first + $at;
                LET $logon = 'load' + <string> $n;
                CREATE type::record('logon', $logon) SET user_id = $logon, folded = $logon, first = 'Load', last = 'Test',
                    email = $logon + '@example.com', email_folded = $logon + '@example.com', work_phone = '+15555550100',
                    password = 'none', recovery = ['email'], terms_version = '2026-11', terms_at = time::now(), created = time::now() RETURN NONE;
                CREATE type::record('session', $keys[$at]) SET kind = 'person', who = $logon, began = time::now(), seen = time::now() RETURN NONE;
                LET $numbers = IF $n < $singles { [$shared, $shared + 1 + $n] } ELSE { [$shared] };
                FOR $number IN $numbers {
                    CREATE type::record('access', ['dealer', <string> $number, $logon]) SET logon = $logon, kind = 'dealer', number = <string> $number,
                        pace = 'off', email = '', terms_version = '2026-11', terms_at = time::now(), granted = time::now(), code = 'load' RETURN NONE;
                };
                IF $n < $singles {
                    CREATE type::record('account', ['dealer', <string> ($shared + 1 + $n)]) SET kind = 'dealer', number = <string> ($shared + 1 + $n),
                        name = 'LOAD', street = [], balance = 0 RETURN NONE;
                };
            } }",
        )
        .bind(("keys", keys(batch)))
        .bind(("first", i64::try_from(batch[0]).unwrap()))
        .bind(("singles", i64::try_from(singles).unwrap()))
        .bind(("shared", i64::try_from(SHARED).unwrap()));
        written.await.unwrap();
    }
    let written = db.raw(
        "{
            CREATE type::record('account', ['dealer', <string> $shared]) SET kind = 'dealer', number = <string> $shared, name = 'SHARED',
                street = [], balance = 0 RETURN NONE;
            CREATE staff:load SET user_id = 'load', folded = 'load', name = 'Load', role = 'clerk', password = 'none' RETURN NONE;
            CREATE type::record('session', $key) SET kind = 'staff', who = 'load', began = time::now(), seen = time::now() RETURN NONE;
        }",
    )
    .bind(("shared", i64::try_from(SHARED).unwrap()))
    .bind(("key", token::record_key(STAFF)));
    written.await.unwrap();
    println!("{streams} people were written");
}

/// What a stream told: whose, and when. None instead of a moment: it is open.
type Told = (usize, Option<Instant>);

async fn open(address: &str, person: usize, tell: UnboundedSender<Told>) -> std::io::Result<()> {
    let mut socket = TcpStream::connect(address).await?;
    let request = format!("GET /live HTTP/1.1\r\nHost: {address}\r\nCookie: session={}\r\n\r\n", session_of(person));
    socket.write_all(request.as_bytes()).await?;
    let mut lines = BufReader::with_capacity(512, socket).lines();
    let status = lines.next_line().await?.unwrap_or_default();
    assert_eq!(status, "HTTP/1.1 200 OK", "a stream of a person who is signed in");
    // The first hint comes with the opening.
    let mut is_open = false;
    while let Some(line) = lines.next_line().await? {
        if line == "event: changed" {
            tell.send((person, is_open.then(Instant::now))).ok();
            is_open = true;
        }
    }
    Ok(())
}

/// Opens all streams, so many at a time, and waits until each is open.
async fn open_all(
    address: &str,
    streams: usize,
    at_once: usize,
    tell: &UnboundedSender<Told>,
    told: &mut UnboundedReceiver<Told>,
) -> JoinSet<()> {
    let mut running = JoinSet::new();
    let mut opened = 0;
    for person in 0..streams {
        let (address, tell) = (address.to_owned(), tell.clone());
        running.spawn(async move {
            // A full queue of connections is no failure: a browser tries again as well.
            while let Err(fault) = open(&address, person, tell.clone()).await {
                eprintln!("a stream broke: {fault}");
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        });
        while person + 1 - opened >= at_once {
            if next(told).await.1.is_none() {
                opened += 1
            }
        }
    }
    while opened < streams {
        if next(told).await.1.is_none() {
            opened += 1
        }
    }
    running
}

async fn next(told: &mut UnboundedReceiver<Told>) -> Told {
    tokio::time::timeout(PATIENCE, told.recv()).await.expect("something is told in time").expect("somebody tells")
}

struct Staff {
    http: reqwest::Client,
    url: String,
    token: String,
}

impl Staff {
    async fn post(&self, number: usize, draft: &str) {
        let path = format!("{}/staff/accounts/dealer/{number}/messages", self.url);
        let send = |go: &'static str, seen: String| {
            let form = [
                ("token", self.token.clone()),
                ("draft", draft.to_owned()),
                ("subject", "Load".to_owned()),
                ("body", "A message.".to_owned()),
                ("go", go.to_owned()),
                ("seen", seen),
            ];
            self.http.post(&path).header("cookie", format!("staff-session={STAFF}")).form(&form).send()
        };
        let shown = send("preview", String::new()).await.unwrap().text().await.unwrap();
        let (_, seen) = shown.split_once("name=\"seen\" value=\"").expect("a preview");
        let answer = send("post", seen.split('"').next().unwrap_or_default().to_owned()).await.unwrap();
        assert!(
            answer.status().is_redirection(),
            "a post came to {}: {}",
            answer.status(),
            answer.text().await.unwrap()
        );
    }
}

fn resident(process: usize) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn row(what: &str, mut delays: Vec<Duration>) {
    delays.sort_unstable();
    let share = |share: f64| delays[((delays.len() - 1) as f64 * share).round() as usize].as_secs_f64() * 1000.0;
    println!("| {what} | {} | {:.1} ms | {:.1} ms | {:.1} ms |", delays.len(), share(0.5), share(0.99), share(1.0));
}

async fn watch(folder: &Path, url: &str, process: usize, streams: usize, singles: usize) {
    let keys = Keys::parse(&std::fs::read_to_string(folder.join("secret-key")).unwrap()).unwrap();
    let address = url.strip_prefix("http://").unwrap().to_owned();
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let staff = Staff { http, url: url.to_owned(), token: token::for_forms(&keys, STAFF) };
    let (tell, mut told) = unbounded_channel();
    let before = resident(process);
    let begun = Instant::now();
    let running = open_all(&address, streams, AT_ONCE, &tell, &mut told).await;
    let opening = begun.elapsed();
    let after = resident(process);
    println!(
        "{streams} streams were opened in {:.1} s; the portal grew from {} to {} MB: {:.1} kB a stream.\n",
        opening.as_secs_f64(),
        before / 1024,
        after / 1024,
        (after - before) as f64 / streams as f64
    );
    println!("| post to event | events | p50 | p99 | longest |\n|---|---|---|---|---|");

    row("posts to accounts of one holder each", posts_to_one_each(&staff, "first", singles, &mut told).await);
    let begun = Instant::now();
    staff.post(SHARED, "shared").await;
    row("one post to an account that all hold", first_of_each(&mut told, streams, begun).await);
    quiet(&mut told).await;
    println!("\nResident then: {} MB.", resident(process) / 1024);

    drop(running);
    tokio::time::sleep(Duration::from_secs(1)).await;
    while told.try_recv().is_ok() {}
    let begun = Instant::now();
    let running = open_all(&address, streams, streams + 1, &tell, &mut told).await;
    println!(
        "All dropped and came back at once: the last one was open after {:.1} s; resident {} MB.",
        begun.elapsed().as_secs_f64(),
        resident(process) / 1024
    );
    println!("\n| post to event | events | p50 | p99 | longest |\n|---|---|---|---|---|");
    row(
        "posts to accounts of one holder each, after that",
        posts_to_one_each(&staff, "after", singles, &mut told).await,
    );
    drop(running);
}

/// How long it took from each post to an account of one holder until that holder was told.
async fn posts_to_one_each(
    staff: &Staff,
    round: &str,
    singles: usize,
    told: &mut UnboundedReceiver<Told>,
) -> Vec<Duration> {
    let mut delays = Vec::with_capacity(singles);
    for single in 0..singles {
        let begun = Instant::now();
        staff.post(SHARED + 1 + single, &format!("{round}-{single}")).await;
        loop {
            let (person, at) = next(told).await;
            // The hint from the database comes a little later, for other processes: the same news again.
            assert!(person <= single, "{person} was told of what is not theirs");
            if person == single
                && let Some(at) = at
            {
                delays.push(at - begun);
                break;
            }
        }
    }
    delays
}

/// How long it took until each stream told.
async fn first_of_each(told: &mut UnboundedReceiver<Told>, streams: usize, begun: Instant) -> Vec<Duration> {
    let (mut seen, mut delays) = (HashSet::new(), Vec::new());
    while seen.len() < streams {
        let (person, at) = next(told).await;
        if let Some(at) = at
            && seen.insert(person)
        {
            delays.push(at - begun);
        }
    }
    delays
}

/// Waits until nothing was told for ten seconds: the hints for other processes of a post to 10,000 take their time.
async fn quiet(told: &mut UnboundedReceiver<Told>) {
    while tokio::time::timeout(Duration::from_secs(10), told.recv()).await.is_ok() {}
}
