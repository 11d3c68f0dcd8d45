//! Notices: everyone is asked to confirm, reminded on chosen days, and what each did can be proved.

use chrono::Duration;
use springboard::mailbox::{notices, receipts, reminders};
use springboard_jobs::{Reminder, Reminders, Try};

use crate::{
    staff::{ACCOUNT, account, holder},
    support::{Portal, run, sign_up},
};

const OWN: &str = "/accounts/mechanic-school/00-00123456/messages/1";

async fn post_notice(portal: &Portal) {
    let mut clerk = portal.clerk().await;
    let page = clerk.get(ACCOUNT).await;
    let fields = [
        ("subject", "New rules"),
        ("body", "From January on."),
        ("confirm-by", "2026-12-04"),
        ("remind", "7"),
        ("remind", "1"),
    ];
    let page = clerk.post_checked(&page, "/messages", &fields).await;
    assert!(page.says("The message was posted."), "{}", page.words());
}

/// Runs the job of the moment so many days before, and those of each person that it enqueues.
async fn remind(portal: &Portal, days: i64) {
    let this = Try { job: format!("job {days}"), number: 1, is_last: false };
    let (parts, courier) = (&portal.built.portal, &portal.built.courier);
    let moments = "SELECT VALUE record::id(id)[0] FROM reminder_due WHERE record::id(id)[4] = $days";
    let at: Vec<i64> = parts.db.raw(moments).bind(("days", days)).await.unwrap().take(0).unwrap();
    let mut job = Some(Reminders { at: at[0], after: None, name: String::new() });
    let mut rounds = 0;
    while let Some(this_job) = job.take() {
        reminders::find(parts, courier, this_job.clone(), &this).await.unwrap();
        rounds += 1;
        // It goes on after the last notice that it found, until there is none.
        let queued = "SELECT VALUE <string> args FROM apalis_task WHERE queue = 'reminders'";
        let tasks: Vec<String> = parts.db.raw(queued).await.unwrap().take(0).unwrap();
        let jobs = tasks.iter().map(|args| serde_json::from_str::<Reminders>(args).unwrap());
        job = jobs.into_iter().find(|next| rounds < 2 && next.at == this_job.at && next.after.is_some());
    }
    assert_eq!(rounds, 2);
    let queued = "SELECT VALUE <string> args FROM apalis_task WHERE queue = 'reminder'";
    let tasks: Vec<String> = parts.db.raw(queued).await.unwrap().take(0).unwrap();
    for (at, args) in tasks.iter().enumerate() {
        let job: Reminder = serde_json::from_str(args).unwrap();
        if job.days == days && job.logon.is_some() {
            let this = Try { job: format!("job {days} {at}"), number: 1, is_last: false };
            notices::remind(parts, courier, job, &this).await.unwrap();
        }
    }
}

