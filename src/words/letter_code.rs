//! The short code on each letter: with it anybody finds out that the agency sent it, and staff mark it as returned. It is no
//! secret and opens nothing.

use std::fmt;

use super::{
    Fault, Keys,
    crockford::{self, ALPHABET, LENGTH, Misread},
};

/// A letter's short code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LetterCode(String);

impl LetterCode {
    /// The code of the letter of this name: always the same, and nobody finds that of another without the key.
    pub fn of(keys: &Keys, name: &str) -> Self {
        let hash = keys.hash("letter code", name.as_bytes());
        let pairs = hash.as_bytes().chunks(2).take(LENGTH);
        let bytes = pairs.map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()));
        Self(bytes.map(|byte| char::from(ALPHABET[usize::from(byte.unwrap_or(0)) % ALPHABET.len()])).collect())
    }

    /// Reads what was typed or scanned: the code, or the address that the letter's QR code holds.
    ///
    /// # Errors
    /// A sentence for the person.
    pub fn parse(typed: &str) -> Result<Self, Fault> {
        let code = typed.trim().rsplit('/').next().unwrap_or_default();
        crockford::read(code, LENGTH).map(Self).map_err(|misread| match misread {
            Misread::Empty => "Enter the code of the letter.",
            Misread::Sign => "A code has letters and digits only. Check it against the letter.",
            Misread::Length => "A code has 10 characters. Check it against the letter.",
        })
    }

    /// Its ten characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LetterCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crockford::grouped(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn it_is_the_letters_own_and_reads_back() {
        let keys = Keys::parse("a secret for tests, longer than thirty-two characters").unwrap();
        let code = LetterCode::of(&keys, "letter-1");
        assert_eq!(code, LetterCode::of(&keys, "letter-1"));
        assert_ne!(code, LetterCode::of(&keys, "letter-2"));
        assert_eq!(LetterCode::parse(&code.to_string().to_lowercase()), Ok(code.clone()));
        assert_eq!(LetterCode::parse(&format!("https://agency.example/letter/{}", code.as_str())), Ok(code));
        assert!(LetterCode::parse("abc").is_err() && LetterCode::parse("").is_err());
    }
    proptest! {
        #[test]
        fn what_programs_put_between_its_characters_does_not_matter(
            name in "[a-z]{1,8}",
            between in proptest::collection::vec(
                "[- \u{2010}-\u{2015}\u{2212}\u{AD}\u{A0}\u{200B}\u{200E}\u{202A}-\u{202E}\u{2060}\u{FE63}\u{FEFF}]{0,3}",
                LENGTH + 1,
            ),
            end in "[.,;:!?\"'”»)]?",
        ) {
            let keys = Keys::parse("a secret for tests, longer than thirty-two characters").unwrap();
            let code = LetterCode::of(&keys, &name);
            let signs = code.as_str().chars().map(String::from).chain([end]);
            let typed: String = between.iter().cloned().zip(signs).map(|(before, sign)| before + &sign).collect();
            prop_assert_eq!(LetterCode::parse(&typed), Ok(code.clone()), "{}", typed.escape_unicode());
            prop_assert_eq!(LetterCode::parse(&typed.to_lowercase()), Ok(code));
        }

        #[test]
        fn no_text_makes_it_panic(typed in "\\PC*") {
            let _ = LetterCode::parse(&typed);
        }
    }
}
