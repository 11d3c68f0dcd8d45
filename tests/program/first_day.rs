//! The first day of an agency, in the production profile: from an empty folder to a code that was used, a message that was
//! read, letters that two staff members took, and a backup that was restored. Nothing of the demo is anywhere.

use std::path::Path;

use chrono::Utc;
use reqwest::Method;

use crate::{
    production::Production,
    shared::{
        authenticator::app_of,
        browser::{Browser, Page},
        path::{PASSWORD, code_in, request_code, sign_up_in},
    },
};

const SECRET: &str = "Torque-Wrench-78";
const REGISTRY: &str = "type,number,name,address_1,address_2,email,status\n\
    mechanic-school,123456,NORTH SHORE SCHOOL,100 LAKE ST,LANSING MI 48901,office@northshore.example,\n\
    dealer,1005,LAKESIDE MOTORS,5 LAKE ST,LANSING MI 48901,owner@lakeside.example,\n";
const SCHOOL: &str = "/staff/accounts/mechanic-school/0000123456";

/// Opens the link that a text brings, sets a password and an authenticator app up.
async fn enroll(production: &Production, text: &str) -> Browser {
    let (_, rest) = text.split_once(&format!("{}/staff/enroll/", production.url())).expect("a link");
    let link = format!("/staff/enroll/{}", rest.split_whitespace().next().unwrap());
    let mut browser = production.browser();
    let page = browser.get(&link).await;
    let page = browser.submit(&page, &link, &[("password", SECRET), ("password-again", SECRET)]).await;
    assert_eq!(page.path, "/staff/settings/second-factor", "{}", page.words());
    assert_eq!(browser.get("/staff/members").await.path, "/staff/settings/second-factor", "nothing opens before it");
    let page = browser.get("/staff/settings/second-factor/authenticator").await;
    let digits = app_of(&page).digits(Utc::now());
    let page = browser.submit(&page, "/authenticator", &[("code", &digits)]).await;
    assert!(page.says("They are shown only now"), "{}", page.words());
    let home = browser.get("/staff").await;
    assert_eq!(home.path, "/staff");
    nothing_of_the_demo(&home);
    browser
}

fn nothing_of_the_demo(page: &Page) {
    assert!(!page.body.to_lowercase().contains("demo"), "{}: {}", page.path, page.words());
}

