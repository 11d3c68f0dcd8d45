//! The console's heavy work: a registry's file with a million accounts, and a batch of ten thousand letters. `run-console`
//! beside it generates both, starts a portal and prints a table.
//!
//!     console generate FOLDER ACCOUNTS LETTERS          the file, the letters and an employee's session
//!     console registry FOLDER URL PROCESS ACCOUNTS      brings the file, applies it, searches meanwhile
//!     console letters FOLDER URL PROCESS LETTERS        asks for a batch

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use reqwest::Client;
use springboard::{
    account,
    db::{Db, migrate},
    letter::{self, Spooled},
    post::{Genuine, LetterText, Spool},
    session::token,
    words::{AccountId, AccountNumber, Agency, Keys, LetterCode, agency::SEED, config::Database},
};
use tokio::sync::Semaphore;

/// The token of the employee's session; as long as every token.
const STAFF: &str = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| arguments[at].parse::<usize>().expect("a number");
    let folder = Path::new(&arguments[1]);
    match arguments[0].as_str() {
        "generate" => generate(folder, number(2), number(3)).await,
        "registry" => registry(&Portal::new(folder, &arguments[2], number(3)), folder, number(4)).await,
        "letters" => letters(&Portal::new(folder, &arguments[2], number(3)), folder, number(4)).await,
        other => panic!("{other} is none of generate, registry, letters"),
    }
}

async fn generate(folder: &Path, accounts: usize, letters: usize) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("secret-key"), Keys::draw()).unwrap();
    let url = format!("rocksdb://{}", folder.join("db").display());
    let db = Db::open(&Database { url, sign_in: None, cache: None }).await.unwrap();
    migrate::run(&db).await.unwrap();
    account::prepare(&db).await.unwrap();
    let employee = "{
            CREATE staff:load SET user_id = 'load', folded = 'load', name = 'Load', role = 'supervisor', password = 'none' RETURN NONE;
            CREATE type::record('session', $key) SET kind = 'staff', who = 'load', began = time::now(), seen = time::now() RETURN NONE;
        }";
    db.raw(employee).bind(("key", token::record_key(STAFF))).await.unwrap();
    // Its morning has had its batch: the one that is asked for is measured.
    let agency = Agency::parse(SEED).unwrap();
    let day = format!("morning of {}", agency.calendar().day(chrono::Utc::now()));
    let morning = "UPSERT type::record('counter', $day) SET next = 1 RETURN NONE";
    db.raw(morning).bind(("day", day)).await.unwrap();
    file(folder, accounts);
    let begun = Instant::now();
    let keys = Keys::parse(&std::fs::read_to_string(folder.join("secret-key")).unwrap()).unwrap();
    let (spool, places) = (Spool::new(folder.join("letters")), Arc::new(Semaphore::new(4)));
    let written = (0..letters).map(|number| {
        let (db, spool, keys, places) = (db.clone(), spool.clone(), keys.clone(), places.clone());
        async move {
            let _place = places.acquire().await.unwrap();
            write(&db, &spool, &keys, number).await;
        }
    });
    futures_util::future::join_all(written).await;
    let took = begun.elapsed().as_secs_f64();
    println!(
        "{letters} letters were rendered, recorded and released in {took:.0} s, {:.0} a second",
        letters as f64 / took
    );
}

/// A registry's file: every seventh account without an e-mail address, types in turn, in no order.
fn file(folder: &Path, accounts: usize) {
    let agency = Agency::parse(SEED).unwrap();
    let mut out = BufWriter::new(File::create(folder.join("registry.csv")).unwrap());
    writeln!(out, "type,number,name,address_1,address_2,email").unwrap();
    for n in 0..accounts {
        // A step that shares no factor with the count visits each number once, far from its neighbours.
        let number = (n as u64 * 7_919_317) % accounts as u64 + 1_000_000;
        let kind = &agency.account_types[n % agency.account_types.len()].key;
        let email = if n % 7 == 0 { String::new() } else { format!("office{number}@business.example") };
        writeln!(
            out,
            "{kind},{number},BUSINESS {} OF TOWN {},{n} MAIN ST,TOWN MI {:05},{email}",
            n % 5000,
            n % 911,
            48000 + n % 1000
        )
        .unwrap();
    }
}

async fn write(db: &Db, spool: &Spool, keys: &Keys, number: usize) {
    let name = format!("letter-load{number:06}");
    let account = AccountId::new("dealer", AccountNumber::parse(&(number + 1).to_string()).unwrap());
    let code = LetterCode::of(keys, &name);
    let text = LetterText {
        letterhead: vec!["Michigan Department of State".into(), "430 W Allegan St".into(), "Lansing MI 48918".into()],
        address: vec![format!("BUSINESS {number}"), format!("{number} MAIN ST"), "LANSING MI 48901".into()],
        date: "November 24, 2026".into(),
        subject: "Your CARS e-Services authorization code".into(),
        facts: vec![("Account".into(), format!("Dealer {}", account.number)), ("Requested by".into(), "load".into())],
        code_label: "Authorization code".into(),
        code: Some("ABCDE FGHJK".into()),
        steps: vec!["Sign in.".into(), "Choose Add Account Access.".into(), "Enter the code.".into()],
        aside: "If you did not ask for this".into(),
        warning: "Keep this letter to yourself.".into(),
        reference: format!("Reference {name}"),
        genuine: Some(Genuine {
            code: code.to_string(),
            page: "https://agency.example/letter".into(),
            address: format!("https://agency.example/letter/{}", code.as_str()),
        }),
    };
    let at = chrono::Utc::now();
    spool.prepare(&name, text.clone(), at).await.unwrap();
    letter::spooled(Spooled { name: &name, code: None, account: &account, logon: None, text, at })
        .run(db)
        .await
        .unwrap();
    spool.release(&name).await.unwrap();
}

