//! What people type, paste and autofill, through the whole portal: each row is one that a program somewhere got wrong.

use reqwest::Method;

use crate::{
    staff::{ACCOUNT, holder, post},
    support::{Browser, PASSWORD, Page, Portal, answer, code_in, request_code, run, sign_up},
};

/// Signs up to the second step, with these fields otherwise.
pub async fn profile(portal: &Portal, others: &[(&str, &str)]) -> (Browser, Page) {
    let mut browser = portal.browser();
    let page = browser.get("/sign-up").await;
    let word = answer(&page);
    let page = browser.submit(&page, "/sign-up/profile", &profile_fields(&word, others)).await;
    (browser, page)
}

/// The fields of the first step of a sign-up, with these otherwise.
pub fn profile_fields<'a>(word: &'a str, others: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("first", "Ann"),
        ("last", "Lee"),
        ("email", "ann@example.com"),
        ("email-again", "ann@example.com"),
        ("work-phone", "555-555-5555"),
        ("verification", word),
        ("terms", "yes"),
        ("go", "next"),
    ];
    fields.retain(|(name, _)| !others.iter().any(|(other, _)| other == name));
    fields.extend(others);
    fields
}

async fn security(browser: &mut Browser, page: &Page, user_id: &str, password: &str) -> Page {
    let fields = [
        ("user-id", user_id),
        ("password", password),
        ("password-again", password),
        ("recovery", "email"),
        ("go", "submit"),
    ];
    browser.submit(page, "/sign-up/security", &fields).await
}

#[test]
fn what_is_pasted_and_filled_in_is_understood() {
    run(async {
        let portal = Portal::start().await;
        let typed = [
            ("first", "\u{FEFF}Jose\u{301}\u{202E}"),
            ("middle", "Marie"),
            ("last", "O\u{2019}Łukasz"),
            ("email", "\u{200B}pat@exam\u{AD}ple.com"),
            ("email-again", "mailto:Pat@example.com"),
            ("work-phone", "(555)\u{A0}555\u{2011}5555 x123"),
            ("mobile", "\u{202D}555\u{2013}555\u{2013}5512\u{202C}"),
        ];
        let (mut browser, page) = profile(&portal, &typed).await;
        assert_eq!(page.path, "/sign-up/security", "{}", page.words());
        // Composed where it is set, decomposed where it is used.
        let page = security(&mut browser, &page, "josel1234", "Café-Lantern-77").await;
        assert!(page.says("Your logon was created"), "{}", page.words());
        let fields = [("user-id", "josel1234"), ("password", "Cafe\u{301}-Lantern-77")];
        let page = browser.submit(&page, "/sign-in", &fields).await;
        assert_eq!(page.path, "/access", "{}", page.words());
        let page = browser.get("/settings").await;
        for shown in ["José M O\u{2019}Łukasz", "pat@example.com", "+1 (555) 555-5555 ext. 123", "+1 (555) 555-5512"]
        {
            assert!(page.says(shown), "{shown}: {}", page.words());
        }
        let mut clerk = portal.clerk().await;
        for typed in ["o'lukasz", "OLUKASZ", "O\u{2019}ŁUKASZ, José", "pat@ex"] {
            let path =
                format!("/staff/logons?q={}", form_urlencoded::byte_serialize(typed.as_bytes()).collect::<String>());
            assert!(clerk.get(&path).await.says("josel1234"), "{typed}");
        }
        portal.stop().await;
    });
}

#[test]
fn no_new_user_id_looks_like_another() {
    run(async {
        let portal = Portal::start().await;
        sign_up(&portal, "smithj4821").await;
        let (mut browser, mut page) = profile(&portal, &[]).await;
        for typed in ["sm\u{456}thj4821", "sm\u{3BF}thj4821", "sm\u{131}thj4821", "ＳmithJ4821"] {
            page = security(&mut browser, &page, typed, "Torque-Wrench-77").await;
            assert!(page.fault("user-id").is_some(), "{typed}: {}", page.words());
            let token = page.value("token").unwrap();
            let fields = vec![("token".into(), token), ("user-id".into(), typed.to_owned())];
            let live = browser.send(Method::POST, "/sign-up/user-id", Some(fields)).await.text().await.unwrap();
            assert!(!live.contains("is free"), "{typed}: {live}");
        }
        // Two of other scripts that look alike: the first one has it.
        page = security(&mut browser, &page, "жук\u{430}", "Torque-Wrench-77").await;
        assert!(page.says("Your logon was created"), "{}", page.words());
        let (mut browser, page) = profile(&portal, &[]).await;
        let page = security(&mut browser, &page, "ЖУК\u{410}", "Torque-Wrench-77").await;
        assert!(page.fault("user-id").is_some(), "{}", page.words());
        portal.stop().await;
    });
}

