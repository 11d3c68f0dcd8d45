//! Ledgers: what holders and staff see of them, statements, entries by hand and reversals, which take two.

use reqwest::Method;
use springboard::{account, words::Cents};

use crate::{
    staff::{ACCOUNT, account as slides_account, holder},
    support::{Browser, Page, Portal, run, sign_up},
};

const LEDGER: &str = "/staff/accounts/mechanic-school/00-00123456/ledger";
const OWN: &str = "/accounts/mechanic-school/00-00123456";
const CHARGE: [(&str, &str); 5] = [
    ("kind", "charge"),
    ("amount", "1,025.50"),
    ("text", "License renewal <2026>"),
    ("book-date", "2026-11-02"),
    ("reason", "invoice 7"),
];

async fn ask(browser: &mut Browser, fields: &[(&str, &str)]) -> Page {
    let page = browser.get(&format!("{LEDGER}/new")).await;
    browser.submit(&page, "/ledger", fields).await
}

/// Approves the one request that waits.
async fn approve(browser: &mut Browser) -> Page {
    let page = browser.get("/staff/approvals").await;
    let path = page.body.split('"').find(|part| part.ends_with("/approve")).unwrap().to_owned();
    browser.submit(&page, &path, &[]).await
}

async fn balance(portal: &Portal) -> Cents {
    account::find(&portal.built.portal.db, &slides_account()).await.unwrap().unwrap().balance
}

#[test]
fn an_entry_by_hand_and_its_reversal_take_two_and_the_holder_sees_both() {
    run(async {
        let portal = Portal::start().await;
        let (mut person, _) = holder(&portal, "mechanicschool").await;
        let page = person.get(OWN).await;
        assert!(page.says("EFT Management") && page.says("No entries yet."), "{}", page.words());
        let (mut clerk, mut supervisor) = (portal.clerk().await, portal.staff("supervisor1000").await);
        let page = ask(&mut clerk, &[("kind", "charge"), ("amount", "-3"), ("text", "Typed"), ("reason", "")]).await;
        assert!(page.status == 422 && page.fault("amount").is_some() && page.fault("reason").is_some());
        assert_eq!(page.value("text").as_deref(), Some("Typed"), "nothing typed is lost");
        // Sent twice, as by two clicks: it is asked once.
        let form = clerk.get(&format!("{LEDGER}/new")).await;
        for _ in 0..2 {
            assert!(clerk.submit(&form, "/ledger", &CHARGE).await.says("Another staff member must approve it."));
        }
        assert_eq!(balance(&portal).await, Cents(0), "nothing is posted yet");
        let own = clerk.get("/staff/approvals").await;
        assert_eq!(own.body.matches("/withdraw\"").count(), 1, "{}", own.words());
        assert!(
            own.says("-$1,025.50, License renewal <2026>, book date 2026-11-02") && own.says("invoice 7"),
            "{}",
            own.words()
        );
        let path = supervisor.get("/staff/approvals").await.body;
        let path = path.split('"').find(|part| part.ends_with("/approve")).unwrap().to_owned();
        let token = own.value("token").unwrap();
        assert_eq!(clerk.post(&path, &[("token", &token)]).await.status, 403, "a clerk asks, and does not decide");
        assert!(approve(&mut supervisor).await.says("Request approved."));
        let token = supervisor.get("/staff/approvals").await.value("token").unwrap_or_default();
        supervisor.post(&path, &[("token", &token)]).await;
        assert_eq!(balance(&portal).await, Cents(-102_550), "once");
        let page = person.get(OWN).await;
        for words in ["License renewal <2026>", "Book date 2026-11-02", "-$1,025.50", "November 2026 (to date)"] {
            assert!(page.says(words), "{words} in {}", page.words());
        }

        // Nobody approves their own.
        let page = supervisor.get(&format!("{LEDGER}/1/reverse")).await;
        assert!(supervisor.submit(&page, "/reverse", &[]).await.fault("reason").is_some());
        supervisor.submit(&page, "/reverse", &[("reason", "wrong account")]).await;
        assert!(!supervisor.get("/staff/approvals").await.body.contains("/approve\""));
        // Asked for twice: the second one finds it reversed.
        let again = supervisor.get(&format!("{LEDGER}/1/reverse")).await;
        supervisor.submit(&again, "/reverse", &[("reason", "wrong account")]).await;
        let mut administrator = portal.staff("admin1000").await;
        assert!(approve(&mut administrator).await.says("Request approved."));
        let page = approve(&mut administrator).await;
        assert!(page.says("It can't be done any more") && !page.body.contains("/approve\""), "{}", page.words());
        assert_eq!(balance(&portal).await, Cents(0));
        let page = person.get(&format!("{OWN}/ledger")).await;
        for words in ["Reversal: License renewal <2026>", "Reverses entry 1", "Reversed by entry 2", "$1,025.50"] {
            assert!(page.says(words), "{words} in {}", page.words());
        }
        assert!(!page.body.contains("/reverse") && !page.says("Post an entry"), "it is not the person's to change");
        for line in ["1", "2", "3", "-1", "9223372036854775807"] {
            assert_eq!(clerk.get(&format!("{LEDGER}/{line}/reverse")).await.status, 404, "{line}");
        }
        let audit = portal.staff("auditor1000").await.get("/staff/audit").await;
        assert!(audit.did("posted a ledger entry") && audit.did("reversed a ledger entry"), "{}", audit.words());
        portal.stop().await;
    });
}