/// A portal with an employee who is signed in.
struct Portal {
    http: Client,
    url: String,
    process: usize,
    token: String,
}

impl Portal {
    fn new(folder: &Path, url: &str, process: usize) -> Self {
        let keys = Keys::parse(&std::fs::read_to_string(folder.join("secret-key")).unwrap()).unwrap();
        let http = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { http, url: url.to_owned(), process, token: token::for_forms(&keys, STAFF) }
    }

    async fn page(&self, path: &str) -> String {
        let asked = self.http.get(format!("{}{path}", self.url)).header("cookie", format!("staff-session={STAFF}"));
        asked.send().await.unwrap().text().await.unwrap()
    }

    /// Posts a form; where it leads.
    async fn post(&self, path: &str) -> String {
        let form = [("token", self.token.as_str())];
        let asked = self.http.post(format!("{}{path}", self.url)).header("cookie", format!("staff-session={STAFF}"));
        let answer = asked.form(&form).send().await.unwrap();
        assert!(answer.status().is_redirection(), "{path}: {}", answer.status());
        answer.headers()["location"].to_str().unwrap().to_owned()
    }

    /// Waits until a page says this, and searches meanwhile; returns how long that took, and the searches in milliseconds.
    async fn until(&self, path: &str, words: &str, search: bool) -> (f64, Vec<f64>) {
        let (begun, mut searches) = (Instant::now(), Vec::new());
        for round in 0u32.. {
            if self.page(path).await.contains(words) {
                break;
            }
            assert!(begun.elapsed() < Duration::from_secs(7200), "not within two hours");
            if search {
                let typed = ["bus", "business 1", "town 90", "48123", "office1", "1234567"][round as usize % 6];
                let one = Instant::now();
                self.page(&format!("/staff/find?q={}", typed.replace(' ', "+"))).await;
                searches.push(one.elapsed().as_secs_f64() * 1000.0);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        (begun.elapsed().as_secs_f64(), searches)
    }

    /// The most memory that the process ever had, in megabytes.
    fn memory(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process)).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() / 1024
    }
}

fn of(searches: &mut [f64], part: f64) -> String {
    searches.sort_by(f64::total_cmp);
    if searches.is_empty() {
        return "–".into();
    }
    format!("{:.0} ms", searches[((searches.len() - 1) as f64 * part) as usize])
}

/// Sends the file as a form does.
async fn bring(portal: &Portal, folder: &Path) -> String {
    let bytes = std::fs::read(folder.join("registry.csv")).unwrap();
    let mut body =
        format!("--edge\r\ncontent-disposition: form-data; name=\"token\"\r\n\r\n{}\r\n", portal.token).into_bytes();
    body.extend(b"--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"registry.csv\"\r\n\r\n");
    body.extend(bytes);
    body.extend(b"\r\n--edge--\r\n");
    let asked =
        portal.http.post(format!("{}/staff/imports", portal.url)).header("cookie", format!("staff-session={STAFF}"));
    let answer = asked.header("content-type", "multipart/form-data; boundary=edge").body(body).send().await.unwrap();
    assert!(answer.status().is_redirection(), "{}", answer.status());
    answer.headers()["location"].to_str().unwrap().to_owned()
}

async fn registry(portal: &Portal, folder: &Path, accounts: usize) {
    println!(
        "| {accounts} accounts | taken | read and compared | applied | accounts a second | searches meanwhile, median | 99 of 100 | most memory |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for name in ["new", "the same file again"] {
        let begun = Instant::now();
        let path = bring(portal, folder).await;
        let taken = begun.elapsed().as_secs_f64();
        let (read, mut searches) = portal.until(&path, "read, nothing is changed yet", true).await;
        let page = portal.page(&path).await;
        let (mut applied, mut rate) = (0.0, 0.0);
        // Only what is new or different can be applied; the demo's own accounts are not in the file.
        let offers = page.contains("/apply\"");
        if offers {
            portal.post(&format!("{path}/apply")).await;
            let (took, more) = portal.until(&path, "<dd>applied, since", true).await;
            searches.extend(more);
            (applied, rate) = (took, accounts as f64 / took);
        }
        println!(
            "| {name} | {taken:.0} s | {read:.0} s | {applied:.0} s | {rate:.0} | {} | {} | {} MB |",
            of(&mut searches.clone(), 0.5),
            of(&mut searches, 0.99),
            portal.memory()
        );
        assert_eq!(offers, name == "new", "the same file changes nothing");
    }
}

async fn letters(portal: &Portal, folder: &Path, letters: usize) {
    let before = portal.memory();
    let path = portal.post("/staff/letters/batches").await;
    let (made, _) = portal.until(&path, "to be printed", false).await;
    let page = portal.page(&path).await;
    assert!(page.contains(&format!("<dd>{letters}")), "{letters} letters are in it");
    // Before it is marked as mailed, which deletes it.
    let pdf = folder.join("batches").join(format!("letters-{}.pdf", path.rsplit('/').next().unwrap()));
    let checked = std::process::Command::new("qpdf").arg("--check").arg(&pdf).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    let size = std::fs::metadata(&pdf).unwrap().len() >> 20;
    portal.post(&format!("{path}/mailed")).await;
    let (told, _) =
        portal.until(&format!("{path}?after={}", letters - 1), "<td data-label=\"State\">mailed", false).await;
    println!(
        "| letters | made into one PDF | its size | letters a second | marked as mailed | most memory before | after |"
    );
    println!("|---|---|---|---|---|---|---|");
    println!(
        "| {letters} | {made:.0} s | {size} MB | {:.0} | {told:.0} s | {before} MB | {} MB |",
        letters as f64 / made,
        portal.memory()
    );
}
