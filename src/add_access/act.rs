//! What the wizard looks up and does.

use springboard_jobs::{Job, Notice, NoticeKind};

use super::{AddAccess, AddAccessStep, Complete, Draft, Notification, Proof, pages::Sight};
use crate::{
    access,
    audit::{self, Deed},
    authorization_code::queries::{self, Checked},
    challenge::pin::{self, Purpose, To},
    db::{Transaction, rate_limit::Limit},
    form::{Faults, Fields, agreed},
    http::{Fault, Portal},
    invitation, logon, mailbox,
    session::Person,
    submission::{self, Numbers},
    wizard::{Act, Acted, Asked, Ending},
    words::{AccountId, AccountNumber, AuthorizationCode, EmailAddress, LogonId, measure::Measure},
};

/// The one answer to every failure: which part is wrong is nobody's business (R122).
const REFUSAL: &str = "The authorization code and the ID do not belong together, or the code has expired or was used. Check both against your letter or e-mail.";
/// PINs that one logon may have sent to other addresses than its own.
const CONFIRMATIONS: Limit = Limit { what: "alert address", most: 5, within: chrono::Duration::hours(1) };
/// PINs that all together may have sent to one address.
const TO_ONE_ADDRESS: Limit = Limit { what: "alert address target", most: 3, within: chrono::Duration::hours(1) };
const TOO_MANY_PINS: &str =
    "You asked for too many PINs in a short time. Wait an hour, or use the e-mail address of your logon.";
const WRONG_PIN: &str =
    "The PIN is not right or has expired. After 5 tries, go back to the e-mail address and have another one sent.";
const TOO_MANY: &str = "You entered too many codes in a short time. Wait ten minutes and try again.";

impl Act for AddAccess {
    type Owner = Person;

    async fn look(person: &Person, step: AddAccessStep, draft: &Draft, portal: &Portal) -> Result<Sight, Fault> {
        let email = match step {
            AddAccessStep::Email => {
                let logon = logon::queries::find(&portal.db, &LogonId::known(person.logon())).await?;
                logon.map(|logon| logon.profile.email.to_string()).unwrap_or_default()
            }
            _ => String::new(),
        };
        Ok(Sight { user_id: person.user_id().to_owned(), email, has_code: draft.code.is_some() })
    }

    async fn answer(
        person: &Person,
        step: AddAccessStep,
        draft: &mut Draft,
        posted: &Fields,
        asked: &Asked<'_>,
    ) -> Result<Result<(), Faults>, Fault> {
        match step {
            AddAccessStep::AuthorizationCode => authorization_code(person, draft, posted, asked.portal).await,
            AddAccessStep::AccountInfo => account_info(person, draft, posted, asked.portal).await,
            AddAccessStep::Email => email(person, draft, posted, asked.portal).await,
            AddAccessStep::ConfirmEmail => confirm_email(draft, posted, asked.portal).await,
            AddAccessStep::Summary => Ok(Ok(())),
        }
    }

    /// Uses the code up and grants the access in one transaction that ends the draft (R127).
    async fn act(person: &Person, whole: Complete, _: &Fields, asked: &Asked<'_>) -> Result<Acted<Self>, Fault> {
        let (portal, now) = (asked.portal, asked.portal.now());
        let numbers = asked.request.app_data::<actix_web::web::Data<Numbers>>();
        let numbers = numbers.ok_or_else(|| Fault::Broken("the numbers are not part of the app".into()))?;
        let logon = logon::queries::find(&portal.db, &LogonId::known(person.logon())).await?.ok_or(Fault::NotFound)?;
        // Looked at anew: the profile may have another address by now.
        let other = Some(&whole.notification.email).filter(|email| email.folded() != logon.profile.email.folded());
        let proof = match (other, &whole.proof) {
            (None, _) => Transaction::default(),
            (Some(email), Some(proof)) if proof.email == *email => {
                let to = To::Address(email.clone());
                pin::use_up(Purpose::AlertAddress, &to, &proof.challenge, person.logon(), now)
            }
            (Some(_), _) => return Ok(unconfirmed()),
        };
        let right = queries::right(&portal.db, person.logon(), &whole.account, &whole.code, now).await?;
        let Some(right) = right else { return Ok(not_good()) };
        let number = numbers.next().await?;
        let holders = access::holders(&portal.db, &whole.account).await?;
        let done = format!("/access/added/{number}");
        let grant = access::Grant {
            logon: person.logon(),
            account: &whole.account,
            alerts: whole.notification.alerts,
            email: other,
            terms_version: &whole.notification.terms_version,
            code: right.id().as_str(),
        };
        let new = submission::New {
            number,
            logon: person.logon(),
            draft: asked.draft,
            title: "Adding account access",
            account: &whole.account,
            status: "Done",
            notice: "You have access to the account.",
        };
        let written = asked
            .ending
            .transaction(&done, now)
            .then(proof)
            .then(queries::consume(&right, person.logon(), &whole.account, now))
            .then(mailbox::holders::grant(&grant, now))
            .then(tell_everyone(person.logon(), &whole.account, &holders, asked.draft.as_str()))
            .then(invitation::queries::accepted(&whole.account))
            .then(submission::create(&new, now))
            .then(audit::row(now, person.logon(), Deed::GainedAccess, &whole.account.key(), ""))
            .run(&portal.db)
            .await;
        match written {
            Ok(()) => {
                portal.count(Measure::CodesUsed, 1);
                Ok(Acted::Done(done))
            }
            Err(fault) if Ending::was_before(&fault) => Ok(Acted::Before),
            Err(fault) if fault.is_refusal(pin::USED) => Ok(unconfirmed()),
            Err(fault) if fault.is_refusal(queries::NOT_GOOD) => Ok(not_good()),
            Err(fault) => Err(fault.into()),
        }
    }
}

