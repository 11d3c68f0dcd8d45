//! The letter room: batches for the printer, what became of their letters, mail that came back, and who may know of it.

use std::{path::Path, process::Command};

use chrono::Duration;
use reqwest::Method;
use springboard::{
    authorization_code::{self, ending, track},
    letter_room::{self, printer},
};
use springboard_jobs::{CodeReminder, CodeReminderKind};

use crate::{
    codes::pdf_text,
    support::{Browser, Page, Portal, code_in, request_code, run, sign_up},
};

const ROOM: &str = "/staff/letters";

async fn until(browser: &mut Browser, path: &str, words: &str) -> Page {
    for _ in 0..1200 {
        let page = browser.get(path).await;
        if page.says(words) {
            return page;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("never {words} on {path}: {}", browser.get(path).await.words());
}

/// A person whose letter waits to be printed.
async fn waiting(portal: &Portal, user_id: &str, number: &str) -> Browser {
    let mut person = sign_up(portal, user_id).await;
    request_code(&mut person, "mechanic-school", number, false).await;
    until(&mut person, "/springboard/submissions", "Letter waits to be printed").await;
    person
}

/// A batch of all that waits, made.
async fn batch(clerk: &mut Browser) -> Page {
    let page = clerk.get(ROOM).await;
    let page = clerk.submit(&page, "/batches", &[]).await;
    until(clerk, &page.path, "State to be printed").await
}

/// When the printer has a batch: its hash comes last, and after the page says that the batch is made.
async fn handed_over(folder: &Path, name: &str) {
    let hash = folder.join(format!("letters-{name}.sha256"));
    for _ in 0..1200 {
        if hash.exists() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("batch {name} never reached the printer");
}

/// Lets one staff member take a batch's letters: they ask, and another approves.
pub async fn ask_to_take(asker: &mut Browser, other: &mut Browser, batch: &str) {
    let page = asker.get(batch).await;
    let page = asker.submit(&page, "/ask", &[]).await;
    assert!(page.says("Another staff member must approve that you take the letters."), "{}", page.words());
    let page = other.get("/staff/approvals").await;
    let page = other.submit(&page, "/approve", &[]).await;
    assert!(page.says("Request approved."), "{}", page.words());
}

fn tool(name: &str, file: &Path) -> String {
    let run = Command::new(name).arg(file).output().unwrap();
    format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr))
}

/// The short codes in a batch's manifest.
fn codes(manifest: &str) -> Vec<String> {
    manifest.lines().skip(1).map(|line| line.split(',').nth(2).unwrap().to_owned()).collect()
}

#[test]
fn a_batch_is_one_pdf_whose_letters_are_tracked_to_their_end() {
    run(async {
        let portal = Portal::with_worker().await;
        let mut person = waiting(&portal, "mechanicschool", "123456").await;
        waiting(&portal, "anotherperson", "123").await;
        let mut clerk = portal.clerk().await;
        assert!(clerk.get(ROOM).await.says("2 letters wait for a batch."));
        let page = batch(&mut clerk).await;
        assert!(page.says("Letters 2") && page.says("Pages 2"), "{}", page.words());

        // What the printer gets: a sound, tagged PDF with its fonts, a manifest, and a hash that is right.
        let name = page.path.rsplit('/').next().unwrap().to_owned();
        let folder = portal.folder("printer");
        handed_over(&folder, &name).await;
        let file = folder.join(format!("letters-{name}.pdf"));
        assert!(tool("pdfinfo", &file).contains("Tagged:          yes"), "{}", tool("pdfinfo", &file));
        let checked = Command::new("qpdf").arg("--check").arg(&file).output().unwrap();
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
        let fonts = tool("pdffonts", &file);
        assert!(fonts.lines().skip(2).all(|font| font.contains(" yes yes ")), "{fonts}");
        let structure = Command::new("pdfinfo").args(["-struct-text".as_ref(), file.as_os_str()]).output().unwrap();
        let structure = String::from_utf8_lossy(&structure.stdout).into_owned();
        // At the beginning of a line: the letters' codes may have these two characters as well.
        let headings = structure.lines().filter(|line| line.trim_start().starts_with("H1 \""));
        assert_eq!(headings.count(), 2, "both letters' tags: {structure}");
        let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&file).unwrap());
        assert_eq!(mode & 0o007, 0, "others of the machine don't read codes: {mode:o}");
        let hash = std::fs::read_to_string(folder.join(format!("letters-{name}.sha256"))).unwrap();
        let own = tool("sha256sum", &file);
        assert_eq!(hash.split_whitespace().next(), own.split_whitespace().next());
        let text = pdf_text(&file);
        assert!(text.contains("MECHANIC SCHOOL") && text.contains("EXAMPLE MECHANIC SCHOOL"), "{text}");
        let manifest = clerk.get(&format!("{}/manifest", page.path)).await.body;
        let codes = codes(&manifest);
        assert_eq!(codes.len(), 2, "{manifest}");
        assert!(
            !manifest.contains("MECHANIC") && !manifest.contains("123456"),
            "nothing that the printer does not need"
        );

        // The square on the letter leads to its answer, and to nothing else.
        let pictures = portal.folder("pictures");
        Command::new("pdftoppm")
            .args(["-r", "150", "-png", "-f", "1", "-l", "1"])
            .arg(&file)
            .arg(&pictures)
            .status()
            .unwrap();
        let picture = std::fs::read_dir(pictures.parent().unwrap()).unwrap().flatten().map(|entry| entry.path());
        let picture = picture.into_iter().find(|path| path.extension().is_some_and(|kind| kind == "png")).unwrap();
        let scanned = Command::new("zbarimg").args(["-q", "--raw"]).arg(&picture).output().unwrap();
        let scanned = String::from_utf8_lossy(&scanned.stdout).trim().to_owned();
        assert_eq!(scanned, format!("{}/letter/{}", portal.url, codes[0]));
        let mut stranger = portal.browser();
        let page = stranger.get(scanned.strip_prefix(&portal.url).unwrap()).await;
        assert!(page.says("sent this letter on November 24, 2026") && !page.says("123456"), "{}", page.words());
        let page = stranger.get("/letter").await;
        let page = stranger.submit(&page, "/letter", &[("code", "abcde fghjk")]).await;
        assert!(page.says("We know of no letter with this code."), "{}", page.words());
        let page = stranger.get("/letter").await;
        let page = stranger.submit(&page, "/letter", &[("code", "abc")]).await;
        assert!(page.status == 422 && page.fault("code").is_some());

        let list = format!("{ROOM}/batches/{name}");
        let page = clerk.get(&list).await;
        clerk.submit(&page, "/printed", &[]).await;
        until(&mut person, "/springboard/submissions", "Letter printed").await;
        portal.clock.advance(Duration::minutes(20));
        let page = clerk.get(&list).await;
        clerk.submit(&page, "/mailed", &[]).await;
        // Five business days over Thanksgiving, which is a holiday with the day after.
        until(&mut person, "/springboard/submissions", "Letter mailed, expected by December 3, 2026").await;
        let submission = person.get("/springboard/submissions").await;
        let submission = person.get(&submission.link("0-000-041-436")).await;
        for words in ["Requested", "Printed", "Mailed", "Expected by", "Expires December 24, 2026"] {
            assert!(submission.says(words), "{words}: {}", submission.words());
        }
        // The codes in plain are gone with the paper.
        until(&mut clerk, &list, "State mailed").await;
        for _ in 0..400 {
            if !portal.folder("batches").join(format!("letters-{name}.pdf")).exists() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        assert!(!portal.folder("batches").join(format!("letters-{name}.pdf")).exists());
        assert!(std::fs::read_dir(portal.folder("letters")).unwrap().next().is_none());

        // One comes back: its code is void, the person is told, the address is in doubt until it is another or right.
        let code = code_in(&text);
        let page = clerk.get(ROOM).await;
        let page = clerk.submit(&page, "/returned", &[("code", &codes[0].to_lowercase())]).await;
        assert!(page.says("is marked as returned") && page.says("Addresses to correct"), "{}", page.words());
        until(&mut person, "/springboard/submissions", "The letter with the code came back").await;
        portal.mails_to("mechanicschool@example.com", 2).await;
        let mails = portal.mails_to("mechanicschool@example.com", 2).await;
        assert!(mails.iter().any(|mail| mail.contains("Our letter to you came back")));
        let form = person.get("/access/add").await;
        let form = person.submit(&form, "/authorization-code", &[("code", &code), ("go", "next")]).await;
        let form = person.submit(&form, "/account-info", &[("number", "123456"), ("go", "next")]).await;
        assert!(form.status == 422 && form.fault("number").is_some(), "{}", form.words());
        let page = clerk.get(ROOM).await;
        let again = clerk.submit(&page, "/returned", &[("code", &codes[0])]).await;
        assert!(again.status == 422 && again.says("was marked as returned already"), "{}", again.words());
        portal.clock.advance(Duration::hours(25));
        let mut person = portal.browser();
        let page = person.get("/sign-in").await;
        person
            .submit(&page, "/sign-in", &[("user-id", "mechanicschool"), ("password", crate::support::PASSWORD)])
            .await;
        let page = person.get("/access/request-code").await;
        let page = person.submit(&page, "/account-type", &[("account-type", "mechanic-school"), ("go", "next")]).await;
        let page = person.submit(&page, "/account-details", &[("number", "123456"), ("go", "next")]).await;
        let page = person.submit(&page, "/email-option", &[("by-email", "no"), ("go", "next")]).await;
        assert!(page.fault("by-email").unwrap().contains("came back"), "{}", page.words());
        let mut clerk = portal.clerk().await;
        let page = clerk.get(ROOM).await;
        let page = clerk.submit(&page, "/addresses/mechanic-school/00-00123456", &[]).await;
        assert!(!page.says("Addresses to correct"), "{}", page.words());
        portal.stop().await;
    });
}

