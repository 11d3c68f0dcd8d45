//! Second factors in the database.

use super::{Authenticator, RecoveryCodes, Typed, passkeys::StoredPasskey};
use crate::{
    db::{
        Db, DbError, Query, Refusal, Transaction, statement,
        value::{Bytes, SurrealValue},
    },
    words::{Keys, Moment},
};

/// What somebody proves beside the password.
#[derive(Clone, Debug, Default)]
pub struct Factors {
    /// Whether there is an authenticator app.
    pub has_totp: bool,
    /// How many recovery codes are left.
    pub recovery_codes: usize,
    /// Passkeys.
    pub passkeys: Vec<StoredPasskey>,
}

impl Factors {
    /// Whether anything is there to prove.
    pub fn is_any(&self) -> bool {
        self.has_totp || !self.passkeys.is_empty()
    }
}

#[derive(SurrealValue)]
struct FactorsRow {
    has_totp: bool,
    recovery_codes: i64,
    passkeys: Vec<StoredPasskey>,
}

statement! {
    FactorsOf { owner: String } -> Option<FactorsRow>;
    reads second_factor;
    "SELECT totp != NONE AS has_totp, array::len(recovery) AS recovery_codes, passkeys FROM ONLY type::record('second_factor', $owner)"
}

/// What somebody has.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &Db, owner: &str) -> Result<Factors, DbError> {
    let row = db.ask(FactorsOf { owner: owner.to_owned() }).await?;
    Ok(row.map_or_else(Factors::default, |row| Factors {
        has_totp: row.has_totp,
        recovery_codes: usize::try_from(row.recovery_codes).unwrap_or(0),
        passkeys: row.passkeys,
    }))
}

fn seal_name(owner: &str) -> String {
    format!("totp:{owner}")
}

fn opened(keys: &Keys, owner: &str, sealed: &Bytes) -> Result<Authenticator, DbError> {
    let secret = keys.open(&seal_name(owner), sealed);
    let secret = secret.ok_or_else(|| DbError::Broken("the seal of an authenticator does not open".into()))?;
    Ok(Authenticator::known(secret))
}

/// How long an authenticator that is being added is shown.
const PENDING: chrono::Duration = chrono::Duration::minutes(30);

statement! {
    PendingTotp { owner: String, begun_by: String, now: Moment } -> Option<Bytes>;
    reads second_factor;
    "SELECT VALUE pending FROM type::record('second_factor', $owner)
        WHERE pending != NONE AND pending_session = $begun_by AND pending_expires > $now"
}

statement! {
    BeginTotp { owner: String, begun_by: String, sealed: Bytes, expires: Moment };
    writes second_factor;
    "UPSERT type::record('second_factor', $owner) SET pending = $sealed, pending_session = $begun_by,
        pending_expires = $expires RETURN NONE;"
}

/// The authenticator that somebody is about to add: the one that this session began lately, or a new one. Another session
/// never sees it: whoever opened that may not be the owner.
///
/// # Errors
/// When the database does not answer.
pub async fn begin_totp(
    db: &Db,
    keys: &Keys,
    (owner, session): (&str, &str),
    now: Moment,
) -> Result<Authenticator, DbError> {
    let (owner_key, begun_by) = (owner.to_owned(), session.to_owned());
    let pending = db.ask(PendingTotp { owner: owner_key.clone(), begun_by: begun_by.clone(), now }).await?;
    if let Some(pending) = pending
        && let Ok(authenticator) = opened(keys, owner, &pending)
    {
        return Ok(authenticator);
    }
    let drawn = Authenticator::draw();
    let sealed = keys.seal(&seal_name(owner), drawn.as_bytes());
    BeginTotp { owner: owner_key, begun_by, sealed: Bytes::from(sealed), expires: now + PENDING }.run(db).await?;
    Ok(drawn)
}

statement! {
    KeepPending { owner: String, earlier: String, later: String };
    writes second_factor;
    "UPDATE type::record('second_factor', $owner) SET pending_session = $later
        WHERE pending_session = $earlier RETURN NONE;"
}

/// Statements that let a session go on with the authenticator that was begun in the one before it.
pub fn keep_pending(owner: &str, before: &str, after: &str) -> Transaction {
    KeepPending { owner: owner.to_owned(), earlier: before.to_owned(), later: after.to_owned() }.into()
}

/// What a transaction throws when the authenticator that was begun is another one by now.
pub const CHANGED: Refusal = Refusal::new("the authenticator changed");

statement! {
    ConfirmTotp { owner: String, begun_by: String, step: i64, recovery: Vec<String> };
    writes second_factor;
    refuses CHANGED;
    "IF (UPDATE type::record('second_factor', $owner) SET totp = pending, pending = NONE, totp_step = $step,
        pending_session = NONE, pending_expires = NONE, recovery = $recovery
        WHERE pending != NONE AND pending_session = $begun_by RETURN VALUE totp_step) = [] { THROW $CHANGED };"
}

