//! The registry: accounts found as one types; files read, compared, shown and applied.

use springboard::{
    account::{self, Status},
    registry::{self, State},
    words::{AccountId, AccountNumber, ImportId},
};
use springboard_jobs::Import as Work;

use crate::{
    staff::{account as slides_account, holder},
    support::{Browser, Page, Portal, run, sign_up},
};

const HEADING: &str = "type,number,name,address_1,address_2,email,status\n";

pub async fn bring(browser: &mut Browser, text: &str, fields: &[(&str, &str)]) -> Page {
    let page = browser.get("/staff/imports/new").await;
    let fields = [&[("subject", "accounts")], fields].concat();
    browser.upload(&page, "/imports", &fields, &[("accounts.csv", text.as_bytes())]).await
}

/// Applies a file that somebody else brought, as it takes two.
pub async fn apply(portal: &Portal, path: &str, fields: &[(&str, &str)]) -> Page {
    let mut other = portal.staff("admin1000").await;
    let page = other.get(path).await;
    other.submit(&page, "/apply", fields).await
}

fn id(page: &Page) -> ImportId {
    ImportId::known(page.path.rsplit_once('/').unwrap().1)
}

/// Runs the job that was enqueued last.
pub async fn work(portal: &Portal) {
    let queued = "SELECT VALUE <string> args FROM apalis_task WHERE queue = 'import' ORDER BY id";
    let tasks: Vec<String> = portal.built.portal.db.raw(queued).await.unwrap().take(0).unwrap();
    for task in tasks {
        let job: Work = serde_json::from_str(&task).unwrap();
        registry::jobs::work(&portal.built.portal, job).await.unwrap();
    }
}

async fn on_file(portal: &Portal, kind: &str, number: &str) -> Option<account::Account> {
    let id = AccountId::new(kind, AccountNumber::parse(number).unwrap());
    account::on_file(&portal.built.portal.db, &id).await.unwrap()
}

pub async fn found(browser: &mut Browser, query: &str) -> Vec<String> {
    let page = browser.get(&format!("/staff/find?{query}")).await;
    let rows = page.body.split("/staff/accounts/").skip(1);
    rows.map(|row| row.split('"').next().unwrap().to_owned()).collect()
}

#[test]
fn a_file_is_read_shown_and_applied_and_the_same_one_changes_nothing() {
    run(async {
        let portal = Portal::start().await;
        let mut supervisor = portal.staff("supervisor1000").await;
        let (mut person, _) = holder(&portal, "mechanicschool").await;
        assert!(person.get("/springboard").await.says("MECHANIC SCHOOL"));
        let text = format!(
            "{HEADING}Mechanic School,123456,RENAMED SCHOOL,100 SAMPLE ST,LANSING MI 48901,new@record.example,\n\
             mechanic-school,123,EXAMPLE MECHANIC SCHOOL,123 EXAMPLE AVE,LANSING MI 48901,email@email.com,active\n\
             mechanic-school,777,NEW SCHOOL,7 NEW ST,FLINT MI 48502,,\n\
             mechanic-school,888,OLD SCHOOL,8 OLD ST,FLINT MI 48502,,closed\n"
        );
        let page = bring(&mut supervisor, &text, &[]).await;
        assert!(page.says("The file is being read"), "{}", page.words());
        work(&portal).await;
        let page = supervisor.get(&page.path).await;
        for words in ["New accounts 2", "Changed accounts 1", "The same as on file 1", "On file and not in this file 0"]
        {
            assert!(page.says(words), "{words} in {}", page.words());
        }
        assert!(
            page.says("RENAMED SCHOOL") && !page.says("100 SAMPLE ST"),
            "only what differs is shown: {}",
            page.words()
        );
        assert!(on_file(&portal, "mechanic-school", "777").await.is_none(), "nothing is changed yet");
        let list = supervisor.get(&format!("{}/changes", page.path)).await.body;
        assert!(list.contains("changed,mechanic-school,0000123456,MECHANIC SCHOOL,"), "{list}");
        assert!(page.says("Another supervisor must apply this file."), "{}", page.words());
        let token = page.value("token").unwrap();
        let own = supervisor.post(&format!("{}/apply", page.path), &[("token", &token)]).await;
        assert_eq!(own.status, 403, "nobody applies a file of their own");
        let page = apply(&portal, &page.path, &[]).await;
        assert!(page.says("being applied"), "{}", page.words());
        work(&portal).await;
        let page = supervisor.get(&page.path).await;
        assert!(page.says("applied, since") && page.says("3 of 3 changes are applied."), "{}", page.words());
        let renamed = on_file(&portal, "mechanic-school", "123456").await.unwrap();
        assert_eq!(
            (renamed.name.as_str(), renamed.email.unwrap().to_string().as_str()),
            ("RENAMED SCHOOL", "new@record.example")
        );
        assert_eq!(on_file(&portal, "mechanic-school", "888").await.unwrap().status, Status::Closed);
        portal.built.desk.changed(&crate::staff::logon_of(&portal, "mechanicschool").await);
        assert!(person.get("/springboard").await.says("RENAMED SCHOOL"), "who has access sees it");

        let page = bring(&mut supervisor, &text, &[]).await;
        work(&portal).await;
        let page = supervisor.get(&page.path).await;
        assert!(page.says("The same as on file 4") && page.says("Nothing is different"), "{}", page.words());
        assert!(!page.body.contains("/apply\""), "there is nothing to apply");
        portal.stop().await;
    });
}

