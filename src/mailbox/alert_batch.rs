//! Alerts by the hundred: one job for all who are told of what one transaction posted. Those who are told at once, and whose
//! mail is taken, are done with here; whoever is told later gets a job of their own (see `jobs`), and whoever can't be
//! reached by e-mail is told the next way.

use futures_util::{StreamExt, stream};
use springboard_jobs::{Alert, AlertKey, Alerts, Job, NewTask, Outcome, Try, Verdict};

use super::{
    alert_queries,
    alert_steps::Fallen,
    jobs::alert_mail,
    otherwise::{self, email_name_of},
};
use crate::{
    access::{Pace, Quiet, due},
    db::{
        DbError, Transaction, record_id, statement,
        value::{RecordId, SurrealValue},
    },
    delivery::{Courier, State, Way, sent},
    http::Portal,
    post::{Mail, PostFault},
    words::{AccountId, AccountNumber, EmailAddress, Moment, measure::Measure},
};

/// So many are taken, told and noted at a time: what a process that dies may tell twice.
const TOGETHER: usize = 100;
/// When so many fail and none is taken, it is the server.
const FAILURES: usize = 20;

/// An alert that waits, with what decides over it.
#[derive(SurrealValue)]
struct Ready {
    id: RecordId,
    logon: String,
    kind: String,
    number: String,
    sequence: i64,
    posted: Moment,
    carrier: Option<String>,
    read: Option<i64>,
    preferences: Option<Preferences>,
    email: Option<String>,
}

/// What an access says of alerts; without access nothing.
#[derive(SurrealValue)]
struct Preferences {
    pace: Option<Pace>,
    quiet_from: Option<i64>,
    quiet_until: Option<i64>,
    email: Option<String>,
}

impl Ready {
    fn key(&self) -> AlertKey {
        let (kind, number) = (self.kind.clone(), self.number.clone());
        AlertKey { kind, number, sequence: self.sequence, logon: self.logon.clone() }
    }

    fn account(&self) -> Option<AccountId> {
        Some(AccountId::new(self.kind.clone(), AccountNumber::parse(&self.number).ok()?))
    }

    fn quiet(&self) -> Option<Quiet> {
        let preferences = self.preferences.as_ref()?;
        Quiet::kept(preferences.quiet_from, preferences.quiet_until)
    }

    /// Where to: an address of this access's own, or the logon's.
    fn address(&self) -> Option<EmailAddress> {
        let own = self.preferences.as_ref()?.email.as_deref().filter(|own| !own.is_empty());
        EmailAddress::parse(own.or(self.email.as_deref())?).ok()
    }
}

statement! {
    WhatWaits { alerts: Vec<RecordId> } -> Vec<Ready>;
    reads alert, thread_state, access, logon;
    "SELECT id, logon, kind, number, sequence, posted, carrier,
        type::record('thread_state', [logon, kind, number, thread]).read AS read,
        type::record('access', [kind, number, logon]).{ pace, quiet_from, quiet_until, email } AS preferences,
        type::record('logon', logon).email AS email
     FROM $alerts WHERE state = 'waiting' AND way = NONE"
}

statement! {
    Settle { alerts: Vec<RecordId>, state: State, now: Moment };
    writes alert;
    "UPDATE $alerts SET state = $state, changed = $now WHERE state = 'waiting' AND way = NONE RETURN NONE;"
}

/// The name of an alert's own e-mail, as `otherwise::email_name_of` makes it as well.
macro_rules! own_mail {
    () => {
        "string::lowercase('alert-' + logon + '-' + kind + '-' + number + '-' + <string> sequence)"
    };
}

statement! {
    LetGo { alerts: Vec<RecordId> };
    writes alert;
    concat!("UPDATE $alerts SET carrier = NONE WHERE state = 'waiting' AND way = NONE AND carrier = ", own_mail!(), " RETURN NONE;")
}

statement! {
    Take { alerts: Vec<RecordId> } -> Vec<RecordId>;
    writes alert;
    concat!(
        "RETURN (UPDATE $alerts SET carrier = ", own_mail!(), "
        WHERE state = 'waiting' AND way = NONE AND (carrier = NONE OR carrier = ", own_mail!(), ") RETURN VALUE id);"
    )
}

fn again(fault: DbError) -> Verdict {
    Verdict::Again(fault.to_string())
}

fn record(alert: &AlertKey) -> RecordId {
    record_id("alert", (alert.kind.clone(), alert.number.clone(), alert.sequence, alert.logon.clone()))
}

/// Tells people of messages.
///
/// # Errors
/// When the database does not answer, or the mail server takes nothing.
pub async fn alerts(portal: &Portal, courier: &Courier, job: Alerts, this: &Try) -> Outcome {
    let delivery = AlertDelivery { portal, courier, is_last: this.is_last };
    let mut wait = None;
    for some in job.alerts.chunks(TOGETHER) {
        let told = delivery.tell(some).await?;
        wait = told.wait.or(wait);
        // The server takes nothing: the others are spared. One address that takes nothing is no reason.
        if told.sent == 0 && told.failed > FAILURES {
            break;
        }
    }
    wait.map_or(Ok(()), |why| Err(Verdict::Again(why)))
}

/// What came of some alerts.
#[derive(Default)]
struct Came {
    sent: usize,
    failed: usize,
    /// Why some are to be tried again.
    wait: Option<String>,
}

struct AlertDelivery<'a> {
    portal: &'a Portal,
    courier: &'a Courier,
    is_last: bool,
}

/// What is done about alerts.
#[derive(Default)]
struct Sorted {
    read: Vec<RecordId>,
    unwanted: Vec<RecordId>,
    put_off: Vec<RecordId>,
    put_off_keys: Vec<AlertKey>,
    later: Vec<NewTask>,
    now: Vec<Ready>,
}

