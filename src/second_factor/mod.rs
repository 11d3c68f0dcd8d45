//! Second factors: an authenticator app (TOTP, RFC 6238) or a passkey, with recovery codes for the day on which neither
//! is at hand. Staff need one in production; people may have one.

pub mod passkeys;
mod queries;
mod recovery_codes;
mod totp;
pub mod views;

pub use queries::{
    Factors, Resealed, add_recovery_codes, begin_totp, confirm_totp, end_ceremonies, find, keep_pending, prove,
    remove_all, remove_passkey, remove_totp, reseal,
};
pub use recovery_codes::{RecoveryCode, RecoveryCodes};
pub use totp::{Authenticator, DIGITS};

use crate::words::text;

/// The length of recovery codes as they were once, of 50 bits.
const OLD_LENGTH: usize = 10;

/// What was typed in as a second factor.
pub enum Typed {
    /// Digits of an authenticator app.
    Totp(String),
    /// A recovery code.
    Recovery(RecoveryCode),
}

impl Typed {
    /// Reads digits or a recovery code; blanks and dashes do not matter.
    ///
    /// # Errors
    /// A sentence for the person.
    pub fn parse(typed: &str) -> Result<Self, &'static str> {
        let typed: String = text::identifier(typed).chars().filter(|letter| ![' ', '-'].contains(letter)).collect();
        if typed.is_empty() {
            return Err("Enter the 6 digits of your authenticator app, or a recovery code.");
        }
        if typed.len() == DIGITS && typed.bytes().all(|digit| digit.is_ascii_digit()) {
            return Ok(Self::Totp(typed));
        }
        RecoveryCode::parse(&typed).map(Self::Recovery).map_err(|_| match typed.len() {
            OLD_LENGTH => "Recovery codes of 10 characters no longer work. Use your authenticator app or passkey, then make new codes.",
            _ => "Enter the 6 digits of your authenticator app, or a recovery code of 25 letters and digits.",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_an_authenticators_and_all_else_is_a_recovery_code() {
        assert!(matches!(Typed::parse("１２３\u{2013}456\u{200B}"), Ok(Typed::Totp(digits)) if digits == "123456"));
        assert!(matches!(Typed::parse(" 123 456 "), Ok(Typed::Totp(digits)) if digits == "123456"));
        assert!(matches!(Typed::parse("abcde-12345 abcde12345-ABCDE"), Ok(Typed::Recovery(_))));
        for wrong in ["", "   ", "12345", "1234567", "abcde-12345", "abcdefghijk"] {
            assert!(Typed::parse(wrong).is_err(), "{wrong}");
        }
        assert!(Typed::parse("abcde-12345").err().unwrap().contains("no longer work"));
    }
}
