//! A day in the console, in a real browser: the registry's file, a search, a post to a type with a second employee's release,
//! the day's letters, one that comes back, a person who is locked out, and all of it in the audit. Each page is looked at by
//! axe at two widths, by the HTML checker, and walked with the Tab key.

use std::path::PathBuf;

use crate::{
    driver::Window,
    look::{employee, look},
    process::{Program, Start},
    shared::{
        browser::Browser,
        path::{request_code, sign_up},
    },
    validators::Checker,
};

const ENTER: &str = "\u{E007}";

/// A file of the registry: all dealers of the demo, and enough new ones that a post to all needs a release.
fn registry_file(folder: &std::path::Path) -> PathBuf {
    let mut text = "type,number,name,address_1,address_2,email\n\
        Dealer,1005,EXAMPLE MOTORS,5 EXAMPLE AVE,LANSING MI 48901,dealer@example.com\n\
        Boat,1,NO TYPE,,,\n"
        .to_owned();
    for number in 0..120 {
        text += &format!("Dealer,{},WHEEL AND DEAL {number},{number} MAIN ST,FLINT MI 48502,\n", 30_000 + number);
    }
    let file = folder.join("registry.csv");
    std::fs::write(&file, text).unwrap();
    file
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clerks_day() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    let mut program = Program::start(Start { data: &data, role: "serve", smtp: None, database: None }).await;
    let url = program.url.clone();
    let checker = Checker::new();
    let mut person = sign_up(&url, "mechanicschool").await;
    request_code(&mut person, "mechanic-school", "123456", false).await;
    let (supervisor, clerk) = (employee(&url, "supervisor1000").await, employee(&url, "clerk1000").await);

    // The registry's file: read, looked at, applied.
    supervisor.go(&format!("{url}/staff/imports")).await;
    look(&supervisor, &checker, "registry").await;
    supervisor.follow("Bring a file").await;
    supervisor.sees("What a file of accounts looks like").await;
    look(&supervisor, &checker, "bring a file").await;
    supervisor.tick("Accounts").await;
    supervisor.attach("File", &registry_file(folder.path())).await;
    supervisor.press("Read it").await;
    supervisor.sees("there is no account type “Boat”.").await;
    look(&supervisor, &checker, "import").await;
    supervisor.sees("Another supervisor must apply this file.").await;
    let administrator = employee(&url, "admin1000").await;
    administrator.go(&supervisor.place().await).await;
    administrator.tick("Leave out the line with a fault").await;
    administrator.press_anywhere("Apply 1").await;
    // Not while it is "being applied".
    administrator.sees("120 of 120 changes are applied.").await;

    // Found as one types, opened by the keyboard.
    clerk.go(&format!("{url}/staff")).await;
    clerk.fill("Number, name, ZIP code or e-mail address", "deal 117").await;
    clerk.sees("WHEEL AND DEAL 117").await;
    look(&clerk, &checker, "find an account").await;
    clerk.go(&format!("{url}/staff?q=wheel+117")).await;
    clerk.focus("00-00030117").await;
    clerk.keys(ENTER).await;
    clerk.sees("Post a message").await;
    look(&clerk, &checker, "account").await;
    clerk.go(&format!("{url}/staff/accounts/dealer/00-00030117/ledger")).await;
    look(&clerk, &checker, "ledger").await;

    // A post to all dealers waits for a second employee.
    clerk.go(&format!("{url}/staff/bulk-posts/new")).await;
    clerk.choose("Account type", "Dealer").await;
    clerk.fill("Subject", "Plates for {name}").await;
    clerk.fill("Text", "Order them **now**.").await;
    clerk.press("Preview").await;
    clerk.sees("A second employee has to release it.").await;
    look(&clerk, &checker, "bulk post preview").await;
    clerk.press("Post message").await;
    clerk.sees("Another employee, a supervisor, has to release it.").await;
    supervisor.go(&clerk.place().await).await;
    supervisor.press("Release").await;
    clerk.sees("Released by supervisor1000.").await;
    clerk.sees("121 of 121 accounts, done").await;
    look(&clerk, &checker, "bulk post").await;

    // The day's letters, and one that comes back.
    clerk.go(&format!("{url}/staff/letters")).await;
    clerk.sees("1 letter waits for a batch.").await;
    look(&clerk, &checker, "letters").await;
    clerk.press("Make a batch now").await;
    clerk.sees("to be printed").await;
    look(&clerk, &checker, "batch").await;
    clerk.press("Mark as printed").await;
    clerk.press("Mark as mailed").await;
    clerk.sees("State mailed").await;
    let manifests = std::fs::read_dir(data.join("batches")).unwrap().flatten().map(|entry| entry.path());
    let manifest = manifests.into_iter().find(|path| path.extension().is_some_and(|kind| kind == "csv")).unwrap();
    let manifest = std::fs::read_to_string(manifest).unwrap();
    let code = manifest.lines().nth(1).unwrap().split(',').nth(2).unwrap().to_owned();
    clerk.go(&format!("{url}/staff/codes")).await;
    look(&clerk, &checker, "codes").await;
    clerk.follow("November").await;
    clerk.sees("Activity").await;
    look(&clerk, &checker, "code").await;
    clerk.go(&format!("{url}/staff/letters")).await;
    clerk.fill("Code of the letter", &code).await;
    clerk.press("Mark it as returned").await;
    clerk.sees("Addresses to correct").await;
    look(&clerk, &checker, "returned").await;
    let page = person.get("/springboard/submissions").await;
    let page = person.get(&page.link("0-000-041-436")).await;
    assert!(page.says("The letter came back"), "{}", page.words());
    let stranger = Window::open(1280, true).await;
    stranger.go(&format!("{url}/letter")).await;
    look(&stranger, &checker, "is it genuine").await;
    stranger.fill("Code of the letter", &code).await;
    stranger.press("Check").await;
    stranger.sees("sent this letter on").await;
    look(&stranger, &checker, "it is genuine").await;
    stranger.go(&format!("{url}/recover/letter")).await;
    look(&stranger, &checker, "recover with a letter").await;

    // A person who is locked out.
    let mut locked_out = Browser::new(&url);
    let page = locked_out.get("/sign-in").await;
    for _ in 0..5 {
        locked_out.submit(&page, "/sign-in", &[("user-id", "mechanicschool"), ("password", "wrong")]).await;
    }
    clerk.go(&format!("{url}/staff/logons")).await;
    clerk.fill("User ID, last name or e-mail address", "mechan").await;
    clerk.sees("mechanicschool@example.com").await;
    look(&clerk, &checker, "find a logon").await;
    clerk.go(&format!("{url}/staff/logons?q=mechan")).await;
    clerk.follow("mechanicschool").await;
    clerk.sees("Its sign-in is locked until").await;
    look(&clerk, &checker, "logon").await;
    clerk.press("Unlock the sign-in").await;
    clerk.sees("The sign-in is unlocked. The person is told.").await;
    clerk.sees("unlocked a logon").await;
    look(&clerk, &checker, "unlocked").await;
    clerk.choose("Account type", "Mechanic School").await;
    clerk.fill("Account number", "123456").await;
    clerk.fill("Reason", "proved at the counter").await;
    clerk.press("Give access").await;
    clerk.sees("Another employee, a supervisor, has to approve it.").await;
    supervisor.go(&format!("{url}/staff/approvals")).await;
    supervisor.sees("proved at the counter").await;
    look(&supervisor, &checker, "approvals").await;
    supervisor.press_anywhere("Approve").await;
    clerk.sees("approved by supervisor1000").await;

    // A template with a field, a saved filter, and the day at a glance.
    clerk.go(&format!("{url}/staff/templates/new")).await;
    look(&clerk, &checker, "new template").await;
    clerk.fill("Name", "Deadline").await;
    clerk.fill("Subject", "Due on [[Day]]").await;
    clerk.fill("Text", "Please pay until [[Day]].").await;
    clerk.press("Save").await;
    clerk.sees("Due on [[Day]]").await;
    look(&clerk, &checker, "templates").await;
    clerk.follow("Deadline").await;
    clerk.follow("Delete this template").await;
    clerk.sees("Delete the template “Deadline”?").await;
    look(&clerk, &checker, "delete a template").await;
    clerk.follow("Cancel").await;
    clerk.follow("To many accounts").await;
    look(&clerk, &checker, "use a template").await;
    clerk.fill("Day", "May 1").await;
    clerk.press("Fill in").await;
    clerk.sees("New message to many accounts").await;
    assert_eq!(clerk.value("Subject").await, "Due on May 1");
    clerk.go(&format!("{url}/staff/audiences")).await;
    clerk.fill("Name", "Flint").await;
    clerk.choose("Account type", "Dealer").await;
    clerk.fill("ZIP code begins with", "485").await;
    clerk.press("Save").await;
    clerk.sees("Dealer, ZIP code 485…").await;
    look(&clerk, &checker, "saved filters").await;
    clerk.go(&format!("{url}/staff/campaigns")).await;
    look(&clerk, &checker, "invitations").await;
    clerk.fill("Name", "Launch").await;
    clerk.tick("Mechanic School").await;
    clerk.press("Save").await;
    clerk.sees("What came of it").await;
    look(&clerk, &checker, "campaign").await;
    clerk.go(&format!("{url}/staff/overview")).await;
    clerk.sees("Codes asked for").await;
    look(&clerk, &checker, "overview").await;
    clerk.go(&format!("{url}/staff/alerts")).await;
    look(&clerk, &checker, "alerts").await;

    // All of it is in the audit, and the chain holds.
    let auditor = employee(&url, "auditor1000").await;
    for (who, deeds) in [
        ("clerk1000", ["wrote a bulk post", "marked a letter as returned", "unlocked a logon"]),
        ("supervisor1000", ["brought a file of the registry", "released a bulk post", "gave access"]),
    ] {
        for deed in deeds {
            auditor.go(&format!("{url}/staff/audit?who={who}&did={}", deed.replace(' ', "+"))).await;
            auditor.sees("Newest first").await;
            let did = "arguments[arguments.length - 1]([...document.querySelectorAll('td[data-label=Did]')].map(cell => cell.textContent))";
            assert_eq!(auditor.run(did).await[0], deed, "by {who}");
        }
    }
    look(&auditor, &checker, "audit").await;
    auditor.press("Verify the whole chain").await;
    auditor.sees("The audit holds.").await;
    drop((auditor, supervisor, clerk, stranger));
    let verified = reqwest::get(format!("{}/audit/verify", program.ops)).await.unwrap().text().await.unwrap();
    assert!(verified.contains("The audit holds."), "{verified}");
    program.stop().await;
    let command = std::process::Command::new(env!("CARGO_BIN_EXE_springboard"))
        .args(["audit", "verify"])
        .env_clear()
        .env("SPRINGBOARD_DATA", &data)
        .output()
        .unwrap();
    assert!(command.status.success(), "{}", String::from_utf8_lossy(&command.stderr));
    assert!(String::from_utf8_lossy(&command.stdout).contains("The audit holds."));
    checker.check();
}
