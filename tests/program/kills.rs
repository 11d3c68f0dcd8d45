//! Killed at chosen moments, or refused: nothing promised is lost, and no letter is ever printed twice.

use crate::{
    process::{Program, Start, kill_at_call, letters},
    shared::{
        browser::Browser,
        path::{code_in, request_code, sign_up, to_summary},
    },
    smtp::{Moment, Server},
};

fn message_id(mail: &str) -> String {
    mail.lines().find(|line| line.starts_with("Message-ID:")).unwrap().to_owned()
}

/// Asks for a code. The program may be killed before the answer is there: what was asked for is in the database by then.
async fn request_and_lose_the_answer(browser: &mut Browser, by_email: bool) {
    let page = to_summary(browser, "mechanic-school", "123456", by_email).await;
    let mut fields = page.fields(&page.path);
    fields.push(("go".into(), "submit".into()));
    drop(browser.try_send(&page.path, &fields).await);
}

/// A folder for a test's data; its log stands beside it.
fn folder() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    (folder, data)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_before_the_claim_the_code_goes_out_once() {
    let (_folder, data) = folder();
    std::fs::create_dir_all(&data).unwrap();
    let server = Server::start().await;
    let start = |role| Start { data: &data, role, smtp: Some(server.port), database: None };
    // Without a worker nobody claims the job.
    let mut program = Program::start(start("web")).await;
    let mut browser = sign_up(&program.url, "mechanicschool").await;
    request_code(&mut browser, "mechanic-school", "123456", true).await;
    program.kill();
    assert!(server.accepted().is_empty());
    let mut program = Program::start(start("serve")).await;
    server.codes(1).await;
    program.stop().await;
    assert_eq!(server.codes(1).await.len(), 1);
}

/// Kills the program at a moment of the mail with a code and starts it again; how many codes had gone out by then,
/// and the mails with a code once there are `in_all`.
async fn killed_at(moment: Moment, in_all: usize) -> (usize, Vec<String>) {
    let (_folder, data) = folder();
    std::fs::create_dir_all(&data).unwrap();
    let server = Server::start().await;
    let start = || Start { data: &data, role: "serve", smtp: Some(server.port), database: None };
    let mut program = Program::start(start()).await;
    let mut browser = sign_up(&program.url, "mechanicschool").await;
    server.kill_at(moment, program.id());
    request_and_lose_the_answer(&mut browser, true).await;
    program.wait_for_end().await;
    let before = server.codes(0).await.len();
    let mut program = Program::start(start()).await;
    server.codes(in_all).await;
    program.stop().await;
    (before, server.codes(in_all).await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_after_the_claim_and_before_the_data_the_code_goes_out_once() {
    let (before, codes) = killed_at(Moment::BeforeData, 1).await;
    assert_eq!((before, codes.len()), (0, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_after_the_250_the_code_goes_out_at_most_once_more_as_the_same_message() {
    let (before, codes) = killed_at(Moment::AfterAccepted, 2).await;
    assert_eq!((before, codes.len()), (1, 2));
    assert_eq!(message_id(&codes[0]), message_id(&codes[1]));
    assert_eq!(code_in(&codes[0]), code_in(&codes[1]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_waits_for_a_mail_server_that_refuses_and_goes_out_once() {
    let (_folder, data) = folder();
    std::fs::create_dir_all(&data).unwrap();
    let server = Server::start().await;
    let mut program =
        Program::start(Start { data: &data, role: "serve", smtp: Some(server.port), database: None }).await;
    let mut browser = sign_up(&program.url, "mechanicschool").await;
    server.refuse(true);
    request_code(&mut browser, "mechanic-school", "123456", true).await;
    while server.refused() == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    server.refuse(false);
    server.codes(1).await;
    program.stop().await;
    assert_eq!(server.codes(1).await.len(), 1);
}

/// Kills the program at a system call around the rename of a letter; starts it again, and reads the spool.
async fn killed_around_the_rename(inject: &str) -> usize {
    let (_folder, data) = folder();
    let spool = data.join("letters");
    std::fs::create_dir_all(&spool).unwrap();
    // Mail goes to a server, so that the letter's file is the only one that is renamed.
    let server = Server::start().await;
    let start = || Start { data: &data, role: "serve", smtp: Some(server.port), database: None };
    let mut program = Program::start(start()).await;
    let mut browser = sign_up(&program.url, "mechanicschool").await;
    let mut strace = kill_at_call(program.id(), &spool, inject).await;
    request_and_lose_the_answer(&mut browser, false).await;
    program.wait_for_end().await;
    drop(strace.wait());
    let before = letters(&data).len();
    let mut program = Program::start(start()).await;
    let mut browser = crate::shared::browser::Browser::new(&program.url);
    let page = browser.get("/sign-in").await;
    let fields = [("user-id", "mechanicschool"), ("password", crate::shared::path::PASSWORD)];
    browser.submit(&page, "/sign-in", &fields).await;
    for _ in 0..1200 {
        if browser.get("/springboard/submissions").await.says("Letter waits to be printed") {
            program.stop().await;
            assert_eq!(letters(&data).len(), 1, "one letter, and no other");
            assert!(std::fs::read_dir(data.join("letters")).unwrap().count() == 1, "nothing is left over");
            return before;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the letter was not printed within a minute");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_before_a_letter_is_recorded_one_is_printed() {
    // The folder is made durable when the letter is prepared, and its record comes after that.
    assert_eq!(killed_around_the_rename("fsync:signal=KILL:when=1").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_after_the_record_and_before_the_rename_one_letter_is_printed() {
    // The call is left out, so that it can't have happened.
    assert_eq!(killed_around_the_rename("rename,renameat,renameat2:retval=0:signal=KILL:when=1").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_after_the_rename_one_letter_is_printed() {
    // The folder is made durable a second time right after the rename.
    assert_eq!(killed_around_the_rename("fsync:signal=KILL:when=2").await, 1);
}
