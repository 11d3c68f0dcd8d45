//! The agency's 18 slides, walked in a real browser to the arrived message: with and without
//! JavaScript. Every page on the way is looked at by axe and by the HTML checker.

use std::path::PathBuf;

use crate::{
    driver::Window,
    process::{DatabaseServer, Program, STAFF_PASSWORD, Start},
    shared::{browser::Browser, path::code_in},
    sink::Sink,
    validators::axe,
};

const PASSWORD: &str = "Torque-Wrench-77";

/// A walk with what looks at its pages.
struct Walk {
    window: Window,
    javascript: bool,
    pictures: Option<PathBuf>,
}

impl Walk {
    /// Looks at the page that the window shows.
    async fn look(&self, name: &str) {
        if self.javascript {
            axe(&self.window, name).await;
        }
        if let Some(folder) = &self.pictures {
            std::fs::write(folder.join(format!("{name}.png")), self.window.picture().await).unwrap();
        }
    }
}

/// Where pictures go, if somebody wants to look at them.
fn pictures(kind: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("SPRINGBOARD_PICTURES")?).join(kind);
    std::fs::create_dir_all(&folder).unwrap();
    Some(folder)
}

/// Walks in one program.
async fn walk(width: u32, javascript: bool, kind: &str) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    let sink = Sink::start();
    let start = Start { data: &data, role: "serve", smtp: Some(sink.port), database: None };
    let mut program = Program::start(start).await;
    walk_through(&program.url, &program.url, &sink, width, javascript, kind).await;
    program.stop().await;
}