#[test]
fn the_printer_says_what_became_of_a_batch() {
    run(async {
        let portal = Portal::with_worker().await;
        let mut person = waiting(&portal, "mechanicschool", "123456").await;
        let mut clerk = portal.clerk().await;
        let page = batch(&mut clerk).await;
        let name = page.path.rsplit('/').next().unwrap().to_owned();
        let folder = portal.folder("printer");
        handed_over(&folder, &name).await;
        let say = |file: String, text: &str| std::fs::write(folder.join(file), text).unwrap();
        let portal_of = portal.built.portal.clone();
        say(format!("letters-{name}.printed"), "");
        say("letters-nonsense.printed".into(), "");
        assert_eq!(printer::hear(&portal_of).await.unwrap(), 2);
        until(&mut person, "/springboard/submissions", "Letter printed").await;
        say(format!("letters-{name}.mailed"), "");
        assert_eq!(printer::hear(&portal_of).await.unwrap(), 1);
        until(&mut person, "/springboard/submissions", "Letter mailed").await;
        let manifest = std::fs::read_to_string(folder.join(format!("letters-{name}.csv"))).unwrap();
        say("returned-1.txt".into(), &format!("{}\r\nnonsense\r\n", codes(&manifest)[0]));
        assert_eq!(printer::hear(&portal_of).await.unwrap(), 1);
        until(&mut person, "/springboard/submissions", "The letter with the code came back").await;
        assert_eq!(printer::hear(&portal_of).await.unwrap(), 0, "what was read is put aside");
        portal.stop().await;
    });
}

