//! Staff members' pages in a browser: those of administrators, and everybody's own settings.

use chrono::Utc;

use crate::{
    driver::Window,
    look::{employee, look},
    process::{Program, STAFF_PASSWORD, Start},
    shared::{authenticator::app_of, browser::Page},
    validators::Checker,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_members_are_looked_after() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    let mut program = Program::start(Start { data: &data, role: "serve", smtp: None, database: None }).await;
    let url = program.url.clone();
    let checker = Checker::new();
    let administrator = employee(&url, "admin1000").await;
    administrator.go(&format!("{url}/staff/members")).await;
    look(&administrator, &checker, "staff members").await;
    administrator.go(&format!("{url}/staff/members/new")).await;
    administrator.press("Send invitation").await;
    administrator.sees("Select a role.").await;
    look(&administrator, &checker, "invite with faults").await;
    administrator.fill("User ID", "dana").await;
    administrator.fill("Name", "Dana Ford").await;
    administrator.fill("E-mail", "dana@agency.example").await;
    administrator.choose("Role", "administrator").await;
    administrator.press("Send invitation").await;
    administrator.sees("Another staff member must approve it.").await;
    administrator.go(&format!("{url}/staff/approvals")).await;
    administrator.sees("The link goes to dana@agency.example.").await;
    look(&administrator, &checker, "a request of one's own").await;
    administrator.go(&format!("{url}/staff/members")).await;
    administrator.follow("clerk1000").await;
    administrator.sees("Change role").await;
    look(&administrator, &checker, "a staff member").await;

    administrator.go(&format!("{url}/staff/accounts/mechanic-school/0000123456/address")).await;
    look(&administrator, &checker, "correct an address").await;

    // One's own settings: an authenticator app, its recovery codes, step-up.
    administrator.go(&format!("{url}/staff/settings")).await;
    look(&administrator, &checker, "own settings").await;
    administrator.go(&format!("{url}/staff/settings/password")).await;
    look(&administrator, &checker, "own password").await;
    administrator.go(&format!("{url}/staff/settings/second-factor")).await;
    look(&administrator, &checker, "two-step sign-in").await;
    administrator.go(&format!("{url}/staff/settings/second-factor/authenticator")).await;
    look(&administrator, &checker, "authenticator").await;
    let body = administrator.run("arguments[arguments.length - 1](document.documentElement.outerHTML);").await;
    let page = Page { status: 200, path: String::new(), body: body.as_str().unwrap().to_owned() };
    administrator.fill("Code", &app_of(&page).digits(Utc::now())).await;
    administrator.press("Confirm").await;
    administrator.sees("They are shown only now").await;
    look(&administrator, &checker, "recovery codes").await;
    administrator.go(&format!("{url}/staff/settings/second-factor")).await;
    look(&administrator, &checker, "two-step sign-in is set up").await;
    checker.check();
    program.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_passkey_is_added_and_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    let mut program = Program::start(Start { data: &data, role: "serve", smtp: None, database: None }).await;
    // Passkeys are made for names and not for numbers.
    let url = program.url.replace("127.0.0.1", "localhost");
    let window = Window::open(1280, true).await;
    window.with_authenticator().await;
    sign_in(&window, &url).await;
    window.sees("Find an account").await;
    window.go(&format!("{url}/staff/settings/second-factor")).await;
    window.fill("Name of the passkey", "Casey at the counter").await;
    window.press("Add a passkey").await;
    window.sees("They are shown only now").await;
    window.go(&format!("{url}/staff/settings/second-factor")).await;
    window.sees("Casey at the counter").await;
    window.press_anywhere("Log Off").await;
    window.sees("Staff sign-in").await;
    sign_in(&window, &url).await;
    window.press("Use a passkey").await;
    window.sees("Find an account").await;
    // Another browser has the password, and not the passkey.
    let thief = Window::open(1280, true).await;
    thief.with_authenticator().await;
    sign_in(&thief, &url).await;
    thief.press("Use a passkey").await;
    thief.sees("The passkey could not be used.").await;
    thief.go(&format!("{url}/staff/overview")).await;
    thief.sees("Use a passkey").await;
    program.stop().await;
}

async fn sign_in(window: &Window, url: &str) {
    window.go(&format!("{url}/staff/sign-in")).await;
    window.fill("User ID", "clerk1000").await;
    window.fill("Password", STAFF_PASSWORD).await;
    window.press("LOGIN").await;
}

/// Proves who it is, as another tab of the same browser would.
const IN_ANOTHER_TAB: &str = "
    const done = arguments[arguments.length - 1], form = new URLSearchParams();
    fetch('/staff/confirm').then(answer => answer.text()).then(page => {
        const shown = new DOMParser().parseFromString(page, 'text/html');
        form.set('token', shown.querySelector('main input[name=token]').value);
        form.set('password', 'PASSWORD');
        return fetch('/staff/confirm', { method: 'POST', body: form });
    }).then(answer => done(answer.url));";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_proves_who_it_is_in_one_tab_stays_in_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    let mut program = Program::start(Start { data: &data, role: "serve", smtp: None, database: None }).await;
    let window = employee(&program.url, "clerk1000").await;
    window.go(&format!("{}/staff/letters", program.url)).await;
    let fetches =
        "arguments[arguments.length - 1](performance.getEntriesByName(location.origin + '/staff/live/letters').length)";
    window
        .run(
            "document.addEventListener('ended', () => window.wasEnded = true, true); arguments[arguments.length - 1]()",
        )
        .await;
    let on = window.run(&IN_ANOTHER_TAB.replace("PASSWORD", STAFF_PASSWORD)).await;
    assert!(on.as_str().unwrap().ends_with("/staff"), "{on}");
    // The page is told that its session ended, and fetches its part once the browser has the new one.
    for _ in 0..400 {
        let told = window.run("arguments[arguments.length - 1](window.wasEnded === true)").await == true;
        if told && window.run(fetches).await.as_i64() > Some(0) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    assert!(window.place().await.ends_with("/staff/letters"), "{}", window.place().await);
    assert_eq!(window.run("arguments[arguments.length - 1](window.wasEnded === true)").await, true);
    assert!(window.run(fetches).await.as_i64() > Some(0));
    program.stop().await;
}
