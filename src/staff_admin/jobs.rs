//! Mailing enrollment links.

use springboard_jobs::{Outcome, StaffLink, Try, Verdict};

use super::enrollment;
use crate::{
    delivery::Courier,
    http::Portal,
    post::Mail,
    staff_member::queries,
    words::{EmailAddress, Occasion},
};

/// Mails a link that waits, with the same Message-ID however often it is tried.
///
/// # Errors
/// Whether it may be tried again.
pub async fn mail(portal: &Portal, courier: &Courier, job: StaffLink, this: &Try) -> Outcome {
    let again = |fault: crate::db::DbError| Verdict::Again(fault.to_string());
    let waiting = enrollment::waiting(&portal.db, &portal.keys, &job.enrollment, portal.now()).await;
    let Some((staff, token)) = waiting.map_err(again)? else { return Ok(()) };
    let member = queries::find(&portal.db, &staff).await.map_err(again)?;
    let Some(member) = member else { return Err(Verdict::Never("the staff member is gone".into())) };
    let to = member.email.as_deref().and_then(|email| EmailAddress::parse(email).ok());
    let Some(to) = to else { return Err(Verdict::Never("there is no e-mail address".into())) };
    let link = enrollment::address(&portal.public_url, &token);
    let said = portal.say(Occasion::StaffLink, &[("user_id", &member.user_id), ("link", &link)]);
    let mail = Mail::new(format!("staff-link-{}", job.enrollment), to, said.subject, said.text).secret(token);
    courier.mail(this, mail, enrollment::mailed(&job.enrollment)).await
}
