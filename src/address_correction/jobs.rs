//! Word of a correction: to the address of before, to the one of now, and to everybody with access.

use springboard_jobs::{Notice, Outcome, Try, Verdict};

use super::Correction;
use crate::{
    access, approval,
    db::{DbError, Transaction},
    delivery::Courier,
    http::Portal,
    post::Mail,
    words::{AccountId, EmailAddress, Occasion},
};

/// Tells one of them.
///
/// # Errors
/// Whether it may be tried again.
pub async fn tell(portal: &Portal, courier: &Courier, notice: &Notice, this: &Try) -> Outcome {
    let again = |fault: DbError| Verdict::Again(fault.to_string());
    let request = approval::find(&portal.db, &notice.about).await.map_err(again)?;
    let Some(request) = request else { return Err(Verdict::Never("the request is gone".into())) };
    let correction: Correction =
        serde_json::from_str(&request.payload).map_err(|fault| Verdict::Never(fault.to_string()))?;
    let Some(account) = AccountId::of_key(&request.subject) else {
        return Err(Verdict::Never("it names no account".into()));
    };
    let (before, after) = (correction.before.email, correction.after.email);
    let (to, holder) = match notice.to.as_str() {
        // Who has the same address is told once.
        "before" if before == after => (None, None),
        "before" => (before, None),
        "after" => (after, None),
        logon => {
            let wishes = access::wishes(&portal.db, logon, &account).await.map_err(again)?;
            (wishes.and_then(|wishes| EmailAddress::parse(&wishes.email).ok()), Some(logon))
        }
    };
    let Some(to) = to else { return Ok(()) };
    let about = format!("{} {}", portal.agency().type_name(&account.kind), account.number);
    let said = portal.say(Occasion::AddressCorrected, &[("account", &about)]);
    let mail = Mail::new(format!("address-{}", this.job.to_lowercase()), to, said.subject, said.text);
    courier.mail(this, mail.about(account, holder), Transaction::default()).await
}
