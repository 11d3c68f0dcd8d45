//! Staff members: invited, given roles, disabled, reset and helped by administrators; two for a new administrator.

use reqwest::Method;
use springboard::{
    staff_admin::command::{self, NewStaff, StaffCommand},
    words::config::Profile,
};

use crate::support::{Browser, Page, Portal, run, sign_up, with_another_end};

const SECRET: &str = "Torque-Wrench-78";

/// The path of the link in a text.
fn link_in(portal: &Portal, text: &str) -> String {
    let text = text.replace("=\r\n", "").replace("=\n", "");
    let (_, rest) = text.split_once(&format!("{}/staff/enroll/", portal.url)).expect("a link");
    format!("/staff/enroll/{}", rest.split_whitespace().next().unwrap())
}

async fn enroll(portal: &Portal, link: &str) -> (Browser, Page) {
    let mut browser = portal.browser();
    let page = browser.get(link).await;
    assert_eq!(page.status, 200, "{}", page.words());
    let weak = browser.submit(&page, link, &[("password", "short"), ("password-again", "short")]).await;
    assert!(weak.status == 422 && weak.fault("password").is_some());
    let page = browser.submit(&page, link, &[("password", SECRET), ("password-again", SECRET)]).await;
    (browser, page)
}

async fn invite(browser: &mut Browser, user_id: &str, role: &str) -> Page {
    let page = browser.get("/staff/members/new").await;
    let email = format!("{user_id}@agency.example");
    let fields = [("user-id", user_id), ("name", "New Person"), ("email", &email), ("role", role)];
    browser.submit(&page, "/staff/members", &fields).await
}

async fn open_member(browser: &mut Browser, user_id: &str) -> Page {
    let list = browser.get("/staff/members").await;
    browser.get(&list.link(user_id)).await
}

#[test]
fn an_invited_clerk_sets_a_password_once_and_is_a_clerk() {
    run(async {
        let portal = Portal::with_worker().await;
        let mut admin = portal.staff("admin1000").await;
        let page = invite(&mut admin, "newclerk", "").await;
        assert!(
            page.status == 422 && page.fault("role").is_some() && page.value("user-id").as_deref() == Some("newclerk")
        );
        assert!(invite(&mut admin, "clerk1000", "clerk").await.fault("user-id").is_some(), "taken");
        let page = invite(&mut admin, "newclerk", "clerk").await;
        assert!(page.says("Invitation sent.") && page.says("newclerk"), "{}", page.words());
        let mails = portal.mails_to("newclerk@agency.example", 1).await;
        let link = link_in(&portal, &mails[0]);
        let (mut clerk, page) = enroll(&portal, &link).await;
        assert_eq!(page.path, "/staff", "{}", page.words());
        assert_eq!(portal.browser().get(&link).await.status, 422, "once");
        assert_eq!(clerk.get("/staff/members").await.status, 403);
        assert_eq!(clerk.get("/staff/overview").await.status, 200);
        // Their own settings: another password ends the other sessions.
        let mut elsewhere = portal.browser();
        let page = elsewhere.get("/staff/sign-in").await;
        let fields = [("user-id", "newclerk"), ("password", SECRET)];
        assert_eq!(elsewhere.submit(&page, "/staff/sign-in", &fields).await.path, "/staff");
        let page = clerk.get("/staff/settings/password").await;
        let new = "Torque-Wrench-79";
        let wrong = [("present", "wrong"), ("password", new), ("password-again", new)];
        assert!(clerk.submit(&page, "/password", &wrong).await.fault("present").is_some());
        let right = [("present", SECRET), ("password", new), ("password-again", new)];
        assert!(clerk.submit(&page, "/password", &right).await.says("Password changed."));
        assert_eq!(elsewhere.get("/staff").await.path, "/staff/sign-in");
        portal.stop().await;
    });
}

#[test]
fn a_link_is_good_for_three_days() {
    run(async {
        let portal = Portal::start().await;
        let new = NewStaff { user_id: "late".into(), name: "Late".into(), role: "clerk".into(), email: None };
        let said = command::run(&portal.built.portal, StaffCommand::Add(new)).await.unwrap();
        let link = link_in(&portal, &said);
        portal.clock.advance(chrono::Duration::hours(73));
        assert_eq!(portal.browser().get(&link).await.status, 422);
        portal.stop().await;
    });
}

