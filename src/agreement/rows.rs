//! Which terms a person agreed to, in the database.

use crate::{
    audit::{self, Deed},
    store::{Ask, Piece, Store, StoreFault, value::SurrealValue},
    words::{Agency, Moment},
};

/// An account whose terms of access are not agreed to.
#[derive(Clone, Debug, SurrealValue)]
pub struct Account {
    /// Its type.
    pub kind: String,
    /// Its number, as digits.
    pub number: String,
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
}

impl Asked {
    /// Whether that is nothing.
    pub fn is_nothing(&self) -> bool {
        !self.terms && self.accounts.is_empty()
    }
}

/// What a logon is to agree to, as the agency's terms are now.
///
/// # Errors
/// When the database does not answer.
pub async fn asked(store: &Store, logon: &str, agency: &Agency) -> Result<Asked, StoreFault> {
    let ask = Ask::new(
        "SELECT terms_version != $terms AS terms,
            (SELECT kind, number FROM type::record('access', [$logon]..[$logon, ..]) WHERE terms_version != $access_terms LIMIT 20) AS accounts,
            (SELECT VALUE count FROM ONLY (SELECT count() AS count FROM type::record('access', [$logon]..[$logon, ..]) WHERE terms_version != $access_terms GROUP ALL) LIMIT 1) ?? 0 AS total
         FROM ONLY type::record('logon', $logon)",
    )
    .with("logon", logon.to_owned())
    .with("terms", agency.terms.version.clone())
    .with("access_terms", agency.access_terms.version.clone());
    let asked: Option<Asked> = store.ask(ask).await?.one(0)?;
    asked.ok_or_else(|| StoreFault::Broken("the logon is gone".into()))
}

#[derive(SurrealValue)]
struct Agreed {
    logon: String,
    terms: String,
    access: String,
    now: Moment,
}

/// Notes that a logon agreed to the terms as they are now, for all its accounts.
///
/// # Errors
/// When the database does not answer.
pub async fn agree(store: &Store, logon: &str, agency: &Agency, now: Moment) -> Result<(), StoreFault> {
    let (terms, access) = (agency.terms.version.clone(), agency.access_terms.version.clone());
    let versions = format!("terms {terms}, terms of access {access}");
    Piece::new(
        "UPDATE type::record('logon', $agreed.logon) SET terms_version = $agreed.terms, terms_at = $agreed.now
            WHERE terms_version != $agreed.terms RETURN NONE;
         UPDATE type::record('access', [$agreed.logon]..[$agreed.logon, ..]) SET terms_version = $agreed.access, terms_at = $agreed.now
            WHERE terms_version != $agreed.access RETURN NONE;
         fn::wake($agreed.logon, 'facts');",
    )
    .with("agreed", Agreed { logon: logon.to_owned(), terms, access, now })
    .then(audit::row(now, logon, Deed::AgreedToTerms, logon, &versions))
    .run(store)
    .await
    .map(drop)
}
