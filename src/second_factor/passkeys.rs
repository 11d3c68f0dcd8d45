//! Passkeys (WebAuthn). The state of a ceremony stays on the server; what the browser brings is checked against it once.

use std::sync::Arc;

use webauthn_rs::prelude::{
    CredentialID, Passkey, PasskeyAuthentication, PasskeyRegistration, Url, Uuid, Webauthn, WebauthnBuilder,
};

use crate::{
    db::{Db, DbError, Query, Transaction, statement, value::SurrealValue},
    words::Moment,
};

/// How long a ceremony may take.
const LASTS: chrono::Duration = chrono::Duration::minutes(5);
/// The passkeys that one person may have.
pub const MOST: usize = 10;

/// A passkey as it is kept.
#[derive(Clone, Debug, SurrealValue)]
pub struct StoredPasskey {
    /// Its credential's id, in hexadecimal.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// The credential, as `webauthn-rs` writes it.
    pub credential: String,
    /// When it was added.
    pub added: Moment,
}

/// Why a passkey was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyError {
    /// What the browser brought is not right, or the ceremony is over.
    #[error("the passkey was not accepted: {0}")]
    Refused(String),
    /// The database does not answer.
    #[error(transparent)]
    Db(#[from] DbError),
}

fn refused(fault: impl std::fmt::Display) -> PasskeyError {
    PasskeyError::Refused(fault.to_string())
}

/// Whose passkey it is.
#[derive(Clone, Copy)]
pub struct PasskeyOwner<'a> {
    /// The logon's or staff member's id.
    pub id: &'a str,
    /// The user ID, as the browser shows it.
    pub user_id: &'a str,
}

/// The portal as one that passkeys are made for; none where its address is a number, which passkeys refuse.
#[derive(Clone)]
pub struct RelyingParty(Option<Arc<Webauthn>>);

#[derive(SurrealValue)]
struct Ceremony {
    ceremony: Option<String>,
    passkeys: Vec<StoredPasskey>,
}

statement! {
    AddPasskey { owner: String, passkey: StoredPasskey };
    writes second_factor;
    "UPSERT type::record('second_factor', $owner) SET passkeys = array::append(passkeys ?? [], $passkey),
        ceremony = NONE, ceremony_expires = NONE RETURN NONE;"
}

statement! {
    EndCeremony { owner: String, passkeys: Vec<StoredPasskey>, begun: String } -> Option<bool>;
    writes second_factor;
    "RETURN (UPDATE type::record('second_factor', $owner) SET passkeys = $passkeys, ceremony = NONE, ceremony_expires = NONE
        WHERE ceremony = $begun RETURN VALUE id) != [];"
}

impl RelyingParty {
    /// For the portal at this address, known to people by this name.
    pub fn new(public_url: &str, name: &str) -> Self {
        let built = Url::parse(public_url).ok().and_then(|origin| {
            let host = origin.domain()?.to_owned();
            WebauthnBuilder::new(&host, &origin).ok()?.rp_name(name).build().ok()
        });
        Self(built.map(Arc::new))
    }

    /// Whether passkeys can be used here.
    pub fn is_there(&self) -> bool {
        self.0.is_some()
    }

    fn webauthn(&self) -> Result<&Webauthn, PasskeyError> {
        self.0.as_deref().ok_or_else(|| refused("this address can't have passkeys"))
    }

    /// Begins to add a passkey; returns the options for the browser, as JSON.
    ///
    /// # Errors
    /// When passkeys can't be used here, or the database does not answer.
    pub async fn begin_adding(&self, db: &Db, owner: PasskeyOwner<'_>, now: Moment) -> Result<String, PasskeyError> {
        let known = kept(db, owner.id, now).await?.passkeys;
        let known: Vec<CredentialID> = credentials(&known).iter().map(|one| one.cred_id().clone()).collect();
        let number = ulid::Ulid::from_string(owner.id).map_err(refused)?;
        let begun = self.webauthn()?.start_passkey_registration(
            Uuid::from_u128(number.0),
            owner.user_id,
            owner.user_id,
            Some(known),
        );
        let (options, state) = begun.map_err(refused)?;
        keep(db, owner.id, &serde_json::to_string(&state).map_err(refused)?, now).await?;
        serde_json::to_string(&options).map_err(refused)
    }

