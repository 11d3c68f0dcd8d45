//! Handing a code over: by e-mail or by letter. Safe to run twice: an e-mail bears the same
//! Message-ID and code, a letter that is in the spool is left there.

use springboard_jobs::{CodeByEmail, CodeByLetter, Outcome, Try, Verdict};

use super::{
    Channel,
    handing_over::{self, Waiting},
    queries,
};
use crate::{
    account::{self, Account},
    db::DbError,
    delivery::Courier,
    http::Portal,
    letter::{self, Spooled},
    logon,
    page::time,
    post::{LetterText, Mail, Spool},
    words::{AuthorizationCode, CodeId, LogonId, Moment, Occasion, wording::Wording},
};

/// What a code's hand-over needs to know.
struct Ready {
    waiting: Waiting,
    account: Account,
    code: AuthorizationCode,
    user_id: String,
}

fn again(fault: DbError) -> Verdict {
    Verdict::Again(fault.to_string())
}

/// Loads what waits; nothing if it was handed over, voided or used meanwhile.
async fn ready(portal: &Portal, id: &CodeId) -> Result<Option<Ready>, Verdict> {
    let Some(waiting) = handing_over::waiting(&portal.db, id).await.map_err(again)? else { return Ok(None) };
    let account = account::find(&portal.db, &waiting.account).await.map_err(again)?;
    let Some(account) = account else { return Err(Verdict::Never("the account is closed".into())) };
    let plain = portal.keys.open(&queries::seal_name(id), &waiting.sealed);
    let code =
        plain.and_then(|plain| String::from_utf8(plain).ok()).and_then(|text| AuthorizationCode::parse(&text).ok());
    let Some(code) = code else { return Err(Verdict::Never("the seal does not open: its key is gone".into())) };
    let logon = logon::queries::find(&portal.db, &LogonId::known(&waiting.logon)).await.map_err(again)?;
    let user_id = logon.map(|logon| logon.user_id.to_string()).unwrap_or_default();
    Ok(Some(Ready { waiting, account, code, user_id }))
}

/// Sends a code by e-mail (R114).
///
/// # Errors
/// Whether it may be tried again.
pub async fn by_email(portal: &Portal, courier: &Courier, job: CodeByEmail, this: &Try) -> Outcome {
    let id = CodeId::known(job.code);
    let outcome = send(portal, courier, &id, this).await;
    give_up(portal, &id, this, outcome).await
}

async fn send(portal: &Portal, courier: &Courier, id: &CodeId, this: &Try) -> Outcome {
    let Some(ready) = ready(portal, id).await? else { return Ok(()) };
    let Some(to) = ready.account.email.clone() else {
        return Err(Verdict::Never("no e-mail address is on record".into()));
    };
    let (id_name, said) = (format!("{}{}", queries::MAIL, id.as_str().to_lowercase()), email_said(portal, &ready));
    let mail = Mail::new(id_name, to, said.subject, said.text)
        .about(ready.account.id.clone(), None)
        .secret(ready.code.grouped());
    let done = handing_over::handed_over(id, &ready.waiting, Channel::Email, portal.now());
    courier.mail(this, mail, done).await
}

fn email_said(portal: &Portal, ready: &Ready) -> Wording {
    let account = &ready.account;
    portal.say(
        Occasion::CodeMail,
        &[
            ("code", &ready.code.grouped()),
            ("user_id", &ready.user_id),
            ("type", &portal.agency().type_name(&account.id.kind)),
            ("number", &account.id.number),
            ("name", &account.name),
        ],
    )
}

/// Prints a code into the letter spool (R115).
///
/// # Errors
/// Whether it may be tried again.
pub async fn by_letter(portal: &Portal, spool: &Spool, job: CodeByLetter, this: &Try) -> Outcome {
    let id = CodeId::known(job.code);
    let outcome = print(portal, spool, &id).await;
    give_up(portal, &id, this, outcome).await
}

async fn print(portal: &Portal, spool: &Spool, id: &CodeId) -> Outcome {
    let name = format!("letter-{}", id.as_str().to_lowercase());
    // A run before this one may have come so far.
    if letter::release(&portal.db, spool, &name).await? {
        return Ok(());
    }
    let Some(ready) = ready(portal, id).await? else { return Ok(()) };
    let at = portal.now();
    let text = letter_text(portal, &ready, &name, at);
    spool.prepare(&name, text.clone(), at).await.map_err(letter::verdict)?;
    let account = &ready.account.id;
    // Voided meanwhile: it is not printed.
    handing_over::handed_over(id, &ready.waiting, Channel::Letter, at)
        .then(letter::spooled(Spooled { name: &name, code: Some(id), account, logon: None, text, at }))
        .run(&portal.db)
        .await
        .map_err(again)?;
    letter::release(&portal.db, spool, &name).await.map(drop)
}

fn letter_text(portal: &Portal, ready: &Ready, reference: &str, now: Moment) -> LetterText {
    let (agency, said) = (portal.agency(), portal.say(Occasion::CodeLetter, &[("user_id", &ready.user_id)]));
    let agency = &agency;
    let expires = time::day(agency, now + Channel::Letter.lasts());
    let mut address = vec![ready.account.name.clone()];
    address.extend(ready.account.street.iter().cloned());
    LetterText {
        letterhead: agency.letterhead.clone(),
        address,
        date: time::day(agency, now),
        subject: said.subject,
        facts: vec![
            ("Account".into(), format!("{} {}", agency.type_name(&ready.account.id.kind), ready.account.id.number)),
            ("Requested by".into(), format!("{} on {}", ready.user_id, time::day(agency, ready.waiting.requested))),
            ("Valid until".into(), expires),
        ],
        code_label: "Authorization code".into(),
        code: Some(ready.code.grouped()),
        steps: said.steps,
        aside: said.aside,
        warning: said.text,
        reference: format!("Reference {reference}"),
        genuine: Some(letter::genuine(portal, reference)),
    }
}

/// When nothing more will be tried, the code is marked and the person's submission says so.
async fn give_up(portal: &Portal, id: &CodeId, this: &Try, outcome: Outcome) -> Outcome {
    let why = match &outcome {
        Ok(()) => None,
        Err(Verdict::Never(why)) => Some(why),
        Err(Verdict::Again(why)) => this.is_last.then_some(why),
    };
    if let Some(why) = why
        && let Some(waiting) = handing_over::waiting(&portal.db, id).await.map_err(again)?
    {
        let undeliverable = handing_over::undeliverable(&portal.db, id, &waiting, why, portal.now());
        undeliverable.await.map_err(again)?;
    }
    outcome
}