/// A workbook with these rows of texts, and this beside them.
fn workbook(rows: &[&[&str]], shared: &str) -> Vec<u8> {
    let cell = |row: usize, column: char, text: &str| {
        format!("<c r=\"{column}{row}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
    };
    let row = |(at, cells): (usize, &&[&str])| {
        let cells = cells.iter().zip('A'..).map(|(text, column)| cell(at + 1, column, text));
        format!("<row r=\"{}\">{}</row>", at + 1, cells.collect::<String>())
    };
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relations = |inner: &str| {
        format!(
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{inner}</Relationships>"
        )
    };
    let relation = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"{office}/{kind}\" Target=\"{target}\"/>")
    };
    let main = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
    let inner = relation("a", "worksheet", "sheet.xml") + &relation("b", "sharedStrings", "sharedStrings.xml");
    let sheet = "<sheet name=\"Accounts\" sheetId=\"1\" r:id=\"a\"/>";
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in [
        ("_rels/.rels", relations(&relation("r", "officeDocument", "xl/workbook.xml"))),
        ("xl/_rels/workbook.xml.rels", relations(&inner)),
        ("xl/workbook.xml", format!("<workbook {main} xmlns:r=\"{office}\"><sheets>{sheet}</sheets></workbook>")),
        ("xl/sharedStrings.xml", format!("<sst {main} {shared}></sst>")),
        (
            "xl/sheet.xml",
            format!(
                "<worksheet {main}><sheetData>{}</sheetData></worksheet>",
                rows.iter().enumerate().map(row).collect::<String>()
            ),
        ),
    ] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut zip, text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_workbook_is_read_and_one_that_asks_for_too_much_is_refused() {
    run(async {
        let portal = Portal::start().await;
        let mut supervisor = portal.staff("supervisor1000").await;
        let rows: [&[&str]; 3] = [
            &["Type", "Number", "Name"],
            &["mechanic-school", "777", "NEW SCHOOL"],
            &["mechanic-school", "778", "#N/A"],
        ];
        let mut bring = async |name: &str, bytes: &[u8]| {
            let page = supervisor.get("/staff/imports/new").await;
            let page = supervisor.upload(&page, "/imports", &[("subject", "accounts")], &[(name, bytes)]).await;
            work(&portal).await;
            supervisor.get(&page.path).await
        };
        let page = bring("accounts.xlsx", &workbook(&rows, "count=\"0\"")).await;
        assert!(
            page.says("New accounts 1") && page.says("3 Column name: the spreadsheet could not"),
            "{}",
            page.words()
        );
        // The program that reads it would take 240 GB at once: another process, not the portal, is ended for it.
        let page = bring("bomb.xlsx", &workbook(&rows, "uniqueCount=\"10000000000\"")).await;
        assert!(page.says("The workbook is too large to read."), "{}", page.words());
        let page = bring("broken.xlsx", b"PK\x03\x04 and nothing else").await;
        assert!(page.says("The workbook can't be read"), "{}", page.words());
        portal.stop().await;
    });
}

