//! Looking at a page in every way that a machine can: axe at two widths, the HTML checker, and the Tab key.

use std::path::PathBuf;

use crate::{
    driver::Window,
    process::STAFF_PASSWORD,
    validators::{Checker, axe},
};

/// What may have the focus by the Tab key, and what had it: a group of radio buttons is one stop.
const STOPS: &str = "
    const shown = element => element.checkVisibility() && !element.closest('[inert]');
    const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')].filter(shown);
    const groups = new Set(), stops = all.filter(element => element.type !== 'radio' || !groups.has(element.name) && groups.add(element.name));
    window.seen = new Set();
    document.addEventListener('focusin', event => window.seen.add(event.target));
    document.body.tabIndex = -1; document.body.focus();
    // A date has a stop for each of its parts and one for its calendar.
    const parts = { date: 4, 'datetime-local': 7 };
    arguments[arguments.length - 1](stops.reduce((sum, stop) => sum + (parts[stop.type] || 1), 0));";
const REACHED: &str = "
    const stops = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
        .filter(element => element.checkVisibility() && element.type !== 'radio' && !window.seen.has(element));
    arguments[arguments.length - 1](stops.map(element => element.outerHTML.slice(0, 120)));";
const TAB: char = '\u{E004}';

/// Looks at the page in every way that a machine can.
pub async fn look(window: &Window, checker: &Checker, name: &str) {
    axe(window, name).await;
    let html =
        window.run("fetch(location.href).then(answer => answer.text()).then(arguments[arguments.length - 1])").await;
    checker.add(name, html.as_str().unwrap());
    let stops = window.run(STOPS).await.as_u64().unwrap();
    window.keys(&TAB.to_string().repeat(usize::try_from(stops).unwrap() + 2)).await;
    let unreached = window.run(REACHED).await;
    assert_eq!(unreached, serde_json::json!([]), "{name}: the Tab key does not reach these");
    picture(window, &format!("{name} wide")).await;
    window.resize(360).await;
    axe(window, &format!("{name} on a phone")).await;
    picture(window, &format!("{name} narrow")).await;
    window.resize(1280).await;
}

/// Keeps a picture of the page, where somebody wants to see it.
pub async fn picture(window: &Window, name: &str) {
    if let Some(folder) = std::env::var_os("SPRINGBOARD_PICTURES") {
        let folder = PathBuf::from(folder).join("console");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{}.png", name.replace(' ', "-"))), window.picture().await).unwrap();
    }
}

/// An employee who is signed in.
pub async fn employee(url: &str, user_id: &str) -> Window {
    employee_with(url, user_id, true).await
}

/// The same, with JavaScript or without.
pub async fn employee_with(url: &str, user_id: &str, javascript: bool) -> Window {
    let window = Window::open(1280, javascript).await;
    window.go(&format!("{url}/staff")).await;
    window.fill("User ID", user_id).await;
    window.fill("Password", STAFF_PASSWORD).await;
    window.press("LOGIN").await;
    window.sees("Find an account").await;
    window
}
