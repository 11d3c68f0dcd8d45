//! Password hashes: argon2id in a bounded pool, so that a wave of sign-ins slows sign-ins and nothing else, and that one
//! address can't keep the others from signing in.

use std::{future::Ready, sync::Arc};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version, password_hash::SaltString,
};
use rand::Rng;

use crate::{
    http::{Fault, Portal},
    services::WorkPool,
};

/// Hashes and checks passwords, for the address that asks.
#[derive(Clone)]
pub struct Hasher {
    pool: WorkPool,
    /// Who asks; none for the portal itself.
    client: Option<Arc<str>>,
    /// Checked in the place of a password that does not exist, so that the answer takes as long.
    decoy: Arc<str>,
}

impl Hasher {
    /// A hasher that works in this pool, for the portal itself.
    ///
    /// # Panics
    /// Never: the parameters are within argon2's bounds.
    pub fn new(pool: WorkPool) -> Self {
        let decoy = hash(&argon2(), "a password that nobody has").expect("argon2 hashes with valid parameters");
        Self { pool, client: None, decoy: decoy.into() }
    }

    /// The hasher for the address that a request comes from.
    ///
    /// # Errors
    /// [`Fault::Broken`] when it is not part of the app.
    pub fn of(request: &HttpRequest) -> Result<Self, Fault> {
        let hasher = request.app_data::<web::Data<Self>>().zip(request.app_data::<web::Data<Portal>>());
        let (hasher, portal) = hasher.ok_or_else(|| Fault::Broken("the hasher is not part of the app".into()))?;
        Ok(Self { client: Some(portal.address(request).into()), ..hasher.get_ref().clone() })
    }

    /// The hash of a new password.
    ///
    /// # Errors
    /// [`Fault::Busy`] when the pool is full.
    pub async fn hash(&self, password: String) -> Result<String, Fault> {
        self.work(move || hash(&argon2(), &password)).await?.map_err(Fault::Broken)
    }

    /// Whether `password` is the one that was hashed; no hash takes as long and is never it.
    ///
    /// # Errors
    /// [`Fault::Busy`] when the pool is full.
    pub async fn check(&self, password: String, hash: Option<String>) -> Result<bool, Fault> {
        let decoy = self.decoy.clone();
        self.work(move || {
            let is_known = hash.is_some();
            verify(&password, hash.as_deref().unwrap_or(&decoy)) && is_known
        })
        .await
    }

    /// Whether `password` is any of those that were hashed.
    ///
    /// # Errors
    /// [`Fault::Busy`] when the pool is full.
    pub async fn is_any(&self, password: String, hashes: Vec<String>) -> Result<bool, Fault> {
        self.work(move || hashes.iter().any(|hash| verify(&password, hash))).await
    }

    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
        Ok(self.pool.run(self.client.as_deref(), work).await?)
    }
}

impl FromRequest for Hasher {
    type Error = Fault;
    type Future = Ready<Result<Self, Fault>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Self::of(request))
    }
}

/// 19 MiB, two passes, one lane: the OWASP Password Storage Cheat Sheet's first choice for argon2id.
fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash(argon2: &Argon2<'_>, password: &str) -> Result<String, String> {
    let mut bytes = [0u8; 16];
    rand::rng().fill_bytes(&mut bytes);
    let salt = SaltString::encode_b64(&bytes).map_err(|fault| fault.to_string())?;
    argon2.hash_password(password.as_bytes(), &salt).map(|hash| hash.to_string()).map_err(|fault| fault.to_string())
}

fn verify(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::Hasher;
    use crate::services::Pools;

    #[tokio::test]
    async fn a_hash_knows_its_password_and_no_hash_knows_none() {
        let hasher = Hasher::new(Pools::for_processors(1).hashing);
        let hash = hasher.hash("Wrench-Torque7".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(hasher.check("Wrench-Torque7".into(), Some(hash.clone())).await.unwrap());
        assert!(!hasher.check("wrench-torque7".into(), Some(hash)).await.unwrap());
        assert!(!hasher.check("a password that nobody has".into(), None).await.unwrap());
    }
}