#[test]
fn what_is_printed_and_mailed_is_looked_at_when_it_comes() {
    run(async {
        let portal = Portal::start().await;
        let mut supervisor = portal.staff("supervisor1000").await;
        let long = "WORD ".repeat(19);
        let text = format!(
            "type,number,name,address_1,address_2,address_3,email\n\
             mechanic-school,\u{2212}00\u{200E}777\u{FE63},A\u{AD}DDRESS\u{202E},1 MAIN ST,LANSING MI 48901,,\u{200B}pat@exam\u{AD}ple.com\n\
             mechanic-school,778,\u{3164}\u{200B},1 MAIN ST,,,\n\
             mechanic-school,779,TOO LONG,{long},{long},{long},\n\
             mechanic-school,780,NO MAIL,1 MAIN ST,,,pat\u{A0}x@example.com\n"
        );
        let page = bring(&mut supervisor, &text, &[]).await;
        work(&portal).await;
        let page = supervisor.get(&page.path).await;
        for words in
            ["New accounts 1", "3 Column name: ", "4 Columns name and address_1 to address_4: ", "5 Column email: "]
        {
            assert!(page.says(words), "{words}: {}", page.words());
        }
        apply(&portal, &page.path, &[("without", "yes")]).await;
        work(&portal).await;
        let account = on_file(&portal, "mechanic-school", "777").await.unwrap();
        assert_eq!((account.name.as_str(), account.email.unwrap().as_str()), ("ADDRESS", "pat@example.com"));
        portal.stop().await;
    });
}

#[test]
fn an_account_whose_line_has_a_fault_is_not_gone() {
    run(async {
        let portal = Portal::start().await;
        let mut supervisor = portal.staff("supervisor1000").await;
        let heading = "type,number,name,email\n";
        let good = "mechanic-school,123,EXAMPLE MECHANIC SCHOOL,email@email.com\n";
        // Its account is known, and stays as it is.
        let text = format!("{heading}{good}mechanic-school,123456,MECHANIC SCHOOL,not an address\n");
        let page = bring(&mut supervisor, &text, &[("close-gone", "yes")]).await;
        work(&portal).await;
        let page = supervisor.get(&page.path).await;
        assert!(page.says("On file and not in this file 0") && page.says("not an address"), "{}", page.words());
        // Of this line nobody knows whose it is: nothing is closed.
        let text = format!("{heading}{good}mechanic-school,12345G,MECHANIC SCHOOL,\n");
        let page = bring(&mut supervisor, &text, &[("close-gone", "yes")]).await;
        work(&portal).await;
        let page = supervisor.get(&page.path).await;
        assert!(page.says("On file and not in this file 0"), "{}", page.words());
        assert!(page.says("none while a line does not say which account it is of"), "{}", page.words());
        portal.stop().await;
    });
}

#[test]
fn what_was_handed_out_can_be_brought_again_and_changes_nothing() {
    run(async {
        let portal = Portal::start().await;
        let mut supervisor = portal.staff("supervisor1000").await;
        let names = ["@HOME AUTO", "+1 MOTORS", "-A- TOWING", "=EQUAL", "NGUYỄN \"AUTO\", INC", "O’HARA; SONS"];
        let line = |(at, name): (usize, &&str)| format!("dealer;{};\"{}\"\r\n", 3000 + at, name.replace('"', "\"\""));
        let text = format!("type;number;name\r\n{}", names.iter().enumerate().map(line).collect::<String>());
        let page = bring(&mut supervisor, &text, &[]).await;
        work(&portal).await;
        apply(&portal, &page.path, &[]).await;
        work(&portal).await;
        for (at, name) in names.iter().enumerate() {
            assert_eq!(on_file(&portal, "dealer", &(3000 + at).to_string()).await.unwrap().name, *name);
        }
        let handed_out = supervisor.get("/staff/imports/accounts").await.body;
        assert!(handed_out.starts_with("\u{FEFF}type,number"), "Excel reads it as it is: {}", &handed_out[..40]);
        let page = bring(&mut supervisor, &handed_out, &[]).await;
        work(&portal).await;
        let page = supervisor.get(&page.path).await;
        assert!(page.says("Nothing is different") && page.says("New accounts 0"), "{}", page.words());
        portal.stop().await;
    });
}

