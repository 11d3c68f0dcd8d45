//! Keys outside the database: what is stored hashed or sealed is worth nothing without them.

use std::fmt;

use aes_gcm::{
    Aes256Gcm, Key, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use chrono::NaiveDate;
use hmac::{Hmac, Mac};
use rand::Rng;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// The first byte of what is sealed: AES-256-GCM with a nonce of its own. Another way to seal gets another number, and this
/// one opens for as long as anything bears it. What was sealed before there were numbers begins with the nonce.
const AES_256_GCM: u8 = 1;
/// The bytes of a nonce (NIST SP 800-38D: 96 bits, drawn at random).
const NONCE: usize = 12;

/// The secret keys, newest first. The first one hashes and seals; the older ones still check and
/// open, so that a key can be replaced while codes are under way.
#[derive(Clone)]
pub struct Keys(Vec<SecretKey>);

/// One key, with the name that operators know it by and, once it is replaced, the last day on which it opens anything.
#[derive(Clone)]
struct SecretKey {
    id: String,
    secret: SecretString,
    until: Option<NaiveDate>,
}

impl Keys {
    /// The least number of bytes a secret must have.
    pub const SHORTEST: usize = 32;

    /// Takes the keys, one a line, newest first: `SECRET`, or `SECRET until 2027-03-31` for one that is retired after
    /// that day. Lines that begin with `#` say something to people.
    ///
    /// # Errors
    /// A sentence for the operator, when there is none or one is too short.
    pub fn parse(lines: &str) -> Result<Self, String> {
        Self::parse_on(lines, chrono::Utc::now().date_naive())
    }

    fn parse_on(lines: &str, today: NaiveDate) -> Result<Self, String> {
        let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut keys = lines.map(SecretKey::parse).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            return Err("no secret key is given".into());
        }
        keys.retain(|key| key.until.is_none_or(|until| until >= today));
        match keys.first() {
            None => Err("all secret keys are retired".into()),
            Some(first) if first.until.is_some() => {
                Err("the first secret key is to be retired: put a new one above it".into())
            }
            Some(_) => Ok(Self(keys)),
        }
    }

    /// The keys that still open something: their ids, newest first, and the last day of those that are to be retired.
    pub fn ids(&self) -> impl Iterator<Item = (&str, Option<NaiveDate>)> {
        self.0.iter().map(|key| (key.id.as_str(), key.until))
    }

    /// The secrets themselves, for a look at what they are worth.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|key| key.secret.expose_secret())
    }

    /// A fresh secret, as text for a file.
    pub fn draw() -> String {
        let mut bytes = [0u8; 32];
        rand::rng().fill_bytes(&mut bytes);
        hex::encode(bytes)
    }

    /// The keyed hash (HMAC-SHA-256) of `bytes` for one purpose, in hexadecimal.
    pub fn hash(&self, purpose: &str, bytes: &[u8]) -> String {
        hex::encode(keyed(&self.0[0].secret, purpose, bytes))
    }

    /// The hash under every key that may still be in use, the newest first.
    pub fn hashes(&self, purpose: &str, bytes: &[u8]) -> Vec<String> {
        self.0.iter().map(|key| hex::encode(keyed(&key.secret, purpose, bytes))).collect()
    }

    /// Seals `plain` (AES-256-GCM) so that it opens only beside the record it was sealed for.
    pub fn seal(&self, record: &str, plain: &[u8]) -> Vec<u8> {
        let mut nonce = [0u8; NONCE];
        rand::rng().fill_bytes(&mut nonce);
        let sealed = cipher(&self.0[0].secret)
            .encrypt(Nonce::from_slice(&nonce), Payload { msg: plain, aad: record.as_bytes() })
            .expect("AES-GCM seals any text shorter than 64 GiB");
        [&[AES_256_GCM], nonce.as_slice(), &sealed].concat()
    }

    /// Whether the first key sealed this, as it is sealed today: anything else is to be sealed anew before its key is retired.
    pub fn is_sealed_by_first(&self, record: &str, sealed: &[u8]) -> bool {
        let sealed = sealed.strip_prefix(&[AES_256_GCM]);
        sealed.is_some_and(|sealed| Self::opened_by(&self.0[..1], record, sealed).is_some())
    }

    /// Opens what [`Keys::seal`] sealed for the same record; nothing if it was changed, belongs to
    /// another record, or its key is gone.
    pub fn open(&self, record: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        // A nonce may begin with the number as well: what does not open under it is looked at without.
        let numbered = sealed.strip_prefix(&[AES_256_GCM]).and_then(|rest| Self::opened_by(&self.0, record, rest));
        numbered.or_else(|| Self::opened_by(&self.0, record, sealed))
    }

    fn opened_by(keys: &[SecretKey], record: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
        keys.iter().find_map(|key| {
            cipher(&key.secret).decrypt(Nonce::from_slice(nonce), Payload { msg: sealed, aad: record.as_bytes() }).ok()
        })
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({} hidden)", self.0.len())
    }
}

impl SecretKey {
    fn parse(line: &str) -> Result<Self, String> {
        let (secret, until) = match line.rsplit_once(" until ") {
            Some((secret, day)) if day.trim().len() == "2027-03-31".len() => {
                let day = day.trim().parse().map_err(|_| format!("{} is no day, such as 2027-03-31", day.trim()))?;
                (secret.trim(), Some(day))
            }
            _ => (line, None),
        };
        if secret.len() < Keys::SHORTEST {
            return Err(format!("a secret key is shorter than {} characters", Keys::SHORTEST));
        }
        // A keyed hash of nothing but a name for it: nobody finds the key by its id.
        let secret = SecretString::from(secret);
        let id = hex::encode(&keyed(&secret, "key id", b"")[..4]);
        Ok(Self { id, secret, until })
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
        assert!(old.is_sealed_by_first("code:1", &sealed) && !both.is_sealed_by_first("code:1", &sealed));
    }

    #[test]
    fn what_was_sealed_before_seals_had_numbers_opens_and_is_to_be_sealed_anew() {
        let keys = keys(NEW);
        for first in [0, AES_256_GCM] {
            let nonce = [first; NONCE];
            let payload = Payload { msg: b"plain", aad: b"code:1" };
            let sealed = cipher(&keys.0[0].secret).encrypt(Nonce::from_slice(&nonce), payload).unwrap();
            let sealed = [nonce.as_slice(), &sealed].concat();
            assert_eq!(keys.open("code:1", &sealed).as_deref(), Some(b"plain".as_slice()));
            assert!(!keys.is_sealed_by_first("code:1", &sealed));
        }
        assert!(keys.is_sealed_by_first("code:1", &keys.seal("code:1", b"plain")));
    }

    #[test]
    fn a_retired_key_opens_nothing() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let lines = format!("# replaced in November\n{NEW}\n{OLD} until 2026-12-31\n");
        let sealed = keys(OLD).seal("code:1", b"plain");
        let before = Keys::parse_on(&lines, day("2026-12-31")).unwrap();
        assert_eq!(before.ids().map(|(_, until)| until).collect::<Vec<_>>(), [None, Some(day("2026-12-31"))]);
        assert!(before.open("code:1", &sealed).is_some());
        let after = Keys::parse_on(&lines, day("2027-01-01")).unwrap();
        assert!(after.open("code:1", &sealed).is_none() && after.ids().count() == 1);
        assert!(Keys::parse_on(&format!("{OLD} until 2027-12-31"), day("2026-12-31")).is_err(), "nothing would seal");
        assert!(Keys::parse_on(&format!("{NEW}\n{OLD} until 2026-02-30"), day("2026-01-01")).is_err());
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
