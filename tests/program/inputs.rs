//! What is typed is not lost, and what browsers fill in is asked for as they know it: in a real browser, with JavaScript and
//! without.

use serde_json::json;

use crate::{
    driver::Window,
    look::{employee_with, picture},
    process::{DatabaseServer, Program, STAFF_PASSWORD, Start, free_port},
    shared::path::{PASSWORD, sign_up},
    validators::axe,
};

/// The account of the slides, as staff see it.
const ACCOUNT: &str = "/staff/accounts/mechanic-school/00-00123456";

/// Discards the draft of the sign-up and begins another one, as in another tab.
const ANOTHER_TAB: &str = "
    const done = arguments[arguments.length - 1];
    const token = document.querySelector('input[name=token]').value;
    fetch('/sign-up/cancel', { method: 'POST', body: new URLSearchParams({ token }) })
        .then(() => fetch('/sign-up')).then(() => done(true));";

/// What a field asks a browser for.
const ASKS: &str = "
    const asks = id => {
        const field = document.getElementById(id);
        return ['autocomplete', 'autocapitalize', 'inputmode', 'spellcheck'].map(name => field.getAttribute(name));
    };
    arguments[arguments.length - 1](['first', 'email', 'work-phone', 'mobile'].map(asks));";

async fn portal() -> (tempfile::TempDir, Program) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    let program = Program::start(Start { data: &data, role: "serve", smtp: None, database: None }).await;
    (folder, program)
}

/// Writes a message of staff, and does not send it.
async fn write(window: &Window, url: &str) {
    window.go(&format!("{url}{ACCOUNT}")).await;
    window.fill("Subject", "Your renewal").await;
    window.fill("Text", "Bring <both> forms").await;
}

async fn at_both_widths(window: &Window, name: &str) {
    for (width, kind) in [(360, "narrow"), (1280, "wide")] {
        window.resize(width).await;
        picture(window, &format!("{name} {kind}")).await;
    }
}

async fn another_tab(window: &Window, url: &str) {
    window.go(&format!("{url}/sign-up/profile")).await;
    window.sees("First Name").await;
    window.fill("First Name", "Josephine").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_of_another_tab_comes_back_with_javascript_and_without() {
    let (_folder, mut program) = portal().await;
    let window = Window::open(1280, true).await;
    another_tab(&window, &program.url).await;
    window.run(ANOTHER_TAB).await;
    window.press("Next >").await;
    window.sees("This form was not sent").await;
    assert_eq!(window.value("First Name").await, "Josephine");
    assert_eq!(window.focused().await, "faults", "a screen reader says it");
    let wanted = json!([
        ["given-name", "words", null, "false"],
        ["email", "none", null, "false"],
        ["work tel", "none", null, "false"],
        ["mobile tel", "none", null, "false"]
    ]);
    assert_eq!(window.run(ASKS).await, wanted);
    // Opened by its own address, by somebody who has no draft.
    let plain = Window::open(1280, false).await;
    another_tab(&plain, &program.url).await;
    plain.press("Next >").await;
    plain.sees("Enter your last name.").await;
    assert_eq!(plain.value("First Name").await, "Josephine");
    program.stop().await;
}

/// The session ends while somebody writes; the form is offered after the next sign-in, and sent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_outlives_its_session_with_javascript_and_without() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    let database = DatabaseServer::start(&folder.path().join("database")).await;
    let start = || Start { data: &data, role: "serve", smtp: None, database: Some(&database) };
    let ports = (free_port(), free_port());
    let mut program = Program::start_at(start(), ports).await;
    let url = program.url.clone();
    for has_javascript in [true, false] {
        let window = employee_with(&url, "clerk1000", has_javascript).await;
        write(&window, &url).await;
        program.stop().await;
        database.tamper("UPDATE session SET seen -= 31m RETURN NONE").await;
        program = Program::start_at(start(), ports).await;
        window.press("Preview").await;
        window.sees("User ID").await;
        window.fill("User ID", "clerk1000").await;
        window.fill("Password", STAFF_PASSWORD).await;
        window.press("LOGIN").await;
        window.sees("Form not sent").await;
        window.sees("Bring <both> forms").await;
        if has_javascript {
            axe(&window, "a saved form").await;
        }
        at_both_widths(&window, "saved form").await;
        window.press("Send form").await;
        window.sees("Bring <both> forms").await;
        window.press("Post message").await;
        window.sees("was posted").await;
    }
    program.stop().await;
}

