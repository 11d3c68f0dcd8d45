//! The overview: what waits, and what was counted, each figure with its list.

use crate::{
    staff::{holder, post},
    support::{Portal, request_code, run, sign_up},
};

#[test]
fn each_act_is_counted_once_and_leads_to_its_list() {
    run(async {
        let portal = Portal::with_worker().await;
        let (mut person, _) = holder(&portal, "mechanicschool").await;
        let mut other = sign_up(&portal, "anotherperson").await;
        request_code(&mut other, "mechanic-school", "123", true).await;
        let mut clerk = portal.clerk().await;
        post(&mut clerk, "One", "text").await;
        post(&mut clerk, "Two", "text").await;
        portal.mails_to("mechanicschool-alerts@example.com", 2).await;
        for _ in 0..2 {
            person.get("/accounts/mechanic-school/00-00123456/messages/1").await;
        }
        let page = person.get("/accounts/mechanic-school/00-00123456/messages/1").await;
        person.submit(&page, "/messages/1", &[("body", "An answer.")]).await;
        let mut list = String::new();
        for _ in 0..200 {
            list = clerk.get("/staff/overview/export").await.body;
            if list.contains("2026-11-24,2,1,0,0,2,1,1,2,0,0,0") {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        assert!(list.contains("2026-11-24,2,1,0,0,2,1,1,2,0,0,0"), "{list}");
        assert_eq!(list.lines().count(), 31);
        let page = clerk.get("/staff/overview").await;
        for words in ["2 in 30 days", "1 Messages that wait for an answer", "Codes asked for", "code by e-mail"] {
            assert!(page.says(words), "{words}: {}", page.words());
        }
        let links = page.body.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
        let links: std::collections::BTreeSet<String> =
            links.filter(|link| link.starts_with("/staff")).map(str::to_owned).collect();
        assert!(links.len() > 10);
        for link in links {
            assert_eq!(clerk.get(&link).await.status, 200, "{link}");
        }
        let mut auditor = portal.staff("auditor1000").await;
        let page = auditor.get("/staff/overview").await;
        for (deed, count) in [("signed up", 2), ("posted a message", 3)] {
            let query = format!("/staff/audit?did={}&amp;from=", deed.replace(' ', "+"));
            let link = page.body.split('"').find(|part| part.starts_with(&query)).unwrap().replace("&amp;", "&");
            let list = auditor.get(&link).await;
            let cell = format!("<td data-label=\"Did\">{deed}</td>");
            assert_eq!(list.body.matches(&cell).count(), count, "{}", list.words());
        }
        portal.stop().await;
    });
}
