//! What the wizard looks up and does.

use chrono::Duration;

use super::{Complete, Draft, Recover, RecoverStep, offer, pages::Sight};
use crate::{
    audit::{self, Deed},
    challenge::pin::{self, Looked, Purpose, To},
    db::rate_limit::Limit,
    form::{Faults, Fields},
    http::{Fault, Portal},
    logon::{
        Hasher, Recovery,
        changes::{self, CredentialChange},
        password, queries, questions,
    },
    session::{self, Desk, Kind, Visitor, sign_in},
    wizard::{Act, Acted, Asked, Ending},
    words::{LogonId, UserId},
};

/// PINs asked for from one address.
const PER_ADDRESS: Limit = Limit { what: "recovery address", most: 20, within: Duration::hours(1) };
/// Proofs sent from one address: each may cost two hashes.
const PROOFS: Limit = Limit { what: "recovery proof", most: 60, within: Duration::hours(1) };
/// User IDs looked up from one address.
const LOOK_UPS: Limit = Limit { what: "recovery look-up", most: 30, within: Duration::hours(1) };
/// PINs for one user ID, existing or not.
const PER_USER_ID: Limit = Limit { what: "recovery user ID", most: 5, within: Duration::hours(1) };
const REFUSAL: &str = "The PIN or an answer is not right, or the PIN has expired. After 5 tries, begin again.";

impl Act for Recover {
    type Owner = Visitor;

    async fn look(_: &Visitor, step: RecoverStep, draft: &Draft, portal: &Portal) -> Result<Sight, Fault> {
        if !matches!(step, RecoverStep::Method | RecoverStep::Proof) {
            return Ok(Sight::default());
        }
        let offer = offer::of(draft, portal).await?;
        let asks = draft.method == Some(Recovery::Questions);
        Ok(Sight { ways: offer.ways, questions: if asks { offer.questions } else { Vec::new() } })
    }

    async fn answer(
        _: &Visitor,
        step: RecoverStep,
        draft: &mut Draft,
        posted: &Fields,
        asked: &Asked<'_>,
    ) -> Result<Result<(), Faults>, Fault> {
        match step {
            RecoverStep::UserId => user_id(draft, posted, asked).await,
            RecoverStep::Method => method(draft, posted, asked).await,
            RecoverStep::Proof => proof(draft, posted, asked).await,
            RecoverStep::NewPassword => {
                let user_id = draft.user_id.as_deref().unwrap_or_default();
                Ok(password::read(asked.portal, asked.request, posted, user_id).await?.map(drop))
            }
        }
    }

    /// Changes the password and ends all sessions, in the transaction that uses the PIN up.
    async fn act(_: &Visitor, whole: Complete, posted: &Fields, asked: &Asked<'_>) -> Result<Acted<Self>, Fault> {
        let (portal, now) = (asked.portal, asked.portal.now());
        let faulty = |sentence: &str| Ok(Acted::Faulty(RecoverStep::NewPassword, Faults::one("password", sentence)));
        let Some(logon) = queries::find(&portal.db, &LogonId::known(&whole.logon)).await? else {
            return Err(Fault::NotFound);
        };
        let new = match password::read(portal, asked.request, posted, logon.user_id.as_str()).await? {
            Ok(new) => new,
            Err(faults) => return Ok(Acted::Faulty(RecoverStep::NewPassword, faults)),
        };
        let hasher = Hasher::of(asked.request)?;
        let used: Vec<String> = std::iter::once(logon.password.clone()).chain(logon.former_passwords.clone()).collect();
        if hasher.is_any(new.clone(), used).await? {
            return faulty("Password: Should not be one of the last 3 used passwords.");
        }
        let done = "/sign-in?changed=yes";
        let written = asked
            .ending
            .transaction(done, now)
            .then(pin::use_up(Purpose::Recovery, &whole.to, &whole.challenge, &whole.logon, now))
            .then(queries::change_password(&whole.logon, &logon.password, hasher.hash(new).await?))
            .then(session::end_others(&whole.logon, ""))
            .then(sign_in::unlock(portal, Kind::Person, &logon.user_id))
            .then(changes::noted(&whole.logon, CredentialChange::Password, None, now))
            .then(audit::row(now, &whole.logon, Deed::RecoveredPassword, &whole.logon, ""))
            .run(&portal.db)
            .await;
        match written {
            Ok(()) => {
                if let Some(desk) = asked.request.app_data::<actix_web::web::Data<Desk>>() {
                    desk.ended_all(&whole.logon);
                }
                Ok(Acted::Done(done.into()))
            }
            Err(fault) if Ending::was_before(&fault) => Ok(Acted::Before),
            Err(fault) if fault.is_refusal(pin::USED) || fault.is_refusal(queries::CHANGED) => {
                faulty("The PIN has expired. Begin again with your user ID.")
            }
            Err(fault) => Err(fault.into()),
        }
    }
}

