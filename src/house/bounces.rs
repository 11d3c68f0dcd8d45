//! Reads the reports of mail that did not arrive, and passes each on to the slice that sent the mail.

use std::time::Duration;

use super::app::Built;
use crate::{
    authorization_code,
    delivery::sent,
    http::Portal,
    mailbox,
    post::bounce::{Bounce, Maildir},
    store::StoreFault,
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
/// what it says is in the database, so that one that is read twice is the worst that happens.
///
/// # Errors
/// A sentence for the operator.
pub async fn read_unseen(portal: &Portal, maildir: &Maildir) -> Result<usize, String> {
    let mut count = 0;
    loop {
        let unseen = maildir.unseen().await.map_err(|fault| fault.to_string())?;
        if unseen.is_empty() {
            return Ok(count);
        }
        for mail in unseen {
            if let Some(bounce) = &mail.bounce {
                take_up(portal, bounce).await.map_err(|fault| fault.to_string())?;
                count += 1;
            }
            maildir.seen(mail).await.map_err(|fault| fault.to_string())?;
        }
    }
}

async fn take_up(portal: &Portal, bounce: &Bounce) -> Result<(), StoreFault> {
    tracing::warn!(mail = bounce.mail, status = bounce.status, "a mail came back");
    let said = format!("the e-mail came back ({})", bounce.status);
    sent::came_back(&portal.store, &bounce.mail, &said, portal.now()).await?;
    mailbox::otherwise::came_back(portal, &bounce.mail, &said).await?;
    authorization_code::rows::came_back(&portal.store, &bounce.mail, portal.now()).await
}
