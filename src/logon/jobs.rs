//! What a logon's owner is told by e-mail.

use springboard_jobs::{Notice, NoticeKind, Outcome, Try, Verdict};

use super::queries;
use crate::{
    db::Transaction,
    delivery::Courier,
    http::Portal,
    post::Mail,
    words::{EmailAddress, LogonId, Occasion, wording::Wording},
};

/// Sends a welcome, the user IDs of an address, or word of a changed password.
///
/// # Errors
/// Whether it may be tried again.
pub async fn tell(portal: &Portal, courier: &Courier, notice: &Notice, this: &Try) -> Outcome {
    let again = |fault: &dyn std::fmt::Display| Verdict::Again(fault.to_string());
    if notice.about.is_empty() {
        // User IDs of an address that has none were asked for; whoever asked can't tell.
        return Ok(());
    }
    let logon = queries::find(&portal.db, &LogonId::known(&notice.about)).await.map_err(|fault| again(&fault))?;
    let Some(logon) = logon else { return Err(Verdict::Never("the logon is gone".into())) };
    let said = match notice.kind {
        NoticeKind::Welcome => portal.say(Occasion::Welcome, &[("user_id", &logon.user_id)]),
        NoticeKind::UserIds => user_ids(portal, &logon.profile.email).await.map_err(|fault| again(&fault))?,
        NoticeKind::AccessAdded
        | NoticeKind::LetterReturned
        | NoticeKind::CredentialChanged
        | NoticeKind::AddressCorrected => {
            return Err(Verdict::Never("not a logon's notice".into()));
        }
    };
    let id = format!("notice-{}", this.job.to_lowercase());
    let mail = Mail::new(id, logon.profile.email, said.subject, said.text);
    courier.mail(this, mail, Transaction::default()).await
}

async fn user_ids(portal: &Portal, email: &EmailAddress) -> Result<Wording, crate::db::DbError> {
    let found = queries::user_ids_of(&portal.db, email).await?;
    let listed = found.iter().map(|user_id| format!("  {user_id}")).collect::<Vec<_>>().join("\n");
    Ok(portal.say(Occasion::UserIds, &[("user_ids", &listed)]))
}
