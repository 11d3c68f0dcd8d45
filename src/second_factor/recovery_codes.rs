//! Recovery codes: ten secrets on paper for the day on which neither phone nor passkey is at hand. Each holds 125 random
//! bits: a plain hash of so much can't be guessed (ASVS 6.5.2 asks for 112).

use crate::words::{
    Keys,
    crockford::{self, Misread},
};

/// How many somebody has.
pub const RECOVERY_CODES: usize = 10;
/// The characters of one.
pub const LENGTH: usize = 25;
/// What the keyed hash of one is for.
const PURPOSE: &str = "recovery code";

/// One that was typed.
pub struct RecoveryCode(String);

impl RecoveryCode {
    /// Reads one as people type it from paper.
    ///
    /// # Errors
    /// When it can't be one.
    pub fn parse(typed: &str) -> Result<Self, Misread> {
        crockford::read(typed, LENGTH).map(Self)
    }

    /// Its hashes, for this owner, under every key that may still be in use.
    pub(super) fn hashes(&self, keys: &Keys, owner: &str) -> Vec<String> {
        keys.hashes(PURPOSE, &of_owner(owner, &self.0))
    }
}

/// Recovery codes in plain, to be shown once, and what is kept of them.
pub struct RecoveryCodes {
    /// As they are shown.
    pub plain: Vec<String>,
    pub(super) hashes: Vec<String>,
}

impl RecoveryCodes {
    /// Draws them for somebody.
    pub fn draw(keys: &Keys, owner: &str) -> Self {
        let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| crockford::draw(LENGTH)).collect();
        Self {
            plain: codes.iter().map(|code| crockford::grouped(code)).collect(),
            hashes: codes.iter().map(|code| keys.hash(PURPOSE, &of_owner(owner, code))).collect(),
        }
    }
}

fn of_owner(owner: &str, code: &str) -> Vec<u8> {
    [owner.as_bytes(), b"/", code.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawn_code_reads_back_however_it_is_typed() {
        let keys = Keys::parse("a secret of more than thirty-two characters").unwrap();
        let codes = RecoveryCodes::draw(&keys, "me");
        assert_eq!((codes.plain.len(), codes.plain[0].len()), (RECOVERY_CODES, LENGTH + 4));
        let typed = codes.plain[0].to_lowercase().replace(' ', "-").replace('0', "o");
        let hashes = RecoveryCode::parse(&typed).unwrap().hashes(&keys, "me");
        assert_eq!(hashes, codes.hashes[..1]);
        assert_ne!(RecoveryCode::parse(&typed).unwrap().hashes(&keys, "you"), hashes);
    }
}
