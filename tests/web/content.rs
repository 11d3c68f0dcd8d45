//! What the agency says: changed in the console, previewed, published and brought back.

use springboard::{content, db::Db};

use crate::support::{Browser, Page, Portal, run, sign_up};

/// The form of a document, as it was filled by the page, with other values in some fields.
fn typed(page: &Page, others: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut fields = page.fields("/staff/content/");
    for (name, value) in others {
        fields.retain(|(field, _)| field != name);
        if !value.is_empty() {
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
    }
    fields
}

async fn press(browser: &mut Browser, document: &str, page: &Page, act: &str, others: &[(&str, &str)]) -> Page {
    let fields = typed(page, &[others, &[("act", act)]].concat());
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post(&format!("/staff/content/{document}"), &fields).await
}

/// Changes a document and publishes it.
async fn publish(browser: &mut Browser, document: &str, others: &[(&str, &str)], how: &[(&str, &str)]) -> Page {
    let page = browser.get(&format!("/staff/content/{document}")).await;
    let page = press(browser, document, &page, "preview", others).await;
    assert!(page.says("This is not published yet"), "{}", page.words());
    press(browser, document, &page, "publish", how).await
}

/// Changes a document that a second employee has to publish, and has one publish it.
pub async fn submit_and_release(
    portal: &Portal,
    browser: &mut Browser,
    document: &str,
    text: &str,
    how: &[(&str, &str)],
) {
    let page = publish_by_two(portal, browser, document, &[("item-0-text", text)], how).await;
    assert!(page.says("released by admin1000"), "{}", page.words());
}

/// The same with any fields.
async fn publish_by_two(
    portal: &Portal,
    browser: &mut Browser,
    document: &str,
    others: &[(&str, &str)],
    how: &[(&str, &str)],
) -> Page {
    let page = publish(browser, document, others, how).await;
    release(portal, document, page).await
}

/// Has a second supervisor publish what now waits, as the author's page says.
async fn release(portal: &Portal, document: &str, waiting: Page) -> Page {
    assert!(waiting.says("It waits for another supervisor"), "{}", waiting.words());
    let mut other = portal.staff("admin1000").await;
    let page = other.get(&format!("/staff/content/{document}/waiting")).await;
    let page = other.submit(&page, "/waiting/publish", &[]).await;
    assert!(page.says("It is published."), "{}", page.words());
    page
}

#[test]
fn a_menu_is_previewed_published_by_another_and_brought_back() {
    run(async {
        let portal = Portal::start().await;
        let mut supervisor = portal.staff("supervisor1000").await;
        let page = supervisor.get("/staff/content/menu").await;
        let page = press(&mut supervisor, "menu", &page, "preview", &[("item-1-label", "Renew in person")]).await;
        assert!(page.says("This is not published yet") && page.says("Renew in person"), "{}", page.words());
        assert!(!supervisor.get("/").await.says("Renew in person"));
        let page = press(&mut supervisor, "menu", &page, "publish", &[("note", "As the branches ask")]).await;
        assert!(!portal.browser().get("/").await.says("Renew in person"), "where a menu leads takes two");
        let own = supervisor.get("/staff/content/menu/waiting").await.value("token").unwrap();
        let own = supervisor.post("/staff/content/menu/waiting/publish", &[("token", &own)]).await;
        assert_eq!(own.status, 404, "nobody releases their own");
        let page = release(&portal, "menu", page).await;
        for words in
            ["It is published.", "Version 1 (opens in a new tab) (published)", "As the branches ask", "supervisor1000"]
        {
            assert!(page.says(words), "{words} in {}", page.words());
        }
        assert!(portal.browser().get("/").await.says("Renew in person"));
        let page = supervisor.get("/staff/content/menu/versions/0").await;
        let page = supervisor.submit(&page, "/content/menu", &[("act", "preview")]).await;
        assert!(page.says("This is not published yet"), "{}", page.words());
        let page = press(&mut supervisor, "menu", &page, "publish", &[]).await;
        let page = release(&portal, "menu", page).await;
        assert!(page.says("Version 2 (opens in a new tab) (published)"), "{}", page.words());
        assert!(!portal.browser().get("/").await.says("Renew in person"));
        let audit = portal.staff("auditor1000").await.get("/staff/audit?did=published+what+the+agency+says").await;
        assert!(
            audit.says("version 1, written by supervisor1000, sha256:") && audit.says("As the branches ask"),
            "{}",
            audit.words()
        );
        portal.stop().await;
    });
}

#[test]
fn items_are_moved_added_and_removed_without_losing_what_was_typed() {
    run(async {
        let portal = Portal::start().await;
        let mut supervisor = portal.staff("supervisor1000").await;
        let page = supervisor.get("/staff/content/faqs").await;
        let (first, second) = (page.value("item-0-question").unwrap(), page.value("item-1-question").unwrap());
        let page = press(&mut supervisor, "faqs", &page, "down-0", &[("item-0-question", "Typed?")]).await;
        assert_eq!(page.value("item-0-question").unwrap(), second);
        assert_eq!(page.value("item-1-question").unwrap(), "Typed?");
        let page = press(&mut supervisor, "faqs", &page, "remove-0", &[]).await;
        assert_eq!(page.value("item-0-question").unwrap(), "Typed?");
        let page = press(&mut supervisor, "faqs", &page, "add-0-0", &[]).await;
        assert_eq!(page.value("item-1-question").unwrap(), "");
        let page = press(&mut supervisor, "faqs", &page, "preview", &[]).await;
        assert!(page.status == 422 && page.fault("item-1-question").is_some(), "{}", page.words());
        assert_eq!(page.value("item-0-question").unwrap(), "Typed?");
        assert!(supervisor.get("/faqs").await.says(&first), "nothing was published");
        portal.stop().await;
    });
}

#[test]
fn a_new_page_is_led_to_and_stays_while_a_menu_leads_to_it() {
    run(async {
        let portal = Portal::start().await;
        let mut supervisor = portal.staff("supervisor1000").await;
        let taken = supervisor.get("/staff/content/new?name=branches").await;
        assert!(taken.status == 422 && taken.fault("name").is_some(), "{}", taken.words());
        let page = supervisor.get("/staff/content/new?name=winter-plates").await;
        assert_eq!(page.path, "/staff/content/guide-winter-plates");
        let text = [("item-0-title", "Winter plates"), ("item-0-text", "One.\r\n\r\nTwo <b>bold</b>.")];
        publish(&mut supervisor, "guide-winter-plates", &text, &[]).await;
        let page = portal.browser().get("/services/winter-plates").await;
        assert!(page.says("Winter plates") && page.says("Two <b>bold</b>."), "{}", page.words());
        let lead = [("item-1-href", "/services/winter-plates")];
        publish_by_two(&portal, &mut supervisor, "menu", &lead, &[]).await;
        // As another process reads it: the page, and the menu that leads to it.
        content::load(&portal.built.portal).await.unwrap();
        assert!(portal.browser().get("/").await.body.contains("/services/winter-plates"));
        let page = supervisor.get("/staff/content/guide-winter-plates").await;
        let page = press(&mut supervisor, "guide-winter-plates", &page, "away", &[]).await;
        assert!(page.status == 422 && page.says("leads to no page"), "{}", page.words());
        publish_by_two(&portal, &mut supervisor, "menu", &[("item-1-href", "/services/branches")], &[]).await;
        let page = supervisor.get("/staff/content/guide-winter-plates").await;
        let page = press(&mut supervisor, "guide-winter-plates", &page, "away", &[]).await;
        press(&mut supervisor, "guide-winter-plates", &page, "publish", &[]).await;
        assert_eq!(portal.browser().get("/services/winter-plates").await.status, 404);
        portal.stop().await;
    });
}

#[test]
fn a_page_of_the_configuration_is_taken_away_and_brought_back() {
    run(async {
        let portal = Portal::start().await;
        let mut supervisor = portal.staff("supervisor1000").await;
        let page = supervisor.get("/staff/content/guide-branches").await;
        let kept = page.value("item-0-title").unwrap();
        let page = press(&mut supervisor, "guide-branches", &page, "away", &[]).await;
        assert!(page.status == 422 && page.says("leads to no page"), "{}", page.words());
        assert_eq!(page.value("item-0-title").unwrap(), kept, "the form is as it was");
        let menu = supervisor.get("/staff/content/menu").await.fields("/staff/content/");
        let (entry, _) = menu.into_iter().find(|(_, value)| value == "/services/branches").unwrap();
        publish_by_two(&portal, &mut supervisor, "menu", &[(&entry, "/contact")], &[]).await;
        let page = supervisor.get("/staff/content/guide-branches").await;
        let page = press(&mut supervisor, "guide-branches", &page, "away", &[]).await;
        let back = press(&mut supervisor, "guide-branches", &page, "edit", &[]).await;
        assert_eq!(back.value("item-0-title").unwrap(), kept);
        let page = press(&mut supervisor, "guide-branches", &page, "publish", &[]).await;
        assert!(page.says("The page is taken away."), "{}", page.words());
        for _ in 0..2 {
            assert_eq!(portal.browser().get("/services/branches").await.status, 404);
            content::load(&portal.built.portal).await.unwrap();
        }
        let list = supervisor.get("/staff/content").await;
        assert!(list.says("Pages that were taken away") && list.says("/services/branches"), "{}", list.words());
        let page = supervisor.get("/staff/content/guide-branches/versions/0").await;
        let page = supervisor.submit(&page, "/content/guide-branches", &[("act", "preview")]).await;
        press(&mut supervisor, "guide-branches", &page, "publish", &[]).await;
        assert!(portal.browser().get("/services/branches").await.says(&kept));
        portal.stop().await;
    });
}

#[test]
fn help_keeps_its_steps() {
    run(async {
        let portal = Portal::start().await;
        let mut supervisor = portal.staff("supervisor1000").await;
        let before = portal.built.portal.agency().help.clone();
        publish(&mut supervisor, "help", &[("item-1-text", ""), ("item-4-text", "New help.")], &[]).await;
        let help = portal.built.portal.agency().help.clone();
        assert!(!help.contains_key("sign-in") && help["recover/user"] == "New help.", "{help:?}");
        let page = supervisor.get("/staff/content/help/versions/0").await;
        let page = supervisor.submit(&page, "/content/help", &[("act", "preview")]).await;
        press(&mut supervisor, "help", &page, "publish", &[]).await;
        assert_eq!(portal.built.portal.agency().help, before);
        portal.stop().await;
    });
}

#[test]
fn a_code_in_a_subject_would_be_kept_and_is_refused() {
    run(async {
        let portal = Portal::start().await;
        let mut supervisor = portal.staff("supervisor1000").await;
        let page = supervisor.get("/staff/content/text-code-mail").await;
        for (field, text) in
            [("item-0-subject", "Code {code}"), ("item-0-text", "{code} {number} https://evil.example")]
        {
            let refused = press(&mut supervisor, "text-code-mail", &page, "preview", &[(field, text)]).await;
            assert!(refused.status == 422 && refused.fault(field).is_some(), "{}", refused.words());
        }
        portal.stop().await;
    });
}

#[test]
fn what_binds_or_brings_a_secret_takes_two_employees() {
    run(async {
        let portal = Portal::start().await;
        let (mut author, mut other) = (portal.staff("supervisor1000").await, portal.staff("admin1000").await);
        let mut clerk = portal.clerk().await;
        for document in ["terms", "access-terms", "text-code-mail", "text-pin-text", "text-recovery-letter"] {
            let page = author.get(&format!("/staff/content/{document}")).await;
            let text = page.fields("/staff/content/").into_iter().find(|(name, _)| name == "item-0-text").unwrap().1;
            let page = publish(&mut author, document, &[("item-0-text", &format!("{text} More."))], &[]).await;
            assert!(page.says("It waits for another supervisor"), "{document}: {}", page.words());
            assert_eq!(portal.built.portal.publication.now().version(document), 0, "{document}");
            // Its author can't publish it, a clerk only looks, and nobody's else can take its place.
            let waits = format!("/staff/content/{document}/waiting");
            let own = author.get(&waits).await;
            let (token, mark) = (own.value("token").unwrap(), own.value("mark").unwrap());
            let fields = [("token", &*token), ("mark", &*mark)];
            assert_eq!(author.post(&format!("{waits}/publish"), &fields).await.status, 404);
            assert_eq!(author.post(&format!("{waits}/refuse"), &fields).await.status, 404);
            let looked = clerk.get(&waits).await;
            assert!(looked.says("More.") && !looked.body.contains("/waiting/"), "{}", looked.words());
            for browser in [&mut other, &mut author] {
                let page = browser.get(&format!("/staff/content/{document}")).await;
                assert!(page.says("waits for another supervisor to publish it"), "{}", page.words());
                let mine = format!("{text} Mine.");
                let page = press(browser, document, &page, "preview", &[("item-0-text", &mine)]).await;
                let taken = press(browser, document, &page, "publish", &[]).await;
                assert!(taken.status == 422 && taken.says("Another version waits already"), "{}", taken.words());
            }
        }
        assert!(author.get("/staff/content").await.says("another waits to be published"));

        // What was changed after somebody looked at it is not published by them; what they refuse is not lost.
        let seen = other.get("/staff/content/terms/waiting").await;
        let page = author.get("/staff/content/terms/waiting").await;
        let page = author.submit(&page, "/content/terms", &[("act", "edit")]).await;
        let page = press(&mut author, "terms", &page, "preview", &[("item-0-text", "Changed meanwhile.")]).await;
        let page = press(&mut author, "terms", &page, "publish", &[]).await;
        assert!(page.says("It waits for another supervisor"), "{}", page.words());
        let page = other.submit(&seen, "/waiting/publish", &[]).await;
        assert!(page.status == 422 && page.says("It was changed since you looked at it"), "{}", page.words());
        let page = other.submit(&page, "/waiting/refuse", &[]).await;
        assert!(page.says("was not published by admin1000"), "{}", page.words());
        assert_eq!(portal.built.portal.publication.now().version("terms"), 0);
        let page = author.get("/staff/content/terms/waiting").await;
        assert!(page.says("admin1000 did not publish it") && page.says("Changed meanwhile."), "{}", page.words());
        let page = author.submit(&page, "/content/terms", &[("act", "edit")]).await;
        let page = press(&mut author, "terms", &page, "preview", &[("item-0-text", "Better.")]).await;
        press(&mut author, "terms", &page, "publish", &[]).await;
        let page = other.get("/staff/content/terms/waiting").await;
        let page = other.submit(&page, "/waiting/publish", &[]).await;
        assert!(page.says("It is published.") && portal.browser().get("/terms").await.says("Better."));
        let page = author.get("/staff/content/access-terms/waiting").await;
        let page = author.submit(&page, "/waiting/withdraw", &[]).await;
        assert!(!page.says("waits for another supervisor"), "{}", page.words());
        let audit = portal.staff("auditor1000").await.get("/staff/audit").await;
        for deed in ["did not publish what the agency would say", "withdrew what a colleague would have published"] {
            assert!(audit.did(deed), "{deed}: {}", audit.words());
        }
        portal.stop().await;
    });
}

#[test]
fn two_publications_that_can_not_both_hold_are_not_both_made() {
    run(async {
        let db = Db::in_memory().await.unwrap();
        let (here, there) = (Portal::on(db.clone()).await, Portal::on(db).await);
        let (mut one, mut other) = (here.staff("supervisor1000").await, there.staff("supervisor1000").await);
        let text = [("item-0-title", "Winter plates"), ("item-0-text", "Text.")];
        publish(&mut one, "guide-winter-plates", &text, &[]).await;
        content::load(&there.built.portal).await.unwrap();
        // There it is to be taken away, here a menu comes to lead to it.
        let page = other.get("/staff/content/guide-winter-plates").await;
        let away = press(&mut other, "guide-winter-plates", &page, "away", &[]).await;
        publish_by_two(&here, &mut one, "menu", &[("item-1-href", "/services/winter-plates")], &[]).await;
        let page = press(&mut other, "guide-winter-plates", &away, "publish", &[]).await;
        assert!(page.status == 422 && page.says("leads to no page"), "{}", page.words());
        assert_eq!(there.browser().get("/services/winter-plates").await.status, 200);
        here.stop().await;
        there.stop().await;
    });
}

#[test]
fn two_who_change_a_document_at_once_are_told() {
    run(async {
        let portal = Portal::start().await;
        let (mut one, mut other) = (portal.staff("supervisor1000").await, portal.staff("admin1000").await);
        let page = other.get("/staff/content/home").await;
        let page = press(&mut other, "home", &page, "preview", &[("item-0-slogan", "Theirs")]).await;
        publish(&mut one, "home", &[("item-0-slogan", "Mine")], &[]).await;
        let refused = press(&mut other, "home", &page, "publish", &[]).await;
        assert!(refused.status == 422 && refused.says("Version 1 was published since"), "{}", refused.words());
        assert_eq!(refused.value("item-0-slogan").unwrap(), "Theirs");
        assert!(portal.browser().get("/").await.says("Mine"));
        let page = press(&mut other, "home", &refused, "preview", &[]).await;
        press(&mut other, "home", &page, "publish", &[]).await;
        assert!(portal.browser().get("/").await.says("Theirs"));
        portal.stop().await;
    });
}

#[test]
fn a_text_is_written_to_people_as_it_was_published() {
    run(async {
        let mut portal = Portal::with_worker().await;
        let mut supervisor = portal.staff("supervisor1000").await;
        let page = supervisor.get("/staff/content/text-welcome").await;
        assert!(page.says("{ user_id }") || page.says("{user_id}"), "{}", page.words());
        let page = press(&mut supervisor, "text-welcome", &page, "preview", &[("item-0-text", "Hello {nobody}")]).await;
        assert!(page.status == 422 && page.fault("item-0-text").is_some(), "{}", page.words());
        let text = [("item-0-subject", "Hello from {portal}"), ("item-0-text", "You are {user_id}.")];
        publish(&mut supervisor, "text-welcome", &text, &[]).await;
        sign_up(&portal, "newcomer").await;
        let mail = portal.mails_to("newcomer@example.com", 1).await.remove(0);
        assert!(
            mail.contains("Subject: Hello from CARS e-Services\r\n") && mail.contains("You are newcomer."),
            "{mail}"
        );
        portal.stop_worker().await;
        let page = supervisor.get("/staff/content/text-code-letter").await;
        let unprintable = [("item-0-text", "Keep it to yourself \u{1F642}")];
        let refused = press(&mut supervisor, "text-code-letter", &page, "preview", &unprintable).await;
        assert!(refused.status == 422 && refused.says("It can't be printed"), "{}", refused.words());
        let fields = typed(&page, &[("act", "print")]);
        let answer = supervisor.send(reqwest::Method::POST, "/staff/content/text-code-letter", Some(fields)).await;
        assert_eq!(answer.headers()["content-type"], "application/pdf");
        assert!(answer.bytes().await.unwrap().starts_with(b"%PDF"));
        portal.stop().await;
    });
}

#[test]
fn who_may_not_change_it_looks_at_it_and_another_process_is_told() {
    run(async {
        let db = Db::in_memory().await.unwrap();
        let (here, there) = (Portal::on(db.clone()).await, Portal::on(db).await);
        let mut clerk = here.clerk().await;
        let page = clerk.get("/staff/content/faqs").await;
        assert!(
            page.says("What is an authorization code?") && !page.body.contains("item-0-question"),
            "{}",
            page.words()
        );
        let token = clerk.get("/staff").await.value("token").unwrap();
        let page = clerk.post("/staff/content/faqs", &[("token", &token), ("act", "publish")]).await;
        assert_eq!(page.status, 403);
        let mut supervisor = here.staff("supervisor1000").await;
        publish(&mut supervisor, "faqs", &[("item-0-question", "Heard there?")], &[]).await;
        let mut browser = there.browser();
        for _ in 0..200 {
            if browser.get("/faqs").await.says("Heard there?") {
                here.stop().await;
                there.stop().await;
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("the other process was not told");
    });
}
