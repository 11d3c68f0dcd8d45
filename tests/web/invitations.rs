//! Campaigns of invitations: whom they reach, by which way, at which pace, once; released by a second employee.

use springboard::invitation::{self, State, queries};
use springboard_jobs::Campaign as Work;

use crate::{
    codes::pdf_text,
    staff::{grant, holder, logon_of},
    support::{Browser, Page, Portal, code_in, request_code, run, sign_up},
};

async fn write(clerk: &mut Browser, fields: &[(&str, &str)]) -> Page {
    let page = clerk.get("/staff/campaigns").await;
    let all = [
        &[("name", "Launch"), ("kinds", "mechanic-school"), ("kinds", "mechanic"), ("letters", "yes"), ("pace", "60")],
        fields,
    ]
    .concat();
    clerk.submit(&page, "/campaigns", &all).await
}

fn id(page: &Page) -> String {
    page.path.rsplit_once('/').unwrap().1.to_owned()
}

async fn jobs(portal: &Portal) -> Vec<Work> {
    let queued = "SELECT VALUE <string> args FROM apalis_task WHERE queue = 'campaign' ORDER BY id";
    let tasks: Vec<String> = portal.built.portal.db.raw(queued).await.unwrap().take(0).unwrap();
    tasks.iter().map(|task| serde_json::from_str(task).unwrap()).collect()
}

async fn release(portal: &Portal, page: &Page) {
    let mut supervisor = portal.staff("supervisor1000").await;
    let page = supervisor.get(&page.path).await;
    supervisor.submit(&page, "/release", &[]).await;
}