#[test]
fn what_is_gone_is_closed_only_if_that_was_asked_for_and_of_the_files_types() {
    run(async {
        let portal = Portal::start().await;
        let mut supervisor = portal.staff("supervisor1000").await;
        let text = format!(
            "{HEADING}mechanic-school,123,EXAMPLE MECHANIC SCHOOL,123 EXAMPLE AVE,LANSING MI 48901,email@email.com,\n"
        );
        for close in [false, true] {
            let fields: &[(&str, &str)] = if close { &[("close-gone", "yes")] } else { &[] };
            let page = bring(&mut supervisor, &text, fields).await;
            work(&portal).await;
            let page = supervisor.get(&page.path).await;
            assert!(page.says("On file and not in this file 1"), "{}", page.words());
            if close {
                apply(&portal, &page.path, &[]).await;
                work(&portal).await;
            } else {
                assert!(!page.body.contains("/apply\""));
            }
            let expected = if close { Status::Closed } else { Status::Active };
            assert_eq!(on_file(&portal, "mechanic-school", "123456").await.unwrap().status, expected);
        }
        assert_eq!(on_file(&portal, "dealer", "1005").await.unwrap().status, Status::Active, "another type");
        // A closed account is nobody's any more, and staff still find it.
        assert!(account::find(&portal.built.portal.db, &slides_account()).await.unwrap().is_none());
        let page = supervisor.get("/staff/accounts/mechanic-school/123456").await;
        assert!(page.says("closed") && !page.says("Post a message"), "{}", page.words());
        portal.stop().await;
    });
}

#[test]
fn faults_are_told_line_by_line_and_left_out_only_on_request() {
    run(async {
        let portal = Portal::start().await;
        let mut supervisor = portal.staff("supervisor1000").await;
        let text = format!(
            "{HEADING}dealer,9001,GOOD,1 A ST,FLINT MI 48502,,\nboat,2,BAD,,,,\ndealer,9001,AGAIN,,,,\ndealer,9002,\"=EVIL\",,,,\n"
        );
        let page = bring(&mut supervisor, &text, &[]).await;
        work(&portal).await;
        let page = supervisor.get(&page.path).await;
        assert!(
            page.says("Lines that can't be read 2") || page.says("Lines that can&#39;t be read 2"),
            "{}",
            page.words()
        );
        assert!(
            page.says("there is no account type “boat”.") && page.says("this account is on line 2 as well."),
            "{}",
            page.words()
        );
        let list = supervisor.get(&format!("{}/faults", page.path)).await.body;
        assert_eq!(list.lines().count(), 3, "{list}");
        let list = supervisor.get(&format!("{}/changes", page.path)).await.body;
        assert!(list.contains(",'=EVIL,"), "no formula: {list}");
        let again = apply(&portal, &page.path, &[]).await;
        assert!(again.status == 422 && again.fault("without").is_some(), "{}", again.words());
        apply(&portal, &page.path, &[("without", "yes")]).await;
        work(&portal).await;
        assert!(on_file(&portal, "dealer", "9001").await.is_some_and(|account| account.name == "GOOD"));

        let page = bring(&mut supervisor, "colour\nred\n", &[]).await;
        work(&portal).await;
        assert!(supervisor.get(&page.path).await.says("There is no column colour"));
        let page = supervisor.get("/staff/imports/new").await;
        let page = supervisor.upload(&page, "/imports", &[("close-gone", "yes")], &[]).await;
        assert!(
            page.status == 422
                && page.fault("file").is_some()
                && page.fault("subject").is_some()
                && page.body.contains("checked"),
            "{}",
            page.words()
        );
        portal.stop().await;
    });
}

#[test]
fn one_that_was_overtaken_or_cancelled_changes_nothing() {
    run(async {
        let portal = Portal::start().await;
        let mut supervisor = portal.staff("supervisor1000").await;
        let one = bring(&mut supervisor, &format!("{HEADING}dealer,9001,ONE,,,,\n"), &[]).await;
        let other = bring(&mut supervisor, &format!("{HEADING}dealer,9001,OTHER,,,,\n"), &[]).await;
        let third = bring(&mut supervisor, &format!("{HEADING}dealer,9002,THIRD,,,,\n"), &[]).await;
        work(&portal).await;
        apply(&portal, &one.path, &[]).await;
        work(&portal).await;
        let page = apply(&portal, &other.path, &[]).await;
        assert!(page.status == 422 && page.says("Another file was applied since"), "{}", page.words());
        let page = supervisor.get(&third.path).await;
        let page = supervisor.submit(&page, "/cancel", &[]).await;
        assert!(page.says("cancelled, since"), "{}", page.words());
        work(&portal).await;
        assert_eq!(on_file(&portal, "dealer", "9001").await.unwrap().name, "ONE");
        assert!(on_file(&portal, "dealer", "9002").await.is_none());
        let import = registry::queries::find(&portal.built.portal.db, &id(&third)).await.unwrap().unwrap();
        assert_eq!((import.state, import.applied), (State::Cancelled, 0));
        portal.stop().await;
    });
}

