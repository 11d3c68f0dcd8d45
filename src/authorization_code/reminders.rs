//! What whoever asked for a code by letter is told later on: that it came back, and reminders: 14 days after it was printed, once, and 3 days before the code expires.

use springboard_jobs::{CodeReminder, CodeReminderKind, Notice, Outcome, Try, Verdict};

use super::track::{self, State};
use crate::{
    db::{DbError, Transaction},
    delivery::Courier,
    http::Portal,
    logon,
    page::time,
    post::Mail,
    words::{LogonId, Occasion},
};

fn again(fault: DbError) -> Verdict {
    Verdict::Again(fault.to_string())
}

/// Tells whoever asked, if the code may still be used.
///
/// # Errors
/// Whether it may be tried again.
pub async fn remind(portal: &Portal, courier: &Courier, job: CodeReminder, this: &Try) -> Outcome {
    let Some(code) = track::find(&portal.db, &job.code).await.map_err(again)? else { return Ok(()) };
    let expires = code.expires.filter(|at| code.state == State::HandedOver && *at > portal.now());
    let Some(expires) = expires else { return Ok(()) };
    let logon = logon::queries::find(&portal.db, &LogonId::known(&code.logon)).await.map_err(again)?;
    let Some(logon) = logon else { return Ok(()) };
    let agency = portal.agency();
    let (what, occasion) = match job.kind {
        CodeReminderKind::Unused => ("remind", Occasion::CodeUnused),
        CodeReminderKind::Expiring => ("expiring", Occasion::CodeExpiring),
    };
    let said = portal.say(
        occasion,
        &[
            ("type", &agency.type_name(&code.account.kind)),
            ("number", &code.account.number),
            ("until", &time::day(&agency, expires)),
            ("user_id", &logon.user_id),
        ],
    );
    let mail = Mail::new(format!("{what}-{}", code.id.to_lowercase()), logon.profile.email, said.subject, said.text)
        .about(code.account, Some(&code.logon));
    courier.mail(this, mail, Transaction::default()).await
}

/// Tells whoever asked for a code that its letter came back.
///
/// # Errors
/// Whether it may be tried again.
pub async fn tell_of_return(portal: &Portal, courier: &Courier, notice: &Notice, this: &Try) -> Outcome {
    let Some(code) = track::find(&portal.db, &notice.about).await.map_err(again)? else { return Ok(()) };
    let logon = logon::queries::find(&portal.db, &LogonId::known(&code.logon)).await.map_err(again)?;
    let Some(logon) = logon else { return Ok(()) };
    let said = portal.say(
        Occasion::CodeReturned,
        &[("type", &portal.agency().type_name(&code.account.kind)), ("number", &code.account.number)],
    );
    let id = format!("returned-{}", code.id.to_lowercase());
    let mail = Mail::new(id, logon.profile.email, said.subject, said.text).about(code.account, Some(&code.logon));
    courier.mail(this, mail, Transaction::default()).await
}
