//! Word to people of what staff did.

use springboard_jobs::{Outcome, StaffAct, Try, Verdict, WordOfStaff};

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

/// Sends it.
///
/// # Errors
/// Whether it may be tried again.
pub async fn tell(portal: &Portal, courier: &Courier, word: WordOfStaff, this: &Try) -> Outcome {
    let account = match &word.account {
        None => None,
        Some((kind, number)) => match AccountNumber::parse(number) {
            Ok(number) => Some(AccountId::new(kind.clone(), number)),
            Err(_) => return Err(Verdict::Never("the word names no account".into())),
        },
    };
    let logon = logon::queries::find(&portal.db, &LogonId::known(&word.logon)).await.map_err(again)?;
    let Some(logon) = logon else { return Err(Verdict::Never("the logon is gone".into())) };
    let to = match (&word.to, &account) {
        (Some(to), _) if *to == word.logon => Some(logon.profile.email.clone()),
        (Some(other), Some(account)) => {
            let wishes = access::wishes(&portal.db, other, account).await.map_err(again)?;
            wishes.and_then(|wishes| EmailAddress::parse(&wishes.email).ok())
        }
        (None, Some(account)) => {
            account::find(&portal.db, account).await.map_err(again)?.and_then(|account| account.email)
        }
        _ => None,
    };
    let Some(to) = to else { return Ok(()) };
    let whose = if word.to.as_ref() == Some(&word.logon) { "Your logon" } else { "The logon" };
    let (agency, user_id) = (portal.agency(), logon.user_id);
    let about = account.as_ref().map(|account| format!("{} {}", agency.type_name(&account.kind), account.number));
    let said = portal
        .say(occasion(word.act), &[("whose", &whose), ("user_id", &user_id), ("account", &about.unwrap_or_default())]);
    let mail = Mail::new(format!("staff-{}", this.job.to_lowercase()), to, said.subject, said.text);
    let mail = match account {
        Some(account) => mail.about(account, word.to.as_deref()),
        None => mail,
    };
    courier.mail(this, mail, Transaction::default()).await
}

fn occasion(act: StaffAct) -> Occasion {
    match act {
        StaffAct::Unlocked => Occasion::Unlocked,
        StaffAct::EndedSessions => Occasion::EndedSessions,
        StaffAct::Suspended => Occasion::Suspended,
        StaffAct::Reinstated => Occasion::Reinstated,
        StaffAct::SentRecoveryLetter => Occasion::RecoveryBegun,
        StaffAct::GrantedAccess => Occasion::GrantedAccess,
        StaffAct::RevokedAccess => Occasion::RevokedAccess,
    }
}