#[test]
fn a_new_administrator_takes_two_and_the_command_makes_the_first_two() {
    run(async {
        let portal = Portal::with_worker().await;
        let add = async |user_id: &str, role: &str| {
            let new = NewStaff { user_id: user_id.into(), name: "By command".into(), role: role.into(), email: None };
            command::run(&portal.built.portal, StaffCommand::Add(new)).await
        };
        let second = link_in(&portal, &add("second", "administrator").await.unwrap());
        assert!(add("third", "administrator").await.unwrap_err().contains("two administrators already"));
        let (mut second, _) = enroll(&portal, &second).await;
        let mut admin = portal.staff("admin1000").await;
        let page = invite(&mut admin, "thirdadmin", "administrator").await;
        assert!(page.says("Another staff member must approve it."), "{}", page.words());
        assert!(!page.body.contains(">thirdadmin<"), "not yet");
        let own = admin.get("/staff/approvals").await;
        assert!(own.says("Another staff member must approve this request."));
        let theirs = second.get("/staff/approvals").await;
        let approve = theirs.fields("/staff/members/requests/");
        assert!(!approve.is_empty());
        assert!(theirs.says("The link goes to thirdadmin@agency.example."), "{}", theirs.words());
        let path = theirs.body.split('"').find(|part| part.ends_with("/approve")).unwrap().to_owned();
        // Neither whoever asked, nor another role.
        let token = own.value("token").unwrap();
        assert_eq!(admin.post(&path, &[("token", &token)]).await.status, 404);
        let mut supervisor = portal.staff("supervisor1000").await;
        let token = supervisor.get("/staff/approvals").await.value("token").unwrap();
        assert_eq!(supervisor.post(&path, &[("token", &token)]).await.status, 403);
        assert!(second.submit(&theirs, "/approve", &[]).await.says("Request approved."));
        assert!(admin.get("/staff/members").await.says("thirdadmin"));
        portal.mails_to("thirdadmin@agency.example", 1).await;
        let audit = portal.staff("auditor1000").await.get("/staff/audit").await;
        assert!(audit.did("approved a restricted action") && audit.did("invited a staff member"), "{}", audit.words());
        assert!(audit.says("asked for by admin1000") && !audit.says("thirdadmin@agency.example"), "{}", audit.words());
        // A role that makes somebody an administrator as well.
        let page = open_member(&mut admin, "clerk1000").await;
        let page = admin.submit(&page, "/role", &[("role", "administrator")]).await;
        assert!(page.says("Another staff member must approve it.") && page.says("clerk"), "{}", page.words());
        let page = open_member(&mut admin, "clerk1000").await;
        let page = admin.submit(&page, "/role", &[("role", "supervisor")]).await;
        assert!(page.says("Staff member updated."), "{}", page.words());
        // What was asked for was asked of a clerk.
        let theirs = second.get("/staff/approvals").await;
        assert!(theirs.says("clerk, active now"), "{}", theirs.words());
        assert_eq!(second.submit(&theirs, "/approve", &[]).await.status, 403);
        // A disabled administrator comes back by two as well, in the console and by command.
        command::run(&portal.built.portal, StaffCommand::Disable("second".into())).await.unwrap();
        let page = open_member(&mut admin, "second").await;
        let page = admin.submit(&page, "/enable", &[]).await;
        assert!(page.says("Another staff member must approve it.") && page.says("disabled"), "{}", page.words());
        let said = command::run(&portal.built.portal, StaffCommand::Enable("second".into())).await;
        assert!(said.is_err(), "there are two without");
        portal.stop().await;
    });
}

