//! Notices: messages that everyone with access is asked to confirm by a day. Confirming, reminding, and the evidence.

use actix_web::{HttpResponse, http::header, web};
use chrono::{Days, NaiveDate, NaiveTime, TimeZone};
use sha2::{Digest, Sha256};
use springboard_jobs::{Job, Outcome, Reminder, Try, Verdict};

use super::{pages, queries, receipts};
use crate::{
    access::{self, Pace, due, guard::own},
    account,
    audit::{self, Deed},
    db::Transaction,
    delivery::{Courier, document_fault},
    http::{Caller, Fault, Portal, Posted, see_other},
    page::time,
    post::{Mail, evidence::Evidence},
    session::Person,
    words::{AccountId, AccountNumber, Agency, EmailAddress, Moment, Occasion},
};

/// On which days before its due date staff may have people reminded.
pub const DAYS: [u64; 3] = [7, 3, 1];
/// The hour of the agency's day at which reminders leave.
const MORNING: u32 = 9;

/// A day on which people are reminded, and when that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remind {
    /// So many days before the due date; 0 is the due date itself.
    pub days: u64,
    /// The moment.
    pub at: Moment,
}

/// When people are reminded of a notice, and when its time is over: of the chosen days those that are still to come.
pub fn reminders(due: Moment, days: &[u64], agency: &Agency, now: Moment) -> Vec<Remind> {
    let last: NaiveDate = due.with_timezone(&agency.zone()).date_naive();
    let morning = |days: u64| {
        let day = last.checked_sub_days(Days::new(days))?;
        let hour = day.and_time(NaiveTime::from_hms_opt(MORNING, 0, 0)?);
        Some(agency.zone().from_local_datetime(&hour).earliest()?.to_utc())
    };
    let before = days.iter().filter_map(|days| Some(Remind { days: *days, at: morning(*days)? }));
    let to_come = before.filter(|remind| remind.at > now && remind.at < due);
    to_come.chain([Remind { days: 0, at: due }]).collect()
}

/// Confirms that a notice was read.
///
/// # Errors
/// [`Fault::NotFound`] for a message of an account that is not one's own, and for one that asks for nothing.
pub async fn confirm(
    person: Person,
    portal: Portal,
    path: web::Path<(String, String, i64)>,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    let account = own(&person, &portal, &path.0, &path.1).await?;
    queries::notice(&portal.db, &account, path.2).await?.ok_or(Fault::NotFound)?;
    let now = portal.now();
    receipts::note(&account, path.2, person.logon(), true, now)
        .then(audit::row(now, person.logon(), Deed::ConfirmedNotice, &account.key(), &path.2.to_string()))
        .run(&portal.db)
        .await?;
    Ok(see_other(&format!("{}#message-{}", pages::path(&account, path.2), path.2)))
}

/// Finds whom to remind, reminds one of them, or notes at the due date who never confirmed.
///
/// # Errors
/// Whether it may be tried again.
pub async fn remind(portal: &Portal, courier: &Courier, job: Reminder, this: &Try) -> Outcome {
    let again = |fault: crate::db::DbError| Verdict::Again(fault.to_string());
    let number = AccountNumber::parse(&job.number).map_err(|_| Verdict::Never("the job names no account".into()))?;
    let account = AccountId::new(job.kind.clone(), number);
    let db = &portal.db;
    let Some(by) = queries::notice(db, &account, job.sequence).await.map_err(again)? else { return Ok(()) };
    if job.days == 0 {
        return receipts::miss(db, &account, job.sequence, by.max(portal.now())).await.map_err(again);
    }
    let waiting = receipts::unconfirmed(db, &account, job.sequence).await.map_err(again)?;
    let Some(logon) = &job.logon else {
        let each = waiting.into_iter().map(|logon| {
            let one = Reminder { logon: Some(logon), ..job.clone() };
            Transaction::enqueue(one.task())
        });
        let all = each.fold(Transaction::default(), Transaction::then);
        return all.run(db).await.map_err(again);
    };
    let wishes = access::wishes(db, logon, &account).await.map_err(again)?;
    let Some(wishes) = wishes.filter(|wishes| waiting.contains(logon) && wishes.pace != Pace::Off) else {
        return Ok(());
    };
    let now = portal.now();
    if let Some(loud) = due(Pace::AtOnce, wishes.quiet, now, portal.agency().zone())
        && loud > now
    {
        let later = Reminder { due: Some(loud.timestamp() + 1), ..job.clone() };
        return Transaction::enqueue(later.task()).run(db).await.map_err(again);
    }
    let to =
        EmailAddress::parse(&wishes.email).map_err(|_| Verdict::Never("mail can't be sent to this address".into()))?;
    courier.mail(this, mail(portal, &account, &job, to, by), Transaction::default()).await
}

