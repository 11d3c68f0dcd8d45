//! Second factors: an authenticator app (TOTP, RFC 6238) or a passkey, with recovery codes for the day on which neither
//! is at hand. Staff need one in production; people may have one.

pub mod passkeys;
mod queries;
mod totp;
pub mod views;

pub use queries::{
    Factors, add_recovery_codes, begin_totp, confirm_totp, find, keep_pending, prove, remove_all, remove_passkey,
    remove_totp,
};
pub use totp::{Authenticator, DIGITS};

use crate::words::{AuthorizationCode, Keys};

/// How many recovery codes somebody has.
pub const RECOVERY_CODES: usize = 10;

/// What was typed in as a second factor.
pub enum Typed {
    /// Digits of an authenticator app.
    Totp(String),
    /// A recovery code.
    Recovery(AuthorizationCode),
}

impl Typed {
    /// Reads digits or a recovery code; blanks and dashes do not matter.
    ///
    /// # Errors
    /// A sentence for the person.
    pub fn parse(typed: &str) -> Result<Self, &'static str> {
        let text: String = typed.chars().filter(|letter| !letter.is_whitespace() && *letter != '-').collect();
        if text.is_empty() {
            return Err("Enter the 6 digits of your authenticator app, or a recovery code.");
        }
        if text.len() == DIGITS && text.bytes().all(|digit| digit.is_ascii_digit()) {
            return Ok(Self::Totp(text));
        }
        AuthorizationCode::parse(&text)
            .map(Self::Recovery)
            .map_err(|_| "Enter the 6 digits of your authenticator app, or a recovery code of 10 letters and digits.")
    }
}

/// Recovery codes in plain, to be shown once, and what is kept of them.
pub struct RecoveryCodes {
    /// As they are shown.
    pub plain: Vec<String>,
    hashes: Vec<String>,
}

impl RecoveryCodes {
    /// Draws them for somebody.
    pub fn draw(keys: &Keys, owner: &str) -> Self {
        let codes: Vec<AuthorizationCode> = (0..RECOVERY_CODES).map(|_| AuthorizationCode::draw()).collect();
        Self {
            plain: codes.iter().map(AuthorizationCode::grouped).collect(),
            hashes: codes.iter().map(|code| keys.hash(PURPOSE, &of_owner(owner, code))).collect(),
        }
    }
}

/// What the keyed hash of a recovery code is for.
const PURPOSE: &str = "recovery code";

fn of_owner(owner: &str, code: &AuthorizationCode) -> Vec<u8> {
    [owner.as_bytes(), b"/", code.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_an_authenticators_and_all_else_is_a_recovery_code() {
        assert!(matches!(Typed::parse(" 123 456 "), Ok(Typed::Totp(digits)) if digits == "123456"));
        assert!(matches!(Typed::parse("abcde-12345"), Ok(Typed::Recovery(_))));
        for wrong in ["", "   ", "12345", "1234567", "abcdefghijk"] {
            assert!(Typed::parse(wrong).is_err(), "{wrong}");
        }
    }
}