/// Loads a page until it says something.
async fn until(browser: &mut Browser, path: &str, says: &str) -> Page {
    for _ in 0..600 {
        let page = browser.get(path).await;
        if page.says(says) {
            return page;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{path} never says {says}: {}", browser.get(path).await.words());
}

async fn invite(administrator: &mut Browser, production: &Production, user_id: &str, role: &str) -> Browser {
    let page = administrator.get("/staff/members/new").await;
    let email = format!("{user_id}@agency.example");
    let fields = [("user-id", user_id), ("name", "New Person"), ("email", email.as_str()), ("role", role)];
    let page = administrator.submit(&page, "/staff/members", &fields).await;
    assert!(page.says("Invitation sent."), "{}", page.words());
    enroll(production, &production.mail(&email, "/staff/enroll/").await).await
}

/// The registry's file: one brings it, another applies it.
async fn fill_registry(author: &mut Browser, other: &mut Browser) {
    let page = author.get("/staff/imports/new").await;
    let page =
        author.upload(&page, "/imports", &[("subject", "accounts")], &[("accounts.csv", REGISTRY.as_bytes())]).await;
    let page = until(author, &page.path, "New accounts 2").await;
    let shown = other.get(&page.path).await;
    other.submit(&shown, "/apply", &[]).await;
    until(author, &page.path, "2 of 2 changes are applied.").await;
}

async fn gain_access(person: &mut Browser, code: &str) {
    person.get("/access/add").await;
    let page = person.get("/access/add/authorization-code").await;
    let page = person.submit(&page, "/authorization-code", &[("code", code), ("go", "next")]).await;
    let page = person.submit(&page, "/account-info", &[("number", "123456"), ("go", "next")]).await;
    let own = page.value("email").unwrap();
    let fields = [("alerts", "yes"), ("email", own.as_str()), ("email-again", &own), ("terms", "yes"), ("go", "next")];
    let page = person.submit(&page, "/email", &fields).await;
    let page = person.submit(&page, "/summary", &[("go", "submit")]).await;
    assert!(page.path.starts_with("/access/added/"), "{}", page.words());
    let page = person.get("/springboard").await;
    assert!(page.says("NORTH SHORE SCHOOL"), "{}", page.words());
    nothing_of_the_demo(&page);
}

/// A charge: one staff member asks, another posts it, and the holder finds it on the statement.
async fn charge(clerk: &mut Browser, other: &mut Browser, person: &mut Browser) {
    let page = clerk.get(&format!("{SCHOOL}/ledger/new")).await;
    let fields = [("kind", "charge"), ("amount", "25"), ("text", "License renewal"), ("reason", "invoice 7")];
    assert!(clerk.submit(&page, "/ledger", &fields).await.says("Another staff member must approve it."));
    let page = other.get("/staff/approvals").await;
    assert!(other.submit(&page, "/approve", &[]).await.says("Request approved."));
    let page = person.get("/accounts/mechanic-school/0000123456").await;
    assert!(page.says("EFT Management") && page.says("-$25.00"), "{}", page.words());
    let month = page.body.split('"').find(|part| part.contains("/statements/20")).unwrap().to_owned();
    let page = person.get(&month).await;
    assert!(page.says("Closing balance -$25.00") && page.says("License renewal"), "{}", page.words());
    let paper = person.send(Method::GET, &format!("{month}/pdf"), None).await;
    assert!(paper.bytes().await.unwrap().starts_with(b"%PDF"));
}

/// A batch of letters: one makes it and asks, another approves, and the first takes it, whole.
async fn take_letters(clerk: &mut Browser, other: &mut Browser) {
    until(clerk, "/staff/letters", "1 letter waits for a batch.").await;
    let page = clerk.get("/staff/letters").await;
    let page = clerk.submit(&page, "/batches", &[]).await;
    let batch = until(clerk, &page.path, "State to be printed").await;
    let pdf = format!("{}/pdf", batch.path);
    assert_eq!(clerk.send(Method::GET, &pdf, None).await.status(), 403);
    clerk.submit(&batch, "/ask", &[]).await;
    let page = other.get("/staff/approvals").await;
    assert!(other.submit(&page, "/approve", &[]).await.says("Request approved."));
    let taken = clerk.send(Method::GET, &pdf, None).await;
    assert_eq!(taken.status(), 200);
    assert!(taken.bytes().await.unwrap().starts_with(b"%PDF"));
}

/// The audit, by somebody who has its file and the public key, and nothing of the portal.
fn verify_elsewhere(production: &Production, home: &Path) {
    let keys = production.command(home, &["keys", "list"]);
    let key = keys.lines().find_map(|line| line.strip_suffix("  verifies the audit")).unwrap();
    production.command(home, &["audit", "export", "../audit.jsonl"]);
    let auditor = home.join("../auditor");
    std::fs::create_dir(&auditor).unwrap();
    let said = production.command(&auditor, &["audit", "verify", "--file", "../audit.jsonl", "--public-key", key]);
    assert!(said.starts_with("The audit holds.") && !said.contains(" 0 rows are sealed"), "{said}");
}

/// A new secret key on top of the old one: what that sealed is sealed anew while the portal serves.
async fn replace_key(production: &Production, home: &Path) {
    let file = home.join("secret-key");
    let lines = production.command(home, &["keys", "draw"]) + &std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, lines).unwrap();
    let mut program = production.serve(home).await;
    let said = production.command(home, &["keys", "reseal"]);
    assert!(said.starts_with("Authenticators resealed with the first key: "), "{said}");
    assert!(!said.contains(": 0.") && said.lines().count() == 1, "{said}");
    program.stop().await;
    assert!(production.command(home, &["keys", "reseal"]).contains(": 0."), "at rest as well, and once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agency_opens_and_outlives_its_machine() {
    let production = Production::prepare();
    let begun = std::time::Instant::now();
    let said = production.init();
    let home = production.home();
    for secret in ["springboard.toml", "secret-key", "audit-key.pem"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(home.join(secret)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{secret}");
    }
    assert!(production.command(&home, &["check-config"]).contains("The configuration is good."));
    let mut program = production.serve(&home).await;
    let front = production.browser().get("/").await;
    assert_eq!(front.status, 200, "through the proxy");
    nothing_of_the_demo(&front);

    // The staff: two administrators by command, the rest by invitation.
    let mut avery = enroll(&production, &said).await;
    let add = ["staff", "add", "--user-id", "blake", "--name", "Blake Reyes", "--role", "administrator"];
    let mut blake = enroll(&production, &production.command(&home, &add)).await;
    let mut clerk = invite(&mut avery, &production, "casey", "clerk").await;
    fill_registry(&mut avery, &mut blake).await;

    // The first code, to the address on record, and one by letter.
    let mut person = sign_up_in(production.browser(), "northshore").await;
    request_code(&mut person, "mechanic-school", "123456", true).await;
    let code = code_in(&production.mail("office@northshore.example", "Authorization code").await);
    gain_access(&mut person, &code).await;
    println!("The first code was used {:.1} s after `springboard init`.", begun.elapsed().as_secs_f64());
    let mut dealer = sign_up_in(production.browser(), "lakeside").await;
    request_code(&mut dealer, "dealer", "1005", false).await;
    take_letters(&mut clerk, &mut blake).await;
    charge(&mut clerk, &mut blake, &mut person).await;

    let page = clerk.get(SCHOOL).await;
    let fields = [("subject", "Welcome aboard"), ("body", "Your renewal is due.")];
    assert!(clerk.post_checked(&page, "/messages", &fields).await.says("The message was posted."));
    assert!(person.get("/springboard/correspondence").await.says("Welcome aboard"));
    production.mail("northshore@example.com", "There is a new message").await;

    // A backup while it serves, and a code that is used after it.
    let backup = home.join("../backup");
    let said = production.command(&home, &["backup", backup.to_str().unwrap()]);
    assert!(said.contains("The secret keys are not in it"), "{said}");
    let kept = std::fs::read_to_string(backup.join("database.surql")).unwrap().to_lowercase();
    let demo = kept
        .lines()
        .find(|line| line.contains("demo = true") || line.contains("demo: true") || line.contains("clerk1000"));
    assert_eq!(demo, None);
    assert!(!std::fs::read_to_string(backup.join("springboard.toml")).unwrap().contains("smtp+starttls"));
    program.stop().await;

    verify_elsewhere(&production, &home);

    // Another machine: the settings, the keys, the backup.
    let other = home.join("../other");
    std::fs::create_dir(&other).unwrap();
    for file in ["springboard.toml", "secret-key", "audit-key.pem"] {
        std::fs::copy(home.join(file), other.join(file)).unwrap();
    }
    production.command(&other, &["restore", "../backup"]);
    replace_key(&production, &other).await;
    let mut program = production.serve(&other).await;
    assert!(person.get("/springboard").await.path.starts_with("/sign-in"), "all sessions ended");
    let page = person.get("/sign-in").await;
    let wrong = [("user-id", "northshore"), ("password", "not the password")];
    let page = person.submit(&page, "/sign-in", &wrong).await;
    assert!(page.says("is not right") && page.value("user-id").as_deref() == Some("northshore"), "{}", page.words());
    person.submit(&page, "/sign-in", &[("user-id", "northshore"), ("password", PASSWORD)]).await;
    assert!(person.get("/springboard/correspondence").await.says("Welcome aboard"));
    let page = dealer.get("/sign-in").await;
    dealer.submit(&page, "/sign-in", &[("user-id", "lakeside"), ("password", PASSWORD)]).await;
    let page = dealer.get("/springboard/submissions").await;
    assert!(page.says("Void: the portal was restored from a backup"), "{}", page.words());
    let log = std::fs::read_to_string(other.join("serve.log")).unwrap();
    assert!(!log.contains('\u{1b}') && !log.contains(" ERROR "), "{log}");
    program.stop().await;
}
