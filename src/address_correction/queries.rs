//! A correction in the database.

use springboard_jobs::{Job, Notice, NoticeKind};

use super::{Address, Correction};
use crate::{
    access,
    account::{self, Account, Put},
    approval::{self, ActionRequest},
    audit::{self, Deed},
    db::{DbError, Query, Refusal, Transaction, statement},
    http::Portal,
    session::staff::By,
};

/// What a correction throws when the account is another by now.
pub(super) const CHANGED: Refusal = Refusal::new("the account changed");

statement! {
    Still { kind: String, number: String, street: Vec<String>, email: Option<String> };
    reads account;
    refuses CHANGED;
    "LET $on_record = (SELECT street, email FROM ONLY type::record('account', [$kind, $number]));
     IF $on_record.street != $street OR ($on_record.email ?? NONE) != ($email ?? NONE) { THROW $CHANGED };"
}

/// Throws [`CHANGED`] unless the account has this address.
fn still(account: &Account, before: &Address) -> Still {
    Still {
        kind: account.id.kind.clone(),
        number: account.id.number.digits(),
        street: before.street.clone(),
        email: before.email.as_ref().map(ToString::to_string),
    }
}

/// Corrects an address as another staff member asked, and has everybody told whom it concerns.
///
/// # Errors
/// A refusal of [`approval::ALREADY_DECIDED`] or of [`CHANGED`].
pub(super) async fn correct(
    portal: &Portal,
    account: &Account,
    request: &ActionRequest,
    correction: &Correction,
    by: By<'_>,
) -> Result<(), DbError> {
    let (after, now) = (&correction.after, portal.now());
    let holders = access::holders(&portal.db, &account.id).await?;
    let told = ["before".to_owned(), "after".to_owned()].into_iter().chain(holders.into_iter().map(|one| one.logon));
    let notice =
        |to| Notice { kind: NoticeKind::AddressCorrected, about: request.id.clone(), to, event: String::new() };
    let notices: Vec<_> = told.map(|to| notice(to).task()).collect();
    let put = Put::new(&account.id, &account.name, &after.street, after.email.as_ref(), account.status);
    still(account, &correction.before)
        .then(approval::approve(request, by, now))
        .then(account::put(vec![put]))
        .then(audit::row(
            now,
            by.id,
            Deed::CorrectedAddress,
            &account.id.key(),
            &format!("asked for by {}", request.asked_by_name),
        ))
        .then(Transaction::enqueue_all(notices))
        .run(&portal.db)
        .await
}
