//! What the wizard looks up and does.

use springboard_jobs::{CodeByEmail, CodeByLetter, Job};

use super::{
    Complete, Draft, Found, RequestCode, RequestCodeStep,
    pages::{Sight, notice},
};
use crate::{
    account,
    audit::{self, Deed},
    authorization_code::{
        self, A_DAY, A_MONTH, Channel, LETTERS, LOOK_UPS, LOOK_UPS_OF_ADDRESS, OF_ACCOUNT_A_DAY, OF_ACCOUNT_A_MONTH,
        OF_ADDRESS, queries,
    },
    db::{
        DbError, Refusal, Transaction,
        ceiling::{self, Daily},
        unless_moved,
    },
    form::{Faults, Fields},
    http::{Fault, Portal},
    session::Person,
    submission::{self, Numbers},
    wizard::{Act, Acted, Asked, Ending},
    words::{AccountId, AccountNumber, CodeId, measure::Measure},
};

const TOO_SOON: Refusal = Refusal::new("a code was requested today");
const TOO_MANY: Refusal = Refusal::new("too many codes this month");
const ACCOUNT_TOO_MANY: Refusal = Refusal::new("too many codes for the account");
const ADDRESS_TOO_MANY: Refusal = Refusal::new("too many codes from the address");
const TOO_MANY_LETTERS: Refusal = Refusal::new("too many letters today");

impl Act for RequestCode {
    type Owner = Person;

    async fn look(person: &Person, _: RequestCodeStep, _: &Draft, _: &Portal) -> Result<Sight, Fault> {
        Ok(Sight { user_id: person.user_id().to_owned() })
    }

    async fn answer(
        person: &Person,
        step: RequestCodeStep,
        draft: &mut Draft,
        posted: &Fields,
        asked: &Asked<'_>,
    ) -> Result<Result<(), Faults>, Fault> {
        match step {
            RequestCodeStep::AccountType => Ok(account_type(draft, posted, asked.portal)),
            RequestCodeStep::AccountDetails => account_details(person, draft, posted, asked).await,
            RequestCodeStep::EmailOption => email_option(draft, posted, asked.portal).await,
            RequestCodeStep::Summary => Ok(Ok(())),
        }
    }

    /// Writes the code, the submission and the job in one transaction that ends the draft (R110).
    async fn act(person: &Person, whole: Complete, _: &Fields, asked: &Asked<'_>) -> Result<Acted<Self>, Fault> {
        let (portal, now) = (asked.portal, asked.portal.now());
        let numbers = asked.request.app_data::<actix_web::web::Data<Numbers>>();
        let numbers = numbers.ok_or_else(|| Fault::Broken("the numbers are not part of the app".into()))?;
        let number = numbers.next().await?;
        let by_email = whole.channel == Channel::Email;
        let done = format!("/access/requested/{number}");
        let request = submission::New {
            number,
            logon: person.logon(),
            draft: asked.draft,
            title: "Request for an account authorization code",
            account: &whole.account,
            status: "Code on its way",
            notice: notice(by_email),
        };
        let written = unless_moved(authorization_code::MOVED, || async {
            let present = queries::present(&portal.db, person.logon(), &whole.account).await?;
            let code = CodeId::draw();
            let job = match whole.channel {
                Channel::Email => CodeByEmail { code: code.to_string() }.task(),
                Channel::Letter => CodeByLetter { code: code.to_string() }.task(),
            };
            let new = queries::New {
                id: &code,
                account: &whole.account,
                logon: person.logon(),
                channel: whole.channel,
                submission: number.number(),
                job,
            };
            asked
                .ending
                .transaction(&done, now)
                .then(limits(person.logon(), &whole, asked))
                .then(queries::create(new, &present, &portal.keys, now))
                .then(submission::create(&request, now))
                .then(audit::row(now, person.logon(), Deed::RequestedCode, &whole.account.key(), whole.channel.word()))
                .run(&portal.db)
                .await
        })
        .await;
        match written {
            Ok(()) => {
                portal.count(if by_email { Measure::CodesByEmail } else { Measure::CodesByLetter }, 1);
                Ok(Acted::Done(done))
            }
            Err(fault) if Ending::was_before(&fault) => Ok(Acted::Before),
            Err(fault) => refused(&fault).ok_or_else(|| fault.into()),
        }
    }
}

