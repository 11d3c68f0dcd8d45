//! Enrollment links: 256 random bits, good once and for 72 hours. Only their hash is kept, and a seal until one is mailed.

use chrono::Duration;
use sha2::{Digest, Sha256};

use crate::{
    db::{
        Ask, Db, DbError, Piece,
        value::{Bytes, SurrealValue},
    },
    session::token,
    words::{Keys, Moment},
};

/// How long a link is good.
pub(super) const LASTS: Duration = Duration::hours(72);
/// What using one up throws when it was used or is too old.
pub(super) const USED: &str = "the link is used";

/// A new link.
pub(super) struct Enrollment {
    /// Its record.
    pub key: String,
    /// What writes it; an older link of the same staff member is void.
    pub piece: Piece,
    token: String,
}

fn key_of(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

fn seal_name(key: &str) -> String {
    format!("enrollment:{key}")
}

#[derive(SurrealValue)]
struct New {
    key: String,
    staff: String,
    sealed: Option<Bytes>,
    expires: Moment,
}

impl Enrollment {
    /// Draws a link for a staff member; one that is mailed waits sealed until then.
    pub fn draw(keys: &Keys, staff: &str, is_mailed: bool, now: Moment) -> Self {
        let token = token::draw();
        let key = key_of(&token);
        let sealed = is_mailed.then(|| Bytes::from(keys.seal(&seal_name(&key), token.as_bytes())));
        let new = New { key: key.clone(), staff: staff.to_owned(), sealed, expires: now + LASTS };
        let piece = Piece::new(
            "DELETE staff_enrollment WHERE staff = $enrollment.staff;
             CREATE type::record('staff_enrollment', $enrollment.key) SET staff = $enrollment.staff, sealed = $enrollment.sealed,
                expires = $enrollment.expires RETURN NONE;",
        )
        .with("enrollment", new);
        Self { key, piece, token }
    }

    /// The address, for whoever is shown it once.
    pub fn address(&self, public_url: &str) -> String {
        address(public_url, &self.token)
    }
}

pub(super) fn address(public_url: &str, token: &str) -> String {
    format!("{public_url}/staff/enroll/{token}")
}

/// The staff member whose link this is, if it is still good.
pub(super) async fn owner(db: &Db, token: &str, now: Moment) -> Result<Option<String>, DbError> {
    let ask = Ask::new("SELECT VALUE staff FROM ONLY type::record('staff_enrollment', $key) WHERE expires > $now");
    db.ask(ask.with("key", key_of(token)).with("now", now)).await?.one(0)
}

#[derive(SurrealValue)]
struct Use {
    key: String,
    now: Moment,
}

/// Statements that use a link up, or throw [`USED`].
pub(super) fn use_up(token: &str, now: Moment) -> Piece {
    Piece::new(format!(
        "IF (DELETE type::record('staff_enrollment', $used_link.key) WHERE expires > $used_link.now RETURN BEFORE) = [] {{ THROW '{USED}' }};"
    ))
    .with("used_link", Use { key: key_of(token), now })
}

#[derive(SurrealValue)]
struct Sealed {
    staff: String,
    sealed: Option<Bytes>,
}

/// The staff member and the token of a link that waits to be mailed.
pub(super) async fn waiting(db: &Db, keys: &Keys, key: &str, now: Moment) -> Result<Option<(String, String)>, DbError> {
    let ask = Ask::new("SELECT staff, sealed FROM ONLY type::record('staff_enrollment', $key) WHERE expires > $now");
    let row: Option<Sealed> = db.ask(ask.with("key", key.to_owned()).with("now", now)).await?.one(0)?;
    let Some(Sealed { staff, sealed: Some(sealed) }) = row else { return Ok(None) };
    let token = keys.open(&seal_name(key), &sealed).and_then(|token| String::from_utf8(token).ok());
    Ok(token.map(|token| (staff, token)))
}

/// Statements that delete the seal of a link that was mailed.
pub(super) fn mailed(key: &str) -> Piece {
    Piece::new("UPDATE type::record('staff_enrollment', $mailed_link) SET sealed = NONE RETURN NONE;")
        .with("mailed_link", key.to_owned())
}

/// Deletes links that are too old.
pub fn expired(now: Moment) -> Piece {
    Piece::new("DELETE staff_enrollment WHERE expires < $now;").with("now", now)
}
