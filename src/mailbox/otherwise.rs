//! When an alert can't be e-mailed: it goes by text message if the person confirmed a mobile number, then by letter to
//! the account's address on record, printed on the next business day. Each way is noted, for staff and for the person.

use chrono::TimeDelta;
use springboard_jobs::{Alert, AlertByLetter, AlertByText, AlertKey, Alerts, Job, Outcome, Try, Verdict};

use super::{
    alert_queries::{self, Waiting},
    alert_steps::{self, AlertStanding, Fallen, Next},
};
use crate::{
    access::{self, Pace, Wishes, due},
    account::{self, Account},
    db::{DbError, Topic, Transaction, ceiling::Daily, queue},
    delivery::{Courier, State, Way},
    http::Portal,
    letter::{self, Spooled},
    logon,
    page::time,
    post::{About, LetterText, Spool, TextMessage},
    words::{AccountId, AccountNumber, LogonId, Moment, Occasion, PhoneNumber, measure::Measure},
};

/// What is noted of a job that the queue gave up.
const GIVEN_UP: &str = "its job was given up";

/// How long a text message is tried, whatever the quiet hours.
const LONGEST: TimeDelta = TimeDelta::days(2);

fn again(fault: DbError) -> Verdict {
    Verdict::Again(fault.to_string())
}

/// The name of the e-mail of an alert's job.
pub fn email_name(key: &str) -> String {
    format!("alert-{}", key.replace('/', "-")).to_lowercase()
}

/// The name of the e-mail that tells of one message.
pub fn email_name_of(alert: &AlertKey) -> String {
    email_name(&format!("{}/{}/{}/{}", alert.logon, alert.kind, alert.number, alert.sequence))
}

/// The name of the letter of a job.
fn letter_name(key: &str) -> String {
    format!("letter-alert-{}", key.replace('/', "-")).to_lowercase()
}

fn account_of(kind: &str, number: &str) -> Result<AccountId, Verdict> {
    let number = AccountNumber::parse(number).map_err(|_| Verdict::Never("the alert names no account".into()))?;
    Ok(AccountId::new(kind.to_owned(), number))
}

/// Sees to it that alerts go the next way.
///
/// # Errors
/// When the database does not answer.
pub async fn fall(portal: &Portal, fallen: Fallen<'_>) -> Result<(), DbError> {
    let now = portal.now();
    let next = match fallen.way {
        Way::Email => match mobile(portal, fallen.logon).await? {
            Some(_) => Some(by_text_next(&fallen)),
            None => by_letter_next(portal, &fallen, now).await?,
        },
        Way::Text => by_letter_next(portal, &fallen, now).await?,
        Way::Letter => None,
    };
    tracing::warn!(
        carrier = fallen.carrier,
        failed = fallen.way.label(),
        next = next.as_ref().map_or("nothing", |next| next.way.label()),
        "an alert could not be handed over"
    );
    if next.is_none() {
        portal.count(Measure::AlertsUndeliverable, fallen.sequences.len());
    }
    alert_steps::fall(&portal.db, fallen, next, now).await
}

/// The mobile number that the person proved to be theirs.
async fn mobile(portal: &Portal, logon: &str) -> Result<Option<PhoneNumber>, DbError> {
    let logon = logon::queries::find(&portal.db, &LogonId::known(logon)).await?;
    let mobile = logon.filter(|logon| logon.mobile_confirmed).and_then(|logon| logon.profile.mobile);
    Ok(mobile.filter(|mobile| portal.texts_to(mobile)))
}

fn by_text_next(fallen: &Fallen<'_>) -> Next {
    let carrier = format!("text-{}", fallen.carrier);
    let job = AlertByText {
        logon: fallen.logon.to_owned(),
        kind: fallen.account.kind.clone(),
        number: fallen.account.number.digits(),
        carrier: carrier.clone(),
        due: None,
    };
    Next { way: Way::Text, carrier, task: job.task() }
}

