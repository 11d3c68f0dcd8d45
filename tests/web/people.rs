//! Help for people: looked up, unlocked, signed off, suspended, given and denied access, recovered by letter; what is risky
//! by two employees, and the person is told each time.

use crate::{
    codes::pdf_text,
    letters::ask_to_take,
    second_factor::set_up,
    staff::{holder, logon_of},
    support::{Browser, PASSWORD, Page, Portal, run, sign_up},
};

async fn sheet(staff: &mut Browser, portal: &Portal, user_id: &str) -> Page {
    let logon = logon_of(portal, user_id).await;
    staff.get(&format!("/staff/logons/{logon}")).await
}

async fn told(portal: &Portal, address: &str, words: &str) {
    for count in 1..12 {
        if portal
            .mails_to(address, count)
            .await
            .iter()
            .any(|mail| mail.replace('\r', "").replace("=\n", "").contains(words))
        {
            return;
        }
    }
    panic!("nobody told {address}: {words}");
}

async fn sign_in(portal: &Portal, user_id: &str, password: &str) -> Page {
    let mut browser = portal.browser();
    let page = browser.get("/sign-in").await;
    browser.submit(&page, "/sign-in", &[("user-id", user_id), ("password", password)]).await
}

#[test]
fn a_locked_out_person_is_found_and_let_in() {
    run(async {
        let portal = Portal::with_worker().await;
        let (mut person, _) = holder(&portal, "mechanicschool").await;
        for _ in 0..5 {
            sign_in(&portal, "mechanicschool", "wrong").await;
        }
        assert!(sign_in(&portal, "mechanicschool", PASSWORD).await.fault("user-id").is_some(), "locked");
        let mut clerk = portal.clerk().await;
        for query in ["mechanics", "login", "mechanicschool@ex"] {
            let page = clerk.get(&format!("/staff/find/logons?q={query}")).await;
            assert!(page.says("mechanicschool"), "{query}: {}", page.words());
        }
        assert!(clerk.get("/staff/find/logons?q=nobody").await.says("No logon was found."));
        let page = sheet(&mut clerk, &portal, "mechanicschool").await;
        assert!(
            page.says("Its sign-in is locked until")
                && page.says("the portal failed to sign in")
                && page.says("the portal locked a sign-in after wrong passwords")
                && page.says("Mechanic School 00-00123456"),
            "{}",
            page.words()
        );
        let page = clerk.submit(&page, "/unlock", &[]).await;
        assert!(!page.says("locked until") && page.says("unlocked a logon"), "{}", page.words());
        assert_eq!(sign_in(&portal, "mechanicschool", PASSWORD).await.path, "/springboard");
        told(&portal, "mechanicschool@example.com", "was unlocked").await;

        assert_eq!(person.get("/springboard").await.path, "/springboard");
        let page = clerk.submit(&page, "/end-sessions", &[]).await;
        assert!(page.says("Open sessions 0"), "{}", page.words());
        assert!(person.get("/springboard").await.path.starts_with("/sign-in"));
        told(&portal, "mechanicschool@example.com", "was signed off everywhere").await;
        portal.stop().await;
    });
}

#[test]
fn access_is_taken_away_with_a_reason_and_everyone_is_told() {
    run(async {
        let portal = Portal::with_worker().await;
        let (mut person, _) = holder(&portal, "mechanicschool").await;
        holder(&portal, "anotherholder").await;
        let mut clerk = portal.clerk().await;
        let page = sheet(&mut clerk, &portal, "mechanicschool").await;
        let page =
            clerk.submit(&page, "/revoke", &[("revoke-account", "dealer/0000001005"), ("revoke-reason", "")]).await;
        assert!(page.status == 422 && page.fault("revoke-account").is_some() && page.fault("revoke-reason").is_some());
        let fields = [("revoke-account", "mechanic-school/0000123456"), ("revoke-reason", "left the school")];
        let page = clerk.submit(&page, "/revoke", &fields).await;
        assert!(page.says("has access to no account"), "{}", page.words());
        assert_eq!(person.get("/accounts/mechanic-school/00-00123456").await.status, 404);
        told(&portal, "mechanicschool@example.com", "has no access to this account any more").await;
        told(&portal, "anotherholder-alerts@example.com", "has no access to this account any more").await;
        told(&portal, "email@email.com", "has no access to this account any more").await;
        portal.stop().await;
    });
}

