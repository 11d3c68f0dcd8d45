//! Word of an added access: to the address on record, and to those who had access before (R127).

use springboard_jobs::{Notice, Outcome, Try, Verdict};

use crate::{
    access, account,
    db::{DbError, Transaction},
    delivery::Courier,
    http::Portal,
    logon,
    post::Mail,
    words::{AccountId, AccountNumber, EmailAddress, LogonId, Occasion},
};

fn again(fault: DbError) -> Verdict {
    Verdict::Again(fault.to_string())
}

/// Sends the notice.
///
/// # Errors
/// Whether it may be tried again.
pub async fn tell(portal: &Portal, courier: &Courier, notice: &Notice, this: &Try) -> Outcome {
    let mut parts = notice.about.split('/');
    let (Some(logon), Some(kind), Some(number)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(Verdict::Never("the notice names no account".into()));
    };
    let Ok(number) = AccountNumber::parse(number) else {
        return Err(Verdict::Never("the notice names no account".into()));
    };
    let account = AccountId::new(kind, number);
    let Some(to) = address(portal, notice, &account).await? else { return Ok(()) };
    let by = logon::queries::find(&portal.db, &LogonId::known(logon)).await.map_err(again)?;
    let by = by.map(|logon| logon.user_id.to_string()).unwrap_or_else(|| "A logon".into());
    let agency = portal.agency();
    let said = portal.say(
        Occasion::AccessAdded,
        &[("user_id", &by), ("type", &agency.type_name(&account.kind)), ("number", &account.number)],
    );
    let id = format!("notice-{}", this.job.to_lowercase());
    let whose = Some(notice.to.as_str()).filter(|to| !to.is_empty());
    let mail = Mail::new(id, to, said.subject, said.text).about(account, whose);
    courier.mail(this, mail, Transaction::default()).await
}

/// Where the notice goes; nowhere, if there is no address on record or the holder has left.
async fn address(portal: &Portal, notice: &Notice, id: &AccountId) -> Result<Option<EmailAddress>, Verdict> {
    if notice.to.is_empty() {
        return Ok(account::find(&portal.db, id).await.map_err(again)?.and_then(|account| account.email));
    }
    let wishes = access::wishes(&portal.db, &notice.to, id).await.map_err(again)?;
    Ok(wishes.and_then(|wishes| EmailAddress::parse(&wishes.email).ok()))
}
