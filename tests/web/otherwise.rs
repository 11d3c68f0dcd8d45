//! When an alert can't be e-mailed: the text message, the letter, bounces, and jobs that the queue gave up.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use chrono::Duration;
use serde::de::DeserializeOwned;
use springboard::{
    access::{self, Pace, Quiet},
    db::{Db, DbError},
    delivery::{History, State, Way},
    mailbox::{alert_batch, alert_queries::of_message, jobs, otherwise},
    words::Moment,
};
use springboard_jobs::{Alert, AlertByLetter, AlertByText, Alerts, Job, Outcome, Try};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

use crate::{
    codes::pdf_text,
    staff::{ACCOUNT, account, holder, post},
    support::{Browser, Portal, run},
};

const THREAD: &str = "/accounts/mechanic-school/00-00123456/messages/1";

/// A portal with one holder and one message.
pub async fn posted() -> (Portal, Browser, String, Browser) {
    let portal = Portal::start().await;
    let (browser, logon) = holder(&portal, "mechanicschool").await;
    let mut clerk = portal.clerk().await;
    post(&mut clerk, "First", "text").await;
    (portal, browser, logon, clerk)
}

async fn confirm_mobile(portal: &Portal) {
    let confirmed = "UPDATE logon SET mobile_confirmed = true RETURN NONE";
    portal.built.portal.db.raw(confirmed).await.unwrap();
}

/// A folder can't be written where a file lies.
fn refuse(portal: &Portal, folder: &str) {
    std::fs::write(portal.folder(folder), "no folder").unwrap();
}

/// All jobs of a queue, oldest first.
pub async fn all<J: Job + DeserializeOwned>(portal: &Portal) -> Vec<J> {
    let queued = "SELECT VALUE <string> args FROM apalis_task WHERE queue = $queue ORDER BY id";
    let tasks: Vec<String> =
        portal.built.portal.db.raw(queued).bind(("queue", J::QUEUE)).await.unwrap().take(0).unwrap();
    tasks.iter().map(|task| serde_json::from_str(task).unwrap()).collect()
}

fn last_try() -> Try {
    Try { job: "of a test".into(), number: 48, is_last: true }
}

pub async fn by_email(portal: &Portal, at: usize) -> Outcome {
    let job = all::<Alerts>(portal).await.remove(at);
    alert_batch::alerts(&portal.built.portal, &portal.built.courier, job, &last_try()).await
}

async fn by_text(portal: &Portal, at: usize) -> Outcome {
    let job = all::<AlertByText>(portal).await.remove(at);
    otherwise::by_text(&portal.built.portal, &portal.built.courier, job, &last_try()).await
}

pub async fn by_letter(portal: &Portal, at: usize) -> Outcome {
    let job = all::<AlertByLetter>(portal).await.remove(at);
    otherwise::by_letter(&portal.built.portal, &portal.built.spool, job, &last_try()).await
}

pub async fn told(portal: &Portal, sequence: i64) -> History {
    of_message(&portal.built.portal.db, &account(), sequence).await.unwrap().remove(0).history
}

#[test]
fn what_no_mail_server_and_no_gateway_take_goes_by_letter() {
    run(async {
        let (portal, mut browser, _, mut clerk) = posted().await;
        post(&mut clerk, "Second", "text").await;
        confirm_mobile(&portal).await;
        refuse(&portal, "mail");
        refuse(&portal, "texts");
        for at in 0..2 {
            by_email(&portal, at).await.unwrap();
            assert_eq!(told(&portal, 1).await.state, State::Waiting);
            by_text(&portal, at).await.unwrap_err();
        }
        let letters = all::<AlertByLetter>(&portal).await;
        assert_eq!(letters.len(), 1, "one letter for both");
        assert_eq!(letters[0].due, "2026-11-25T13:00:00Z".parse::<Moment>().unwrap().timestamp(), "8 in Detroit");
        // The person sees it, and has seen it when the settings are saved.
        let page = browser.get("/springboard").await;
        for words in [
            "We could not reach you about Mechanic School 00-00123456.",
            "By e-mail: failed on November 24, 2026",
            "By text message: failed on November 24, 2026",
            "A letter will be sent",
        ] {
            assert!(page.says(words), "{words} in {}", page.words());
        }
        let page = browser.get("/settings").await;
        assert!(page.says("We could not reach you there on November 24, 2026"), "{}", page.words());
        let fields = [("pace", "at once"), ("quiet-from", ""), ("quiet-until", ""), ("logons-address", "yes")];
        let page = browser.submit(&page, "/settings/notifications", &fields).await;
        assert!(
            !page.says("We could not reach you") && !page.body.contains("mechanicschool-alerts@"),
            "{}",
            page.words()
        );
        assert!(!browser.get("/springboard").await.says("We could not reach you"));
        portal.clock.advance(Duration::days(1));
        by_letter(&portal, 0).await.unwrap();
        by_letter(&portal, 0).await.unwrap();
        let files = portal.files("letters", 1).await;
        assert_eq!(files.len(), 1, "{files:?}");
        let text = pdf_text(&files[0]).split_whitespace().collect::<Vec<_>>().join(" ");
        for part in ["2 new messages", "Mechanic School 00-00123456", "mechanicschool", "100 SAMPLE ST"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("First") && !text.contains("Authorization code"), "{text}");
        let told = told(&portal, 2).await;
        assert_eq!((told.state, told.way), (State::Sent, Some(Way::Letter)));
        let steps: Vec<Way> = told.steps.unwrap().iter().map(|step| step.way).collect();
        assert_eq!(steps, [Way::Email, Way::Text]);
        let mut clerk = portal.clerk().await;
        let page = clerk.get(&format!("{ACCOUNT}/messages/1")).await;
        assert!(page.says("e-mail failed") && page.says("sent by letter"), "{}", page.words());
        portal.stop().await;
    });
}

