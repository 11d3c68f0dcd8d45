//! What a stranger can do to somebody else: lock them out, stand in their way, pass for them.

use reqwest::Method;

use crate::{
    staff::{ACCOUNT, holder, logon_of, post},
    support::{Browser, PASSWORD, Portal, run, sign_up},
};

#[test]
fn a_stranger_locks_nobody_out_of_a_device_that_is_known() {
    run(async {
        let portal = Portal::start().await;
        let mut owner = sign_up(&portal, "mechanicschool").await;
        let mut stranger = portal.browser();
        let page = stranger.get("/sign-in").await;
        let sign_in = [("user-id", "mechanicschool"), ("password", PASSWORD)];
        let wrong = async |stranger: &mut Browser| {
            stranger.submit(&page, "/sign-in", &[("user-id", "mechanicschool"), ("password", "wrong")]).await
        };
        for _ in 0..6 {
            wrong(&mut stranger).await;
        }
        let page = stranger.get("/sign-in").await;
        let page = stranger.submit(&page, "/sign-in", &sign_in).await;
        assert!(page.fault("user-id").is_some(), "locked for a new device");
        let page = owner.get("/access").await;
        owner.submit(&page, "/sign-out", &[]).await;
        let page = owner.get("/sign-in").await;
        assert_eq!(owner.submit(&page, "/sign-in", &sign_in).await.path, "/access", "and not for the owner's");
        // The owner's sign-in forgets what the stranger did; a hundred in a row close it for new devices.
        for _ in 0..100 {
            wrong(&mut stranger).await;
            portal.clock.advance(chrono::Duration::hours(2));
        }
        let page = stranger.get("/sign-in").await;
        let page = stranger.submit(&page, "/sign-in", &sign_in).await;
        assert!(page.fault("user-id").is_some(), "closed, however long one waits");
        let page = owner.get("/sign-in").await;
        assert_eq!(owner.submit(&page, "/sign-in", &sign_in).await.path, "/access");
        let page = stranger.get("/sign-in").await;
        assert_eq!(stranger.submit(&page, "/sign-in", &sign_in).await.path, "/access", "open again");
        portal.stop().await;
    });
}

#[test]
fn a_pin_proves_only_the_place_that_it_went_to() {
    run(async {
        let portal = Portal::with_worker().await;
        let mut browser = sign_up(&portal, "mechanicschool").await;
        let page = browser.get("/settings/confirm/email").await;
        let page = browser.submit(&page, "/send", &[]).await;
        let mails = portal.mails_to("mechanicschool@example.com", 2).await;
        let mail = mails.iter().find(|mail| mail.contains("PIN")).unwrap();
        let pin = mail.split_whitespace().find(|word| word.len() == 8 && word.parse::<u32>().is_ok()).unwrap();
        let (token, challenge) = (page.value("token").unwrap(), page.value("challenge").unwrap());
        let fields = [("token", token.as_str()), ("challenge", &challenge), ("pin", pin)];
        let refused = browser.post("/settings/confirm/mobile", &fields).await;
        assert_eq!(refused.status, 422, "{}", refused.words());
        assert!(browser.get("/settings").await.says("Confirm the mobile number"));
        assert!(browser.post("/settings/confirm/email", &fields).await.path.starts_with("/settings?saved"));
        portal.stop().await;
    });
}

#[test]
fn text_messages_go_to_the_countries_that_are_served() {
    run(async {
        let portal = Portal::configured(|config| config.text_countries = vec!["+44".into()]).await;
        let mut browser = sign_up(&portal, "mechanicschool").await;
        let page = browser.get("/settings/confirm/mobile").await;
        let page = browser.submit(&page, "/send", &[]).await;
        assert!(page.status == 422 && page.says("numbers of this country"), "{}", page.words());
        portal.stop().await;
        let portal = Portal::configured(|config| config.text_messages = false).await;
        let mut browser = sign_up_without_texts(&portal).await;
        assert_eq!(browser.get("/settings/confirm/mobile").await.status, 404);
        assert!(!browser.get("/settings/recovery").await.says("PIN by text message"));
        portal.stop().await;
    });
}

async fn sign_up_without_texts(portal: &Portal) -> Browser {
    // The shared path asks for texts as well; what is not offered is not taken.
    sign_up(portal, "mechanicschool").await
}

#[test]
fn signing_in_again_ends_the_session_of_before() {
    run(async {
        let portal = Portal::start().await;
        let mut browser = sign_up(&portal, "mechanicschool").await;
        let before = browser.cookies.clone();
        let token = browser.get("/access").await.value("token").unwrap();
        let fields = [("token", token.as_str()), ("user-id", "mechanicschool"), ("password", PASSWORD)];
        assert_eq!(browser.post("/sign-in", &fields).await.path, "/access");
        assert_ne!(browser.cookies["session"], before["session"]);
        browser.cookies = before;
        assert!(browser.get("/access").await.path.starts_with("/sign-in"), "a copy of the old one opens nothing");
        portal.stop().await;
    });
}