#[test]
fn statements_are_pages_pdf_and_csv_for_whoever_has_access_and_for_staff() {
    run(async {
        let portal = Portal::start().await;
        let (mut person, _) = holder(&portal, "mechanicschool").await;
        let (mut clerk, mut supervisor) = (portal.clerk().await, portal.staff("supervisor1000").await);
        ask(&mut clerk, &CHARGE).await;
        approve(&mut supervisor).await;
        let page = person.get(&format!("{OWN}/statements")).await;
        assert!(page.body.contains("/statements/2026-11\"") && !page.body.contains("2026-10"), "{}", page.body);
        for own in [OWN.to_owned(), ACCOUNT.to_owned()] {
            let reader = if own == OWN { &mut person } else { &mut clerk };
            let page = reader.get(&format!("{own}/statements/2026-11")).await;
            for words in ["Opening balance $0.00", "Closing balance -$1,025.50", "License renewal <2026>", "to date"] {
                assert!(page.says(words), "{words} in {}", page.words());
            }
            let list = reader.get(&format!("{own}/statements/2026-11/csv")).await.body;
            assert!(list.contains(",2026-11-02,License renewal <2026>,,-1025.50,-1025.50,"), "{list}");
            assert!(reader.get(&format!("{own}/ledger/export")).await.body.contains("-1025.50"));
            let paper = reader.send(Method::GET, &format!("{own}/statements/2026-11/pdf"), None).await;
            let file = portal.built.portal.data.join("statement.pdf");
            std::fs::write(&file, paper.bytes().await.unwrap()).unwrap();
            let text = crate::codes::pdf_text(&file);
            assert!(text.contains("-$1,025.50") && text.contains("<2026>"), "{text}");
            for month in ["2026-10", "2026-12", "2026-13", "x", "2026-11-01"] {
                assert_eq!(reader.get(&format!("{own}/statements/{month}")).await.status, 404, "{month}");
            }
        }
        // Letters that no font has are nobody's fault, and said.
        let rename = "UPDATE account SET name = 'CAFÉ \u{1FAE8}' WHERE number = '0000123456'";
        portal.built.portal.db.raw(rename).await.unwrap();
        let page = person.get(&format!("{OWN}/statements/2026-11/pdf")).await;
        assert!(page.status == 422 && page.says("It has letters that no font of this portal has."), "{}", page.words());
        let trail = portal.staff("auditor1000").await.get("/staff/audit?did=exported+a+list").await;
        assert!(trail.says("clerk1000") && trail.says("mechanicschool"), "{}", trail.words());
        portal.stop().await;
    });
}

#[test]
fn a_ledger_is_nobody_elses() {
    run(async {
        let portal = Portal::start().await;
        let mut stranger = sign_up(&portal, "strangeperson").await;
        for path in ["/ledger", "/ledger/export", "/statements", "/statements/2026-11", "/statements/2026-11/pdf"] {
            assert_eq!(stranger.get(&format!("{OWN}{path}")).await.status, 404, "{path}");
            assert!(stranger.get(&format!("{ACCOUNT}{path}")).await.path.starts_with("/staff/sign-in"), "{path}");
            let page = portal.browser().get(&format!("{OWN}{path}")).await;
            assert!(page.path.starts_with("/sign-in"), "{path}: {}", page.path);
        }
        let mut auditor = portal.staff("auditor1000").await;
        let page = auditor.get(LEDGER).await;
        assert!(page.status == 200 && !page.says("Post an entry"), "{}", page.words());
        assert_eq!(auditor.get(&format!("{LEDGER}/new")).await.status, 403);
        let token = page.value("token").unwrap();
        for path in [LEDGER.to_owned(), format!("{LEDGER}/1/reverse"), "/staff/ledger/requests/x/approve".to_owned()] {
            assert_eq!(auditor.post(&path, &[("token", &token)]).await.status, 403, "{path}");
        }
        portal.stop().await;
    });
}