#[test]
fn a_notice_is_confirmed_by_each_and_who_never_did_is_known() {
    run(async {
        let portal = Portal::start().await;
        let (mut one, one_id) = holder(&portal, "mechanicschool").await;
        let (mut other, other_id) = holder(&portal, "anotherholder").await;
        post_notice(&portal).await;
        assert!(one.get("/springboard/correspondence").await.says("Notice, to be confirmed by December 4, 2026"));
        let page = one.get(OWN).await;
        assert!(page.says("Please confirm by December 4, 2026"), "{}", page.words());
        let page = one.submit(&page, "/confirm", &[]).await;
        assert!(page.says("You confirmed on November 24, 2026"), "{}", page.words());
        portal.clock.advance(Duration::days(1));
        one.post(&format!("{OWN}/confirm"), &[("token", &page.value("token").unwrap())]).await;
        let found = receipts::of_notice(&portal.built.portal.db, &account(), 1).await.unwrap();
        let of = |logon: &str| found.iter().find(|receipt| receipt.logon == logon).unwrap().clone();
        assert_eq!(of(&one_id).confirmed, of(&one_id).read, "the first time counts");
        assert_eq!((of(&other_id).read, of(&other_id).confirmed), (None, None));

        // Each moment has one job, which finds the notice; who has confirmed is left alone.
        let keys: Vec<String> = portal
            .built
            .portal
            .db
            .raw("SELECT VALUE idempotency_key FROM apalis_task WHERE queue = 'reminders'")
            .await
            .unwrap()
            .take(0)
            .unwrap();
        assert_eq!(keys.len(), 3, "{keys:?}");
        remind(&portal, 1).await;
        let mails = portal.mails_to("anotherholder-alerts@example.com", 1).await;
        assert!(mails[0].contains("Please confirm it by December 4, 2026") && !mails[0].contains("January"));
        other.get(OWN).await;
        portal.clock.advance(Duration::days(12));
        remind(&portal, 0).await;
        remind(&portal, 0).await;
        let found = receipts::of_notice(&portal.built.portal.db, &account(), 1).await.unwrap();
        let missed: Vec<&str> = found.iter().filter(|one| one.missed.is_some()).map(|one| one.logon.as_str()).collect();
        assert_eq!(missed, [other_id.as_str()]);
        let events: Vec<String> = portal
            .built
            .portal
            .db
            .raw("SELECT VALUE who FROM audit WHERE did = 'never confirmed a notice'")
            .await
            .unwrap()
            .take(0)
            .unwrap();
        assert_eq!(events, [other_id], "one event, however often its job runs");
        let mut clerk = portal.clerk().await;
        let page = clerk.get("/staff/accounts/mechanic-school/00-00123456/messages/1").await;
        assert!(page.says("never confirmed"), "{}", page.words());
        let all = std::fs::read_dir(portal.folder("mail")).unwrap().count();
        assert_eq!(all, 1, "nobody else was reminded");
        portal.stop().await;
    });
}

#[test]
fn the_evidence_is_a_pdf_whose_hash_the_audit_holds() {
    use sha2::{Digest, Sha256};
    run(async {
        let portal = Portal::start().await;
        let (mut one, _) = holder(&portal, "mechanicschool").await;
        post_notice(&portal).await;
        let page = one.get(OWN).await;
        one.submit(&page, "/confirm", &[]).await;
        let clerk = portal.clerk().await;
        let path = "/staff/accounts/mechanic-school/00-00123456/messages/1/evidence";
        let answer = clerk.send(reqwest::Method::GET, path, None).await;
        assert_eq!(answer.headers()["content-type"], "application/pdf");
        let pdf = answer.bytes().await.unwrap();
        let file = portal.folder("evidence.pdf");
        std::fs::write(&file, &pdf).unwrap();
        let text =
            std::process::Command::new("pdftotext").args(["-layout".as_ref(), file.as_os_str(), "-".as_ref()]).output();
        let text = String::from_utf8(text.unwrap().stdout).unwrap();
        for said in
            ["Evidence of a notice: New rules", "From January on.", "mechanicschool", "December 4, 2026", "waiting"]
        {
            assert!(text.contains(said), "{said}: {text}");
        }
        let notes: Vec<String> = portal
            .built
            .portal
            .db
            .raw("SELECT VALUE note FROM audit WHERE did = 'made evidence of a notice'")
            .await
            .unwrap()
            .take(0)
            .unwrap();
        assert_eq!(notes, [format!("1 sha256:{}", hex::encode(Sha256::digest(&pdf)))]);
        // Not for people, and not of what is no notice.
        assert_eq!(one.get(path).await.path, "/staff/sign-in");
        let mut stranger = sign_up(&portal, "strangeperson").await;
        let token = stranger.get("/settings").await.value("token").unwrap();
        assert_eq!(stranger.post(&format!("{OWN}/confirm"), &[("token", &token)]).await.status, 404);
        portal.stop().await;
    });
}