#[test]
fn a_strange_way_back_is_no_fault() {
    run(async {
        let portal = Portal::start().await;
        sign_up(&portal, "mechanicschool").await;
        for back in ["/a\u{0}", "/é", "//evil.example", "/a\r\nx: y"] {
            let mut browser = portal.browser();
            let page = browser.get("/sign-in").await;
            let token = page.value("token").unwrap();
            let fields =
                [("token", token.as_str()), ("back", back), ("user-id", "mechanicschool"), ("password", PASSWORD)];
            assert_eq!(browser.post("/sign-in", &fields).await.path, "/access", "{back:?}");
        }
        portal.stop().await;
    });
}

#[test]
fn somebody_elses_draft_stands_in_nobodys_way() {
    run(async {
        let portal = Portal::start().await;
        let (mut one, _) = holder(&portal, "mechanicschool").await;
        let (mut other, _) = holder(&portal, "anotherholder").await;
        let new = "/accounts/mechanic-school/00-00123456/messages";
        for (browser, body) in [(&mut one, "first"), (&mut other, "second")] {
            let token = browser.get(&format!("{new}/new")).await.value("token").unwrap();
            let fields = [("token", token.as_str()), ("draft", "the-same"), ("subject", "A subject"), ("body", body)];
            let page = browser.post(new, &fields).await;
            assert!(page.says(body), "{}", page.words());
        }
        portal.stop().await;
    });
}

#[test]
fn an_author_has_a_side_and_a_name_is_what_it_looks_like() {
    run(async {
        let portal = Portal::start().await;
        let (mut one, _) = holder(&portal, "mechanicschool").await;
        let mut clerk = portal.clerk().await;
        let page = one.get("/accounts/mechanic-school/00-00123456/messages/new").await;
        one.submit(&page, "/messages", &[("subject", "Question"), ("body", "text")]).await;
        let read = clerk.get(&format!("{ACCOUNT}/messages/1")).await;
        assert!(read.says("Mechanic School Login (account holder)"), "{}", read.words());
        // What would turn or break the line is gone before anybody sees it; a name of nothing else is none.
        for (typed, kept) in
            [("Michigan\nDepartment", Some("Michigan Department")), ("Ann\u{202E}a", Some("Anna")), ("\u{200B}", None)]
        {
            let settings = one.get("/settings/profile").await;
            let mut fields = settings.fields("/settings/profile");
            fields.retain(|(name, _)| !["first", "present", "token"].contains(&name.as_str()));
            let mut form: Vec<(&str, &str)> =
                fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            form.extend([("first", typed), ("present", PASSWORD)]);
            let page = one.submit(&settings, "/settings/profile", &form).await;
            assert_eq!(page.fault("first").is_some(), kept.is_none(), "{typed:?}: {}", page.words());
            assert!(kept.is_none_or(|kept| page.says(kept)), "{typed:?}: {}", page.words());
        }
        portal.stop().await;
    });
}

#[test]
fn a_message_is_rendered_once_when_it_is_posted() {
    run(async {
        let portal = Portal::start().await;
        let (mut one, _) = holder(&portal, "mechanicschool").await;
        let mut clerk = portal.clerk().await;
        post(&mut clerk, "Deep", &format!("Words **here**\n\n{} deep", ">".repeat(3000))).await;
        let db = &portal.built.portal.db;
        let html: Vec<String> = db.raw("SELECT VALUE html FROM message").await.unwrap().take(0).unwrap();
        assert!(html[0].contains("<strong>here</strong>") && html[0].matches("<blockquote>").count() <= 12);
        // What is shown is what is kept; one from before is rendered when it is read.
        db.raw("UPDATE message SET html = '<p>kept</p>'").await.unwrap();
        let path = "/accounts/mechanic-school/00-00123456/messages/1";
        assert!(one.get(path).await.body.contains("<p>kept</p>"));
        db.raw("UPDATE message SET html = NONE").await.unwrap();
        assert!(one.get(path).await.body.contains("<strong>here</strong>"));
        drop(logon_of(&portal, "mechanicschool").await);
        portal.stop().await;
    });
}

#[test]
fn every_page_has_a_head_and_another_sites_form_is_refused_by_its_origin() {
    run(async {
        let portal = Portal::start().await;
        let mut browser = sign_up(&portal, "mechanicschool").await;
        for path in ["/", "/faqs", "/access", "/theme.css", "/live"] {
            let head = browser.send(Method::HEAD, path, None).await;
            assert_eq!(head.status(), 200, "{path}");
            assert!(head.bytes().await.unwrap().is_empty(), "{path}");
        }
        let page = browser.get("/access").await;
        for (origin, status) in [("https://evil.example", 403), ("null", 403)] {
            browser.headers = vec![("origin", origin.to_owned())];
            let fields = vec![("token".to_owned(), page.value("token").unwrap())];
            assert_eq!(browser.send(Method::POST, "/sign-out", Some(fields)).await.status(), status, "{origin}");
        }
        browser.headers = vec![("origin", portal.url.clone())];
        let fields = vec![("token".to_owned(), page.value("token").unwrap())];
        let out = browser.send(Method::POST, "/sign-out", Some(fields)).await;
        assert_eq!((out.status().as_u16(), out.headers()["clear-site-data"].to_str().unwrap()), (303, "\"cache\""));
        portal.stop().await;
    });
}
