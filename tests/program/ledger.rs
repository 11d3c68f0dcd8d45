//! Money in a browser: a file of entries, an entry by hand, a reversal, and what the holder sees of them.

use crate::{
    look::{employee, look},
    mailboxes::{db, holder, signed_in},
    process::{DatabaseServer, Program, Start},
    validators::Checker,
};

const ENTRIES: &str = "type,number,reference,amount,text,date\n\
    mechanic-school,123456,PAY-1,1000.00,Payment by electronic funds transfer,2026-11-02\n\
    mechanic-school,123456,INV-7,-1025.50,License renewal,2026-11-02\n\
    mechanic-school,99999,INV-8,-25.00,License renewal,2026-11-02\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_moves_by_two_and_the_holder_sees_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    let file = folder.path().join("ledger.csv");
    std::fs::write(&file, ENTRIES).unwrap();
    let database = DatabaseServer::start(&folder.path().join("database")).await;
    let start = Start { data: &data, role: "serve", smtp: None, database: Some(&database) };
    let mut program = Program::start(start).await;
    let url = program.url.clone();
    holder(&url, &db(&database).await, "mechanicschool", "123456").await;
    let checker = Checker::new();
    let (supervisor, administrator) = (employee(&url, "supervisor1000").await, employee(&url, "admin1000").await);

    supervisor.go(&format!("{url}/staff/imports/new")).await;
    supervisor.tick("Ledger entries").await;
    supervisor.attach("File", &file).await;
    supervisor.press("Read it").await;
    supervisor.sees("this account is not on file.").await;
    look(&supervisor, &checker, "ledger import").await;
    administrator.go(&supervisor.place().await).await;
    administrator.tick("Leave out the line with a fault").await;
    administrator.press_anywhere("Apply 2").await;
    administrator.sees("2 of 2 changes are applied.").await;

    let ledger = format!("{url}/staff/accounts/mechanic-school/00-00123456/ledger");
    supervisor.go(&ledger).await;
    supervisor.sees("Reference INV-7").await;
    look(&supervisor, &checker, "ledger of staff").await;
    supervisor.follow("Post an entry").await;
    supervisor.press("Request entry").await;
    supervisor.sees("Select a charge or a credit.").await;
    look(&supervisor, &checker, "post an entry with faults").await;
    supervisor.tick("Charge: lowers the balance").await;
    supervisor.fill("Amount in dollars", "25").await;
    supervisor.fill("Entry", "Returned check fee").await;
    supervisor.fill("Reason", "check 1017").await;
    supervisor.press("Request entry").await;
    supervisor.sees("Another staff member must approve it.").await;
    administrator.go(&format!("{url}/staff/approvals")).await;
    administrator.sees("-$25.00, Returned check fee").await;
    administrator.press_anywhere("Approve").await;
    administrator.sees("Request approved.").await;
    supervisor.go(&format!("{ledger}/3/reverse")).await;
    look(&supervisor, &checker, "reverse an entry").await;

    let person = signed_in(&url, "mechanicschool").await;
    person.sees("-$50.50").await;
    let own = format!("{url}/accounts/mechanic-school/00-00123456");
    person.go(&own).await;
    person.sees("EFT Management").await;
    look(&person, &checker, "account with a ledger").await;
    person.follow("All entries").await;
    person.sees("Entries, newest first").await;
    look(&person, &checker, "ledger of a holder").await;
    person.follow("Monthly statements").await;
    person.sees("(to date)").await;
    look(&person, &checker, "statements").await;
    let first = person.run("arguments[arguments.length - 1](document.querySelector('main li a').href)").await;
    person.go(first.as_str().unwrap()).await;
    person.sees("Opening balance $0.00").await;
    look(&person, &checker, "statement").await;
    checker.check();
    program.stop().await;
}
