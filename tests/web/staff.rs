//! Staff post, holders see: at once in the open page, and by e-mail without a word of the content.

use futures_util::StreamExt;
use reqwest::Method;
use springboard::{
    access,
    account::{Origin, Posting},
    db::Db,
    mailbox::{
        self,
        thread::{Author, New},
    },
    words::{AccountId, AccountNumber, Cents, DraftId, EmailAddress},
};

use crate::support::{Browser, Portal, run, sign_up};

pub const ACCOUNT: &str = "/staff/accounts/mechanic-school/00-00123456";

pub fn account() -> AccountId {
    AccountId::new("mechanic-school", AccountNumber::parse("123456").unwrap())
}

/// A person with access to the slides' account, granted without the path that other tests walk.
pub async fn holder(portal: &Portal, user_id: &str) -> (Browser, String) {
    let browser = sign_up(portal, user_id).await;
    let logon = logon_of(portal, user_id).await;
    grant(portal, &logon, user_id).await;
    (browser, logon)
}

pub async fn grant(portal: &Portal, logon: &str, user_id: &str) {
    let email = EmailAddress::parse(&format!("{user_id}-alerts@example.com")).unwrap();
    let terms_version = &portal.built.portal.agency().access_terms.version;
    let code = "of a test";
    let grant = access::Grant { logon, account: &account(), alerts: true, email: Some(&email), terms_version, code };
    springboard::mailbox::holders::grant(&grant, portal.clock.now()).run(&portal.built.portal.db).await.unwrap();
    portal.built.desk.changed(logon);
}

pub async fn logon_of(portal: &Portal, user_id: &str) -> String {
    let user_id = springboard::words::UserId::parse(user_id).unwrap();
    let logon = springboard::logon::queries::find_by_user_id(&portal.built.portal.db, &user_id).await.unwrap().unwrap();
    logon.id.to_string()
}

pub fn from_staff(subject: &str) -> New {
    let author = Author::Staff { id: "clerk".into(), name: "clerk1000".into() };
    let (subject, body, draft) = (subject.into(), "text".into(), DraftId::draw());
    New { account: account(), thread: None, subject, body, author, answer_by: None, notice: None, draft }
}

pub async fn post(clerk: &mut Browser, subject: &str, body: &str) {
    let page = clerk.get(ACCOUNT).await;
    let page = clerk.post_checked(&page, "/messages", &[("subject", subject), ("body", body)]).await;
    assert!(page.says("The message was posted."), "{}", page.words());
}

/// The next part of an open stream that says something.
async fn next_event(
    stream: &mut (impl futures_util::Stream<Item = reqwest::Result<actix_web::web::Bytes>> + Unpin),
) -> String {
    loop {
        let part =
            tokio::time::timeout(std::time::Duration::from_secs(5), stream.next()).await.expect("within five seconds");
        let text = String::from_utf8(part.unwrap().unwrap().to_vec()).unwrap();
        if text.contains("event:") {
            return text;
        }
    }
}

#[test]
fn a_post_shows_at_once_and_is_read_by_being_opened() {
    run(async {
        let portal = Portal::with_worker().await;
        let (mut browser, _) = holder(&portal, "mechanicschool").await;
        let mut clerk = portal.clerk().await;
        assert!(browser.get("/springboard").await.says("No unread messages"));
        let open = browser.send(Method::GET, "/live", None).await;
        assert_eq!(open.headers()["content-type"], "text/event-stream");
        let mut stream = open.bytes_stream();
        let at_first = next_event(&mut stream).await;
        post(&mut clerk, "Renewal canary-subject", "Pay **$10** canary-body").await;
        let after = next_event(&mut stream).await;
        assert!(after.contains("event: changed") && after != at_first, "{at_first} {after}");
        assert!(browser.get("/springboard/alerts").await.says("1 unread message"));
        assert!(browser.get("/springboard").await.says("1 unread message"));
        let page = browser.get("/springboard/correspondence").await;
        assert!(page.says("Unread: Renewal canary-subject"), "{}", page.words());
        let page = browser.get("/accounts/mechanic-school/00-00123456/messages/1").await;
        assert!(page.body.contains("<strong>$10</strong>"), "{}", page.body);
        assert!(browser.get("/springboard").await.says("No unread messages"));
        let mails = portal.mails_to("mechanicschool-alerts@example.com", 1).await;
        assert!(mails[0].contains("There is a new message") && !mails[0].contains("canary"), "{}", mails[0]);
        portal.stop().await;
    });
}