#[test]
fn a_letter_is_printed_again_only_when_somebody_asks() {
    run(async {
        let portal = Portal::with_worker().await;
        waiting(&portal, "mechanicschool", "123456").await;
        let mut clerk = portal.clerk().await;
        let page = batch(&mut clerk).await;
        let (first, name) = (page.path.clone(), page.path.rsplit('/').next().unwrap().to_owned());
        assert!(clerk.get(ROOM).await.says("No letter waits."));
        let page = clerk.submit(&page, "/again", &[]).await;
        assert!(page.path.starts_with(&first) && page.says("handed over once more"), "{}", page.words());
        let page = clerk.submit(&page, "/reprint", &[]).await;
        assert!(page.says("1 letter waits for a batch."), "{}", page.words());
        let page = batch(&mut clerk).await;
        assert!(page.path.ends_with("-2") && page.says("Letters 1"), "{}", page.words());
        let mut auditor = portal.staff("auditor1000").await;
        let trail = auditor.get("/staff/audit").await;
        assert!(trail.did("had a letter printed again") && trail.did("handed a batch over again"));
        assert!(!trail.did("took a batch of letters"));
        let pdf = format!("{first}/pdf");
        assert_eq!(clerk.send(Method::GET, &pdf, None).await.status(), 403, "nobody takes letters alone");
        let mut supervisor = portal.staff("supervisor1000").await;
        ask_to_take(&mut clerk, &mut supervisor, &first).await;
        assert_eq!(supervisor.send(Method::GET, &pdf, None).await.status(), 403, "it was approved for another");
        assert_eq!(clerk.send(Method::GET, &pdf, None).await.status(), 200);
        portal.clock.advance(Duration::hours(24));
        let clerk = portal.clerk().await;
        assert_eq!(clerk.send(Method::GET, &pdf, None).await.status(), 403, "an approval is for a day");
        let mut auditor = portal.staff("auditor1000").await;
        assert!(auditor.get("/staff/audit").await.did("took a batch of letters"), "{name}");
        portal.stop().await;
    });
}