/// Walks from the public home to the unread message; the person comes to one address, staff to another.
async fn walk_through(url: &str, staff_url: &str, sink: &Sink, width: u32, javascript: bool, kind: &str) {
    let walk = Walk { window: Window::open(width, javascript).await, javascript, pictures: pictures(kind) };
    let window = &walk.window;

    // Slides 2 to 4: the public home, Mechanic Services, the sign-in page
    window.go(url).await;
    window.sees("A new era begins").await;
    walk.look("02-home").await;
    window.follow("Mechanic Services").await;
    window.sees("Mechanic Schools").await;
    walk.look("03-mechanic-services").await;
    window.follow("Mechanic School Login").await;
    window.sees("MILogin for Third Party").await;
    walk.look("04-sign-in").await;

    // Slides 5 and 6: the logon
    window.follow("SIGN UP").await;
    window.fill("First Name", "Mechanic School").await;
    window.fill("Last Name", "Login").await;
    window.press("Next >").await;
    window.sees("There is a problem").await;
    assert!(!javascript || window.focused().await == "faults", "the focus goes to what is wrong");
    assert_eq!(window.value("First Name").await, "Mechanic School", "nothing typed is lost");
    walk.look("05-profile-with-faults").await;
    window.fill("Email Address", "testemail@testemail.com").await;
    window.fill("Confirm Email Address", "testemail@testemail.com").await;
    window.fill("Work Phone Number", "555-555-5555").await;
    window.fill("Verification Question", &answer(&window.words().await)).await;
    window.tick("I agree to the terms & conditions").await;
    walk.look("05-profile").await;
    window.press("Next >").await;
    window.sees("Security Setup").await;
    assert!(!javascript || window.focused().await == "step", "the focus goes to the new step's heading");
    window.fill("User ID", "mechanicschool").await;
    if javascript {
        // Live answers that arrive in the middle of a word leave the focus where it is typed.
        let (begin, rest) = PASSWORD.split_at(7);
        window.fill("Password", begin).await;
        window.sees("This user ID is free").await;
        window.sees("3 of the following categories: (met)").await;
        window.keys(rest).await;
        window.sees("Must be at least 8 characters in length (met)").await;
        assert_eq!(window.value("Password").await, PASSWORD);
    } else {
        window.fill("Password", PASSWORD).await;
    }
    window.fill("Confirm New Password", PASSWORD).await;
    window.tick("PIN by e-mail").await;
    walk.look("06-security").await;
    window.press("CREATE ACCOUNT").await;
    window.sees("Your logon was created").await;
    window.fill("User ID", "mechanicschool").await;
    window.fill("Password", PASSWORD).await;
    window.press("LOGIN").await;

    // Slides 7 to 12: Request Code
    window.sees("Account Access Options").await;
    window.sees("Welcome, mechanicschool").await;
    walk.look("07-access-options").await;
    window.follow("Request Code").await;
    window.sees("Select the type of account you are requesting access for").await;
    walk.look("08-account-type").await;
    window.tick("Mechanic School").await;
    window.press("Next >").await;
    window.sees("Enter your Mechanic School ID").await;
    window.fill("Enter your Mechanic School ID", "999").await;
    window.press("Next >").await;
    window.sees("There is no Mechanic School account with this ID").await;
    walk.look("09-account-details-with-fault").await;
    window.fill("Enter your Mechanic School ID", "123456").await;
    window.press("Next >").await;
    window.sees("The email address on record is E*****L@EMAIL.COM").await;
    window.tick("No").await;
    window.sees("The token will be mailed to the address on record").await;
    walk.look("10-email-option-no").await;
    window.tick("Yes").await;
    window.press("Next >").await;
    window.sees("Select Next to confirm").await;
    walk.look("10-email-option").await;
    window.press("Next >").await;
    window.sees("Requesting an Account Authorization Code").await;
    walk.look("11-summary").await;
    window.press("Submit").await;
    window.sees("your confirmation number is 0-000-041-436").await;
    walk.look("12-confirmation").await;
    let code = code_in(&sink.mail("email@email.com", "Authorization code:").await);
    window.follow("OK").await;

    // Slides 13 to 17: Add Account Access
    window.sees("Account Access Options").await;
    window.follow("Add Account Access").await;
    window.sees("Enter your account authorization code").await;
    walk.look("14-authorization-code").await;
    window.fill("Account Authorization Code", &code).await;
    window.press("Next >").await;
    window.sees("Enter your Mechanic School ID").await;
    walk.look("15-account-info").await;
    window.fill("Enter your Mechanic School ID", "00-00123456").await;
    // The hand-over is noted a moment after the mail server said yes.
    window.press("Next >").await;
    window.sees("Email for Notifications").await;
    assert_eq!(window.value("Email Address").await, "testemail@testemail.com");
    window.press("Next >").await;
    window.sees("Agree to the Access Terms").await;
    walk.look("16-email-with-fault").await;
    window.tick("I Agree to the Access Terms & Conditions").await;
    window.press("Next >").await;
    window.sees("Adding Account Access").await;
    walk.look("17-summary").await;
    // Alerts to another address: it is confirmed first.
    window.press("< Previous").await;
    window.fill("Email Address", "alerts@testemail.com").await;
    window.fill("Confirm Email Address", "alerts@testemail.com").await;
    window.press("Next >").await;
    window.sees("A PIN was sent to alerts@testemail.com").await;
    walk.look("17-confirm-email").await;
    let mail = sink.mail("alerts@testemail.com", "Your PIN for").await;
    let is_pin = |word: &&str| word.len() == 8 && word.bytes().all(|digit| digit.is_ascii_digit());
    window.fill("PIN", mail.split_whitespace().find(is_pin).unwrap()).await;
    window.press("Next >").await;
    window.sees("Adding Account Access").await;
    window.press("Submit").await;
    window.sees("You have access to Mechanic School 00-00123456").await;
    walk.look("17-confirmation").await;
    window.follow("OK").await;

    // Slide 18: the springboard, and a message that staff post
    window.sees("No unread messages").await;
    window.sees("MECHANIC SCHOOL").await;
    window.sees("$0.00").await;
    window.sees("+1 (555) 555-5555").await;
    walk.look("18-springboard").await;
    post_as_staff(&walk, staff_url).await;
    if !javascript {
        window.go(&format!("{url}/springboard")).await;
    }
    window.sees("1 unread message").await;
    walk.look("18-springboard-with-message").await;
    let alert = sink.mail("alerts@testemail.com", "There is a new message").await;
    assert!(!alert.contains("Welcome to the portal"));
    window.follow("Submissions").await;
    window.sees("Your submissions, newest first").await;
    walk.look("19-submissions").await;
    window.follow("Correspondence").await;
    window.sees("Welcome to the portal").await;
    walk.look("20-correspondence").await;
    window.follow("Welcome to the portal").await;
    window.sees("Please read this.").await;
    walk.look("21-message").await;
    window.go(&format!("{url}/accounts/mechanic-school/00-00123456")).await;
    window.follow("Letters and e-mails that we sent").await;
    window.sees("New message at CARS e-Services").await;
    walk.look("22-correspondence").await;
    window.follow("Your CARS e-Services authorization code").await;
    window.sees("[not shown]").await;
    walk.look("22-correspondence-e-mail").await;
    for (name, path) in [
        ("22-account", "/accounts/mechanic-school/00-00123456"),
        ("23-settings", "/settings"),
        ("23-settings-confirm", "/settings/confirm/email"),
        ("24-change-profile", "/settings/profile"),
        ("25-change-password", "/settings/password"),
        ("26-change-recovery", "/settings/recovery"),
        ("27-submission", "/submissions/0-000-041-436"),
        ("28-recover", "/recover/password"),
        ("29-recover-user-id", "/recover/user-id"),
        ("30-terms", "/terms"),
        ("31-faqs", "/faqs"),
        ("32-contact", "/contact"),
        ("33-guide", "/services/vehicle-renewal"),
        ("34-outbox", "/outbox"),
        ("35-not-found", "/nowhere/at/all"),
        ("36-cancel", "/access/request-code/cancel"),
    ] {
        window.go(&format!("{url}{path}")).await;
        window.sees("CARS e-Services").await;
        walk.look(name).await;
    }
    window.go(&format!("{url}/springboard")).await;
    window.sees("View Accounts").await;
    if javascript {
        // Signed off from elsewhere: the open page goes to the sign-in page by itself.
        sign_off_others(staff_url).await;
        window.sees("MILogin for Third Party").await;
    } else {
        window.press_anywhere("Log Off").await;
        window.sees("A new era begins").await;
    }
}

