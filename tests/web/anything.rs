//! Whatever is typed into a field of text, of all of Unicode, is kept and shown, or said to be wrong beside what was typed.

use chrono::Utc;
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use springboard::words::{text, window};
use unicode_normalization::UnicodeNormalization;

use crate::{
    corpora::{is_of_a_font, letter, mail_each},
    inputs::profile,
    registry::{apply, bring, found, work},
    staff::{ACCOUNT, holder},
    support::{PASSWORD, Page, Portal, is_whole, run, sign_up},
};

fn drawn<T: std::fmt::Debug>(count: usize, strategy: impl Strategy<Value = T>) -> Vec<T> {
    let mut runner = TestRunner::deterministic();
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

/// Letters, marks, numbers, signs, and what is neither seen nor wanted.
fn anything(count: usize) -> Vec<String> {
    let strategy = prop_oneof![
        3 => r"[\p{L}][\p{L}\p{M}]{0,12}",
        2 => r"[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Z}]{1,16}",
        1 => r"[\p{L}\p{Cf}\p{Cc}\p{Zl}\p{Zp}]{1,12}",
        1 => r"[\p{M}\p{Cf}\p{Cn}\p{Co}]{1,6}",
    ];
    drawn(count, strategy)
}

/// A text as it stands in HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// That a page says what is wrong with a line of text, beside it, and that there is something wrong.
fn assert_refused(page: &Page, field: &str, typed: &str) {
    let name = text::name(typed);
    assert!(!text::is_shown(&name) || name.is_empty() || is_too_wide(&name), "{typed:?} was refused: {}", page.words());
    assert!(page.fault(field).is_some(), "{typed:?}: {}", page.words());
    assert_eq!(page.value(field).map(|kept| on_a_line(&kept)), Some(on_a_line(typed)), "{typed:?}");
}

#[test]
fn a_subject_is_shown_and_mailed_or_said_to_be_wrong() {
    run(async {
        let portal = Portal::start().await;
        let (mut one, _) = holder(&portal, "mechanicschool").await;
        let mut clerk = portal.clerk().await;
        let mut taken: Vec<String> = Vec::new();
        for typed in anything(if is_whole() { 500 } else { 60 }) {
            let page = clerk.get(ACCOUNT).await;
            let page = clerk.post_checked(&page, "/messages", &[("subject", &typed), ("body", "Text")]).await;
            if !page.says("The message was posted.") {
                assert_refused(&page, "subject", &typed);
                continue;
            }
            taken.push(text::name(&typed));
            let path = format!("/accounts/mechanic-school/00-00123456/messages/{}", taken.len());
            let page = one.get(&path).await;
            assert!(page.body.contains(&escaped(&text::name(&typed))), "{typed:?} is shown as {}", page.words());
        }
        assert!(taken.len() > 20, "{} were taken", taken.len());
        mail_each(&taken.iter().map(String::as_str).collect::<Vec<_>>()).await;
        portal.stop().await;
    });
}

#[test]
fn a_line_of_an_address_is_shown_or_said_to_be_wrong() {
    run(async {
        let portal = Portal::start().await;
        let (mut clerk, mut supervisor) = (portal.clerk().await, portal.staff("supervisor1000").await);
        let mut taken = 0;
        for typed in anything(if is_whole() { 300 } else { 40 }) {
            let page = clerk.get(&format!("{ACCOUNT}/address")).await;
            let fields = [("line-1", typed.as_str()), ("line-2", "FLINT MI 48502"), ("email", ""), ("reason", "call")];
            let page = clerk.submit(&page, "/address", &fields).await;
            if page.status == 422 {
                assert_refused(&page, "line-1", &typed);
                continue;
            }
            taken += 1;
            let page = supervisor.get("/staff/approvals").await;
            assert!(supervisor.submit(&page, "/approve", &[]).await.says("Request approved."), "{typed:?}");
            let page = supervisor.get(ACCOUNT).await;
            assert!(page.body.contains(&escaped(&text::name(&typed))), "{typed:?} is shown as {}", page.words());
        }
        assert!(taken > 10, "{taken} were taken");
        portal.stop().await;
    });
}

#[test]
fn a_phone_number_is_read_as_it_is_meant_or_said_to_be_wrong() {
    run(async {
        let portal = Portal::start().await;
        let mut browser = sign_up(&portal, "mechanicschool").await;
        let form = "/settings/profile";
        let unchanged = browser.get(form).await.fields(form);
        let with = |number: &str| {
            let new = [("work-phone", number), ("present", PASSWORD)].map(|(name, value)| (name.into(), value.into()));
            let kept =
                unchanged.iter().filter(|(name, _)| !["work-phone", "present", "token"].contains(&name.as_str()));
            kept.cloned().chain(new).collect::<Vec<(String, String)>>()
        };
        let mut change = async |number: &str| {
            let page = browser.get(form).await;
            let fields = with(number);
            let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let page = browser.submit(&page, form, &fields).await;
            (page, browser.get("/settings").await)
        };
        // A number with what phones and programs put around and between its digits.
        let between = prop_oneof![Just(""), Just("-"), Just("\u{2011}"), Just("\u{A0}"), Just("\u{200B}"), Just("．")];
        let digits = prop_oneof![Just('0'), Just('\u{660}'), Just('\u{966}'), Just('０')];
        let number = (r"[2-9][0-9]{2}", r"[2-9][0-9]{2}", r"[0-9]{4}", between.clone(), between, digits);
        let meant = drawn(30, number).into_iter().map(|(area, exchange, line, first, second, zero)| {
            let other = |digit: char| char::from_u32(zero as u32 + digit.to_digit(10)?);
            let typed: String = [&area, first, &exchange, second, &line].concat();
            let typed = typed.chars().map(|letter| other(letter).unwrap_or(letter)).collect::<String>();
            (format!("\u{202D}{typed}\u{202C}"), format!("+1 ({area}) {exchange}-{line}"))
        });
        for (typed, meant) in meant {
            let (page, settings) = change(&typed).await;
            // A password is tried so often in ten minutes.
            portal.clock.advance(chrono::Duration::minutes(11));
            assert!(page.status == 200 && settings.says(&meant), "{typed:?}: {} {}", page.words(), settings.words());
        }
        for typed in anything(if is_whole() { 300 } else { 40 }) {
            let (page, _) = change(&typed).await;
            assert!(page.status == 422 && page.fault("work-phone").is_some(), "{typed:?}: {}", page.words());
            assert_eq!(page.value("work-phone").map(|kept| on_a_line(&kept)), Some(on_a_line(&typed)), "{typed:?}");
        }
        portal.stop().await;
    });
}

/// As many as one address may begin to sign up in an hour.
const PROFILES: usize = 15;

#[test]
fn a_name_is_kept_and_found_or_said_to_be_wrong() {
    run(async {
        let portal = Portal::start().await;
        let count = if is_whole() { 2_000 } else { 150 };
        let typed = anything(count);
        // In a form it is taken as it is shown, or said to be wrong beside what was typed.
        for typed in typed.iter().take(PROFILES) {
            let (mut browser, page) = profile(&portal, &[("last", typed)]).await;
            match page.fault("last") {
                Some(_) => {
                    assert_eq!(page.value("last").map(|kept| on_a_line(&kept)), Some(on_a_line(typed)), "{typed:?}")
                }
                None => {
                    let kept = browser.get("/sign-up/profile").await.value("last");
                    assert_eq!(
                        kept.map(|kept| text::name(&kept)),
                        Some(text::name(typed)),
                        "{}",
                        typed.escape_unicode()
                    );
                }
            }
        }
        // In a file as well; and what is taken is found.
        let mut supervisor = portal.staff("supervisor1000").await;
        let line = |(at, name): (usize, &String)| {
            format!("mechanic-school,{},\"{}\"\n", 600_000 + at, name.replace('"', "\"\""))
        };
        let lines: String = typed.iter().enumerate().map(line).collect();
        let page = bring(&mut supervisor, &format!("type,number,name\n{lines}"), &[]).await;
        work(&portal).await;
        apply(&portal, &page.path, &[("without", "yes")]).await;
        work(&portal).await;
        let faults = supervisor.get(&page.path).await;
        let mut taken: Vec<String> = Vec::new();
        for (at, typed) in typed.iter().enumerate() {
            let (name, account) = (text::name(typed), format!("mechanic-school/00-{:08}", 600_000 + at));
            let kept = supervisor.get(&format!("/staff/accounts/{account}")).await;
            if kept.status == 404 {
                assert!(
                    !text::is_shown(&name) || name.is_empty() || is_too_wide(&name),
                    "{typed:?} was refused: {}",
                    faults.words()
                );
                continue;
            }
            taken.push(name.clone());
            assert!(kept.body.contains(&escaped(&name)), "{typed:?} is shown as {}", kept.words());
            if text::folded(&name).chars().any(char::is_alphanumeric) {
                let query: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
                let found = found(&mut supervisor, &format!("q={query}")).await;
                assert!(found.contains(&account), "{typed:?} is not found by {name:?}: {found:?}");
            }
        }
        assert!(taken.len() > count / 2, "{} of {count} were taken", taken.len());
        // What is taken is mailed, and printed or held for a letter without a sign.
        let taken: Vec<&str> = taken.iter().map(String::as_str).collect();
        mail_each(&taken).await;
        for some in taken.chunks(10) {
            let printed = letter(some).render("corpus", Utc::now());
            assert!(printed.as_ref().err().is_none_or(is_of_a_font), "{:?}", printed.err());
        }
        portal.stop().await;
    });
}

/// How a browser reads a field of one line back; forms of letters that are the same stay the same.
fn on_a_line(text: &str) -> String {
    text.replace(['\r', '\n'], " ").nfc().collect()
}

/// Whether a name does not fit the window of an envelope.
fn is_too_wide(name: &str) -> bool {
    window::check(&[name.to_owned()]).is_err()
}
