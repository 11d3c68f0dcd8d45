//! Files that come with messages: what may come, who gets it, and that no browser runs it.

use chrono::Duration;
use reqwest::Method;
use springboard::mailbox;

use crate::{
    staff::holder,
    support::{Browser, Page, Portal, run, sign_up},
};

const OWN: &str = "/accounts/mechanic-school/00-00123456";
const PDF: &[u8] = b"%PDF-1.7\nnothing much\n";

/// Where the link with these words leads.
fn link(page: &Page, label: &str) -> String {
    let (before, _) = page.body.split_once(&format!(">{label}</a>")).expect("the link is there");
    before.rsplit_once("href=\"").unwrap().1.split_once('"').unwrap().0.to_owned()
}

fn kept(portal: &Portal) -> usize {
    let files = std::fs::read_dir(portal.folder("attachments")).into_iter().flatten().flatten();
    files.filter(|file| file.path().is_file()).count()
}

async fn compose(browser: &mut Browser, fields: &[(&str, &str)], files: &[(&str, &[u8])]) -> Page {
    let page = browser.get(&format!("{OWN}/messages/new")).await;
    browser.upload(&page, "/messages", fields, files).await
}

#[test]
fn a_file_comes_with_its_message_and_is_saved_not_run() {
    run(async {
        let portal = Portal::start().await;
        let (mut one, _) = holder(&portal, "mechanicschool").await;
        let fields = [("subject", "Our form"), ("body", "attached")];
        let page = compose(&mut one, &fields, &[("Formular für Prüfer.pdf", PDF), ("list.csv", b"a,b\n")]).await;
        assert!(page.says("Formular für Prüfer.pdf , 22 bytes") && page.says("list.csv"), "{}", page.words());
        let path = link(&page, "Formular für Prüfer.pdf");
        let answer = one.send(Method::GET, &path, None).await;
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert!(
            header("content-disposition")
                .starts_with("attachment; filename=\"Formular f_r Pr_fer.pdf\"; filename*=UTF-8''Formular%20f%C3%BCr"),
            "{}",
            header("content-disposition")
        );
        assert_eq!(header("content-security-policy"), "sandbox; default-src 'none'");
        assert_eq!(
            (header("content-type").as_str(), header("x-content-type-options").as_str()),
            ("application/pdf", "nosniff")
        );
        assert_eq!(answer.bytes().await.unwrap(), PDF);
        // Staff by their own path; nobody else, and under no other account.
        let mut clerk = portal.clerk().await;
        let page = clerk.get("/staff/accounts/mechanic-school/00-00123456/messages/1").await;
        assert_eq!(clerk.send(Method::GET, &link(&page, "list.csv"), None).await.status(), 200);
        let mut stranger = sign_up(&portal, "strangeperson").await;
        assert_eq!(stranger.get(&path).await.status, 404);
        let elsewhere = path.replace("00-00123456", "00-00000123");
        assert_eq!(clerk.get(&format!("/staff{elsewhere}")).await.status, 404);
        assert_eq!(clerk.get(&format!("/staff{path}")).await.status, 200);
        portal.stop().await;
    });
}

#[test]
fn what_was_attached_stays_with_a_form_that_has_a_fault() {
    run(async {
        let portal = Portal::start().await;
        let (mut one, _) = holder(&portal, "mechanicschool").await;
        let page = compose(&mut one, &[("subject", "S"), ("body", "")], &[("one.pdf", PDF), ("two.pdf", PDF)]).await;
        assert_eq!(page.status, 422);
        assert!(page.fault("body").is_some() && page.says("Remove one.pdf"), "{}", page.words());
        let id = |page: &Page, name: &str| {
            let (before, _) = page.body.split_once(&format!("\">Remove {name}")).unwrap();
            before.rsplit_once("for=\"remove-").unwrap().1.to_owned()
        };
        let remove = id(&page, "one.pdf");
        let page =
            one.upload(&page, "/messages", &[("subject", "S"), ("body", "text"), ("remove", &remove)], &[]).await;
        assert!(page.says("two.pdf") && !page.says("one.pdf"), "{}", page.words());
        assert_eq!(kept(&portal), 1, "what was removed is gone from the disk");
        portal.stop().await;
    });
}

