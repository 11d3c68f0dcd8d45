//! Terms that changed are agreed to again, in the version that was shown.

use springboard::{agreement, db::Db};

use crate::{
    content::submit_and_release,
    staff::holder,
    support::{PASSWORD, Portal, run},
};

#[test]
fn terms_that_changed_are_agreed_to_before_the_next_page() {
    run(async {
        let portal = Portal::start().await;
        let (mut person, logon) = holder(&portal, "mechanicschool").await;
        let mut supervisor = portal.staff("supervisor1000").await;
        let form = person.get("/settings/profile").await;
        let mut profile = form.fields("/settings/profile");
        profile.retain(|(name, _)| name != "first" && name != "present");
        profile.push(("first".into(), "Kept".into()));
        profile.push(("present".into(), PASSWORD.into()));
        submit_and_release(&portal, &mut supervisor, "terms", "New terms.", &[("correction", "yes")]).await;
        assert_eq!(person.get("/springboard").await.path, "/springboard", "only a correction");
        submit_and_release(&portal, &mut supervisor, "terms", "Newer terms.", &[]).await;
        submit_and_release(&portal, &mut supervisor, "access-terms", "Newer access.", &[]).await;
        // What was being filled in is taken, and then they are asked for; an open page gets no part of another.
        let profile: Vec<(&str, &str)> = profile.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let page = person.post("/settings/profile", &profile).await;
        assert!(page.path.starts_with("/agree?back=/settings"), "{} {}", page.path, page.words());
        let part = person.get("/springboard/panel/accounts").await;
        assert!(part.status == 403 && !part.says("MECHANIC SCHOOL"), "{}", part.words());
        let page = person.get("/springboard/submissions").await;
        assert_eq!(page.path, "/agree?back=/springboard/submissions");
        for words in ["Newer terms.", "Newer access.", "Mechanic School 00-00123456"] {
            assert!(page.says(words), "{words} in {}", page.words());
        }
        let page = person.submit(&page, "/agree", &[("terms", "yes")]).await;
        assert!(page.status == 422 && page.fault("access").is_some(), "{}", page.words());
        let page = person.submit(&page, "/agree", &[("terms", "yes"), ("access", "yes")]).await;
        assert_eq!(page.path, "/springboard/submissions", "{}", page.words());
        assert_eq!(person.get("/settings/profile").await.value("first").as_deref(), Some("Kept"));
        let db = &portal.built.portal.db;
        assert_eq!(versions(db, &logon).await, ["2026-11-24.2", "2026-11-24.1"]);
        let audit = portal.staff("auditor1000").await.get("/staff/audit?did=agreed+to+terms").await;
        assert!(audit.says("terms 2026-11-24.2"), "{}", audit.words());
        portal.stop().await;
    });
}

#[test]
fn nobody_agrees_to_terms_that_are_others_by_now() {
    run(async {
        let portal = Portal::start().await;
        let (_, logon) = holder(&portal, "mechanicschool").await;
        let (db, mut supervisor) = (&portal.built.portal.db, portal.staff("supervisor1000").await);
        submit_and_release(&portal, &mut supervisor, "terms", "Second.", &[]).await;
        let then = portal.built.portal.publication.now();
        let asked = agreement::queries::asked(db, &logon, &then).await.unwrap();
        submit_and_release(&portal, &mut supervisor, "terms", "Third.", &[]).await;
        let now = portal.clock.now();
        let refused = agreement::queries::agree(db, &logon, (&asked, now), &then, now).await.unwrap_err();
        assert!(refused.is_refusal(agreement::queries::MOVED), "{refused}");
        assert_eq!(versions(db, &logon).await[0], "2026-11");
        portal.stop().await;
    });
}

/// The terms that a logon agreed to: the portal's, and those of its accounts.
async fn versions(db: &Db, logon: &str) -> Vec<String> {
    let agreed = "RETURN [type::record('logon', $logon).terms_version, (SELECT VALUE terms_version FROM access WHERE logon = $logon)[0]]";
    db.raw(agreed).bind(("logon", logon.to_owned())).await.unwrap().take(0).unwrap()
}

#[test]
fn terms_that_change_while_they_are_read_are_read_again() {
    run(async {
        let portal = Portal::start().await;
        let (mut person, _) = holder(&portal, "mechanicschool").await;
        let mut supervisor = portal.staff("supervisor1000").await;
        submit_and_release(&portal, &mut supervisor, "terms", "Second.", &[]).await;
        let page = person.get("/springboard").await;
        submit_and_release(&portal, &mut supervisor, "terms", "Third.", &[]).await;
        let page = person.submit(&page, "/agree", &[("terms", "yes")]).await;
        assert!(page.status == 422 && page.says("Third.") && page.says("changed while you read"), "{}", page.words());
        assert!(!page.body.contains("checked"), "nobody agreed to this one: {}", page.body);
        let page = person.submit(&page, "/agree", &[("terms", "yes")]).await;
        assert_eq!(page.path, "/springboard", "{}", page.words());
        portal.stop().await;
    });
}
