//! Which handler runs which job.

use springboard_jobs::{
    Alert, AlertByLetter, AlertByText, Alerts, Batch, BulkPost, Campaign, CodeByEmail, CodeByLetter, CodeReminder,
    FanOut, Import, Invite, Notice, NoticeKind, Outcome, Pin, RecoveryByLetter, Reminder, Reminders, StaffLink, Sweep,
    Try, Verdict, WordOfStaff, Worker,
};

use super::app::Built;
use crate::{
    add_access, address_correction, authorization_code, bulk_post, challenge,
    db::{changes, rate_limit},
    http::Portal,
    invitation, letter_room, logon, mailbox, people, recovery, registry, session, staff_admin,
    wizard::draft,
};

/// The worker of this portal.
pub fn of(built: &Built) -> Worker {
    let (portal, courier, spool) = (built.portal.clone(), built.courier.clone(), built.spool.clone());
    Worker::new(portal.db.queue())
        .handle({
            let (portal, courier) = (portal.clone(), courier.clone());
            move |job: CodeByEmail, this: Try| {
                let (portal, courier) = (portal.clone(), courier.clone());
                async move { authorization_code::jobs::by_email(&portal, &courier, job, &this).await }
            }
        })
        .handle({
            let portal = portal.clone();
            let spool = spool.clone();
            move |job: CodeByLetter, this: Try| {
                let (portal, spool) = (portal.clone(), spool.clone());
                async move { authorization_code::jobs::by_letter(&portal, &spool, job, &this).await }
            }
        })
        .handle({
            let (portal, courier) = (portal.clone(), courier.clone());
            move |job: Alert, this: Try| {
                let (portal, courier) = (portal.clone(), courier.clone());
                async move { mailbox::jobs::alert(&portal, &courier, job, &this).await }
            }
        })
        .handle({
            let (portal, courier) = (portal.clone(), courier.clone());
            move |job: Alerts, this: Try| {
                let (portal, courier) = (portal.clone(), courier.clone());
                async move { mailbox::alert_batch::alerts(&portal, &courier, job, &this).await }
            }
        })
        .handle({
            let portal = portal.clone();
            move |job: FanOut, _: Try| {
                let portal = portal.clone();
                async move { mailbox::fan_out::bring(&portal, job).await }
            }
        })
        .handle({
            let (portal, courier) = (portal.clone(), courier.clone());
            move |job: Reminders, this: Try| {
                let (portal, courier) = (portal.clone(), courier.clone());
                async move { mailbox::reminders::find(&portal, &courier, job, &this).await }
            }
        })
        .handle({
            let (portal, courier) = (portal.clone(), courier.clone());
            move |job: AlertByText, this: Try| {
                let (portal, courier) = (portal.clone(), courier.clone());
                async move { mailbox::otherwise::by_text(&portal, &courier, job, &this).await }
            }
        })
        .handle({
            let (portal, spool) = (portal.clone(), spool.clone());
            move |job: AlertByLetter, this: Try| {
                let (portal, spool) = (portal.clone(), spool.clone());
                async move { mailbox::otherwise::by_letter(&portal, &spool, job, &this).await }
            }
        })
        .handle({
            let portal = portal.clone();
            move |job: BulkPost, _: Try| {
                let portal = portal.clone();
                async move { bulk_post::jobs::post(&portal, job).await }
            }
        })
        .handle({
            let portal = portal.clone();
            move |job: Import, _: Try| {
                let portal = portal.clone();
                async move { registry::jobs::work(&portal, job).await }
            }
        })
        .handle({
            let (portal, spool) = (portal.clone(), spool.clone());
            move |job: Batch, _: Try| {
                let (portal, spool) = (portal.clone(), spool.clone());
                async move { letter_room::jobs::work(&portal, &spool, job).await }
            }
        })
        .handle({
            let portal = portal.clone();
            move |job: Campaign, _: Try| {
                let portal = portal.clone();
                async move { invitation::jobs::step(&portal, job).await }
            }
        })
        .handle({
            let (portal, courier, spool) = (portal.clone(), courier.clone(), spool.clone());
            move |job: Invite, this: Try| {
                let (portal, courier, spool) = (portal.clone(), courier.clone(), spool.clone());
                async move { invitation::jobs::invite(&portal, &courier, &spool, job, &this).await }
            }
        })
        .handle({
            let (portal, courier) = (portal.clone(), courier.clone());
            move |job: WordOfStaff, this: Try| {
                let (portal, courier) = (portal.clone(), courier.clone());
                async move { people::jobs::tell(&portal, &courier, job, &this).await }
            }
        })
        .handle({
            let (portal, courier) = (portal.clone(), courier.clone());
            move |job: StaffLink, this: Try| {
                let (portal, courier) = (portal.clone(), courier.clone());
                async move { staff_admin::jobs::mail(&portal, &courier, job, &this).await }
            }
        })
        .handle({
            let (portal, spool) = (portal.clone(), spool.clone());
            move |job: RecoveryByLetter, _: Try| {
                let (portal, spool) = (portal.clone(), spool.clone());
                async move { people::recovery_letter::print(&portal, &spool, job).await }
            }
        })
        .handle({
            let (portal, courier) = (portal.clone(), courier.clone());
            move |job: CodeReminder, this: Try| {
                let (portal, courier) = (portal.clone(), courier.clone());
                async move { authorization_code::reminders::remind(&portal, &courier, job, &this).await }
            }
        })
        .handle({
            let (portal, courier) = (portal.clone(), courier.clone());
            move |job: Reminder, this: Try| {
                let (portal, courier) = (portal.clone(), courier.clone());
                async move { mailbox::notices::remind(&portal, &courier, job, &this).await }
            }
        })
        .handle({
            let (portal, courier) = (portal.clone(), courier.clone());
            move |job: Pin, this: Try| {
                let (portal, courier) = (portal.clone(), courier.clone());
                async move { recovery::jobs::pin(&portal, &courier, job, &this).await }
            }
        })
        .handle({
            let (portal, courier) = (portal.clone(), courier.clone());
            move |job: Notice, this: Try| {
                let (portal, courier) = (portal.clone(), courier.clone());
                async move {
                    match job.kind {
                        NoticeKind::LetterReturned => {
                            authorization_code::reminders::tell_of_return(&portal, &courier, &job, &this).await
                        }
                        NoticeKind::CredentialChanged => logon::changes::tell(&portal, &courier, &job, &this).await,
                        NoticeKind::AddressCorrected => {
                            address_correction::jobs::tell(&portal, &courier, &job, &this).await
                        }
                        NoticeKind::AccessAdded => add_access::jobs::tell(&portal, &courier, &job, &this).await,
                        NoticeKind::Welcome | NoticeKind::UserIds => {
                            logon::jobs::tell(&portal, &courier, &job, &this).await
                        }
                    }
                }
            }
        })
        .handle(move |_: Sweep, _: Try| {
            let portal = portal.clone();
            async move { sweep(&portal).await }
        })
}