#[test]
fn a_disabled_staff_member_is_out_at_once_and_somebody_stays() {
    run(async {
        let portal = Portal::with_worker().await;
        let mut admin = portal.staff("admin1000").await;
        let mut clerk = portal.clerk().await;
        assert_eq!(clerk.get("/staff").await.status, 200);
        let page = open_member(&mut admin, "clerk1000").await;
        assert!(admin.submit(&page, "/disable", &[]).await.says("Staff member updated."));
        assert_eq!(clerk.get("/staff").await.path, "/staff/sign-in", "at once");
        let page = clerk.get("/staff/sign-in").await;
        let fields = [("user-id", "clerk1000"), ("password", "Staff-Password-1")];
        assert!(clerk.submit(&page, "/staff/sign-in", &fields).await.fault("user-id").is_some());
        let page = open_member(&mut admin, "clerk1000").await;
        admin.submit(&page, "/enable", &[]).await;
        assert_eq!(clerk.submit(&clerk_page(&portal).await, "/staff/sign-in", &fields).await.status, 403);
        portal.clerk().await;
        // Nobody does it to themselves, and the last administrator stays.
        let me = open_member(&mut admin, "admin1000").await;
        assert!(me.says("This is you."));
        let token = me.value("token").unwrap();
        assert_eq!(admin.post(&format!("{}/disable", me.path), &[("token", &token)]).await.status, 403);
        let said = command::run(&portal.built.portal, StaffCommand::Disable("admin1000".into())).await;
        assert!(said.unwrap_err().contains("At least one administrator"));
        portal.stop().await;
    });
}

/// A page of somebody else: its token is not this browser's.
async fn clerk_page(portal: &Portal) -> Page {
    portal.browser().get("/staff/sign-in").await
}

#[test]
fn a_locked_staff_member_is_unlocked_and_a_reset_removes_password_and_factor() {
    run(async {
        let portal = Portal::with_worker().await;
        let mut admin = portal.staff("admin1000").await;
        let mut stranger = portal.browser();
        let page = stranger.get("/staff/sign-in").await;
        for _ in 0..6 {
            stranger.submit(&page, "/staff/sign-in", &[("user-id", "clerk1000"), ("password", "wrong")]).await;
        }
        let right = [("user-id", "clerk1000"), ("password", "Staff-Password-1")];
        assert!(stranger.submit(&page, "/staff/sign-in", &right).await.fault("user-id").is_some());
        let page = open_member(&mut admin, "clerk1000").await;
        assert!(page.says("locked after wrong passwords"));
        assert!(admin.submit(&page, "/unlock", &[]).await.says("Sign-in unlocked."));
        let page = stranger.get("/staff/sign-in").await;
        assert_eq!(stranger.submit(&page, "/staff/sign-in", &right).await.path, "/staff");
        let said = command::run(&portal.built.portal, StaffCommand::Reset("clerk1000".into())).await.unwrap();
        let mut browser = portal.browser();
        let page = browser.get("/staff/sign-in").await;
        assert!(
            browser.submit(&page, "/staff/sign-in", &right).await.fault("user-id").is_some(),
            "the old password is gone"
        );
        // Whoever locks it meanwhile keeps nobody out who has the link.
        let page = stranger.get("/staff/sign-in").await;
        for _ in 0..6 {
            stranger.submit(&page, "/staff/sign-in", &[("user-id", "clerk1000"), ("password", "wrong")]).await;
        }
        let (mut clerk, page) = enroll(&portal, &link_in(&portal, &said)).await;
        assert_eq!(page.path, "/staff");
        clerk.cookies.remove("staff-session");
        let page = clerk.get("/staff/sign-in").await;
        let new = [("user-id", "clerk1000"), ("password", SECRET)];
        assert_eq!(clerk.submit(&page, "/staff/sign-in", &new).await.path, "/staff", "{:?}", clerk.cookies.keys());
        let list = command::run(&portal.built.portal, StaffCommand::List).await.unwrap();
        assert!(list.contains("clerk1000") && list.contains("auditor"), "{list}");
        portal.stop().await;
    });
}

#[test]
fn people_have_no_part_in_it() {
    run(async {
        let portal = Portal::start().await;
        let person = sign_up(&portal, "mechanicschool").await;
        for path in ["/staff/members", "/staff/members/new", "/staff/settings", "/staff/settings/second-factor"] {
            assert_eq!(person.send(Method::GET, path, None).await.status(), 303, "{path}");
        }
        portal.stop().await;
    });
}

