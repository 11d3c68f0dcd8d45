//! Floods of one address, and what somebody at another one notices of them. `run-flood` beside it starts a portal and
//! prints a table.
//!
//!     flood FOLDER URL PID SECONDS     on the people that `streams generate FOLDER 2 2` wrote

use std::{
    future::Future,
    net::{IpAddr, Ipv4Addr},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use reqwest::{Client, Method, redirect::Policy};
use shared::{
    browser::Browser,
    path::{PASSWORD, sign_up},
};
use springboard::{session::token, words::Keys};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    task::JoinSet,
};

#[allow(dead_code, reason = "the tests use the rest of it")]
#[path = "../support/mod.rs"]
mod shared;

/// Connections of a flood.
const CONNECTIONS: usize = 60;
/// Connections that send a byte a second.
const SLOW_CONNECTIONS: usize = 2000;
/// Where the flood comes from; the visitor is at 127.0.0.1.
const FLOODER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
/// The account that both people of `streams generate` hold.
const ACCOUNT: &str = "/accounts/dealer/9000000000";
/// How long the portal has to come back to what it was.
const REST: Duration = Duration::from_secs(20);

fn session_of(person: usize) -> String {
    format!("{person:064}")
}

/// What the flood does and what came of it.
struct Flood {
    url: String,
    /// The token of forms that belongs to the flooder's session.
    token: String,
    ended: AtomicBool,
    answered: AtomicU64,
    refused: AtomicU64,
}

impl Flood {
    fn goes_on(&self) -> bool {
        !self.ended.load(Ordering::Relaxed)
    }

    fn client(&self) -> Client {
        let client = Client::builder().redirect(Policy::none()).local_address(IpAddr::V4(FLOODER));
        client.timeout(Duration::from_secs(60)).build().unwrap()
    }

    fn count(&self, status: Option<u16>) {
        let is_answer = status.is_some_and(|status| status < 400 || status == 422);
        if is_answer { &self.answered } else { &self.refused }.fetch_add(1, Ordering::Relaxed);
    }

    /// Sends a request, and counts what came of it; nobody hammers a portal that refuses to talk at all.
    async fn send(&self, request: reqwest::RequestBuilder) -> String {
        let answer = request.send().await;
        self.count(answer.as_ref().ok().map(|answer| answer.status().as_u16()));
        match answer {
            Ok(answer) => answer.text().await.unwrap_or_default(),
            Err(_) => {
                tokio::time::sleep(Duration::from_millis(10)).await;
                String::new()
            }
        }
    }

    fn post(&self, client: &Client, path: &str, fields: &[(&str, &str)]) -> reqwest::RequestBuilder {
        client.post(format!("{}{path}", self.url)).form(fields)
    }

    async fn connect(&self) -> std::io::Result<TcpStream> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((FLOODER, 0).into())?;
        socket.connect(self.url.trim_start_matches("http://").parse().unwrap()).await
    }
}

/// The token and the draft of a page's form, and the cookies that came on the way to it.
async fn form(flood: &Flood, client: &Client, path: &str) -> (String, String, String) {
    let (mut path, mut cookies) = (path.to_owned(), Vec::<String>::new());
    for _ in 0..5 {
        let request = client.get(format!("{}{path}", flood.url)).header("cookie", cookies.join("; "));
        let Ok(answer) = request.send().await else { break };
        let headers = answer.headers();
        let lines = headers.get_all("set-cookie").iter().filter_map(|line| line.to_str().ok()?.split(';').next());
        cookies.extend(lines.map(str::to_owned));
        if let Some(next) = headers.get("location").and_then(|next| next.to_str().ok()) {
            path = next.to_owned();
            continue;
        }
        let page = answer.text().await.unwrap_or_default();
        let field = |name: &str| {
            let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_default();
            rest.split('"').next().unwrap_or_default().to_owned()
        };
        return (field("token"), field("draft"), cookies.join("; "));
    }
    Default::default()
}

async fn guidelines(flood: Arc<Flood>) {
    let client = flood.client();
    let (token, _, cookies) = form(&flood, &client, "/sign-up").await;
    let password = "4@8({[<369!1|0$5+7%2".repeat(5);
    while flood.goes_on() {
        let fields = [("token", token.as_str()), ("password", &password)];
        flood.send(flood.post(&client, "/sign-up/guidelines", &fields).header("cookie", &cookies)).await;
    }
}

async fn recovery_proof(flood: Arc<Flood>) {
    let client = flood.client();
    while flood.goes_on() {
        let (token, draft, cookies) = form(&flood, &client, "/recover/password").await;
        let send = async |path: &str, fields: &[(&str, &str)]| {
            let all = [&[("token", token.as_str()), ("draft", &draft), ("go", "next")], fields].concat();
            flood.send(flood.post(&client, path, &all).header("cookie", &cookies)).await
        };
        let user = ulid::Ulid::generate().to_string().to_lowercase();
        send("/recover/password/user", &[("user-id", &format!("a{user}"))]).await;
        send("/recover/password/method", &[("method", "questions")]).await;
        for _ in 0..6 {
            send("/recover/password/proof", &[("answer-1", "blue"), ("answer-2", "green")]).await;
        }
    }
}