#[test]
fn a_message_is_shown_as_it_was_typed_and_found() {
    run(async {
        let portal = Portal::start().await;
        let (mut one, _) = holder(&portal, "mechanicschool").await;
        let mut clerk = portal.clerk().await;
        post(&mut clerk, "Your form", "Send form <BDVR-45> to Łódź\nAvery Smith\r\n1 Main St\n\n[Note]: closed").await;
        let page = one.get("/accounts/mechanic-school/00-00123456/messages/1").await;
        assert!(page.body.contains("Send form &lt;BDVR-45&gt; to Łódź<br>"), "{}", page.body);
        assert!(page.body.contains("Avery Smith<br>") && page.says("[Note]: closed"), "{}", page.body);
        for words in ["lodz", "%C5%81%C3%93D%C5%B9", "BDVR"] {
            assert!(one.get(&format!("/springboard/correspondence?q={words}")).await.says("Your form"), "{words}");
        }
        portal.stop().await;
    });
}

#[test]
fn codes_and_numbers_are_read_as_programs_write_them() {
    run(async {
        let portal = Portal::with_worker().await;
        let mut browser = sign_up(&portal, "mechanicschool").await;
        let page = browser.get("/access/request-code").await;
        let page = browser.submit(&page, "/account-type", &[("account-type", "mechanic-school"), ("go", "next")]).await;
        let number = "\u{200E}００\u{2212}00\u{AD}123456\u{200B}";
        let page = browser.submit(&page, "/account-details", &[("number", number), ("go", "next")]).await;
        let page = browser.submit(&page, "/email-option", &[("by-email", "yes"), ("go", "next")]).await;
        let page = browser.submit(&page, "/email-option", &[("by-email", "yes"), ("go", "next")]).await;
        assert_eq!(page.path, "/access/request-code/summary", "{}", page.words());
        browser.submit(&page, "/summary", &[("go", "submit")]).await;
        let code = code_in(&portal.mails_to("email@email.com", 1).await[0]);
        let pasted = format!("\u{FEFF}“{}”.", code.replace(' ', "\u{2013}\u{200B}").to_lowercase());
        browser.get("/access/add").await;
        let page = browser.get("/access/add/authorization-code").await;
        let page = browser.submit(&page, "/authorization-code", &[("code", &pasted), ("go", "next")]).await;
        assert_eq!(page.path, "/access/add/account-info", "{}", page.words());
        let page = browser.submit(&page, "/account-info", &[("number", number), ("go", "next")]).await;
        assert_eq!(page.path, "/access/add/email", "{}", page.words());
        portal.stop().await;
    });
}

#[test]
fn a_step_that_is_opened_by_its_own_address_takes_what_is_typed() {
    run(async {
        let portal = Portal::start().await;
        let mut browser = portal.browser();
        let page = browser.get("/sign-up/profile").await;
        assert_eq!(page.path, "/sign-up/profile");
        let word = answer(&page);
        let fields = profile_fields(&word, &[]);
        assert_eq!(browser.submit(&page, "/sign-up/profile", &fields).await.path, "/sign-up/security");
        // Swept while the page was open: the question is a new one, and all else is there.
        let page = browser.get("/sign-up/profile").await;
        portal.built.portal.db.raw("DELETE draft").await.unwrap();
        let page = browser.submit(&page, "/sign-up/profile", &fields).await;
        assert_eq!(page.path, "/sign-up/security", "{}", page.words());
        let page = browser.get("/sign-up/security").await;
        portal.built.portal.db.raw("DELETE draft").await.unwrap();
        let page = browser.submit(&page, "/sign-up/security", &[("user-id", "annlee1234"), ("go", "submit")]).await;
        assert_eq!(page.status, 409);
        assert!(page.says("What you typed") && page.says("annlee1234"), "{}", page.words());
        portal.stop().await;
    });
}

#[test]
fn a_form_of_another_tab_comes_back_with_what_was_typed() {
    run(async {
        let portal = Portal::start().await;
        let mut browser = portal.browser();
        let old = browser.get("/sign-up").await;
        portal.built.portal.db.raw("DELETE draft").await.unwrap();
        browser.get("/sign-up").await;
        let page = browser.submit(&old, "/sign-up/profile", &[("first", "Ann"), ("last", "Lee"), ("go", "next")]).await;
        assert_eq!(page.status, 409);
        assert!(
            page.says("This form was not sent") && page.value("first").as_deref() == Some("Ann"),
            "{}",
            page.words()
        );
        // Sent again it belongs to the draft that there is.
        let page = browser.submit(&page, "/sign-up/profile", &[("first", "Ann"), ("go", "next")]).await;
        assert_eq!((page.status, page.fault("first")), (422, None), "{}", page.words());
        portal.stop().await;
    });
}

