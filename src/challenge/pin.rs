//! Recovery PINs: 8 digits, 10 minutes, 5 tries, one use. Stored as a keyed hash, and sealed only
//! until they are sent.

use chrono::Duration;
use rand::RngExt;
use springboard_jobs::{Job, Pin};
use ulid::Ulid;

use crate::{
    audit::{self, Deed},
    db::{
        Query, Refusal, Transaction,
        ceiling::{self, Daily},
        rate_limit::Limit,
        statement,
        value::{Bytes, SurrealValue},
    },
    http::{Fault, Portal},
    words::{EmailAddress, Moment, text},
};

/// How long a PIN may be used.
const LASTS: Duration = Duration::minutes(10);
/// How often one may be tried.
const TRIES: i64 = 5;

/// The name under which a PIN is sealed.
fn seal_name(id: &str) -> String {
    format!("challenge:{id}")
}

/// What a PIN is sent for; one for the one end is none for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To recover a password.
    Recovery,
    /// To confirm an e-mail address or a mobile number.
    Confirmation,
    /// To confirm where an access's alerts go (R124).
    AlertAddress,
}

/// Where a PIN goes.
#[derive(Clone, Debug)]
pub enum To {
    /// To the e-mail address of the logon's profile.
    Profile,
    /// To the mobile number of the logon's profile.
    Mobile,
    /// To another e-mail address.
    Address(EmailAddress),
}

impl To {
    /// The word in the database: a PIN that went to one place proves nothing of another.
    fn target(&self) -> String {
        match self {
            Self::Profile => "profile".into(),
            Self::Mobile => "mobile".into(),
            Self::Address(email) => email.folded(),
        }
    }
}

impl Purpose {
    const ALL: [Self; 3] = [Self::Recovery, Self::Confirmation, Self::AlertAddress];

    fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.word() == word)
    }

    /// What its mail says that it is for.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Recovery => "With it the password of your logon can be changed",
            Self::Confirmation => "With it this address or number of your logon is confirmed",
            Self::AlertAddress => "With it somebody has alerts of new messages for their account sent to this address",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Recovery => "pin",
            Self::Confirmation => "confirmation",
            Self::AlertAddress => "alert address",
        }
    }
}

/// Text messages with a PIN to one number in a day, whoever asks.
pub const TO_NUMBER: Limit = Limit { what: "PIN number", most: 6, within: Duration::hours(24) };
/// Text messages with a PIN that one address asks for in a day.
pub const TEXTS_OF_ADDRESS: Limit = Limit { what: "PIN text address", most: 20, within: Duration::hours(24) };

statement! {
    Create {
        id: String, kind: &'static str, subject: String, answer: String, sealed: Bytes, expires: Moment,
        address: Option<String>, target: String,
    };
    writes challenge;
    "CREATE type::record('challenge', $id) SET kind = $kind, subject = $subject, answer = $answer,
        sealed = IF $subject = '' { NONE } ELSE { $sealed }, expires = $expires, address = $address, target = $target RETURN NONE;"
}

/// Draws a PIN for a logon and enqueues its sending; without a logon it does the same, and the job finds
/// nothing to send, so that nobody can tell.
///
/// # Errors
/// When the database does not answer.
pub async fn send(portal: &Portal, purpose: Purpose, logon: Option<&str>, to: &To) -> Result<String, Fault> {
    let id = Ulid::generate().to_string();
    let pin = format!("{:08}", rand::rng().random_range(0..100_000_000));
    let new = Create {
        id: id.clone(),
        kind: purpose.word(),
        subject: logon.unwrap_or_default().to_owned(),
        answer: portal.keys.hash("pin", pin.as_bytes()),
        sealed: portal.keys.seal(&seal_name(&id), pin.as_bytes()).into(),
        expires: portal.now() + LASTS,
        address: match to {
            To::Address(email) => Some(email.to_string()),
            To::Profile | To::Mobile => None,
        },
        target: to.target(),
    };
    let text = if matches!(to, To::Mobile) { count_text(portal, logon).await? } else { Transaction::default() };
    let job = Pin { challenge: id.clone(), by_text: matches!(to, To::Mobile) };
    new.then(text).then(Transaction::enqueue(job.task())).run(&portal.db).await?;
    Ok(id)
}

/// Statements that count a text message, if it is one of a logon: an unknown user ID's is none. Both are refused past the
/// day's ceiling, so that nobody can tell.
async fn count_text(portal: &Portal, logon: Option<&str>) -> Result<Transaction, Fault> {
    let today = portal.agency().calendar().day(portal.now());
    if ceiling::counted(&portal.db, Daily::Texts, today).await? >= portal.ceiling(Daily::Texts) {
        return Err(Fault::TooMany);
    }
    Ok(if logon.is_some() { portal.count_daily(Daily::Texts) } else { Transaction::default() })
}

/// What became of a PIN that was typed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SurrealValue)]
#[surreal(untagged, rename_all = "lowercase")]
pub enum Looked {
    /// It is the PIN.
    Right,
    /// It is another one.
    Wrong,
    /// The PIN has expired, or was tried too often: nothing is right any more.
    Dead,
}

