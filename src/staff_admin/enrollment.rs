//! Enrollment links: 256 random bits, good once and for 72 hours. Only their hash is kept, and a seal until one is mailed.

use chrono::Duration;
use sha2::{Digest, Sha256};

use crate::{
    db::{
        Db, DbError, Refusal, Transaction, statement,
        value::{Bytes, SurrealValue},
    },
    session::token,
    words::{Keys, Moment},
};

/// How long a link is good.
pub(super) const LASTS: Duration = Duration::hours(72);
/// What using one up throws when it was used or is too old.
pub(super) const USED: Refusal = Refusal::new("the link is used");

/// A new link.
pub(super) struct Enrollment {
    /// Its record.
    pub key: String,
    /// What writes it; an older link of the same staff member is void.
    pub written: Transaction,
    token: String,
}

fn key_of(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

fn seal_name(key: &str) -> String {
    format!("enrollment:{key}")
}

statement! {
    Write { key: String, staff: String, sealed: Option<Bytes>, expires: Moment };
    writes staff_enrollment;
    "DELETE staff_enrollment WHERE staff = $staff;
     CREATE type::record('staff_enrollment', $key) SET staff = $staff, sealed = $sealed, expires = $expires RETURN NONE;"
}

impl Enrollment {
    /// Draws a link for a staff member; one that is mailed waits sealed until then.
    pub fn draw(keys: &Keys, staff: &str, is_mailed: bool, now: Moment) -> Self {
        let token = token::draw();
        let key = key_of(&token);
        let sealed = is_mailed.then(|| Bytes::from(keys.seal(&seal_name(&key), token.as_bytes())));
        let write = Write { key: key.clone(), staff: staff.to_owned(), sealed, expires: now + LASTS };
        Self { key, written: write.into(), token }
    }

    /// The address, for whoever is shown it once.
    pub fn address(&self, public_url: &str) -> String {
        address(public_url, &self.token)
    }
}

pub(super) fn address(public_url: &str, token: &str) -> String {
    format!("{public_url}/staff/enroll/{token}")
}

statement! {
    Owner { key: String, now: Moment } -> Option<String>;
    reads staff_enrollment;
    "SELECT VALUE staff FROM ONLY type::record('staff_enrollment', $key) WHERE expires > $now"
}

/// The staff member whose link this is, if it is still good.
pub(super) async fn owner(db: &Db, token: &str, now: Moment) -> Result<Option<String>, DbError> {
    db.ask(Owner { key: key_of(token), now }).await
}

statement! {
    UseUp { key: String, now: Moment };
    reads staff_enrollment;
    writes staff_enrollment;
    refuses USED;
    "IF (DELETE type::record('staff_enrollment', $key) WHERE expires > $now RETURN BEFORE) = [] { THROW $USED };"
}

/// Statements that use a link up, or throw [`USED`].
pub(super) fn use_up(token: &str, now: Moment) -> Transaction {
    UseUp { key: key_of(token), now }.into()
}

#[derive(SurrealValue)]
struct Sealed {
    staff: String,
    sealed: Option<Bytes>,
}

statement! {
    Waiting { key: String, now: Moment } -> Option<Sealed>;
    reads staff_enrollment;
    "SELECT staff, sealed FROM ONLY type::record('staff_enrollment', $key) WHERE expires > $now"
}

/// The staff member and the token of a link that waits to be mailed.
pub(super) async fn waiting(db: &Db, keys: &Keys, key: &str, now: Moment) -> Result<Option<(String, String)>, DbError> {
    let row = db.ask(Waiting { key: key.to_owned(), now }).await?;
    let Some(Sealed { staff, sealed: Some(sealed) }) = row else { return Ok(None) };
    let token = keys.open(&seal_name(key), &sealed).and_then(|token| String::from_utf8(token).ok());
    Ok(token.map(|token| (staff, token)))
}

statement! {
    Mailed { key: String };
    writes staff_enrollment;
    "UPDATE type::record('staff_enrollment', $key) SET sealed = NONE RETURN NONE;"
}

/// Statements that delete the seal of a link that was mailed.
pub(super) fn mailed(key: &str) -> Transaction {
    Mailed { key: key.to_owned() }.into()
}

statement! {
    EndAll;
    writes staff_enrollment;
    "DELETE staff_enrollment;"
}

/// Statements that make all links void.
pub fn end_all() -> Transaction {
    EndAll {}.into()
}

statement! {
    Expired { now: Moment };
    writes staff_enrollment;
    "DELETE staff_enrollment WHERE expires < $now;"
}

/// Deletes links that are too old.
pub fn expired(now: Moment) -> Transaction {
    Expired { now }.into()
}