#[test]
fn a_text_message_waits_for_the_end_of_the_quiet_hours_and_tells_nothing_that_was_read() {
    run(async {
        let (portal, mut browser, logon, mut clerk) = posted().await;
        post(&mut clerk, "Second", "text").await;
        confirm_mobile(&portal).await;
        refuse(&portal, "mail");
        by_email(&portal, 0).await.unwrap();
        by_email(&portal, 1).await.unwrap();
        let db = &portal.built.portal.db;
        access::set_pace(&logon, &account(), Pace::AtOnce, Quiet::new(9, 17)).run(db).await.unwrap();
        by_text(&portal, 0).await.unwrap();
        assert!(!portal.folder("texts").exists(), "it is 10 in Detroit");
        let later = all::<AlertByText>(&portal).await.into_iter().find_map(|job| job.due).unwrap();
        assert_eq!(later, "2026-11-24T22:00:00Z".parse::<Moment>().unwrap().timestamp());
        browser.get("/accounts/mechanic-school/00-00123456/messages/2").await;
        portal.clock.advance(Duration::hours(7));
        for at in 0..3 {
            by_text(&portal, at).await.unwrap();
        }
        let texts = portal.files("texts", 1).await;
        assert_eq!(texts.len(), 1, "{texts:?}");
        let text = std::fs::read_to_string(&texts[0]).unwrap();
        assert!(text.contains("+1 555-555-5556") || text.contains("555-5556"), "{text}");
        assert!(text.contains("1 new message for your account 00-00123456") && !text.contains("First"), "{text}");
        assert_eq!(told(&portal, 1).await.outcome(), "sent by text message");
        assert_eq!(told(&portal, 2).await.state, State::ReadBefore);
        portal.stop().await;
    });
}

#[test]
fn without_a_mobile_number_or_an_address_on_record_the_next_way_is_taken() {
    run(async {
        let (portal, _, logon, _) = posted().await;
        refuse(&portal, "mail");
        by_email(&portal, 0).await.unwrap();
        assert!(all::<AlertByText>(&portal).await.is_empty(), "the mobile number was never confirmed");
        refuse(&portal, "letters");
        by_letter(&portal, 0).await.unwrap_err();
        let told = told(&portal, 1).await;
        assert_eq!((told.state, told.failed().len()), (State::Undeliverable, 2));
        // Whoever lost access is not told by any way.
        post(&mut portal.clerk().await, "Second", "text").await;
        by_email(&portal, 1).await.unwrap();
        springboard::mailbox::holders::revoke(&logon, &account()).run(&portal.built.portal.db).await.unwrap();
        by_letter(&portal, 0).await.unwrap();
        assert_eq!(self::told(&portal, 2).await.state, State::NotWanted);
        portal.stop().await;
    });
}

/// A mail server that has none of its addresses.
async fn server_without_addresses() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (read, mut write) = stream.into_split();
            let mut lines = BufReader::new(read).lines();
            write.write_all(b"220 mail.example ESMTP\r\n").await.unwrap();
            while let Ok(Some(line)) = lines.next_line().await {
                let answer = if line.starts_with("RCPT") { "550 5.1.1 no such user" } else { "250 Ok" };
                write.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
            }
        }
    });
    port
}

#[test]
fn an_address_that_the_mail_server_refuses_for_good_is_not_tried_for_hours() {
    run(async {
        let mut portal = Portal::with_mail_server(server_without_addresses().await).await;
        holder(&portal, "mechanicschool").await;
        confirm_mobile(&portal).await;
        post(&mut portal.clerk().await, "First", "text").await;
        portal.start_worker();
        let texts = portal.files("texts", 1).await;
        assert!(std::fs::read_to_string(&texts[0]).unwrap().contains("1 new message"));
        let steps = told(&portal, 1).await.steps.unwrap();
        assert_eq!(steps[0].said, "the mail server rejected it (550)");
        portal.stop().await;
    });
}

