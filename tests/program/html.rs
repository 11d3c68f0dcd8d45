//! The pages as they are sent, for the HTML checker: a browser would have mended them.

use std::path::Path;

use crate::{
    process::{Program, STAFF_PASSWORD, Start},
    shared::{
        browser::Browser,
        path::{code_in, request_code},
    },
    validators::Checker,
};

/// The mail whose file begins with this, once it is there.
async fn mail_in(data: &Path, begin: &str) -> String {
    for _ in 0..400 {
        let files = std::fs::read_dir(data.join("mail")).into_iter().flatten().flatten();
        let found = files.map(|file| file.path()).find(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            name.starts_with(begin) && name.ends_with(".eml")
        });
        if let Some(file) = found {
            return std::fs::read_to_string(file).unwrap();
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("no mail within twenty seconds");
}

/// Waits until one of the person's submissions stands like this.
async fn wait_for(person: &mut Browser, status: &str) {
    for _ in 0..400 {
        if person.get("/springboard/submissions").await.says(status) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("no submission came to say {status:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_is_valid_html() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    let mut program = Program::start(Start { data: &data, role: "serve", smtp: None, database: None }).await;
    let checker = Checker::new();
    let mut visitor = Browser::new(&program.url);
    let public = [
        "/",
        "/services/mechanic",
        "/services/dealer",
        "/services/vehicle-renewal",
        "/faqs",
        "/contact",
        "/terms",
        "/terms/access",
    ];
    let logon =
        ["/sign-in", "/sign-up", "/recover/password", "/recover/user-id", "/outbox", "/nowhere", "/staff/sign-in"];
    for path in public.into_iter().chain(logon) {
        checker.add(path, &visitor.get(path).await.body);
    }
    let page = visitor.get("/sign-up").await;
    checker.add("sign-up with faults", &visitor.submit(&page, "/sign-up/profile", &[("go", "next")]).await.body);
    let mut person = crate::shared::path::sign_up(&program.url, "mechanicschool").await;
    let page = person.get("/access/request-code").await;
    checker.add("account type", &page.body);
    checker.add("account type with fault", &person.submit(&page, "/account-type", &[("go", "next")]).await.body);
    let page = person.submit(&page, "/account-type", &[("account-type", "mechanic-school"), ("go", "next")]).await;
    checker.add("account details", &page.body);
    let page = person.submit(&page, "/account-details", &[("number", "123"), ("go", "next")]).await;
    checker.add("email option", &page.body);
    for path in ["/access", "/access/add", "/springboard/submissions", "/springboard/correspondence"] {
        checker.add(path, &person.get(path).await.body);
    }
    // With access: the springboard with a message, and what is behind it.
    let page = person.get("/access/request-code/cancel").await;
    person.submit(&page, "/cancel", &[]).await;
    checker.add("requested", &request_code(&mut person, "mechanic-school", "123456", true).await.body);
    let code = code_in(&mail_in(&data, "code-").await);
    wait_for(&mut person, "Code e-mailed").await;
    let page = person.get("/access/add").await;
    checker.add("code", &page.body);
    let page = person.submit(&page, "/authorization-code", &[("code", &code), ("go", "next")]).await;
    checker.add("account info", &page.body);
    let page = person.submit(&page, "/account-info", &[("number", "123456"), ("go", "next")]).await;
    checker.add("email", &page.body);
    let fields = [("email", "a@example.com"), ("email-again", "a@example.com"), ("terms", "yes"), ("go", "next")];
    let page = person.submit(&page, "/email", &fields).await;
    checker.add("confirm e-mail", &page.body);
    let mail = mail_in(&data, "pin-").await;
    let pin = mail.split_whitespace().find(|word| word.len() == 8 && word.parse::<u32>().is_ok()).unwrap();
    let page = person.submit(&page, "/confirm-email", &[("pin", pin), ("go", "next")]).await;
    checker.add("summary", &page.body);
    checker.add("added", &person.submit(&page, "/summary", &[("go", "submit")]).await.body);
    let mut clerk = Browser::new(&program.url);
    let page = clerk.get("/staff/sign-in").await;
    clerk.submit(&page, "/staff/sign-in", &[("user-id", "clerk1000"), ("password", STAFF_PASSWORD)]).await;
    let page = clerk.get("/staff/accounts/mechanic-school/00-00123456").await;
    let message = [("subject", "A <b>subject</b>"), ("body", "# Head\n\n- one\n- two"), ("go", "preview")];
    let page = clerk.submit(&page, "/messages", &message).await;
    checker.add("message preview", &page.body);
    checker.add("posted", &clerk.submit(&page, "/messages", &[("go", "post")]).await.body);
    for path in ["/springboard", "/springboard/submissions", "/springboard/correspondence"] {
        checker.add(&format!("{path} with access"), &person.get(path).await.body);
    }
    let account = "/accounts/mechanic-school/00-00123456";
    for path in [
        account.to_owned(),
        format!("{account}/messages/1"),
        format!("{account}/messages/new"),
        format!("{account}/correspondence"),
        "/submissions/0-000-041-436".to_owned(),
    ] {
        let page = person.get(&path).await;
        assert_eq!(page.status, 200, "{path}");
        checker.add(&path, &page.body);
    }
    for path in [
        "/settings",
        "/settings/confirm/email",
        "/settings/profile",
        "/settings/password",
        "/settings/recovery",
        "/access/add/cancel",
    ] {
        checker.add(path, &person.get(path).await.body);
    }
    let mut clerk = Browser::new(&program.url);
    let page = clerk.get("/staff/sign-in").await;
    let page = clerk.submit(&page, "/staff/sign-in", &[("user-id", "clerk1000"), ("password", STAFF_PASSWORD)]).await;
    checker.add("staff", &page.body);
    let page = clerk.get(&format!("/staff{account}/correspondence")).await;
    let links = page.body.split("href=\"").map(|rest| rest.split('"').next().unwrap());
    let one = links.filter(|link| link.contains("/correspondence/code-")).last().unwrap().to_owned();

    checker.add("staff's correspondence", &page.body);
    checker.add("an e-mail as sent", &clerk.get(&one).await.body);
    for path in [
        "/staff?q=ex",
        "/staff/accounts/dealer/00-00001005",
        "/staff/messages",
        "/staff/bulk-posts",
        "/staff/bulk-posts/new",
    ] {
        checker.add(path, &clerk.get(path).await.body);
    }
    program.stop().await;
    checker.check();
}