#[test]
fn what_is_risky_takes_two_employees_and_one_of_them_a_supervisor() {
    run(async {
        let portal = Portal::with_worker().await;
        let mut person = sign_up(&portal, "mechanicschool").await;
        let (mut clerk, mut supervisor) = (portal.clerk().await, portal.staff("supervisor1000").await);
        let page = sheet(&mut supervisor, &portal, "mechanicschool").await;
        let wrong = supervisor
            .submit(&page, "/ask/grant", &[("grant-number", "9999"), ("grant-kind", "dealer"), ("grant-reason", "x")])
            .await;
        assert!(wrong.fault("grant-number").is_some() && wrong.value("grant-number").as_deref() == Some("9999"));
        let fields =
            [("grant-kind", "mechanic-school"), ("grant-number", "123456"), ("grant-reason", "proved at the counter")];
        let page = supervisor.submit(&page, "/ask/grant", &fields).await;
        assert!(page.says("Another employee, a supervisor, has to approve it."), "{}", page.words());
        let token = page.value("token").unwrap();
        let id = page.body.split("/staff/approvals/").nth(1).unwrap().split('/').next().unwrap().to_owned();
        assert_eq!(
            supervisor.post(&format!("/staff/approvals/{id}/approve"), &[("token", &token)]).await.status,
            404,
            "not one's own"
        );
        let token = clerk.get("/staff").await.value("token").unwrap();
        assert_eq!(
            clerk.post(&format!("/staff/approvals/{id}/approve"), &[("token", &token)]).await.status,
            403,
            "no clerk"
        );
        assert_eq!(person.get("/accounts/mechanic-school/00-00123456").await.status, 404, "nothing was done yet");
        let mut administrator = portal.staff("admin1000").await;
        let page = administrator.get("/staff/approvals").await;
        let page = administrator.submit(&page, "/approve", &[]).await;
        assert!(page.says("approved by admin1000"), "{}", page.words());
        // Nobody agreed to the terms of that access yet: its holder is asked to, and for no others.
        let page = person.get("/accounts/mechanic-school/00-00123456").await;
        assert!(page.path.starts_with("/agree?back=") && page.says("For your access to:"), "{}", page.path);
        let token = person.get("/").await.value("token").unwrap();
        for (path, is_asked) in [
            ("/accounts/mechanic-school/00-00123456/messages", true),
            ("/accounts/mechanic-school/123456/messages", true),
            ("/settings/notifications", false),
        ] {
            let answered = person.post(path, &[("token", &token), ("subject", "x"), ("body", "x")]).await;
            assert_eq!(answered.path.starts_with("/agree?back=/springboard"), is_asked, "{path}: {}", answered.path);
        }
        let page = person.get("/accounts/mechanic-school/00-00123456").await;
        let page = person.submit(&page, "/agree", &[("access", "yes")]).await;
        assert_eq!(page.path, "/accounts/mechanic-school/00-00123456", "{}", page.words());
        assert!(page.says("MECHANIC SCHOOL"));
        told(&portal, "mechanicschool@example.com", "was given access to this account by our staff").await;
        told(&portal, "email@email.com", "was given access to this account by our staff").await;

        // Suspended at once by one supervisor; back only with a second employee, who may refuse.
        let page = sheet(&mut supervisor, &portal, "mechanicschool").await;
        let page = supervisor.submit(&page, "/suspend", &[("suspend-reason", "reported stolen")]).await;
        assert!(page.says("This logon is suspended"), "{}", page.words());
        assert!(person.get("/springboard").await.path.starts_with("/sign-in"));
        assert!(sign_in(&portal, "mechanicschool", PASSWORD).await.fault("user-id").is_some());
        for (act, lets_in) in [("/refuse", false), ("/approve", true)] {
            let page = sheet(&mut clerk, &portal, "mechanicschool").await;
            clerk.submit(&page, "/ask/reinstate", &[("reinstate-reason", "it was a mistake")]).await;
            let page = supervisor.get("/staff/approvals").await;
            supervisor.submit(&page, act, &[]).await;
            let page = sign_in(&portal, "mechanicschool", PASSWORD).await;
            assert_eq!(page.fault("user-id").is_none(), lets_in, "{act}: {}", page.words());
        }
        let page = sheet(&mut clerk, &portal, "mechanicschool").await;
        let page = clerk.submit(&page, "/ask/grant", &fields).await;
        let page = clerk.submit(&page, "/withdraw", &[]).await;
        assert!(page.says("withdrawn by clerk1000") && page.says("Nothing waits for an approval."), "{}", page.words());
        let mut auditor = portal.staff("auditor1000").await;
        let trail = auditor.get("/staff/audit?about=mechanicschool").await;
        for words in
            ["asked for approval", "suspended a logon", "reinstated a logon", "did not approve", "reported stolen"]
        {
            assert!(trail.says(words), "{words}: {}", trail.words());
        }
        portal.stop().await;
    });
}

