//! When an alert can't be e-mailed: it goes by text message if the person confirmed a mobile number, then by letter to
//! the account's address on record, printed on the next business day. Each way is noted, for staff and for the person.

use chrono::TimeDelta;
use springboard_jobs::{Alert, AlertByLetter, AlertByText, Job, Outcome, Try, Verdict};

use super::{
    alert_rows::{self, State},
    alert_steps::{self, Carried, Fallen, Next},
};
use crate::{
    access::{self, Pace, Wishes, due},
    account::{self, Account},
    delivery::{Courier, Way},
    http::Portal,
    letter::{self, Spooled},
    logon,
    page::time,
    post::{About, LetterText, PostFault, Spool, TextMessage},
    store::{Piece, StoreFault},
    words::{AccountId, AccountNumber, LogonId, Moment, PhoneNumber, business_day},
};

/// What is noted of a job that the queue gave up.
const GIVEN_UP: &str = "its worker died each time";

fn again(fault: StoreFault) -> Verdict {
    Verdict::Again(fault.to_string())
}

/// The name of the e-mail of an alert's job.
pub fn email_name(key: &str) -> String {
    format!("alert-{}", key.replace('/', "-")).to_lowercase()
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
pub async fn fall(portal: &Portal, fallen: Fallen<'_>) -> Result<(), StoreFault> {
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
    alert_steps::fall(&portal.store, fallen, next, now).await
}

/// The mobile number that the person proved to be theirs.
async fn mobile(portal: &Portal, logon: &str) -> Result<Option<PhoneNumber>, StoreFault> {
    let logon = logon::rows::find(&portal.store, &LogonId::known(logon)).await?;
    Ok(logon.filter(|logon| logon.mobile_confirmed).and_then(|logon| logon.profile.mobile))
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

async fn by_letter_next(portal: &Portal, fallen: &Fallen<'_>, now: Moment) -> Result<Option<Next>, StoreFault> {
    let on_record = account::find(&portal.store, fallen.account).await?;
    if on_record.is_none_or(|account| account.street.is_empty()) {
        return Ok(None);
    }
    let job = AlertByLetter {
        logon: fallen.logon.to_owned(),
        kind: fallen.account.kind.clone(),
        number: fallen.account.number.digits(),
        due: business_day::next_morning(now, portal.agency.zone()).timestamp(),
    };
    Ok(Some(Next { way: Way::Letter, carrier: letter_name(&job.key()), task: job.task() }))
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
    async fn ready(&self) -> Result<Option<(Vec<i64>, Wishes)>, Verdict> {
        let store = &self.portal.store;
        let carried = alert_steps::carried(store, &self.carrier).await.map_err(again)?;
        let waiting = carried.into_iter().filter(|alert| alert.state == State::Waiting);
        let (read, unread): (Vec<_>, Vec<_>) = waiting.partition(Carried::is_read);
        self.settle(sequences(&read), State::ReadBefore, "").await?;
        let unread = sequences(&unread);
        let wishes = access::wishes(store, self.logon, &self.account).await.map_err(again)?;
        match wishes.filter(|wishes| wishes.pace != Pace::Off) {
            Some(wishes) if !unread.is_empty() => Ok(Some((unread, wishes))),
            Some(_) => Ok(None),
            None => self.settle(unread, State::NotWanted, "").await.map(|()| None),
        }
    }

    async fn settle(&self, sequences: Vec<i64>, state: State, said: &str) -> Outcome {
        let outcome = alert_rows::Outcome { carrier: &self.carrier, state, said };
        let (store, now) = (&self.portal.store, self.portal.now());
        alert_rows::settle(store, self.logon, &self.account, sequences, outcome, now).await.map_err(again)
    }

    async fn fall(&self, sequences: Vec<i64>, said: &str) -> Outcome {
        let fallen = Fallen {
            logon: self.logon,
            account: &self.account,
            sequences,
            carrier: &self.carrier,
            way: self.way,
            said,
        };
        fall(self.portal, fallen).await.map_err(again)
    }

    /// Goes the next way if this one has failed for good.
    async fn end(&self, sequences: Vec<i64>, verdict: Verdict, this: &Try) -> Outcome {
        let (Verdict::Again(why) | Verdict::Never(why)) = &verdict;
        if this.is_last || matches!(verdict, Verdict::Never(_)) {
            self.fall(sequences, why).await?;
        }
        Err(verdict)
    }
}

fn sequences(alerts: &[Carried]) -> Vec<i64> {
    alerts.iter().map(|alert| alert.sequence).collect()
}

/// Tells a person by text message.
///
/// # Errors
/// Whether it may be tried again.
pub async fn by_text(portal: &Portal, courier: &Courier, job: AlertByText, this: &Try) -> Outcome {
    let account = account_of(&job.kind, &job.number)?;
    let telling = Telling { portal, logon: &job.logon, account, carrier: job.carrier.clone(), way: Way::Text };
    let Some((unread, wishes)) = telling.ready().await? else { return Ok(()) };
    // Another machine's clock may be ahead of this one's.
    let now = job.due.and_then(|due| Moment::from_timestamp(due, 0)).unwrap_or(Moment::MIN_UTC).max(portal.now());
    if let Some(loud) = due(Pace::AtOnce, wishes.quiet, now, portal.agency.zone())
        && loud > now
    {
        // Rounded up: what is due at that moment is due when the job runs.
        let loud = (loud + TimeDelta::milliseconds(999)).timestamp();
        let later = AlertByText { due: Some(loud), ..job.clone() };
        let kept = Piece::enqueue("task", later.task()).run(&portal.store).await;
        return kept.map(drop).map_err(again);
    }
    let Some(to) = mobile(portal, &job.logon).await.map_err(again)? else {
        return telling.fall(unread, "there is no confirmed mobile number any more").await;
    };
    let (agency, url) = (&portal.agency, &portal.public_url);
    let text = format!(
        "{}: {} for your account {}. Sign in to read: {url}{}",
        agency.portal,
        what(unread.len()),
        telling.account.number,
        telling.account.path(),
    );
    let message = TextMessage {
        id: job.carrier.clone(),
        to,
        text,
        about: Some(About { account: telling.account.clone(), logon: Some(job.logon.clone()) }),
    };
    match courier.text(this, "alert by text", message).await {
        Ok(()) => telling.settle(unread, State::Sent, "").await,
        Err(verdict) => telling.end(unread, verdict, this).await,
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
    let Some((unread, _)) = telling.ready().await? else { return Ok(()) };
    match print(portal, spool, &telling, unread.len()).await {
        Ok((text, at)) => {
            let (name, account) = (&telling.carrier, &telling.account);
            let letter = Spooled { name, code: None, account, logon: Some(&job.logon), text, at };
            letter::spooled(letter).run(&portal.store).await.map_err(again)?;
            telling.settle(unread, State::Sent, "").await
        }
        Err(verdict) => telling.end(unread, verdict, this).await,
    }
}

/// Prints the letter; returns what it says and when it was printed.
async fn print(
    portal: &Portal,
    spool: &Spool,
    telling: &Telling<'_>,
    count: usize,
) -> Result<(LetterText, Moment), Verdict> {
    let on_record = account::find(&portal.store, &telling.account).await.map_err(again)?;
    let on_record = on_record.ok_or_else(|| Verdict::Never("the account is closed".into()))?;
    let logon = logon::rows::find(&portal.store, &LogonId::known(telling.logon)).await.map_err(again)?;
    let user_id = logon.map(|logon| logon.user_id.to_string()).unwrap_or_default();
    let text = letter_text(portal, &on_record, &user_id, count, &telling.carrier);
    let printed = spool.put(&telling.carrier, text.clone(), portal.now()).await.map_err(|fault| match fault {
        PostFault::Later(why) => Verdict::Again(why),
        PostFault::Never(why) => Verdict::Never(why),
    })?;
    Ok((text, printed))
}

fn letter_text(portal: &Portal, account: &Account, user_id: &str, count: usize, name: &str) -> LetterText {
    let (agency, url) = (&portal.agency, &portal.public_url);
    let mut address = vec![account.name.clone()];
    address.extend(account.street.iter().cloned());
    LetterText {
        letterhead: agency.letterhead.clone(),
        address,
        date: time::day(agency, portal.now()),
        subject: format!("{} at {}", if count == 1 { "A new message" } else { "New messages" }, agency.portal),
        facts: vec![
            ("Account".into(), format!("{} {}", agency.type_name(&account.id.kind), account.id.number)),
            ("For".into(), user_id.to_owned()),
            ("Unread".into(), what(count)),
        ],
        code: None,
        steps: vec![
            format!("Go to {url} and sign in as {user_id}."),
            "Read what is new under Correspondence.".into(),
            "Look under Settings whether your e-mail address is still right.".into(),
        ],
        aside: "Why you get a letter".into(),
        warning: format!(
            "We could not reach {user_id} by e-mail. If nobody there knows of it, please tell us at {url}/contact."
        ),
        reference: format!("Reference {name}"),
    }
}

/// Takes up an e-mail that came back; one that carries no alert, or whose alerts went on already, changes nothing.
///
/// # Errors
/// When the database does not answer.
pub async fn came_back(portal: &Portal, carrier: &str, said: &str) -> Result<(), StoreFault> {
    let carried = alert_steps::carried(&portal.store, carrier).await?;
    take_up(portal, carrier, Way::Email, carried.into_iter().filter(|alert| alert.way.is_none()).collect(), said).await
}

/// Takes up the alerts whose jobs the queue itself ended: nobody else would.
///
/// # Errors
/// When the database does not answer.
pub async fn take_up_given_up(portal: &Portal) -> Result<(), StoreFault> {
    let store = &portal.store;
    for key in alert_steps::given_up_by_email(store, Alert::QUEUE).await? {
        let mut parts = key.split('/');
        let (Some(logon), Some(kind), Some(number), Some(sequence)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let (Ok(account), Ok(sequence)) = (account_of(kind, number), sequence.parse()) else { continue };
        let carrier = email_name(&key);
        alert_rows::take(store, logon, &account, vec![sequence], &carrier).await?;
        came_back(portal, &carrier, GIVEN_UP).await?;
    }
    let text = |key: &str| key.rsplit_once('/').map_or(key, |(carrier, _)| carrier).to_owned();
    for carrier in alert_steps::given_up_otherwise(store, AlertByText::QUEUE, text).await? {
        let carried = alert_steps::carried(store, &carrier).await?;
        take_up(portal, &carrier, Way::Text, carried, GIVEN_UP).await?;
    }
    for carrier in alert_steps::given_up_otherwise(store, AlertByLetter::QUEUE, letter_name).await? {
        let carried = alert_steps::carried(store, &carrier).await?;
        take_up(portal, &carrier, Way::Letter, carried, GIVEN_UP).await?;
    }
    Ok(())
}

/// All that one carrier carries is one person's, of one account.
async fn take_up(
    portal: &Portal,
    carrier: &str,
    way: Way,
    carried: Vec<Carried>,
    said: &str,
) -> Result<(), StoreFault> {
    let Some(first) = carried.first() else { return Ok(()) };
    let Ok(account) = account_of(&first.kind, &first.number) else { return Ok(()) };
    let fallen = Fallen { logon: &first.logon, account: &account, sequences: sequences(&carried), carrier, way, said };
    fall(portal, fallen).await
}
