//! Killed before each of the writes that a message to many makes durable, one after the other: each account has the message
//! once, and each person is told, as the same e-mail if it goes out once more.

use std::{path::Path, time::Duration};

use futures_util::future::join_all;
use springboard::{
    bulk_post::{State, queries},
    db::Db,
    words::{BulkPostId, config::Database},
};

use crate::{
    batches::{accounts, count, everybody_has_it_once, post, told},
    process::{Program, STAFF_PASSWORD, Start, kill_at_call},
    shared::browser::{Browser, Page},
    smtp::Server,
};

const HOLDERS: i64 = 40;
/// A message to so many takes about as many synced writes on the thread that makes the most of them.
const STEPS: usize = 16;
/// So many programs at a time.
const SIDE_BY_SIDE: usize = 3;

async fn open(data: &Path) -> Db {
    let url = format!("rocksdb://{}", data.join("db").display());
    Db::open(&Database { url, sign_in: None, cache: None }).await.unwrap()
}

/// A portal's data with a message that waits for its release.
async fn prepare(data: &Path) -> BulkPostId {
    std::fs::create_dir_all(data).unwrap();
    Program::start(Start { data, role: "web", smtp: None, database: None }).await.stop().await;
    let db = open(data).await;
    accounts(&db, HOLDERS).await;
    post(&db, HOLDERS, true).await
}

async fn is_done(db: &Db, id: &BulkPostId) -> bool {
    queries::find(db, id.as_str()).await.unwrap().is_some_and(|post| post.state == State::Done)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// A supervisor, who looks at the message.
async fn supervisor(url: &str, id: &BulkPostId) -> (Browser, Page) {
    let mut browser = Browser::new(url);
    let page = browser.get("/staff/sign-in").await;
    let fields = [("user-id", "supervisor1000"), ("password", STAFF_PASSWORD)];
    browser.submit(&page, "/staff/sign-in", &fields).await;
    let page = browser.get(&format!("/staff/bulk-posts/{id}")).await;
    (browser, page)
}

/// Releases the message, unless it was released before. The program may die of it.
async fn release((browser, page): (Browser, Page), id: &BulkPostId) {
    let action = format!("/staff/bulk-posts/{id}/release");
    if page.body.contains(&action) {
        drop(browser.try_send(&action, &page.fields(&action)).await);
    }
}

/// Kills the program before the sync of this number of any of its threads, starts it again until all is done, and looks at
/// what everybody has. Whether it was killed.
async fn killed_before(step: usize, data: &Path, id: &BulkPostId) -> bool {
    let server = Server::start().await;
    let start = || Start { data, role: "serve", smtp: Some(server.port), database: None };
    let mut program = Program::start(start()).await;
    let process = program.id();
    let supervisor_before = supervisor(&program.url, id).await;
    let mut strace = kill_at_call(process, data, &format!("fdatasync:signal=KILL:when={step}")).await;
    release(supervisor_before, id).await;
    let all = usize::try_from(HOLDERS).unwrap();
    let mut was_killed = false;
    for _ in 0..600 {
        was_killed = program.has_ended();
        if was_killed || told(&server).len() == all {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    program.kill();
    drop(strace.wait());
    // What it held when it was killed comes back after its lease.
    for _ in 0..12 {
        let mut program = Program::start(start()).await;
        release(supervisor(&program.url, id).await, id).await;
        tokio::time::sleep(Duration::from_secs(8)).await;
        program.stop().await;
        // A copy: the program has to have its own to itself.
        let seen = tempfile::tempdir().unwrap();
        copy(data, seen.path());
        let db = open(seen.path()).await;
        if count(&db, "alert WHERE state = 'sent'").await == HOLDERS && is_done(&db, id).await {
            everybody_has_it_once(&db, id, &told(&server), HOLDERS, &format!("before sync {step}")).await;
            return was_killed;
        }
    }
    panic!("before sync {step}: not done");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_before_each_synced_write_everybody_has_a_message_to_many_once() {
    let folder = tempfile::tempdir().unwrap();
    let id = prepare(&folder.path().join("0")).await;
    let steps: Vec<usize> = (1..=STEPS).collect();
    let mut killed: Vec<usize> = Vec::new();
    for some in steps.chunks(SIDE_BY_SIDE) {
        let runs = some.iter().map(|step| {
            let data = folder.path().join(step.to_string());
            copy(&folder.path().join("0"), &data);
            let id = &id;
            async move { killed_before(*step, &data, id).await }
        });
        let were_killed = join_all(runs).await;
        killed.extend(some.iter().zip(were_killed).filter(|(_, was)| *was).map(|(step, _)| *step));
    }
    assert!(killed.len() >= 8, "killed only before {killed:?}");
}
