//! Which terms a person agreed to, in the database.

use crate::{
    access,
    audit::{self, Deed},
    db::{Db, DbError, Query, Refusal, statement, value::SurrealValue},
    http::Published,
    logon,
    words::Moment,
};

/// What agreeing throws when something was published since the terms were read here.
pub const MOVED: Refusal = Refusal::new("the terms may be others by now");

/// An account whose terms of access are not agreed to.
#[derive(Clone, Debug, SurrealValue)]
pub struct Account {
    /// Its type.
    pub kind: String,
    /// Its number, as digits.
    pub number: String,
    /// The version that was agreed to; empty if none was, for staff gave the access.
    pub version: String,
}

/// What a person is to agree to.
#[derive(Clone, Debug, SurrealValue)]
pub struct Asked {
    /// Whether the portal's terms are among it.
    pub terms: bool,
    /// The accounts whose terms of access are, the first of them.
    pub accounts: Vec<Account>,
    /// How many those are.
    pub total: i64,
    /// When the newest of them was given: access that is given later is not among it.
    pub until: Option<Moment>,
}

impl Asked {
    /// Whether that is nothing.
    pub fn is_nothing(&self) -> bool {
        !self.terms && self.accounts.is_empty()
    }
}

statement! {
    AskedOf { logon: String, terms: String, access_terms: String } -> Option<Asked>;
    reads logon, access;
    "SELECT terms_version != $terms AS terms,
        (SELECT kind, number, terms_version AS version FROM access WHERE logon = $logon AND terms_version != $access_terms LIMIT 20) AS accounts,
        (SELECT VALUE count FROM ONLY (SELECT count() AS count FROM access WHERE logon = $logon AND terms_version != $access_terms GROUP ALL) LIMIT 1) ?? 0 AS total,
        (SELECT VALUE granted FROM access WHERE logon = $logon AND terms_version != $access_terms ORDER BY granted DESC LIMIT 1)[0] AS until
     FROM ONLY type::record('logon', $logon)"
}

/// What a logon is to agree to, as the agency's terms are now.
///
/// # Errors
/// When the database does not answer.
pub async fn asked(db: &Db, logon: &str, published: &Published) -> Result<Asked, DbError> {
    let agency = &published.agency;
    let (terms, access_terms) = (agency.terms.version.clone(), agency.access_terms.version.clone());
    let asked = db.ask(AskedOf { logon: logon.to_owned(), terms, access_terms }).await?;
    asked.ok_or_else(|| DbError::Broken("the logon is gone".into()))
}

statement! {
    StillPublished { head: i64 };
    reads content_head;
    refuses MOVED;
    "IF ((SELECT VALUE number FROM ONLY content_head:all) ?? 0) != $head { THROW $MOVED };"
}

/// Notes that a logon agreed to what it was asked for: of access, what was given until then.
///
/// # Errors
/// A refusal of [`MOVED`] when something was published since.
pub async fn agree(
    db: &Db,
    logon: &str,
    (asked, until): (&Asked, Moment),
    published: &Published,
    now: Moment,
) -> Result<(), DbError> {
    let agency = &published.agency;
    let terms = asked.terms.then(|| agency.terms.version.clone());
    let access = (!asked.accounts.is_empty()).then(|| agency.access_terms.version.clone());
    let about = terms.iter().map(|version| format!("terms {version}"));
    let until_then = until.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let about = about
        .chain(access.iter().map(|version| format!("terms of access {version}, for access given until {until_then}")));
    let about = about.collect::<Vec<_>>().join("; ");
    let agree_to_terms = terms.map(|version| logon::queries::agree_to_terms(logon, &version, now));
    let agree_to_access = access.map(|version| access::agree_to_terms(logon, &version, until, now));
    StillPublished { head: published.head }
        .then(agree_to_terms.unwrap_or_default())
        .then(agree_to_access.unwrap_or_default())
        .then(audit::row(now, logon, Deed::AgreedToTerms, logon, &about))
        .run(db)
        .await
}
