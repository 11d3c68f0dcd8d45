//! The authorization code: proof of control of an account's address on record (R82, R116).

use std::fmt;

use secrecy::zeroize::Zeroize;

use super::{
    Fault, Keys,
    crockford::{self, LENGTH, Misread},
};

/// A code in plain: 50 bits, safe behind five tries in ten minutes. It shows itself only through [`AuthorizationCode::grouped`], never in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorizationCode(String);

impl AuthorizationCode {
    /// Draws a new code from the system's random source.
    pub fn draw() -> Self {
        Self(crockford::draw(LENGTH))
    }

    /// Reads what a person typed from the letter: case, blanks and dashes do not matter, O is zero,
    /// I and L are one (R119).
    ///
    /// # Errors
    /// A sentence for the person, when it can't be a code at all.
    pub fn parse(typed: &str) -> Result<Self, Fault> {
        crockford::read(typed, LENGTH).map(Self).map_err(|misread| match misread {
            Misread::Empty => "Enter your authorization code.",
            Misread::Sign => "A code has letters and digits only. Check it against your letter or e-mail.",
            Misread::Length => "A code has 10 characters. Check it against your letter or e-mail.",
        })
    }

    /// The code as it is printed: two groups of five.
    pub fn grouped(&self) -> String {
        crockford::grouped(&self.0)
    }

    /// The keyed hash that is stored in its place.
    pub fn hash(&self, keys: &Keys) -> String {
        keys.hash("authorization code", self.0.as_bytes())
    }

    /// The hash under every key that may still be in use.
    pub fn hashes(&self, keys: &Keys) -> Vec<String> {
        keys.hashes("authorization code", self.0.as_bytes())
    }

    /// The bytes to seal while it waits to be handed over.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for AuthorizationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthorizationCode(hidden)")
    }
}

impl Drop for AuthorizationCode {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_drawn_code_reads_back_however_it_is_typed() {
        let code = AuthorizationCode::draw();
        let typed = code.grouped().to_lowercase().replace('0', "o").replace('1', "l");
        assert!(AuthorizationCode::parse(&typed).unwrap() == code);
        assert!(AuthorizationCode::parse(&code.grouped().replace(' ', "-")).unwrap() == code);
    }

    #[test]
    fn debug_hides_it() {
        let code = AuthorizationCode::parse("ABCDE FGHJK").unwrap();
        assert!(!format!("{code:?}").contains("ABCDE"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(typed in "\\PC*") {
            let _ = AuthorizationCode::parse(&typed);
        }
    }
}
