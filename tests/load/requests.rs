//! How many authorization codes people can request a second, each by the whole wizard over HTTP. `run-requests` beside it
//! generates the people, starts a portal and prints the rates.
//!
//!     requests generate FOLDER PEOPLE     people with a session each, and an account each, in a database not in use
//!     requests run FOLDER URL PEOPLE      each requests a code, one at a time and sixteen

use std::{
    net::Ipv4Addr,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{StreamExt, stream};
use springboard::{
    account,
    db::{Db, migrate},
    logon,
    session::token,
    words::{Keys, config::Database},
};

/// So many people share an address: no more codes are requested from one a day.
const OF_ADDRESS: usize = 20;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = Path::new(&arguments[1]);
    let people = |at: usize| arguments[at].parse::<usize>().expect("a number");
    match arguments[0].as_str() {
        "generate" => generate(folder, people(2)).await,
        "run" => run(folder, &arguments[2], people(3)).await,
        other => panic!("{other} is neither generate nor run"),
    }
}

fn session_of(person: usize) -> String {
    format!("{person:064x}")
}

async fn generate(folder: &Path, people: usize) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("secret-key"), Keys::draw()).unwrap();
    let url = format!("rocksdb://{}", folder.join("db").display());
    let db = Db::open(&Database { url, sign_in: None, cache: None }).await.unwrap();
    migrate::run(&db).await.unwrap();
    let all: Vec<usize> = (0..people).collect();
    for batch in all.chunks(250) {
        let keys: Vec<String> = batch.iter().map(|person| token::record_key(&session_of(*person))).collect();
        let written = db.raw(
            "{ FOR $at IN 0..array::len($keys) {
                LET $n = $first + $at;
                LET $logon = 'load' + <string> $n;
                LET $number = <string> (8000000000 + $n);
                CREATE type::record('logon', $logon) SET user_id = $logon, folded = $logon, first = 'Load', last = 'Test',
                    email = $logon + '@example.com', email_folded = $logon + '@example.com', work_phone = '+15555550100',
                    password = 'none', recovery = ['email'], terms_version = '2026-11', terms_at = time::now(), created = time::now() RETURN NONE;
                CREATE type::record('session', $keys[$at]) SET kind = 'person', who = $logon, began = time::now(), seen = time::now() RETURN NONE;
                CREATE type::record('account', ['dealer', $number]) SET kind = 'dealer', number = $number, name = 'LOAD',
                    street = ['1 MAIN ST'], email = $logon + '@example.com', balance = 0 RETURN NONE;
            } }",
        );
        let first = i64::try_from(batch[0]).unwrap();
        written.bind(("keys", keys)).bind(("first", first)).await.unwrap();
    }
    account::prepare(&db).await.unwrap();
    logon::prepare(&db).await.unwrap();
}

async fn run(folder: &Path, url: &str, people: usize) {
    let keys = Keys::parse(&std::fs::read_to_string(folder.join("secret-key")).unwrap()).unwrap();
    let (url, keys): (Arc<str>, Arc<Keys>) = (url.into(), Arc::new(keys));
    println!("| requests at a time | a second |\n|---|---|");
    // A sixteenth of the people, one after the other, then the rest.
    for (at_once, range) in [(1, 0..people / 16), (16, people / 16..people)] {
        let count = range.len();
        let begun = Instant::now();
        let requests = range.map(|person| request(url.clone(), keys.clone(), person));
        stream::iter(requests).buffer_unordered(at_once).collect::<Vec<()>>().await;
        println!("| {at_once} | {:.0} |", count as f64 / begun.elapsed().as_secs_f64());
    }
}

/// Goes through the wizard, from an address that few share.
async fn request(url: Arc<str>, keys: Arc<Keys>, person: usize) {
    let session = session_of(person);
    let address = Ipv4Addr::from(u32::from(Ipv4Addr::new(127, 1, 0, 1)) + u32::try_from(person / OF_ADDRESS).unwrap());
    let http = reqwest::Client::builder()
        .local_address(Some(address.into()))
        .timeout(Duration::from_secs(60))
        .build()
        .unwrap();
    let cookie = format!("session={session}");
    let first = http.get(format!("{url}/access/request-code")).header("cookie", &cookie);
    let page = first.send().await.unwrap().text().await.unwrap();
    let (_, draft) = page.split_once("name=\"draft\" value=\"").expect("a draft");
    let draft = draft.split('"').next().unwrap_or_default();
    let token = token::for_forms(&keys, &session);
    let number = (8_000_000_000 + person).to_string();
    let steps: [(&str, &[(&str, &str)]); 5] = [
        ("account-type", &[("account-type", "dealer"), ("go", "next")]),
        ("account-details", &[("number", &number), ("go", "next")]),
        ("email-option", &[("by-email", "yes"), ("go", "next")]),
        ("email-option", &[("by-email", "yes"), ("confirmed", "yes"), ("go", "next")]),
        ("summary", &[("go", "submit")]),
    ];
    let mut led_to = String::new();
    for (step, fields) in steps {
        let form = [&[("token", token.as_str()), ("draft", draft)], fields].concat();
        let posted = http.post(format!("{url}/access/request-code/{step}")).header("cookie", &cookie).form(&form);
        let answer = posted.send().await.unwrap();
        led_to = answer.url().path().to_owned();
        // A browser reads the page that it is led to.
        answer.bytes().await.unwrap();
    }
    assert!(led_to.contains("/access/requested/"), "person {person} came to {led_to:?}");
}
