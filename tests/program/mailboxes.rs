//! A mailbox among several people, each in a browser of their own and at two portals on one database: what one writes
//! shows in the others' open pages.

use std::path::PathBuf;

use springboard::{
    access,
    db::Db,
    logon,
    words::{AccountId, AccountNumber, Agency, UserId, agency::SEED, config::Database},
};

use crate::{
    driver::Window,
    look::employee,
    process::{DatabaseServer, Program, Start},
    shared::path::{PASSWORD, sign_up},
    validators::axe,
};

/// Somebody with access to an account, granted without the path that the walks take: there is one code a day.
pub async fn holder(url: &str, db: &Db, user_id: &str, number: &str) {
    sign_up(url, user_id).await;
    let user_id = UserId::parse(user_id).unwrap();
    let logon = logon::queries::find_by_user_id(db, &user_id).await.unwrap().unwrap().id.to_string();
    let account = AccountId::new("mechanic-school", AccountNumber::parse(number).unwrap());
    let terms_version = &Agency::parse(SEED).unwrap().access_terms.version;
    let code = "of a test";
    let grant = access::Grant { logon: &logon, account: &account, alerts: true, email: None, terms_version, code };
    springboard::mailbox::holders::grant(&grant, chrono::Utc::now()).run(db).await.unwrap();
}

pub async fn signed_in(url: &str, user_id: &str) -> Window {
    let window = Window::open(1280, true).await;
    window.go(&format!("{url}/sign-in")).await;
    window.fill("User ID", user_id).await;
    window.fill("Password", PASSWORD).await;
    window.press("LOGIN").await;
    window.sees("View Accounts").await;
    window
}

/// The database, for what no page does.
pub async fn db(database: &DatabaseServer) -> Db {
    let (user, password) = database.user.clone();
    let sign_in = Some((user, password.into()));
    Db::open(&Database { url: format!("ws://127.0.0.1:{}", database.port), sign_in, cache: None }).await.unwrap()
}

async fn look(window: &Window, name: &str) {
    axe(window, name).await;
    if let Some(folder) = std::env::var_os("SPRINGBOARD_PICTURES") {
        let folder = PathBuf::from(folder).join("mailboxes");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), window.picture().await).unwrap();
    }
}

/// How often an open page has fetched its alerts anew: once for each hint.
const FETCHES: &str = "arguments[0](performance.getEntriesByType('resource').filter(one => one.name.endsWith('/springboard/alerts')).length)";

/// The fetches of a page whose stream is open: it fetches when it connects.
async fn once_connected(window: &Window) -> serde_json::Value {
    for _ in 0..200 {
        let fetches = window.run(FETCHES).await;
        if fetches.as_i64() > Some(0) {
            return fetches;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the page's stream was not opened within ten seconds");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_writes_shows_in_the_open_pages_of_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    let database = DatabaseServer::start(&folder.path().join("database")).await;
    let start = || Start { data: &data, role: "web", smtp: None, database: Some(&database) };
    let (mut here, mut there) = (Program::start(start()).await, Program::start(start()).await);
    let db = db(&database).await;
    for (user_id, number) in [("firstholder", "123456"), ("secondholder", "123456"), ("strangeperson", "123")] {
        holder(&here.url, &db, user_id, number).await;
    }
    let (one, other, stranger) = tokio::join!(
        signed_in(&here.url, "firstholder"),
        signed_in(&there.url, "secondholder"),
        signed_in(&here.url, "strangeperson")
    );
    other.go(&format!("{}/springboard/correspondence", there.url)).await;
    other.sees("There are no messages yet.").await;
    // The stranger's page stands still from here on.
    stranger.sees("No unread messages").await;
    let before = once_connected(&stranger).await;

    // Signed in before the next page is asked for: a form that is under way would win.
    let staff = employee(&here.url, "clerk1000").await;
    staff.go(&format!("{}/staff/accounts/mechanic-school/00-00123456", here.url)).await;
    staff.fill("Subject", "Your renewal").await;
    staff.fill("Text", "Please answer **soon**.").await;
    look(&staff, "staff-account").await;
    staff.press("Preview").await;
    staff.sees("Check the message").await;
    look(&staff, "staff-message-preview").await;
    staff.press("Post message").await;
    staff.sees("2 people have access").await;
    one.sees("1 unread message").await;
    other.sees("Unread: Your renewal").await;
    look(&other, "inbox").await;

    // Both have the thread open; what one answers shows in the other's page, and nothing typed there is lost.
    let thread = "/accounts/mechanic-school/00-00123456/messages/1";
    one.go(&format!("{}{thread}", here.url)).await;
    other.go(&format!("{}{thread}", there.url)).await;
    other.sees("Please answer soon.").await;
    other.fill("Text", "Half a sentence").await;
    staff.go(&format!("{}/staff/messages", here.url)).await;
    staff.sees("Nothing waits for an answer.").await;
    one.fill("Text", "Here is our *answer*.").await;
    look(&one, "thread").await;
    one.press("Send").await;
    one.sees("You · ").await;
    other.sees("Here is our answer.").await;
    assert_eq!(other.value("Text").await, "Half a sentence");
    look(&other, "thread-of-the-other").await;
    staff.sees("Your renewal").await;
    look(&staff, "staff-waiting").await;
    staff.follow("Your renewal").await;
    staff.sees("Here is our answer.").await;
    look(&staff, "staff-thread").await;
    staff.fill("Text", "Half an answer").await;
    other.fill("Text", "And a second one.").await;
    other.press("Send").await;
    staff.sees("And a second one.").await;
    assert_eq!(staff.value("Text").await, "Half an answer");
    // Each for themselves: the other's page showed the answer, but nobody has opened it there.
    one.go(&format!("{}/springboard", here.url)).await;
    one.sees("1 unread message").await;
    other.go(&format!("{}/springboard", there.url)).await;
    other.sees("No unread messages").await;
    one.go(&format!("{}/springboard/correspondence?q=answers", here.url)).await;
    one.sees("messages were found").await;
    look(&one, "search").await;
    one.go(&format!("{}/accounts/mechanic-school/00-00123456/messages/new", here.url)).await;
    one.sees("Everyone with access").await;
    look(&one, "compose").await;

    assert_eq!(stranger.run(FETCHES).await, before, "nothing was said to who has no access");
    stranger.go(&format!("{}{thread}", here.url)).await;
    stranger.sees("Page not found").await;
    here.stop().await;
    there.stop().await;
}
