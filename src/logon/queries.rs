//! Logons in the database.

use super::{Profile, Recovery, findable::name_key};
use crate::{
    challenge,
    db::{Db, DbError, Query, Refusal, Transaction, statement, value::SurrealValue},
    words::{EmailAddress, LogonId, Moment, PhoneNumber, UserId},
};

/// A logon as it is stored.
#[derive(Clone, Debug, SurrealValue)]
struct Row {
    key: String,
    user_id: String,
    first: String,
    middle: Option<String>,
    last: String,
    suffix: Option<String>,
    email: String,
    work_phone: String,
    mobile: Option<String>,
    password: String,
    former_passwords: Vec<String>,
    recovery: Vec<Recovery>,
    questions: Vec<Question>,
    status: Status,
    email_confirmed: Option<bool>,
    mobile_confirmed: Option<bool>,
    signed_in: Option<Moment>,
    signed_in_before: Option<Moment>,
}

/// Whether a logon may sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SurrealValue)]
#[surreal(untagged, rename_all = "lowercase")]
pub enum Status {
    /// It may.
    Active,
    /// Staff suspended it.
    Suspended,
}

/// A security question with the hash of its answer.
#[derive(Clone, Debug, SurrealValue)]
pub struct Question {
    /// The question's key.
    pub question: String,
    /// The hash of the normalised answer.
    pub answer: String,
}

/// A person's logon.
#[derive(Clone, Debug)]
pub struct Logon {
    /// Its identity.
    pub id: LogonId,
    /// What its owner signs in with.
    pub user_id: UserId,
    /// Who its owner is.
    pub profile: Profile,
    /// The hash of the password.
    pub password: String,
    /// Hashes of the passwords before it, the latest first.
    pub former_passwords: Vec<String>,
    /// The ways of recovery that were chosen.
    pub recovery: Vec<Recovery>,
    /// Security questions, if they were chosen.
    pub questions: Vec<Question>,
    /// Whether it may sign in.
    pub status: Status,
    /// Whether the e-mail address was confirmed by a PIN.
    pub email_confirmed: bool,
    /// Whether the mobile number was confirmed by a PIN.
    pub mobile_confirmed: bool,
    /// The present session's sign-in.
    pub signed_in: Option<Moment>,
    /// The sign-in before that (R131).
    pub signed_in_before: Option<Moment>,
}

macro_rules! columns {
    () => {
        "record::id(id) AS key, user_id, first, middle, last, suffix, email, work_phone, mobile, password,
            former_passwords, recovery, questions, status, email_confirmed, mobile_confirmed, signed_in, signed_in_before"
    };
}

fn read(row: Row) -> Result<Logon, DbError> {
    let broken = |what: &str| DbError::Broken(format!("a logon's {what} can't be read"));
    let phone = |text: String| PhoneNumber::parse(&text).map_err(|_| broken("phone number"));
    Ok(Logon {
        id: LogonId::known(row.key),
        user_id: UserId::parse(&row.user_id).map_err(|_| broken("user ID"))?,
        profile: Profile {
            first: row.first,
            middle: row.middle,
            last: row.last,
            suffix: row.suffix,
            email: EmailAddress::stored(row.email),
            work_phone: phone(row.work_phone)?,
            mobile: row.mobile.map(phone).transpose()?,
        },
        password: row.password,
        former_passwords: row.former_passwords,
        recovery: row.recovery,
        questions: row.questions,
        status: row.status,
        email_confirmed: row.email_confirmed.unwrap_or(false),
        mobile_confirmed: row.mobile_confirmed.unwrap_or(false),
        signed_in: row.signed_in,
        signed_in_before: row.signed_in_before,
    })
}

statement! {
    Find { id: String } -> Option<Row>;
    reads logon;
    concat!("SELECT ", columns!(), " FROM ONLY type::record('logon', $id)")
}

/// The logon with this identity.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &Db, id: &LogonId) -> Result<Option<Logon>, DbError> {
    db.ask(Find { id: id.to_string() }).await?.map(read).transpose()
}

statement! {
    FindByUserId { folded: String } -> Option<Row>;
    reads logon;
    concat!("SELECT ", columns!(), " FROM logon WHERE folded = $folded LIMIT 1")
}

/// The logon with this user ID.
///
/// # Errors
/// When the database does not answer.
pub async fn find_by_user_id(db: &Db, user_id: &UserId) -> Result<Option<Logon>, DbError> {
    db.ask(FindByUserId { folded: user_id.folded() }).await?.map(read).transpose()
}

statement! {
    LikeIt { folded: String, lookalike: Option<String> } -> Vec<String>;
    reads logon;
    "RETURN array::concat((SELECT VALUE user_id FROM logon WHERE folded = $folded LIMIT 1),
        IF $lookalike = NONE { [] } ELSE { SELECT VALUE user_id FROM logon WHERE lookalike = $lookalike LIMIT 1 })"
}

