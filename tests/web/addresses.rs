//! Addresses on record, corrected by staff: two of them, and whom it concerns is told.

use crate::{
    staff::holder,
    support::{Browser, Page, Portal, run, sign_up},
};

const FORM: &str = "/staff/accounts/mechanic-school/0000123456/address";

async fn ask(browser: &mut Browser, fields: &[(&str, &str)]) -> Page {
    let page = browser.get(FORM).await;
    browser.submit(&page, "/address", fields).await
}

#[test]
fn an_address_on_record_is_corrected_by_two_and_all_are_told() {
    run(async {
        let portal = Portal::with_worker().await;
        holder(&portal, "mechanicschool").await;
        let (mut clerk, mut supervisor) = (portal.clerk().await, portal.staff("supervisor1000").await);
        let page = clerk.get(FORM).await;
        let old = page.value("email").unwrap();
        let line = page.value("line-1").unwrap();
        let page = ask(&mut clerk, &[("line-1", ""), ("line-2", "FLINT MI 48502"), ("email", "no address")]).await;
        assert!(page.status == 422 && page.fault("line-1").is_some() && page.fault("email").is_some());
        assert!(page.fault("reason").is_some() && page.value("line-2").as_deref() == Some("FLINT MI 48502"));
        let new = [
            ("line-1", "7 NEW ST"),
            ("line-2", "FLINT MI 48502"),
            ("email", "moved@record.example"),
            ("reason", "call from the owner"),
        ];
        let page = ask(&mut clerk, &new).await;
        assert!(page.says("Another staff member must approve it.") && page.says(&line), "{}", page.words());
        let page = supervisor.get("/staff/approvals").await;
        for words in
            ["call from the owner", "7 NEW ST, FLINT MI 48502; moved@record.example", line.as_str(), old.as_str()]
        {
            assert!(page.says(words), "{words} in {}", page.words());
        }
        let path = page.body.split('"').find(|part| part.ends_with("/approve")).unwrap().to_owned();
        let token = clerk.get("/staff/approvals").await.value("token").unwrap();
        assert_eq!(clerk.post(&path, &[("token", &token)]).await.status, 403, "a clerk asks, and does not decide");
        // The account changed since: what was asked for was asked of another address.
        ask(&mut supervisor, &[("line-1", "9 OTHER ST"), ("line-2", ""), ("email", &old), ("reason", "letter")]).await;
        let theirs = portal.staff("admin1000").await.get("/staff/approvals").await;
        assert!(theirs.says("9 OTHER ST"), "{}", theirs.words());
        assert!(supervisor.submit(&page, &path, &[]).await.says("Request approved."));
        let page = supervisor.get("/staff/accounts/mechanic-school/0000123456").await;
        assert!(page.says("7 NEW ST") && page.says("moved@record.example") && !page.says(&line), "{}", page.words());
        let mut administrator = portal.staff("admin1000").await;
        let page = administrator.get("/staff/approvals").await;
        assert_eq!(administrator.submit(&page, "/approve", &[]).await.status, 403, "it is another address by now");
        for address in [old.as_str(), "moved@record.example", "mechanicschool-alerts@example.com"] {
            let mails = portal.mails_to(address, 1).await;
            assert!(mails.iter().any(|mail| mail.contains("was corrected")), "{address}: {mails:?}");
        }
        let audit = portal.staff("auditor1000").await.get("/staff/audit").await;
        assert!(audit.did("corrected an address on record") && !audit.says("7 NEW ST"), "{}", audit.words());
        portal.stop().await;
    });
}

#[test]
fn nobody_else_gets_there() {
    run(async {
        let portal = Portal::start().await;
        let mut person = sign_up(&portal, "mechanicschool").await;
        assert!(person.get(FORM).await.path.starts_with("/staff/sign-in"));
        assert_eq!(portal.staff("auditor1000").await.get(FORM).await.status, 403);
        assert_eq!(portal.clerk().await.get("/staff/accounts/dealer/99999/address").await.status, 404);
        portal.stop().await;
    });
}