#[test]
fn what_the_queue_gave_up_is_taken_up() {
    run(async {
        let (portal, mut browser, ..) = posted().await;
        confirm_mobile(&portal).await;
        let db = &portal.built.portal.db;
        let ways = async || told(&portal, 1).await.way;
        for (queue, way) in [
            (Alerts::QUEUE, None),
            (Alert::QUEUE, Some(Way::Text)),
            (AlertByText::QUEUE, Some(Way::Letter)),
            (AlertByLetter::QUEUE, None),
        ] {
            let kill = "LET $killed = (UPDATE apalis_task SET stage = 'finished', status = 'Killed' WHERE queue = $queue RETURN VALUE record::id(id));
                INSERT INTO apalis_killed $killed.map(|$id: string| { id: [$queue, time::now(), $id] });";
            db.raw(kill).bind(("queue", queue)).await.unwrap();
            for _ in 0..2 {
                otherwise::take_up_given_up(&portal.built.portal).await.unwrap();
                assert_eq!(ways().await, way, "{queue}");
            }
        }
        let told = told(&portal, 1).await;
        assert_eq!((told.state, told.failed().len()), (State::Undeliverable, 3));
        assert_eq!(browser.get(THREAD).await.status, 200);
        portal.stop().await;
    });
}

#[test]
fn a_text_message_that_could_not_be_noted_at_once_is_sent_once() {
    run(async {
        let refusals = Arc::new(AtomicUsize::new(0));
        let refuse_one = refusals.clone();
        let db = Db::in_memory().await.unwrap().observed(Arc::new(move |text, _| {
            let is_note = text.contains("INTO correspondence");
            if is_note && refuse_one.fetch_add(1, Ordering::SeqCst) == 0 {
                return Err(DbError::Away("for once".into()));
            }
            Ok(())
        }));
        let portal = Portal::on(db).await;
        holder(&portal, "mechanicschool").await;
        post(&mut portal.clerk().await, "First", "text").await;
        by_email(&portal, 0).await.unwrap();
        assert_eq!(refusals.load(Ordering::SeqCst), 2);
        assert_eq!(told(&portal, 1).await.state, State::Sent);
        portal.stop().await;
    });
}

#[test]
fn a_letter_that_was_recorded_is_printed_once_whatever_the_printer_does() {
    run(async {
        let (portal, mut browser, ..) = posted().await;
        refuse(&portal, "mail");
        by_email(&portal, 0).await.unwrap();
        by_letter(&portal, 0).await.unwrap();
        let spool = portal.folder("letters");
        let letter = portal.files("letters", 1).await.remove(0);
        // The process died between the record and the release: the job runs again, also when the person has read meanwhile.
        std::fs::rename(&letter, letter.with_extension("part")).unwrap();
        browser.get(THREAD).await;
        by_letter(&portal, 0).await.unwrap();
        assert!(letter.exists());
        // Another machine took the job over: this one releases what it had prepared when it starts again.
        std::fs::rename(&letter, letter.with_extension("part")).unwrap();
        std::fs::write(spool.join("letter-never-recorded.part"), "x").unwrap();
        springboard::letter::recover(&portal.built.portal.db, &portal.built.spool).await.unwrap();
        assert!(letter.exists() && !spool.join("letter-never-recorded.pdf").exists());
        // The printer took it.
        std::fs::remove_file(&letter).unwrap();
        by_letter(&portal, 0).await.unwrap();
        assert!(!letter.exists());
        portal.stop().await;
    });
}

#[test]
fn a_digest_whose_first_message_was_read_is_not_forgotten_in_quiet_hours() {
    run(async {
        let (portal, mut browser, logon, mut clerk) = posted().await;
        post(&mut clerk, "Second", "text").await;
        let db = &portal.built.portal.db;
        access::set_pace(&logon, &account(), Pace::Hourly, None).run(db).await.unwrap();
        // Both are due later; the first one's job then carries both, and is refused.
        for at in 0..2 {
            by_email(&portal, at).await.unwrap();
        }
        browser.get(THREAD).await;
        portal.clock.advance(Duration::minutes(61));
        refuse(&portal, "mail");
        let this = Try { job: "of a test".into(), number: 1, is_last: false };
        let digest = all::<Alert>(&portal).await.into_iter().find(|job| job.due.is_some()).unwrap();
        let (parts, courier) = (&portal.built.portal, &portal.built.courier);
        jobs::alert(parts, courier, digest.clone(), &this).await.unwrap_err();
        access::set_pace(&logon, &account(), Pace::Hourly, Quiet::new(11, 13)).run(db).await.unwrap();
        jobs::alert(parts, courier, digest, &this).await.unwrap();
        std::fs::remove_file(portal.folder("mail")).unwrap();
        portal.clock.advance(Duration::hours(3));
        let last = all::<Alert>(&portal).await.into_iter().max_by_key(|job| job.due).unwrap();
        jobs::alert(parts, courier, last, &this).await.unwrap();
        assert_eq!(told(&portal, 2).await.state, State::Sent);
        portal.stop().await;
    });
}
