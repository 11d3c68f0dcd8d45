//! Going through the accounts of a campaign, and inviting one.

use chrono::TimeDelta;
use springboard_jobs::{Campaign as Work, Invite, Outcome, Try, Verdict};

use super::{
    Campaign, State,
    queries::{self, Advance, Invited},
};
use crate::{
    account::{self, Account, Status},
    db::{DbError, ceiling::Daily},
    delivery::Courier,
    http::Portal,
    letter::{self, Spooled},
    page::time,
    post::{LetterText, Mail, Spool},
    words::{AccountId, AccountNumber, Moment, Occasion, wording::Wording},
};

/// Accounts that are gone through at a time.
const AT_ONCE: usize = 100;

fn again(fault: DbError) -> Verdict {
    Verdict::Again(fault.to_string())
}

/// Goes through a campaign's next accounts. Safe to run twice: where it came to is noted with what it did.
///
/// # Errors
/// Whether it may be tried again.
pub async fn step(portal: &Portal, work: Work) -> Outcome {
    let (db, now) = (&portal.db, portal.now());
    let campaign = queries::find(db, &work.campaign).await.map_err(again)?;
    let Some(campaign) = campaign else { return Err(Verdict::Never("the campaign is gone".into())) };
    let is_next = work.step == campaign.considered + campaign.at_kind;
    if campaign.state != State::Running || campaign.round != work.round || !is_next {
        return Ok(());
    }
    let advance = advance(portal, &campaign, now).await.map_err(again)?;
    queries::advance(db, &campaign, advance, now).await.map_err(again)
}

async fn advance(portal: &Portal, campaign: &Campaign, now: Moment) -> Result<Advance, DbError> {
    let Some(kind) = campaign.kind() else {
        let (at_kind, after) = (campaign.at_kind, campaign.after.clone());
        return Ok(Advance { considered: 0, at_kind, after, invited: Vec::new(), due: None });
    };
    let accounts = account::of_type(&portal.db, kind, &campaign.after, AT_ONCE).await?;
    let Some(last) = accounts.last() else {
        // On to the next type, if there is one.
        let at_kind = campaign.at_kind + 1;
        let due = (usize::try_from(at_kind).unwrap_or(usize::MAX) < campaign.kinds.len()).then_some(now);
        return Ok(Advance { considered: 0, at_kind, after: String::new(), invited: Vec::new(), due });
    };
    let after = last.id.number.digits();
    let active = accounts.iter().filter(|account| account.status == Status::Active);
    let numbers = active.map(|account| account.id.number.digits()).collect();
    let uninvited = queries::uninvited(&portal.db, kind, numbers, now).await?;
    let invited: Vec<Invited> = accounts
        .iter()
        .filter(|account| uninvited.contains(&account.id.number.digits()))
        .filter_map(|account| Invited::of(account, campaign.letters))
        .collect();
    // So many an hour: after these, as long a pause as they take of it.
    let pause = i64::try_from(invited.len()).unwrap_or(0) * 3600 / campaign.pace.max(1);
    let due = Some(now + TimeDelta::seconds(pause));
    Ok(Advance { considered: accounts.len(), at_kind: campaign.at_kind, after, invited, due })
}

/// Invites an account, if its invitation still waits.
///
/// # Errors
/// Whether it may be tried again.
pub async fn invite(portal: &Portal, courier: &Courier, spool: &Spool, job: Invite, this: &Try) -> Outcome {
    let Ok(number) = AccountNumber::parse(&job.number) else {
        return Err(Verdict::Never("the invitation names no account".into()));
    };
    let id = AccountId::new(job.kind.clone(), number);
    let name = format!("invite-{}-{}-{}", job.campaign.to_lowercase(), job.kind, job.number);
    // A run before this one may have come so far.
    if letter::release(&portal.db, spool, &name).await? {
        return Ok(());
    }
    if !queries::is_queued(&portal.db, &job.campaign, &id).await.map_err(again)? {
        return Ok(());
    }
    let account = account::find(&portal.db, &id).await.map_err(again)?;
    let sent = match account {
        None => Err(Verdict::Never("the account is closed".into())),
        Some(account) => match account.email.clone() {
            Some(to) => {
                let said = said(portal, Occasion::InvitationMail, &account);
                let mail = Mail::new(name, to, said.subject, said.text).about(id.clone(), None);
                courier.mail(this, mail, queries::settled(&id, "sent")).await
            }
            None => print(portal, spool, &account, &name).await,
        },
    };
    let said = match &sent {
        Err(Verdict::Never(said)) => Some(said),
        Err(Verdict::Again(said)) if this.is_last => Some(said),
        _ => None,
    };
    if let Some(said) = said {
        queries::failed(&id, said).run(&portal.db).await.map_err(again)?;
    }
    sent
}

/// The address in it is short enough to be typed from paper (R10, R11).
fn said(portal: &Portal, occasion: Occasion, account: &Account) -> Wording {
    portal.say(
        occasion,
        &[
            ("address", &format_args!("{}/{}", portal.public_url, account.id.kind)),
            ("type", &portal.agency().type_name(&account.id.kind)),
            ("number", &account.id.number),
            ("name", &account.name),
        ],
    )
}

async fn print(portal: &Portal, spool: &Spool, account: &Account, name: &str) -> Outcome {
    let (agency, at) = (&portal.agency(), portal.now());
    let said = said(portal, Occasion::InvitationLetter, account);
    let mut address = vec![account.name.clone()];
    address.extend(account.street.iter().cloned());
    let text = LetterText {
        letterhead: agency.letterhead.clone(),
        address,
        date: time::day(agency, at),
        subject: said.subject,
        facts: vec![("Account".into(), format!("{} {}", agency.type_name(&account.id.kind), account.id.number))],
        code_label: String::new(),
        code: None,
        steps: said.steps,
        aside: said.aside,
        warning: said.text,
        reference: format!("Reference {name}"),
        genuine: Some(letter::genuine(portal, name)),
    };
    spool.prepare(name, text.clone(), at).await.map_err(letter::verdict)?;
    letter::spooled(Spooled { name, code: None, account: &account.id, logon: None, text, at })
        .then(portal.count_daily(Daily::Letters))
        .then(queries::settled(&account.id, "sent"))
        .run(&portal.db)
        .await
        .map_err(again)?;
    letter::release(&portal.db, spool, name).await.map(drop)
}
