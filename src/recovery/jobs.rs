//! Sending a PIN, by e-mail or text message.

use springboard_jobs::{Outcome, Pin, Try, Verdict};

use crate::{
    challenge::pin::{self, Waiting},
    db::Transaction,
    delivery::Courier,
    http::Portal,
    logon,
    post::{Mail, TextMessage},
    words::{LogonId, Occasion},
};

/// Sends a PIN that still waits.
///
/// # Errors
/// Whether it may be tried again.
pub async fn pin(portal: &Portal, courier: &Courier, job: Pin, this: &Try) -> Outcome {
    let again = |fault: &dyn std::fmt::Display| Verdict::Again(fault.to_string());
    let waiting = pin::waiting(portal, &job.challenge).await.map_err(|fault| again(&fault))?;
    let Some(Waiting { logon, pin, purpose, address }) = waiting else { return Ok(()) };
    let found = logon::queries::find(&portal.db, &LogonId::known(logon)).await.map_err(|fault| again(&fault))?;
    let Some(logon) = found else { return Err(Verdict::Never("the logon is gone".into())) };
    let id = format!("pin-{}", job.challenge.to_lowercase());
    let said = |occasion| portal.say(occasion, &[("pin", &pin), ("purpose", &purpose.sentence())]);
    if job.by_text {
        let Some(to) = logon.profile.mobile else { return Err(Verdict::Never("there is no mobile number".into())) };
        let text = said(Occasion::PinText).text;
        courier.text(this, TextMessage { id, to, text, about: None }, Transaction::default()).await?;
    } else {
        let (to, said) = (address.unwrap_or(logon.profile.email), said(Occasion::PinMail));
        courier.mail(this, Mail::new(id, to, said.subject, said.text), Transaction::default()).await?;
    }
    pin::sent(portal, &job.challenge).await.map_err(|fault| again(&fault))
}