/// Statements that take the authenticator that was begun, with fresh recovery codes; the digits were of this step.
pub fn confirm_totp((owner, session): (&str, &str), step: i64, codes: &RecoveryCodes) -> Transaction {
    let recovery = codes.hashes.clone();
    ConfirmTotp { owner: owner.to_owned(), begun_by: session.to_owned(), step, recovery }.into()
}

statement! {
    AddRecoveryCodes { owner: String, recovery: Vec<String> };
    writes second_factor;
    "UPSERT type::record('second_factor', $owner) SET recovery = $recovery RETURN NONE;"
}

/// Statements that replace the recovery codes.
pub fn add_recovery_codes(owner: &str, codes: &RecoveryCodes) -> Transaction {
    AddRecoveryCodes { owner: owner.to_owned(), recovery: codes.hashes.clone() }.into()
}

statement! {
    RemoveTotp { owner: String };
    writes second_factor;
    "UPDATE type::record('second_factor', $owner) SET totp = NONE, totp_step = NONE RETURN NONE;"
}

/// Statements that take the authenticator away.
pub fn remove_totp(owner: &str) -> Transaction {
    RemoveTotp { owner: owner.to_owned() }.into()
}

statement! {
    RemovePasskey { owner: String, id: String };
    writes second_factor;
    "UPDATE type::record('second_factor', $owner) SET passkeys = passkeys.filter(|$one: any| $one.id != $id) RETURN NONE;"
}

/// Statements that take a passkey away.
pub fn remove_passkey(owner: &str, id: &str) -> Transaction {
    RemovePasskey { owner: owner.to_owned(), id: id.to_owned() }.into()
}

statement! {
    RemoveAll { owner: String };
    writes second_factor;
    "DELETE type::record('second_factor', $owner);"
}

/// Statements that take all of it away: somebody lost everything, and another staff member resets it.
pub fn remove_all(owner: &str) -> Transaction {
    RemoveAll { owner: owner.to_owned() }.into()
}

#[derive(SurrealValue)]
struct Secret {
    totp: Option<Bytes>,
}

statement! {
    TotpOf { owner: String } -> Option<Secret>;
    reads second_factor;
    "SELECT totp FROM ONLY type::record('second_factor', $owner)"
}

statement! {
    UseStep { owner: String, step: i64 } -> Option<bool>;
    writes second_factor;
    "RETURN (UPDATE type::record('second_factor', $owner) SET totp_step = $step
        WHERE totp_step = NONE OR totp_step < $step RETURN VALUE totp_step) != [];"
}

statement! {
    UseCode { owner: String, hashes: Vec<String> } -> Option<bool>;
    writes second_factor;
    "RETURN (UPDATE type::record('second_factor', $owner) SET recovery = array::complement(recovery, $hashes)
        WHERE recovery CONTAINSANY $hashes RETURN VALUE recovery) != [];"
}

/// Whether what was typed is right now; if it is, it is used up in the same transaction: each step of an authenticator and
/// each recovery code is good once (RFC 6238, section 5.2).
///
/// # Errors
/// When the database does not answer.
pub async fn prove(db: &Db, keys: &Keys, owner: &str, typed: &Typed, now: Moment) -> Result<bool, DbError> {
    match typed {
        Typed::Totp(digits) => {
            let row = db.ask(TotpOf { owner: owner.to_owned() }).await?;
            let Some(Secret { totp: Some(sealed) }) = row else { return Ok(false) };
            let Some(step) = opened(keys, owner, &sealed)?.step_of(digits, now) else { return Ok(false) };
            let used = UseStep { owner: owner.to_owned(), step }.run(db).await?;
            Ok(used.unwrap_or(false))
        }
        Typed::Recovery(code) => {
            let hashes = code.hashes(keys, owner);
            let used = UseCode { owner: owner.to_owned(), hashes }.run(db).await?;
            Ok(used.unwrap_or(false))
        }
    }
}

/// What became of the seals of authenticators.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Sealed anew with the first key.
    pub anew: usize,
    /// That no key opens.
    pub lost: usize,
}

#[derive(SurrealValue)]
struct Sealed {
    owner: String,
    totp: Option<Bytes>,
}

/// How many authenticators are read at a time.
const AT_A_TIME: i64 = 200;

statement! {
    SealedAfter { last: String, most: i64 } -> Vec<Sealed>;
    reads second_factor;
    "SELECT record::id(id) AS owner, totp FROM type::record('second_factor', $last>..) LIMIT $most"
}

statement! {
    Reseal { owner: String, sealed: Bytes, earlier: Bytes };
    writes second_factor;
    "UPDATE type::record('second_factor', $owner) SET totp = $sealed WHERE totp = $earlier RETURN NONE;"
}

