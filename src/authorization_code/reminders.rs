//! What whoever asked for a code by letter is told later on: that it came back, and reminders: 14 days after it was printed, once, and 3 days before the code expires.

use springboard_jobs::{CodeReminder, CodeReminderKind, Notice, Outcome, Try, Verdict};

use super::track::{self, State};
use crate::{
    delivery::Courier,
    http::Portal,
    logon,
    page::time,
    post::Mail,
    store::{Piece, StoreFault},
    words::LogonId,
};

fn again(fault: StoreFault) -> Verdict {
    Verdict::Again(fault.to_string())
}

/// Tells whoever asked, if the code may still be used.
///
/// # Errors
/// Whether it may be tried again.
pub async fn remind(portal: &Portal, courier: &Courier, job: CodeReminder, this: &Try) -> Outcome {
    let Some(code) = track::find(&portal.store, &job.code).await.map_err(again)? else { return Ok(()) };
    let expires = code.expires.filter(|at| code.state == State::HandedOver && *at > portal.now());
    let Some(expires) = expires else { return Ok(()) };
    let logon = logon::rows::find(&portal.store, &LogonId::known(&code.logon)).await.map_err(again)?;
    let Some(logon) = logon else { return Ok(()) };
    let (agency, url) = (&portal.agency, &portal.public_url);
    let until = time::day(agency, expires);
    let (what, subject) = match job.kind {
        CodeReminderKind::Unused => ("remind", "Your letter with the authorization code".to_owned()),
        CodeReminderKind::Expiring => ("expiring", format!("Your authorization code expires on {until}")),
    };
    let text = format!(
        "You asked at {} for an authorization code for this account:\n\n{} {}\n\n\
         It was sent to the address on record in a letter, and was not entered yet. It is good until {until}.\n\n\
         When you have the letter, go to {url}/access, sign in as {} and choose Add Account Access.\n\n\
         If the letter did not arrive, you can ask for another code there.\n",
        agency.portal,
        agency.type_name(&code.account.kind),
        code.account.number,
        logon.user_id,
    );
    let mail = Mail::new(format!("{what}-{}", code.id.to_lowercase()), logon.profile.email, subject, text)
        .about(code.account, Some(&code.logon));
    courier.mail(this, "code reminder", mail, Piece::default()).await
}

/// Tells whoever asked for a code that its letter came back.
///
/// # Errors
/// Whether it may be tried again.
pub async fn tell_of_return(portal: &Portal, courier: &Courier, notice: &Notice, this: &Try) -> Outcome {
    let Some(code) = track::find(&portal.store, &notice.about).await.map_err(again)? else { return Ok(()) };
    let logon = logon::rows::find(&portal.store, &LogonId::known(&code.logon)).await.map_err(again)?;
    let Some(logon) = logon else { return Ok(()) };
    let (agency, url) = (&portal.agency, &portal.public_url);
    let text = format!(
        "You asked at {} for an authorization code for this account:\n\n{} {}\n\n\
         We mailed it to the address on record, and the letter came back. The code in it is void.\n\n\
         Please contact us, so that the address on record is corrected: {url}/contact\n",
        agency.portal,
        agency.type_name(&code.account.kind),
        code.account.number,
    );
    let (id, subject) = (format!("returned-{}", code.id.to_lowercase()), "Our letter to you came back".to_owned());
    let mail = Mail::new(id, logon.profile.email, subject, text).about(code.account, Some(&code.logon));
    courier.mail(this, "notice", mail, Piece::default()).await
}
