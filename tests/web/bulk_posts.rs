//! One message to many accounts: the audience, the second employee's release, pausing, and that no account gets it twice.

use chrono::Duration;
use springboard::{
    bulk_post::{self, State},
    mailbox,
    release::{self, Act},
    session::{Role, staff::By},
    words::{AccountId, AccountNumber},
};
use springboard_jobs::{BulkPost, Job};

use crate::{
    staff::holder,
    support::{Browser, Page, Portal, run, sign_up},
};

/// So many accounts of one type, in the demo's place.
async fn accounts(portal: &Portal, count: i64) {
    let put = "{ DELETE type::record('account', ['permanent-fleet']..['permanent-fleet', ..]);
           FOR $n IN 1..=$count {
            LET $number = '000000' + <string> (7000 + $n);
            CREATE type::record('account', ['permanent-fleet', $number]) SET kind = 'permanent-fleet', number = $number,
                name = 'AGENT ' + <string> $n, street = [], balance = 0 RETURN NONE;
        } }";
    portal.built.portal.db.raw(put).bind(("count", count)).await.unwrap();
}

async fn write(browser: &mut Browser, fields: &[(&str, &str)]) -> Page {
    let page = browser.get("/staff/bulk-posts/new").await;
    let fields =
        [&[("kind", "permanent-fleet"), ("subject", "For {name}"), ("body", "About {type} {number}.")], fields];
    let fields = fields.concat();
    if fields.contains(&("go", "post")) {
        browser.post_checked(&page, "/bulk-posts", &fields).await
    } else {
        browser.submit(&page, "/bulk-posts", &fields).await
    }
}

async fn jobs(portal: &Portal) -> Vec<BulkPost> {
    let queued = "SELECT VALUE <string> args FROM apalis_task WHERE queue = $queue ORDER BY id";
    let tasks: Vec<String> =
        portal.built.portal.db.raw(queued).bind(("queue", BulkPost::QUEUE)).await.unwrap().take(0).unwrap();
    tasks.iter().map(|task| serde_json::from_str(task).unwrap()).collect()
}

/// Runs the job that was enqueued last.
async fn work(portal: &Portal) {
    let job = jobs(portal).await.pop().unwrap();
    bulk_post::jobs::post(&portal.built.portal, job).await.unwrap();
}

async fn stands(portal: &Portal, page: &Page) -> (State, i64) {
    let id = page.path.rsplit_once('/').unwrap().1;
    let post = bulk_post::queries::find(&portal.built.portal.db, id).await.unwrap().unwrap();
    (post.state, post.posted)
}

/// How many messages each of the accounts has.
async fn messages(portal: &Portal) -> Vec<i64> {
    let last = "SELECT VALUE last FROM type::record('mailbox', ['permanent-fleet']..['permanent-fleet', ..])";
    portal.built.portal.db.raw(last).await.unwrap().take(0).unwrap()
}

