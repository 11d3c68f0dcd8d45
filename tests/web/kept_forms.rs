//! Forms whose session has ended, or is another one by now: nobody types them twice.

use chrono::Duration;

use crate::{
    content::submit_and_release,
    staff::holder,
    support::{Browser, PASSWORD, Page, Portal, run},
};

async fn sign_in(browser: &mut Browser, user_id: &str) -> Page {
    let page = browser.get("/sign-in").await;
    browser.submit(&page, "/sign-in", &[("user-id", user_id), ("password", PASSWORD)]).await
}

#[test]
fn a_form_whose_session_has_ended_is_kept_for_whoever_wrote_it() {
    run(async {
        let portal = Portal::start().await;
        let (mut one, _) = holder(&portal, "mechanicschool").await;
        let (stranger, _) = holder(&portal, "anotherholder").await;
        let page = one.get("/accounts/mechanic-school/00-00123456/messages/new").await;
        portal.clock.advance(Duration::minutes(31));
        let body = "A long story.\n\nWith <two> lines & more";
        let asked = one.submit(&page, "/messages", &[("subject", "My question"), ("body", body), ("go", "post")]).await;
        assert!(asked.path.starts_with("/sign-in"), "{}", asked.path);
        // It is nobody else's, whoever sits at the browser.
        let as_other = sign_in(&mut one, "anotherholder").await;
        assert_eq!(as_other.path, "/springboard", "{}", as_other.words());
        one.cookies.remove("session");
        let offered = sign_in(&mut one, "mechanicschool").await;
        assert_eq!(offered.path, "/kept", "{}", offered.words());
        assert!(offered.says("My question") && offered.says("With <two> lines & more"), "{}", offered.words());
        // Terms that changed come first: the form's page would ask for them, and take nothing.
        let mut supervisor = portal.staff("supervisor1000").await;
        submit_and_release(&portal, &mut supervisor, "terms", "Newer terms.", &[]).await;
        let terms = one.get("/kept").await;
        assert_eq!(terms.path, "/agree?back=/kept", "{}", terms.words());
        let offered = one.submit(&terms, "/agree", &[("terms", "yes")]).await;
        assert_eq!(offered.path, "/kept", "{}", offered.words());
        let fields = offered.fields("/kept/");
        let (_, action) = offered.body.split_once(" action=\"/kept/").unwrap();
        let answer = one.try_send(&format!("/kept/{}", action.split('"').next().unwrap()), &fields).await.unwrap();
        let target = answer.headers()["location"].to_str().unwrap().to_owned();
        assert!(answer.status() == 307 && target.starts_with(&format!("{}?kept=", page_path(&page))), "{target}");
        // It is there until its page has answered: a session that ended on the way loses nothing.
        let session = one.cookies.remove("session").unwrap();
        let away = one.try_send(&target, &fields).await.unwrap();
        assert!(away.headers()["location"].to_str().unwrap().starts_with("/sign-in"));
        one.cookies.insert("session".into(), session);
        assert!(one.get("/kept").await.says("My question"));
        let mut stale = fields.clone();
        stale.retain(|(name, _)| name != "token");
        stale.push(("token".into(), "0".repeat(64)));
        assert_eq!(one.try_send(&target, &stale).await.unwrap().status(), 403);
        one.headers = vec![("sec-fetch-site", "same-origin".to_owned())];
        let again = one.try_send(&target, &stale).await.unwrap().text().await.unwrap();
        assert!(again.contains(&format!("action=\"{target}\"")), "sent again it is still the kept form: {again}");
        one.headers.clear();
        assert!(one.get("/kept").await.says("My question"), "a fault takes nothing");
        let answer = one.try_send(&target, &fields).await.unwrap();
        assert_eq!(answer.status(), 303);
        let read = one.get("/accounts/mechanic-school/00-00123456/messages/1").await;
        assert!(read.says("With <two> lines & more"), "{}", read.words());
        assert_eq!(one.get("/kept").await.path, "/springboard", "once");

        // No secret is kept, and no form of anybody who did not have it from the portal.
        let settings = one.get("/settings/password").await;
        portal.clock.advance(Duration::minutes(31));
        let fields =
            [("present", PASSWORD), ("password", "Another-Wrench-78"), ("password-again", "Another-Wrench-78")];
        one.submit(&settings, "/settings/password", &fields).await;
        let forged = vec![("token".to_owned(), "0".repeat(64)), ("body".to_owned(), "forged".to_owned())];
        stranger.try_send("/accounts/mechanic-school/00-00123456/messages", &forged).await.unwrap();
        let kept: Vec<String> =
            portal.built.portal.db.raw("SELECT VALUE fields FROM kept_form").await.unwrap().take(0).unwrap();
        assert_eq!(kept, Vec::<String>::new());
        portal.stop().await;
    });
}

