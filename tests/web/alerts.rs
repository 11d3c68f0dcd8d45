//! How soon people are told of messages: for any order of what they and the agency do, nobody is told twice, after they
//! have read, or in their quiet hours, and nobody is forgotten.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::Duration;
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use springboard::{
    access::{self, Pace, Quiet},
    db::value::SurrealValue,
    delivery::State,
    mailbox::{
        alert_batch,
        alert_queries::of_message,
        jobs, lists, queries,
        thread::{Author, New},
    },
    words::{DraftId, Moment},
};
use springboard_jobs::{Alert, Alerts, Job, Try};

use crate::{
    staff::{account, grant, holder, post},
    support::{Portal, run, with_another_end},
};

#[derive(Clone, Debug, SurrealValue)]
struct Task {
    id: String,
    queue: String,
    args: String,
    due: Moment,
}

/// Runs the jobs of alerts as a worker would, by the portal's own clock, each once.
#[derive(Default)]
struct Jobs(HashSet<String>);

impl Jobs {
    async fn run(&mut self, portal: &Portal) {
        let db = &portal.built.portal.db;
        loop {
            let queued = "SELECT record::id(id) AS id, queue, <string> args AS args, run_at ?? due AS due FROM apalis_task WHERE queue IN ['alert', 'alerts']";
            let tasks: Vec<Task> = db.raw(queued).await.unwrap().take(0).unwrap();
            let now = portal.clock.now();
            // What is due at once is so by the database's clock.
            let due = |task: &Task| task.queue == Alerts::QUEUE || task.due <= now;
            let fresh: Vec<Task> = tasks.into_iter().filter(|task| due(task) && !self.0.contains(&task.id)).collect();
            if fresh.is_empty() {
                return;
            }
            for task in fresh {
                let this = Try { job: task.id.clone(), number: 1, is_last: false };
                let (portal, courier) = (&portal.built.portal, &portal.built.courier);
                if task.queue == Alerts::QUEUE {
                    let job: Alerts = serde_json::from_str(&task.args).unwrap();
                    alert_batch::alerts(portal, courier, job, &this).await.unwrap();
                } else {
                    let job: Alert = serde_json::from_str(&task.args).unwrap();
                    jobs::alert(portal, courier, job, &this).await.unwrap();
                }
                self.0.insert(task.id);
            }
        }
    }
}

fn new(author: Author, thread: Option<i64>) -> New {
    let (subject, body, draft) = ("Subject".into(), "text".into(), DraftId::draw());
    New { account: account(), thread, subject, body, author, answer_by: None, notice: None, draft }
}

fn clerk() -> Author {
    Author::Staff { id: "clerk".into(), name: "clerk1000".into() }
}

async fn set(portal: &Portal, logon: &str, pace: Pace, quiet: Option<Quiet>) {
    access::set_pace(logon, &account(), pace, quiet).run(&portal.built.portal.db).await.unwrap();
}

#[test]
fn an_hours_messages_leave_in_one_mail_without_what_was_read() {
    run(async {
        let portal = Portal::start().await;
        let (mut browser, _) = holder(&portal, "mechanicschool").await;
        let page = browser.get("/settings").await;
        let fields = [("pace", "hourly"), ("quiet-from", ""), ("quiet-until", "")];
        let page = browser.submit(&page, "/settings/notifications", &fields).await;
        assert!(page.body.contains("<option value=\"hourly\" selected>"), "{}", page.body);
        let mut jobs = Jobs::default();
        for _ in 0..3 {
            portal.built.mailboxes.of(&account()).post(new(clerk(), None)).await.unwrap();
        }
        browser.get("/accounts/mechanic-school/00-00123456/messages/2").await;
        jobs.run(&portal).await;
        assert!(!portal.folder("mail").exists(), "not yet");
        portal.clock.advance(Duration::minutes(61));
        jobs.run(&portal).await;
        let mails = portal.mails_to("mechanicschool-alerts@example.com", 1).await;
        assert_eq!(mails.len(), 1);
        assert!(mails[0].contains("There are 2 new messages"), "{}", mails[0]);
        for (sequence, state) in [(1, State::Sent), (2, State::ReadBefore), (3, State::Sent)] {
            let told = of_message(&portal.built.portal.db, &account(), sequence).await.unwrap();
            assert_eq!(told[0].history.state, state, "{sequence}");
        }
        portal.stop().await;
    });
}