#[test]
fn a_large_one_waits_for_a_second_employee_and_reaches_each_account_once() {
    run(async {
        let portal = Portal::start().await;
        accounts(&portal, 600).await;
        let (mut clerk, mut supervisor) = (portal.clerk().await, portal.staff("supervisor1000").await);
        let page = write(&mut clerk, &[("go", "preview")]).await;
        for words in [
            "It is for 600 accounts",
            "A second employee has to release it",
            "For AGENT 1",
            "About Permanent Fleet 00-00007001.",
        ] {
            assert!(page.says(words), "{words} in {}", page.words());
        }
        assert!(jobs(&portal).await.is_empty());
        let page = clerk.submit(&page, "/bulk-posts", &[("go", "post")]).await;
        assert!(
            page.says("Another employee, a supervisor, has to release it.") && page.says("0 of 600"),
            "{}",
            page.words()
        );
        let token = page.value("token").unwrap();
        let release = format!("{}/release", page.path);
        assert_eq!(clerk.post(&release, &[("token", &token)]).await.status, 403, "not a clerk's");
        assert!(jobs(&portal).await.is_empty());
        let theirs = supervisor.get(&page.path).await;
        let theirs = supervisor.submit(&theirs, "/release", &[]).await;
        assert!(theirs.says("Released by supervisor1000"), "{}", theirs.words());
        // A job that runs again, a pause between two, and what is enqueued from before it.
        work(&portal).await;
        let first = jobs(&portal).await.remove(0);
        bulk_post::jobs::post(&portal.built.portal, first).await.unwrap();
        assert_eq!(stands(&portal, &page).await, (State::Running, 250));
        let paused = clerk.get(&page.path).await;
        let paused = clerk.submit(&paused, "/pause", &[]).await;
        work(&portal).await;
        assert_eq!(stands(&portal, &page).await, (State::Paused, 250));
        clerk.submit(&paused, "/resume", &[]).await;
        for _ in 0..3 {
            work(&portal).await;
        }
        assert_eq!(stands(&portal, &page).await, (State::Done, 600));
        assert_eq!(messages(&portal).await, vec![1; 600]);
        let account = AccountId::new("permanent-fleet", AccountNumber::parse("7600").unwrap());
        let thread = mailbox::queries::open(&portal.built.portal.db, "", &account, 1, None).await.unwrap().unwrap();
        assert_eq!(
            (thread.head.subject.as_str(), thread.messages[0].body.as_str()),
            ("For AGENT 600", "About Permanent Fleet 00-00007600.")
        );
        portal.stop().await;
    });
}

#[test]
fn it_goes_on_only_from_where_it_was_seen() {
    run(async {
        let portal = Portal::start().await;
        accounts(&portal, 600).await;
        let (db, now) = (&portal.built.portal.db, portal.clock.now());
        let mut clerk = portal.clerk().await;
        let numbers: Vec<String> = (0..90).map(|number| (7001 + number).to_string()).collect();
        let page = write(&mut clerk, &[("numbers", &numbers.join(" ")), ("go", "post")]).await;
        let id = page.path.rsplit_once('/').unwrap().1;
        let before = bulk_post::queries::find(db, id).await.unwrap().unwrap();
        clerk.submit(&page, "/pause", &[]).await;
        let seen = bulk_post::queries::find(db, id).await.unwrap().unwrap();
        // A job that was under way when it was paused comes further.
        let posted = [bulk_post::Addressee { number: "0000007001".into(), name: "AGENT 1".into() }];
        bulk_post::queries::advance(&before, &posted, now).run(db).await.unwrap();
        let by = By { id: "clerk", name: "clerk1000", role: Role::Clerk };
        release::act(db, &seen, Act::Resume, by, now).await.unwrap();
        assert_eq!(stands(&portal, &page).await, (State::Paused, 1), "nothing would go on from there");
        let page = clerk.get(&page.path).await;
        clerk.submit(&page, "/resume", &[]).await;
        assert_eq!(stands(&portal, &page).await, (State::Running, 1));
        work(&portal).await;
        work(&portal).await;
        assert_eq!(stands(&portal, &page).await, (State::Done, 90));
        portal.stop().await;
    });
}