/// What a page asks of a browser that fills it in, and that what it fills in or a person pastes is understood.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_browser_fills_in_and_a_person_pastes_is_understood() {
    let (_folder, mut program) = portal().await;
    for has_javascript in [true, false] {
        let window = Window::open(1280, has_javascript).await;
        window.go(&format!("{}/sign-up/profile", program.url)).await;
        for (label, attribute, wanted) in [
            ("First Name", "autocomplete", "given-name"),
            ("First Name", "autocapitalize", "words"),
            ("Middle Initial", "autocomplete", "additional-name"),
            ("Last Name", "spellcheck", "false"),
            ("Email Address", "type", "email"),
            ("Email Address", "autocapitalize", "none"),
            ("Work Phone Number", "autocomplete", "work tel"),
            ("Mobile Number", "type", "tel"),
        ] {
            assert_eq!(window.asks(label, attribute).await, wanted, "{label}, {attribute}");
        }
        // As a browser fills it in: whole names, an extension, and what was copied with it.
        for (label, text) in [
            ("First Name", "Josephine"),
            ("Middle Initial", "Marie"),
            ("Last Name", "O\u{2019}Łukasz"),
            ("Work Phone Number", "(555)\u{A0}555\u{2011}5555 x123"),
            ("Mobile Number", "\u{202D}555\u{2013}555\u{2013}5512\u{202C}"),
        ] {
            window.fill(label, text).await;
        }
        // Pasted from a field that shows what was typed.
        window.fill("First Name", "\u{200B}pat@example.com\u{A0}").await;
        window.copy("First Name", "Email Address").await;
        window.copy("First Name", "Confirm Email Address").await;
        window.fill("First Name", "Josephine").await;
        window.press("Next >").await;
        // Nothing is wrong but the answer to the question and the terms, which no browser fills in.
        window.sees("That was not the word.").await;
        window.sees("Agree to the terms").await;
        assert_eq!(window.words().await.matches("Error:").count(), 2, "{}", window.words().await);
    }
    program.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_of_another_session_comes_back_with_javascript_and_without() {
    let (_folder, mut program) = portal().await;
    let url = program.url.clone();
    for has_javascript in [true, false] {
        let window = employee_with(&url, "clerk1000", has_javascript).await;
        write(&window, &url).await;
        let form = window.open_tab().await;
        window.go(&format!("{url}/staff/sign-in")).await;
        window.fill("User ID", "clerk1000").await;
        window.fill("Password", STAFF_PASSWORD).await;
        window.press("LOGIN").await;
        window.sees("clerk1000").await;
        window.to_tab(&form).await;
        window.press("Preview").await;
        window.sees("Check this form and send it again").await;
        if has_javascript {
            axe(&window, "a form of another session").await;
        }
        at_both_widths(&window, "other session").await;
        window.press("Send again").await;
        window.press("Post message").await;
        window.sees("was posted").await;
    }
    program.stop().await;
}

/// Opens what a search of accounts found, and what one of logons found, and goes back: both searches are there.
async fn back_from_a_search(url: &str, with_javascript: bool) {
    let staff = employee_with(url, "clerk1000", with_javascript).await;
    for (page, field, typed, found, opened) in [
        ("/staff", "Number, name, ZIP code or e-mail address", "mechanic", "00-00123456", "Post a message"),
        ("/staff/logons", "User ID, last name or e-mail address", "mechanics", "mechanicschool", "Open sessions"),
    ] {
        staff.go(&format!("{url}{page}")).await;
        staff.fill(field, typed).await;
        if !with_javascript {
            staff.press("Find").await;
        }
        staff.sees(found).await;
        staff.follow(found).await;
        staff.sees(opened).await;
        staff.back().await;
        staff.sees(found).await;
        assert_eq!(staff.value(field).await, typed);
    }
}

/// Goes back after a sign-in that failed, and after one that did not: nobody is asked to send a form again.
async fn back_from_a_sign_in(url: &str, with_javascript: bool) {
    let window = Window::open(1280, with_javascript).await;
    window.go(&format!("{url}/contact")).await;
    window.go(&format!("{url}/sign-in")).await;
    let enter = async |password: &str| {
        window.fill("User ID", "mechanicschool").await;
        window.fill("Password", password).await;
        window.press("LOGIN").await;
    };
    enter("not the password").await;
    window.sees("is not right").await;
    assert_eq!(window.value("User ID").await, "mechanicschool");
    enter("nor this one").await;
    window.sees("is not right").await;
    window.back().await;
    window.sees("LOGIN").await;
    enter(PASSWORD).await;
    window.sees("Account Access Options").await;
    // Whoever is signed in goes on from there.
    window.back().await;
    window.sees("Welcome, mechanicschool").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn back_leads_to_what_was_there_without_javascript() {
    let (_folder, mut program) = portal().await;
    let url = program.url.clone();
    sign_up(&url, "mechanicschool").await;
    back_from_a_search(&url, false).await;
    back_from_a_sign_in(&url, false).await;
    program.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn back_leads_to_what_was_there() {
    let (_folder, mut program) = portal().await;
    let url = program.url.clone();
    sign_up(&url, "mechanicschool").await;
    back_from_a_search(&url, true).await;
    back_from_a_sign_in(&url, true).await;
    program.stop().await;
}
