//! What a stranger can use up: nothing that belongs to somebody else, and of the portal only a share.

use std::time::Duration;

use reqwest::Method;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    staff::holder,
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
            portal.built.portal.db.raw("SELECT VALUE answers FROM draft").await.unwrap().take(0).unwrap();
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
        let names = "SELECT VALUE name FROM attachment ORDER BY id";
        let staged: Vec<String> = portal.built.portal.db.raw(names).await.unwrap().take(0).unwrap();
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
