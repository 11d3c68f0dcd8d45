//! Signing up, in and off; recovery; who may see what, and for how long.

use argon2::{PasswordHasher, password_hash::SaltString};
use chrono::Duration;
use reqwest::Method;

use crate::support::{PASSWORD, Portal, code_in, run, sign_up};

#[test]
fn wrong_answers_are_told_beside_their_fields_and_nothing_typed_is_lost() {
    run(async {
        let portal = Portal::start().await;
        let mut browser = portal.browser();
        let page = browser.get("/sign-up").await;
        let page = browser
            .submit(
                &page,
                "/sign-up/profile",
                &[("first", "Ann"), ("email", "not an address"), ("verification", "x"), ("go", "next")],
            )
            .await;
        assert_eq!(page.status, 422);
        for field in ["last", "email", "email-again", "work-phone", "verification", "terms"] {
            assert!(page.fault(field).is_some(), "{field}: {}", page.words());
        }
        assert_eq!(page.value("first").as_deref(), Some("Ann"));
        assert_eq!(page.value("email").as_deref(), Some("not an address"));
        assert_eq!(page.value("verification").as_deref(), Some(""), "a new question has no answer yet");
        portal.stop().await;
    });
}

#[test]
fn a_skipped_step_leads_to_the_first_gap() {
    run(async {
        let portal = Portal::start().await;
        let mut browser = portal.browser();
        browser.get("/sign-up").await;
        assert_eq!(browser.get("/sign-up/security").await.path, "/sign-up/profile");
        portal.stop().await;
    });
}

#[test]
fn a_user_id_is_taken_without_regard_to_case() {
    run(async {
        let portal = Portal::start().await;
        sign_up(&portal, "mechanicschool").await;
        let mut other = portal.browser();
        let page = other.get("/sign-up").await;
        let checked = other
            .post("/sign-up/user-id", &[("token", &page.value("token").unwrap()), ("user-id", "MechanicSchool")])
            .await;
        assert!(checked.says("taken"), "{}", checked.body);
        portal.stop().await;
    });
}

#[test]
fn five_failures_lock_a_user_id_whether_or_not_it_exists() {
    run(async {
        let portal = Portal::start().await;
        sign_up(&portal, "mechanicschool").await;
        for user_id in ["mechanicschool", "nobodyatall"] {
            let mut browser = portal.browser();
            let mut page = browser.get("/sign-in").await;
            let mut told = Vec::new();
            for _ in 0..5 {
                page = browser.submit(&page, "/sign-in", &[("user-id", user_id), ("password", "wrong")]).await;
                told.push(page.fault("user-id").unwrap());
            }
            page = browser.submit(&page, "/sign-in", &[("user-id", user_id), ("password", PASSWORD)]).await;
            told.push(page.fault("user-id").expect("locked"));
            told.dedup();
            assert_eq!(told.len(), 1, "the answer never differs");
        }
        portal.clock.advance(Duration::minutes(16));
        let mut browser = portal.browser();
        let page = browser.get("/sign-in").await;
        let page = browser.submit(&page, "/sign-in", &[("user-id", "MECHANICSCHOOL"), ("password", PASSWORD)]).await;
        assert_eq!(page.path, "/access");
        portal.stop().await;
    });
}

#[test]
fn a_refusal_is_a_page_of_its_own_that_says_once_what_was_wrong() {
    run(async {
        let portal = Portal::start().await;
        sign_up(&portal, "mechanicschool").await;
        for (path, other) in [("/sign-in", "/staff/sign-in"), ("/staff/sign-in", "/sign-in")] {
            let mut browser = portal.browser();
            let page = browser.get(&format!("{path}?for=dealer&back=%2Fsettings")).await;
            let token = page.value("token").unwrap();
            let mut fields = vec![("token".to_owned(), token)];
            fields.extend(
                [("user-id", "jos\u{E9}1234"), ("password", "Wrong-Password-77")]
                    .map(|(name, value)| (name.into(), value.into())),
            );
            let answer = browser.send(Method::POST, path, Some(fields)).await;
            assert_eq!(answer.status(), 303, "Back never meets a form that was sent");
            let cookie = answer.headers().get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
            let cookie: Vec<&str> = cookie.filter(|line| line.contains("refused=")).collect();
            assert!(cookie[0].contains("HttpOnly") && cookie[0].contains("Max-Age=60"), "{cookie:?}");

            let typed = [("user-id", "jos\u{E9}1234"), ("password", "Wrong-Password-77")];
            let page = browser.submit(&page, path, &typed).await;
            assert!(page.status == 200 && page.fault("user-id").is_some(), "{}", page.words());
            assert_eq!(page.value("user-id").as_deref(), Some("jos\u{E9}1234"));
            assert!(!page.body.contains("Wrong-Password-77"));
            if path == "/sign-in" {
                assert_eq!(
                    (page.value("for").as_deref(), page.value("back").as_deref()),
                    (Some("dealer"), Some("/settings"))
                );
            }
            assert_eq!(browser.get(path).await.fault("user-id"), None, "once");
            let page = browser.submit(&page, path, &[("user-id", ""), ("password", "")]).await;
            assert!(page.fault("user-id").is_some() && page.fault("password").is_some(), "{}", page.words());
            // Nobody else's word is shown: not that of the other page, and none that the portal did not seal.
            let page = browser.get(path).await;
            browser.submit(&page, path, &[("user-id", "jos\u{E9}1234"), ("password", "")]).await;
            for forged in ["00", &"ab".repeat(60)] {
                browser.cookies.insert("refused".into(), forged.into());
                browser.cookies.insert("staff-refused".into(), forged.into());
                let page = browser.get(other).await;
                assert_eq!((page.status, page.fault("user-id")), (200, None));
            }
        }
        portal.stop().await;
    });
}