/// A form of a page that was open while its browser signed in elsewhere.
#[test]
fn a_form_of_another_session_comes_back_to_be_sent_again() {
    run(async {
        let portal = Portal::start().await;
        let (mut one, _) = holder(&portal, "mechanicschool").await;
        let page = one.get("/accounts/mechanic-school/00-00123456/messages/new").await;
        one.cookies.remove("session");
        sign_in(&mut one, "mechanicschool").await;
        let typed = [("subject", "My question"), ("body", "A long <story>"), ("go", "post")];
        for foreign in [None, Some(("sec-fetch-site", "none")), Some(("origin", "https://evil.example"))] {
            one.headers = foreign.map(|(name, value)| (name, value.to_owned())).into_iter().collect();
            let refused = one.submit(&page, "/messages", &typed).await;
            assert!(refused.status == 403 && !refused.body.contains("long"), "{foreign:?}: {}", refused.words());
        }
        for own in [("sec-fetch-site", "same-origin".to_owned()), ("origin", portal.url.clone())] {
            one.headers = vec![own];
            for files in [&[][..], &[("letter.txt", &b"A letter"[..])][..]] {
                let shown = one.upload(&page, "/messages", &typed, files).await;
                assert!(shown.status == 409 && shown.says("A long <story>"), "{}", shown.words());
            }
        }
        let shown = one.submit(&page, "/messages", &typed).await;
        one.submit(&shown, "/messages", &[]).await;
        let read = one.get("/accounts/mechanic-school/00-00123456/messages/1").await;
        assert!(read.says("A long <story>"), "{}", read.words());
        assert_eq!(one.get("/accounts/mechanic-school/00-00123456/messages/2").await.status, 404, "sent once");
        // A secret is never repeated.
        let settings = one.get("/settings/password").await;
        let fields = [("present", PASSWORD), ("password", "Another-1"), ("password-again", "Another-1")];
        one.cookies.remove("session");
        sign_in(&mut one, "mechanicschool").await;
        one.headers = vec![("sec-fetch-site", "same-origin".to_owned())];
        let shown = one.submit(&settings, "/settings/password", &fields).await;
        assert!(shown.status == 403 && !shown.body.contains("Another-1"), "{}", shown.words());
        // Of a button there is nothing to check.
        let shown = one.submit(&settings, "/sign-out", &[]).await;
        assert!(shown.status == 403 && shown.says("This page is out of date"), "{}", shown.words());
        portal.stop().await;
    });
}

#[test]
fn forms_of_several_open_pages_are_kept_and_no_more_than_a_few() {
    run(async {
        let portal = Portal::start().await;
        let (mut one, _) = holder(&portal, "mechanicschool").await;
        let page = one.get("/accounts/mechanic-school/00-00123456/messages/new").await;
        portal.clock.advance(Duration::minutes(31));
        for subject in ["first", "second", "second", "third", "fourth", "fifth", "sixth"] {
            let typed = [("subject", subject), ("body", "A story"), ("go", "post")];
            one.submit(&page, "/messages", &typed).await;
        }
        one.cookies.remove("session");
        let offered = sign_in(&mut one, "mechanicschool").await;
        assert!(offered.path == "/kept" && offered.says("Forms not sent"), "{}", offered.words());
        let subjects = ["second", "third", "fourth", "fifth", "sixth"];
        assert!(!offered.says("first") && subjects.iter().all(|subject| offered.says(subject)), "{}", offered.words());
        assert_eq!(offered.body.matches("Send form").count(), 5, "what was sent twice is there once");
        let (_, action) = offered.body.split_once(" formaction=\"").unwrap();
        let token = offered.value("token").unwrap();
        let rest = one.post(action.split('"').next().unwrap(), &[("token", &token)]).await;
        assert!(rest.path == "/kept" && !rest.says("second") && rest.says("third"), "{}", rest.words());
        portal.stop().await;
    });
}

fn page_path(page: &Page) -> String {
    page.path.trim_end_matches("/new").to_owned()
}
