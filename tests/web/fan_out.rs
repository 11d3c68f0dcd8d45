//! A message to an account that very many have access to: it is there at once, and a job brings it to each of them, once.

use springboard::{
    db::Db,
    mailbox::{fan_out, holders, lists, queries},
    words::AccountId,
};
use springboard_jobs::{Alerts, FanOut};

use crate::{
    otherwise::all,
    staff::{account, from_staff, holder},
    support::{Portal, run},
};

const MANY: i64 = 1_203;

/// So many who have access to the account, beside those of a test.
async fn crowd(db: &Db, account: &AccountId) {
    let put = "INSERT INTO access array::range(0..$many).map(|$n: int| {
            id: [$kind, $number, 'crowd' + <string> (10000 + $n)], logon: 'crowd' + <string> (10000 + $n), kind: $kind, number: $number,
            pace: 'at once', email: '', terms_version: '1', terms_at: time::now(), granted: time::now(), code: 'test'
        }) RETURN NONE";
    db.raw(put)
        .bind(("many", MANY))
        .bind(("kind", account.kind.clone()))
        .bind(("number", account.number.digits()))
        .await
        .unwrap();
}

async fn count(db: &Db, what: &str) -> i64 {
    let text = format!("RETURN array::len((SELECT VALUE id FROM {what}))");
    db.raw(text).await.unwrap().take::<Option<i64>>(0).unwrap().unwrap()
}

/// Runs the jobs that bring the message to the others, each `times` times.
async fn bring(portal: &Portal, times: usize) {
    let mut done = 0;
    while let Some(job) = all::<FanOut>(portal).await.into_iter().nth(done) {
        for _ in 0..times {
            fan_out::bring(&portal.built.portal, job.clone()).await.unwrap();
        }
        done += 1;
    }
    assert_eq!(done, 4, "three steps, and one that finds nobody more");
}

#[test]
fn each_of_very_many_holders_gets_a_message_once() {
    run(async {
        let portal = Portal::start().await;
        let (mut browser, logon) = holder(&portal, "mechanicschool").await;
        let db = &portal.built.portal.db;
        crowd(db, &account()).await;
        let posted = portal.built.mailboxes.of(&account()).post(from_staff("For everyone")).await.unwrap();
        assert_eq!(posted.holders, usize::try_from(MANY).unwrap() + 1);
        // It can be read at once, and who has read it is not told of it.
        assert_eq!(count(db, "thread_state").await, 0);
        let page = browser.get("/accounts/mechanic-school/00-00123456/messages/1").await;
        assert!(page.says("For everyone"), "{}", page.words());
        // One of them loses access meanwhile, another one gains it.
        holders::revoke("crowd10700", &account()).run(db).await.unwrap();
        bring(&portal, 2).await;
        assert_eq!(count(db, "thread_state WHERE unread = 1 AND has_unread = true").await, MANY - 1);
        assert_eq!(count(db, "alert WHERE state = 'waiting'").await, MANY);
        assert_eq!(lists::unread_count(db, "crowd10700").await.unwrap(), 0);
        assert_eq!(lists::unread_count(db, &logon).await.unwrap(), 0);
        let told: Vec<_> = all::<Alerts>(&portal).await.into_iter().flat_map(|job| job.alerts).collect();
        assert_eq!(told.len(), usize::try_from(MANY).unwrap());
        portal.stop().await;
    });
}

#[test]
fn an_answer_to_very_many_is_counted_once_more_for_each() {
    run(async {
        let portal = Portal::start().await;
        let (_, logon) = holder(&portal, "mechanicschool").await;
        let db = &portal.built.portal.db;
        crowd(db, &account()).await;
        let mailbox = portal.built.mailboxes.of(&account());
        let first = mailbox.post(from_staff("For everyone")).await.unwrap();
        let mut answer = from_staff("For everyone");
        answer.thread = Some(first.thread);
        mailbox.post(answer).await.unwrap();
        // The jobs of both run side by side, in any order.
        for job in all::<FanOut>(&portal).await.into_iter().rev() {
            fan_out::bring(&portal.built.portal, job).await.unwrap();
        }
        let mut done = 2;
        while let Some(job) = all::<FanOut>(&portal).await.into_iter().nth(done) {
            fan_out::bring(&portal.built.portal, job).await.unwrap();
            done += 1;
        }
        assert_eq!(count(db, "thread_state WHERE unread = 2").await, MANY + 1);
        queries::read(db, &logon, &account(), first.thread, 2).await.unwrap();
        assert_eq!(lists::unread_count(db, &logon).await.unwrap(), 0);
        portal.stop().await;
    });
}