#[test]
fn what_may_not_come_is_refused_beside_its_field() {
    run(async {
        let portal = Portal::start().await;
        let (mut one, _) = holder(&portal, "mechanicschool").await;
        let fields = [("subject", "S"), ("body", "kept words")];
        let large = vec![b'a'; 10 * 1024 * 1024 + 1];
        let many: Vec<(&str, &[u8])> =
            ["1.pdf", "2.pdf", "3.pdf", "4.pdf", "5.pdf", "6.pdf"].map(|name| (name, PDF)).to_vec();
        for (files, fault) in [
            (vec![("page.html", b"<script>alert(1)</script>".as_slice())], "page.html is of a kind that can't be sent"),
            (vec![("form.pdf", b"<html><script>".as_slice())], "form.pdf is not what its name says"),
            (vec![("none.pdf", b"".as_slice())], "none.pdf is empty"),
            (vec![("large.txt", large.as_slice())], "large.txt is larger than 10 MB"),
            (many, "A message takes up to 5 files"),
        ] {
            let page = compose(&mut one, &fields, &files).await;
            assert_eq!(page.status, 422, "{fault}");
            assert!(page.fault("files").is_some_and(|told| told.contains(fault)), "{fault}: {}", page.words());
            assert!(page.body.contains("kept words"));
        }
        assert!(one.get("/springboard/correspondence").await.says("There are no messages yet"));
        let left = std::fs::read_dir(portal.folder("attachments/incoming")).unwrap().count();
        assert_eq!(left, 0, "nothing that was refused stays on the disk");
        portal.stop().await;
    });
}

#[test]
fn files_without_the_forms_token_are_not_even_written() {
    run(async {
        let portal = Portal::start().await;
        let (mut one, _) = holder(&portal, "mechanicschool").await;
        let mut page = one.get(&format!("{OWN}/messages/new")).await;
        let token = page.value("token").unwrap();
        page.body = page.body.replace(&token, "of-somebody-else");
        let page = one.upload(&page, "/messages", &[("subject", "S"), ("body", "b")], &[("one.pdf", PDF)]).await;
        assert_eq!(page.status, 403);
        assert!(!portal.folder("attachments").exists());
        portal.stop().await;
    });
}

#[test]
fn files_of_forms_that_were_never_sent_are_swept_after_a_day() {
    run(async {
        let portal = Portal::start().await;
        let (mut one, _) = holder(&portal, "mechanicschool").await;
        compose(&mut one, &[("subject", "S"), ("body", "")], &[("left.pdf", PDF)]).await;
        compose(&mut one, &[("subject", "S"), ("body", "text")], &[("sent.pdf", PDF)]).await;
        assert_eq!(kept(&portal), 2);
        mailbox::files::sweep(&portal.built.portal, portal.clock.now()).await.unwrap();
        assert_eq!(kept(&portal), 2, "not yet");
        portal.clock.advance(Duration::hours(25));
        mailbox::files::sweep(&portal.built.portal, portal.clock.now()).await.unwrap();
        assert_eq!(kept(&portal), 1);
        portal.stop().await;
    });
}

#[test]
fn a_mailbox_is_exported_with_its_files() {
    run(async {
        let portal = Portal::start().await;
        let (mut one, _) = holder(&portal, "mechanicschool").await;
        let fields = [("subject", "Our form"), ("body", "the *words* <script>alert(1)</script>")];
        compose(&mut one, &fields, &[("form.pdf", PDF)]).await;
        let mut page = one.get(&format!("{OWN}/messages/1")).await;
        for number in 2..=60 {
            let text = format!("answer {number}");
            page = one.submit(&page, "/messages/1", &[("body", &text)]).await;
            assert!(page.says(&text), "{}", page.words());
        }
        let answer = one.send(Method::GET, &format!("{OWN}/export"), None).await;
        assert_eq!(answer.headers()["content-type"], "application/zip");
        let bytes = answer.bytes().await.unwrap();
        let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        let mut read = |name: &str| {
            let mut text = Vec::new();
            std::io::Read::read_to_end(&mut zip.by_name(name).unwrap(), &mut text).unwrap();
            String::from_utf8(text).unwrap()
        };
        assert!(read("index.html").contains("threads/000001.html"));
        let thread = read("threads/000001.html");
        assert!(thread.contains("<em>words</em>") && !thread.contains("<script"), "{thread}");
        let place = |text: &str| thread.find(text).unwrap_or_else(|| panic!("{text} is missing"));
        assert!(place("<em>words") < place("answer 2<") && place("answer 2<") < place("answer 60<"));
        let name = thread.split("href=\"../files/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert_eq!(read(&format!("files/{name}")).as_bytes(), PDF);
        let mut stranger = sign_up(&portal, "strangeperson").await;
        assert_eq!(stranger.get(&format!("{OWN}/export")).await.status, 404);
        portal.stop().await;
    });
}
