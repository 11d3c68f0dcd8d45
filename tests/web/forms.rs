//! Forms that nobody's page sends.

use crate::support::{Portal, run, sign_up};

#[test]
fn a_form_that_is_too_long_or_unreadable_has_a_page() {
    run(async {
        let portal = Portal::start().await;
        let mut browser = sign_up(&portal, "mechanicschool").await;
        let page = browser.post("/sign-out", &[("token", &"x".repeat(300_000))]).await;
        assert_eq!(page.status, 400);
        assert!(page.says("The form could not be read"));
        assert_eq!(browser.get("/access").await.status, 200);
        portal.stop().await;
    });
}

#[test]
fn answers_that_no_form_offers_are_faults() {
    run(async {
        let portal = Portal::start().await;
        let mut browser = sign_up(&portal, "mechanicschool").await;
        let page = browser.get("/access/request-code").await;
        for kind in ["", "no such type", "<script>"] {
            let page = browser.submit(&page, "/account-type", &[("account-type", kind), ("go", "next")]).await;
            assert_eq!(page.status, 422);
            assert!(page.fault("account-type").is_some());
        }
        let page = browser.submit(&page, "/account-type", &[("account-type", "dealer"), ("go", "next")]).await;
        for number in ["", "abc", "99999999999", "1; DELETE account", "' OR 1=1"] {
            let page = browser.submit(&page, "/account-details", &[("number", number), ("go", "next")]).await;
            assert!(page.fault("number").is_some(), "{number}");
        }
        portal.stop().await;
    });
}