#[test]
fn batches_are_made_in_the_morning_of_business_days() {
    run(async {
        let portal = Portal::start().await;
        let db = &portal.built.portal.db;
        let put = "CREATE letter:one SET kind = 'dealer', number = '0000001005', file = 'one.pdf', spooled = time::now(), stage = 'spooled', rank = 1";
        db.raw(put).await.unwrap();
        let count = async || -> Vec<String> {
            db.raw("SELECT VALUE record::id(id) FROM batch ORDER BY id").await.unwrap().take(0).unwrap()
        };
        // Tuesday at ten; Thanksgiving and the day after; Saturday; Monday at seven, and at eight.
        let hours = [(0, 1), (48, 1), (72, 1), (96, 1), (141, 1), (142, 2)];
        let begin = portal.clock.now();
        for (hour, expected) in hours {
            portal.clock.advance(begin + Duration::hours(hour) - portal.clock.now());
            letter_room::jobs::in_the_morning(&portal.built.portal).await.unwrap();
            letter_room::jobs::in_the_morning(&portal.built.portal).await.unwrap();
            assert_eq!(count().await.len(), expected, "after {hour} hours: {:?}", count().await);
        }
        assert_eq!(count().await, ["2026-11-24-1", "2026-11-30-1"]);
        portal.stop().await;
    });
}