#[test]
fn a_page_that_comes_back_is_told_of_what_it_missed_and_of_nothing_else() {
    run(async {
        let portal = Portal::with_worker().await;
        let (mut browser, _) = holder(&portal, "mechanicschool").await;
        let mut clerk = portal.clerk().await;
        let mark = |event: String| event.lines().find_map(|line| line.strip_prefix("id: ").map(str::to_owned)).unwrap();
        let open = browser.send(Method::GET, "/live", None).await;
        let heard = mark(next_event(&mut open.bytes_stream()).await);
        browser.headers.push(("last-event-id", heard.clone()));
        let mut back = browser.send(Method::GET, "/live", None).await.bytes_stream();
        post(&mut clerk, "First", "text").await;
        let missed = mark(next_event(&mut back).await);
        assert_ne!(heard, missed, "it was told when something changed and not before");
        let mut late = browser.send(Method::GET, "/live", None).await.bytes_stream();
        next_event(&mut late).await;

        // Staff hear of what holders write, and nobody else may listen there.
        let mut staff = clerk.send(Method::GET, "/staff/live", None).await.bytes_stream();
        let at_first = mark(next_event(&mut staff).await);
        browser.headers.clear();
        let page = browser.get("/accounts/mechanic-school/00-00123456/messages/1").await;
        browser.submit(&page, "/messages/1", &[("body", "An answer.")]).await;
        assert_ne!(mark(next_event(&mut staff).await), at_first);
        assert!(clerk.get("/staff/live/thread/mechanic-school/00-00123456/1").await.says("An answer."));
        assert!(clerk.get("/staff/live/waiting").await.says("First"));
        for path in ["/staff/live", "/staff/live/waiting", "/staff/live/thread/mechanic-school/00-00123456/1"] {
            assert_ne!(browser.send(Method::GET, path, None).await.status(), 200, "{path}");
        }
        portal.stop().await;
    });
}

#[test]
fn only_the_holders_are_told() {
    run(async {
        let portal = Portal::with_worker().await;
        let (mut one, _) = holder(&portal, "mechanicschool").await;
        let (mut other, _) = holder(&portal, "anotherholder").await;
        let mut stranger = sign_up(&portal, "strangeperson").await;
        let mut clerk = portal.clerk().await;
        post(&mut clerk, "For both", "text").await;
        post(&mut clerk, "Another", "text").await;
        for holder in [&mut one, &mut other] {
            assert!(holder.get("/springboard").await.says("2 unread messages"));
        }
        one.get("/accounts/mechanic-school/00-00123456/messages/1").await;
        assert!(one.get("/springboard").await.says("1 unread message"));
        assert!(other.get("/springboard").await.says("2 unread messages"), "counted for each one alone");
        assert_eq!(stranger.get("/accounts/mechanic-school/00-00123456").await.status, 404);
        assert_eq!(stranger.get("/accounts/mechanic-school/00-00123456/messages/1").await.status, 404);
        portal.mails_to("mechanicschool-alerts@example.com", 2).await;
        portal.mails_to("anotherholder-alerts@example.com", 2).await;
        portal.stop().await;
    });
}

#[test]
fn the_same_form_posts_once() {
    run(async {
        let portal = Portal::start().await;
        let (mut browser, _) = holder(&portal, "mechanicschool").await;
        let mut clerk = portal.clerk().await;
        let page = clerk.get(ACCOUNT).await;
        let fields = [("subject", "Once"), ("body", "text"), ("go", "preview")];
        let shown = clerk.submit(&page, "/messages", &fields).await;
        for _ in 0..3 {
            clerk.submit(&shown, "/messages", &[("go", "post")]).await;
        }
        assert!(browser.get("/springboard").await.says("1 unread message"));
        portal.stop().await;
    });
}

