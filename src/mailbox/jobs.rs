//! The alert: there is a message, and nothing of what it says (R142).

use springboard_jobs::{Alert, Outcome, Try, Verdict};

use crate::{
    access,
    delivery::Courier,
    http::Portal,
    post::Mail,
    words::{AccountId, AccountNumber, EmailAddress},
};

/// Sends an alert, unless its logon lost the access or turned alerts off meanwhile.
///
/// # Errors
/// Whether it may be tried again.
pub async fn alert(portal: &Portal, courier: &Courier, job: Alert, this: &Try) -> Outcome {
    let number = AccountNumber::parse(&job.number).map_err(|_| Verdict::Never("the alert names no account".into()))?;
    let account = AccountId::new(job.kind, number);
    let found = access::alert_address(&portal.store, &job.logon, &account).await;
    let Some((true, email)) = found.map_err(|fault| Verdict::Again(fault.to_string()))? else { return Ok(()) };
    let to =
        EmailAddress::parse(&email).map_err(|_| Verdict::Never("the address is not one that mail goes to".into()))?;
    let (agency, url) = (&portal.agency, &portal.public_url);
    let text = format!(
        "There is a new message for your account at {}:\n\n{} {}\n\nSign in to read it: {url}{}\n\n\
         You get this e-mail because notifications are on for this account. You can turn them off under Settings.\n",
        agency.portal,
        agency.type_name(&account.kind),
        account.number,
        account.path(),
    );
    // The same alert bears the same Message-ID, however often it is tried.
    let id =
        format!("alert-{}-{}-{}-{}", job.logon, account.kind, account.number.digits(), job.sequence).to_lowercase();
    courier.mail(this, "alert", Mail { id, to, subject: format!("New message at {}", agency.portal), text }).await
}