#[test]
fn a_session_ends_for_idleness_and_a_poll_is_no_activity() {
    run(async {
        let portal = Portal::start().await;
        let mut browser = sign_up(&portal, "mechanicschool").await;
        portal.clock.advance(Duration::minutes(26));
        let notice = browser.get("/session/notice").await;
        assert!(notice.says("You will be signed off"), "{}", notice.body);
        portal.clock.advance(Duration::minutes(5));
        let page = browser.get("/access").await;
        assert!(page.path.starts_with("/sign-in?back="), "{}", page.path);
        portal.stop().await;
    });
}

#[test]
fn activity_keeps_a_session_but_not_beyond_twelve_hours() {
    run(async {
        let portal = Portal::start().await;
        let mut browser = sign_up(&portal, "mechanicschool").await;
        for _ in 0..(12 * 60 / 20 - 1) {
            portal.clock.advance(Duration::minutes(20));
            assert_eq!(browser.get("/access").await.path, "/access");
        }
        portal.clock.advance(Duration::minutes(21));
        assert!(browser.get("/access").await.path.starts_with("/sign-in"));
        portal.stop().await;
    });
}

#[test]
fn logging_off_ends_the_session_for_good() {
    run(async {
        let portal = Portal::start().await;
        let mut browser = sign_up(&portal, "mechanicschool").await;
        let stolen = browser.cookies["session"].clone();
        let page = browser.get("/access").await;
        assert_eq!(browser.submit(&page, "/sign-out", &[]).await.path, "/");
        browser.cookies.insert("session".into(), stolen);
        assert!(browser.get("/access").await.path.starts_with("/sign-in"));
        portal.stop().await;
    });
}

#[test]
fn a_form_of_another_session_or_site_does_nothing() {
    run(async {
        let portal = Portal::start().await;
        let mut browser = sign_up(&portal, "mechanicschool").await;
        let page = browser.post("/sign-out", &[("token", "of somebody else")]).await;
        assert_eq!(page.status, 403);
        assert_eq!(browser.get("/access").await.status, 200, "still signed in");
        browser.headers.push(("sec-fetch-site", "cross-site".into()));
        assert_eq!(browser.post("/sign-out", &[]).await.status, 403);
        portal.stop().await;
    });
}

#[test]
fn htmx_is_sent_to_sign_in_with_the_whole_page() {
    run(async {
        let portal = Portal::start().await;
        let mut browser = portal.browser();
        browser.headers.push(("hx-request", "true".into()));
        let answer = browser.send(Method::GET, "/springboard", None).await;
        assert_eq!(answer.status(), 401);
        assert!(answer.headers()["hx-redirect"].to_str().unwrap().starts_with("/sign-in?back="));
        portal.stop().await;
    });
}

