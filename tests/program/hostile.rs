//! What people would type to do harm: DOMPurify's own cases and the big list of naughty strings, in every field that is
//! shown again, in a real browser under the portal's content policy. No script runs, nothing is fetched from elsewhere,
//! and the policy has nothing to report.

use std::process::Command;

use reqwest::{Method, Url};
use serde_json::Value;

use crate::{
    driver::Window,
    mailboxes::signed_in,
    process::{Program, STAFF_PASSWORD, Start},
    shared::tools::{is_whole, tools},
    shared::{browser::Browser, path::PASSWORD},
};

const ACCOUNT: &str = "/accounts/mechanic-school/00-00123456";

/// Before a page's own scripts: remembers what should not happen.
const WATCH: &str = "window.seen = [];
    for (const name of ['alert', 'confirm', 'prompt']) window[name] = () => { window.seen.push(name + ' ran'); };
    document.addEventListener('securitypolicyviolation', (event) =>
        window.seen.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));";

/// What happened, and what stands in a message's text that prose does not need.
const FINDINGS: &str = "
    const found = [...window.seen];
    const tags = 'P BR EM STRONG UL OL LI BLOCKQUOTE CODE PRE H2 A HR'.split(' ');
    const attributes = { A: ['href', 'rel', 'title'], OL: ['start'] };
    for (const one of document.querySelectorAll('.message-text *')) {
        if (!tags.includes(one.tagName)) found.push(one.outerHTML);
        for (const { name } of one.attributes) if (!attributes[one.tagName]?.includes(name)) found.push(one.outerHTML);
        if (one.href && !['http:', 'https:', 'mailto:', 'tel:'].includes(one.protocol)) found.push(one.href);
    }
    for (const one of document.scripts) if (!one.src.startsWith(location.origin + '/assets/')) found.push(one.outerHTML);
    for (const one of performance.getEntriesByType('resource'))
        if (!one.name.startsWith(location.origin + '/')) found.push(one.name);
    arguments[0](found.join('\\n'));";

/// The texts: DOMPurify's cases, then the naughty strings.
fn texts() -> (Vec<String>, Vec<String>) {
    let script = "const tools = process.argv[1];
        const cases = require(tools + '/dompurify/test/fixtures/expect.js').map((one) => one.payload);
        console.log(JSON.stringify([cases, require(tools + '/big-list-of-naughty-strings/blns.json')]));";
    let output = Command::new("node").args(["-e", script]).arg(tools().join("node_modules")).output().unwrap();
    serde_json::from_slice(&output.stdout).expect("tests/install was run")
}

/// What was found on the page that the window shows.
async fn check(window: &Window, what: &str) {
    let found = window.run(FINDINGS).await;
    assert_eq!(found, Value::String(String::new()), "{what}");
}

/// Posts a form and follows nothing; returns the status.
async fn send(browser: &Browser, path: &str, token: &str, fields: &[(&str, &str)]) -> u16 {
    let all = std::iter::once(("token", token)).chain(fields.iter().copied());
    let owned = all.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    browser.send(Method::POST, path, Some(owned)).await.status().as_u16()
}

/// Posts each text as subject and text of a thread of its own, and as an answer in the first thread; some with files of
/// these names. Returns how many threads there are.
async fn post(clerk: &mut Browser, texts: &[String]) -> usize {
    let page = clerk.get(&format!("/staff{ACCOUNT}")).await;
    let token = page.value("token").unwrap();
    let mut threads = 0;
    for (at, text) in texts.iter().enumerate() {
        let (draft, answer) = (format!("hostile-{at}"), format!("answer-{at}"));
        let subject: String = text.chars().take(150).collect();
        let fields = [("token", token.as_str()), ("draft", &draft), ("subject", &subject), ("body", text)];
        let shown = clerk.post(&format!("/staff{ACCOUNT}/messages"), &fields).await;
        if shown.status == 200 {
            let posted = clerk.submit(&shown, "/messages", &[("go", "post")]).await;
            assert!(posted.path.contains("?posted="), "{text}: {}", posted.words());
            threads += 1;
        } else {
            assert_eq!(shown.status, 422, "{text}");
        }
        let fields = [("draft", answer.as_str()), ("body", text)];
        let status = send(clerk, &format!("/staff{ACCOUNT}/messages/1"), &token, &fields).await;
        assert!([303, 422].contains(&status), "{status} for {text}");
    }
    threads
}

/// Answers in the first thread with files that bear these names, five at a time.
async fn attach(clerk: &mut Browser, texts: &[String]) {
    // As browsers write names (WHATWG HTML, multipart/form-data).
    let escape = |text: &String| text.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
    let names: Vec<String> =
        texts.iter().map(|text| format!("{}.txt", escape(text).chars().take(90).collect::<String>())).collect();
    let mut taken = 0;
    for five in names.chunks(5) {
        let page = clerk.get(&format!("/staff{ACCOUNT}/messages/1")).await;
        let files: Vec<(&str, &[u8])> = five.iter().map(|name| (name.as_str(), b"text".as_slice())).collect();
        let answer = clerk.upload(&page, "/messages/1", &[("body", "With files.")], &files).await;
        assert!([200, 422].contains(&answer.status), "{} for {five:?}", answer.status);
        taken += usize::from(answer.status == 200);
    }
    assert!(taken > 0, "no file of {} was taken", names.len());
}

