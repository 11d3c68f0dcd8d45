//! What the wizard looks up and does.

use chrono::Duration;
use rand::RngExt;
use springboard_jobs::{Job, Notice, NoticeKind};

use super::{Complete, Draft, SignUp, SignUpStep, pages::Sight, routes::CHECKS};
use crate::{
    audit::{self, Deed},
    challenge::question::Question,
    db::{Transaction, rate_limit::Limit},
    form::{Faults, Fields, agreed},
    http::{Fault, Portal},
    logon::{
        self, Hasher, Profile, Recovery, password,
        queries::{self, New},
        questions,
    },
    session::Visitor,
    wizard::{Act, Acted, Asked, Ending, Owner},
    words::{LogonId, UserId, measure::Measure},
};

/// Logons created from one address.
const PER_ADDRESS: Limit = Limit { what: "sign-up address", most: 20, within: Duration::hours(1) };
/// Answers to the verification question from one address.
const ANSWERS: Limit = Limit { what: "verification address", most: 60, within: Duration::hours(1) };

impl Act for SignUp {
    type Owner = Visitor;

    async fn look(visitor: &Visitor, step: SignUpStep, draft: &Draft, portal: &Portal) -> Result<Sight, Fault> {
        Ok(match step {
            SignUpStep::Profile => Sight::Profile(Question::open(portal, &visitor.draft_owner()).await?),
            SignUpStep::Security => {
                let digits = rand::rng().random_range(0..10_000);
                let profile = draft.profile.as_ref();
                Sight::Security(
                    profile.map(|profile| UserId::suggested(&profile.first, &profile.last, digits)).unwrap_or_default(),
                )
            }
        })
    }

    async fn answer(
        visitor: &Visitor,
        step: SignUpStep,
        draft: &mut Draft,
        posted: &Fields,
        asked: &Asked<'_>,
    ) -> Result<Result<(), Faults>, Fault> {
        match step {
            SignUpStep::Profile => profile(visitor, draft, posted, asked).await,
            SignUpStep::Security => Ok(security(posted, draft.profile.as_ref(), asked).await?.map(drop)),
        }
    }

    /// Creates the logon with its audit row and its welcome in one transaction (R77).
    async fn act(visitor: &Visitor, whole: Complete, posted: &Fields, asked: &Asked<'_>) -> Result<Acted<Self>, Fault> {
        let (portal, now) = (asked.portal, asked.portal.now());
        let faulty = |faults| Ok(Acted::Faulty(SignUpStep::Security, faults));
        let taken = || Faults::one("user-id", "This user ID is taken. Choose another one.");
        let address = portal.keys.hash("address", portal.address(asked.request).as_bytes());
        if !CHECKS.allows(&portal.db, &address, now).await? {
            return Err(Fault::TooMany);
        }
        let security = match security(posted, Some(&whole.profile), asked).await? {
            Ok(security) => security,
            Err(faults) => return faulty(faults),
        };
        if queries::is_taken(&portal.db, &security.user_id).await? {
            return faulty(taken());
        }
        if !PER_ADDRESS.allows(&portal.db, &address, now).await? {
            return Err(Fault::TooMany);
        }
        let hasher = Hasher::of(asked.request)?;
        let id = LogonId::draw();
        let new = New {
            id: &id,
            user_id: &security.user_id,
            profile: &whole.profile,
            password: hasher.hash(security.password).await?,
            recovery: security.recovery,
            questions: hash_answers(&hasher, security.answers).await?,
            terms_version: &whole.terms_version,
        };
        let welcome =
            Notice { kind: NoticeKind::Welcome, about: id.to_string(), to: id.to_string(), event: String::new() };
        let done = "/sign-in?created=yes";
        let written = asked
            .ending
            .transaction(done, now)
            .then(queries::create(new, now))
            .then(Transaction::enqueue(welcome.task()))
            .then(audit::row(now, id.as_str(), Deed::SignedUp, id.as_str(), ""))
            .run(&portal.db)
            .await;
        match written {
            Ok(()) => {
                portal.count(Measure::SignUps, 1);
                Question::forget(portal, &visitor.draft_owner()).await?;
                Ok(Acted::Done(done.into()))
            }
            Err(fault) if Ending::was_before(&fault) => Ok(Acted::Before),
            Err(fault) if fault.is_refusal(queries::TAKEN) => faulty(taken()),
            Err(fault) => Err(fault.into()),
        }
    }