#[test]
fn step_up_is_asked_for_before_what_is_risky() {
    run(async {
        let portal = Portal::configured(|config| config.profile = Profile::Production).await;
        let new = NewStaff { user_id: "first".into(), name: "First".into(), role: "administrator".into(), email: None };
        let said = command::run(&portal.built.portal, StaffCommand::Add(new)).await.unwrap();
        let (mut admin, page) = enroll(&portal, &link_in(&portal, &said)).await;
        assert_eq!(page.path, "/staff/settings/second-factor");
        let (app, _) = crate::second_factor::set_up(&portal, &mut admin, "/staff/settings/second-factor").await;
        let page = admin.get("/staff/members/new").await;
        portal.clock.advance(chrono::Duration::minutes(11));
        let fields = [("user-id", "x"), ("name", "X"), ("email", "x@agency.example"), ("role", "clerk")];
        let asked = admin.submit(&page, "/staff/members", &fields).await;
        assert!(asked.path.starts_with("/staff/confirm"), "{}", asked.path);
        let asked = admin.get("/staff/audit/export").await;
        assert!(asked.path.starts_with("/staff/confirm"), "{}", asked.path);
        let digits = app.digits(portal.clock.now());
        let page = admin.submit(&asked, "/confirm", &[("code", &digits)]).await;
        assert_eq!((page.path.as_str(), page.status), ("/staff/audit/export", 200), "and on to what was asked for");
        portal.stop().await;
    });
}

#[test]
fn a_change_is_told_to_both_addresses_and_the_old_one_can_freeze_it() {
    run(async {
        let portal = Portal::with_worker().await;
        let mut browser = sign_up(&portal, "mechanicschool").await;
        let page = browser.get("/settings/profile").await;
        let mut fields = page.fields("/settings/profile");
        fields.retain(|(name, _)| !["email", "email-again", "present", "token"].contains(&name.as_str()));
        let mut typed: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let new = "thief@example.com";
        typed.extend([("email", new), ("email-again", new), ("present", crate::support::PASSWORD)]);
        let page = browser.submit(&page, "/settings/profile", &typed).await;
        assert!(page.says("Your changes were saved."), "{}", page.words());
        portal.mails_to(new, 1).await;
        let mails = portal.mails_to("mechanicschool@example.com", 2).await;
        let mail = mails.iter().find(|mail| mail.contains("was changed")).expect("word to the old address");
        let mail = mail.replace("=\r\n", "");
        let (_, rest) = mail.split_once(&format!("{}/changes/", portal.url)).unwrap();
        let link = format!("/changes/{}", rest.split_whitespace().next().unwrap());
        let mut owner = portal.browser();
        let asked = owner.get(&link).await;
        assert!(asked.says("Freeze logon"), "{}", asked.words());
        assert_eq!(browser.get("/access").await.status, 200, "following the link only asks");
        assert_eq!(owner.get(&with_another_end(&link)).await.status, 404);
        let frozen = owner.submit(&asked, &link, &[]).await;
        assert!(frozen.says("The logon is frozen"), "{}", frozen.words());
        assert!(browser.get("/access").await.path.starts_with("/sign-in"));
        let page = owner.get("/sign-in").await;
        let fields = [("user-id", "mechanicschool"), ("password", crate::support::PASSWORD)];
        assert!(owner.submit(&page, "/sign-in", &fields).await.fault("user-id").is_some(), "staff look at it first");
        portal.stop().await;
    });
}

#[test]
fn a_changed_password_can_be_frozen_by_its_owner() {
    run(async {
        let portal = Portal::with_worker().await;
        let mut thief = sign_up(&portal, "mechanicschool").await;
        let page = thief.get("/settings/password").await;
        let new = "Torque-Wrench-99";
        let typed = [("present", crate::support::PASSWORD), ("password", new), ("password-again", new)];
        let page = thief.submit(&page, "/settings/password", &typed).await;
        assert!(page.says("Your changes were saved.") || page.path.contains("saved=password"), "{}", page.words());
        let mails = portal.mails_to("mechanicschool@example.com", 2).await;
        let mail = mails.iter().find(|mail| mail.contains("The password of your logon")).expect("word of it");
        let mail = mail.replace("=\r\n", "");
        let (_, rest) = mail.split_once(&format!("{}/changes/", portal.url)).unwrap();
        let link = format!("/changes/{}", rest.split_whitespace().next().unwrap());
        let mut owner = portal.browser();
        let asked = owner.get(&link).await;
        assert!(owner.submit(&asked, &link, &[]).await.says("The logon is frozen"));
        assert!(thief.get("/access").await.path.starts_with("/sign-in"));
        let again = portal.browser().get(&link).await;
        assert!(!again.body.contains("Freeze logon"), "once");
        portal.stop().await;
    });
}
