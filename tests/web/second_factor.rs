//! Two-step sign-in: asked for, required of staff in production, good once, and not to be had by a password alone.

use chrono::Duration;
use reqwest::Method;
use springboard::{second_factor::Authenticator, words::config::Profile};

use crate::support::{Browser, PASSWORD, Page, Portal, app_of, run, sign_up};

/// Sets an authenticator app up; returns it with its recovery codes.
pub async fn set_up(portal: &Portal, browser: &mut Browser, base: &str) -> (Authenticator, Vec<String>) {
    let page = browser.get(&format!("{base}/authenticator")).await;
    let app = app_of(&page);
    let wrong = browser.submit(&page, "/authenticator", &[("code", "000000")]).await;
    assert!(wrong.status == 422 && wrong.fault("code").is_some(), "{}", wrong.words());
    let digits = app.digits(portal.clock.now());
    let page = browser.submit(&page, "/authenticator", &[("code", &digits)]).await;
    assert!(page.says("They are shown only now"), "{}", page.words());
    let codes = page.body.split("<li><code>").skip(1).map(|part| part.split('<').next().unwrap().to_owned());
    (app, codes.collect())
}

async fn password(portal: &Portal, path: &str, user_id: &str, password: &str) -> (Browser, Page) {
    let mut browser = portal.browser();
    let page = browser.get(path).await;
    let page = browser.submit(&page, path, &[("user-id", user_id), ("password", password)]).await;
    (browser, page)
}

#[test]
fn a_person_may_have_a_second_factor_and_then_needs_it() {
    run(async {
        let portal = Portal::start().await;
        let mut elsewhere = sign_up(&portal, "mechanicschool").await;
        let (mut browser, _) = password(&portal, "/sign-in", "mechanicschool", PASSWORD).await;
        let before = browser.cookies["session"].clone();
        let (app, codes) = set_up(&portal, &mut browser, "/settings/second-factor").await;
        assert_eq!(codes.len(), 10);
        assert_ne!(browser.cookies["session"], before, "a new session");
        assert_eq!(browser.get("/access").await.status, 200);
        assert!(elsewhere.get("/access").await.path.starts_with("/sign-in"), "all others ended");

        let (mut other, page) = password(&portal, "/sign-in", "mechanicschool", PASSWORD).await;
        assert!(page.path.starts_with("/sign-in/second-factor"), "{}", page.path);
        for path in ["/access", "/springboard", "/settings", "/settings/second-factor"] {
            assert!(other.get(path).await.path.starts_with("/sign-in/second-factor"), "{path}");
        }
        assert_eq!(other.send(Method::GET, "/live", None).await.status(), 303);
        let used = app.digits(portal.clock.now());
        for wrong in ["", "123", "999999", used.as_str()] {
            assert_eq!(other.submit(&page, "/second-factor", &[("code", wrong)]).await.status, 422, "{wrong}");
        }
        portal.clock.advance(Duration::seconds(60));
        let half = other.cookies["session"].clone();
        let digits = app.digits(portal.clock.now());
        let page = other.submit(&page, "/second-factor", &[("code", &digits)]).await;
        assert_eq!(page.path, "/access", "{}", page.words());
        assert_ne!(other.cookies["session"], half);

        // The same digits open nothing for somebody who saw them; a recovery code opens once.
        let (mut third, page) = password(&portal, "/sign-in", "mechanicschool", PASSWORD).await;
        assert_eq!(third.submit(&page, "/second-factor", &[("code", &digits)]).await.status, 422);
        assert_eq!(third.submit(&page, "/second-factor", &[("code", &codes[0])]).await.path, "/access");
        let (mut fourth, page) = password(&portal, "/sign-in", "mechanicschool", PASSWORD).await;
        assert_eq!(fourth.submit(&page, "/second-factor", &[("code", &codes[0])]).await.status, 422);
        for _ in 0..5 {
            fourth.submit(&page, "/second-factor", &[("code", "111111")]).await;
        }
        assert_eq!(fourth.submit(&page, "/second-factor", &[("code", &codes[1])]).await.status, 429, "too many tries");
        portal.stop().await;
    });
}