/// Whether a user ID is taken (G14).
///
/// # Errors
/// When the database does not answer.
pub async fn is_taken(db: &Db, user_id: &UserId) -> Result<bool, DbError> {
    let like_it = LikeIt { folded: user_id.folded(), lookalike: user_id.lookalike() };
    Ok(!db.ask(like_it).await?.is_empty())
}

statement! {
    UserIdsOf { email: String } -> Vec<String>;
    reads logon;
    "SELECT VALUE user_id FROM logon WHERE email_folded = $email LIMIT 20"
}

/// The user IDs of an e-mail address, at most 20 (R50).
///
/// # Errors
/// When the database does not answer.
pub async fn user_ids_of(db: &Db, email: &EmailAddress) -> Result<Vec<String>, DbError> {
    db.ask(UserIdsOf { email: email.folded() }).await
}

statement! {
    FirstOf { email: String } -> Option<String>;
    reads logon;
    "SELECT VALUE record::id(id) FROM logon WHERE email_folded = $email LIMIT 1"
}

/// A logon of an e-mail address, if there is any.
///
/// # Errors
/// When the database does not answer.
pub async fn first_of(db: &Db, email: &EmailAddress) -> Result<Option<String>, DbError> {
    db.ask(FirstOf { email: email.folded() }).await
}

/// What a new logon needs.
pub struct New<'a> {
    /// Its identity.
    pub id: &'a LogonId,
    /// The user ID, found free a moment ago.
    pub user_id: &'a UserId,
    /// The profile.
    pub profile: &'a Profile,
    /// The hash of the password.
    pub password: String,
    /// The ways of recovery.
    pub recovery: Vec<Recovery>,
    /// The security questions.
    pub questions: Vec<Question>,
    /// The version of the terms that were agreed to.
    pub terms_version: &'a str,
}

/// What the transaction throws when the user ID was taken meanwhile.
pub const TAKEN: Refusal = Refusal::new("the user ID is taken");

statement! {
    Create {
        id: String, user_id: String, folded: String, lookalike: Option<String>, name_folded: String, first: String,
        middle: Option<String>, last: String, suffix: Option<String>, email: String, email_folded: String,
        work_phone: String, mobile: Option<String>, password: String, recovery: Vec<Recovery>, questions: Vec<Question>,
        terms_version: String, now: Moment,
    };
    reads logon;
    writes logon;
    refuses TAKEN;
    "IF (SELECT VALUE id FROM logon WHERE folded = $folded) != [] { THROW $TAKEN };
     IF $lookalike != NONE AND (SELECT VALUE id FROM logon WHERE lookalike = $lookalike) != [] { THROW $TAKEN };
     CREATE type::record('logon', $id) SET user_id = $user_id, folded = $folded, lookalike = $lookalike, first = $first,
        middle = $middle, last = $last, suffix = $suffix, email = $email, email_folded = $email_folded,
        work_phone = $work_phone, mobile = $mobile, password = $password, recovery = $recovery, questions = $questions,
        terms_version = $terms_version, terms_at = $now, created = $now, name_folded = $name_folded RETURN NONE;"
}

/// Writes a new logon.
pub fn create(new: New<'_>, now: Moment) -> Transaction {
    Create {
        id: new.id.to_string(),
        user_id: new.user_id.to_string(),
        folded: new.user_id.folded(),
        lookalike: new.user_id.lookalike(),
        name_folded: name_key(&new.profile.last, &new.profile.first),
        first: new.profile.first.clone(),
        middle: new.profile.middle.clone(),
        last: new.profile.last.clone(),
        suffix: new.profile.suffix.clone(),
        email: new.profile.email.to_string(),
        email_folded: new.profile.email.folded(),
        work_phone: new.profile.work_phone.as_kept().to_owned(),
        mobile: new.profile.mobile.as_ref().map(|mobile| mobile.as_e164().to_owned()),
        password: new.password,
        recovery: new.recovery,
        questions: new.questions,
        terms_version: new.terms_version.to_owned(),
        now,
    }
    .into()
}

/// What a transaction throws when the password is no longer the one that was checked.
pub const CHANGED: Refusal = Refusal::new("the password was changed");

statement! {
    Still { id: String, password: String };
    reads logon;
    refuses CHANGED;
    "IF (SELECT VALUE password FROM ONLY type::record('logon', $id) WHERE status = 'active') != $password { THROW $CHANGED };"
}

/// A statement that holds only while the logon is active and has the password that was checked: it may
/// have been changed while the check took its time.
fn still(id: &str, password: &str) -> Still {
    Still { id: id.to_owned(), password: password.to_owned() }
}

statement! {
    ChangeProfile {
        id: String, first: String, middle: Option<String>, last: String, suffix: Option<String>, name_folded: String,
        email: String, email_folded: String, work_phone: String, mobile: Option<String>,
    };
    writes logon;
    changes Logon(id);
    "UPDATE type::record('logon', $id) SET
        email_confirmed = (email_confirmed ?? false) AND email_folded = $email_folded,
        mobile_confirmed = (mobile_confirmed ?? false) AND mobile = $mobile,
        first = $first, middle = $middle, last = $last, suffix = $suffix, email = $email, email_folded = $email_folded,
        work_phone = $work_phone, mobile = $mobile, name_folded = $name_folded RETURN NONE;"
}

