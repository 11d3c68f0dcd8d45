//! The account of a path, if it is one of the person's own.

use super::has;
use crate::{
    http::{Fault, Portal},
    session::Person,
    words::{AccountId, AccountNumber},
};

/// Looks for an account among the person's own: by the record, not by what the session remembers.
///
/// # Errors
/// [`Fault::NotFound`] for somebody else's, and for one that is not on file.
pub async fn own(person: &Person, portal: &Portal, kind: &str, number: &str) -> Result<AccountId, Fault> {
    let number = AccountNumber::parse(number).map_err(|_| Fault::NotFound)?;
    let id = AccountId::new(kind, number);
    if has(&portal.db, person.logon(), &id).await? {
        return Ok(id);
    }
    portal.log_refusal("not their account", person.logon());
    Err(Fault::NotFound)
}
