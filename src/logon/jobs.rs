//! What a logon's owner is told by e-mail.

use springboard_jobs::{Notice, NoticeKind, Outcome, Try, Verdict};

use super::rows;
use crate::{
    delivery::Courier,
    http::Portal,
    post::Mail,
    store::Piece,
    words::{EmailAddress, LogonId},
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
    let logon = rows::find(&portal.store, &LogonId::known(&notice.about)).await.map_err(|fault| again(&fault))?;
    let Some(logon) = logon else { return Err(Verdict::Never("the logon is gone".into())) };
    let (subject, text) = match notice.kind {
        NoticeKind::Welcome => welcome(portal, logon.user_id.as_str()),
        NoticeKind::UserIds => user_ids(portal, &logon.profile.email).await.map_err(|fault| again(&fault))?,
        NoticeKind::PasswordChanged => password_changed(portal),
        NoticeKind::AccessAdded | NoticeKind::LetterReturned => {
            return Err(Verdict::Never("not a logon's notice".into()));
        }
    };
    let id = format!("notice-{}", this.job.to_lowercase());
    courier.mail(this, "notice", Mail::new(id, logon.profile.email, subject, text), Piece::default()).await
}

fn welcome(portal: &Portal, user_id: &str) -> (String, String) {
    let (agency, url) = (&portal.agency, &portal.public_url);
    let subject = format!("Welcome to {}", agency.portal);
    let text = format!(
        "You signed up for {} of the {}.\n\nYour user ID is {user_id}\n\nSign in at {url}/sign-in and request an authorization code for your account.\n\n\
         If you did not sign up, contact us: {url}/contact\n",
        agency.portal, agency.name
    );
    (subject, text)
}

async fn user_ids(portal: &Portal, email: &EmailAddress) -> Result<(String, String), crate::store::StoreFault> {
    let found = rows::user_ids_of(&portal.store, email).await?;
    let (agency, url) = (&portal.agency, &portal.public_url);
    let text = format!(
        "You, or somebody who typed this address, asked for the user IDs that belong to it at {}:\n\n{}\n\n\
         Sign in at {url}/sign-in\n\nIf it was not you, there is nothing you need to do.\n",
        agency.portal,
        found.iter().map(|user_id| format!("  {user_id}")).collect::<Vec<_>>().join("\n")
    );
    Ok((format!("Your user ID at {}", agency.portal), text))
}

fn password_changed(portal: &Portal) -> (String, String) {
    let (agency, url) = (&portal.agency, &portal.public_url);
    let text = format!(
        "The password of your logon at {} was changed, and all other sessions were signed off.\n\n\
         If it was not you, recover your password at {url}/recover and contact us: {url}/contact\n",
        agency.portal
    );
    (format!("Your password at {} was changed", agency.portal), text)
}