    /// Statements that add the passkey which the browser made.
    ///
    /// # Errors
    /// [`PasskeyError::Refused`] when it does not belong to the ceremony.
    pub async fn add(
        &self,
        db: &Db,
        owner: PasskeyOwner<'_>,
        name: &str,
        credential: &str,
        now: Moment,
    ) -> Result<Transaction, PasskeyError> {
        let state = kept(db, owner.id, now).await?;
        if state.passkeys.len() >= MOST {
            return Err(refused("there are too many"));
        }
        let ceremony = state.ceremony.ok_or_else(|| refused("the ceremony is over"))?;
        let ceremony: PasskeyRegistration = serde_json::from_str(&ceremony).map_err(refused)?;
        let made = serde_json::from_str(credential).map_err(refused)?;
        let passkey = self.webauthn()?.finish_passkey_registration(&made, &ceremony).map_err(refused)?;
        let stored = StoredPasskey {
            id: id_of(&passkey),
            name: name.to_owned(),
            credential: serde_json::to_string(&passkey).map_err(refused)?,
            added: now,
        };
        Ok(AddPasskey { owner: owner.id.to_owned(), passkey: stored }.into())
    }

    /// Begins to prove a passkey; returns the options for the browser, as JSON.
    ///
    /// # Errors
    /// When there is none, or the database does not answer.
    pub async fn begin_proving(&self, db: &Db, owner: &str, now: Moment) -> Result<String, PasskeyError> {
        let passkeys = credentials(&kept(db, owner, now).await?.passkeys);
        let (options, state) = self.webauthn()?.start_passkey_authentication(&passkeys).map_err(refused)?;
        keep(db, owner, &serde_json::to_string(&state).map_err(refused)?, now).await?;
        serde_json::to_string(&options).map_err(refused)
    }

    /// Checks what the browser brought; the ceremony is over with that, and the credential's counter is kept.
    ///
    /// # Errors
    /// [`PasskeyError::Refused`] when it is not right.
    pub async fn prove(&self, db: &Db, owner: &str, credential: &str, now: Moment) -> Result<(), PasskeyError> {
        let Ceremony { ceremony, mut passkeys } = kept(db, owner, now).await?;
        let begun = ceremony.ok_or_else(|| refused("the ceremony is over"))?;
        let ceremony: PasskeyAuthentication = serde_json::from_str(&begun).map_err(refused)?;
        let brought = serde_json::from_str(credential).map_err(refused)?;
        let result = self.webauthn()?.finish_passkey_authentication(&brought, &ceremony).map_err(refused)?;
        for stored in &mut passkeys {
            let Ok(mut passkey) = serde_json::from_str::<Passkey>(&stored.credential) else { continue };
            if passkey.update_credential(&result) == Some(true) {
                stored.credential = serde_json::to_string(&passkey).map_err(refused)?;
            }
        }
        let over = EndCeremony { owner: owner.to_owned(), passkeys, begun }.run(db).await?;
        if over.unwrap_or(false) { Ok(()) } else { Err(refused("the ceremony is over")) }
    }
}

fn id_of(passkey: &Passkey) -> String {
    hex::encode(passkey.cred_id())
}

fn credentials(stored: &[StoredPasskey]) -> Vec<Passkey> {
    stored.iter().filter_map(|one| serde_json::from_str(&one.credential).ok()).collect()
}

statement! {
    CeremonyUnderWay { owner: String, now: Moment } -> Option<Ceremony>;
    reads second_factor;
    "SELECT IF ceremony_expires > $now { ceremony } ELSE { NONE } AS ceremony, passkeys FROM ONLY type::record('second_factor', $owner)"
}

/// The ceremony that is under way, and the passkeys.
async fn kept(db: &Db, owner: &str, now: Moment) -> Result<Ceremony, DbError> {
    let found = db.ask(CeremonyUnderWay { owner: owner.to_owned(), now }).await?;
    Ok(found.unwrap_or(Ceremony { ceremony: None, passkeys: Vec::new() }))
}

statement! {
    KeepCeremony { owner: String, ceremony: String, expires: Moment };
    writes second_factor;
    "UPSERT type::record('second_factor', $owner) SET ceremony = $ceremony, ceremony_expires = $expires RETURN NONE;"
}

async fn keep(db: &Db, owner: &str, ceremony: &str, now: Moment) -> Result<(), DbError> {
    KeepCeremony { owner: owner.to_owned(), ceremony: ceremony.to_owned(), expires: now + LASTS }.run(db).await
}

#[cfg(test)]
mod tests {
    use super::RelyingParty;

    #[test]
    fn a_number_is_no_address_for_passkeys() {
        assert!(RelyingParty::new("https://portal.example.gov", "Portal").is_there());
        assert!(RelyingParty::new("http://localhost:8080", "Portal").is_there());
        assert!(!RelyingParty::new("http://127.0.0.1:8080", "Portal").is_there());
    }
}
