//! Threads: holders and the agency answer each other, each holder keeps what they have read and put away.

use springboard::{
    mailbox::{
        lists,
        thread::{After, Author, Folder, New},
    },
    words::DraftId,
};

use crate::{
    staff::{ACCOUNT, account, holder, post},
    support::{Browser, Page, Portal, run, sign_up},
};

const OWN: &str = "/accounts/mechanic-school/00-00123456";
const INBOX: &str = "/springboard/correspondence";

async fn answer(browser: &mut Browser, path: &str, body: &str) -> Page {
    let page = browser.get(path).await;
    browser.submit(&page, path, &[("body", body)]).await
}

#[test]
fn a_thread_goes_back_and_forth_and_each_holder_reads_for_themselves() {
    run(async {
        let portal = Portal::with_worker().await;
        let (mut one, _) = holder(&portal, "mechanicschool").await;
        let (mut other, _) = holder(&portal, "anotherholder").await;
        let mut clerk = portal.clerk().await;
        let page = one.get(&format!("{OWN}/messages/new")).await;
        let page = one.submit(&page, "/messages", &[("subject", "A question"), ("body", "May we *move*?")]).await;
        assert_eq!(page.path, format!("{OWN}/messages/1#message-1"));
        assert!(page.says("You ·") && page.body.contains("<em>move</em>"), "{}", page.words());
        assert!(one.get("/springboard").await.says("No unread messages"), "one's own words are not news");
        assert!(other.get("/springboard").await.says("1 unread message"));
        // The agency sees that somebody waits, takes it, answers.
        assert!(clerk.get("/staff/messages").await.says("A question"));
        let thread = "/staff/accounts/mechanic-school/00-00123456/messages/1";
        let page = clerk.get(thread).await;
        let page = clerk.submit(&page, "/assign", &[]).await;
        assert!(page.says("Looked after by clerk1000"), "{}", page.words());
        assert!(clerk.get("/staff/messages?of=me").await.says("A question"));
        let page = clerk.submit(&page, "/messages/1", &[("body", "Yes."), ("answer-by", "2026-12-01")]).await;
        assert!(page.says("clerk1000 ·"), "{}", page.words());
        assert!(!clerk.get("/staff/messages").await.says("A question"), "answered");
        assert!(one.get("/springboard").await.says("1 unread message"));
        assert!(other.get("/springboard").await.says("2 unread messages"));
        let list = one.get(INBOX).await;
        assert!(list.says("Unread: A question 2 messages") && list.says("Answer by December 1, 2026"));
        let page = one.get(&format!("{OWN}/messages/1")).await;
        assert!(page.says("Please answer by December 1, 2026"));
        assert!(!page.says("clerk1000"), "the agency speaks with one voice");
        assert!(one.get("/springboard").await.says("No unread messages"));
        assert!(other.get("/springboard").await.says("2 unread messages"), "counted for each one alone");
        let page = answer(&mut one, &format!("{OWN}/messages/1"), "Thank you.").await;
        assert_eq!(page.path, format!("{OWN}/messages/1#message-3"));
        assert!(!page.says("Please answer by"), "answered");
        assert!(clerk.get("/staff/messages").await.says("A question"));
        // Everybody who did not write it was told, once for each message.
        portal.mails_to("anotherholder-alerts@example.com", 3).await;
        portal.mails_to("mechanicschool-alerts@example.com", 1).await;
        portal.stop().await;
    });
}

#[test]
fn a_fault_loses_nothing_and_the_same_form_sends_once() {
    run(async {
        let portal = Portal::start().await;
        let (mut one, _) = holder(&portal, "mechanicschool").await;
        let page = one.get(&format!("{OWN}/messages/new")).await;
        let page = one.submit(&page, "/messages", &[("subject", ""), ("body", "kept")]).await;
        assert_eq!(page.status, 422);
        assert!(page.fault("subject").is_some() && page.body.contains("kept"));
        for _ in 0..2 {
            one.submit(&page, "/messages", &[("subject", "Once"), ("body", "text")]).await;
        }
        let thread = format!("{OWN}/messages/1");
        let page = one.get(&thread).await;
        let faulty = one.submit(&page, &thread, &[("body", " ")]).await;
        assert_eq!(faulty.status, 422);
        for _ in 0..2 {
            one.submit(&page, &thread, &[("body", "More")]).await;
        }
        let page = one.get(INBOX).await;
        assert!(page.says("Once 2 messages"), "{}", page.words());
        portal.stop().await;
    });
}