#[test]
fn a_preview_posts_nothing_and_a_fault_loses_nothing() {
    run(async {
        let portal = Portal::start().await;
        let (mut browser, _) = holder(&portal, "mechanicschool").await;
        let mut clerk = portal.clerk().await;
        let page = clerk.get(ACCOUNT).await;
        let page = clerk.submit(&page, "/messages", &[("subject", "A subject"), ("body", ""), ("go", "post")]).await;
        assert_eq!(page.status, 422);
        assert!(page.fault("body").is_some());
        assert_eq!(page.value("subject").as_deref(), Some("A subject"));
        let page =
            clerk.submit(&page, "/messages", &[("subject", "A subject"), ("body", "*text*"), ("go", "preview")]).await;
        assert!(page.body.contains("<em>text</em>") && page.says("Nothing was posted yet"));
        // What was changed since it was shown is shown again, and not posted.
        let changed = [
            ("token", page.value("token").unwrap()),
            ("draft", page.value("draft").unwrap()),
            ("subject", "Another subject".to_owned()),
            ("body", "*text*".to_owned()),
            ("seen", page.value("seen").unwrap()),
            ("go", "post".to_owned()),
        ];
        let changed: Vec<(&str, &str)> = changed.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let again = clerk.post(&format!("{ACCOUNT}/messages"), &changed).await;
        assert!(again.says("Another subject") && again.says("Nothing was posted yet"), "{}", again.words());
        let back = clerk.submit(&page, "/messages", &[("go", "change")]).await;
        assert_eq!(back.value("subject").as_deref(), Some("A subject"), "and can be changed");
        assert!(browser.get("/springboard").await.says("No unread messages"));
        portal.stop().await;
    });
}

#[test]
fn staff_pages_are_for_staff_only() {
    run(async {
        let portal = Portal::start().await;
        let mut person = sign_up(&portal, "mechanicschool").await;
        for path in ["/staff", ACCOUNT] {
            assert_eq!(person.get(path).await.path, "/staff/sign-in", "{path}");
        }
        let page = person.get("/access").await;
        let token = page.value("token").unwrap();
        let answer =
            person.post(&format!("{ACCOUNT}/messages"), &[("token", &token), ("subject", "x"), ("body", "y")]).await;
        assert_eq!(answer.path, "/staff/sign-in");
        let mut clerk = portal.clerk().await;
        assert!(clerk.get("/springboard").await.path.starts_with("/sign-in"), "an employee is no person");
        let found = clerk.get("/staff?q=mech").await;
        assert!(found.says("00-00123456"), "{}", found.words());
        assert!(clerk.get("/staff?q=123").await.says("EXAMPLE MECHANIC SCHOOL"));
        portal.stop().await;
    });
}

#[test]
fn what_another_process_changed_shows_within_two_seconds() {
    run(async {
        let db = Db::in_memory().await.unwrap();
        let (here, there) = (Portal::on(db.clone()).await, Portal::on(db).await);
        let (mut browser, logon) = holder(&here, "mechanicschool").await;
        let mut clerk = there.clerk().await;
        assert!(browser.get("/springboard").await.says("No unread messages"));
        post(&mut clerk, "From there", "text").await;
        until(&mut browser, "/springboard", "1 unread message").await;
        let payment = Posting {
            account: account(),
            origin: Origin::File,
            reference: "1".into(),
            text: "Payment".into(),
            amount: Cents(2500),
            book_day: None,
        };
        springboard::account::post_one(payment, there.clock.now()).run(&there.built.portal.db).await.unwrap();
        until(&mut browser, "/springboard", "$25.00").await;
        springboard::mailbox::holders::revoke(&logon, &account()).run(&there.built.portal.db).await.unwrap();
        until(&mut browser, "/accounts/mechanic-school/00-00123456", "Page not found").await;
        springboard::session::end_others(&logon, "").run(&there.built.portal.db).await.unwrap();
        until(&mut browser, "/access", "Forgot your password?").await;
        here.stop().await;
        there.stop().await;
    });
}

#[test]
fn a_post_and_a_revoke_at_the_same_moment_leave_nothing_unread_behind() {
    run(async {
        let portal = Portal::start().await;
        let (mut browser, logon) = holder(&portal, "mechanicschool").await;
        let db = &portal.built.portal.db;
        for round in 0..20 {
            let new = from_staff(&format!("Round {round}"));
            let message = mailbox::posting::Composed::of(new);
            let (posted, revoked) = futures_util::join!(
                mailbox::posting::post(db, &message, portal.clock.now()),
                springboard::mailbox::holders::revoke(&logon, &account()).run(db)
            );
            posted.unwrap();
            revoked.unwrap();
            assert_eq!(mailbox::lists::unread_count(db, &logon).await.unwrap(), 0, "round {round}");
            grant(&portal, &logon, "mechanicschool").await;
        }
        assert!(browser.get("/springboard").await.says("No unread messages"));
        portal.stop().await;
    });
}

/// Looks for two seconds.
async fn until(browser: &mut Browser, path: &str, text: &str) {
    for _ in 0..80 {
        if browser.get(path).await.says(text) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("{path} did not come to say {text} within two seconds");
}
