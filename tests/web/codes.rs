//! Request Code: what is asked, what is refused, and what is sent.

use chrono::Duration;
use reqwest::Method;

use crate::support::{Browser, Page, Portal, code_in, request_code, run, sign_up};

#[test]
fn a_code_by_email_goes_to_the_address_on_record_only() {
    run(async {
        let portal = Portal::with_worker().await;
        let mut browser = sign_up(&portal, "mechanicschool").await;
        let page = request_code(&mut browser, "mechanic-school", "00-00123456", true).await;
        assert!(page.says("0-000-041-436"), "the slides' number: {}", page.words());
        assert!(page.says("will be e-mailed to your address on file"));
        let mails = portal.mails_to("email@email.com", 1).await;
        assert_eq!(code_in(&mails[0]).len(), 11);
        assert!(mails[0].contains("Message-ID: <code-"));
        let own = portal.mails_to("mechanicschool@example.com", 1).await;
        assert!(own.iter().all(|mail| !mail.contains("Authorization code:")));
        portal.stop().await;
    });
}

#[test]
fn the_summary_shows_what_will_be_asked_for() {
    run(async {
        let portal = Portal::start().await;
        let mut browser = sign_up(&portal, "mechanicschool").await;
        let page = browser.get("/access/request-code").await;
        let page = browser.submit(&page, "/account-type", &[("account-type", "mechanic-school"), ("go", "next")]).await;
        assert!(page.says("Enter your Mechanic School ID") && page.says("Username mechanicschool"));
        let page = browser.submit(&page, "/account-details", &[("number", "123"), ("go", "next")]).await;
        assert!(page.says("The email address on record is E*****L@EMAIL.COM"), "{}", page.words());
        let page = browser.submit(&page, "/email-option", &[("by-email", "no"), ("go", "next")]).await;
        let page = browser.submit(&page, "/email-option", &[("by-email", "no"), ("go", "next")]).await;
        for text in [
            "Username mechanicschool",
            "Action Requesting an Account Authorization Code",
            "Account Type Mechanic School",
            "Account Number 00-00000123",
            "The account authorization code necessary for granting you online access will be mailed to your address on file.",
        ] {
            assert!(page.says(text), "{text}: {}", page.words());
        }
        let back = browser.submit(&page, "/summary", &[("go", "previous")]).await;
        assert_eq!(back.path, "/access/request-code/email-option");
        portal.stop().await;
    });
}

#[test]
fn changing_the_answer_at_the_prompt_asks_again() {
    run(async {
        let portal = Portal::start().await;
        let mut browser = sign_up(&portal, "mechanicschool").await;
        let page = browser.get("/access/request-code").await;
        let page = browser.submit(&page, "/account-type", &[("account-type", "mechanic-school"), ("go", "next")]).await;
        let page = browser.submit(&page, "/account-details", &[("number", "123456"), ("go", "next")]).await;
        let page = browser.submit(&page, "/email-option", &[("by-email", "yes"), ("go", "next")]).await;
        let page = browser.submit(&page, "/email-option", &[("by-email", "no"), ("go", "next")]).await;
        assert!(page.says("mailed in a letter to the address on record. Select Next to confirm"), "{}", page.words());
        portal.stop().await;
    });
}

#[test]
fn an_unknown_number_is_told_and_look_ups_are_capped() {
    run(async {
        let portal = Portal::start().await;
        let mut browser = sign_up(&portal, "mechanicschool").await;
        let page = browser.get("/access/request-code").await;
        let mut page = browser.submit(&page, "/account-type", &[("account-type", "dealer"), ("go", "next")]).await;
        for number in 1..=10 {
            page =
                browser.submit(&page, "/account-details", &[("number", &format!("77{number}")), ("go", "next")]).await;
            assert_eq!(page.status, 422);
            assert!(page.fault("number").unwrap().contains("no Dealer account"), "{}", page.words());
            assert_eq!(page.value("number"), Some(format!("77{number}")));
        }
        let page = browser.submit(&page, "/account-details", &[("number", "1005"), ("go", "next")]).await;
        assert!(page.fault("number").unwrap().contains("too many"), "a known number counts alike");
        portal.stop().await;
    });
}