async fn sign_in(flood: Arc<Flood>) {
    let client = flood.client();
    let (token, _, cookies) = form(&flood, &client, "/sign-in").await;
    while flood.goes_on() {
        let user = format!("nobody{}", flood.answered.load(Ordering::Relaxed) % 5000);
        let fields = [("token", token.as_str()), ("user-id", &user), ("password", "Wrong-Password-1")];
        flood.send(flood.post(&client, "/sign-in", &fields).header("cookie", &cookies)).await;
    }
}

async fn sign_up_drafts(flood: Arc<Flood>) {
    let client = flood.client();
    while flood.goes_on() {
        flood.send(client.get(format!("{}/sign-up", flood.url))).await;
    }
}

/// One post of ten thousand empty parts with long names: it is sent until somebody says no.
async fn empty_parts(flood: Arc<Flood>) {
    let name = "n".repeat(30_000);
    let part = format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n\r\n");
    while flood.goes_on() {
        let Ok(mut stream) = flood.connect().await else { continue };
        let head = format!(
            "POST {ACCOUNT}/messages HTTP/1.1\r\nhost: x\r\ncookie: session={}\r\ncontent-type: multipart/form-data; boundary=edge\r\ncontent-length: {}\r\n\r\n",
            session_of(0),
            part.len() * 10_000
        );
        let mut sent = stream.write_all(head.as_bytes()).await;
        for _ in 0..10_000 {
            if sent.is_err() || !flood.goes_on() {
                break;
            }
            sent = stream.write_all(part.as_bytes()).await;
        }
        flood.count(sent.is_ok().then_some(200));
    }
}

/// A form of which a byte comes each second.
async fn slow_body(flood: Arc<Flood>) {
    while flood.goes_on() {
        let Ok(mut stream) = flood.connect().await else {
            tokio::time::sleep(Duration::from_secs(1)).await;
            continue;
        };
        let head = "POST /sign-in HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 1000\r\n\r\n";
        let mut sent = stream.write_all(head.as_bytes()).await;
        let mut answer = [0; 1];
        while sent.is_ok() && flood.goes_on() {
            let wait = tokio::time::timeout(Duration::from_secs(1), stream.read(&mut answer)).await;
            if wait.is_ok() {
                break;
            }
            sent = stream.write_all(b"t").await;
        }
        flood.count(None);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn nested_markdown(flood: Arc<Flood>) {
    let client = flood.client();
    let bodies = [">".repeat(9_000), "[".repeat(9_000), "* ".repeat(4_500), format!("{}x", "*_".repeat(4_500))];
    let cookie = format!("session={}", session_of(0));
    for body in bodies.iter().cycle() {
        if !flood.goes_on() {
            break;
        }
        let draft = ulid::Ulid::generate().to_string();
        let fields = [
            ("token", flood.token.as_str()),
            ("draft", &draft),
            ("subject", "Nested"),
            ("body", body),
            ("go", "preview"),
        ];
        flood.send(flood.post(&client, &format!("{ACCOUNT}/messages"), &fields).header("cookie", &cookie)).await;
    }
}

/// What the portal holds: megabytes of memory, open files, megabytes on the disk.
#[derive(Clone, Copy)]
struct Holds {
    memory: u64,
    files: usize,
    disk: u64,
}

impl Holds {
    fn now(process: &str, folder: &Path) -> Self {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        let memory = line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024;
        let files = std::fs::read_dir(format!("/proc/{process}/fd")).unwrap().count();
        Self { memory, files, disk: size(folder) >> 20 }
    }
}

fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(found) if found.is_dir() => size(&entry.path()),
            Ok(found) => found.len(),
            Err(_) => 0,
        })
        .sum()
}

/// What the visitor waited for.
#[derive(Default)]
struct Waits {
    home: Vec<Duration>,
    signed_in: Vec<Duration>,
    sign_in: Vec<Duration>,
    failures: Vec<String>,
}

