//! What machines can say about a page: axe on the live page, the Nu Html Checker on its text.

use crate::{driver::Window, shared::tools::tools};

/// Asks axe about the page in the window: WCAG 2.2 A and AA, and its best practices. Nothing may be wrong.
pub async fn axe(window: &Window, name: &str) {
    let axe = std::fs::read_to_string(tools().join("node_modules/axe-core/axe.min.js")).expect("tests/install was run");
    let script = format!(
        "{axe}; const done = arguments[arguments.length - 1];
         axe.run(document, {{ resultTypes: ['violations'] }}).then(
            found => done(found.violations.map(one => one.id + ': ' + one.nodes.map(node => node.html).join(' | '))),
            fault => done(['axe failed: ' + fault]));"
    );
    let found = window.run(&script).await;
    let violations = found.as_array().unwrap_or_else(|| panic!("axe said {found}"));
    assert!(violations.is_empty(), "{name}: {violations:#?}");
    let wide = window.run("arguments[arguments.length - 1](document.documentElement.scrollWidth - document.documentElement.clientWidth)").await;
    assert_eq!(wide.as_i64(), Some(0), "{name} is wider than its window");
}

/// Pages as the portal sends them, checked together: starting the checker takes a while.
pub struct Checker(tempfile::TempDir);

impl Checker {
    /// No page yet.
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Takes a page in.
    pub fn add(&self, name: &str, html: &str) {
        std::fs::write(self.0.path().join(format!("{}.html", name.replace(['/', ' ', '?', '='], "_"))), html).unwrap();
    }

    /// Nothing may be wrong with any of them.
    pub fn check(&self) {
        let jar = tools().join("node_modules/vnu-jar/build/dist/vnu.jar");
        let run = std::process::Command::new("java").arg("-jar").arg(jar).arg(self.0.path()).output().expect("java");
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    }
}