async fn until(browser: &mut Browser, path: &str, words: &str) -> Page {
    for _ in 0..1200 {
        let page = browser.get(path).await;
        if page.says(words) {
            return page;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("never {words} on {path}: {}", browser.get(path).await.words());
}

#[test]
fn everyone_without_access_is_invited_once_and_those_who_come_are_counted() {
    run(async {
        let portal = Portal::with_worker().await;
        holder(&portal, "mechanicschool").await;
        let mut clerk = portal.clerk().await;
        let page = write(&mut clerk, &[]).await;
        assert!(page.says("Another employee, a supervisor, has to release it."), "{}", page.words());
        assert!(jobs(&portal).await.is_empty(), "nothing leaves before");
        release(&portal, &page).await;
        let page = until(&mut clerk, &page.path, "State done").await;
        until(&mut clerk, &page.path, "Sent 2").await;
        let page = clerk.get(&page.path).await;
        for words in
            ["Gone through 3", "Invited by e-mail 1", "Invited by letter 1", "On their way 0", "Could not be sent 0"]
        {
            assert!(page.says(words), "{words}: {}", page.words());
        }
        let mails = portal.mails_to("email@email.com", 1).await;
        let mail = mails[0].replace('\r', "").replace("=\n", "");
        assert!(
            mail.contains("/mechanic-school and select Mechanic School Login") && mail.contains("00-00000123"),
            "{mail}"
        );
        let letter = pdf_text(&portal.files("letters", 1).await[0]);
        assert!(
            letter.contains("WRENCH, MORGAN") && letter.contains("/mechanic and select Mechanic Login"),
            "{letter}"
        );
        assert!(!letter.contains("Authorization code"));
        let mut visitor = portal.browser();
        assert!(visitor.get("/mechanic-school").await.says("Mechanic School Login"), "the short address leads there");

        // Nobody is invited again within 90 days.
        let again = write(&mut clerk, &[]).await;
        release(&portal, &again).await;
        let again = until(&mut clerk, &again.path, "State done").await;
        assert!(again.says("Gone through 3") && again.says("Invited by e-mail 0") && again.says("Invited by letter 0"));

        let mut person = sign_up(&portal, "anotherperson").await;
        request_code(&mut person, "mechanic-school", "123", true).await;
        let mail = portal
            .mails_to("email@email.com", 2)
            .await
            .into_iter()
            .find(|mail| mail.contains("Authorization code:"))
            .unwrap();
        let form = person.get("/access/add").await;
        let form = person.submit(&form, "/authorization-code", &[("code", &code_in(&mail)), ("go", "next")]).await;
        let form = person.submit(&form, "/account-info", &[("number", "123"), ("go", "next")]).await;
        let fields = [
            ("email", "anotherperson@example.com"),
            ("email-again", "anotherperson@example.com"),
            ("terms", "yes"),
            ("go", "next"),
        ];
        let form = person.submit(&form, "/email", &fields).await;
        person.submit(&form, "/summary", &[("go", "submit")]).await;
        until(&mut clerk, &page.path, "Came online since 1").await;
        portal.stop().await;
    });
}

#[test]
fn staff_see_why_an_invitation_could_not_be_printed() {
    run(async {
        let portal = Portal::with_worker().await;
        let rename = "UPDATE account SET name = 'CAFÉ \u{1FAE8}' WHERE kind = 'mechanic'";
        portal.built.portal.db.raw(rename).await.unwrap();
        let mut clerk = portal.clerk().await;
        let page = write(&mut clerk, &[]).await;
        release(&portal, &page).await;
        let page = until(&mut clerk, &page.path, "Could not be sent 1").await;
        assert!(page.says("no font has the letter") && page.says("(U+1FAE8)"), "{}", page.words());
        portal.stop().await;
    });
}

#[test]
fn a_campaign_keeps_its_pace_and_can_be_stopped_at_any_step() {
    run(async {
        let portal = Portal::start().await;
        let mut clerk = portal.clerk().await;
        let page = write(&mut clerk, &[]).await;
        let token = page.value("token").unwrap();
        assert_eq!(clerk.post(&format!("{}/release", page.path), &[("token", &token)]).await.status, 403);
        release(&portal, &page).await;
        let db = &portal.built.portal.db;
        let step = async || {
            let job = jobs(&portal).await.pop().unwrap();
            invitation::jobs::step(&portal.built.portal, job).await.unwrap();
        };
        step().await;
        let found = queries::find(db, &id(&page)).await.unwrap().unwrap();
        assert_eq!((found.considered, found.by_letter, found.state), (1, 1, State::Running));
        // One of sixty an hour: a minute later.
        let due = jobs(&portal).await.pop().unwrap().due.unwrap();
        assert_eq!(due - portal.clock.now().timestamp(), 60);
        // What runs again, or after a pause, changes nothing.
        let first = jobs(&portal).await.remove(0);
        invitation::jobs::step(&portal.built.portal, first).await.unwrap();
        let shown = clerk.get(&page.path).await;
        let shown = clerk.submit(&shown, "/pause", &[]).await;
        step().await;
        assert_eq!(queries::find(db, &id(&page)).await.unwrap().unwrap().considered, 1);
        clerk.submit(&shown, "/resume", &[]).await;
        for _ in 0..3 {
            step().await;
        }
        let found = queries::find(db, &id(&page)).await.unwrap().unwrap();
        assert_eq!((found.considered, found.by_email, found.state), (3, 2, State::Done));

        let other = write(&mut clerk, &[("kinds", "dealer")]).await;
        let cancelled = clerk.submit(&other, "/cancel", &[]).await;
        assert!(cancelled.says("cancelled, since"));
        let wrong = write(&mut clerk, &[]).await;
        let wrong = clerk.get(&wrong.path.replace(&id(&wrong), "nothing")).await;
        assert_eq!(wrong.status, 404);
        let page = clerk.get("/staff/campaigns").await;
        let page = clerk.submit(&page, "/campaigns", &[("name", ""), ("pace", "0")]).await;
        assert!(page.fault("name").is_some() && page.fault("kinds").is_some() && page.fault("pace").is_some());
        portal.stop().await;
    });
}

#[test]
fn who_gained_access_meanwhile_or_has_a_wrong_address_is_left_out() {
    run(async {
        let portal = Portal::start().await;
        let db = &portal.built.portal.db;
        sign_up(&portal, "mechanicschool").await;
        let logon = logon_of(&portal, "mechanicschool").await;
        let put = "CREATE address_fault:['mechanic', '0000001009'] SET letter = 'x', since = time::now()";
        db.raw(put).await.unwrap();
        grant(&portal, &logon, "mechanicschool").await;
        let mut clerk = portal.clerk().await;
        let page = write(&mut clerk, &[]).await;
        release(&portal, &page).await;
        for _ in 0..4 {
            let job = jobs(&portal).await.pop().unwrap();
            invitation::jobs::step(&portal.built.portal, job).await.unwrap();
        }
        let found = queries::find(db, &id(&page)).await.unwrap().unwrap();
        assert_eq!((found.considered, found.by_email, found.by_letter, found.state), (3, 1, 0, State::Done));
        portal.stop().await;
    });
}
