//! The alert: there is a message, and nothing of what it says (R142). When a person wants to be told later, one
//! e-mail tells of all that is due then. Nobody is told twice of a message, or after they have read it.

use chrono::TimeDelta;
use springboard_jobs::{Alert, Job, Outcome, Try, Verdict};

use super::{
    alert_queries::{self, Waiting},
    alert_steps::Fallen,
    otherwise, unsubscribe,
};
use crate::{
    access::{self, Pace, Wishes, due},
    db::{DbError, Transaction},
    delivery::{Courier, State, Way},
    http::Portal,
    post::Mail,
    words::{AccountId, AccountNumber, EmailAddress, Moment, Occasion, measure::Measure},
};

/// How long after a message was posted its alert is tried by e-mail, whatever the quiet hours.
const LONGEST: TimeDelta = TimeDelta::days(3);

fn again(fault: &DbError) -> Verdict {
    Verdict::Again(fault.to_string())
}

/// Tells a person of a message; or, at its time, of all messages of the account that are due.
///
/// # Errors
/// Whether it may be tried again.
pub async fn alert(portal: &Portal, courier: &Courier, job: Alert, this: &Try) -> Outcome {
    // Another machine's clock may be ahead of this one's.
    let now = job.due.and_then(|due| Moment::from_timestamp(due, 0)).unwrap_or(Moment::MIN_UTC).max(portal.now());
    let number = AccountNumber::parse(&job.number).map_err(|_| Verdict::Never("the alert names no account".into()))?;
    let account = AccountId::new(job.kind.clone(), number);
    // The same alert bears the same Message-ID, however often it is tried.
    let id = otherwise::email_name(&job.key());
    Telling { portal, courier, job, account, id, now }.tell(this).await
}

/// One person, to be told of one account.
struct Telling<'a> {
    portal: &'a Portal,
    courier: &'a Courier,
    job: Alert,
    account: AccountId,
    /// The e-mail's id.
    id: String,
    now: Moment,
}