#[test]
fn one_click_in_a_mail_program_turns_one_accounts_alerts_off() {
    run(async {
        let portal = Portal::with_worker().await;
        let (mut browser, logon) = holder(&portal, "mechanicschool").await;
        let mut clerk = portal.clerk().await;
        post(&mut clerk, "First", "text").await;
        let mail = portal.mails_to("mechanicschool-alerts@example.com", 1).await.remove(0);
        assert!(mail.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{mail}");
        let unfolded = mail.replace("\r\n ", "").replace("\r\n\t", "");
        let (_, rest) = unfolded.split_once("List-Unsubscribe: <").expect("the header");
        let path = rest.split_once('>').unwrap().0.strip_prefix(&portal.url).unwrap().to_owned();
        // Following the link only asks; a changed proof is none.
        let mut program = portal.browser();
        assert!(program.get(&path).await.says("will stop"));
        let wrong = with_another_end(&path);
        assert_eq!(program.post(&wrong, &[("List-Unsubscribe", "One-Click")]).await.status, 404);
        let wishes = async || access::wishes(&portal.built.portal.db, &logon, &account()).await.unwrap().unwrap();
        assert_eq!(wishes().await.pace, Pace::AtOnce);
        assert_eq!(program.post(&path, &[("List-Unsubscribe", "One-Click")]).await.status, 200);
        assert_eq!(wishes().await.pace, Pace::Off);
        assert!(browser.get("/settings").await.body.contains("<option value=\"off\" selected>"));
        post(&mut clerk, "Second", "text").await;
        let told = of_message(&portal.built.portal.db, &account(), 2).await.unwrap();
        assert_eq!(told[0].history.state, State::NotWanted);
        portal.stop().await;
    });
}

/// What somebody does.
#[derive(Clone, Debug)]
enum Act {
    Post,
    Write(usize),
    Answer(usize),
    Read(usize),
    Archive(usize),
    Revoke(usize),
    Grant(usize),
    Pace(usize, Pace, Option<(u32, u32)>),
    Wait(i64),
    Work,
}

fn act() -> impl Strategy<Value = Act> {
    let who = 0..2usize;
    prop_oneof![
        4 => Just(Act::Post),
        1 => who.clone().prop_map(Act::Write),
        1 => who.clone().prop_map(Act::Answer),
        3 => who.clone().prop_map(Act::Read),
        1 => who.clone().prop_map(Act::Archive),
        1 => who.clone().prop_map(Act::Revoke),
        2 => who.clone().prop_map(Act::Grant),
        2 => (who, prop::sample::select(&Pace::ALL[..]), prop::option::of((0u32..24, 0u32..24)))
            .prop_map(|(who, pace, quiet)| Act::Pace(who, pace, quiet)),
        3 => (1i64..1500).prop_map(Act::Wait),
        4 => Just(Act::Work),
    ]
}

/// What one holder should see, by what was done.
#[derive(Default)]
struct Model {
    has: bool,
    unread: BTreeSet<i64>,
}

struct World<'a> {
    portal: &'a Portal,
    logons: [String; 2],
    models: [Model; 2],
    jobs: Jobs,
    last: i64,
    /// The thread of each message.
    threads: BTreeMap<i64, i64>,
    told: HashSet<(String, i64)>,
}

