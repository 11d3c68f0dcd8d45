//! A correction in the database.

use springboard_jobs::{Job, Notice, NoticeKind};

use super::{Address, Correction};
use crate::{
    access,
    account::{self, Account, Put},
    approval::{self, ActionRequest},
    audit::{self, Deed},
    db::{DbError, Piece, value::SurrealValue},
    http::Portal,
    session::staff::By,
};

/// What a correction throws when the account is another by now.
pub(super) const CHANGED: &str = "the account changed";

#[derive(SurrealValue)]
struct Expected {
    kind: String,
    number: String,
    street: Vec<String>,
    email: Option<String>,
}

/// Statements that throw [`CHANGED`] unless the account has this address.
fn still(account: &Account, before: &Address) -> Piece {
    let expected = Expected {
        kind: account.id.kind.clone(),
        number: account.id.number.digits(),
        street: before.street.clone(),
        email: before.email.as_ref().map(ToString::to_string),
    };
    Piece::new(format!(
        "LET $on_record = (SELECT street, email FROM ONLY type::record('account', [$corrected.kind, $corrected.number]));
         IF $on_record.street != $corrected.street OR ($on_record.email ?? NONE) != ($corrected.email ?? NONE) {{ THROW '{CHANGED}' }};"
    ))
    .with("corrected", expected)
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
        .then(
            Piece::new("FOR $notice IN $address_notices { fn::apalis_enqueue($notice); };")
                .with("address_notices", notices),
        )
        .run(&portal.db)
        .await
        .map(drop)
}
