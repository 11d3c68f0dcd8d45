//! Password hashes: argon2id in a bounded pool, so that a wave of sign-ins slows sign-ins and nothing else, and that one
//! address can't keep the others from signing in.

use std::{
    future::Ready,
    sync::{Arc, Mutex, PoisonError},
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};

use argon2::{
    Algorithm, Argon2, Block, Params, PasswordHash, Version,
    password_hash::{Output, ParamsString, SaltString},
};
use rand::Rng;
use subtle::ConstantTimeEq;

use crate::{
    http::{Fault, Portal},
    services::WorkPool,
    words::text,
};

/// Hashes and checks passwords, for the address that asks.
#[derive(Clone)]
pub struct Hasher {
    pool: WorkPool,
    /// Who asks; none for the portal itself.
    client: Option<Arc<str>>,
    memory: Memory,
    /// Checked in the place of a password that does not exist, so that the answer takes as long.
    decoy: Arc<str>,
}

/// The memory of hashes, kept for the next one: never more than the pool makes at once. Given back to the allocator after
/// each hash, it would lie about in the heaps of many threads.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<Vec<Block>>>>);

impl Memory {
    fn lend<T>(&self, blocks: usize, work: impl FnOnce(&mut [Block]) -> T) -> T {
        let kept = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut own = kept().pop().unwrap_or_default();
        own.resize(blocks, Block::default());
        let done = work(&mut own);
        kept().push(own);
        done
    }
}

impl Hasher {
    /// A hasher that works in this pool, for the portal itself.
    ///
    /// # Panics
    /// Never: the parameters are within argon2's bounds.
    pub fn new(pool: WorkPool) -> Self {
        let memory = Memory::default();
        let decoy = hash(&memory, "a password that nobody has").expect("argon2 hashes with valid parameters");
        Self { pool, client: None, memory, decoy: decoy.into() }
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

    /// The hash of a new password, in its composed form.
    ///
    /// # Errors
    /// [`Fault::Busy`] when the pool is full.
    pub async fn hash(&self, password: String) -> Result<String, Fault> {
        self.work(move |memory| hash(memory, &text::password(&password))).await?.map_err(Fault::Broken)
    }

    /// Whether `password` is the one that was hashed; no hash takes as long and is never it.
    ///
    /// # Errors
    /// [`Fault::Busy`] when the pool is full.
    pub async fn check(&self, password: String, hash: Option<String>) -> Result<bool, Fault> {
        self.check_any(text::password_forms(&password), hash).await
    }

    /// Whether any of these is the one that was hashed; no hash takes as long and is never it.
    ///
    /// # Errors
    /// [`Fault::Busy`] when the pool is full.
    pub async fn check_any(&self, typed: Vec<String>, hash: Option<String>) -> Result<bool, Fault> {
        let decoy = self.decoy.clone();
        self.work(move |memory| {
            let against = hash.as_deref().unwrap_or(&decoy);
            typed.iter().any(|one| verify(memory, one, against)) && hash.is_some()
        })
        .await
    }

    /// A hash of a password that was right, of its composed form and with today's parameters; none when it is so already. A full pool leaves it as
    /// it is: the next sign-in comes.
    pub async fn renewed(&self, password: &str, hash: &str) -> Option<String> {
        let (composed, before) = (text::password(password), hash.to_owned());
        let is_of_other_form = text::password_forms(password).len() > 1
            && !self.work(move |memory| verify(memory, &composed, &before)).await.unwrap_or(true);
        if is_up_to_date(hash) && !is_of_other_form {
            return None;
        }
        self.hash(password.to_owned()).await.ok()
    }

    /// Whether `password` is any of those that were hashed.
    ///
    /// # Errors
    /// [`Fault::Busy`] when the pool is full.
    pub async fn is_any(&self, password: String, hashes: Vec<String>) -> Result<bool, Fault> {
        self.work(move |memory| hashes.iter().any(|hash| verify_any_form(memory, &password, hash))).await
    }

    async fn work<T: Send + 'static>(&self, work: impl FnOnce(&Memory) -> T + Send + 'static) -> Result<T, Fault> {
        let memory = self.memory.clone();
        Ok(self.pool.run(self.client.as_deref(), move || work(&memory)).await?)
    }
}

impl FromRequest for Hasher {
    type Error = Fault;
    type Future = Ready<Result<Self, Fault>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Self::of(request))
    }
}

/// How new hashes are made. Older ones say themselves how they were made, and are made anew at the next sign-in.
const ALGORITHM: Algorithm = Algorithm::Argon2id;
const VERSION: Version = Version::V0x13;

/// 19 MiB, two passes, one lane: the OWASP Password Storage Cheat Sheet's first choice for argon2id.
fn params() -> Params {
    Params::new(19 * 1024, 2, 1, Some(Params::DEFAULT_OUTPUT_LEN)).unwrap_or_default()
}