async fn user_id(draft: &mut Draft, posted: &Fields, asked: &Asked<'_>) -> Result<Result<(), Faults>, Fault> {
    let portal = asked.portal;
    let address = address(asked);
    if !LOOK_UPS.allows(&portal.db, &address, portal.now()).await? {
        return Err(Fault::TooMany);
    }
    let user_id = match UserId::parse(posted.text("user-id")) {
        Ok(user_id) => user_id,
        Err(fault) => return Ok(Err(Faults::one("user-id", fault))),
    };
    let found = queries::find_by_user_id(&portal.db, &user_id).await?;
    *draft = Draft {
        user_id: Some(user_id.to_string()),
        logon: found.filter(|logon| logon.status == queries::Status::Active).map(|logon| logon.id.to_string()),
        ..Draft::default()
    };
    Ok(Ok(()))
}

async fn method(draft: &mut Draft, posted: &Fields, asked: &Asked<'_>) -> Result<Result<(), Faults>, Fault> {
    let (portal, now) = (asked.portal, asked.portal.now());
    let offer = offer::of(draft, portal).await?;
    let Some(method) = offer.ways.into_iter().find(|way| way.word() == posted.text("method")) else {
        return Ok(Err(Faults::one("method", "Choose a recovery method.")));
    };
    let address = address(asked);
    let folded = UserId::parse(draft.user_id.as_deref().unwrap_or_default()).map(|user_id| user_id.folded());
    let user_id = portal.keys.hash("recovery", folded.unwrap_or_default().as_bytes());
    let allowed =
        PER_ADDRESS.allows(&portal.db, &address, now).await? && PER_USER_ID.allows(&portal.db, &user_id, now).await?;
    if !allowed {
        return Err(Fault::TooMany);
    }
    let to = if method == Recovery::Text { To::Mobile } else { To::Profile };
    if method == Recovery::Text {
        // An unknown user ID has no number: its own name stands for one, so that both are refused alike.
        let number = offer.logon.as_ref().and_then(|logon| logon.profile.mobile.as_ref()).map(|to| to.as_e164());
        let number = portal.keys.hash("number", number.unwrap_or(user_id.as_str()).as_bytes());
        let allowed = pin::TEXTS_OF_ADDRESS.allows(&portal.db, &address, now).await?
            && pin::TO_NUMBER.allows(&portal.db, &number, now).await?;
        if !allowed {
            return Err(Fault::TooMany);
        }
    }
    draft.challenge = Some(pin::send(portal, Purpose::Recovery, draft.logon.as_deref(), &to).await?);
    draft.method = Some(method);
    draft.proved = false;
    Ok(Ok(()))
}

async fn proof(draft: &mut Draft, posted: &Fields, asked: &Asked<'_>) -> Result<Result<(), Faults>, Fault> {
    let portal = asked.portal;
    if !PROOFS.allows(&portal.db, &address(asked), portal.now()).await? {
        return Err(Fault::TooMany);
    }
    let pin = draft.challenge.as_deref().unwrap_or_default();
    let is_right = match pin::look_at(portal, Purpose::Recovery, pin, posted.text("pin")).await? {
        // No try is left: nothing that is typed can be right, and nothing is hashed for it.
        Looked::Dead => return Ok(Err(Faults::one("pin", REFUSAL))),
        Looked::Wrong => false,
        Looked::Right => true,
    };
    let offer = offer::of(draft, portal).await?;
    // The way must still be one that the logon has: it may have been changed since.
    let mut all_right = is_right && draft.method.is_some_and(|way| offer.ways.contains(&way));
    if draft.method == Some(Recovery::Questions) {
        let hasher = Hasher::of(asked.request)?;
        let mut answers = offer.logon.map(|logon| logon.questions).unwrap_or_default().into_iter();
        // As many checks for a user ID that nobody has: they take as long.
        for number in 1..=questions::ASKED {
            let forms = questions::forms(posted.text(&format!("answer-{number}")));
            all_right &= hasher.check_any(forms, answers.next().map(|one| one.answer)).await?;
        }
    }
    draft.proved = all_right;
    Ok(if all_right { Ok(()) } else { Err(Faults::one("pin", REFUSAL)) })
}

/// The caller's address as limits count it.
fn address(asked: &Asked<'_>) -> String {
    asked.portal.keys.hash("address", asked.portal.address(asked.request).as_bytes())
}