#[test]
fn staff_start_a_recovery_by_letter_and_never_set_a_password() {
    run(async {
        let portal = Portal::with_worker().await;
        let (mut owner, _) = holder(&portal, "mechanicschool").await;
        set_up(&portal, &mut owner, "/settings/second-factor").await;
        let (mut clerk, mut supervisor) = (portal.clerk().await, portal.staff("supervisor1000").await);
        let page = sheet(&mut clerk, &portal, "mechanicschool").await;
        assert!(!page.body.contains("type=\"password\""));
        let fields =
            [("recover-account", "mechanic-school/0000123456"), ("recover-reason", "lost the mailbox and the phone")];
        clerk.submit(&page, "/ask/recover", &fields).await;
        let page = supervisor.get("/staff/approvals").await;
        supervisor.submit(&page, "/approve", &[]).await;
        let letter = portal.files("letters", 1).await.remove(0);
        let text = pdf_text(&letter);
        // Neither who asked nor who approved gets the letter into their hands.
        let page = clerk.get("/staff/letters").await;
        let page = clerk.submit(&page, "/batches", &[]).await;
        let mut administrator = portal.staff("admin1000").await;
        for _ in 0..1200 {
            if administrator.get(&page.path).await.says("State to be printed") {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        let pdf = format!("{}/pdf", page.path);
        ask_to_take(&mut clerk, &mut administrator, &page.path).await;
        ask_to_take(&mut supervisor, &mut administrator, &page.path).await;
        ask_to_take(&mut administrator, &mut clerk, &page.path).await;
        for (browser, status) in [(&mut clerk, 403), (&mut supervisor, 403), (&mut administrator, 200)] {
            assert_eq!(browser.send(reqwest::Method::GET, &pdf, None).await.status(), status);
        }
        assert!(text.contains("100 SAMPLE ST") && text.contains("/recover/letter"), "{text}");
        let (_, rest) = text.split_once("Recovery code").unwrap();
        let code = rest.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
        told(&portal, "mechanicschool@example.com", "gets a letter to the address on record").await;

        let mut person = portal.browser();
        let new = "Another-Wrench-88";
        let attempt = async |person: &mut Browser, user_id: &str, code: &str, password: &str| -> Page {
            let page = person.get("/recover/letter").await;
            let fields = [("user-id", user_id), ("code", code), ("password", password), ("password-again", password)];
            person.submit(&page, "/recover/letter", &fields).await
        };
        let page = attempt(&mut person, "mechanicschool", "", "short").await;
        assert!(page.fault("code").is_some() && page.fault("password").is_some() && page.value("user-id").is_some());
        assert!(attempt(&mut person, "mechanicschool", "ABCDE FGHJK", new).await.fault("code").is_some());
        let unknown = attempt(&mut person, "nobodyhere", &code, new).await;
        assert_eq!(
            unknown.fault("code"),
            attempt(&mut person, "mechanicschool", "ABCDE FGHJK", new).await.fault("code"),
            "alike"
        );
        assert!(
            attempt(&mut person, "mechanicschool", &code, PASSWORD).await.fault("password").is_some(),
            "the last three"
        );
        let page = attempt(&mut person, "mechanicschool", &code, new).await;
        assert!(page.says("Your password was changed"), "{}", page.words());
        assert_eq!(sign_in(&portal, "mechanicschool", new).await.path, "/springboard", "without the second factor");
        told(&portal, "mechanicschool@example.com", "A second factor").await;
        assert!(attempt(&mut person, "mechanicschool", &code, "Yet-Another-99").await.fault("code").is_some(), "once");
        told(&portal, "mechanicschool@example.com", "password").await;
        // Nothing shows the code but the letter.
        let logon = logon_of(&portal, "mechanicschool").await;
        let kept = clerk.get(&format!("{}/correspondence", crate::staff::ACCOUNT)).await;
        let link = kept.body.split("href=\"").find(|link| link.contains("/correspondence/recovery-")).unwrap();
        let kept = clerk.get(link.split('"').next().unwrap()).await;
        assert!(kept.says("[not shown]") && !kept.body.contains(&code), "{}", kept.words());
        assert!(!clerk.get(&format!("/staff/logons/{logon}")).await.body.contains(&code));
        portal.stop().await;
    });
}

#[test]
fn what_was_asked_for_is_looked_at_again_when_it_is_approved() {
    run(async {
        let portal = Portal::start().await;
        holder(&portal, "mechanicschool").await;
        sign_up(&portal, "anotherperson").await;
        let (mut clerk, mut supervisor) = (portal.clerk().await, portal.staff("supervisor1000").await);
        // Twice the same: the second one is not possible any more, and nothing that the person agreed to is lost.
        for _ in 0..2 {
            let page = sheet(&mut clerk, &portal, "anotherperson").await;
            let fields = [("grant-kind", "dealer"), ("grant-number", "1005"), ("grant-reason", "at the counter")];
            clerk.submit(&page, "/ask/grant", &fields).await;
        }
        let page = supervisor.get("/staff/approvals").await;
        let page = supervisor.submit(&page, "/approve", &[]).await;
        let page = supervisor.submit(&page, "/approve", &[]).await;
        assert!(page.says("not possible any more") && page.says("Nothing waits for an approval."), "{}", page.words());

        // Recovery by a letter to an account that is not the logon's any more.
        let page = sheet(&mut clerk, &portal, "mechanicschool").await;
        let fields = [("recover-account", "mechanic-school/0000123456"), ("recover-reason", "lost everything")];
        clerk.submit(&page, "/ask/recover", &fields).await;
        let page = sheet(&mut clerk, &portal, "mechanicschool").await;
        let fields = [("revoke-account", "mechanic-school/0000123456"), ("revoke-reason", "left")];
        clerk.submit(&page, "/revoke", &fields).await;
        let page = supervisor.get("/staff/approvals").await;
        assert!(
            page.says("withdrawn by the portal") && page.says("Nothing waits for an approval."),
            "{}",
            page.words()
        );
        // Reinstating one that is not suspended, asked for beforehand.
        let page = sheet(&mut clerk, &portal, "mechanicschool").await;
        let token = page.value("token").unwrap();
        let ask = format!("{}/ask/reinstate", page.path);
        clerk.post(&ask, &[("token", &token), ("reinstate-reason", "in advance")]).await;
        let page = supervisor.get("/staff/approvals").await;
        let page = supervisor.submit(&page, "/approve", &[]).await;
        assert!(page.says("not possible any more"), "{}", page.words());
        portal.stop().await;
    });
}