const ENTRIES: &str = "type,number,reference,amount,text,date\n";

/// Brings a file of ledger entries, and reads it.
async fn bring_entries(portal: &Portal, browser: &mut Browser, text: &str) -> Page {
    let page = browser.get("/staff/imports/new").await;
    let page = browser.upload(&page, "/imports", &[("subject", "ledger")], &[("ledger.csv", text.as_bytes())]).await;
    work(portal).await;
    browser.get(&page.path).await
}

#[test]
fn ledger_entries_are_posted_once_by_another_staff_member() {
    run(async {
        let portal = Portal::start().await;
        let mut supervisor = portal.staff("supervisor1000").await;
        let (mut person, _) = holder(&portal, "mechanicschool").await;
        let text = format!(
            "{ENTRIES}Mechanic School,123456,INV-1,-1025.50,License renewal,2026-11-02\n\
             mechanic-school,123456,PAY-1,\"1,000.00\",Payment,\n\
             mechanic-school,123456,INV-1,-5,Again,\n\
             dealer,99999,INV-1,-5,Nobody,\n\
             dealer,1005,INV-2,5.555,Fraction,\n"
        );
        let page = bring_entries(&portal, &mut supervisor, &text).await;
        for words in
            ["New entries 2", "can't be posted 3", "this account is not on file.", "INV-1", "-$1,025.50", "2026-11-02"]
        {
            assert!(page.says(words), "{words} in {}", page.words());
        }
        assert!(page.says("this account has the same one on line") && page.says("Another supervisor must apply"));
        let own = supervisor.post(&format!("{}/apply", page.path), &[("token", &page.value("token").unwrap())]).await;
        assert_eq!(own.status, 403, "nobody applies a file of their own");
        let again = apply(&portal, &page.path, &[]).await;
        assert!(again.status == 422 && again.fault("without").is_some(), "{}", again.words());
        let before = on_file(&portal, "mechanic-school", "123456").await.unwrap().balance;
        assert_eq!(before.0, 0, "nothing is posted yet");
        apply(&portal, &page.path, &[("without", "yes")]).await;
        work(&portal).await;
        assert!(supervisor.get(&page.path).await.says("2 of 2 changes are applied."));
        let shown = person.get("/accounts/mechanic-school/123456/ledger").await;
        assert!(shown.says("-$25.50") && shown.says("Reference PAY-1") && shown.says("License renewal"));

        // The same file, and one that would change what was posted.
        let page = bring_entries(&portal, &mut supervisor, &text).await;
        assert!(page.says("New entries 0") && page.says("On the ledger already 2"), "{}", page.words());
        let page = bring_entries(&portal, &mut supervisor, &text.replace("1025.50", "1")).await;
        assert!(page.says("is on the ledger with other details: -$1,025.50, License renewal."), "{}", page.words());
        let balance = on_file(&portal, "mechanic-school", "123456").await.unwrap().balance;
        assert_eq!(balance.0, -2550);
        portal.stop().await;
    });
}

#[test]
fn one_file_of_entries_is_applied_at_a_time_and_a_worker_that_ended_goes_on() {
    run(async {
        let portal = Portal::start().await;
        let mut supervisor = portal.staff("supervisor1000").await;
        let mut text = ENTRIES.to_owned();
        for number in 1..=1100 {
            text += &format!("dealer,1005,FEE-{number},-0.01,Fee {number},\n");
        }
        let one = bring_entries(&portal, &mut supervisor, &text).await;
        let other = bring_entries(&portal, &mut supervisor, &text.replace("FEE-7,-0.01", "FEE-7,-99")).await;
        let gone = bring_entries(&portal, &mut supervisor, &text).await;
        assert!(one.says("New entries 1100") && other.says("New entries 1100"), "{}", other.words());
        let before = on_file(&portal, "dealer", "1005").await.unwrap().balance.0;
        let page = apply(&portal, &one.path, &[]).await;
        assert!(page.says("being applied"), "{}", page.words());
        // What the other one says was compared with ledgers that are others by now.
        assert!(apply(&portal, &other.path, &[]).await.says("Another file was applied"));
        let db = &portal.built.portal.db;
        let mut import = registry::queries::find(db, &id(&one)).await.unwrap().unwrap();
        import.offset = 17;
        let late = registry::queries::advance(&import, 18, 1, portal.clock.now()).run(db).await;
        assert!(late.err().is_some_and(|fault| fault.is_refusal(registry::queries::STALE)));
        work(&portal).await;
        let import = registry::queries::find(db, &id(&one)).await.unwrap().unwrap();
        assert_eq!((import.applied, import.state), (1100, State::Applied));
        assert!(apply(&portal, &other.path, &[]).await.says("Another file was applied"));
        assert_eq!(on_file(&portal, "dealer", "1005").await.unwrap().balance.0, before - 1100);
        let list = supervisor.get(&format!("{}/changes", one.path)).await.body;
        assert!(list.contains("dealer,00-00001005,FEE-1100,-0.01,Fee 1100,"), "{}", &list[..200]);
        // Its files were swept: it says so, and does not begin.
        std::fs::remove_dir_all(portal.built.portal.data.join("imports").join(id(&gone).as_str())).unwrap();
        assert!(apply(&portal, &gone.path, &[]).await.says("The file was deleted"));
        portal.stop().await;
    });
}

