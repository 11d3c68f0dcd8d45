//! A portal's database from before ids were the order (schema 35), as it was exported then: opened by this version it is
//! upgraded, nothing is lost, and what was promised is done.

use std::path::Path;

use springboard::db::Db;

use crate::{
    staff::post,
    support::{Browser, PASSWORD, Portal, run},
};

const OWN: &str = "/accounts/mechanic-school/00-00123456";

async fn sign_in(portal: &Portal, user_id: &str) -> Browser {
    let mut browser = portal.browser();
    let page = browser.get("/sign-in").await;
    let page = browser.submit(&page, "/sign-in", &[("user-id", user_id), ("password", PASSWORD)]).await;
    assert!(page.says(&format!("Welcome, {user_id}")), "{}", page.words());
    browser
}

#[test]
fn a_database_of_an_earlier_version_is_upgraded_with_all_that_is_in_it() {
    run(async {
        let db = Db::in_memory().await.unwrap();
        db.import(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/web/data/portal-0035.surql")).await.unwrap();
        let mut portal = Portal::on(db).await;
        // Each holder's mailbox is as they left it.
        let mut one = sign_in(&portal, "mechanicschool").await;
        assert!(one.get("/springboard").await.says("2 unread messages"));
        let thread = one.get(&format!("{OWN}/messages/1")).await;
        assert!(thread.body.contains("Please <em>answer</em>.") && thread.says("Thank you."), "{}", thread.words());
        let mut other = sign_in(&portal, "anotherholder").await;
        assert!(other.get("/springboard").await.says("3 unread messages"));
        assert!(other.get("/springboard/correspondence?folder=archived").await.says("Put away"));
        let inbox = other.get("/springboard/correspondence").await;
        assert!(inbox.says("Unread: Read and answered 2 messages") && !inbox.says("Put away"), "{}", inbox.words());
        assert!(inbox.says("To be confirmed"), "{}", inbox.words());
        let found = other.get("/springboard/correspondence?q=keep").await;
        assert!(found.says("Put away"), "{}", found.words());
        // The agency sees who waits for it, and its next message finds its place.
        let mut clerk = portal.clerk().await;
        assert!(clerk.get("/staff/messages").await.says("Read and answered"));
        post(&mut clerk, "After the upgrade", "Welcome back.").await;
        assert!(one.get("/springboard").await.says("3 unread messages"));
        assert!(one.get(&format!("{OWN}/messages/5")).await.says("Welcome back."));
        // What was promised before is done now: the code that was asked for, and word of each message.
        portal.start_worker();
        let code = portal.mails_to("email@email.com", 1).await;
        assert!(code[0].contains("authorization code"), "{code:?}");
        for holder in ["mechanicschool", "anotherholder"] {
            portal.mails_to(&format!("{holder}-alerts@example.com"), 1).await;
        }
        portal.stop_worker().await;
        let waiting = "RETURN array::len((SELECT VALUE id FROM alert WHERE state = 'waiting'))";
        let waiting: Option<i64> = portal.built.portal.db.raw(waiting).await.unwrap().take(0).unwrap();
        assert_eq!(waiting, Some(0));
        let mut third = sign_in(&portal, "thirdperson").await;
        assert!(third.get("/springboard/submissions").await.says("Code e-mailed"));
        // The trail goes on where it was.
        let mut auditor = portal.staff("auditor1000").await;
        let trail = auditor.get("/staff/audit?who=thirdperson").await;
        assert!(trail.says("requested a code"), "{}", trail.words());
        portal.stop().await;
    });
}
