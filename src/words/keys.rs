//! Keys outside the database: what is stored hashed or sealed is worth nothing without them.

use std::fmt;

use aes_gcm::{
    Aes256Gcm, Key, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use hmac::{Hmac, Mac};
use rand::Rng;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// The bytes of a nonce (NIST SP 800-38D: 96 bits, drawn at random).
const NONCE: usize = 12;

/// The secret keys, newest first. The first one hashes and seals; the older ones still check and
/// open, so that a key can be replaced while codes are under way.
#[derive(Clone)]
pub struct Keys(Vec<SecretString>);

impl Keys {
    /// The least number of bytes a secret must have.
    pub const SHORTEST: usize = 32;

    /// Takes the secrets, one a line, newest first.
    ///
    /// # Errors
    /// A sentence for the operator, when there is none or one is too short.
    pub fn parse(lines: &str) -> Result<Self, String> {
        let secrets: Vec<SecretString> =
            lines.lines().map(str::trim).filter(|line| !line.is_empty()).map(SecretString::from).collect();
        if secrets.is_empty() {
            return Err("no secret key is given".into());
        }
        if secrets.iter().any(|secret| secret.expose_secret().len() < Self::SHORTEST) {
            return Err(format!("a secret key is shorter than {} characters", Self::SHORTEST));
        }
        Ok(Self(secrets))
    }

    /// A fresh secret, as text for a file.
    pub fn draw() -> String {
        let mut bytes = [0u8; 32];
        rand::rng().fill_bytes(&mut bytes);
        hex::encode(bytes)
    }

    /// The keyed hash (HMAC-SHA-256) of `bytes` for one purpose, in hexadecimal.
    pub fn hash(&self, purpose: &str, bytes: &[u8]) -> String {
        hex::encode(keyed(&self.0[0], purpose, bytes))
    }

    /// The hash under every key that may still be in use, the newest first.
    pub fn hashes(&self, purpose: &str, bytes: &[u8]) -> Vec<String> {
        self.0.iter().map(|secret| hex::encode(keyed(secret, purpose, bytes))).collect()
    }

    /// Seals `plain` (AES-256-GCM) so that it opens only beside the record it was sealed for.
    pub fn seal(&self, record: &str, plain: &[u8]) -> Vec<u8> {
        let mut nonce = [0u8; NONCE];
        rand::rng().fill_bytes(&mut nonce);
        let sealed = cipher(&self.0[0])
            .encrypt(Nonce::from_slice(&nonce), Payload { msg: plain, aad: record.as_bytes() })
            .expect("AES-GCM seals any text shorter than 64 GiB");
        [nonce.as_slice(), &sealed].concat()
    }

    /// Opens what [`Keys::seal`] sealed for the same record; nothing if it was changed, belongs to
    /// another record, or its key is gone.
    pub fn open(&self, record: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
        self.0.iter().find_map(|secret| {
            cipher(secret).decrypt(Nonce::from_slice(nonce), Payload { msg: sealed, aad: record.as_bytes() }).ok()
        })
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({} hidden)", self.0.len())
    }
}

/// HMAC under a key that is itself derived for the purpose, so that no hash serves two ends.
fn keyed(secret: &SecretString, purpose: &str, bytes: &[u8]) -> [u8; 32] {
    let hash = |key: &[u8], text: &[u8]| -> [u8; 32] {
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key).expect("HMAC takes a key of any length");
        mac.update(text);
        mac.finalize().into_bytes().into()
    };
    hash(&hash(secret.expose_secret().as_bytes(), purpose.as_bytes()), bytes)
}

fn cipher(secret: &SecretString) -> Aes256Gcm {
    Aes256Gcm::new(&Key::<Aes256Gcm>::from(keyed(secret, "seal", b"")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(lines: &str) -> Keys {
        Keys::parse(lines).unwrap()
    }

    const OLD: &str = "an old secret of more than thirty-two characters";
    const NEW: &str = "a new secret of more than thirty-two characters";

    #[test]
    fn a_replaced_key_still_opens_and_checks() {
        let (old, both) = (keys(OLD), keys(&format!("{NEW}\n{OLD}")));
        let sealed = old.seal("code:1", b"plain");
        assert_eq!(both.open("code:1", &sealed).as_deref(), Some(b"plain".as_slice()));
        assert!(both.hashes("pin", b"x").contains(&old.hash("pin", b"x")));
        assert_ne!(both.hash("pin", b"x"), old.hash("pin", b"x"));
    }

    #[test]
    fn a_seal_opens_only_for_its_record_and_unchanged() {
        let keys = keys(NEW);
        let mut sealed = keys.seal("code:1", b"plain");
        assert!(keys.open("code:2", &sealed).is_none());
        *sealed.last_mut().unwrap() ^= 1;
        assert!(keys.open("code:1", &sealed).is_none());
        assert!(keys.open("code:1", b"short").is_none());
    }

    #[test]
    fn one_purpose_says_nothing_about_another() {
        let keys = keys(NEW);
        assert_ne!(keys.hash("pin", b"1"), keys.hash("authorization code", b"1"));
    }

    #[test]
    fn a_short_secret_is_refused() {
        assert!(Keys::parse("short").is_err());
        assert!(Keys::parse(" \n ").is_err());
    }
}