    async fn reset(visitor: &Visitor, _: SignUpStep, portal: &Portal) -> Result<(), Fault> {
        Question::forget(portal, &visitor.draft_owner()).await
    }
}

async fn profile(
    visitor: &Visitor,
    draft: &mut Draft,
    posted: &Fields,
    asked: &Asked<'_>,
) -> Result<Result<(), Faults>, Fault> {
    let portal = asked.portal;
    let address = portal.keys.hash("address", portal.address(asked.request).as_bytes());
    if !ANSWERS.allows(&portal.db, &address, portal.now()).await? {
        return Err(Fault::TooMany);
    }
    let parsed = logon::form::parse(posted);
    let mut faults = parsed.as_ref().err().cloned().unwrap_or_default();
    if !Question::is_answered_by(portal, &visitor.draft_owner(), posted.text("verification")).await? {
        faults.add("verification", "That was not the word. Here is another question.");
    }
    let version = portal.agency().terms.version.clone();
    faults.take("terms", agreed(posted, "terms", &version, "Agree to the terms & conditions to continue."));
    Ok(faults.or(parsed.ok()).map(|profile| {
        draft.profile = Some(profile);
        draft.terms_version = Some(version);
    }))
}

/// What the security step asks.
struct Security {
    user_id: UserId,
    password: String,
    recovery: Vec<Recovery>,
    answers: Vec<(String, String)>,
}

async fn security(
    posted: &Fields,
    profile: Option<&Profile>,
    asked: &Asked<'_>,
) -> Result<Result<Security, Faults>, Fault> {
    let mut faults = Faults::default();
    let user_id = faults.take("user-id", UserId::parse_new(posted.text("user-id")));
    let password = match password::read(asked.portal, asked.request, posted, posted.text("user-id")).await? {
        Ok(password) => Some(password),
        Err(found) => {
            found.iter().for_each(|(field, sentence)| faults.add(field, sentence));
            None
        }
    };
    let has_mobile = profile.is_none_or(|profile| profile.mobile.is_some());
    let ways = match ways(posted, has_mobile, asked.portal.offers_texts) {
        Ok(ways) => Some(ways),
        Err(found) => {
            found.iter().for_each(|(field, sentence)| faults.add(field, sentence));
            None
        }
    };
    let whole = (|| {
        let (recovery, answers) = ways?;
        Some(Security { user_id: user_id?, password: password?, recovery, answers })
    })();
    Ok(faults.or(whole))
}

/// Ways of recovery, and the answers to security questions with their keys.
pub type Ways = (Vec<Recovery>, Vec<(String, String)>);

/// Reads the ways of recovery, with the answers to the security questions if those were chosen (R76).
///
/// # Errors
/// What is wrong, beside the fields.
pub fn ways(posted: &Fields, has_mobile: bool, offers_texts: bool) -> Result<Ways, Faults> {
    let mut faults = Faults::default();
    let chosen: Vec<Recovery> =
        Recovery::offered(offers_texts).filter(|way| posted.all("recovery").any(|word| word == way.word())).collect();
    if chosen.is_empty() {
        faults.add("recovery", "Choose at least one recovery method.");
    }
    if chosen.contains(&Recovery::Text) && !has_mobile {
        faults.add(
            "recovery",
            "A text message needs a mobile number in your profile. Go back to add one, or choose another method.",
        );
    }
    let mut answers: Vec<(String, String)> = Vec::new();
    if chosen.contains(&Recovery::Questions) {
        for number in 1..=questions::ASKED {
            let (question, answer) = (format!("question-{number}"), format!("answer-{number}"));
            let key = posted.text(&question);
            if questions::question(key).is_none() || answers.iter().any(|(other, _)| other == key) {
                faults.add(&question, "Select a question, each time another one.");
            }
            let typed = questions::normalised(posted.text(&answer));
            if typed.chars().count() < 3 {
                faults.add(&answer, "Enter an answer of at least 3 letters or digits.");
            }
            answers.push((key.to_owned(), typed));
        }
    }
    faults.or(Some((chosen, answers)))
}

/// Hashes the answers as passwords are.
///
/// # Errors
/// When the hasher's threads are gone.
pub async fn hash_answers(hasher: &Hasher, answers: Vec<(String, String)>) -> Result<Vec<queries::Question>, Fault> {
    let mut hashed = Vec::new();
    for (question, answer) in answers {
        hashed.push(queries::Question { question, answer: hasher.hash(answer).await? });
    }
    Ok(hashed)
}