impl Telling<'_> {
    async fn tell(&self, this: &Try) -> Outcome {
        let db = &self.portal.db;
        let waiting =
            alert_queries::waiting(db, &self.job.logon, &self.account).await.map_err(|fault| again(&fault))?;
        let concerns = |message: &Waiting| self.job.due.is_some() || message.sequence == self.job.sequence;
        let waiting = waiting.into_iter().filter(|message| message.way.is_none() && concerns(message));
        let (read, unread): (Vec<_>, Vec<_>) = waiting.partition(Waiting::is_read);
        self.settle(&sequences(&read), State::ReadBefore).await?;
        let wishes = access::wishes(db, &self.job.logon, &self.account).await.map_err(|fault| again(&fault))?;
        let Some(wishes) = wishes else { return self.settle(&sequences(&unread), State::NotWanted).await };
        let mut told = Vec::new();
        for message in &unread {
            match self.due(&wishes, wishes.pace, message.posted) {
                None => self.settle(&[message.sequence], State::NotWanted).await?,
                Some(moment) if moment <= self.now => told.push(message.sequence),
                // Every message that no other e-mail carries has a job of its own.
                Some(moment) if self.is_ours(message) => self.later(moment).await?,
                Some(_) => {}
            }
        }
        // What was due may have been kept waiting into the quiet hours: by a mail server, or for want of a worker.
        match self.due(&wishes, Pace::AtOnce, self.now) {
            Some(loud) if loud > self.now => {
                return if told.is_empty() { Ok(()) } else { self.later(loud).await };
            }
            _ => {}
        }
        let taken = alert_queries::take(db, &self.job.logon, &self.account, told, &self.id).await;
        let taken = taken.map_err(|fault| again(&fault))?;
        let posted = unread.iter().filter(|message| taken.contains(&message.sequence)).map(|message| message.posted);
        let Some(oldest) = posted.min() else { return Ok(()) };
        // Quiet hours may begin a job's patience again and again.
        let is_last = this.is_last || self.now - oldest > LONGEST;
        self.send(&wishes, &taken, this, is_last).await
    }

    /// Whether nobody else tells of a message.
    fn is_ours(&self, message: &Waiting) -> bool {
        message.sequence == self.job.sequence || message.carrier.as_ref() == Some(&self.id)
    }

    /// When the person is told of what was posted at this moment. What is there was posted, whatever the clocks say.
    fn due(&self, wishes: &Wishes, pace: Pace, posted: Moment) -> Option<Moment> {
        due(pace, wishes.quiet, posted.min(self.now), self.portal.agency().zone())
    }

    async fn later(&self, moment: Moment) -> Outcome {
        let kept = alert_queries::later(&self.portal.db, &self.job, &self.account, &self.id, moment).await;
        kept.map_err(|fault| again(&fault))
    }

    async fn send(&self, wishes: &Wishes, told: &[i64], this: &Try, is_last: bool) -> Outcome {
        let Ok(to) = EmailAddress::parse(&wishes.email) else {
            self.fall(told, "mail can't be sent to this address").await?;
            return Err(Verdict::Never("mail can't be sent to this address".into()));
        };
        let mail = alert_mail(self.portal, (&self.job.logon, &self.account), self.id.clone(), to, told.to_vec());
        match self.courier.mail(this, mail, self.settled(told, State::Sent)).await {
            Ok(()) => {
                self.portal.count(Measure::AlertsByEmail, told.len());
                Ok(())
            }
            Err(Verdict::Again(why)) if !is_last => Err(Verdict::Again(why)),
            Err(verdict) => {
                let (Verdict::Again(why) | Verdict::Never(why)) = &verdict;
                self.fall(told, why).await?;
                Err(Verdict::Never(why.clone()))
            }
        }
    }

    async fn fall(&self, told: &[i64], said: &str) -> Outcome {
        let (logon, account) = (&self.job.logon, &self.account);
        let (carrier, way) = (&self.id, Way::Email);
        let fallen = Fallen { logon, account, sequences: told.to_vec(), carrier, way, said, is_trouble: true };
        otherwise::fall(self.portal, fallen).await.map_err(|fault| again(&fault))
    }

    fn settled(&self, sequences: &[i64], state: State) -> Transaction {
        let outcome = alert_queries::Outcome { carrier: &self.id, state, said: "" };
        alert_queries::settled(&self.job.logon, &self.account, sequences.to_vec(), outcome, self.portal.now())
    }

    async fn settle(&self, sequences: &[i64], state: State) -> Outcome {
        if sequences.is_empty() {
            return Ok(());
        }
        self.settled(sequences, state).run(&self.portal.db).await.map_err(|fault| again(&fault))
    }
}

fn sequences(messages: &[Waiting]) -> Vec<i64> {
    messages.iter().map(|message| message.sequence).collect()
}

/// The e-mail that tells a person of messages, with the address that turns such mail off.
pub(super) fn alert_mail(
    portal: &Portal,
    (logon, account): (&str, &AccountId),
    id: String,
    to: EmailAddress,
    told: Vec<i64>,
) -> Mail {
    let (agency, url) = (portal.agency(), &portal.public_url);
    let off = format!("{url}{}", unsubscribe::path(&portal.keys, logon, account));
    let occasion = if told.len() == 1 { Occasion::AlertMail } else { Occasion::AlertsMail };
    let said = portal.say(
        occasion,
        &[
            ("count", &told.len()),
            ("type", &agency.type_name(&account.kind)),
            ("number", &account.number),
            ("link", &format_args!("{url}{}", account.path())),
            ("off", &off),
        ],
    );
    Mail::new(id, to, said.subject, said.text)
        .unsubscribe(off.clone())
        .about(account.clone(), Some(logon))
        .of_messages(told)
        .secret(off)
}