/// Counts a request, or throws which limit it would pass: for this person and account, for the account by
/// whomever, for the address, and for letters. None of them touches what others asked for.
fn limits(logon: &str, whole: &Complete, asked: &Asked<'_>) -> Transaction {
    let (portal, now) = (asked.portal, asked.portal.now());
    let (own, account) = (queries::whom(&whole.account, logon), whole.account.key());
    let address = portal.keys.hash("address", portal.address(asked.request).as_bytes());
    let limits = A_DAY
        .within_transaction(&own, now, TOO_SOON)
        .then(A_MONTH.within_transaction(&own, now, TOO_MANY))
        .then(OF_ACCOUNT_A_DAY.within_transaction(&account, now, ACCOUNT_TOO_MANY))
        .then(OF_ACCOUNT_A_MONTH.within_transaction(&account, now, ACCOUNT_TOO_MANY))
        .then(OF_ADDRESS.within_transaction(&address, now, ADDRESS_TOO_MANY));
    match whole.channel {
        Channel::Email => limits,
        Channel::Letter => {
            let letters = LETTERS.within_transaction(logon, now, TOO_MANY_LETTERS);
            limits.then(letters).then(portal.take_daily(Daily::Letters))
        }
    }
}

fn account_type(draft: &mut Draft, posted: &Fields, portal: &Portal) -> Result<(), Faults> {
    let key = posted.text("account-type");
    if portal.agency().account_type(key).is_none() {
        return Err(Faults::one("account-type", "Select a type of account."));
    }
    if draft.kind.as_deref() != Some(key) {
        *draft = Draft { kind: Some(key.to_owned()), ..Draft::default() };
    }
    Ok(())
}

/// Looks the account up. Unknown and known numbers count alike, so that nobody can try them all (R103).
async fn account_details(
    person: &Person,
    draft: &mut Draft,
    posted: &Fields,
    asked: &Asked<'_>,
) -> Result<Result<(), Faults>, Fault> {
    let portal = asked.portal;
    let number = match AccountNumber::parse(posted.text("number")) {
        Ok(number) => number,
        Err(fault) => return Ok(Err(Faults::one("number", fault))),
    };
    if draft.account.as_ref().is_some_and(|found| found.number == number) {
        return Ok(Ok(()));
    }
    let address = portal.keys.hash("address", portal.address(asked.request).as_bytes());
    let allowed = LOOK_UPS.allows(&portal.db, person.logon(), portal.now()).await?
        && LOOK_UPS_OF_ADDRESS.allows(&portal.db, &address, portal.now()).await?;
    if !allowed {
        return Ok(Err(Faults::one("number", "You looked up too many accounts. Wait an hour, or contact us.")));
    }
    let id = AccountId::new(draft.kind.clone().unwrap_or_default(), number);
    let Some(account) = account::find(&portal.db, &id).await? else {
        let agency = portal.agency();
        let kind = agency.type_name(&id.kind);
        return Ok(Err(Faults::one(
            "number",
            format!("There is no {kind} account with this ID. Check the ID on your license or on a letter from us."),
        )));
    };
    draft.account = Some(Found { number, mask: account.email.map(|email| email.masked()) });
    draft.by_email = None;
    draft.confirmed = false;
    Ok(Ok(()))
}

/// The first Next chooses, the second one confirms the choice (R105).
async fn email_option(draft: &mut Draft, posted: &Fields, portal: &Portal) -> Result<Result<(), Faults>, Fault> {
    let by_email = match posted.text("by-email") {
        "yes" => true,
        "no" => false,
        _ => return Ok(Err(Faults::one("by-email", "Select Yes or No."))),
    };
    if !by_email && is_wrong_address(draft, portal).await? {
        let sentence = "A letter to the address on record came back. Contact us to have it corrected.";
        return Ok(Err(Faults::one("by-email", sentence)));
    }
    draft.confirmed =
        draft.by_email == Some(by_email) && (draft.confirmed || posted.text("confirmed") == posted.text("by-email"));
    draft.by_email = Some(by_email);
    Ok(Ok(()))
}

async fn is_wrong_address(draft: &Draft, portal: &Portal) -> Result<bool, Fault> {
    let (Some(kind), Some(found)) = (&draft.kind, &draft.account) else { return Ok(false) };
    let account = AccountId::new(kind.clone(), found.number);
    Ok(account::address::has_faulty(&portal.db, &account).await?)
}

fn refused(fault: &DbError) -> Option<Acted<RequestCode>> {
    let sentence = if fault.is_refusal(TOO_SOON) {
        "You requested a code for this account within the last 24 hours. Use that one, or try again tomorrow."
    } else if fault.is_refusal(TOO_MANY) {
        "You requested four codes for this account within the last 30 days. Contact us."
    } else if fault.is_refusal(ACCOUNT_TOO_MANY) {
        "Too many codes were requested for this account. Codes that were sent can still be used. Try again tomorrow, or contact us."
    } else if fault.is_refusal(ADDRESS_TOO_MANY) {
        "Too many codes were requested from your network today. Try again tomorrow, or contact us."
    } else if fault.is_refusal(TOO_MANY_LETTERS) {
        "You requested 10 letters within the last 24 hours. Try again tomorrow."
    } else if fault.is_refusal(ceiling::REACHED) {
        "No more letters can be requested today. Have the code sent by e-mail, or try again tomorrow."
    } else {
        return None;
    };
    Some(Acted::Faulty(RequestCodeStep::AccountDetails, Faults::one("number", sentence)))
}
