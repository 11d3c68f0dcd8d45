//! Killed in the middle of a message to many: each account has it once, and each person is told, as the same e-mail if it
//! goes out once more.

use std::{collections::HashMap, time::Duration};

use springboard::{
    bulk_post::queries::{self, New},
    db::{Db, migrate},
    session::{Role, staff::By},
    words::BulkPostId,
};

use crate::{
    mailboxes,
    process::{DatabaseServer, Program, Start},
    smtp::Server,
};

const ACCOUNTS: i64 = 320;
const KIND: &str = "permanent-fleet";

/// So many accounts of one holder each.
pub async fn accounts(db: &Db, count: i64) {
    let rows = "{
        FOR $n IN 0..$accounts {
            LET $logon = 'many' + <string> $n;
            LET $number = <string> (9000000000 + $n);
            CREATE type::record('logon', $logon) SET user_id = $logon, folded = $logon, first = 'A', last = 'B', name_folded = 'b a',
                email = $logon + '@example.com', email_folded = $logon + '@example.com', work_phone = '+15555550100', password = 'none',
                recovery = ['email'], terms_version = '1', terms_at = time::now(), created = time::now() RETURN NONE;
            CREATE type::record('account', [$kind, $number]) SET kind = $kind, number = $number, name = 'FLEET ' + <string> $n,
                street = ['1 MAIN ST'], balance = 0 RETURN NONE;
            CREATE type::record('access', [$kind, $number, $logon]) SET logon = $logon, kind = $kind, number = $number,
                pace = 'at once', email = '', terms_version = '1', terms_at = time::now(), granted = time::now(), code = 'test' RETURN NONE;
        };
    }";
    db.raw(rows).bind(("accounts", count)).bind(("kind", KIND)).await.unwrap();
}

/// A message to all of them; it waits for its release, or begins at once.
pub async fn post(db: &Db, total: i64, needs_release: bool) -> BulkPostId {
    let id = BulkPostId::draw();
    let new = New {
        subject: "For {name}".into(),
        body: "About {type} {number}.".into(),
        answer_by: None,
        confirm_by: None,
        remind: vec![],
        kind: KIND.into(),
        numbers: None,
        filter: None,
        total,
        due: None,
    };
    let by = By { id: "clerk", name: "clerk1000", role: Role::Clerk };
    queries::create(db, &id, new, by, needs_release, chrono::Utc::now()).await.unwrap();
    id
}

pub async fn count(db: &Db, what: &str) -> i64 {
    let text = format!("RETURN array::len((SELECT VALUE id FROM {what}))");
    db.raw(text).await.unwrap().take::<Option<i64>>(0).unwrap().unwrap()
}

/// The addresses of those whose alert is recorded as sent.
async fn recorded(db: &Db) -> Vec<String> {
    let text = "SELECT VALUE record::id(id)[3] + '@example.com' FROM alert WHERE state = 'sent'";
    db.raw(text).await.unwrap().take(0).unwrap()
}

/// Waits until it is so, for two minutes at most: what a killed process held comes back after its lease.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..12_000 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what}: not within two minutes");
}

fn header<'a>(mail: &'a str, name: &str) -> &'a str {
    mail.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("{name} in {mail}"))
}

/// Posts to all, kills the program at a moment, starts it again, and looks at what everybody has.
async fn killed_when(what: &str, mut is_time: impl AsyncFnMut(&Db, &BulkPostId) -> bool) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    let database = DatabaseServer::start(&folder.path().join("database")).await;
    let db = mailboxes::db(&database).await;
    migrate::run(&db).await.unwrap();
    accounts(&db, ACCOUNTS).await;
    let server = Server::start().await;
    let start = || Start { data: &data, role: "serve", smtp: Some(server.port), database: Some(&database) };
    let mut program = Program::start(start()).await;
    let id = post(&db, ACCOUNTS, false).await;
    until(what, async || is_time(&db, &id).await).await;
    program.kill();
    let recorded = recorded(&db).await;
    let mut program = Program::start(start()).await;
    until("everybody is told", async || count(&db, "alert WHERE state = 'sent'").await == ACCOUNTS).await;
    program.stop().await;
    let mails = told(&server);
    for to in &recorded {
        assert_eq!(mails[to].len(), 1, "{what}: {to} was recorded as told before");
    }
    everybody_has_it_once(&db, &id, &mails, ACCOUNTS, what).await;
}

/// The Message-IDs of the mails that each address took.
pub fn told(server: &Server) -> HashMap<String, Vec<String>> {
    let mut mails: HashMap<String, Vec<String>> = HashMap::new();
    for mail in server.accepted() {
        mails.entry(header(&mail, "To: ").into()).or_default().push(header(&mail, "Message-ID: ").into());
    }
    mails
}

/// Whether each account has the message once, and each of the holders was told, as the same e-mail if more than once.
pub async fn everybody_has_it_once(
    db: &Db,
    id: &BulkPostId,
    mails: &HashMap<String, Vec<String>>,
    holders: i64,
    what: &str,
) {
    assert_eq!(i64::try_from(mails.len()), Ok(holders), "{what}: everybody is told");
    for (to, ids) in mails {
        assert!(ids.len() <= 2 && ids.iter().all(|id| *id == ids[0]), "{what}: {to} has {ids:?}");
    }
    // The demo has one of that type as well, which nobody holds.
    let accounts = count(db, "account WHERE kind = 'permanent-fleet'").await;
    for (rows, expected) in [
        ("mailbox WHERE last = 1", accounts),
        ("message", accounts),
        ("thread_state WHERE unread = 1 AND has_unread = true", holders),
        ("alert WHERE state = 'sent'", holders),
        ("correspondence", holders),
    ] {
        assert_eq!(count(db, rows).await, expected, "{what}: {rows}");
    }
    let post = queries::find(db, id.as_str()).await.unwrap().unwrap();
    assert_eq!((post.posted, post.state), (accounts, springboard::bulk_post::State::Done), "{what}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_after_the_first_accounts_everybody_has_a_message_to_many_once() {
    let has_begun = async |db: &Db, id: &BulkPostId| {
        queries::find(db, id.as_str()).await.unwrap().is_some_and(|post| post.posted > 0)
    };
    killed_when("posted to the first", has_begun).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_mails_leave_everybody_is_told_of_a_message_to_many() {
    let some_recorded = async |db: &Db, _: &BulkPostId| !recorded(db).await.is_empty();
    killed_when("the first are recorded as told", some_recorded).await;
}