#[test]
fn what_is_put_away_comes_back_with_the_next_message() {
    run(async {
        let portal = Portal::start().await;
        let (mut one, _) = holder(&portal, "mechanicschool").await;
        let (mut other, _) = holder(&portal, "anotherholder").await;
        let mut clerk = portal.clerk().await;
        post(&mut clerk, "Renewal", "text").await;
        let thread = format!("{OWN}/messages/1");
        let page = one.get(&thread).await;
        one.submit(&page, "/archive", &[]).await;
        assert!(!one.get(INBOX).await.says("Renewal"));
        assert!(one.get(&format!("{INBOX}?folder=archived")).await.says("Renewal"));
        assert!(other.get(INBOX).await.says("Renewal"), "each keeps their own places");
        assert!(one.get(&format!("{INBOX}?folder=unread")).await.says("You have read everything"));
        assert!(other.get(&format!("{INBOX}?folder=unread")).await.says("Renewal"));
        answer(&mut clerk, "/staff/accounts/mechanic-school/00-00123456/messages/1", "One more").await;
        assert!(one.get(INBOX).await.says("Unread: Renewal"));
        let page = one.get(&thread).await;
        one.submit(&page, "/archive", &[]).await;
        let page = one.get(&thread).await;
        assert!(page.says("Move to inbox"));
        one.submit(&page, "/archive", &[]).await;
        assert!(one.get(INBOX).await.says("Renewal"));
        answer(&mut one, &thread, "Mine").await;
        assert!(one.get(&format!("{INBOX}?folder=sent")).await.says("Renewal"));
        assert!(other.get(&format!("{INBOX}?folder=sent")).await.says("You have not written anything yet"));
        portal.stop().await;
    });
}

#[test]
fn a_search_finds_words_in_ones_own_accounts_only() {
    run(async {
        let portal = Portal::start().await;
        let (mut one, _) = holder(&portal, "mechanicschool").await;
        let mut clerk = portal.clerk().await;
        post(&mut clerk, "Annual renewal", "Bring the green form.").await;
        post(&mut clerk, "Another thing", "Nothing to bring.").await;
        let elsewhere = "/staff/accounts/mechanic-school/00-00000123";
        let page = clerk.get(elsewhere).await;
        clerk.post_checked(&page, "/messages", &[("subject", "Renewal elsewhere"), ("body", "green")]).await;
        let find = async |one: &mut Browser, words: &str| one.get(&format!("{INBOX}?q={words}")).await;
        let page = find(&mut one, "renewals").await;
        assert!(page.says("1 message was found") && page.says("Annual renewal"), "{}", page.words());
        assert!(find(&mut one, "bring").await.says("2 messages were found"));
        assert!(find(&mut one, "green+form").await.says("Annual renewal"));
        assert!(find(&mut one, "elsewhere").await.says("No message was found"));
        assert!(find(&mut one, "mechanicschoolx00000123").await.says("No message was found"));
        assert!(find(&mut one, "%27%22%3B+DELETE").await.says("No message was found"));
        portal.stop().await;
    });
}