/// Seals with the first key what older ones sealed, so that they can be retired. An authenticator that is replaced
/// meanwhile stays as it is then.
///
/// # Errors
/// When the database does not answer; what was sealed anew by then is.
pub async fn reseal(db: &Db, keys: &Keys) -> Result<Resealed, DbError> {
    let (mut resealed, mut after) = (Resealed::default(), String::new());
    loop {
        let page = db.ask(SealedAfter { last: after.clone(), most: AT_A_TIME }).await?;
        let Some(last) = page.last() else { return Ok(resealed) };
        after.clone_from(&last.owner);
        for Sealed { owner, totp } in page {
            let name = seal_name(&owner);
            let Some(before) = totp.filter(|totp| !keys.is_sealed_by_first(&name, totp)) else { continue };
            let Some(secret) = keys.open(&name, &before) else {
                resealed.lost += 1;
                continue;
            };
            let sealed = Bytes::from(keys.seal(&name, &secret));
            Reseal { owner, sealed, earlier: before }.run(db).await?;
            resealed.anew += 1;
        }
    }
}

statement! {
    EndCeremonies;
    writes second_factor;
    "UPDATE second_factor SET ceremony = NONE, ceremony_expires = NONE, pending = NONE RETURN NONE;"
}

/// Statements that end what somebody began to set up or to prove.
pub fn end_ceremonies() -> Transaction {
    EndCeremonies {}.into()
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;
    use crate::db::migrate;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn each_proof_is_good_once_and_for_its_owner() {
        let db = Db::in_memory().await.unwrap();
        migrate::run(&db).await.unwrap();
        let keys = Keys::parse("a secret of more than thirty-two characters").unwrap();
        let now: Moment = "2026-11-24T15:00:00Z".parse().unwrap();
        let begin = async |session: &str, at: Moment| begin_totp(&db, &keys, ("me", session), at).await.unwrap();
        let seen = begin("elsewhere", now).await;
        let app = begin("here", now).await;
        assert_eq!(begin("here", now).await.typed(), app.typed(), "a reload shows the same");
        assert_ne!(seen.typed(), app.typed(), "what another session saw is none of it");
        assert_ne!(begin("here", now + PENDING).await.typed(), app.typed(), "not for long");
        let app = begin("here", now).await;
        assert!(!find(&db, "me").await.unwrap().is_any(), "not before it was confirmed");
        let codes = RecoveryCodes::draw(&keys, "me");
        let step = app.step_of(&app.digits(now), now).unwrap();
        assert!(confirm_totp(("me", "elsewhere"), step, &codes).run(&db).await.is_err());
        confirm_totp(("me", "here"), step, &codes).run(&db).await.unwrap();
        assert!(confirm_totp(("me", "here"), step, &codes).run(&db).await.err().unwrap().is_refusal(CHANGED));
        let prove = async |owner: &str, typed: &str, at: Moment| {
            super::prove(&db, &keys, owner, &Typed::parse(typed).unwrap(), at).await.unwrap()
        };
        assert!(!prove("me", &app.digits(now), now).await, "the digits of the confirmation are used");
        let later = now + Duration::seconds(60);
        assert!(prove("me", &app.digits(later), later).await);
        assert!(!prove("me", &app.digits(later), later).await, "once");
        assert!(prove("me", &codes.plain[3], later).await);
        assert!(!prove("me", &codes.plain[3], later).await, "once");
        assert!(!prove("you", &codes.plain[4], later).await);
        assert_eq!(find(&db, "me").await.unwrap().recovery_codes, 9);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_an_older_key_sealed_is_sealed_anew() {
        const OLD: &str = "an old secret of more than thirty-two characters";
        const NEW: &str = "a new secret of more than thirty-two characters";
        let db = Db::in_memory().await.unwrap();
        migrate::run(&db).await.unwrap();
        let (old, both, new) = (OLD, format!("{NEW}\n{OLD}"), NEW);
        let [old, both, new] = [old, &both, new].map(|lines| Keys::parse(lines).unwrap());
        let now: Moment = "2026-11-24T15:00:00Z".parse().unwrap();
        let mut apps = Vec::new();
        for owner in 0..(AT_A_TIME + 3) {
            let owner = format!("owner{owner}");
            let app = begin_totp(&db, &old, (&owner, "here"), now).await.unwrap();
            confirm_totp((&owner, "here"), 0, &RecoveryCodes::draw(&old, &owner)).run(&db).await.unwrap();
            apps.push((owner, app));
        }
        add_recovery_codes("zoe", &RecoveryCodes::draw(&old, "zoe")).run(&db).await.unwrap();
        assert_eq!(reseal(&db, &new).await.unwrap(), Resealed { anew: 0, lost: apps.len() }, "without the old key");
        assert_eq!(reseal(&db, &both).await.unwrap(), Resealed { anew: apps.len(), lost: 0 });
        assert_eq!(reseal(&db, &both).await.unwrap(), Resealed::default(), "once");
        for (owner, app) in &apps {
            let typed = Typed::parse(&app.digits(now)).unwrap();
            assert!(prove(&db, &new, owner, &typed, now).await.unwrap(), "{owner}");
        }
    }
}