/// A visitor at another address, who looks at two pages all the time.
async fn look_around(flood: Arc<Flood>, waits: Arc<Mutex<Waits>>) {
    let mut person = Browser::new(&flood.url);
    person.cookies.insert("session".into(), session_of(1));
    while flood.goes_on() {
        for path in ["/", "/springboard"] {
            let begun = Instant::now();
            let answer = person.send(Method::GET, path, None).await;
            let status = answer.status().as_u16();
            drop(answer.bytes().await);
            let mut waits = waits.lock().unwrap();
            match (status, path) {
                (200, "/") => waits.home.push(begun.elapsed()),
                (200, _) => waits.signed_in.push(begun.elapsed()),
                _ => waits.failures.push(format!("{path} {status}")),
            }
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Runs a visitor beside the flood and not between its tasks: what they take from one another is not the portal's doing.
fn on_a_thread(visit: impl Future<Output = ()> + Send + 'static) -> std::thread::JoinHandle<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    std::thread::spawn(move || runtime.block_on(visit))
}

/// A visitor who signs in again and again, with a browser that is known.
async fn signs_in(flood: Arc<Flood>, mut person: Browser, waits: Arc<Mutex<Waits>>) -> Browser {
    while flood.goes_on() {
        person.cookies.remove("session");
        let page = person.get("/sign-in").await;
        let begun = Instant::now();
        let page = person.submit(&page, "/sign-in", &[("user-id", "floodvisitor"), ("password", PASSWORD)]).await;
        let taken = begun.elapsed();
        {
            let mut waits = waits.lock().unwrap();
            if page.path == "/access" {
                waits.sign_in.push(taken);
            } else {
                waits.failures.push(format!("sign-in {}", page.status));
            }
        }
        tokio::time::sleep(Duration::from_secs(3)).await;
    }
    person
}

fn share(delays: &mut [Duration], share: f64) -> String {
    delays.sort_unstable();
    let Some(last) = delays.len().checked_sub(1) else { return "none".into() };
    format!("{:.1} ms", delays[(last as f64 * share).round() as usize].as_secs_f64() * 1000.0)
}

struct Run {
    folder: PathBuf,
    url: String,
    process: String,
    seconds: u64,
    token: String,
}

impl Run {
    /// Runs a flood, prints its row, and gives the portal time to come to rest.
    async fn flood<F>(&self, name: &str, connections: usize, act: fn(Arc<Flood>) -> F, person: Browser) -> Browser
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let flood = Arc::new(Flood {
            url: self.url.clone(),
            token: self.token.clone(),
            ended: AtomicBool::new(false),
            answered: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        });
        let before = Holds::now(&self.process, &self.folder);
        let mut flooders = JoinSet::new();
        (0..connections).for_each(|_| drop(flooders.spawn(act(flood.clone()))));
        tokio::time::sleep(Duration::from_secs(1)).await;
        let waits = Arc::new(Mutex::new(Waits::default()));
        let looks = on_a_thread(look_around(flood.clone(), waits.clone()));
        let visits = tokio::spawn(signs_in(flood.clone(), person, waits.clone()));
        tokio::time::sleep(Duration::from_secs(self.seconds)).await;
        let during = Holds::now(&self.process, &self.folder);
        flood.ended.store(true, Ordering::Relaxed);
        tokio::task::spawn_blocking(move || looks.join().unwrap()).await.unwrap();
        let person = visits.await.unwrap();
        flooders.shutdown().await;
        tokio::time::sleep(REST).await;
        let after = Holds::now(&self.process, &self.folder);
        let mut waits = waits.lock().unwrap();
        let Waits { home, signed_in, sign_in, failures } = &mut *waits;
        println!(
            "| {name} | {} / {} | {} | {} | {} ({}) | {} → {} → {} | {} → {} → {} | {} → {} → {} |",
            flood.answered.load(Ordering::Relaxed),
            flood.refused.load(Ordering::Relaxed),
            share(home, 0.99),
            share(signed_in, 0.99),
            share(sign_in, 1.0),
            sign_in.len(),
            before.memory,
            during.memory,
            after.memory,
            before.files,
            during.files,
            after.files,
            before.disk,
            during.disk,
            after.disk
        );
        failures.sort_unstable();
        failures.dedup();
        if !failures.is_empty() {
            eprintln!("{name}: the visitor was refused: {failures:?}");
        }
        person
    }
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, url, process, seconds] = &arguments[..] else { panic!("FOLDER URL PID SECONDS") };
    let keys = Keys::parse(&std::fs::read_to_string(Path::new(folder).join("secret-key")).unwrap()).unwrap();
    let run = Run {
        folder: folder.into(),
        url: url.clone(),
        process: process.clone(),
        seconds: seconds.parse().unwrap(),
        token: token::for_forms(&keys, &session_of(0)),
    };
    let person = sign_up(url, "floodvisitor").await;
    println!(
        "| flood | answered / refused | home p99 | signed-in page p99 | longest sign-in (of) | memory, MB: before → during → after | open files | disk, MB |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let person = run.flood("none", 0, guidelines, person).await;
    let person = run.flood("guidelines", CONNECTIONS, guidelines, person).await;
    let person = run.flood("recovery proof", CONNECTIONS, recovery_proof, person).await;
    let person = run.flood("sign-in", CONNECTIONS, sign_in, person).await;
    let person = run.flood("sign-up drafts", CONNECTIONS, sign_up_drafts, person).await;
    let person = run.flood("empty multipart parts", CONNECTIONS, empty_parts, person).await;
    let person = run.flood("slow bodies", SLOW_CONNECTIONS, slow_body, person).await;
    run.flood("nested Markdown", CONNECTIONS, nested_markdown, person).await;
}