/// Whether this is the PIN, as [`look_at`] tells.
///
/// # Errors
/// When the database does not answer.
pub async fn is_proved_by(portal: &Portal, purpose: Purpose, id: &str, typed: &str) -> Result<bool, Fault> {
    Ok(look_at(portal, purpose, id, typed).await? == Looked::Right)
}

statement! {
    LookAt { id: String, answers: Vec<String>, kind: &'static str, tries: i64, now: Moment } -> Option<Looked>;
    reads challenge;
    writes challenge;
    "LET $row = (SELECT answer, tries, subject FROM ONLY type::record('challenge', $id)
        WHERE kind = $kind AND expires > $now AND tries < $tries);
     IF $row = NONE { RETURN 'dead' };
     LET $right = $row.answer IN $answers AND $row.subject != '';
     UPDATE type::record('challenge', $id) SET tries += 1, proved = $right RETURN NONE;
     RETURN IF $right { 'right' } ELSE { 'wrong' };"
}

/// Looks at a PIN that was typed in; each try counts, and a proved PIN is used up by [`use_up`]. An unknown user ID's PIN
/// is tried as often as another one before it is dead.
///
/// # Errors
/// When the database does not answer.
pub async fn look_at(portal: &Portal, purpose: Purpose, id: &str, typed: &str) -> Result<Looked, Fault> {
    let digits: String = text::identifier(typed).chars().filter(char::is_ascii_digit).collect();
    let look = LookAt {
        id: id.to_owned(),
        answers: portal.keys.hashes("pin", digits.as_bytes()),
        kind: purpose.word(),
        tries: TRIES,
        now: portal.now(),
    };
    let looked = look.run(&portal.db).await?.unwrap_or(Looked::Dead);
    if looked != Looked::Right {
        audit::row(portal.now(), "", Deed::EnteredWrongPin, id, purpose.word()).run(&portal.db).await?;
    }
    Ok(looked)
}

/// What the transaction throws when the PIN was used or has expired.
pub const USED: Refusal = Refusal::new("the PIN is used");

statement! {
    UseUp { kind: &'static str, target: String, id: String, logon: String, now: Moment };
    reads challenge;
    writes challenge;
    refuses USED;
    "LET $proof = (SELECT proved FROM ONLY type::record('challenge', $id)
        WHERE kind = $kind AND expires > $now AND subject = $logon AND target = $target);
     IF $proof = NONE OR !$proof.proved { THROW $USED };
     DELETE type::record('challenge', $id);"
}

/// Statements that use a proved PIN up, if it went to this place.
pub fn use_up(purpose: Purpose, to: &To, id: &str, logon: &str, now: Moment) -> Transaction {
    let (id, logon) = (id.to_owned(), logon.to_owned());
    UseUp { kind: purpose.word(), target: to.target(), id, logon, now }.into()
}

#[derive(SurrealValue)]
struct WaitingRow {
    kind: String,
    subject: String,
    sealed: Option<Bytes>,
    address: Option<String>,
}

/// A PIN that waits to be sent.
pub struct Waiting {
    /// The logon.
    pub logon: String,
    /// The PIN.
    pub pin: String,
    /// What it is for.
    pub purpose: Purpose,
    /// Where to, if not to the logon's own address or number.
    pub address: Option<EmailAddress>,
}

statement! {
    FindWaiting { id: String, now: Moment } -> Option<WaitingRow>;
    reads challenge;
    "SELECT kind, subject, sealed, address FROM ONLY type::record('challenge', $id) WHERE expires > $now"
}

/// The PIN that waits to be sent; nothing when it was sent or has expired.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting(portal: &Portal, id: &str) -> Result<Option<Waiting>, Fault> {
    let row = portal.db.ask(FindWaiting { id: id.to_owned(), now: portal.now() }).await?;
    let Some(WaitingRow { kind, subject, sealed: Some(sealed), address }) = row else { return Ok(None) };
    let pin = portal.keys.open(&seal_name(id), &sealed).and_then(|pin| String::from_utf8(pin).ok());
    let address = address.map(|address| EmailAddress::parse(&address)).transpose();
    let address = address.map_err(|_| Fault::Broken("a PIN's address can't be read".into()))?;
    let purpose = Purpose::named(&kind).ok_or_else(|| Fault::Broken("a PIN is for nothing that is known".into()))?;
    Ok(pin.map(|pin| Waiting { logon: subject, pin, purpose, address }))
}

statement! {
    Unseal { id: String };
    writes challenge;
    "UPDATE type::record('challenge', $id) SET sealed = NONE RETURN NONE;"
}

/// Deletes the seal of a PIN that was sent.
///
/// # Errors
/// When the database does not answer.
pub async fn sent(portal: &Portal, id: &str) -> Result<(), Fault> {
    Ok(Unseal { id: id.to_owned() }.run(&portal.db).await?)
}
