//! What a fault of the surroundings looks like, and that the work goes on when it is over.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use springboard::db::{Db, DbError};

use crate::{
    staff::holder,
    support::{PASSWORD, Portal, request_code, run, sign_up},
};

/// A store, and what takes it away while it is true.
fn can_be_away(db: Db) -> (Db, Arc<AtomicBool>) {
    let away = Arc::new(AtomicBool::new(false));
    let gate = away.clone();
    let db = db.observed(Arc::new(move |_, _| match gate.load(Ordering::SeqCst) {
        true => Err(DbError::Away("a test took it".into())),
        false => Ok(()),
    }));
    (db, away)
}

#[test]
fn while_the_database_is_away_a_page_says_so_and_nothing_is_lost() {
    run(async {
        let (db, away) = can_be_away(Db::in_memory().await.unwrap());
        let portal = Portal::on(db).await;
        let mut browser = sign_up(&portal, "mechanicschool").await;
        let page = browser.get("/access/request-code").await;
        let typed = [("account-type", "mechanic-school"), ("go", "next")];

        away.store(true, Ordering::SeqCst);
        let public = browser.get("/").await;
        assert_eq!(public.status, 200, "what needs no records is there");
        let posted = browser.submit(&page, "/account-type", &typed).await;
        assert_eq!(posted.status, 503);
        assert!(posted.says("Please try again in a moment"), "{}", posted.words());
        let mut visitor = portal.browser();
        let signing_in = visitor.get("/sign-in").await;
        let fields = [("user-id", "mechanicschool"), ("password", "wrong")];
        assert_eq!(visitor.submit(&signing_in, "/sign-in", &fields).await.status, 503, "it is not a wrong password");

        away.store(false, Ordering::SeqCst);
        let posted = browser.submit(&page, "/account-type", &typed).await;
        assert!(posted.path.ends_with("/account-details"), "the same form goes on: {}", posted.words());
        assert!(visitor.submit(&signing_in, "/sign-in", &fields).await.fault("user-id").is_some());
        portal.stop().await;
    });
}

#[test]
fn what_a_fault_kept_from_being_taken_is_sent_again_from_its_page() {
    run(async {
        let (db, away) = can_be_away(Db::in_memory().await.unwrap());
        let portal = Portal::on(db).await;
        let (mut one, _) = holder(&portal, "mechanicschool").await;
        let page = one.get("/accounts/mechanic-school/00-00123456/messages/new").await;
        let typed = [("subject", "My question"), ("body", "A long <story>.\nAnd more."), ("go", "post")];
        away.store(true, Ordering::SeqCst);
        let fault = one.submit(&page, "/messages", &typed).await;
        assert!(fault.status == 503 && fault.says("A long <story>."), "{}", fault.words());
        away.store(false, Ordering::SeqCst);
        let sent = one.submit(&fault, "/messages", &[]).await;
        assert_eq!(sent.status, 200, "{}", sent.words());
        let read = one.get("/accounts/mechanic-school/00-00123456/messages/1").await;
        assert!(read.says("A long <story>.") && read.says("And more."), "{}", read.words());
        // No secret is repeated, and nothing of a form that the portal did not give.
        let page = one.get("/settings/password").await;
        away.store(true, Ordering::SeqCst);
        let fields =
            [("present", PASSWORD), ("password", "Another-Wrench-78"), ("password-again", "Another-Wrench-78")];
        let fault = one.submit(&page, "/settings/password", &fields).await;
        assert!(fault.status == 503 && !fault.body.contains("Another-Wrench") && !fault.says("Send again"));
        let forged =
            one.post("/accounts/mechanic-school/00-00123456/messages", &[("token", "0"), ("body", "forged")]).await;
        assert!(!forged.body.contains("forged"), "{}", forged.words());
        away.store(false, Ordering::SeqCst);
        portal.stop().await;
    });
}

/// Nothing in this process's memory says whose session it is.
#[test]
fn a_form_is_repeated_though_its_session_can_not_be_looked_up() {
    run(async {
        let db = Db::in_memory().await.unwrap();
        let here = Portal::on(db.clone()).await;
        let (mut one, _) = holder(&here, "mechanicschool").await;
        let (db, away) = can_be_away(db);
        let there = Portal::on(db).await;
        let page = one.get("/accounts/mechanic-school/00-00123456/messages/new").await;
        let cookies = one.cookies.clone();
        let mut one = there.browser();
        one.cookies = cookies;
        let typed = [("subject", "My question"), ("body", "A long <story>"), ("go", "post")];
        away.store(true, Ordering::SeqCst);
        let fault = one.submit(&page, "/messages", &typed).await;
        assert!(fault.status == 503 && fault.says("A long <story>"), "{}", fault.words());
        assert!(one.get("/springboard").await.says("Please try again in a moment"));
        let forged =
            one.post("/accounts/mechanic-school/00-00123456/messages", &[("token", "0"), ("body", "forged")]).await;
        assert!(forged.status == 503 && !forged.body.contains("forged"), "{}", forged.words());
        away.store(false, Ordering::SeqCst);
        one.submit(&fault, "/messages", &[]).await;
        let read = one.get("/accounts/mechanic-school/00-00123456/messages/1").await;
        assert!(read.says("A long <story>"), "{}", read.words());
        there.stop().await;
        here.stop().await;
    });
}

#[test]
fn a_letter_waits_for_a_spool_that_refuses() {
    run(async {
        let mut portal = Portal::start().await;
        let mut browser = sign_up(&portal, "mechanicschool").await;
        // A file in the folder's place refuses every letter, as a full disk does.
        let spool = portal.folder("letters");
        std::fs::write(&spool, b"").unwrap();
        portal.start_worker();
        request_code(&mut browser, "mechanic-school", "123456", false).await;
        let failed = "SELECT VALUE attempts FROM apalis_task WHERE queue = 'code by letter' AND attempts > 0";
        let db = portal.built.portal.db.clone();
        let mut tries = Vec::<i64>::new();
        while tries.is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
            tries = db.raw(failed).await.unwrap().take(0).unwrap();
        }
        assert!(!browser.get("/springboard/submissions").await.says("Letter waits to be printed"));
        std::fs::remove_file(&spool).unwrap();
        portal.files("letters", 1).await;
        portal.stop().await;
    });
}