fn hash(memory: &Memory, password: &str) -> Result<String, String> {
    let mut bytes = [0u8; 16];
    rand::rng().fill_bytes(&mut bytes);
    let mut out = [0u8; Params::DEFAULT_OUTPUT_LEN];
    fill(memory, Argon2::new(ALGORITHM, VERSION, params()), password, &bytes, &mut out).ok_or("argon2 refuses")?;
    let written = || -> Result<String, argon2::password_hash::Error> {
        let salt = SaltString::encode_b64(&bytes)?;
        let hash = PasswordHash {
            algorithm: ALGORITHM.ident(),
            version: Some(VERSION.into()),
            params: ParamsString::try_from(&params())?,
            salt: Some(salt.as_salt()),
            hash: Some(Output::new(&out)?),
        };
        Ok(hash.to_string())
    };
    written().map_err(|fault| fault.to_string())
}

fn fill(memory: &Memory, argon2: Argon2<'_>, password: &str, salt: &[u8], out: &mut [u8]) -> Option<()> {
    let blocks = argon2.params().block_count();
    memory.lend(blocks, |blocks| argon2.hash_password_into_with_memory(password.as_bytes(), salt, out, blocks)).ok()
}

/// Whether a hash was made as new ones are.
fn is_up_to_date(hash: &str) -> bool {
    let read = |hash: &PasswordHash<'_>| {
        let is_same = Algorithm::try_from(hash.algorithm).ok()? == ALGORITHM && hash.version? == u32::from(VERSION);
        Some(is_same && Params::try_from(hash).ok()? == params())
    };
    PasswordHash::new(hash).ok().as_ref().and_then(read).unwrap_or(false)
}

/// Whether a hash is of this password in any form in which it may have been hashed.
fn verify_any_form(memory: &Memory, password: &str, hash: &str) -> bool {
    text::password_forms(password).iter().any(|form| verify(memory, form, hash))
}

fn verify(memory: &Memory, password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| is_of(memory, password, &hash).unwrap_or(false))
}

/// Whether a hash is of this password, made anew as the hash says it was; none when it can't be.
fn is_of(memory: &Memory, password: &str, hash: &PasswordHash<'_>) -> Option<bool> {
    let algorithm = Algorithm::try_from(hash.algorithm).ok()?;
    let version = Version::try_from(hash.version?).ok()?;
    let argon2 = Argon2::new(algorithm, version, Params::try_from(hash).ok()?);
    let expected = hash.hash?;
    let mut bytes = [0u8; 64];
    let salt = hash.salt?.decode_b64(&mut bytes).ok()?;
    let mut out = vec![0u8; expected.len()];
    fill(memory, argon2, password, salt, &mut out)?;
    Some(out.ct_eq(expected.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use argon2::{Argon2, PasswordHasher, password_hash::SaltString};

    use super::{Hasher, params};
    use crate::services::Pools;

    /// The library's own way to the same text.
    #[tokio::test]
    async fn a_hash_is_the_librarys_hash() {
        let hasher = Hasher::new(Pools::for_processors(1).hashing);
        let salt = SaltString::encode_b64(b"sixteen bytes ok").unwrap();
        let argon2 = Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params());
        let theirs = argon2.hash_password(b"Wrench-Torque7", &salt).unwrap().to_string();
        assert!(hasher.check("Wrench-Torque7".into(), Some(theirs)).await.unwrap());
        let ours = hasher.hash("Wrench-Torque7".into()).await.unwrap();
        let read = argon2::PasswordHash::new(&ours).unwrap();
        assert!(argon2::PasswordVerifier::verify_password(&argon2, b"Wrench-Torque7", &read).is_ok());
        // Another length of memory after this one, and nothing that is no hash.
        let small = Argon2::new(
            argon2::Algorithm::Argon2id,
            argon2::Version::V0x13,
            argon2::Params::new(64, 1, 1, None).unwrap(),
        );
        let small = small.hash_password(b"Wrench-Torque7", &salt).unwrap().to_string();
        assert!(hasher.check("Wrench-Torque7".into(), Some(small.clone())).await.unwrap());
        let renewed = hasher.renewed("Wrench-Torque7", &small).await.unwrap();
        assert!(hasher.check("Wrench-Torque7".into(), Some(renewed.clone())).await.unwrap());
        assert_eq!(hasher.renewed("Wrench-Torque7", &renewed).await, None);
        assert!(!hasher.check("x".into(), Some("$argon2id$nonsense".into())).await.unwrap());
    }

    #[tokio::test]
    async fn a_password_is_the_same_on_every_keyboard() {
        let hasher = Hasher::new(Pools::for_processors(1).hashing);
        let (composed, decomposed) = ("Café-Lantern-77", "Cafe\u{301}-Lantern-77");
        let hash = hasher.hash(decomposed.into()).await.unwrap();
        assert!(hasher.check(composed.into(), Some(hash.clone())).await.unwrap());
        assert!(hasher.check(decomposed.into(), Some(hash.clone())).await.unwrap());
        assert_eq!(hasher.renewed(decomposed, &hash).await, None);
        // As it was hashed before forms were made one.
        let old = super::hash(&hasher.memory, decomposed).unwrap();
        for typed in [composed, decomposed] {
            assert!(hasher.check(typed.into(), Some(old.clone())).await.unwrap(), "{typed}");
        }
        let renewed = hasher.renewed(composed, &old).await.unwrap();
        assert!(super::verify(&hasher.memory, composed, &renewed));
    }

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