/// Deletes what has expired. Codes stay, without a seal: they are part of the record.
async fn sweep(portal: &Portal) -> Outcome {
    let now = portal.now();
    let expired = [
        draft::expired(now),
        session::kept::expired(now),
        session::expired(now),
        challenge::expired(now),
        people::recovery_letter::expired(now),
        staff_admin::expired(now),
        logon::changes::expired(now),
    ];
    for deletion in expired {
        deletion.run(&portal.db).await.map_err(|fault| Verdict::Again(fault.to_string()))?;
    }
    let again = |fault: crate::db::DbError| Verdict::Again(fault.to_string());
    changes::sweep(&portal.db).await.map_err(again)?;
    rate_limit::sweep(&portal.db, now).await.map_err(again)?;
    authorization_code::ending::expire(&portal.db, now).await.map_err(again)?;
    letter_room::jobs::in_the_morning(portal).await.map_err(again)?;
    registry::jobs::sweep(portal).await.map_err(|fault| Verdict::Again(fault.to_string()))?;
    mailbox::files::sweep(portal, now).await.map_err(|fault| Verdict::Again(fault.to_string()))?;
    authorization_code::ending::mark_given_up(&portal.db, now).await.map_err(again)?;
    mailbox::otherwise::take_up_given_up(portal).await.map_err(|fault| Verdict::Again(fault.to_string()))
}
