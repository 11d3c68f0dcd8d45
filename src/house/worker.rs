//! Which handler runs which job.

use springboard_jobs::{
    Alert, CodeByEmail, CodeByLetter, Job, Notice, NoticeKind, Outcome, Pin, Sweep, Try, Verdict, Worker,
};

use super::app::Built;
use crate::{add_access, authorization_code, http::Portal, logon, mailbox, recovery, store::Ask};

/// The worker of this portal.
pub fn of(built: &Built) -> Worker {
    let (portal, courier, spool) = (built.portal.clone(), built.courier.clone(), built.spool.clone());
    Worker::new(portal.store.handle().clone())
        .handle({
            let (portal, courier) = (portal.clone(), courier.clone());
            move |job: CodeByEmail, this: Try| {
                let (portal, courier) = (portal.clone(), courier.clone());
                async move { authorization_code::jobs::by_email(&portal, &courier, job, &this).await }
            }
        })
        .handle({
            let portal = portal.clone();
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
                        NoticeKind::AccessAdded => add_access::jobs::tell(&portal, &courier, &job, &this).await,
                        NoticeKind::Welcome | NoticeKind::UserIds | NoticeKind::PasswordChanged => {
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
    let ask = Ask::new(
        "DELETE draft WHERE touched < $now - 14d;
         DELETE session WHERE seen < $now - 12h;
         DELETE challenge WHERE expires < $now - 1d;
         DELETE throttle WHERE touched < $now - 31d;
         DELETE wake WHERE at < time::now() - 5m;",
    )
    .with("now", portal.now());
    portal.store.ask(ask).await.map_err(|fault| Verdict::Again(fault.to_string()))?;
    for queue in [CodeByEmail::QUEUE, CodeByLetter::QUEUE] {
        let swept = authorization_code::rows::mark_given_up(&portal.store, queue, portal.now()).await;
        swept.map_err(|fault| Verdict::Again(fault.to_string()))?;
    }
    Ok(())
}