/// Writes a changed profile.
pub fn change_profile(id: &str, checked: &str, profile: &Profile) -> Transaction {
    still(id, checked).then(challenge::end_pins(id)).then(ChangeProfile {
        id: id.to_owned(),
        first: profile.first.clone(),
        middle: profile.middle.clone(),
        last: profile.last.clone(),
        suffix: profile.suffix.clone(),
        name_folded: name_key(&profile.last, &profile.first),
        email: profile.email.to_string(),
        email_folded: profile.email.folded(),
        work_phone: profile.work_phone.as_kept().to_owned(),
        mobile: profile.mobile.as_ref().map(|mobile| mobile.as_e164().to_owned()),
    })
}

statement! {
    ChangePassword { id: String, hash: String };
    writes logon;
    "UPDATE type::record('logon', $id) SET former_passwords = array::slice(array::prepend(former_passwords, password), 0, 2),
        password = $hash RETURN NONE;"
}

/// Writes a new password and keeps the last three, the present one included (R74).
pub fn change_password(id: &str, checked: &str, hash: String) -> Transaction {
    still(id, checked).then(challenge::end_pins(id)).then(ChangePassword { id: id.to_owned(), hash })
}

statement! {
    ChangeRecovery { id: String, recovery: Vec<Recovery>, questions: Vec<Question> };
    writes logon;
    "UPDATE type::record('logon', $id) SET recovery = $recovery, questions = $questions RETURN NONE;"
}

/// Writes other ways of recovery.
pub fn change_recovery(id: &str, checked: &str, recovery: Vec<Recovery>, questions: Vec<Question>) -> Transaction {
    still(id, checked).then(challenge::end_pins(id)).then(ChangeRecovery { id: id.to_owned(), recovery, questions })
}

statement! {
    SetStatus { id: String, status: &'static str };
    writes logon;
    changes Logon(id);
    "UPDATE type::record('logon', $id) SET status = $status RETURN NONE;"
}

/// Sets whether somebody may sign in: `active` or `suspended`.
pub fn set_status(id: &str, status: &'static str) -> Transaction {
    SetStatus { id: id.to_owned(), status }.into()
}

statement! {
    AgreeToTerms { id: String, version: String, now: Moment };
    writes logon;
    changes Logon(id);
    "UPDATE type::record('logon', $id) SET terms_version = $version, terms_at = $now RETURN NONE;"
}

/// Notes that a logon agreed to a version of the portal's terms.
pub fn agree_to_terms(id: &str, version: &str, now: Moment) -> Transaction {
    AgreeToTerms { id: id.to_owned(), version: version.to_owned(), now }.into()
}

statement! {
    MobileConfirmed { id: String };
    writes logon;
    changes Logon(id);
    "UPDATE type::record('logon', $id) SET mobile_confirmed = true RETURN NONE;"
}

statement! {
    EmailConfirmed { id: String };
    writes logon;
    changes Logon(id);
    "UPDATE type::record('logon', $id) SET email_confirmed = true RETURN NONE;"
}

/// Notes that the e-mail address or the mobile number was confirmed.
pub fn confirmed(id: &str, by_text: bool) -> Transaction {
    let id = id.to_owned();
    if by_text { MobileConfirmed { id }.into() } else { EmailConfirmed { id }.into() }
}

impl Logon {
    /// The ways of recovery that can be used: a text message only to a number that was confirmed (R62).
    /// If none is left, a PIN by e-mail.
    pub fn usable_recovery(&self) -> Vec<Recovery> {
        let usable = |way: &Recovery| *way != Recovery::Text || self.mobile_confirmed;
        let ways: Vec<Recovery> = self.recovery.iter().copied().filter(usable).collect();
        if ways.is_empty() { vec![Recovery::Email] } else { ways }
    }
}

statement! {
    SignedIn { id: String, now: Moment };
    writes logon;
    "UPDATE type::record('logon', $id) SET signed_in_before = signed_in, signed_in = $now RETURN NONE;"
}

/// Notes a sign-in; what was the last one becomes the one before.
pub fn signed_in(id: &LogonId, checked: &str, now: Moment) -> Transaction {
    still(id.as_str(), checked).then(SignedIn { id: id.to_string(), now })
}

statement! {
    Rehashed { id: String, hash: String };
    writes logon;
    "UPDATE type::record('logon', $id) SET password = $hash RETURN NONE;"
}

/// Statements that keep a password's hash as it is made today, behind [`signed_in`], which looked at the one before.
pub fn rehashed(id: &LogonId, hash: String) -> Transaction {
    Rehashed { id: id.to_string(), hash }.into()
}