#[test]
fn a_forgotten_password_is_replaced_by_a_pin_and_all_sessions_end() {
    run(async {
        let portal = Portal::with_worker().await;
        let mut signed_in = sign_up(&portal, "mechanicschool").await;
        let mut browser = portal.browser();
        let page = browser.get("/recover/password").await;
        let page = browser.submit(&page, "/user", &[("user-id", "mechanicschool"), ("go", "next")]).await;
        assert!(page.says("PIN by e-mail") && !page.says("Security questions"), "{}", page.words());
        let page = browser.submit(&page, "/method", &[("method", "email"), ("go", "next")]).await;
        let mails = portal.mails_to("mechanicschool@example.com", 2).await;
        let mail = mails.iter().find(|mail| mail.contains("Your PIN for")).unwrap();
        let pin = mail
            .split_whitespace()
            .find(|word| word.len() == 8 && word.bytes().all(|digit| digit.is_ascii_digit()))
            .unwrap();
        let wrong = browser.submit(&page, "/proof", &[("pin", "00000000"), ("go", "next")]).await;
        assert!(wrong.fault("pin").is_some());
        let page = browser.submit(&page, "/proof", &[("pin", pin), ("go", "next")]).await;
        assert_eq!(page.path, "/recover/password/new-password", "{}", page.words());
        let old = [("password", PASSWORD), ("password-again", PASSWORD), ("go", "submit")];
        let page = browser.submit(&page, "/new-password", &old).await;
        assert!(page.fault("password").unwrap().contains("last 3"));
        let new = [("password", "Another-Wrench-78"), ("password-again", "Another-Wrench-78"), ("go", "submit")];
        let page = browser.submit(&page, "/new-password", &new).await;
        assert!(page.says("Your password was changed"), "{}", page.words());
        assert!(signed_in.get("/access").await.path.starts_with("/sign-in"), "at once");
        let page = browser
            .submit(&page, "/sign-in", &[("user-id", "mechanicschool"), ("password", "Another-Wrench-78")])
            .await;
        assert_eq!(page.path, "/access");
        portal.stop().await;
    });
}

#[test]
fn recovery_answers_alike_for_an_unknown_user_id() {
    run(async {
        let portal = Portal::start().await;
        let mut browser = portal.browser();
        let labels = ["PIN by e-mail", "PIN by text message", "Security questions, with a PIN by e-mail"];
        let mut offered = std::collections::HashSet::new();
        for number in 0..12 {
            let page = browser.get("/recover/password").await;
            let page = browser.submit(&page, "/user", &[("user-id", &format!("nobody{number}")), ("go", "next")]).await;
            assert!(page.path.ends_with("/method"), "{}", page.words());
            let ways = labels.map(|label| page.says(label));
            offered.insert(ways);
            let way = if page.body.contains("value=\"questions\"") {
                "questions"
            } else if ways[1] {
                "text"
            } else {
                "email"
            };
            let page = browser.submit(&page, "/method", &[("method", way), ("go", "next")]).await;
            assert!(page.says("If the user ID exists, a PIN was sent"), "{}", page.words());
            assert_eq!(page.body.contains("name=\"answer-2\""), way == "questions", "{}", page.words());
            let fields = [("pin", "12345678"), ("answer-1", "a"), ("answer-2", "b"), ("go", "next")];
            let page = browser.submit(&page, "/proof", &fields).await;
            assert!(page.fault("pin").is_some());
            browser = portal.browser();
        }
        assert!(offered.len() > 1, "not all are offered the same: {offered:?}");
        portal.stop().await;
    });
}

#[test]
fn settings_change_what_they_say_and_ask_for_the_password() {
    run(async {
        let portal = Portal::start().await;
        let mut browser = sign_up(&portal, "mechanicschool").await;
        let page = browser.get("/settings/password").await;
        let fields = [("present", "wrong"), ("password", "Another-Wrench-78"), ("password-again", "Another-Wrench-78")];
        let page = browser.submit(&page, "/settings/password", &fields).await;
        assert!(page.fault("present").is_some());
        let fields =
            [("present", PASSWORD), ("password", "Another-Wrench-78"), ("password-again", "Another-Wrench-78")];
        let page = browser.submit(&page, "/settings/password", &fields).await;
        assert!(page.says("Your changes were saved"), "{}", page.words());
        let page = browser.get("/settings/profile").await;
        let fields = [
            ("first", "Changed"),
            ("last", "Name"),
            ("email", "new@example.com"),
            ("email-again", "new@example.com"),
            ("work-phone", "555-555-5599"),
            ("present", "Another-Wrench-78"),
        ];
        let page = browser.submit(&page, "/settings/profile", &fields).await;
        assert!(page.says("Changed Name") && page.says("+1 (555) 555-5599"), "{}", page.words());
        portal.stop().await;
    });
}

#[test]
fn a_password_that_was_stolen_from_another_site_is_refused() {
    run(async {
        let list = tempfile::NamedTempFile::new().unwrap();
        // The SHA-1 of the password below, as `printf Another-Wrench-78 | sha1sum` prints it.
        std::fs::write(list.path(), "BC974C65DD08418393E6A730A66126974951B652:41\n").unwrap();
        let portal = Portal::configured(|config| config.breached_passwords = Some(list.path().to_owned())).await;
        let mut browser = sign_up(&portal, "mechanicschool").await;
        let page = browser.get("/settings/password").await;
        let change = |new| [("present", PASSWORD), ("password", new), ("password-again", new)];
        let page = browser.submit(&page, "/settings/password", &change("Another-Wrench-78")).await;
        assert!(page.fault("password").unwrap().contains("stolen from another site"), "{}", page.words());
        let page = browser.submit(&page, "/settings/password", &change("Another-Wrench-79")).await;
        assert!(page.says("Your changes were saved"), "{}", page.words());
        // None is taken that can't be looked up.
        std::fs::write(list.path(), "").unwrap();
        let page = browser.get("/settings/password").await;
        let fields = [("present", "Another-Wrench-79"), ("password", PASSWORD), ("password-again", PASSWORD)];
        let page = browser.submit(&page, "/settings/password", &fields).await;
        assert_eq!(page.status, 503, "{}", page.words());
        portal.stop().await;
    });
}