#[test]
fn staff_follow_each_code_make_it_void_or_send_another_and_read_none() {
    run(async {
        let portal = Portal::with_worker().await;
        let mut person = sign_up(&portal, "mechanicschool").await;
        request_code(&mut person, "mechanic-school", "123456", true).await;
        let mail = portal.mails_to("email@email.com", 1).await.remove(0);
        until(&mut person, "/springboard/submissions", "Code e-mailed").await;
        let code = code_in(&mail);
        let mut clerk = portal.clerk().await;
        let other = clerk.get("/staff/codes?kind=dealer&number=1005").await;
        assert!(other.says("There are none.") && other.says("Of Dealer 00-00001005 only."), "{}", other.words());
        let own = clerk.get("/staff/accounts/mechanic-school/00-00123456").await;
        let own = clerk.get(&own.link("All codes of this account")).await;
        assert!(own.body.contains("/staff/codes/0") && own.says("00-00123456"), "{}", own.words());
        let page = clerk.get("/staff/codes?state=may+be+used").await;
        assert!(page.body.contains("<td data-label=\"State\">may be used</td>"), "{}", page.words());
        let open = page.body.split("/staff/codes/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let page = clerk.get(&format!("/staff/codes/{open}")).await;
        assert!(page.says("E-mailed") && page.says("Expires"), "{}", page.words());
        assert!(!page.body.contains(&code) && !page.body.contains(&code.replace(' ', "")));
        let page = clerk.submit(&page, "/void", &[("reason", "")]).await;
        assert!(page.status == 422 && page.fault("reason").is_some());
        let page = clerk.submit(&page, "/void", &[("reason", "asked by telephone")]).await;
        assert!(page.says("State void"), "{}", page.words());
        until(&mut person, "/springboard/submissions", "Void: the agency withdrew it").await;
        let page = clerk.submit(&page, "/again", &[("by", "letter")]).await;
        assert!(page.body.contains("<td data-label=\"Sent\">by letter</td>"), "{}", page.words());
        until(&mut person, "/springboard/submissions", "Letter waits to be printed").await;
        let list = clerk.get("/staff/codes/export").await.body;
        assert_eq!(list.lines().count(), 3, "{list}");
        for number in 0..3 {
            let page = clerk.get("/staff/codes").await;
            let open = page.body.split("/staff/codes/").nth(1).unwrap().split('"').next().unwrap().to_owned();
            let page = clerk.get(&format!("/staff/codes/{open}")).await;
            let page = clerk.submit(&page, "/again", &[("by", "letter")]).await;
            assert_eq!(
                page.status == 422,
                number == 2,
                "the agency's own cap holds for staff as well: {}",
                page.words()
            );
        }
        portal.stop().await;
    });
}

#[test]
fn people_are_reminded_of_a_letter_and_told_before_its_code_expires() {
    run(async {
        let portal = Portal::with_worker().await;
        let mut person = waiting(&portal, "mechanicschool", "123456").await;
        let mut clerk = portal.clerk().await;
        let page = batch(&mut clerk).await;
        clerk.submit(&page, "/mailed", &[]).await;
        until(&mut person, "/springboard/submissions", "Letter mailed").await;
        let db = &portal.built.portal.db;
        let queued = "SELECT VALUE <string> args FROM apalis_task WHERE queue = 'code reminder' ORDER BY id";
        let tasks: Vec<String> = db.raw(queued).await.unwrap().take(0).unwrap();
        let mut jobs: Vec<CodeReminder> = tasks.iter().map(|task| serde_json::from_str(task).unwrap()).collect();
        jobs.sort_by_key(|job| job.due);
        let begin = portal.clock.now();
        let days: Vec<i64> = jobs.iter().map(|job| (job.due - begin.timestamp()) / 86_400).collect();
        assert_eq!((days, jobs[0].kind), (vec![14, 27], CodeReminderKind::Unused));
        let tell = async |job: &CodeReminder| {
            let this = springboard_jobs::Try { job: format!("test-{}", job.due), number: 1, is_last: false };
            authorization_code::reminders::remind(&portal.built.portal, &portal.built.courier, job.clone(), &this)
                .await
                .unwrap();
        };
        portal.clock.advance(Duration::days(14));
        tell(&jobs[0]).await;
        let mails = portal.mails_to("mechanicschool@example.com", 2).await;
        assert!(mails.iter().any(|mail| mail.contains("It is good until December 24, 2026")), "{mails:?}");
        portal.clock.advance(Duration::days(13));
        tell(&jobs[1]).await;
        portal.mails_to("mechanicschool@example.com", 3).await;
        portal.clock.advance(Duration::days(4));
        ending::expire(db, portal.clock.now()).await.unwrap();
        let code = track::find(db, &jobs[0].code).await.unwrap().unwrap();
        assert_eq!(code.state, track::State::Expired);
        tell(&jobs[1]).await;
        assert_eq!(portal.mails_to("mechanicschool@example.com", 3).await.len(), 3, "nobody is told of what is over");
        portal.stop().await;
    });
}

#[test]
fn a_batch_whose_job_was_given_up_is_tried_again() {
    run(async {
        let mut portal = Portal::with_worker().await;
        waiting(&portal, "mechanicschool", "123456").await;
        let mut clerk = portal.clerk().await;
        portal.stop_worker().await;
        let page = clerk.get(ROOM).await;
        let page = clerk.submit(&page, "/batches", &[]).await;
        assert!(page.says("Its letters are gathered."), "{}", page.words());
        // Its one job is over, as after a last try.
        let over = "DELETE apalis_task WHERE queue = 'batch'; DELETE apalis_key WHERE record::id(id)[0] = 'batch'";
        portal.built.portal.db.raw(over).await.unwrap();
        let page = clerk.submit(&page, "/retry", &[]).await;
        portal.start_worker();
        let page = until(&mut clerk, &page.path, "State to be printed").await;
        assert!(page.says("Letters 1"), "{}", page.words());
        portal.stop().await;
    });
}