/// Looks at every page of a list or a thread, from its newest to its oldest.
async fn look_through(window: &Window, url: &str, path: &str, next: &str) -> usize {
    let (mut path, mut pages) = (path.to_owned(), 0);
    loop {
        window.go(&format!("{url}{path}")).await;
        check(window, &path).await;
        pages += 1;
        let script = format!(
            "arguments[0]([...document.links].find((link) => link.textContent === '{next}')?.getAttribute('href') ?? '')"
        );
        match window.run(&script).await.as_str() {
            Some("") | None => return pages,
            Some(link) => path = link.to_owned(),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_is_typed_runs() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    let database = crate::process::DatabaseServer::start(&folder.path().join("database")).await;
    let start = Start { data: &data, role: "web", smtp: None, database: Some(&database) };
    let mut program = Program::start(start).await;
    let url = program.url.clone();
    let db = crate::mailboxes::db(&database).await;
    crate::mailboxes::holder(&url, &db, "mechanicschool", "123456").await;
    let (cases, strings) = texts();
    assert!(cases.len() > 150 && strings.len() > 400, "{} and {}", cases.len(), strings.len());
    // All of them take five minutes.
    let every = if is_whole() { 1 } else { 9 };
    let all: Vec<String> = cases.iter().chain(&strings).step_by(every).cloned().collect();
    let mut clerk = Browser::new(&url);
    let page = clerk.get("/staff/sign-in").await;
    clerk.submit(&page, "/staff/sign-in", &[("user-id", "clerk1000"), ("password", STAFF_PASSWORD)]).await;
    let threads = post(&mut clerk, &all).await;
    attach(&mut clerk, &all).await;
    assert!(threads * every > 600, "only {threads} of {} were taken", all.len());

    let window = signed_in(&url, "mechanicschool").await;
    window.before_each_page(WATCH).await;
    // The look itself sees what it should.
    window.go(&format!("{url}/faqs")).await;
    check(&window, "a page of the agency's").await;
    let inline = "const one = document.createElement('script'); one.textContent = 'alert(1)'; document.body.append(one); setTimeout(arguments[0], 200)";
    window.run(inline).await;
    assert_ne!(window.run(FINDINGS).await, Value::String(String::new()), "a script in the page is seen");

    let pages = look_through(&window, &url, "/springboard/correspondence", "Older messages").await;
    assert!(pages >= threads / 20, "only {pages} pages of {threads} threads");
    let pages = look_through(&window, &url, &format!("{ACCOUNT}/messages/1"), "Earlier messages").await;
    assert!(pages >= threads / 50, "only {pages} pages of answers");
    // What is typed into a search, and into forms that come back with a fault.
    for text in cases.iter().step_by(4 * every).chain(strings.iter().step_by(20 * every)) {
        let address = Url::parse_with_params(&format!("{url}/springboard/correspondence"), [("q", text)]).unwrap();
        window.go(address.as_str()).await;
        check(&window, text).await;
    }
    profile(&window, &url, &cases, 10 * every).await;

    staff(&window, &url).await;
    look_through(&window, &url, &format!("/staff{ACCOUNT}/messages/1"), "Earlier messages").await;
    for text in cases.iter().step_by(4 * every) {
        let address = Url::parse_with_params(&format!("{url}/staff"), [("q", text)]).unwrap();
        window.go(address.as_str()).await;
        check(&window, text).await;
    }
    window.go(&format!("{url}/staff{ACCOUNT}")).await;
    check(&window, "the account in the console").await;
    window.fill("Subject", &cases[0]).await;
    window
        .fill(
            "Text",
            &cases.iter().step_by(9).cloned().collect::<Vec<_>>().join("\n\n").chars().take(1500).collect::<String>(),
        )
        .await;
    window.press("Preview").await;
    window.sees("Nothing was posted yet").await;
    check(&window, "the preview").await;
    program.stop().await;
}

/// Types hostile texts into the profile: each comes back beside its fault, or is shown as the person's name.
async fn profile(window: &Window, url: &str, cases: &[String], every: usize) {
    for text in cases.iter().step_by(every) {
        window.go(&format!("{url}/settings/profile")).await;
        window.fill("First Name", &text.chars().take(40).collect::<String>()).await;
        window.fill("Your present password", PASSWORD).await;
        window.press("Save").await;
        // Else the next page is asked for while this one is still under way, and loses.
        window.sees_any(&["Your changes were saved.", "There is a problem"]).await;
        check(window, text).await;
    }
}

/// The window signs in as staff.
async fn staff(window: &Window, url: &str) {
    window.go(&format!("{url}/staff/sign-in")).await;
    window.fill("User ID", "clerk1000").await;
    window.fill("Password", STAFF_PASSWORD).await;
    window.press("LOGIN").await;
    window.sees("Find an account").await;
}
