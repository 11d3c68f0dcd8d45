//! The public pages.

use crate::support::{Portal, run};
use springboard::words::{Agency, agency};

#[test]
fn no_entry_of_any_menu_is_a_dead_link() {
    run(async {
        let portal = Portal::start().await;
        let mut browser = portal.browser();
        let agency = Agency::parse(agency::SEED).unwrap();
        let links = agency.links.iter().map(|link| link.href.clone());
        for href in agency.entries().map(|entry| entry.href.clone()).chain(links).filter(|href| href.starts_with('/')) {
            let page = browser.get(&href).await;
            assert_eq!(page.status, 200, "{href}");
        }
        portal.stop().await;
    });
}

#[test]
fn every_account_type_has_a_page_that_signs_in_with_its_hint() {
    run(async {
        let portal = Portal::start().await;
        let mut browser = portal.browser();
        for kind in &Agency::parse(agency::SEED).unwrap().account_types {
            let page = browser.get(&format!("/services/{}", kind.key)).await;
            assert!(page.body.contains(&format!("/sign-in?for={}", kind.key)), "{}", kind.key);
            let page = browser.get(&format!("/sign-in?for={}", kind.key)).await;
            assert!(page.says(&kind.name), "{}", kind.key);
        }
        assert_eq!(browser.get("/mechanic").await.path, "/services/mechanic", "the short address of a letter");
        portal.stop().await;
    });
}

#[test]
fn an_address_that_leads_nowhere_has_a_page() {
    run(async {
        let portal = Portal::start().await;
        let mut browser = portal.browser();
        for path in ["/nowhere", "/no/where", "/services/nowhere", "/assets/x.js", "/outbox/mail/..%2fsecret-key"] {
            let page = browser.get(path).await;
            assert_eq!(page.status, 404, "{path}");
            assert!(page.says("Page not found"), "{path}: {}", page.body);
        }
        portal.stop().await;
    });
}

#[test]
fn every_page_bears_the_strict_policy_and_has_no_inline_script_or_style() {
    run(async {
        let portal = Portal::start().await;
        let mut browser = portal.browser();
        for path in ["/", "/services/mechanic", "/faqs", "/contact", "/sign-in", "/nowhere", "/outbox"] {
            let answer = browser.send(reqwest::Method::GET, path, None).await;
            let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
            assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}");
        }
        let page = browser.get("/sign-up").await;
        assert!(!page.body.contains("<style") && !page.body.contains(" style=") && !page.body.contains(" onclick="));
        assert_eq!(page.body.matches("<script").count(), 1);
        portal.stop().await;
    });
}

#[test]
fn programs_find_what_they_ask_every_site_for() {
    run(async {
        let portal =
            Portal::configured(|config| config.security_contact = Some("mailto:security@agency.example".into())).await;
        let mut browser = portal.browser();
        let text = browser.get("/.well-known/security.txt").await;
        assert_eq!(text.status, 200);
        // The clock of tests stands in November 2026; less than a year later (RFC 9116, 2.5.5).
        for line in ["Contact: mailto:security@agency.example\n", "Expires: 2027-05-23T"] {
            assert!(text.body.contains(line), "{}", text.body);
        }
        let robots = browser.get("/robots.txt").await.body;
        assert!(robots.starts_with("User-agent: *\n") && robots.contains("Disallow: /staff\n"), "{robots}");
        let icon = browser.send(reqwest::Method::GET, "/favicon.ico", None).await;
        assert_eq!((icon.status().as_u16(), icon.headers()["content-type"].to_str().unwrap()), (200, "image/x-icon"));
        portal.stop().await;
        let portal = Portal::start().await;
        assert_eq!(portal.browser().get("/.well-known/security.txt").await.status, 404, "nobody is named");
        portal.stop().await;
    });
}
