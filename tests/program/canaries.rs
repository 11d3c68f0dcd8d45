//! Known secrets go through the program; then they are looked for in the log, the database's folder,
//! the spool and what else was left. None may be where it does not belong.

use std::path::{Path, PathBuf};

use crate::{
    process::{Program, STAFF_PASSWORD, Start, letters},
    shared::{
        browser::Browser,
        path::{PASSWORD, code_in, request_code, sign_up},
    },
    smtp::Server,
};

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found
}

/// Where a secret stands, in whatever file, also without its blank and in small letters.
fn places(files: &[PathBuf], secret: &str) -> Vec<PathBuf> {
    let forms = [secret.to_owned(), secret.replace(' ', ""), secret.to_lowercase()];
    let holds = |file: &&PathBuf| {
        let bytes = std::fs::read(file).unwrap_or_default();
        forms.iter().any(|form| bytes.windows(form.len()).any(|window| window == form.as_bytes()))
    };
    files.iter().filter(holds).cloned().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_where_it_does_not_belong() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    let server = Server::start().await;
    let mut program =
        Program::start(Start { data: &data, role: "serve", smtp: Some(server.port), database: None }).await;
    let mut browser = sign_up(&program.url, "canaryperson").await;
    request_code(&mut browser, "mechanic-school", "123456", true).await;
    let by_email = code_in(&server.codes(1).await[0]);
    request_code(&mut browser, "mechanic-school", "123", false).await;
    for _ in 0..400 {
        if browser.get("/springboard/submissions").await.says("Letter waits to be printed") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    // A code that is typed into the wizard, and a password into the wrong field.
    let page = browser.get("/access/add").await;
    browser.submit(&page, "/authorization-code", &[("code", &by_email), ("go", "next")]).await;
    let mut visitor = Browser::new(&program.url);
    let page = visitor.get("/sign-in").await;
    visitor.submit(&page, "/sign-in", &[("user-id", PASSWORD), ("password", "Canary-Password-55")]).await;
    let page = visitor.get("/recover/password").await;
    let page = visitor.submit(&page, "/user", &[("user-id", "canaryperson"), ("go", "next")]).await;
    visitor.submit(&page, "/method", &[("method", "email"), ("go", "next")]).await;
    let pin = pin(&server).await;
    let session = browser.cookies["session"].clone();
    program.stop().await;

    let letter = letters(&data).pop().expect("a letter");
    let printed = std::process::Command::new("pdftotext").arg("-layout").arg(&letter).arg("-").output().unwrap();
    let by_letter = code_in(&String::from_utf8(printed.stdout).unwrap());
    let mut all = files(&data);
    let log = data.with_extension("log");
    all.push(log.clone());
    assert!(!places(&files(&data), "canaryperson").is_empty(), "what is stored in plain is found");
    for (what, secret) in [
        ("a password", PASSWORD),
        ("a wrong password", "Canary-Password-55"),
        ("the staff's password", STAFF_PASSWORD),
        ("a code by e-mail", &by_email),
        ("a code by letter", &by_letter),
        ("a PIN", &pin),
        ("a session's token", &session),
    ] {
        let mut found = places(&all, secret);
        // The greeting tells the demo's password to whoever started it.
        found.retain(|file| !(secret == STAFF_PASSWORD && *file == log));
        assert!(found.is_empty(), "{what} stands in {found:?}");
    }
    for address in ["canaryperson@example.com", "email@email.com", "5555555555", "Mechanic School Login"] {
        assert!(places(std::slice::from_ref(&log), address).is_empty(), "{address} stands in the log");
    }
    let said = std::fs::read_to_string(&log).unwrap();
    assert!(!said.contains("WARN") && !said.contains("ERROR"), "{said}");
}

async fn pin(server: &Server) -> String {
    for _ in 0..400 {
        let mails = server.accepted();
        if let Some(mail) = mails.iter().find(|mail| mail.contains("Your PIN for")) {
            let is_pin = |word: &&str| word.len() == 8 && word.bytes().all(|digit| digit.is_ascii_digit());
            return mail.split_whitespace().find(is_pin).unwrap().to_owned();
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("no PIN came within twenty seconds");
}