#[test]
fn a_long_list_and_a_long_thread_are_shown_a_page_at_a_time() {
    run(async {
        let portal = Portal::start().await;
        let (mut one, logon) = holder(&portal, "mechanicschool").await;
        let db = &portal.built.portal.db;
        let new = |thread: Option<i64>, subject: String| New {
            account: account(),
            thread,
            subject,
            body: "text".into(),
            author: Author::Staff { id: "clerk".into(), name: "clerk1000".into() },
            answer_by: None,
            notice: None,
            draft: DraftId::draw(),
        };
        for n in 1..=45 {
            portal.built.mailboxes.of(&account()).post(new(None, format!("Thread-{n}-end"))).await.unwrap();
        }
        // The pages of the list hold each thread once, newest first, though the clock stood still.
        let (mut after, mut seen) = (After::NOTHING, Vec::new());
        loop {
            let page = lists::folder(db, &logon, Folder::Inbox, after).await.unwrap();
            seen.extend(page.items.iter().map(|thread| thread.first));
            let Some(next) = page.next else { break };
            after = next;
        }
        assert_eq!(seen, (1..=45).rev().collect::<Vec<_>>());
        let page = one.get(INBOX).await;
        assert!(page.says("Thread-45-end") && page.says("Thread-26-end") && !page.says("Thread-25-end"));
        let older = link(&page, "Older messages");
        let page = one.get(&older).await;
        assert!(page.says("Thread-25-end") && page.says("Thread-6-end") && !page.says("Thread-26-end"));
        for _ in 0..60 {
            portal.built.mailboxes.of(&account()).post(new(Some(1), String::new())).await.unwrap();
        }
        let page = one.get(&format!("{OWN}/messages/1")).await;
        assert!(page.body.contains("id=\"message-105\"") && !page.body.contains("id=\"message-55\""));
        let earlier = link(&page, "Earlier messages");
        let page = one.get(&earlier).await;
        assert!(page.body.contains("id=\"message-1\"") && page.body.contains("id=\"message-55\""));
        portal.stop().await;
    });
}

#[test]
fn who_gains_access_finds_what_was_there_and_who_loses_it_finds_nothing() {
    run(async {
        let portal = Portal::start().await;
        let mut clerk = portal.clerk().await;
        post(&mut clerk, "From before", "text").await;
        let (mut one, logon) = holder(&portal, "mechanicschool").await;
        let page = one.get(INBOX).await;
        assert!(page.says("From before") && !page.says("Unread:"), "{}", page.words());
        let mut stranger = sign_up(&portal, "strangeperson").await;
        let page = one.get(&format!("{OWN}/messages/1")).await;
        let token = stranger.get("/settings").await.value("token").unwrap();
        for path in [format!("{OWN}/messages"), format!("{OWN}/messages/1"), format!("{OWN}/messages/1/archive")] {
            let tried = stranger.post(&path, &[("token", &token), ("subject", "x"), ("body", "y")]).await;
            assert_eq!(tried.status, 404, "{path}");
        }
        for path in [format!("{OWN}/messages/new"), "/live/thread/mechanic-school/00-00123456/1".into()] {
            assert_eq!(stranger.get(&path).await.status, 404, "{path}");
        }
        springboard::mailbox::holders::revoke(&logon, &account()).run(&portal.built.portal.db).await.unwrap();
        portal.built.desk.changed(&logon);
        let tried = one.submit(&page, &format!("{OWN}/messages/1"), &[("body", "too late")]).await;
        assert_eq!(tried.status, 404);
        assert!(!one.get(INBOX).await.says("From before"));
        assert!(clerk.get(ACCOUNT).await.says("From before"));
        portal.stop().await;
    });
}

#[test]
fn an_answer_to_a_thread_that_is_not_there_is_refused() {
    run(async {
        let portal = Portal::start().await;
        let (_, logon) = holder(&portal, "mechanicschool").await;
        let post = |thread, logon: &str| New {
            account: account(),
            thread,
            subject: "x".into(),
            body: "y".into(),
            author: Author::Holder { logon: logon.into(), name: "Name".into() },
            answer_by: None,
            notice: None,
            draft: DraftId::draw(),
        };
        let mailbox = portal.built.mailboxes.of(&account());
        assert!(mailbox.post(post(Some(9), &logon)).await.is_err(), "no such thread");
        assert!(mailbox.post(post(None, "somebody")).await.is_err(), "no access");
        let posted = mailbox.post(post(None, &logon)).await;
        assert!(posted.is_ok(), "{posted:?}");
        portal.stop().await;
    });
}

/// Where the link of this name leads.
fn link(page: &Page, label: &str) -> String {
    let (before, _) = page.body.split_once(&format!("\">{label}</a>")).expect("the link is there");
    before.rsplit_once("href=\"").unwrap().1.replace("&amp;", "&")
}