async fn by_letter_next(portal: &Portal, fallen: &Fallen<'_>, now: Moment) -> Result<Option<Next>, DbError> {
    let on_record = account::find(&portal.db, fallen.account).await?;
    if on_record.is_none_or(|account| account.street.is_empty()) {
        return Ok(None);
    }
    let job = AlertByLetter {
        logon: fallen.logon.to_owned(),
        kind: fallen.account.kind.clone(),
        number: fallen.account.number.digits(),
        due: portal.agency().calendar().next_morning(now).timestamp(),
    };
    Ok(Some(Next { way: Way::Letter, carrier: letter_name(&job.key()), task: job.task() }))
}

/// What is still to be told, since when, and how the person wants to be told.
struct Ready {
    unread: Vec<i64>,
    since: Moment,
    wishes: Wishes,
}

/// One person who is told otherwise, of one account.
struct Telling<'a> {
    portal: &'a Portal,
    logon: &'a str,
    account: AccountId,
    carrier: String,
    way: Way,
}

impl Telling<'_> {
    /// What is still to be told, and how the person wants to be told; what is not is settled.
    async fn ready(&self) -> Result<Option<Ready>, Verdict> {
        let db = &self.portal.db;
        let waiting = alert_queries::waiting(db, self.logon, &self.account).await.map_err(again)?;
        let carried = waiting.into_iter().filter(|alert| alert.carrier.as_ref() == Some(&self.carrier));
        let (read, unread): (Vec<_>, Vec<_>) = carried.partition(Waiting::is_read);
        self.settle(sequences(&read), State::ReadBefore).await?;
        let since = unread.iter().map(|alert| alert.changed).min();
        let unread = sequences(&unread);
        let wishes = access::wishes(db, self.logon, &self.account).await.map_err(again)?;
        match (since, wishes.filter(|wishes| wishes.pace != Pace::Off)) {
            (Some(since), Some(wishes)) => Ok(Some(Ready { unread, since, wishes })),
            (None, _) => Ok(None),
            (Some(_), None) => self.settle(unread, State::NotWanted).await.map(|()| None),
        }
    }

    fn settled(&self, sequences: Vec<i64>, state: State) -> Transaction {
        let outcome = alert_queries::Outcome { carrier: &self.carrier, state, said: "" };
        // The person's page and staff's show it, step by step.
        alert_queries::settled(self.logon, &self.account, sequences, outcome, self.portal.now())
            .changes([Topic::Logon(self.logon.to_owned()), Topic::Staff])
    }

    async fn settle(&self, sequences: Vec<i64>, state: State) -> Outcome {
        if sequences.is_empty() {
            return Ok(());
        }
        self.settled(sequences, state).run(&self.portal.db).await.map_err(again)
    }

    async fn fall(&self, sequences: Vec<i64>, said: &str) -> Outcome {
        let fallen = Fallen {
            logon: self.logon,
            account: &self.account,
            sequences,
            carrier: &self.carrier,
            way: self.way,
            said,
            is_trouble: false,
        };
        fall(self.portal, fallen).await.map_err(again)
    }

    /// Goes the next way if this one has failed for good.
    async fn end(&self, sequences: Vec<i64>, verdict: Verdict, is_last: bool) -> Outcome {
        match verdict {
            Verdict::Again(why) if !is_last => Err(Verdict::Again(why)),
            Verdict::Again(why) | Verdict::Never(why) => {
                self.fall(sequences, &why).await?;
                Err(Verdict::Never(why))
            }
        }
    }
}

fn sequences(alerts: &[Waiting]) -> Vec<i64> {
    alerts.iter().map(|alert| alert.sequence).collect()
}

