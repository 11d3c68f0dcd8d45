//! What a fault of the surroundings looks like, and that the work goes on when it is over.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use springboard::store::{Ask, Store, StoreFault};

use crate::support::{Portal, request_code, run, sign_up};

#[test]
fn while_the_database_is_away_a_page_says_so_and_nothing_is_lost() {
    run(async {
        let away = Arc::new(AtomicBool::new(false));
        let gate = away.clone();
        let store =
            Store::in_memory().await.unwrap().witnessed(Arc::new(move |_, _| match gate.load(Ordering::SeqCst) {
                true => Err(StoreFault::Away("a test took it".into())),
                false => Ok(()),
            }));
        let portal = Portal::on(store).await;
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
        let store = portal.built.portal.store.clone();
        let mut tries = Vec::<i64>::new();
        while tries.is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
            tries = store.ask(Ask::new(failed)).await.unwrap().all(0).unwrap();
        }
        assert!(!browser.get("/springboard/submissions").await.says("Letter waits to be printed"));
        std::fs::remove_file(&spool).unwrap();
        portal.files("letters", 1).await;
        portal.stop().await;
    });
}
