//! A supervisor changes what the agency says, in a real browser; a person who is signed in meets the terms that changed.

use crate::{
    driver::Window,
    look::{employee, look},
    process::{Program, Start},
    shared::path::{PASSWORD, sign_up},
    validators::Checker,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_agencys_words() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::start(Start { data: folder.path(), role: "serve", smtp: None, database: None }).await;
    let url = program.url.clone();
    let checker = Checker::new();
    sign_up(&url, "mechanicschool").await;
    let supervisor = employee(&url, "supervisor1000").await;

    // The menu: an entry is moved, renamed, looked at and published.
    supervisor.go(&format!("{url}/staff/content")).await;
    look(&supervisor, &checker, "content").await;
    supervisor.follow("Menu of the home page").await;
    supervisor.sees("Versions, newest first").await;
    look(&supervisor, &checker, "menu").await;
    supervisor.unfold("Entry: Vehicle Renewal").await;
    look(&supervisor, &checker, "menu unfolded").await;
    supervisor.press("Move down (Entry: Vehicle Renewal)").await;
    supervisor.sees("Entry: Vehicle Renewal is number 3 of 34 now.").await;
    assert_eq!(supervisor.focused().await, "item-2-summary");
    supervisor.unfold("Entry: Request a Duplicate Title").await;
    supervisor.fill("What it says", "Plates and titles").await;
    supervisor.press("Preview").await;
    supervisor.sees("This is not published yet.").await;
    let words = supervisor.words().await;
    assert!(words.find("Plates and titles").unwrap() < words.find("Vehicle Renewal").unwrap(), "{words}");
    look(&supervisor, &checker, "menu preview").await;
    supervisor.fill("What you changed", "Shorter").await;
    supervisor.press("Submit to a colleague").await;
    supervisor.sees("It waits for another supervisor to publish it.").await;
    let colleague = employee(&url, "admin1000").await;
    colleague.go(&format!("{url}/staff/content/menu/waiting")).await;
    look(&colleague, &checker, "menu that waits").await;
    colleague.press("Publish").await;
    colleague.sees("It is published.").await;
    let stranger = Window::open(1280, true).await;
    stranger.go(&url).await;
    stranger.sees("Plates and titles").await;

    // A letter: what is wrong stands beside the field, and the form keeps what was typed.
    supervisor.go(&format!("{url}/staff/content/text-code-letter")).await;
    look(&supervisor, &checker, "letter").await;
    supervisor.fill("Subject", "Your code {codes}").await;
    supervisor.press("Preview").await;
    supervisor.sees("{codes} is not filled in here.").await;
    look(&supervisor, &checker, "letter with a fault").await;
    supervisor.fill("Subject", "Your code").await;
    supervisor.press("Preview").await;
    supervisor.sees("As a letter (PDF)").await;
    look(&supervisor, &checker, "letter preview").await;

    // A page that was not there, and the versions of it.
    supervisor.go(&format!("{url}/staff/content")).await;
    supervisor.fill("Name in its address", "winter-plates").await;
    supervisor.press("Write it").await;
    supervisor.sees("Page “winter-plates”").await;
    supervisor.fill("Title", "Winter plates").await;
    supervisor.fill("Text", "Order them in fall.").await;
    supervisor.press("Preview").await;
    supervisor.press("Publish").await;
    supervisor.sees("It is published.").await;
    look(&supervisor, &checker, "new page").await;
    supervisor.go(&format!("{url}/staff/content/guide-winter-plates/versions/1")).await;
    supervisor.sees("This version is published.").await;
    look(&supervisor, &checker, "version").await;

    // The terms: whoever is signed in meets them on the next page, and goes on to it.
    let person = Window::open(1280, true).await;
    person.go(&format!("{url}/sign-in")).await;
    person.fill("User ID", "mechanicschool").await;
    person.fill("Password", PASSWORD).await;
    person.press("LOGIN").await;
    person.sees("Account Access Options").await;
    supervisor.go(&format!("{url}/staff/content/terms")).await;
    supervisor.fill("Text", "You keep your password to yourself.").await;
    supervisor.press("Preview").await;
    supervisor.sees("A second employee, a supervisor, has to publish it.").await;
    look(&supervisor, &checker, "terms preview").await;
    supervisor.press("Submit to a colleague").await;
    supervisor.sees("It waits for another supervisor to publish it.").await;
    colleague.go(&format!("{url}/staff/content/terms")).await;
    colleague.follow("Look at it").await;
    colleague.sees("Don't publish it").await;
    look(&colleague, &checker, "terms that wait").await;
    colleague.press("Publish").await;
    colleague.sees("It is published.").await;
    person.go(&format!("{url}/settings")).await;
    person.sees("You keep your password to yourself.").await;
    look(&person, &checker, "terms to agree to").await;
    person.press("Continue").await;
    person.sees("Agree to the terms & conditions to continue.").await;
    person.tick("I agree to the terms & conditions.").await;
    person.press("Continue").await;
    person.sees("Notifications").await;
    assert!(person.place().await.ends_with("/settings"), "{}", person.place().await);
    drop((supervisor, colleague, stranger, person));
    program.stop().await;
    checker.check();
}
