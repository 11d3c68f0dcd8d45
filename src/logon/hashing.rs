//! Password hashes: argon2id on threads of their own, few at a time, so that a wave of sign-ins
//! slows sign-ins and nothing else.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version, password_hash::SaltString,
};
use rand::Rng;
use tokio::sync::Semaphore;

use crate::http::Fault;

/// Hashes and checks passwords.
#[derive(Clone)]
pub struct Hasher {
    places: Arc<Semaphore>,
    /// Checked in the place of a password that does not exist, so that the answer takes as long.
    decoy: Arc<str>,
}

impl Hasher {
    /// A hasher that works on this many threads at a time.
    ///
    /// # Panics
    /// Never: the parameters are within argon2's bounds.
    pub fn new(threads: usize) -> Self {
        let decoy = hash(&argon2(), "a password that nobody has").expect("argon2 hashes with valid parameters");
        Self { places: Arc::new(Semaphore::new(threads.max(1))), decoy: decoy.into() }
    }

    /// The hash of a new password.
    ///
    /// # Errors
    /// When the threads are gone.
    pub async fn hash(&self, password: String) -> Result<String, Fault> {
        self.work(move || hash(&argon2(), &password)).await?.map_err(Fault::Broken)
    }

    /// Whether `password` is the one that was hashed; no hash takes as long and is never it.
    ///
    /// # Errors
    /// When the threads are gone.
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
    /// When the threads are gone.
    pub async fn is_any(&self, password: String, hashes: Vec<String>) -> Result<bool, Fault> {
        self.work(move || hashes.iter().any(|hash| verify(&password, hash))).await
    }

    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
        let place = self.places.clone().acquire_owned().await.map_err(|fault| Fault::Broken(fault.to_string()))?;
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(place);
            done
        });
        done.await.map_err(|fault| Fault::Broken(fault.to_string()))
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

    #[tokio::test]
    async fn a_hash_knows_its_password_and_no_hash_knows_none() {
        let hasher = Hasher::new(1);
        let hash = hasher.hash("Wrench-Torque7".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(hasher.check("Wrench-Torque7".into(), Some(hash.clone())).await.unwrap());
        assert!(!hasher.check("wrench-torque7".into(), Some(hash)).await.unwrap());
        assert!(!hasher.check("a password that nobody has".into(), None).await.unwrap());
    }
}
