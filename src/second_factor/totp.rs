//! Time-based one-time passwords (RFC 6238) as authenticator apps make them: SHA-1, 6 digits, 30 seconds, and one step of
//! tolerance on each side.

use rand::Rng;
use totp_rs::{Builder, Secret, Totp};

use crate::words::Moment;

/// The digits of one password.
pub const DIGITS: usize = 6;
/// The bytes of a secret (RFC 4226, section 4: 160 bits).
const SECRET: usize = 20;

/// The secret that an authenticator app and the portal share.
pub struct Authenticator(Vec<u8>);

impl Authenticator {
    /// Draws one.
    pub fn draw() -> Self {
        let mut secret = vec![0u8; SECRET];
        rand::rng().fill_bytes(&mut secret);
        Self(secret)
    }

    /// The one that was kept.
    pub fn known(secret: Vec<u8>) -> Self {
        Self(secret)
    }

    /// The bytes to seal.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn totp(&self, issuer: &str, name: &str) -> Option<Totp> {
        // A colon parts issuer and name in the address.
        let plain = |text: &str| text.replace(':', " ");
        Builder::new()
            .with_secret(Secret::from(self.0.as_slice()))
            .with_issuer(Some(plain(issuer)))
            .with_account_name(plain(name))
            .build()
            .ok()
    }

    /// The address that an app reads from a QR code (`otpauth://`).
    pub fn address(&self, issuer: &str, name: &str) -> Option<String> {
        self.totp(issuer, name)?.to_url().ok()
    }

    /// The secret as it is typed into an app that reads no QR code: base32 in groups of four.
    pub fn typed(&self) -> String {
        let text = Secret::from(self.0.as_slice()).to_base32();
        let letters: Vec<char> = text.trim_end_matches('=').chars().collect();
        letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
    }

    /// The step of time that these digits are of, if they are right at this moment.
    pub fn step_of(&self, digits: &str, now: Moment) -> Option<i64> {
        let seconds = u64::try_from(now.timestamp()).ok()?;
        self.totp("", "-")?.check(digits, seconds).and_then(|step| i64::try_from(step).ok())
    }

    /// The digits of a moment, as an app shows them.
    pub fn digits(&self, now: Moment) -> String {
        let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
        self.totp("", "-").map(|totp| totp.generate(seconds).to_string()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;

    #[test]
    fn digits_are_right_for_a_step_on_each_side_and_tell_which() {
        let app = Authenticator::draw();
        let now: Moment = "2026-11-24T15:00:00Z".parse().unwrap();
        let step = app.step_of(&app.digits(now), now).unwrap();
        assert_eq!(app.step_of(&app.digits(now - Duration::seconds(30)), now), Some(step - 1));
        assert_eq!(app.step_of(&app.digits(now + Duration::seconds(30)), now), Some(step + 1));
        assert_eq!(app.step_of(&app.digits(now - Duration::minutes(5)), now), None);
        assert_eq!(Authenticator::draw().step_of(&app.digits(now), now), None);
    }

    /// The appendix of RFC 6238, cut to six digits.
    #[test]
    fn the_rfcs_own_example() {
        let app = Authenticator::known(b"12345678901234567890".to_vec());
        assert_eq!(app.digits("1970-01-01T00:00:59Z".parse().unwrap()), "287082");
        assert_eq!(app.digits("2005-03-18T01:58:29Z".parse().unwrap()), "081804");
    }

    #[test]
    fn an_app_reads_the_address_and_a_person_the_secret() {
        let app = Authenticator::known(b"12345678901234567890".to_vec());
        let address = app.address("Department: State", "clerk1000").unwrap();
        assert!(address.starts_with("otpauth://totp/") && address.contains("secret=GEZDGNBVGY3TQOJQ"), "{address}");
        assert_eq!(app.typed(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    }
}