/// Tells a person by text message.
///
/// # Errors
/// Whether it may be tried again.
pub async fn by_text(portal: &Portal, courier: &Courier, job: AlertByText, this: &Try) -> Outcome {
    let account = account_of(&job.kind, &job.number)?;
    let telling = Telling { portal, logon: &job.logon, account, carrier: job.carrier.clone(), way: Way::Text };
    let Some(Ready { unread, since, wishes }) = telling.ready().await? else { return Ok(()) };
    // Another machine's clock may be ahead of this one's.
    let now = job.due.and_then(|due| Moment::from_timestamp(due, 0)).unwrap_or(Moment::MIN_UTC).max(portal.now());
    if let Some(loud) = due(Pace::AtOnce, wishes.quiet, now, portal.agency().zone())
        && loud > now
    {
        // Rounded up: what is due at that moment is due when the job runs.
        let loud = (loud + TimeDelta::milliseconds(999)).timestamp();
        let later = AlertByText { due: Some(loud), ..job.clone() };
        return Transaction::enqueue(later.task()).run(&portal.db).await.map_err(again);
    }
    let Some(to) = mobile(portal, &job.logon).await.map_err(again)? else {
        return telling.fall(unread, "there is no confirmed mobile number any more").await;
    };
    let said = portal.say(
        Occasion::AlertText,
        &[
            ("messages", &what(unread.len())),
            ("number", &telling.account.number),
            ("link", &format_args!("{}{}", portal.public_url, telling.account.path())),
        ],
    );
    let message = TextMessage {
        id: job.carrier.clone(),
        to,
        text: said.text,
        about: Some(About {
            account: telling.account.clone(),
            logon: Some(job.logon.clone()),
            messages: unread.clone(),
        }),
    };
    let done = telling.settled(unread.clone(), State::Sent).then(portal.count_daily(Daily::Texts));
    match courier.text(this, message, done).await {
        Ok(()) => {
            portal.count(Measure::AlertsByText, unread.len());
            Ok(())
        }
        Err(verdict) => telling.end(unread, verdict, this.is_last || now - since > LONGEST).await,
    }
}

fn what(count: usize) -> String {
    if count == 1 { "1 new message".to_owned() } else { format!("{count} new messages") }
}

/// Tells a person by letter, of all that failed otherwise until the morning of the day.
///
/// # Errors
/// Whether it may be tried again.
pub async fn by_letter(portal: &Portal, spool: &Spool, job: AlertByLetter, this: &Try) -> Outcome {
    let account = account_of(&job.kind, &job.number)?;
    let telling = Telling { portal, logon: &job.logon, account, carrier: letter_name(&job.key()), way: Way::Letter };
    // A run before this one may have come so far.
    if letter::release(&portal.db, spool, &telling.carrier).await? {
        return Ok(());
    }
    let Some(Ready { unread, .. }) = telling.ready().await? else { return Ok(()) };
    match print(portal, spool, &telling, unread.clone()).await {
        Ok(()) => Ok(()),
        Err(verdict) => telling.end(unread, verdict, this.is_last).await,
    }
}

async fn print(portal: &Portal, spool: &Spool, telling: &Telling<'_>, unread: Vec<i64>) -> Outcome {
    let on_record = account::find(&portal.db, &telling.account).await.map_err(again)?;
    let on_record = on_record.ok_or_else(|| Verdict::Never("the account is closed".into()))?;
    let logon = logon::queries::find(&portal.db, &LogonId::known(telling.logon)).await.map_err(again)?;
    let user_id = logon.map(|logon| logon.user_id.to_string()).unwrap_or_default();
    let (name, at) = (telling.carrier.as_str(), portal.now());
    let text = letter_text(portal, &on_record, &user_id, unread.len(), name);
    spool.prepare(name, text.clone(), at).await.map_err(letter::verdict)?;
    let (account, logon) = (&telling.account, Some(telling.logon));
    letter::spooled(Spooled { name, code: None, account, logon, text, at })
        .then(portal.count_daily(Daily::Letters))
        .then(telling.settled(unread.clone(), State::Sent))
        .run(&portal.db)
        .await
        .map_err(again)?;
    portal.count(Measure::AlertsByLetter, unread.len());
    letter::release(&portal.db, spool, name).await.map(drop)
}

fn letter_text(portal: &Portal, account: &Account, user_id: &str, count: usize, name: &str) -> LetterText {
    let said = portal.say(Occasion::AlertLetter, &[("messages", &what(count)), ("user_id", &user_id)]);
    let agency = &portal.agency();
    let mut address = vec![account.name.clone()];
    address.extend(account.street.iter().cloned());
    LetterText {
        letterhead: agency.letterhead.clone(),
        address,
        date: time::day(agency, portal.now()),
        subject: said.subject,
        facts: vec![
            ("Account".into(), format!("{} {}", agency.type_name(&account.id.kind), account.id.number)),
            ("For".into(), user_id.to_owned()),
            ("Unread".into(), what(count)),
        ],
        code_label: String::new(),
        code: None,
        steps: said.steps,
        aside: said.aside,
        warning: said.text,
        reference: format!("Reference {name}"),
        genuine: Some(letter::genuine(portal, name)),
    }
}

