//! A real browser, headless Chromium, driven by the WebDriver protocol (W3C). It finds things as a
//! person does: by the labels and words on the page. The usual client crates change features deep in
//! the dependency graph and would have the database built twice (docs/decisions.md).

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};

/// The key under which the protocol names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser window with its driver.
pub struct Window {
    driver: Child,
    session: String,
    http: reqwest::Client,
    profile: tempfile::TempDir,
}

/// An element of the page.
#[derive(Clone)]
pub struct Element(String);

impl Window {
    /// Opens a window of this width, with or without JavaScript.
    pub async fn open(width: u32, javascript: bool) -> Self {
        let port = super::process::free_port();
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver");
        let (http, profile) = (reqwest::Client::new(), tempfile::tempdir().unwrap());
        let base = format!("http://127.0.0.1:{port}");
        for _ in 0..200 {
            if http.get(format!("{base}/status")).send().await.is_ok() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let mut window = Self { driver, session: base, http, profile };
        let arguments = [
            "--headless=new".to_owned(),
            "--no-sandbox".into(),
            "--disable-gpu".into(),
            "--disable-quic".into(),
            "--disable-dev-shm-usage".into(),
            "--no-first-run".into(),
            "--disable-background-networking".into(),
            "--disable-component-update".into(),
            "--disable-sync".into(),
            format!("--user-data-dir={}", window.profile.path().display()),
            format!("--window-size={width},900"),
        ];
        let scripts = if javascript { 1 } else { 2 };
        let options = json!({
            "args": arguments,
            "prefs": { "profile.managed_default_content_settings.javascript": scripts },
        });
        let wanted =
            json!({ "capabilities": { "alwaysMatch": { "browserName": "chrome", "goog:chromeOptions": options } } });
        let session = window.call("POST", "/session", Some(wanted)).await.unwrap();
        window.session = format!("{}/session/{}", window.session, session["sessionId"].as_str().unwrap());
        window.resize(width).await;
        window
    }

    /// Makes the window this wide.
    pub async fn resize(&self, width: u32) {
        let screen = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        let command = json!({ "cmd": "Emulation.setDeviceMetricsOverride", "params": screen });
        self.call("POST", "/goog/cdp/execute", Some(command)).await.unwrap();
    }

    async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value, String> {
        let url = format!("{}{path}", self.session);
        let request = match method {
            "GET" => self.http.get(url),
            "DELETE" => self.http.delete(url),
            _ => self.http.post(url).body(body.unwrap_or_else(|| json!({})).to_string()),
        };
        let answer =
            request.send().await.map_err(|fault| fault.to_string())?.text().await.map_err(|fault| fault.to_string())?;
        let value: Value = serde_json::from_str(&answer).map_err(|fault| fault.to_string())?;
        match value["value"]["error"].as_str() {
            Some(error) => Err(format!("{error}: {}", value["value"]["message"])),
            None => Ok(value["value"].clone()),
        }
    }

    /// Gives the window an authenticator for passkeys, whose owner always agrees (WebAuthn, 11.2).
    pub async fn with_authenticator(&self) {
        let authenticator = json!({
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": true, "hasUserVerification": true,
            "isUserVerified": true, "isUserConsenting": true,
        });
        self.call("POST", "/webauthn/authenticator", Some(authenticator)).await.unwrap();
    }

    /// Goes to an address.
    pub async fn go(&self, url: &str) {
        self.call("POST", "/url", Some(json!({ "url": url }))).await.unwrap();
    }

    /// Presses the browser's Back button.
    pub async fn back(&self) {
        self.call("POST", "/back", None).await.unwrap();
    }

    /// Opens another tab, which has the same cookies, and goes on in it. Says which tab it was in.
    pub async fn open_tab(&self) -> Value {
        let before = self.call("GET", "/window", None).await.unwrap();
        let tab = self.call("POST", "/window/new", Some(json!({ "type": "tab" }))).await.unwrap();
        self.to_tab(&tab["handle"]).await;
        before
    }

    /// Goes on in another tab.
    pub async fn to_tab(&self, tab: &Value) {
        self.call("POST", "/window", Some(json!({ "handle": tab }))).await.unwrap();
    }

    /// Where it is.
    pub async fn place(&self) -> String {
        self.call("GET", "/url", None).await.unwrap().as_str().unwrap().to_owned()
    }

    /// The page's words, as they are shown.
    pub async fn words(&self) -> String {
        let body = self.find("//body").await;
        let text = match body {
            Ok(body) => self.call("GET", &format!("/element/{}/text", body.0), None).await.unwrap_or_default(),
            Err(_) => Value::Null,
        };
        text.as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Waits until the page shows these words.
    pub async fn sees(&self, text: &str) {
        if !self.shows(text, Duration::from_secs(15)).await {
            panic!("{} does not show {text:?} but: {}", self.place().await, self.words().await);
        }
    }

    /// Waits until the page shows some of these.
    pub async fn sees_any(&self, texts: &[&str]) {
        for _ in 0..300 {
            let words = self.words().await;
            if texts.iter().any(|text| words.contains(text)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{} shows none of {texts:?} but: {}", self.place().await, self.words().await);
    }

    /// Whether the page comes to show these words within this time.
    pub async fn shows(&self, text: &str, within: Duration) -> bool {
        let begun = std::time::Instant::now();
        while begun.elapsed() < within {
            if self.words().await.contains(text) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        false
    }

    async fn find(&self, path: &str) -> Result<Element, String> {
        let found = self.call("POST", "/element", Some(json!({ "using": "xpath", "value": path }))).await?;
        Ok(Element(found[ELEMENT].as_str().unwrap().to_owned()))
    }

    /// Waits for an element.
    async fn wait_for(&self, path: &str) -> Element {
        for _ in 0..200 {
            if let Ok(element) = self.find(path).await {
                return element;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{} has no {path}: {}", self.place().await, self.words().await);
    }

    async fn attribute(&self, element: &Element, name: &str) -> String {
        let value = self.call("GET", &format!("/element/{}/attribute/{name}", element.0), None).await.unwrap();
        value.as_str().unwrap_or_default().to_owned()
    }

    async fn click(&self, element: &Element) {
        self.call("POST", &format!("/element/{}/click", element.0), None).await.unwrap();
    }

    /// Clicks what is at this path; a live part may be fetched anew between finding and clicking.
    async fn click_at(&self, path: &str) {
        for _ in 0..20 {
            let element = self.wait_for(path).await;
            match self.call("POST", &format!("/element/{}/click", element.0), None).await {
                Err(fault) if fault.contains("stale element") => {}
                done => return drop(done.unwrap()),
            }
        }
        panic!("{path} is never still");
    }

    /// The field with this label, as a person reads it; the asterisk is no part of it.
    async fn field(&self, label: &str) -> Element {
        let words = "normalize-space(translate(., '*', ''))";
        let exact = format!("//label[{words} = \"{label}\"]");
        let path =
            if self.find(&exact).await.is_ok() { exact } else { format!("//label[starts-with({words}, \"{label}\")]") };
        let label = self.wait_for(&path).await;
        let id = self.attribute(&label, "for").await;
        self.wait_for(&format!("//*[@id = \"{id}\"]")).await
    }

    /// Types into a field, in place of what is there.
    pub async fn fill(&self, label: &str, text: &str) {
        let field = self.field(label).await;
        self.call("POST", &format!("/element/{}/clear", field.0), None).await.unwrap();
        self.call("POST", &format!("/element/{}/value", field.0), Some(json!({ "text": text }))).await.unwrap();
    }

    /// What a field holds.
    pub async fn value(&self, label: &str) -> String {
        let field = self.field(label).await;
        let value = self.call("GET", &format!("/element/{}/property/value", field.0), None).await.unwrap();
        value.as_str().unwrap_or_default().to_owned()
    }

    /// What a field's tag says.
    pub async fn asks(&self, label: &str, attribute: &str) -> String {
        let field = self.field(label).await;
        self.attribute(&field, attribute).await
    }

    /// Copies what a field holds, and pastes it into another one.
    pub async fn copy(&self, from: &str, to: &str) {
        for (label, letter) in [(from, 'c'), (to, 'v')] {
            let field = self.field(label).await;
            self.click(&field).await;
            for letter in ['a', letter] {
                let key = |kind: &str, value: &str| json!({ "type": kind, "value": value });
                let (control, letter) = ("\u{E009}", letter.to_string());
                let chord =
                    [key("keyDown", control), key("keyDown", &letter), key("keyUp", &letter), key("keyUp", control)];
                let actions = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": chord }] });
                self.call("POST", "/actions", Some(actions)).await.unwrap();
            }
        }
    }

    /// Ticks a box or a choice.
    pub async fn tick(&self, label: &str) {
        let field = self.field(label).await;
        self.click(&field).await;
    }

    /// Chooses a file.
    pub async fn attach(&self, label: &str, file: &std::path::Path) {
        let field = self.field(label).await;
        let path = json!({ "text": file.to_str().unwrap() });
        self.call("POST", &format!("/element/{}/value", field.0), Some(path)).await.unwrap();
    }

    /// Puts the focus on a link with these words.
    pub async fn focus(&self, words: &str) {
        self.wait_for(&format!("//main//a[normalize-space(.) = \"{words}\"]")).await;
        self.run(&format!(
            "[...document.querySelectorAll('main a')].find(link => link.textContent.trim() === '{words}').focus(); arguments[0]();"
        ))
        .await;
    }

    /// Presses a button.
    pub async fn press(&self, label: &str) {
        self.click_at(&format!("//main//button[normalize-space(.) = \"{label}\"]")).await;
    }

    /// Chooses from a list.
    pub async fn choose(&self, label: &str, option: &str) {
        let of = format!("//label[starts-with(normalize-space(translate(., '*', '')), \"{label}\")]/@for");
        let option = self.wait_for(&format!("//select[@id={of}]/option[normalize-space(.) = \"{option}\"]")).await;
        self.click(&option).await;
    }

    /// Presses a button, wherever on the page it is.
    pub async fn press_anywhere(&self, label: &str) {
        self.click_at(&format!("//button[contains(., \"{label}\")]")).await;
    }

    /// Opens what is folded away under these words.
    pub async fn unfold(&self, words: &str) {
        self.click_at(&format!("//summary[normalize-space(.) = \"{words}\"]")).await;
    }

    /// Follows a link by the words that it begins with.
    pub async fn follow(&self, label: &str) {
        self.click_at(&format!(
            "//a[starts-with(normalize-space(.), \"{label}\")][not(ancestor::details[not(@open)])]"
        ))
        .await;
    }

    /// Runs a script in the page and returns what it calls back with.
    pub async fn run(&self, script: &str) -> Value {
        self.call("POST", "/execute/async", Some(json!({ "script": script, "args": [] }))).await.unwrap()
    }

    /// Runs a script in every page from now on, before the page's own.
    pub async fn before_each_page(&self, script: &str) {
        let command = json!({ "cmd": "Page.addScriptToEvaluateOnNewDocument", "params": { "source": script } });
        self.call("POST", "/goog/cdp/execute", Some(command)).await.unwrap();
    }

    /// A picture of the whole page.
    pub async fn picture(&self) -> Vec<u8> {
        let command = json!({ "cmd": "Page.captureScreenshot", "params": { "captureBeyondViewport": true } });
        let answer = self.call("POST", "/goog/cdp/execute", Some(command)).await.unwrap();
        decode(answer["data"].as_str().unwrap())
    }

    /// The id of what has the focus.
    pub async fn focused(&self) -> String {
        let active = self.call("GET", "/element/active", None).await.unwrap();
        self.attribute(&Element(active[ELEMENT].as_str().unwrap().to_owned()), "id").await
    }

    /// Types keys at whatever has the focus.
    pub async fn keys(&self, keys: &str) {
        let stroke = |key: char| [json!({ "type": "keyDown", "value": key }), json!({ "type": "keyUp", "value": key })];
        let strokes: Vec<Value> = keys.chars().flat_map(stroke).collect();
        let actions = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": strokes }] });
        self.call("POST", "/actions", Some(actions)).await.unwrap();
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // The driver ends its browser when it is told to end, not when it is killed.
        let _ = Command::new("pkill").args(["-TERM", "-P", &self.driver.id().to_string()]).status();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// Base 64, as the protocol sends pictures.
fn decode(text: &str) -> Vec<u8> {
    let value = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for four in text.trim_end_matches('=').as_bytes().chunks(4) {
        let bits =
            four.iter().fold(0u32, |bits, letter| (bits << 6) | u32::from(value(*letter))) << (6 * (4 - four.len()));
        bytes.extend_from_slice(&bits.to_be_bytes()[1..four.len()]);
    }
    bytes
}