#[test]
fn a_hash_of_other_days_is_made_anew_at_the_next_sign_in() {
    run(async {
        let portal = Portal::start().await;
        sign_up(&portal, "mechanicschool").await;
        let weak = argon2::Argon2::new(
            argon2::Algorithm::Argon2id,
            argon2::Version::V0x13,
            argon2::Params::new(64, 1, 1, None).unwrap(),
        );
        let salt = SaltString::encode_b64(b"sixteen bytes ok").unwrap();
        for (table, path, user_id, password) in [
            ("logon", "/sign-in", "mechanicschool", PASSWORD),
            ("staff", "/staff/sign-in", "clerk1000", "Staff-Password-1"),
        ] {
            let hash = weak.hash_password(password.as_bytes(), &salt).unwrap().to_string();
            let db = &portal.built.portal.db;
            let weaker = "UPDATE type::table($table) SET password = $hash WHERE user_id = $user_id";
            let weakened = db.raw(weaker).bind(("table", table)).bind(("hash", hash)).bind(("user_id", user_id));
            weakened.await.unwrap();
            for time in ["first", "second"] {
                let mut browser = portal.browser();
                let page = browser.get(path).await;
                let page = browser.submit(&page, path, &[("user-id", user_id), ("password", password)]).await;
                assert!(!page.path.ends_with("/sign-in"), "{}", page.words());
                let passwords = "SELECT VALUE password FROM type::table($table) WHERE user_id = $user_id";
                let found = db.raw(passwords).bind(("table", table)).bind(("user_id", user_id));
                let kept: Vec<String> = found.await.unwrap().take(0).unwrap();
                assert!(kept[0].contains("$m=19456,t=2,p=1$"), "{time}: {}", kept[0]);
            }
        }
        portal.stop().await;
    });
}

#[test]
fn a_code_in_a_mail_is_found() {
    assert_eq!(code_in("Authorization code:  ABCDE 12345\r\n"), "ABCDE 12345");
}

#[test]
fn one_session_or_all_others_are_ended_by_whoever_proved_who_it_is() {
    run(async {
        let portal = Portal::start().await;
        let mut browser = sign_up(&portal, "mechanicschool").await;
        let mut stranger = sign_up(&portal, "anotherperson").await;
        let mut others = Vec::new();
        for _ in 0..3 {
            portal.clock.advance(Duration::minutes(1));
            let mut other = portal.browser();
            let page = other.get("/sign-in").await;
            other.submit(&page, "/sign-in", &[("user-id", "mechanicschool"), ("password", PASSWORD)]).await;
            others.push(other);
        }
        let page = browser.get("/settings").await;
        let keys: Vec<String> =
            page.body.split("name=\"session\" value=\"").skip(1).map(|rest| rest[..64].to_owned()).collect();
        assert_eq!(keys.len(), 3, "one for each other session: {}", page.words());
        let theirs = stranger.get("/settings").await;
        stranger.submit(&theirs, "/settings/sessions", &[("session", &keys[0])]).await;
        let mut open = 0;
        for other in &mut others {
            open += usize::from(other.get("/settings").await.path == "/settings");
        }
        assert_eq!(open, 3, "nobody ends what is not theirs");
        browser.submit(&page, "/settings/sessions", &[("session", &keys[0])]).await;
        let mut open = 0;
        for other in &mut others {
            open += usize::from(other.get("/settings").await.path == "/settings");
        }
        assert_eq!(open, 2, "one, and no other");
        portal.clock.advance(Duration::minutes(11));
        let page = browser.get("/settings").await;
        let asked = browser.submit(&page, "/settings/sessions", &[]).await;
        assert!(asked.path.starts_with("/sign-in/confirm"), "{}", asked.path);
        let page = browser.submit(&asked, "/confirm", &[("password", PASSWORD)]).await;
        let page = browser.submit(&page, "/settings/sessions", &[]).await;
        assert!(!page.body.contains("name=\"session\" value"), "{}", page.words());
        portal.stop().await;
    });
}
