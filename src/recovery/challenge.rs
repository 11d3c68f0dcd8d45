//! Recovery PINs: 8 digits, 10 minutes, 5 tries, one use. Stored as a keyed hash, and sealed only
//! until they are sent.

use chrono::Duration;
use rand::RngExt;
use springboard_jobs::{Job, Pin};
use ulid::Ulid;

use crate::{
    audit::{self, Deed},
    db::{
        Ask, Piece,
        ceiling::{self, Daily},
        rate_limit::Limit,
        value::{Bytes, SurrealValue},
    },
    http::{Fault, Portal},
    words::{EmailAddress, Moment, text},
};

/// How long a PIN may be used.
const LASTS: Duration = Duration::minutes(10);
/// How often one may be tried.
const TRIES: i64 = 5;

#[derive(SurrealValue)]
struct Values {
    id: String,
    kind: String,
    subject: String,
    answer: String,
    sealed: Bytes,
    expires: Moment,
    address: Option<String>,
    target: String,
}

/// The name under which a PIN is sealed.
pub(super) fn seal_name(id: &str) -> String {
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

/// Draws a PIN for a logon and enqueues its sending; without a logon it does the same, and the job finds
/// nothing to send, so that nobody can tell.
///
/// # Errors
/// When the database does not answer.
pub async fn send(portal: &Portal, purpose: Purpose, logon: Option<&str>, to: &To) -> Result<String, Fault> {
    let id = Ulid::generate().to_string();
    let pin = format!("{:08}", rand::rng().random_range(0..100_000_000));
    let values = Values {
        id: id.clone(),
        kind: purpose.word().into(),
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
    let text = if matches!(to, To::Mobile) { count_text(portal, logon).await? } else { Piece::default() };
    let written = Piece::new(
        "CREATE type::record('challenge', $pin.id) SET kind = $pin.kind, subject = $pin.subject, answer = $pin.answer,
            sealed = IF $pin.subject = '' { NONE } ELSE { $pin.sealed }, expires = $pin.expires,
            address = $pin.address, target = $pin.target RETURN NONE;",
    )
    .with("pin", values);
    let job = Pin { challenge: id.clone(), by_text: matches!(to, To::Mobile) };
    written.then(text).then(Piece::enqueue("pin_job", job.task())).run(&portal.db).await?;
    Ok(id)
}

/// Statements that count a text message, if it is one of a logon: an unknown user ID's is none. Both are refused past the
/// day's ceiling, so that nobody can tell.
async fn count_text(portal: &Portal, logon: Option<&str>) -> Result<Piece, Fault> {
    let today = portal.agency().calendar().day(portal.now());
    if ceiling::counted(&portal.db, Daily::Texts, today).await? >= portal.ceiling(Daily::Texts) {
        return Err(Fault::TooMany);
    }
    Ok(if logon.is_some() { portal.count_daily(Daily::Texts) } else { Piece::default() })
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

/// Looks at a PIN that was typed in; each try counts, and a proved PIN is used up by [`use_up`]. An unknown user ID's PIN
/// is tried as often as another one before it is dead.
///
/// # Errors
/// When the database does not answer.
pub async fn look_at(portal: &Portal, purpose: Purpose, id: &str, typed: &str) -> Result<Looked, Fault> {
    let digits: String = text::identifier(typed).chars().filter(char::is_ascii_digit).collect();
    let ask = Ask::new(
        "{
            LET $row = (SELECT answer, tries, subject FROM ONLY type::record('challenge', $id) 
                WHERE kind = $kind AND expires > $now AND tries < $tries);
            IF $row = NONE { RETURN 'dead' };
            LET $right = $row.answer IN $answers AND $row.subject != '';
            UPDATE type::record('challenge', $id) SET tries += 1, proved = $right RETURN NONE;
            RETURN IF $right { 'right' } ELSE { 'wrong' };
        }",
    )
    .with("id", id.to_owned())
    .with("answers", portal.keys.hashes("pin", digits.as_bytes()))
    .with("kind", purpose.word())
    .with("tries", TRIES)
    .with("now", portal.now());
    let looked = portal.db.ask(ask).await?.one(0)?.unwrap_or(Looked::Dead);
    if looked != Looked::Right {
        audit::row(portal.now(), "", Deed::EnteredWrongPin, id, purpose.word()).run(&portal.db).await?;
    }
    Ok(looked)
}

/// What the transaction throws when the PIN was used or has expired.
pub const USED: &str = "the PIN is used";

/// Statements that use a proved PIN up, if it went to this place.
pub fn use_up(purpose: Purpose, to: &To, id: &str, logon: &str, now: Moment) -> Piece {
    Piece::new(format!(
        "LET $proof = (SELECT proved FROM ONLY type::record('challenge', $proved.id)
            WHERE kind = $proved.kind AND expires > $proved.now AND subject = $proved.logon AND target = $proved.target);
         IF $proof = NONE OR !$proof.proved {{ THROW '{USED}' }};
         DELETE type::record('challenge', $proved.id);"
    ))
    .with(
        "proved",
        Proved { kind: purpose.word().into(), target: to.target(), id: id.to_owned(), logon: logon.to_owned(), now },
    )
}

#[derive(SurrealValue)]
struct Proved {
    kind: String,
    target: String,
    id: String,
    logon: String,
    now: Moment,
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

/// The PIN that waits to be sent; nothing when it was sent or has expired.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting(portal: &Portal, id: &str) -> Result<Option<Waiting>, Fault> {
    let ask =
        Ask::new("SELECT kind, subject, sealed, address FROM ONLY type::record('challenge', $id) WHERE expires > $now")
            .with("id", id.to_owned())
            .with("now", portal.now());
    let row: Option<WaitingRow> = portal.db.ask(ask).await?.one(0)?;
    let Some(WaitingRow { kind, subject, sealed: Some(sealed), address }) = row else { return Ok(None) };
    let pin = portal.keys.open(&seal_name(id), &sealed).and_then(|pin| String::from_utf8(pin).ok());
    let address = address.map(|address| EmailAddress::parse(&address)).transpose();
    let address = address.map_err(|_| Fault::Broken("a PIN's address can't be read".into()))?;
    let purpose = Purpose::named(&kind).ok_or_else(|| Fault::Broken("a PIN is for nothing that is known".into()))?;
    Ok(pin.map(|pin| Waiting { logon: subject, pin, purpose, address }))
}

/// Deletes challenges that expired a day ago.
pub fn expired(now: Moment) -> Piece {
    Piece::new("DELETE challenge WHERE expires < $now - 1d;").with("now", now)
}

/// Deletes the seal of a PIN that was sent.
///
/// # Errors
/// When the database does not answer.
pub async fn sent(portal: &Portal, id: &str) -> Result<(), Fault> {
    let ask = Ask::new("UPDATE type::record('challenge', $id) SET sealed = NONE RETURN NONE").with("id", id.to_owned());
    portal.db.ask(ask).await?;
    Ok(())
}