impl World<'_> {
    async fn posted(&mut self, author: Author, thread: Option<i64>, by: Option<usize>) {
        let posted = self.portal.built.mailboxes.of(&account()).post(new(author, thread)).await.unwrap();
        self.last = posted.sequence;
        self.threads.insert(posted.sequence, posted.thread);
        for (at, model) in self.models.iter_mut().enumerate() {
            if model.has && by != Some(at) {
                model.unread.insert(posted.sequence);
            }
        }
    }

    async fn act(&mut self, act: Act) {
        let db = &self.portal.built.portal.db;
        match act {
            Act::Post => self.posted(clerk(), None, None).await,
            Act::Write(who) | Act::Answer(who) if self.models[who].has => {
                let thread = if matches!(act, Act::Answer(_)) { self.threads.get(&self.last).copied() } else { None };
                let author = Author::Holder { logon: self.logons[who].clone(), name: "Name".into() };
                self.posted(author, thread, Some(who)).await;
            }
            Act::Read(who) if self.models[who].has && self.last > 0 => {
                let thread = self.threads[&self.last];
                queries::read(db, &self.logons[who], &account(), thread, self.last).await.unwrap();
                let threads = &self.threads;
                self.models[who].unread.retain(|sequence| threads[sequence] != thread);
            }
            Act::Archive(who) if self.last > 0 => {
                let thread = self.threads[&self.last];
                queries::archive(db, &self.logons[who], &account(), thread, true).await.unwrap();
            }
            Act::Revoke(who) => {
                springboard::mailbox::holders::revoke(&self.logons[who], &account()).run(db).await.unwrap();
                self.models[who] = Model::default();
            }
            Act::Grant(who) if !self.models[who].has => {
                grant(self.portal, &self.logons[who], &format!("holder{who}")).await;
                self.models[who].has = true;
            }
            Act::Pace(who, pace, quiet) => {
                set(self.portal, &self.logons[who], pace, quiet.and_then(|(from, until)| Quiet::new(from, until)))
                    .await;
            }
            Act::Wait(minutes) => self.portal.clock.advance(Duration::minutes(minutes)),
            Act::Work => self.jobs.run(self.portal).await,
            _ => {}
        }
    }

    /// What was told anew is told for the first time, and was unread.
    async fn check(&mut self) {
        let db = &self.portal.built.portal.db;
        let sent: Vec<(String, i64)> =
            db.raw("SELECT VALUE [logon, sequence] FROM alert WHERE state = 'sent'").await.unwrap().take(0).unwrap();
        for told in sent {
            if self.told.insert(told.clone()) {
                let who = self.logons.iter().position(|logon| *logon == told.0).unwrap();
                assert!(self.models[who].unread.contains(&told.1), "{told:?} was read, or not theirs any more");
            }
        }
        for (who, model) in self.models.iter().enumerate() {
            let counted = lists::unread_count(db, &self.logons[who]).await.unwrap();
            assert_eq!(counted, i64::try_from(model.unread.len()).unwrap(), "unread of {who}");
        }
    }

    /// How many messages all mails together tell of.
    fn in_mails(&self) -> usize {
        let mails = std::fs::read_dir(self.portal.folder("mail")).into_iter().flatten().flatten();
        let texts = mails.filter_map(|file| std::fs::read_to_string(file.path()).ok());
        texts
            .map(|mail| match mail.split_once("There are ") {
                Some((_, rest)) => rest.split(' ').next().unwrap().parse().unwrap(),
                None => usize::from(mail.contains("There is a new message")),
            })
            .sum()
    }
}

#[test]
fn whatever_is_done_in_whatever_order() {
    run(async {
        let mut runner = TestRunner::deterministic();
        for case in 0..8 {
            let acts = prop::collection::vec(act(), 30).new_tree(&mut runner).unwrap().current();
            let portal = Portal::start().await;
            let mut logons = Vec::new();
            for name in ["holder0", "holder1"] {
                logons.push(holder(&portal, name).await.1);
            }
            let held = || Model { has: true, unread: BTreeSet::new() };
            let mut world = World {
                portal: &portal,
                logons: logons.try_into().unwrap(),
                models: [held(), held()],
                jobs: Jobs::default(),
                last: 0,
                threads: BTreeMap::new(),
                told: HashSet::new(),
            };
            let shown = format!("case {case}: {acts:?}");
            println!("{shown}");
            for act in acts {
                world.act(act).await;
                world.check().await;
            }
            // In the end nobody is forgotten, and the mails told of what the rows say.
            for _ in 0..12 {
                world.act(Act::Wait(7 * 60)).await;
                world.act(Act::Work).await;
                world.check().await;
            }
            let waiting: Vec<i64> = portal
                .built
                .portal
                .db
                .raw("SELECT VALUE sequence FROM alert WHERE state = 'waiting'")
                .await
                .unwrap()
                .take(0)
                .unwrap();
            assert!(waiting.is_empty(), "{shown}: {waiting:?} wait for ever");
            assert_eq!(world.in_mails(), world.told.len(), "{shown}");
            portal.stop().await;
        }
    });
}
