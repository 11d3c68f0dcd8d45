//! What a stranger can use up: nothing that belongs to somebody else, and of the portal only a share.

use std::time::Duration;

use reqwest::Method;
use springboard::store::Ask;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    staff::{ACCOUNT, holder, logon_of, post},
    support::{Browser, PASSWORD, Page, Portal, run, sign_up},
};

/// Takes all places of a pool, until the sender is dropped.
fn fill(pool: &springboard::services::WorkPool) -> std::sync::mpsc::Sender<()> {
    let (hold, held) = std::sync::mpsc::channel::<()>();
    let held = std::sync::Arc::new(std::sync::Mutex::new(held));
    for place in 0..1000 {
        let (pool, held) = (pool.clone(), held.clone());
        tokio::spawn(async move {
            let wait = move || drop(held.lock().map(|held| held.recv()));
            drop(pool.run(Some(&format!("somebody {place}")), wait).await);
        });
    }
    hold
}

async fn until_full(portal: &Portal) {
    // Some of the thousand were refused: the others hold all places.
    while portal.built.portal.pools.hashing.load().1 == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[test]
fn a_full_pool_says_so_at_once_and_is_there_again_afterwards() {
    run(async {
        let portal = Portal::start().await;
        sign_up(&portal, "mechanicschool").await;
        let hold = fill(&portal.built.portal.pools.hashing);
        until_full(&portal).await;
        let mut browser = portal.browser();
        let page = browser.get("/sign-in").await;
        let fields = [("user-id", "mechanicschool"), ("password", PASSWORD)];
        let busy = browser.submit(&page, "/sign-in", &fields).await;
        assert_eq!(busy.status, 503, "{}", busy.words());
        assert!(busy.says("The portal is busy"));
        assert_eq!(portal.browser().get("/").await.status, 200, "pages are answered all the same");
        drop(hold);
        while portal.built.portal.pools.hashing.load().0 > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(browser.submit(&page, "/sign-in", &fields).await.path, "/access");
        portal.stop().await;
    });
}

/// Recovery up to the proof.
async fn proof(browser: &mut Browser, user_id: &str, method: &str) -> Page {
    let page = browser.get("/recover/password").await;
    let page = browser.submit(&page, "/user", &[("user-id", user_id), ("go", "next")]).await;
    browser.submit(&page, "/method", &[("method", method), ("go", "next")]).await
}

#[test]
fn nothing_is_hashed_for_a_pin_that_is_dead() {
    run(async {
        let portal = Portal::start().await;
        // A user ID that nobody has and that is offered questions: they cost a hash each.
        let mut browser = portal.browser();
        let mut page = None;
        for number in 0..30 {
            let begun = proof(&mut browser, &format!("nobody{number}"), "questions").await;
            if begun.path.ends_with("/proof") {
                page = Some(begun);
                break;
            }
            let cancelled = browser.get("/recover/password/cancel").await;
            browser.submit(&cancelled, "/cancel", &[]).await;
        }
        let page = page.expect("one in five is offered questions");
        let fields = [("pin", "00000000"), ("answer-1", "blue"), ("answer-2", "green"), ("go", "next")];
        for _ in 0..5 {
            assert_eq!(browser.submit(&page, "/proof", &fields).await.status, 422);
        }
        let hold = fill(&portal.built.portal.pools.hashing);
        until_full(&portal).await;
        assert_eq!(browser.submit(&page, "/proof", &fields).await.status, 422, "no place in the pool was needed");
        drop(hold);
        portal.stop().await;
    });
}

#[test]
fn the_live_check_of_a_password_is_for_people_who_type() {
    run(async {
        let portal = Portal::start().await;
        let mut browser = portal.browser();
        let token = browser.get("/sign-up").await.value("token").unwrap();
        let odd = "4@8({[<369!1|0$5+7%2".repeat(5);
        let looks = (0..60).map(|_| {
            let fields = vec![("token".to_owned(), token.clone()), ("password".to_owned(), odd.clone())];
            browser.send(Method::POST, "/sign-up/guidelines", Some(fields))
        });
        let statuses: Vec<u16> =
            futures_util::future::join_all(looks).await.iter().map(|answer| answer.status().as_u16()).collect();
        assert!(statuses.contains(&200), "{statuses:?}");
        assert!(statuses.iter().filter(|status| **status == 429).count() >= 10, "{statuses:?}");
        portal.stop().await;
    });
}

#[test]
fn a_draft_keeps_its_own_fields_and_one_address_begins_so_many() {
    run(async {
        let portal = Portal::start().await;
        let mut browser = portal.browser();
        let page = browser.get("/sign-up").await;
        let junk = "x".repeat(100_000);
        let fields = [("first", "Ann"), ("last", &junk), ("junk", &junk), ("go", "previous")];
        browser.submit(&page, "/sign-up/profile", &fields).await;
        let kept: Vec<String> =
            portal.built.portal.store.ask(Ask::new("SELECT VALUE answers FROM draft")).await.unwrap().all(0).unwrap();
        assert!(kept[0].contains("Ann") && kept[0].len() < 2000, "{}", kept[0].len());
        let mut statuses = Vec::new();
        for _ in 0..125 {
            statuses.push(portal.browser().get("/sign-up").await.status);
        }
        assert_eq!((statuses[0], statuses[124]), (200, 429));
        portal.stop().await;
    });
}

/// Begins a form and sends no more of it.
async fn stall(portal: &Portal) -> TcpStream {
    let mut stream = TcpStream::connect(portal.url.trim_start_matches("http://")).await.unwrap();
    let head = "POST /sign-in HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 1000\r\n\r\nt";
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

/// All that comes until the connection is closed.
async fn rest(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
    drop(read.expect("the connection is closed"));
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn a_form_that_does_not_come_is_not_waited_for() {
    run(async {
        let portal = Portal::configured(|config| config.limits.form_deadline = Duration::from_millis(200)).await;
        let answer = rest(stall(&portal).await).await;
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
        portal.stop().await;
    });
}

#[test]
fn one_address_has_so_many_requests_open() {
    run(async {
        let portal = Portal::configured(|config| config.limits.requests_per_address = 2).await;
        let held = [stall(&portal).await, stall(&portal).await];
        while portal.built.portal.requests.open() < 2 {
            tokio::task::yield_now().await;
        }
        let refused = portal.browser().send(Method::GET, "/", None).await;
        assert_eq!((refused.status().as_u16(), refused.headers()["retry-after"].to_str().unwrap()), (503, "5"));
        drop(held);
        while portal.built.portal.requests.open() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(portal.browser().get("/").await.status, 200);
        portal.stop().await;
    });
}

#[test]
fn one_person_has_so_many_pages_open() {
    run(async {
        let portal = Portal::configured(|config| config.limits.streams_per_person = 2).await;
        let browser = sign_up(&portal, "mechanicschool").await;
        let open = [browser.send(Method::GET, "/live", None).await, browser.send(Method::GET, "/live", None).await];
        assert_eq!(browser.send(Method::GET, "/live", None).await.status(), 503);
        let other = sign_up(&portal, "anotherperson").await;
        assert_eq!(other.send(Method::GET, "/live", None).await.status(), 200, "of each person");
        drop(open);
        portal.stop().await;
    });
}

#[test]
fn what_one_person_stages_is_bounded_and_the_oldest_form_is_discarded() {
    run(async {
        let portal = Portal::configured(|config| config.limits.staged_bytes = 2500).await;
        let (mut browser, _) = holder(&portal, "mechanicschool").await;
        let text = vec![b'a'; 1000];
        for name in ["one.txt", "two.txt", "three.txt", "four.txt"] {
            let page = browser.get("/accounts/mechanic-school/00-00123456/messages/new").await;
            // Without a subject it is not sent; its file is kept.
            let page = browser.upload(&page, "/messages", &[("body", "text")], &[(name, &text)]).await;
            assert!(page.status == 422 && page.says(name), "{}", page.words());
        }
        let ask = Ask::new("SELECT VALUE name FROM attachment ORDER BY id");
        let staged: Vec<String> = portal.built.portal.store.ask(ask).await.unwrap().all(0).unwrap();
        assert_eq!(staged, ["three.txt", "four.txt"]);
        portal.stop().await;
    });
}

async fn multipart(browser: &Browser, portal: &Portal, body: String) -> u16 {
    let cookies: Vec<String> = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let sent = reqwest::Client::new()
        .post(format!("{}/accounts/mechanic-school/00-00123456/messages", portal.url))
        .header("cookie", cookies.join("; "))
        .header("content-type", "multipart/form-data; boundary=edge")
        .body(body)
        .send();
    sent.await.unwrap().status().as_u16()
}

#[test]
fn a_form_of_parts_without_end_is_not_read() {
    run(async {
        let portal = Portal::start().await;
        let (mut browser, _) = holder(&portal, "mechanicschool").await;
        let page = browser.get("/accounts/mechanic-school/00-00123456/messages/new").await;
        let part = |name: &str, value: &str| {
            format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let token = part("token", &page.value("token").unwrap());
        let empty: String = (0..400).map(|number| part(&format!("{number}{}", "n".repeat(3000)), "")).collect();
        assert_eq!(multipart(&browser, &portal, format!("{token}{empty}--edge--\r\n")).await, 400);
        let few: String = (0..2000).map(|number| part(&number.to_string(), "")).collect();
        assert_eq!(multipart(&browser, &portal, format!("{token}{few}--edge--\r\n")).await, 400);
        let late = format!("{}{token}--edge--\r\n", part("subject", "x"));
        assert_eq!(multipart(&browser, &portal, late).await, 403, "the token is the first part");
        portal.stop().await;
    });
}

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
        assert_eq!(stranger.submit(&page, "/sign-in", &sign_in).await.status, 422, "locked for a new device");
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
        assert_eq!(stranger.submit(&page, "/sign-in", &sign_in).await.status, 422, "closed, however long one waits");
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
        let mut settings = one.get("/settings/profile").await;
        for wrong in ["Michigan\nDepartment", "Ann\u{202E}a", "\u{200B}"] {
            settings = one.get("/settings/profile").await;
            let mut fields = settings.fields("/settings/profile");
            fields.retain(|(name, _)| !["first", "present", "token"].contains(&name.as_str()));
            let mut typed: Vec<(&str, &str)> =
                fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            typed.extend([("first", wrong), ("present", PASSWORD)]);
            let page = one.submit(&settings, "/settings/profile", &typed).await;
            assert!(page.fault("first").is_some(), "{wrong:?}: {}", page.words());
        }
        drop(settings);
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
        let store = &portal.built.portal.store;
        let html: Vec<String> = store.ask(Ask::new("SELECT VALUE html FROM message")).await.unwrap().all(0).unwrap();
        assert!(html[0].contains("<strong>here</strong>") && html[0].matches("<blockquote>").count() <= 12);
        // What is shown is what is kept; one from before is rendered when it is read.
        store.ask(Ask::new("UPDATE message SET html = '<p>kept</p>'")).await.unwrap();
        let path = "/accounts/mechanic-school/00-00123456/messages/1";
        assert!(one.get(path).await.body.contains("<p>kept</p>"));
        store.ask(Ask::new("UPDATE message SET html = NONE")).await.unwrap();
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