/// The same person signs in by another browser and signs all others off.
async fn sign_off_others(url: &str) {
    let mut other = Browser::new(url);
    let page = other.get("/sign-in").await;
    let page = other.submit(&page, "/sign-in", &[("user-id", "mechanicschool"), ("password", PASSWORD)]).await;
    assert_eq!(page.path, "/springboard");
    let page = other.get("/settings").await;
    other.submit(&page, "/settings/sessions", &[]).await;
}

/// Staff sign in by another browser and post a message, while the person's page stays open.
async fn post_as_staff(walk: &Walk, url: &str) {
    let staff = Walk {
        window: Window::open(1280, walk.javascript).await,
        javascript: walk.javascript,
        pictures: walk.pictures.clone(),
    };
    let window = &staff.window;
    window.go(&format!("{url}/staff")).await;
    window.sees("Staff sign-in").await;
    staff.look("40-staff-sign-in").await;
    window.fill("User ID", "clerk1000").await;
    window.fill("Password", STAFF_PASSWORD).await;
    window.press("LOGIN").await;
    window.sees("Find an account").await;
    window.fill("Number, name, ZIP code or e-mail address", "mechanic").await;
    window.press("Find").await;
    window.sees("00-00123456").await;
    staff.look("41-staff-search").await;
    window.follow("00-00123456").await;
    window.sees("mechanicschool").await;
    window.fill("Subject", "Welcome to the portal").await;
    window.fill("Text", "Please **read** this.").await;
    window.press("Preview").await;
    window.sees("Nothing was posted yet").await;
    staff.look("42-staff-preview").await;
    window.press("Post message").await;
    window.sees("The message was posted. 1 person has access").await;
    staff.look("43-staff-posted").await;
    window.go(&format!("{url}/staff/bulk-posts/new")).await;
    window.fill("Subject", "For {name}").await;
    window.press("Preview").await;
    window.sees("Select an account type.").await;
    staff.look("44-bulk-post-with-faults").await;
    window.choose("Account type", "Custodian").await;
    window.fill("Text", "About **{type} {number}**.").await;
    window.press("Preview").await;
    window.sees("Nothing was posted yet. It is for 1 account").await;
    staff.look("45-bulk-post-preview").await;
    window.press("Post message").await;
    if walk.javascript {
        window.sees("1 of 1 accounts, done").await;
    } else {
        window.sees("of 1 accounts").await;
    }
    staff.look("46-bulk-post").await;
}

/// The word that answers the verification question.
fn answer(words: &str) -> String {
    let (_, rest) = words.split_once("Which word from list \"").expect("a verification question");
    let (list, rest) = rest.split_once('"').unwrap();
    let letter = rest.split_once("letter \"").unwrap().1.chars().next().unwrap();
    list.split(", ").find(|word| word.contains(letter)).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_slides_with_javascript() {
    walk(1280, true, "wide").await;
}

/// One database server, two portals, two workers: the person is at one portal and staff at the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_slides_with_a_process_for_each_role() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    let sink = Sink::start();
    let database = DatabaseServer::start(&folder.path().join("database")).await;
    let said = database.refuses_root(&data);
    assert!(said.contains("the database can't be opened"), "{said}");
    let start = |role| Start { data: &data, role, smtp: Some(sink.port), database: Some(&database) };
    let mut one = Program::start(start("web")).await;
    let mut other = Program::start(start("web")).await;
    let mut workers = [Program::start(start("worker")).await, Program::start(start("worker")).await];
    walk_through(&one.url, &other.url, &sink, 1280, true, "roles").await;
    for program in workers.iter_mut().chain([&mut one, &mut other]) {
        program.stop().await;
    }
    let said = std::fs::read_to_string(data.with_extension("log")).unwrap();
    assert!(!said.contains("WARN") && !said.contains("ERROR"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_slides_on_a_phone() {
    walk(360, true, "phone").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_slides_without_javascript() {
    walk(1280, false, "plain").await;
}

/// Without a mouse: past the header by the skip link, through the fields by Tab, on by Enter.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_in_takes_no_mouse() {
    const TAB: &str = "\u{E004}";
    const ENTER: &str = "\u{E007}";
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    let mut program = Program::start(Start { data: &data, role: "serve", smtp: None, database: None }).await;
    crate::shared::path::sign_up(&program.url, "mechanicschool").await;
    let window = Window::open(1280, true).await;
    window.go(&format!("{}/sign-in", program.url)).await;
    window.sees("MILogin for Third Party").await;
    window.keys(&format!("{TAB}{ENTER}{TAB}mechanicschool{TAB}not the password{TAB}{ENTER}")).await;
    window.sees("is not right").await;
    axe(&window, "sign-in refused").await;
    window.go(&format!("{}/sign-in", program.url)).await;
    window.keys(&format!("{TAB}{ENTER}{TAB}mechanicschool{TAB}{PASSWORD}{TAB}{ENTER}")).await;
    window.sees("Account Access Options").await;
    program.stop().await;
}