/// Takes up an e-mail that came back from this address; one that carries no alert, or whose alerts went on already,
/// changes nothing.
///
/// # Errors
/// When the database does not answer.
pub async fn came_back(portal: &Portal, mail: &str, address: &str, said: &str) -> Result<(), DbError> {
    let Some(told) = alert_steps::of_mail(&portal.db, mail).await? else { return Ok(()) };
    let stands = |alert: &&AlertStanding| {
        alert.way.is_none()
            && matches!(alert.state, State::Waiting | State::Sent)
            && alert.carrier.as_deref() == Some(mail)
    };
    let sequences: Vec<i64> = told.alerts.iter().filter(stands).map(|alert| alert.sequence).collect();
    if sequences.is_empty() {
        return Ok(());
    }
    let (logon, account) = (told.logon.as_str(), &told.account);
    let wishes = access::wishes(&portal.db, logon, account).await?;
    let is_trouble = wishes.is_some_and(|wishes| wishes.email.eq_ignore_ascii_case(address));
    fall(portal, Fallen { logon, account, sequences, carrier: mail, way: Way::Email, said, is_trouble }).await
}

/// Takes up the alerts whose jobs the queue itself ended: nobody else would.
///
/// # Errors
/// When the database does not answer.
pub async fn take_up_given_up(portal: &Portal) -> Result<(), DbError> {
    let (db, now) = (&portal.db, portal.now());
    for job in queue::given_up::<Alerts>(db, now).await? {
        let mut untaken = Vec::new();
        alert_queries::put_off(job.alerts.iter().cloned()).run(db).await?;
        for alert in &job.alerts {
            let Ok(account) = account_of(&alert.kind, &alert.number) else { continue };
            take_up(portal, (&alert.logon, &account), &email_name_of(alert), Way::Email, None).await?;
            // What the job did not come to may be wanted later: a job of its own finds out.
            let (logon, kind, number) = (alert.logon.clone(), alert.kind.clone(), alert.number.clone());
            untaken.push(Alert { logon, kind, number, sequence: alert.sequence, due: Some(0) }.task());
        }
        Transaction::enqueue_all(untaken).run(db).await?;
    }
    for job in queue::given_up::<Alert>(db, now).await? {
        let Ok(account) = account_of(&job.kind, &job.number) else { continue };
        let carrier = email_name(&job.key());
        take_up(portal, (&job.logon, &account), &carrier, Way::Email, Some(job.sequence)).await?;
    }
    for job in queue::given_up::<AlertByText>(db, now).await? {
        let Ok(account) = account_of(&job.kind, &job.number) else { continue };
        take_up(portal, (&job.logon, &account), &job.carrier, Way::Text, None).await?;
    }
    for job in queue::given_up::<AlertByLetter>(db, now).await? {
        let Ok(account) = account_of(&job.kind, &job.number) else { continue };
        take_up(portal, (&job.logon, &account), &letter_name(&job.key()), Way::Letter, None).await?;
    }
    Ok(())
}

/// Sends what a job was to tell, and still waits for it, the next way. An e-mail may not have taken its alert yet.
async fn take_up(
    portal: &Portal,
    (logon, account): (&str, &AccountId),
    carrier: &str,
    way: Way,
    untaken: Option<i64>,
) -> Result<(), DbError> {
    let db = &portal.db;
    if let Some(sequence) = untaken {
        let alert = alert_queries::waiting(db, logon, account).await?.into_iter().find(|one| one.sequence == sequence);
        if alert.is_some_and(|alert| alert.carrier.is_none() && alert.way.is_none()) {
            alert_queries::take(db, logon, account, vec![sequence], carrier).await?;
        }
    }
    let waiting = alert_queries::waiting(db, logon, account).await?;
    let carried = waiting.iter().filter(|alert| alert.carrier.as_deref() == Some(carrier));
    let sequences: Vec<i64> = carried.map(|alert| alert.sequence).collect();
    if sequences.is_empty() {
        return Ok(());
    }
    fall(portal, Fallen { logon, account, sequences, carrier, way, said: GIVEN_UP, is_trouble: false }).await
}
