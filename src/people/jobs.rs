//! Word to people of what staff did.

use springboard_jobs::{Outcome, StaffAct, Try, Verdict, WordOfStaff};

use crate::{
    access, account,
    delivery::Courier,
    http::Portal,
    logon,
    post::Mail,
    store::{Piece, StoreFault},
    words::{AccountId, AccountNumber, EmailAddress, LogonId},
};

fn again(fault: StoreFault) -> Verdict {
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
    let logon = logon::rows::find(&portal.store, &LogonId::known(&word.logon)).await.map_err(again)?;
    let Some(logon) = logon else { return Err(Verdict::Never("the logon is gone".into())) };
    let to = match (&word.to, &account) {
        (Some(to), _) if *to == word.logon => Some(logon.profile.email.clone()),
        (Some(other), Some(account)) => {
            let wishes = access::wishes(&portal.store, other, account).await.map_err(again)?;
            wishes.and_then(|wishes| EmailAddress::parse(&wishes.email).ok())
        }
        (None, Some(account)) => {
            account::find(&portal.store, account).await.map_err(again)?.and_then(|account| account.email)
        }
        _ => None,
    };
    let Some(to) = to else { return Ok(()) };
    let whose = if word.to.as_ref() == Some(&word.logon) { "Your logon" } else { "The logon" };
    let user_id = logon.user_id.as_str();
    let (subject, sentence) = said(word.act, whose, user_id, portal);
    let about = account.as_ref().map_or_else(String::new, |account| {
        format!("\n\n{} {}", portal.agency.type_name(&account.kind), account.number)
    });
    let text =
        format!("{sentence}{about}\n\nIf that should not be, contact us at once: {}/contact\n", portal.public_url);
    let mail = Mail::new(format!("staff-{}", this.job.to_lowercase()), to, subject, text);
    let mail = match account {
        Some(account) => mail.about(account, word.to.as_deref()),
        None => mail,
    };
    courier.mail(this, "word of staff", mail, Piece::default()).await
}

fn said(act: StaffAct, whose: &str, user_id: &str, portal: &Portal) -> (String, String) {
    let (name, url) = (&portal.agency.portal, &portal.public_url);
    let (subject, sentence) = match act {
        StaffAct::Unlocked => ("was unlocked", "was unlocked by our staff. Sign-in works again.".to_owned()),
        StaffAct::EndedSessions => ("was signed off", "was signed off everywhere by our staff.".to_owned()),
        StaffAct::Suspended => ("was suspended", "was suspended by our staff. It can't sign in until it is reinstated.".to_owned()),
        StaffAct::Reinstated => ("may sign in again", format!("was reinstated by our staff. Sign in at {url}/sign-in")),
        StaffAct::SentRecoveryLetter => (
            "is being recovered",
            "gets a letter to the address on record of one of its accounts. With the code in it another password can be set.".to_owned(),
        ),
        StaffAct::GrantedAccess => ("was given access", "was given access to this account by our staff.".to_owned()),
        StaffAct::RevokedAccess => ("lost access", "has no access to this account any more: our staff took it away.".to_owned()),
    };
    (format!("{name}: {whose} {subject}"), format!("{whose} {user_id} {sentence}"))
}