fn mail(portal: &Portal, account: &AccountId, job: &Reminder, to: EmailAddress, by: Moment) -> Mail {
    let (agency, url) = (portal.agency(), &portal.public_url);
    let said = portal.say(
        Occasion::NoticeReminder,
        &[
            ("type", &agency.type_name(&account.kind)),
            ("number", &account.number),
            ("until", &time::day(&agency, by)),
            ("link", &format_args!("{url}{}", pages::path(account, job.sequence))),
        ],
    );
    let id = format!("reminder-{}", job.key().replace('/', "-")).to_lowercase();
    Mail::new(id, to, said.subject, said.text).about(account.clone(), job.logon.as_deref())
}

/// The evidence of a notice as a PDF: what was posted, whom it was for, and what each of them did. Its hash goes into
/// the audit trail, so that a copy can be proved to be the one that was made then.
///
/// # Errors
/// [`Fault::NotFound`] for a message that is no notice.
pub async fn evidence(
    portal: &Portal,
    Caller(caller): &Caller,
    account: &AccountId,
    sequence: i64,
    staff: &str,
) -> Result<HttpResponse, Fault> {
    let by = queries::notice(&portal.db, account, sequence).await?.ok_or(Fault::NotFound)?;
    let first = queries::thread_of(&portal.db, account, sequence).await?.ok_or(Fault::NotFound)?;
    let thread = queries::open(&portal.db, "", account, first, Some(sequence + 1)).await?.ok_or(Fault::NotFound)?;
    let message = thread.messages.iter().find(|message| message.sequence == sequence).ok_or(Fault::NotFound)?;
    let on_file = account::find(&portal.db, account).await?.ok_or(Fault::NotFound)?;
    let receipts = receipts::of_notice(&portal.db, account, sequence).await?;
    let (agency, now) = (&portal.agency(), portal.now());
    let moment = |at: Option<Moment>| at.map_or_else(|| "no".to_owned(), |at| time::in_full(agency, at));
    let evidence = Evidence {
        agency: agency.name.clone(),
        subject: thread.head.subject.clone(),
        facts: vec![
            ("Account".into(), format!("{} {}, {}", agency.type_name(&account.kind), account.number, on_file.name)),
            ("Message".into(), format!("number {sequence} of its mailbox")),
            ("Posted".into(), time::in_full(agency, message.at)),
            ("To be confirmed by".into(), time::in_full(agency, by)),
            ("This evidence".into(), format!("made {}", time::in_full(agency, now))),
        ],
        body: message.body.clone(),
        people: receipts
            .into_iter()
            .map(|receipt| {
                let told = receipt.alert.map_or_else(
                    || "had access later".to_owned(),
                    |told| {
                        let failed = told.failed().iter().map(|step| {
                            format!("{} failed, {} ({}); ", step.way.label(), time::in_full(agency, step.at), step.said)
                        });
                        let failed: String = failed.collect();
                        format!("{failed}{}, {}", told.outcome(), time::in_full(agency, told.changed))
                    },
                );
                let confirmed = match (receipt.confirmed, receipt.missed) {
                    (None, Some(missed)) => format!("never, by {}", time::in_full(agency, missed)),
                    (confirmed, _) => moment(confirmed),
                };
                [receipt.user_id.unwrap_or(receipt.logon), told, moment(receipt.read), confirmed]
            })
            .collect(),
    };
    let pdf = portal.pools.documents.run(Some(caller), move || evidence.render(now)).await?;
    let pdf = pdf.map_err(document_fault)?;
    let hash = hex::encode(Sha256::digest(&pdf));
    audit::row(now, staff, Deed::MadeEvidence, &account.key(), &format!("{sequence} sha256:{hash}"))
        .run(&portal.db)
        .await?;
    let name = format!("evidence-{}-{sequence}.pdf", account.number);
    Ok(HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .body(pdf))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::agency::SEED;

    #[test]
    fn only_days_that_are_to_come_are_reminded_of() {
        let agency = Agency::parse(SEED).unwrap();
        let at = |text: &str| text.parse::<Moment>().unwrap();
        let due = at("2026-12-01T04:59:00Z"); // the end of November 30 in Detroit
        let found = reminders(due, &DAYS, &agency, at("2026-11-24T15:00:00Z"));
        let days: Vec<(u64, Moment)> = found.into_iter().map(|remind| (remind.days, remind.at)).collect();
        assert_eq!(days, [(3, at("2026-11-27T14:00:00Z")), (1, at("2026-11-29T14:00:00Z")), (0, due)]);
        assert_eq!(reminders(due, &[], &agency, at("2026-11-24T15:00:00Z")).len(), 1);
    }
}
