//! Telephone numbers.

use std::fmt;

use phonenumber::{Mode, country, metadata::DATABASE};
use serde::{Deserialize, Serialize};

use super::Fault;

/// A number in E.164 form; typed without a country it is taken as American (R61).
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

/// Longer than any number with its punctuation.
const LONGEST: usize = 30;

impl PhoneNumber {
    /// Reads what a person typed.
    ///
    /// # Errors
    /// A sentence for the person.
    pub fn parse(typed: &str) -> Result<Self, Fault> {
        let refusal = "Enter a phone number with its area code, such as 555-555-5555.";
        let typed = typed.trim();
        let plain = |letter: char| letter.is_ascii_digit() || matches!(letter, '+' | '-' | '.' | '(' | ')' | ' ' | '/');
        if typed.is_empty() || typed.len() > LONGEST || !typed.chars().all(plain) {
            return Err(refusal);
        }
        let number = phonenumber::parse(Some(country::US), typed).map_err(|_| refusal)?;
        if is_possible(&number) { Ok(Self(number.format().mode(Mode::E164).to_string())) } else { Err(refusal) }
    }

    /// The number in E.164 form: `+15555555555`.
    pub fn as_e164(&self) -> &str {
        &self.0
    }

    /// What may be shown of it: its last two digits.
    pub fn masked(&self) -> String {
        format!("(***) ***-**{}", &self.0[self.0.len().saturating_sub(2)..])
    }
}

/// Whether it has the length that numbers of its country have. Whether the exchange exists is not
/// asked: the slides' own 555-555-5555 does not.
fn is_possible(number: &phonenumber::PhoneNumber) -> bool {
    let (national, country) = (number.national().to_string(), number.code().value());
    if country == 1 {
        let digits = national.as_bytes();
        return digits.len() == 10 && digits[0] >= b'2' && digits[3] >= b'2';
    }
    let length = u16::try_from(national.len()).unwrap_or(u16::MAX);
    DATABASE.by_code(&country).is_some_and(|all| {
        all.iter().any(|one| {
            let kinds = one.descriptors();
            [kinds.fixed_line(), kinds.mobile()]
                .into_iter()
                .flatten()
                .any(|kind| kind.possible_length().contains(&length))
        })
    })
}

/// The slides' form: `+1 (555) 555-5555`.
impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match phonenumber::parse(None, &self.0) {
            Ok(number) if number.code().value() == 1 => write!(f, "+1 {}", number.format().mode(Mode::National)),
            Ok(number) => write!(f, "{}", number.format().mode(Mode::International)),
            Err(_) => f.write_str(&self.0),
        }
    }
}

/// Numbers stay out of logs.
impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneNumber(hidden)")
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = Fault;
    fn try_from(text: String) -> Result<Self, Fault> {
        Self::parse(&text)
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> Self {
        number.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shows_the_slides_number() {
        for typed in ["555-555-5555", "(555) 555-5555", "+1 555 555 5555", "5555555555"] {
            assert_eq!(PhoneNumber::parse(typed).unwrap().to_string(), "+1 (555) 555-5555");
        }
        assert_eq!(PhoneNumber::parse("555-555-5512").unwrap().masked(), "(***) ***-**12");
    }

    #[test]
    fn nonsense_is_refused() {
        for typed in ["", "555", "555-5555", "call me", "55555555555555555555"] {
            assert!(PhoneNumber::parse(typed).is_err(), "{typed}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(typed in "\\PC*") {
            let _ = PhoneNumber::parse(&typed);
        }

        #[test]
        fn what_is_stored_reads_back(digits in "[2-9][0-9]{2}[2-9][0-9]{6}") {
            let number = PhoneNumber::parse(&digits).unwrap();
            prop_assert_eq!(PhoneNumber::parse(number.as_e164()), Ok(number.clone()));
            prop_assert_eq!(PhoneNumber::parse(&number.to_string()), Ok(number));
        }
    }
}
