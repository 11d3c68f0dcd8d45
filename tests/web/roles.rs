//! The table of role, route and method: made from the routes, written in docs/roles.md, and tried cell by cell.

use reqwest::Method;
use springboard::{house::console, session::Role};

use crate::support::{Browser, Portal, run, sign_up};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/roles.md");

/// An address with something in the place of each name.
fn filled(path: &str) -> String {
    let path = path.replace("{kind}", "mechanic-school").replace("{number}", "0000123456").replace("{sequence}", "1");
    path.split('/').map(|word| if word.starts_with('{') { "nothing" } else { word }).collect::<Vec<_>>().join("/")
}

/// What became of one try: an employee of another role gets a page that says so, whoever is no employee the sign-in.
async fn tried(browser: &Browser, line: &console::Line, token: &str) -> &'static str {
    let fields = (line.method == Method::POST.as_str()).then(|| vec![("token".to_owned(), token.to_owned())]);
    let method: Method = line.method.as_str().parse().unwrap();
    let answer = browser.send(method, &filled(&line.path), fields).await;
    let to_sign_in =
        answer.headers().get("location").is_some_and(|to| to == "/staff/sign-in") && !line.path.ends_with("/sign-out");
    match answer.status().as_u16() {
        303 if to_sign_in => "sign in",
        403 if answer.text().await.unwrap().contains("Not part of your role") => "refused",
        405 | 500.. => "broken",
        _ => "let in",
    }
}

#[test]
fn each_cell_of_the_table_holds() {
    run(async {
        let portal = Portal::start().await;
        let mut person = sign_up(&portal, "mechanicschool").await;
        let token = person.get("/springboard").await.value("token").unwrap();
        let nobody = portal.browser();
        let lines = console::table();
        assert!(lines.len() > 25, "{}", lines.len());
        for role in Role::ALL {
            let name = user_id(role);
            let mut browser = portal.staff(name).await;
            for line in &lines {
                let token = browser.get("/staff").await.value("token").unwrap();
                let expected = if line.roles.contains(&role) { "let in" } else { "refused" };
                assert_eq!(tried(&browser, line, &token).await, expected, "{role:?} {} {}", line.method, line.path);
                if line.path.ends_with("/sign-out") {
                    browser = portal.staff(name).await;
                }
            }
        }
        for line in lines.iter().filter(|line| !line.path.ends_with("/sign-out")) {
            for somebody in [&nobody, &person] {
                assert_eq!(tried(somebody, line, &token).await, "sign in", "{} {}", line.method, line.path);
            }
        }
        portal.stop().await;
    });
}

fn user_id(role: Role) -> &'static str {
    match role {
        Role::Clerk => "clerk1000",
        Role::Supervisor => "supervisor1000",
        Role::Administrator => "admin1000",
        Role::Auditor => "auditor1000",
    }
}

fn document() -> String {
    let mut text = String::from(
        "# Roles\n\nWho may do what in the console. The table is made from the routes (`src/house/console.rs`), where each handler \
         names\nits roles in its signature; a test tries each cell and compares this page. `SPRINGBOARD_TEST_WRITE=1` writes it anew.\n\n\
         | Method | Address | Clerk | Supervisor | Administrator | Auditor |\n|---|---|---|---|---|---|\n",
    );
    for line in console::table() {
        let cells = Role::ALL.map(|role| if line.roles.contains(&role) { "yes" } else { "" }).join(" | ");
        text += &format!("| {} | `{}` | {cells} |\n", line.method, line.path);
    }
    text
}

#[test]
fn the_document_is_the_table() {
    if std::env::var_os("SPRINGBOARD_TEST_WRITE").is_some() {
        std::fs::write(DOCUMENT, document()).unwrap();
    }
    assert!(std::fs::read_to_string(DOCUMENT).unwrap() == document(), "docs/roles.md is not the table of the routes");
}