/// A large file in parts: a worker that ends between two is followed by one that goes on.
#[test]
fn applying_goes_on_where_it_was_and_changes_are_found_at_once() {
    run(async {
        let portal = Portal::start().await;
        let mut supervisor = portal.staff("supervisor1000").await;
        let mut text = HEADING.to_owned();
        for number in (1..=1300).rev() {
            text += &format!(
                "dealer,{},MOTOR WORLD {number},{number} MAIN ST,SAGINAW MI 48607,dealer{number}@motor.example,\n",
                20_000 + number
            );
        }
        let page = bring(&mut supervisor, &text, &[]).await;
        work(&portal).await;
        let page = supervisor.get(&page.path).await;
        apply(&portal, &page.path, &[]).await;
        let mut import = registry::queries::find(&portal.built.portal.db, &id(&page)).await.unwrap().unwrap();
        assert_eq!((import.fresh, import.state), (1300, State::Applying));
        // One that thinks it is where another has been changes nothing.
        import.offset = 17;
        let late = registry::queries::advance(&import, 18, 1, portal.clock.now()).run(&portal.built.portal.db).await;
        assert!(late.err().is_some_and(|fault| fault.is_refusal(registry::queries::STALE)));
        work(&portal).await;
        let import = registry::queries::find(&portal.built.portal.db, &id(&page)).await.unwrap().unwrap();
        assert_eq!((import.applied, import.state), (1300, State::Applied));

        let mut clerk = portal.clerk().await;
        assert_eq!(found(&mut clerk, "q=motor+world+130").await.len(), 2, "130 and 1300");
        assert_eq!(found(&mut clerk, "q=20007").await, ["dealer/00-00020007"]);
        assert_eq!(found(&mut clerk, "q=00-00020007&kind=dealer").await, ["dealer/00-00020007"]);
        assert_eq!(found(&mut clerk, "q=dealer77@mot").await, ["dealer/00-00020077"]);
        assert_eq!(found(&mut clerk, "q=48607").await.len(), 20);
        assert_eq!(found(&mut clerk, "q=48607&kind=mechanic-school").await.len(), 0);
        assert_eq!(found(&mut clerk, "q=schoo&kind=mechanic-school").await.len(), 2, "a word within the name");
        assert_eq!(found(&mut clerk, "kind=mechanic-school").await.len(), 2);
        assert!(clerk.get("/staff?q=motor+world+7").await.says("MOTOR WORLD 7"), "without a script as well");
        let mut person = sign_up(&portal, "strangeperson").await;
        assert!(person.get("/staff/find?q=motor").await.path.starts_with("/staff/sign-in"));
        portal.stop().await;
    });
}

#[test]
fn what_is_taken_away_can_be_brought_again() {
    run(async {
        let portal = Portal::start().await;
        let mut supervisor = portal.staff("supervisor1000").await;
        let list = supervisor.get("/staff/imports/accounts").await.body;
        assert!(list.contains("dealer,00-00001005,EXAMPLE MOTORS,") && list.lines().count() > 15, "{list}");
        let page = bring(&mut supervisor, &list, &[]).await;
        work(&portal).await;
        let page = supervisor.get(&page.path).await;
        assert!(
            page.says("Nothing is different from what is on file.") && page.says("Lines that can't be read 0"),
            "{}",
            page.words()
        );
        portal.stop().await;
    });
}