impl AlertDelivery<'_> {
    async fn tell(&self, alerts: &[AlertKey]) -> Result<Came, Verdict> {
        let db = &self.portal.db;
        let waiting = db.ask(WhatWaits { alerts: alerts.iter().map(record).collect() }).await.map_err(again)?;
        let Sorted { read, unwanted, put_off, put_off_keys, later, now } = self.sorted(waiting);
        let settled = self.settled(read, State::ReadBefore).then(self.settled(unwanted, State::NotWanted));
        let put_off = if put_off.is_empty() { Transaction::default() } else { LetGo { alerts: put_off }.into() };
        let put_off = put_off.then(alert_queries::put_off(put_off_keys));
        let settled = settled.then(put_off).then(Transaction::enqueue_all(later));
        if now.is_empty() {
            if !settled.is_empty() {
                settled.run(db).await.map_err(again)?;
            }
            return Ok(Came::default());
        }
        let taken = settled.then(Take { alerts: now.iter().map(|alert| alert.id.clone()).collect() });
        let taken: Vec<RecordId> = taken.answer(db).await.map_err(again)?;
        self.send(now.into_iter().filter(|alert| taken.contains(&alert.id)).collect()).await
    }

    fn sorted(&self, waiting: Vec<Ready>) -> Sorted {
        let (now, zone) = (self.portal.now(), self.portal.agency().zone());
        let mut sorted = Sorted::default();
        for alert in waiting {
            if alert.read.is_some_and(|read| read >= alert.sequence) {
                sorted.read.push(alert.id);
                continue;
            }
            if alert.carrier.as_ref().is_some_and(|carrier| *carrier != email_name_of(&alert.key())) {
                continue;
            }
            // What is there was posted, whatever the clocks say.
            let posted = alert.posted.min(now);
            let pace = alert.preferences.as_ref().and_then(|preferences| preferences.pace);
            let wanted = pace.and_then(|pace| due(pace, alert.quiet(), posted, zone));
            let loud = due(Pace::AtOnce, alert.quiet(), now, zone).unwrap_or(now);
            match wanted.map(|wanted| if wanted <= now { loud } else { wanted }) {
                None => sorted.unwanted.push(alert.id),
                Some(moment) if moment > now => {
                    sorted.put_off.push(alert.id.clone());
                    sorted.put_off_keys.push(alert.key());
                    sorted.later.push(later(alert, moment));
                }
                Some(_) => sorted.now.push(alert),
            }
        }
        sorted
    }

    fn settled(&self, alerts: Vec<RecordId>, state: State) -> Transaction {
        let now = self.portal.now();
        if alerts.is_empty() { Transaction::default() } else { Settle { alerts, state, now }.into() }
    }

    async fn send(&self, alerts: Vec<Ready>) -> Result<Came, Verdict> {
        let sending = alerts.into_iter().map(|alert| self.send_one(alert));
        let ended: Vec<Ended> = stream::iter(sending).buffer_unordered(TOGETHER).collect().await;
        let (mut copies, mut sent, mut failed) = (Vec::new(), Vec::new(), Vec::new());
        for Ended { alert, copy, result } in ended {
            match result {
                Ok(_) => {
                    copies.extend(copy);
                    sent.push(alert.id);
                }
                Err(fault) => failed.push((alert, fault)),
            }
        }
        let count = sent.len();
        if count > 0 {
            self.courier.note(sent::keep(copies).then(self.settled(sent, State::Sent))).await?;
            self.portal.count(Measure::AlertsByEmail, count);
        }
        Ok(Came { sent: count, failed: failed.len(), wait: self.take_up(failed).await? })
    }

    async fn send_one(&self, alert: Ready) -> Ended {
        let (Some(to), Some(account)) = (alert.address(), alert.account()) else {
            let result = Err(PostFault::Never("mail can't be sent to this address".into()));
            return Ended { alert, copy: None, result };
        };
        let id = email_name_of(&alert.key());
        let mail: Mail = alert_mail(self.portal, (&alert.logon, &account), id, to, vec![alert.sequence]);
        let result = self.courier.send(&mail).await;
        Ended { copy: self.courier.copy_of(&mail), alert, result }
    }

    /// What the server refused for good goes the next way; what it refused for now is tried again, a few times.
    async fn take_up(&self, failed: Vec<(Ready, PostFault)>) -> Result<Option<String>, Verdict> {
        let mut wait = None;
        for (alert, fault) in failed {
            match fault {
                PostFault::Later(why) if !self.is_last => wait = Some(why),
                PostFault::Later(why) | PostFault::Never(why) | PostFault::Unprintable(why) => {
                    let Some(account) = alert.account() else { continue };
                    let fallen = Fallen {
                        logon: &alert.logon,
                        account: &account,
                        sequences: vec![alert.sequence],
                        carrier: &email_name_of(&alert.key()),
                        way: Way::Email,
                        said: &why,
                        is_trouble: true,
                    };
                    otherwise::fall(self.portal, fallen).await.map_err(again)?;
                }
            }
        }
        Ok(wait)
    }
}

/// What became of one e-mail.
struct Ended {
    alert: Ready,
    copy: Option<sent::SentCopy>,
    result: Result<String, PostFault>,
}

/// The job that tells one person at this moment, of all that is due then.
fn later(alert: Ready, moment: Moment) -> NewTask {
    // Rounded up: what is due at that moment is due when the job runs.
    let due = moment.timestamp() + i64::from(moment.timestamp_subsec_nanos() > 0);
    Alert { logon: alert.logon, kind: alert.kind, number: alert.number, sequence: alert.sequence, due: Some(due) }
        .task()
}
