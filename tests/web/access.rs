//! Add Account Access: the code, the account and the logon must belong together.

use chrono::Duration;
use reqwest::Method;

use crate::support::{Browser, Page, Portal, code_in, request_code, run, sign_up};

/// A person whose code for the slides' account has arrived.
async fn with_code(portal: &Portal, user_id: &str) -> (Browser, String) {
    let mut browser = sign_up(portal, user_id).await;
    request_code(&mut browser, "mechanic-school", "123456", true).await;
    let mails = portal.mails_to("email@email.com", 1).await;
    let code = code_in(&mails[0]);
    wait_for_status(&mut browser, "Code e-mailed").await;
    (browser, code)
}

async fn wait_for_status(browser: &mut Browser, status: &str) {
    for _ in 0..200 {
        if browser.get("/springboard/submissions").await.says(status) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("no submission came to say {status}");
}

async fn enter(browser: &mut Browser, code: &str, number: &str) -> Page {
    let page = browser.get("/access/add/authorization-code").await;
    let page = browser.submit(&page, "/authorization-code", &[("code", code), ("go", "next")]).await;
    assert_eq!(page.path, "/access/add/account-info", "{}", page.words());
    browser.submit(&page, "/account-info", &[("number", number), ("go", "next")]).await
}

/// To the summary and past it, with alerts to the logon's own address.
async fn finish(browser: &mut Browser, page: &Page) -> Page {
    let own = page.value("email").unwrap();
    let page = to(browser, page, &own).await;
    assert!(page.says("Action Adding Account Access"), "{}", page.words());
    browser.submit(&page, "/summary", &[("go", "submit")]).await
}

async fn to(browser: &mut Browser, page: &Page, email: &str) -> Page {
    let fields = [("alerts", "yes"), ("email", email), ("email-again", email), ("terms", "yes"), ("go", "next")];
    browser.submit(page, "/email", &fields).await
}

#[test]
fn alerts_go_to_another_address_only_after_it_was_confirmed() {
    run(async {
        let portal = Portal::with_worker().await;
        let (mut browser, code) = with_code(&portal, "mechanicschool").await;
        browser.get("/access/add").await;
        let email = enter(&mut browser, &code, "123456").await;
        let page = to(&mut browser, &email, "alerts@example.com").await;
        assert!(page.path.ends_with("/confirm-email") && page.says("A PIN was sent to alerts@example.com"));
        let skipped = browser.get("/access/add/summary").await;
        assert!(skipped.path.ends_with("/confirm-email"), "{}", skipped.path);
        let posted = browser.submit(&page, "/confirm-email", &[("pin", "12345678"), ("go", "next")]).await;
        assert!(posted.fault("pin").unwrap().contains("not right"));

        let pin = |mail: &str| {
            mail.split_whitespace().find(|word| word.len() == 8 && word.parse::<u32>().is_ok()).unwrap().to_owned()
        };
        let first = pin(&portal.mails_to("alerts@example.com", 1).await[0]);
        // A PIN for one address is none for another.
        let page = to(&mut browser, &email, "elsewhere@example.com").await;
        let posted = browser.submit(&page, "/confirm-email", &[("pin", &first), ("go", "next")]).await;
        assert!(posted.fault("pin").is_some());
        let second = pin(&portal.mails_to("elsewhere@example.com", 1).await[0]);
        let page = browser.submit(&page, "/confirm-email", &[("pin", &second), ("go", "next")]).await;
        assert!(page.says("E-Mail Address elsewhere@example.com"), "{}", page.words());
        // A proof lasts as long as its PIN: whoever waits confirms again.
        portal.clock.advance(Duration::minutes(11));
        let late = browser.submit(&page, "/summary", &[("go", "submit")]).await;
        assert!(late.fault("email").unwrap().contains("has expired"), "{}", late.words());
        assert!(browser.get("/springboard").await.path.ends_with("/access"), "nothing was granted");
        let page = to(&mut browser, &email, "elsewhere@example.com").await;
        let pins = portal.mails_to("elsewhere@example.com", 2).await;
        let third = pins.iter().map(|mail| pin(mail)).find(|pin| *pin != second).unwrap();
        let page = browser.submit(&page, "/confirm-email", &[("pin", &third), ("go", "next")]).await;
        let page = browser.submit(&page, "/summary", &[("go", "submit")]).await;
        assert!(page.says("You have access to Mechanic School 00-00123456"), "{}", page.words());
        assert!(browser.get("/settings").await.says("E-mail to elsewhere@example.com"));
        portal.stop().await;
    });
}

#[test]
fn the_right_code_gives_access_and_everyone_concerned_is_told() {
    run(async {
        let portal = Portal::with_worker().await;
        let (mut browser, code) = with_code(&portal, "mechanicschool").await;
        browser.get("/access/add").await;
        let page = enter(&mut browser, &code.to_lowercase().replace(' ', "-"), "00-00123456").await;
        assert_eq!(page.path, "/access/add/email", "{}", page.words());
        assert_eq!(page.value("email").as_deref(), Some("mechanicschool@example.com"));
        let refused =
            browser.submit(&page, "/email", &[("email", "a@b.co"), ("email-again", "c@d.co"), ("go", "next")]).await;
        assert!(refused.fault("terms").is_some() && refused.fault("email-again").is_some());
        let page = finish(&mut browser, &page).await;
        assert!(page.says("You have access to Mechanic School 00-00123456"), "{}", page.words());
        let page = browser.get("/springboard").await;
        for text in [
            "Mechanic School Login",
            "+1 (555) 555-5555",
            "First sign-in",
            "No unread messages",
            "00-00123456",
            "MECHANIC SCHOOL",
            "$0.00",
        ] {
            assert!(page.says(text), "{text}: {}", page.words());
        }
        let mails = portal.mails_to("email@email.com", 2).await;
        assert!(mails.iter().any(|mail| mail.contains("was given access to this account")));
        let page = browser.get("/accounts/mechanic-school/00-00123456").await;
        assert!(page.says("Who has access mechanicschool"), "{}", page.words());
        portal.stop().await;
    });
}

#[test]
fn a_code_works_once() {
    run(async {
        let portal = Portal::with_worker().await;
        let (mut browser, code) = with_code(&portal, "mechanicschool").await;
        browser.get("/access/add").await;
        let page = enter(&mut browser, &code, "123456").await;
        finish(&mut browser, &page).await;
        browser.get("/access/add").await;
        let page = enter(&mut browser, &code, "123456").await;
        assert!(page.fault("number").unwrap().contains("do not belong together"));
        portal.stop().await;
    });
}

#[test]
fn of_many_submits_at_once_one_grants() {
    run(async {
        let portal = Portal::with_worker().await;
        let (mut browser, code) = with_code(&portal, "mechanicschool").await;
        browser.get("/access/add").await;
        let page = enter(&mut browser, &code, "123456").await;
        let fields = [
            ("email", "mechanicschool@example.com"),
            ("email-again", "mechanicschool@example.com"),
            ("terms", "yes"),
            ("go", "next"),
        ];
        let page = browser.submit(&page, "/email", &fields).await;
        let fields = || {
            vec![
                ("token".to_owned(), page.value("token").unwrap()),
                ("draft".to_owned(), page.value("draft").unwrap()),
                ("go".to_owned(), "submit".to_owned()),
            ]
        };
        let clicks = (0..4).map(|_| browser.send(Method::POST, "/access/add/summary", Some(fields())));
        let answers = futures_util::future::join_all(clicks).await;
        assert!(
            answers.iter().all(|answer| answer.headers()["location"].to_str().unwrap().starts_with("/access/added/"))
        );
        let listed = browser.get("/springboard/submissions").await;
        assert_eq!(listed.body.matches("Adding account access").count(), 1);
        portal.stop().await;
    });
}

#[test]
fn somebody_elses_code_another_account_and_a_wrong_code_are_refused_alike() {
    run(async {
        let portal = Portal::with_worker().await;
        let (mut browser, code) = with_code(&portal, "mechanicschool").await;
        let mut thief = sign_up(&portal, "anotherperson").await;
        thief.get("/access/add").await;
        let stolen = enter(&mut thief, &code, "123456").await.fault("number").unwrap();
        browser.get("/access/add").await;
        let other_account = enter(&mut browser, &code, "123").await.fault("number").unwrap();
        let wrong = enter(&mut browser, "AAAAA AAAAA", "123456").await.fault("number").unwrap();
        assert_eq!(stolen, other_account);
        assert_eq!(stolen, wrong);
        portal.stop().await;
    });
}

#[test]
fn an_expired_code_is_refused() {
    run(async {
        let portal = Portal::with_worker().await;
        let (mut browser, code) = with_code(&portal, "mechanicschool").await;
        portal.clock.advance(Duration::hours(24) + Duration::minutes(1));
        let page = browser.get("/sign-in").await;
        browser
            .submit(&page, "/sign-in", &[("user-id", "mechanicschool"), ("password", crate::support::PASSWORD)])
            .await;
        browser.get("/access/add").await;
        assert!(enter(&mut browser, &code, "123456").await.fault("number").is_some());
        portal.stop().await;
    });
}

#[test]
fn a_newer_code_voids_the_older() {
    run(async {
        let portal = Portal::with_worker().await;
        let (mut browser, old) = with_code(&portal, "mechanicschool").await;
        portal.clock.advance(Duration::hours(24) + Duration::minutes(1));
        let page = browser.get("/sign-in").await;
        browser
            .submit(&page, "/sign-in", &[("user-id", "mechanicschool"), ("password", crate::support::PASSWORD)])
            .await;
        request_code(&mut browser, "mechanic-school", "123456", true).await;
        let mails = portal.mails_to("email@email.com", 2).await;
        let new = mails.iter().map(|mail| code_in(mail)).find(|code| *code != old).unwrap();
        wait_for_status(&mut browser, "Replaced by a newer request").await;
        wait_for_status(&mut browser, "Code e-mailed").await;
        browser.get("/access/add").await;
        assert!(enter(&mut browser, &old, "123456").await.fault("number").is_some());
        assert_eq!(enter(&mut browser, &new, "123456").await.path, "/access/add/email");
        portal.stop().await;
    });
}

#[test]
fn five_codes_in_ten_minutes_and_no_more() {
    run(async {
        let portal = Portal::with_worker().await;
        let (mut browser, code) = with_code(&portal, "mechanicschool").await;
        browser.get("/access/add").await;
        for _ in 0..5 {
            let page = enter(&mut browser, "AAAAA AAAAA", "123456").await;
            assert!(page.fault("number").unwrap().contains("do not belong together"));
        }
        let page = enter(&mut browser, &code, "123456").await;
        assert!(page.fault("number").unwrap().contains("too many codes"), "{}", page.words());
        portal.clock.advance(Duration::minutes(11));
        assert_eq!(enter(&mut browser, &code, "123456").await.path, "/access/add/email");
        portal.stop().await;
    });
}

#[test]
fn twenty_wrong_codes_void_the_accounts_code() {
    run(async {
        let portal = Portal::with_worker().await;
        let (mut browser, code) = with_code(&portal, "mechanicschool").await;
        browser.get("/access/add").await;
        for _ in 0..4 {
            for _ in 0..5 {
                enter(&mut browser, "AAAAA AAAAA", "123456").await;
            }
            portal.clock.advance(Duration::minutes(11));
        }
        assert!(enter(&mut browser, &code, "123456").await.fault("number").is_some(), "void");
        assert!(browser.get("/springboard/submissions").await.says("Void after too many wrong tries"));
        portal.stop().await;
    });
}

#[test]
fn a_typed_code_is_never_shown_again() {
    run(async {
        let portal = Portal::start().await;
        let mut browser = sign_up(&portal, "mechanicschool").await;
        let page = browser.get("/access/add").await;
        let page = browser.submit(&page, "/authorization-code", &[("code", "short"), ("go", "next")]).await;
        assert!(page.fault("code").is_some());
        assert_eq!(page.value("code").as_deref(), Some(""));
        portal.stop().await;
    });
}