/// Back to the account: the code was used, made void or has expired since it was checked.
fn not_good() -> Acted<AddAccess> {
    Acted::Faulty(AddAccessStep::AccountInfo, Faults::one("number", REFUSAL))
}

/// Back to the address of the alerts, to confirm it anew.
fn unconfirmed() -> Acted<AddAccess> {
    let sentence = "This e-mail address is not confirmed, or its PIN has expired. Select Next for another PIN.";
    Acted::Faulty(AddAccessStep::Email, Faults::one("email", sentence))
}

/// Tells the address on record and everyone who has access already (R127).
fn tell_everyone(logon: &str, account: &AccountId, holders: &[access::Holder], event: &str) -> Transaction {
    let notice = |to: &str| {
        let about = format!("{logon}/{}", account.key());
        Notice { kind: NoticeKind::AccessAdded, about, to: to.to_owned(), event: event.to_owned() }.task()
    };
    let on_record = notice("");
    let others = holders.iter().filter(|holder| holder.logon != logon).map(|holder| notice(&holder.logon));
    Transaction::enqueue_all(std::iter::once(on_record).chain(others).collect())
}

/// The code step says nothing about whether the code is any good (R119).
async fn authorization_code(
    person: &Person,
    draft: &mut Draft,
    posted: &Fields,
    portal: &Portal,
) -> Result<Result<(), Faults>, Fault> {
    let typed = posted.text("code");
    if typed.trim().is_empty() && draft.code.is_some() {
        return Ok(Ok(()));
    }
    let code = match AuthorizationCode::parse(typed) {
        Ok(code) => code,
        Err(fault) => return Ok(Err(Faults::one("code", fault))),
    };
    let hashes = code.hashes(&portal.keys);
    let kind = queries::type_for_entry(&portal.db, person.logon(), &hashes).await?;
    *draft = Draft {
        code: Some(hashes),
        kind,
        notification: draft.notification.clone(),
        account: None,
        proof: draft.proof.clone(),
    };
    Ok(Ok(()))
}

/// Code, account and logon are looked at together, and the try is counted.
async fn account_info(
    person: &Person,
    draft: &mut Draft,
    posted: &Fields,
    portal: &Portal,
) -> Result<Result<(), Faults>, Fault> {
    let number = match AccountNumber::parse(posted.text("number")) {
        Ok(number) => number,
        Err(fault) => return Ok(Err(Faults::one("number", fault))),
    };
    let account = AccountId::new(draft.kind.clone().unwrap_or_default(), number);
    let code = draft.code.clone().unwrap_or_default();
    let checked = queries::check(&portal.db, person.logon(), &account, &code, portal.now()).await?;
    Ok(match checked {
        Checked::Right(_) => {
            draft.account = Some(account);
            Ok(())
        }
        Checked::Wrong => {
            draft.account = None;
            let row = audit::row(portal.now(), person.logon(), Deed::EnteredWrongCode, &account.key(), "");
            row.run(&portal.db).await?;
            Err(Faults::one("number", REFUSAL))
        }
        Checked::TooMany => Err(Faults::one("number", TOO_MANY)),
    })
}

/// Another address than the logon's own has to be confirmed before alerts go to it (R124).
async fn email(
    person: &Person,
    draft: &mut Draft,
    posted: &Fields,
    portal: &Portal,
) -> Result<Result<(), Faults>, Fault> {
    let notification = match notification(posted, portal) {
        Ok(notification) => notification,
        Err(faults) => return Ok(Err(faults)),
    };
    let logon = logon::queries::find(&portal.db, &LogonId::known(person.logon())).await?.ok_or(Fault::NotFound)?;
    let email = &notification.email;
    if email.folded() == logon.profile.email.folded() {
        draft.proof = None;
    } else {
        let whom = portal.keys.hash("alert address", email.folded().as_bytes());
        let may = CONFIRMATIONS.allows(&portal.db, person.logon(), portal.now()).await?
            && TO_ONE_ADDRESS.allows(&portal.db, &whom, portal.now()).await?;
        if !may {
            return Ok(Err(Faults::one("email", TOO_MANY_PINS)));
        }
        let to = To::Address(email.clone());
        let challenge = pin::send(portal, Purpose::AlertAddress, Some(person.logon()), &to).await?;
        draft.proof = Some(Proof { email: email.clone(), challenge, given: false });
    }
    draft.notification = Some(notification);
    Ok(Ok(()))
}

fn notification(posted: &Fields, portal: &Portal) -> Result<Notification, Faults> {
    let mut faults = Faults::default();
    let email = faults.take("email", EmailAddress::parse(posted.text("email")));
    logon::form::confirm(posted, "email", "email-again", &mut faults);
    let terms_version = portal.agency().access_terms.version.clone();
    faults
        .take("terms", agreed(posted, "terms", &terms_version, "Agree to the Access Terms & Conditions to continue."));
    let email = faults.or(email)?;
    Ok(Notification { alerts: posted.has("alerts"), email, terms_version })
}

async fn confirm_email(draft: &mut Draft, posted: &Fields, portal: &Portal) -> Result<Result<(), Faults>, Fault> {
    let Some(proof) = draft.proof.as_mut().filter(|proof| !proof.given) else { return Ok(Ok(())) };
    proof.given = pin::is_proved_by(portal, Purpose::AlertAddress, &proof.challenge, posted.text("pin")).await?;
    Ok(if proof.given { Ok(()) } else { Err(Faults::one("pin", WRONG_PIN)) })
}
