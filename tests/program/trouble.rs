//! What a person sees when alerts don't reach them: the springboard says which way failed, and which one is next.

use crate::{
    driver::Window,
    look::{employee, look},
    mailboxes::{db, holder, signed_in},
    process::{DatabaseServer, Program, Start},
    smtp::Server,
    validators::Checker,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alert_that_came_back_is_on_the_springboard() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    let database = DatabaseServer::start(&folder.path().join("database")).await;
    let server = Server::start().await;
    let start = Start { data: &data, role: "serve", smtp: Some(server.port), database: Some(&database) };
    let mut program = Program::start(start).await;
    let url = program.url.clone();
    holder(&url, &db(&database).await, "nowhereman", "123456").await;
    let (person, staff): (Window, Window) = tokio::join!(signed_in(&url, "nowhereman"), employee(&url, "clerk1000"));
    staff.go(&format!("{url}/staff/accounts/mechanic-school/00-00123456")).await;
    staff.fill("Subject", "Your renewal").await;
    staff.fill("Text", "Please answer.").await;
    staff.press("Preview").await;
    staff.press("Post message").await;
    // The page was open before; it is told when the server has refused.
    person.sees("We could not reach you about Mechanic School 00-00123456").await;
    let checker = Checker::new();
    look(&person, &checker, "springboard in trouble").await;
    staff.go(&format!("{url}/staff/accounts/mechanic-school/00-00123456/messages/1")).await;
    staff.sees("Alerts of the first message").await;
    look(&staff, &checker, "thread in trouble").await;
    drop((person, staff));
    program.stop().await;
    checker.check();
}