#[test]
fn a_small_one_goes_at_once_to_those_of_a_list_and_may_wait_for_its_time() {
    run(async {
        let portal = Portal::with_worker().await;
        accounts(&portal, 3).await;
        let (mut person, _) = holder(&portal, "mechanicschool").await;
        let mut clerk = portal.clerk().await;
        let page = write(&mut clerk, &[("numbers", "7001 7009"), ("go", "post")]).await;
        assert!(page.status == 422 && page.body.contains(">7001 7009</textarea>"), "what was typed is kept");
        assert!(page.fault("numbers").unwrap().contains("0000007009"), "{}", page.words());
        let page = write(&mut clerk, &[("kind", ""), ("due", "yesterday"), ("go", "post")]).await;
        assert!(page.fault("due").is_some() && page.status == 422, "{}", page.words());
        let page = write(&mut clerk, &[("due", "2090-01-01T08:00"), ("go", "post")]).await;
        assert!(page.says("waits for its time"), "{}", page.words());
        let cancelled = clerk.submit(&page, "/cancel", &[]).await;
        assert!(cancelled.says("cancelled since"), "{}", cancelled.words());

        let page = clerk.get("/staff/bulk-posts/new").await;
        let fields = [("kind", "mechanic-school"), ("numbers", "123456"), ("subject", "For {name}"), ("body", "Text")];
        let page = clerk.post_checked(&page, "/bulk-posts", &fields).await;
        for _ in 0..1200 {
            if stands(&portal, &page).await == (State::Done, 1) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        assert!(person.get("/springboard/correspondence").await.says("For MECHANIC SCHOOL"));
        portal.mails_to("mechanicschool-alerts@example.com", 1).await;
        portal.clock.advance(Duration::days(2));
        let of_cancelled = jobs(&portal).await.into_iter().find(|job| job.due.is_some()).unwrap();
        bulk_post::jobs::post(&portal.built.portal, of_cancelled).await.unwrap();
        assert_eq!(messages(&portal).await, [0i64; 0]);
        portal.stop().await;
    });
}

#[test]
fn nobody_but_staff_sees_or_does_anything_there() {
    run(async {
        let portal = Portal::start().await;
        accounts(&portal, 1).await;
        let mut clerk = portal.clerk().await;
        let page = write(&mut clerk, &[("go", "post")]).await;
        let mut person = sign_up(&portal, "mechanicschool").await;
        let token = person.get("/springboard").await.value("token").unwrap();
        let live = page.path.replace("/staff/", "/staff/live/");
        for path in ["/staff/bulk-posts", "/staff/bulk-posts/new", &page.path, &live] {
            assert!(person.get(path).await.path.starts_with("/staff/sign-in"), "{path}");
        }
        person.post(&format!("{}/cancel", page.path), &[("token", &token)]).await;
        assert_eq!(stands(&portal, &page).await, (State::Waiting, 0));
        assert_eq!(clerk.get("/staff/bulk-posts/nothing").await.status, 404);
        let token = page.value("token").unwrap();
        assert_eq!(clerk.post(&format!("{}/delete", page.path), &[("token", &token)]).await.status, 404);
        portal.stop().await;
    });
}

#[test]
fn a_template_asks_for_its_fields_and_fills_a_message_to_one_or_to_many() {
    run(async {
        let portal = Portal::start().await;
        accounts(&portal, 2).await;
        let mut clerk = portal.clerk().await;
        let page = clerk.get("/staff/templates/new").await;
        let page = clerk.submit(&page, "/templates", &[("name", "Deadline"), ("subject", ""), ("body", "x")]).await;
        assert!(
            page.status == 422 && page.fault("subject").is_some() && page.value("name").as_deref() == Some("Deadline")
        );
        let fields =
            [("name", "Deadline"), ("subject", "Due [[Day]]"), ("body", "{name}: pay [[Amount]] until [[Day]].")];
        let list = clerk.submit(&page, "/templates", &fields).await;
        assert!(list.says("Day, Amount"), "{}", list.words());
        let page = clerk.get("/staff/templates/new").await;
        assert!(clerk.submit(&page, "/templates", &fields).await.fault("name").is_some(), "one of each name");
        let page = clerk.get("/staff/bulk-posts/new").await;
        let page = clerk.get(&page.link("Deadline")).await;
        assert!(page.says("Day") && page.says("Amount"));
        let id = page.value("template").unwrap();
        let filled = format!("template={id}&field-1=May+%3Cb%3E1&field-2=%245");
        let page = clerk.get(&format!("/staff/bulk-posts/new?{filled}")).await;
        assert_eq!(page.value("subject").as_deref(), Some("Due May <b>1"));
        assert!(page.body.contains(">{name}: pay $5 until May &lt;b&gt;1.</textarea>"), "{}", page.body);
        let page = clerk.get(&format!("{}?{filled}", crate::staff::ACCOUNT)).await;
        assert_eq!(page.value("subject").as_deref(), Some("Due May <b>1"));
        let page = clerk.get(&list.link("Deadline")).await;
        let page = clerk.get(&page.link("Delete this template")).await;
        assert!(page.says("Delete the template “Deadline”?"), "{}", page.words());
        assert!(clerk.get("/staff/templates").await.says("Deadline"), "asked only");
        let list = clerk.submit(&page, "/delete", &[]).await;
        assert!(list.says("It is deleted.") && list.says("There are none yet."), "{}", list.words());
        assert_eq!(clerk.get(&format!("/staff/templates/{id}/use")).await.status, 404);
        portal.stop().await;
    });
}

#[test]
fn a_saved_filter_settles_whom_a_message_is_for() {
    run(async {
        let portal = Portal::start().await;
        let db = &portal.built.portal.db;
        for (number, zip, owed) in
            [("7001", "48901", 0), ("7002", "48902", -500), ("7003", "49001", -500), ("7004", "48903", -1)]
        {
            let number = AccountNumber::parse(number).unwrap();
            let new = springboard::account::NewAccount {
                kind: "permanent-fleet".into(),
                number,
                name: format!("FLEET {number}"),
                street: vec!["1 MAIN ST".into(), format!("LANSING MI {zip}")],
                email: None,
                ledger: vec![springboard::account::NewEntry { text: "Fee".into(), cents: owed }],
            };
            springboard::account::import(db, &new, portal.clock.now()).await.unwrap();
        }
        let mut clerk = portal.clerk().await;
        let page = clerk.get("/staff/audiences").await;
        let page = clerk.submit(&page, "/audiences", &[("name", "x"), ("zip", "48a")]).await;
        assert!(page.status == 422 && page.fault("zip").is_some() && page.fault("kind").is_some());
        let fields = [
            ("name", "Lansing owes"),
            ("kind", "permanent-fleet"),
            ("zip", "489"),
            ("owes", "yes"),
            ("has-access", "no"),
        ];
        let page = clerk.submit(&page, "/audiences", &fields).await;
        assert!(page.says("Permanent Fleet, ZIP code 489…, owing money, without access"), "{}", page.words());
        let page = clerk.get("/staff/bulk-posts/new").await;
        let (_, rest) = page.body.split_once("<select id=\"audience\"").unwrap();
        let (_, rest) = rest.split_once("<option value=\"0").unwrap();
        let id = format!("0{}", rest.split('"').next().unwrap());
        let message = [("audience", id.as_str()), ("subject", "For {name}"), ("body", "text")];
        let both = [&message[..], &[("numbers", "7001"), ("go", "preview")]].concat();
        assert!(clerk.submit(&page, "/bulk-posts", &both).await.fault("numbers").is_some());
        let shown = clerk.submit(&page, "/bulk-posts", &[&message[..], &[("go", "preview")]].concat()).await;
        assert!(shown.says("It is for 2 accounts; this is how FLEET 00-00007002 will see it."), "{}", shown.words());
        let posted = clerk.submit(&shown, "/bulk-posts", &[("go", "post")]).await;
        assert!(posted.says("2 accounts, by the saved filter “Lansing owes”"), "{}", posted.words());
        while stands(&portal, &posted).await.0 != State::Done {
            work(&portal).await;
        }
        let first = mailbox::queries::open(
            db,
            "",
            &AccountId::new("permanent-fleet", AccountNumber::parse("7004").unwrap()),
            1,
            None,
        )
        .await
        .unwrap();
        assert!(first.is_some());
        let list = clerk.get("/staff/audiences").await;
        let ask = list.body.split('"').find(|part| part.ends_with("/delete")).unwrap().to_owned();
        let asked = clerk.get(&ask).await;
        let list = clerk.submit(&asked, "/delete", &[]).await;
        assert!(list.says("It is deleted.") && list.says("There are none yet."), "{}", list.words());
        let gone = clerk.submit(&page, "/bulk-posts", &[&message[..], &[("go", "preview")]].concat()).await;
        assert!(gone.fault("audience").is_some() || gone.fault("kind").is_some(), "{}", gone.words());
        portal.stop().await;
    });
}