#[test]
fn a_search_has_an_address_to_come_back_to() {
    run(async {
        let portal = Portal::start().await;
        let clerk = portal.clerk().await;
        for (part, whole) in [
            ("/staff/find?q=mech&kind=dealer", "/staff?q=mech&kind=dealer"),
            ("/staff/find/logons?q=a%26b", "/staff/logons?q=a%26b"),
        ] {
            let answer = clerk.send(Method::GET, part, None).await;
            assert_eq!(answer.headers()["hx-replace-url"], whole);
        }
        portal.stop().await;
    });
}

#[test]
fn a_letter_that_can_not_be_printed_says_why_and_goes_out_when_it_can() {
    run(async {
        let portal = Portal::with_worker().await;
        let mut browser = sign_up(&portal, "mechanicschool").await;
        let name = async |name: &str| {
            let renamed = "UPDATE account SET name = $name WHERE number = '0000123456'";
            let db = &portal.built.portal.db;
            db.raw(renamed).bind(("name", name.to_owned())).await.unwrap();
        };
        name("A\u{10FFFD}B").await;
        request_code(&mut browser, "mechanic-school", "123456", false).await;
        let mut clerk = portal.clerk().await;
        let list = "/staff/codes?state=undeliverable";
        let mut page = clerk.get(list).await;
        for _ in 0..400 {
            if page.body.contains("/staff/codes/") {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
            page = clerk.get(list).await;
        }
        let path = page.body.split("href=\"/staff/codes/").nth(1).expect("the code").split('"').next().unwrap();
        let page = clerk.get(&format!("/staff/codes/{path}")).await;
        assert!(page.says("no font has the letter") && page.says("(U+10FFFD)"), "{}", page.words());
        name("山田自動車 CAFÉ ĐẶNG").await;
        clerk.submit(&page, "/again", &[("by", "letter")]).await;
        let letter = portal.files("letters", 1).await.remove(0);
        let text = std::process::Command::new("pdftotext").arg(&letter).arg("-").output().unwrap().stdout;
        let text = String::from_utf8_lossy(&text);
        assert!(text.contains("山田自動車 CAFÉ ĐẶNG"), "{text}");
        portal.stop().await;
    });
}

#[test]
fn a_letter_names_a_user_id_of_any_script() {
    run(async {
        let portal = Portal::with_worker().await;
        let (mut browser, page) = profile(&portal, &[]).await;
        let page = security(&mut browser, &page, "山田太郎一二", PASSWORD).await;
        let page = browser.submit(&page, "/sign-in", &[("user-id", "山田太郎一二"), ("password", PASSWORD)]).await;
        assert_eq!(page.path, "/access", "{}", page.words());
        request_code(&mut browser, "mechanic-school", "123456", false).await;
        let letter = portal.files("letters", 1).await.remove(0);
        let text = std::process::Command::new("pdftotext").arg(&letter).arg("-").output().unwrap().stdout;
        let text = String::from_utf8_lossy(&text);
        assert!(text.contains("山田太郎一二"), "{text}");
        portal.stop().await;
    });
}

#[test]
fn an_address_that_does_not_fit_the_window_is_refused_at_the_door() {
    run(async {
        let portal = Portal::start().await;
        let mut clerk = portal.clerk().await;
        let page = clerk.get(&format!("{ACCOUNT}/address")).await;
        let line = "WORD ".repeat(19);
        let fields = [
            ("line-1", line.as_str()),
            ("line-2", &line),
            ("line-3", &line),
            ("email", ""),
            ("reason", "telephone call"),
        ];
        let page = clerk.submit(&page, "/address", &fields).await;
        assert!(page.fault("line-1").unwrap().contains("The window of an envelope shows 6"), "{}", page.words());
        assert_eq!(page.value("line-2").unwrap().trim(), line.trim(), "nothing typed is lost");
        portal.stop().await;
    });
}

#[test]
fn whoever_has_an_address_of_older_rules_still_comes_in() {
    run(async {
        let portal = Portal::start().await;
        sign_up(&portal, "mechanicschool").await;
        let older = "UPDATE logon SET email = 'pat@old_host.com' WHERE folded = 'mechanicschool'";
        portal.built.portal.db.raw(older).await.unwrap();
        let mut one = portal.browser();
        let page = one.get("/sign-in").await;
        let page = one.submit(&page, "/sign-in", &[("user-id", "mechanicschool"), ("password", PASSWORD)]).await;
        assert_eq!(page.status, 200, "{}", page.words());
        assert!(one.get("/settings").await.says("pat@old_host.com"));
        // It is changed by today's.
        let page = one.get("/settings/profile").await;
        assert_eq!(page.value("email").as_deref(), Some("pat@old_host.com"));
        portal.stop().await;
    });
}
