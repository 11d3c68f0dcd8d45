//! Changes of what guards a logon: each is told to the address of now and, if that changed, to the one of before. From there
//! the logon can be frozen until staff have looked at it; nothing is reversed by that (NIST SP 800-63B, 6.1.2).

use chrono::Duration;
use springboard_jobs::{Job, Notice, NoticeKind, Outcome, Try, Verdict};

use super::queries;
use crate::{
    db::{Db, DbError, Query, Refusal, Transaction, statement, value::SurrealValue},
    delivery::Courier,
    http::Portal,
    post::Mail,
    words::{EmailAddress, Keys, LogonId, Moment, Occasion},
};

/// How long a change can be frozen.
pub const FREEZABLE: Duration = Duration::days(14);

/// What was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialChange {
    /// The password.
    Password,
    /// The e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// The ways of recovery.
    Recovery,
    /// A second factor was added.
    FactorAdded,
    /// A second factor was removed.
    FactorRemoved,
}

impl CredentialChange {
    const ALL: [Self; 6] =
        [Self::Password, Self::Email, Self::Phone, Self::Recovery, Self::FactorAdded, Self::FactorRemoved];

    fn code(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Recovery => "recovery",
            Self::FactorAdded => "factor_added",
            Self::FactorRemoved => "factor_removed",
        }
    }

    /// The sentence that its owner reads.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Password => "The password of your logon was changed.",
            Self::Email => "The e-mail address of your logon was changed.",
            Self::Phone => "A phone number of your logon was changed.",
            Self::Recovery => "The recovery methods of your logon were changed.",
            Self::FactorAdded => "Two-step sign-in was set up for your logon.",
            Self::FactorRemoved => "A second factor of your logon was removed.",
        }
    }
}

statement! {
    Note { id: String, logon: String, what: &'static str, old_email: Option<String>, now: Moment };
    writes credential_change;
    "CREATE type::record('credential_change', $id) SET logon = $logon, what = $what, old_email = $old_email, at = $now RETURN NONE;"
}

/// Statements that note a change and tell the owner: at `old_email` as well, if that is another address by now.
pub fn noted(logon: &str, what: CredentialChange, old_email: Option<&EmailAddress>, now: Moment) -> Transaction {
    let id = ulid::Ulid::generate().to_string();
    let notice = |to: &str| {
        let kind = NoticeKind::CredentialChanged;
        Notice { kind, about: id.clone(), to: to.to_owned(), event: String::new() }.task()
    };
    let notices = std::iter::once(notice("now")).chain(old_email.map(|_| notice("before"))).collect();
    let old_email = old_email.map(ToString::to_string);
    let note = Note { id, logon: logon.to_owned(), what: what.code(), old_email, now };
    note.then(Transaction::enqueue_all(notices))
}

/// A change, as its page shows it.
pub struct Noted {
    /// Its id.
    pub id: String,
    /// Whose logon.
    pub logon: LogonId,
    /// What was changed.
    pub what: CredentialChange,
    /// The address of before.
    pub old_email: Option<EmailAddress>,
    /// Whether it can be frozen still.
    pub is_freezable: bool,
}

#[derive(SurrealValue)]
struct Row {
    logon: String,
    what: String,
    old_email: Option<String>,
    at: Moment,
    frozen: Option<Moment>,
}

statement! {
    Find { id: String } -> Option<Row>;
    reads credential_change;
    "SELECT logon, what, old_email, at, frozen FROM ONLY type::record('credential_change', $id)"
}

/// A change.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &Db, id: &str, now: Moment) -> Result<Option<Noted>, DbError> {
    if id.is_empty() {
        return Ok(None);
    }
    let row = db.ask(Find { id: id.to_owned() }).await?;
    Ok(row.and_then(|row| {
        Some(Noted {
            id: id.to_owned(),
            logon: LogonId::known(row.logon),
            what: CredentialChange::ALL.into_iter().find(|what| what.code() == row.what)?,
            old_email: row.old_email.and_then(|email| EmailAddress::parse(&email).ok()),
            is_freezable: row.frozen.is_none() && now - row.at < FREEZABLE,
        })
    }))
}

/// What a link needs to freeze a change: only whoever got the mail has it.
pub fn proof(keys: &Keys, id: &str) -> String {
    keys.hash("freeze", id.as_bytes())
}

/// What freezing throws when it was done before.
pub const FROZEN: Refusal = Refusal::new("the change is frozen");

// The other links are used up with this one: staff look at all of it.
statement! {
    Freeze { id: String, logon: String, now: Moment };
    writes credential_change, logon;
    refuses FROZEN;
    "IF (UPDATE type::record('credential_change', $id) SET frozen = $now WHERE frozen = NONE RETURN VALUE id) = [] { THROW $FROZEN };
     UPDATE credential_change SET frozen = $now WHERE logon = $logon AND frozen = NONE RETURN NONE;
     UPDATE type::record('logon', $logon) SET status = 'suspended' RETURN NONE;"
}

/// Statements that freeze a change: its logon is suspended until staff have looked at it.
pub fn freeze(change: &Noted, now: Moment) -> Transaction {
    Freeze { id: change.id.clone(), logon: change.logon.to_string(), now }.into()
}

statement! {
    Expired { now: Moment };
    writes credential_change;
    "DELETE credential_change WHERE at < $now - 30d;"
}

/// Deletes changes that can't be frozen any more.
pub fn expired(now: Moment) -> Transaction {
    Expired { now }.into()
}

/// Tells an address of a change.
///
/// # Errors
/// Whether it may be tried again.
pub async fn tell(portal: &Portal, courier: &Courier, notice: &Notice, this: &Try) -> Outcome {
    let again = |fault: DbError| Verdict::Again(fault.to_string());
    let change = find(&portal.db, &notice.about, portal.now()).await.map_err(again)?;
    let Some(change) = change else { return Ok(()) };
    let logon = queries::find(&portal.db, &change.logon).await.map_err(again)?;
    let Some(logon) = logon else { return Err(Verdict::Never("the logon is gone".into())) };
    let to = if notice.to == "before" { change.old_email } else { Some(logon.profile.email) };
    let Some(to) = to else { return Ok(()) };
    let link = format!("{}/changes/{}/{}", portal.public_url, change.id, proof(&portal.keys, &change.id));
    let said = match change.what {
        CredentialChange::Password => {
            portal.say(Occasion::PasswordChanged, &[("user_id", &logon.user_id), ("link", &link)])
        }
        what => portal.say(
            Occasion::CredentialChanged,
            &[("user_id", &logon.user_id), ("what", &what.sentence()), ("link", &link)],
        ),
    };
    let id = format!("change-{}-{}", notice.to, change.id.to_lowercase());
    courier.mail(this, Mail::new(id, to, said.subject, said.text), Transaction::default()).await
}
