//! The keys of the audit's seals (Ed25519, RFC 8032): processes that seal hold the private one; with the public ones
//! everybody can verify, and nobody can sign.

use std::fmt;

use ed25519_dalek::{
    Signature, Signer, SigningKey, VerifyingKey,
    pkcs8::{DecodePrivateKey, EncodePrivateKey, spki::der::pem::LineEnding},
};
use rand::Rng;

/// Who signs, and whose signatures are believed.
#[derive(Clone)]
pub struct AuditKeys {
    signing: Option<SigningKey>,
    trusted: Vec<VerifyingKey>,
}

/// A signature and whose it is, both in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The public key.
    pub key: String,
    /// The signature.
    pub signature: String,
}

impl AuditKeys {
    /// Reads a private key (PKCS #8 in PEM), if there is one, and public keys in hexadecimal, with commas between them.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn parse(private: Option<&str>, public: &str) -> Result<Self, String> {
        let signing = private.map(|pem| {
            SigningKey::from_pkcs8_pem(pem.trim())
                .map_err(|_| "it is no Ed25519 key in PEM; draw one with `springboard keys draw-audit`".to_owned())
        });
        let signing = signing.transpose()?;
        let listed = public.split([',', ' ']).filter(|key| !key.is_empty()).map(read_public);
        let mut trusted = listed.collect::<Result<Vec<_>, _>>()?;
        trusted.extend(signing.as_ref().map(SigningKey::verifying_key));
        Ok(Self { signing, trusted })
    }

    /// A fresh private key, as text for a file.
    ///
    /// # Panics
    /// Never: a key always has a PEM form.
    pub fn draw() -> String {
        let mut bytes = [0u8; 32];
        rand::rng().fill_bytes(&mut bytes);
        let pem = SigningKey::from_bytes(&bytes).to_pkcs8_pem(LineEnding::LF);
        pem.expect("an Ed25519 key has a PEM form").to_string()
    }

    /// Whether this process can seal.
    pub fn can_sign(&self) -> bool {
        self.signing.is_some()
    }

    /// Whether there is a key to verify with.
    pub fn is_empty(&self) -> bool {
        self.trusted.is_empty()
    }

    /// The public keys that are believed, in hexadecimal: this process's own is the last one.
    pub fn public(&self) -> impl Iterator<Item = String> {
        self.trusted.iter().map(|key| hex::encode(key.as_bytes()))
    }

    /// Signs, if this process can.
    pub fn sign(&self, bytes: &[u8]) -> Option<Signed> {
        let key = self.signing.as_ref()?;
        let signature = hex::encode(key.sign(bytes).to_bytes());
        Some(Signed { key: hex::encode(key.verifying_key().as_bytes()), signature })
    }

    /// Whether a signature is of a key that is believed, and holds (strictly: one signature, one text, one key).
    pub fn verifies(&self, bytes: &[u8], signed: &Signed) -> bool {
        let key = self.trusted.iter().find(|key| hex::encode(key.as_bytes()) == signed.key);
        let signature = hex::decode(&signed.signature).ok().and_then(|bytes| Signature::from_slice(&bytes).ok());
        key.zip(signature).is_some_and(|(key, signature)| key.verify_strict(bytes, &signature).is_ok())
    }
}

fn read_public(text: &str) -> Result<VerifyingKey, String> {
    let bytes = hex::decode(text).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let key = bytes.and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok());
    key.ok_or_else(|| format!("{text} is no Ed25519 public key of 64 hexadecimal digits"))
}

impl fmt::Debug for AuditKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuditKeys({} public, private {})", self.trusted.len(), self.can_sign())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_private_key_signs_and_the_public_one_verifies() {
        let own = AuditKeys::parse(Some(&AuditKeys::draw()), "").unwrap();
        let signed = own.sign(b"seal").unwrap();
        let public: String = own.public().collect();
        let reader = AuditKeys::parse(None, &public).unwrap();
        assert!(reader.verifies(b"seal", &signed) && !reader.verifies(b"other", &signed));
        assert!(reader.sign(b"seal").is_none() && !reader.can_sign());
        let other = AuditKeys::parse(Some(&AuditKeys::draw()), "").unwrap();
        assert!(!other.verifies(b"seal", &signed), "a key that nobody named is not believed");
        let forged = Signed { key: public.clone(), ..other.sign(b"seal").unwrap() };
        assert!(!reader.verifies(b"seal", &forged));
        let both = AuditKeys::parse(Some(&AuditKeys::draw()), &public).unwrap();
        assert!(both.verifies(b"seal", &signed), "a key that was replaced still verifies");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        assert!(AuditKeys::parse(Some("secret"), "").is_err());
        assert!(AuditKeys::parse(None, "00ff").is_err());
        assert!(AuditKeys::parse(None, "").unwrap().is_empty());
        assert!(!format!("{:?}", AuditKeys::parse(Some(&AuditKeys::draw()), "").unwrap()).contains("PRIVATE"));
    }

    /// Test 1 of RFC 8032, section 7.1.
    #[test]
    fn it_is_the_standards_signature() {
        let key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        let signature = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";
        let signed = Signed { key: key.into(), signature: signature.into() };
        assert!(AuditKeys::parse(None, key).unwrap().verifies(b"", &signed));
    }
}
