//! The path that most tests begin with.

use super::browser::{Browser, Page};

/// A password that keeps all rules.
pub const PASSWORD: &str = "Torque-Wrench-77";

/// The word that answers the verification question of a page.
pub fn answer(page: &Page) -> String {
    let words = page.words();
    let (_, rest) = words.split_once("Which word from list \"").expect("a verification question");
    let (list, rest) = rest.split_once('"').unwrap();
    let (_, rest) = rest.split_once("letter \"").unwrap();
    let letter = rest.chars().next().unwrap();
    list.split(", ").find(|word| word.contains(letter)).unwrap().to_owned()
}

/// Signs up and signs in: a browser of somebody who has no account yet.
pub async fn sign_up(url: &str, user_id: &str) -> Browser {
    sign_up_in(Browser::new(url), user_id).await
}

/// The same in this browser.
pub async fn sign_up_in(mut browser: Browser, user_id: &str) -> Browser {
    let page = browser.get("/sign-up").await;
    let word = answer(&page);
    let email = format!("{user_id}@example.com");
    let page = browser
        .submit(
            &page,
            "/sign-up/profile",
            &[
                ("first", "Mechanic School"),
                ("last", "Login"),
                ("email", &email),
                ("email-again", &email),
                ("work-phone", "555-555-5555"),
                ("mobile", "555-555-5556"),
                ("verification", &word),
                ("terms", "yes"),
                ("go", "next"),
            ],
        )
        .await;
    assert_eq!(page.path, "/sign-up/security", "{}", page.words());
    let fields = [
        ("user-id", user_id),
        ("password", PASSWORD),
        ("password-again", PASSWORD),
        ("recovery", "email"),
        ("recovery", "text"),
        ("go", "submit"),
    ];
    let page = browser.submit(&page, "/sign-up/security", &fields).await;
    assert!(page.says("Your logon was created"), "{}", page.words());
    let page = browser.submit(&page, "/sign-in", &[("user-id", user_id), ("password", PASSWORD)]).await;
    assert_eq!(page.path, "/access", "{}", page.words());
    browser
}

/// Walks Request Code to the confirmation.
pub async fn request_code(browser: &mut Browser, kind: &str, number: &str, by_email: bool) -> Page {
    let page = to_summary(browser, kind, number, by_email).await;
    let page = browser.submit(&page, "/summary", &[("go", "submit")]).await;
    assert!(page.says("your confirmation number is"), "{}", page.words());
    page
}

/// Walks Request Code to its summary.
pub async fn to_summary(browser: &mut Browser, kind: &str, number: &str, by_email: bool) -> Page {
    let page = browser.get("/access/request-code").await;
    let page = browser.submit(&page, "/account-type", &[("account-type", kind), ("go", "next")]).await;
    let page = browser.submit(&page, "/account-details", &[("number", number), ("go", "next")]).await;
    let choice = if by_email { "yes" } else { "no" };
    let page = browser.submit(&page, "/email-option", &[("by-email", choice), ("go", "next")]).await;
    assert!(page.says("Select Next to confirm"), "{}", page.words());
    let page = browser.submit(&page, "/email-option", &[("by-email", choice), ("go", "next")]).await;
    assert_eq!(page.path, "/access/request-code/summary", "{}", page.words());
    page
}

/// The code that a mail or a letter brings.
pub fn code_in(text: &str) -> String {
    let is_code = |word: &&str| {
        word.len() == 5 && word.bytes().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit())
    };
    let (_, rest) = text.split_once("Authorization code").expect("a code");
    let words: Vec<&str> = rest.split_whitespace().filter(is_code).take(2).collect();
    words.join(" ")
}
