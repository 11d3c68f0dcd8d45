//! Reads the reports of mail that did not arrive, and passes each on to the slice that sent the mail.

use std::{io, path::PathBuf, time::Duration};

use super::app::Built;
use crate::{
    authorization_code,
    db::DbError,
    delivery::sent,
    http::Portal,
    mailbox,
    post::{bounce::Bounce, maildir::Maildir},
    words::{email, measure::Measure},
};

/// How often the maildir is looked at.
const PAUSE: Duration = Duration::from_secs(60);

/// Reads what comes, for as long as the process works.
pub async fn read(built: Built) {
    let Some(maildir) = &built.bounces else { return };
    let mut pause = tokio::time::interval(PAUSE);
    loop {
        pause.tick().await;
        match read_unseen(&built.portal, maildir).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "bounces were read"),
            Err(fault) => tracing::warn!(%fault, "the bounces can't be read"),
        }
    }
}

/// Takes up all that nobody has seen yet; returns how many were reports of a failure. A mail is put to those seen when
/// what it says is in the database: that one is read twice is the worst that happens. One that can't be read or taken up
/// stays for the next time and keeps nobody waiting.
///
/// # Errors
/// When the maildir can't be read.
pub async fn read_unseen(portal: &Portal, maildir: &Maildir) -> io::Result<usize> {
    let mut count = 0;
    for file in maildir.unseen().await? {
        match read_one(portal, maildir, file).await {
            Ok(was_bounce) => count += usize::from(was_bounce),
            Err(why) => tracing::warn!(why, "a bounce could not be read"),
        }
    }
    Ok(count)
}

async fn read_one(portal: &Portal, maildir: &Maildir, file: PathBuf) -> Result<bool, String> {
    let mail = maildir.read(file).await.map_err(|fault| fault.to_string())?;
    let was_bounce = match &mail.bounce {
        Some(bounce) => take_up(portal, bounce).await.map_err(|fault| fault.to_string())?,
        None => false,
    };
    maildir.seen(mail).await.map_err(|fault| fault.to_string())?;
    portal.count(if was_bounce { Measure::MailsCameBack } else { Measure::ReportsIgnored }, 1);
    Ok(was_bounce)
}

/// Passes a report on, if the mail was sent for an account and the address that it failed at is the one it was sent to: a
/// copy that the addressee's own server passed on elsewhere may be lost, and the mail has arrived all the same.
async fn take_up(portal: &Portal, bounce: &Bounce) -> Result<bool, DbError> {
    let (db, now) = (&portal.db, portal.now());
    let Some(recipient) = sent::recipient(db, &bounce.mail).await? else { return Ok(false) };
    let mailbox = recipient.split('@').next().unwrap_or_default().to_lowercase();
    if !bounce.recipients.iter().any(|address| email::is_same(&recipient, address) || *address == mailbox) {
        return Ok(false);
    }
    tracing::warn!(mail = bounce.mail, status = bounce.status, "a mail came back");
    let said = format!("the e-mail came back ({})", bounce.status);
    mailbox::otherwise::came_back(portal, &bounce.mail, &recipient, &said).await?;
    authorization_code::ending::came_back(db, &bounce.mail, now).await?;
    sent::came_back(db, &bounce.mail, &said, now).await?;
    Ok(true)
}
