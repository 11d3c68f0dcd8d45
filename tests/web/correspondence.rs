//! Every letter and e-mail that was sent for an account, as it was sent: who sees which, and what is left out.

use std::process::Command;

use chrono::Duration;
use reqwest::Method;
use springboard::{house::bounces, post::maildir::Maildir};

use crate::{
    codes::pdf_text,
    staff::{ACCOUNT, grant, holder, post},
    support::{Browser, Page, Portal, code_in, request_code, run, sign_up},
};

const LIST: &str = "/accounts/mechanic-school/00-00123456/correspondence";

/// The text of a PDF that the browser saved.
async fn saved_text(browser: &mut Browser, path: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("saved.pdf");
    std::fs::write(&file, browser.send(Method::GET, path, None).await.bytes().await.unwrap()).unwrap();
    assert!(Command::new("qpdf").arg("--check").arg(&file).output().unwrap().status.success());
    text_of(&file)
}

fn text_of(file: &std::path::Path) -> String {
    pdf_text(file).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The addresses of what a list names.
fn listed(page: &Page) -> Vec<String> {
    let links = page.body.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    links.filter(|link| link.contains("/correspondence/")).map(str::to_owned).collect()
}

#[test]
fn letters_and_mails_are_kept_as_they_were_sent_without_their_codes() {
    run(async {
        let portal = Portal::with_worker().await;
        let mut browser = sign_up(&portal, "anotherperson").await;
        request_code(&mut browser, "mechanic-school", "123456", true).await;
        let mail = portal.mails_to("email@email.com", 1).await.remove(0);
        // There is one code a day.
        portal.clock.advance(Duration::hours(25));
        let mut browser = sign_up(&portal, "mechanicschool").await;
        request_code(&mut browser, "mechanic-school", "123456", false).await;
        let letter = portal.files("letters", 1).await.remove(0);
        assert_eq!(browser.get(LIST).await.status, 404, "not before there is access");
        for _ in 0..1200 {
            if browser.get("/springboard/submissions").await.says("Letter waits to be printed") {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        let logon = crate::staff::logon_of(&portal, "mechanicschool").await;
        grant(&portal, &logon, "mechanicschool").await;

        let printed = text_of(&letter);
        let codes = [code_in(&mail), printed.split("Authorization code ").nth(1).unwrap()[..11].to_owned()];
        let mut clerk = portal.clerk().await;
        for (browser, path) in [(&mut browser, LIST), (&mut clerk, &format!("{ACCOUNT}/correspondence"))] {
            let page = browser.get(path).await;
            let links = listed(&page);
            assert_eq!(links.len(), 2, "{}", page.words());
            assert!(page.says("Letter") && page.says("email@email.com"), "{}", page.words());
            for link in &links {
                let (page, pdf) = (browser.get(link).await, saved_text(browser, &format!("{link}/pdf")).await);
                for text in [&page.body, &pdf] {
                    assert!(text.contains("[not shown]") && text.contains("Enter the"), "{link}: {text}");
                    for code in &codes {
                        assert!(!text.contains(code) && !text.contains(&code.replace(' ', "")), "{link}: {text}");
                    }
                }
                if link.contains("letter-") {
                    assert_eq!(pdf.replace("[not shown]", &codes[1]), printed, "byte by byte but for the code");
                }
            }
        }
        portal.stop().await;
    });
}

#[test]
fn a_holder_sees_what_went_to_the_record_and_to_them_and_what_came_back() {
    run(async {
        let portal = Portal::with_worker().await;
        let (mut one, _) = holder(&portal, "mechanicschool").await;
        let (mut two, _) = holder(&portal, "anotherholder").await;
        let mut clerk = portal.clerk().await;
        post(&mut clerk, "First", "text").await;
        let mail = portal.mails_to("mechanicschool-alerts@example.com", 1).await.remove(0);
        portal.mails_to("anotherholder-alerts@example.com", 1).await;
        let all = format!("{ACCOUNT}/correspondence");
        for _ in 0..1200 {
            if listed(&clerk.get(&all).await).len() == 2 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        let own = listed(&one.get(LIST).await);
        assert_eq!(own.len(), 1);
        let page = one.get(&own[0]).await;
        assert!(page.says("There is a new message") && page.says("turn them off for this account: [not shown]"));
        assert!(!page.body.contains("/alerts/off/"), "{}", page.body);
        assert_eq!(two.get(&own[0]).await.status, 404);
        assert_eq!(two.get(&format!("{}/pdf", own[0])).await.status, 404);
        assert_eq!(one.get(&own[0].replace("mechanic-school/00-00123456", "dealer/00-00001005")).await.status, 404);
        assert!(portal.browser().get(&own[0]).await.path.starts_with("/sign-in"));
        assert!(two.get(&all).await.path.starts_with("/staff/sign-in"));
        assert_eq!(clerk.get(&format!("{ACCOUNT}/correspondence/nothing")).await.status, 404);

        let id = mail.lines().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap();
        let folder = portal.folder("bounces");
        std::fs::create_dir_all(folder.join("new")).unwrap();
        std::fs::write(folder.join("new/1"), crate::bounces::report(id, "mechanicschool-alerts@example.com")).unwrap();
        let maildir = Maildir::new(folder, portal.built.portal.keys.clone());
        assert_eq!(bounces::read_unseen(&portal.built.portal, &maildir).await.unwrap(), 1);
        assert!(one.get(LIST).await.says("the e-mail came back (5.1.1)"));
        assert!(one.get(&own[0]).await.says("Came back"));
        portal.stop().await;
    });
}