#[test]
fn changing_it_asks_who_it_is_again() {
    run(async {
        let portal = Portal::start().await;
        let mut browser = sign_up(&portal, "mechanicschool").await;
        portal.clock.advance(Duration::minutes(11));
        // Without a factor the password is asked for.
        let page = browser.get("/settings/second-factor").await;
        assert!(page.path.starts_with("/sign-in/confirm") && page.says("Enter your password"), "{}", page.words());
        assert_eq!(browser.submit(&page, "/confirm", &[("password", "wrong")]).await.status, 422);
        let before = browser.cookies["session"].clone();
        let page = browser.submit(&page, "/confirm", &[("password", PASSWORD)]).await;
        assert_eq!(page.path, "/settings/second-factor");
        assert_ne!(browser.cookies["session"], before, "whoever proves who it is gets a new token");
        let mut thief = portal.browser();
        thief.cookies.insert("session".into(), before);
        assert!(thief.get("/settings").await.path.starts_with("/sign-in"), "and the old one is worth nothing");
        let (app, _) = set_up(&portal, &mut browser, "/settings/second-factor").await;
        portal.clock.advance(Duration::minutes(11));
        let page = browser.get("/settings/second-factor").await;
        assert!(page.path.starts_with("/sign-in/confirm"), "{}", page.path);
        let digits = app.digits(portal.clock.now());
        let page = browser.submit(&page, "/confirm", &[("code", &digits)]).await;
        assert!(page.says("An authenticator app is set up."), "{}", page.words());
        let page = browser.submit(&page, "/authenticator/remove", &[]).await;
        assert!(page.says("Set up an authenticator app"), "{}", page.words());
        let (mut other, page) = password(&portal, "/sign-in", "mechanicschool", PASSWORD).await;
        assert_eq!(page.path, "/access", "not asked for any more: {}", page.words());
        assert_eq!(other.get("/access").await.status, 200);
        portal.stop().await;
    });
}

#[test]
fn staff_need_one_in_production_before_anything_else_opens() {
    run(async {
        let portal = Portal::configured(|config| config.profile = Profile::Production).await;
        let (mut browser, page) = password(&portal, "/staff/sign-in", "clerk1000", "Staff-Password-1").await;
        assert_eq!(page.path, "/staff/settings/second-factor", "{}", page.words());
        for path in ["/staff", "/staff/overview", "/staff/letters"] {
            assert_eq!(browser.get(path).await.path, "/staff/settings/second-factor", "{path}");
        }
        assert_eq!(browser.send(Method::GET, "/staff/live", None).await.status(), 303);
        let (app, _) = set_up(&portal, &mut browser, "/staff/settings/second-factor").await;
        assert_eq!(browser.get("/staff").await.path, "/staff");
        // The last one can't be removed.
        let page = browser.get("/staff/settings/second-factor").await;
        assert_eq!(browser.submit(&page, "/authenticator/remove", &[]).await.status, 422);
        portal.clock.advance(Duration::seconds(60));
        let (mut other, page) = password(&portal, "/staff/sign-in", "clerk1000", "Staff-Password-1").await;
        assert!(page.path.starts_with("/staff/second-factor"), "{}", page.path);
        let digits = app.digits(portal.clock.now());
        assert_eq!(other.submit(&page, "/second-factor", &[("code", &digits)]).await.path, "/staff");
        portal.stop().await;
    });
}

#[test]
fn a_session_that_was_ended_does_not_renew_itself() {
    run(async {
        let portal = Portal::start().await;
        let (mut browser, _) = password(&portal, "/staff/sign-in", "clerk1000", "Staff-Password-1").await;
        let page = browser.get("/staff/settings/second-factor/authenticator").await;
        let digits = app_of(&page).digits(portal.clock.now());
        // Another process ended it, and this one was not told yet.
        let db = &portal.built.portal.db;
        db.raw("DELETE session WHERE kind = 'staff'").await.unwrap();
        let answer = browser.submit(&page, "/authenticator", &[("code", &digits)]).await;
        assert!(!answer.says("They are shown only now"), "{}", answer.words());
        let left = "SELECT VALUE record::id(id) FROM session WHERE kind = 'staff'";
        let left: Vec<String> = db.raw(left).await.unwrap().take(0).unwrap();
        assert_eq!(left, Vec::<String>::new());
        portal.stop().await;
    });
}