#[test]
fn an_account_without_an_email_on_record_gets_a_letter() {
    run(async {
        let portal = Portal::with_worker().await;
        let mut browser = sign_up(&portal, "mechanicschool").await;
        let page = browser.get("/access/request-code").await;
        let page = browser.submit(&page, "/account-type", &[("account-type", "mechanic"), ("go", "next")]).await;
        let page = browser.submit(&page, "/account-details", &[("number", "1009"), ("go", "next")]).await;
        assert_eq!(page.path, "/access/request-code/summary", "{}", page.words());
        let page = browser.submit(&page, "/summary", &[("go", "submit")]).await;
        assert!(page.says("will be mailed to your address on file"));
        let letters = portal.files("letters", 1).await;
        let text = pdf_text(&letters[0]);
        for words in [
            "Michigan Department of State",
            "WRENCH, MORGAN",
            "9 EXAMPLE AVE",
            "Requested by: mechanicschool",
            "Valid until: December 24, 2026",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert_eq!(code_in(&text).len(), 11);
        portal.stop().await;
    });
}

/// The text of a PDF, as a reader has it.
pub fn pdf_text(file: &std::path::Path) -> String {
    let run = std::process::Command::new("pdftotext").arg("-layout").arg(file).arg("-").output().unwrap();
    assert!(run.status.success());
    String::from_utf8(run.stdout).unwrap()
}

#[test]
fn two_clicks_on_submit_make_one_request() {
    run(async {
        let portal = Portal::with_worker().await;
        let mut browser = sign_up(&portal, "mechanicschool").await;
        let page = browser.get("/access/request-code").await;
        let page = browser.submit(&page, "/account-type", &[("account-type", "mechanic-school"), ("go", "next")]).await;
        let page = browser.submit(&page, "/account-details", &[("number", "123456"), ("go", "next")]).await;
        let page = browser.submit(&page, "/email-option", &[("by-email", "yes"), ("go", "next")]).await;
        let page = browser.submit(&page, "/email-option", &[("by-email", "yes"), ("go", "next")]).await;
        let fields = |page: &crate::support::Page| {
            vec![
                ("token".to_owned(), page.value("token").unwrap()),
                ("draft".to_owned(), page.value("draft").unwrap()),
                ("go".to_owned(), "submit".to_owned()),
            ]
        };
        let path = "/access/request-code/summary";
        let clicks = (0..4).map(|_| browser.send(Method::POST, path, Some(fields(&page))));
        let answers = futures_util::future::join_all(clicks).await;
        let places: Vec<&str> = answers.iter().map(|answer| answer.headers()["location"].to_str().unwrap()).collect();
        assert!(
            places.iter().all(|place| *place == places[0] && place.starts_with("/access/requested/")),
            "{places:?}"
        );
        let reload = browser.submit(&page, "/summary", &[("go", "submit")]).await;
        assert_eq!(reload.path, places[0]);
        portal.mails_to("email@email.com", 1).await;
        let listed = browser.get("/springboard/submissions").await;
        assert_eq!(listed.body.matches("Request for an account authorization code").count(), 1);
        portal.stop().await;
    });
}

/// A request that the last step refuses.
async fn refused_request(browser: &mut Browser) -> Page {
    let page = browser.get("/access/request-code").await;
    let page = browser.submit(&page, "/account-type", &[("account-type", "mechanic-school"), ("go", "next")]).await;
    let page = browser.submit(&page, "/account-details", &[("number", "123456"), ("go", "next")]).await;
    let page = browser.submit(&page, "/email-option", &[("by-email", "no"), ("go", "next")]).await;
    let page = browser.submit(&page, "/email-option", &[("by-email", "no"), ("go", "next")]).await;
    browser.submit(&page, "/summary", &[("go", "submit")]).await
}

#[test]
fn one_code_a_day_for_a_person_and_an_account_and_nobody_elses_request_touches_it() {
    run(async {
        let portal = Portal::with_worker().await;
        let mut owner = sign_up(&portal, "mechanicschool").await;
        request_code(&mut owner, "mechanic-school", "123456", true).await;
        let code = code_in(&portal.mails_to("email@email.com", 1).await[0]);
        let again = refused_request(&mut owner).await;
        assert!(again.fault("number").unwrap().contains("within the last 24 hours"), "{}", again.words());
        // Five strangers ask for the same account; the sixth is one too many, and only of strangers.
        for stranger in ["stranger1", "stranger2", "stranger3", "stranger4", "stranger5"] {
            let mut browser = sign_up(&portal, stranger).await;
            request_code(&mut browser, "mechanic-school", "123456", true).await;
        }
        let mut sixth = sign_up(&portal, "stranger6").await;
        let page = refused_request(&mut sixth).await;
        assert!(page.fault("number").unwrap().contains("Too many codes were requested"), "{}", page.words());
        // The owner's code is as good as before.
        owner.get("/access/add").await;
        let page = owner.get("/access/add/authorization-code").await;
        let page = owner.submit(&page, "/authorization-code", &[("code", &code), ("go", "next")]).await;
        let page = owner.submit(&page, "/account-info", &[("number", "123456"), ("go", "next")]).await;
        assert_eq!(page.path, "/access/add/email", "{}", page.words());
        portal.stop().await;
    });
}

#[test]
fn a_form_of_another_draft_is_a_stale_tab() {
    run(async {
        let portal = Portal::start().await;
        let mut browser = sign_up(&portal, "mechanicschool").await;
        let old = browser.get("/access/request-code").await;
        let page = browser.get("/access/request-code/cancel").await;
        assert_eq!(browser.submit(&page, "/cancel", &[]).await.path, "/access");
        browser.get("/access/request-code").await;
        let page = browser.submit(&old, "/account-type", &[("account-type", "dealer"), ("go", "next")]).await;
        assert_eq!(page.status, 409);
        assert!(page.says("This form was not sent") && page.says("Check it, then send it again"), "{}", page.words());
        portal.stop().await;
    });
}

#[test]
fn a_draft_outlives_the_session() {
    run(async {
        let portal = Portal::start().await;
        let mut browser = sign_up(&portal, "mechanicschool").await;
        let page = browser.get("/access/request-code").await;
        browser.submit(&page, "/account-type", &[("account-type", "dealer"), ("go", "next")]).await;
        portal.clock.advance(Duration::minutes(31));
        let page = browser.get("/access/request-code/account-details").await;
        let page = browser
            .submit(&page, "/sign-in", &[("user-id", "mechanicschool"), ("password", crate::support::PASSWORD)])
            .await;
        assert_eq!(page.path, "/access/request-code/account-details", "{}", page.words());
        assert!(page.says("Enter your Dealer ID"));
        portal.stop().await;
    });
}

#[test]
fn nobody_sees_another_persons_confirmation() {
    run(async {
        let portal = Portal::start().await;
        let mut browser = sign_up(&portal, "mechanicschool").await;
        let page = request_code(&mut browser, "mechanic-school", "123456", true).await;
        let number = page.path.rsplit('/').next().unwrap().to_owned();
        let mut other = sign_up(&portal, "anotherperson").await;
        assert_eq!(other.get(&page.path).await.status, 404);
        assert_eq!(other.get(&format!("/submissions/{number}")).await.status, 404);
        assert_eq!(browser.get(&format!("/submissions/{number}")).await.status, 200);
        portal.stop().await;
    });
}
