//! Which account: its type and its number.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Fault, text::identifier};

/// A number on record: ten digits, shown as two and eight (`00-00123456`, R136).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountNumber(u64);

impl AccountNumber {
    /// The most digits a number has.
    pub const DIGITS: usize = 10;

    /// Reads what a person typed or pasted ([`identifier`]): dashes, blanks and leading zeros do not matter (G4), so `123`
    /// and `00-00000123` are one number.
    ///
    /// # Errors
    /// A sentence for the person, when it holds anything but digits, none that counts, or too many.
    pub fn parse(typed: &str) -> Result<Self, Fault> {
        let plain = identifier(typed);
        // O and I are digits where somebody read digits aloud or a scanner did; a word is none.
        let is_number = plain.contains(|letter: char| letter.is_ascii_digit());
        let mut digits = String::new();
        for letter in plain.chars() {
            match letter {
                '-' | ' ' => {}
                'O' | 'o' if is_number => digits.push('0'),
                'I' | 'l' | '|' if is_number => digits.push('1'),
                digit if digit.is_ascii_digit() => digits.push(digit),
                _ => return Err("Use digits only, with or without the dash."),
            }
        }
        let digits = digits.trim_start_matches('0');
        if digits.is_empty() {
            return Err("Enter the number of your account.");
        }
        if digits.len() > Self::DIGITS {
            return Err("That is too long: a number has at most 10 digits.");
        }
        digits.parse().map(Self).map_err(|_| "Use digits only, with or without the dash.")
    }

    /// The ten digits without the dash, as they are stored and as a page's address has them.
    pub fn digits(self) -> String {
        format!("{:010}", self.0)
    }
}

impl fmt::Display for AccountNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.digits();
        write!(f, "{}-{}", &digits[..2], &digits[2..])
    }
}

impl TryFrom<String> for AccountNumber {
    type Error = Fault;
    fn try_from(text: String) -> Result<Self, Fault> {
        Self::parse(&text)
    }
}

impl From<AccountNumber> for String {
    fn from(number: AccountNumber) -> Self {
        number.digits()
    }
}

/// An account's identity: the type's key in the agency's list (`mechanic-school`) and the number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AccountId {
    /// The account type's key.
    pub kind: String,
    /// The number within that type.
    pub number: AccountNumber,
}

impl AccountId {
    /// Puts the two halves together.
    pub fn new(kind: impl Into<String>, number: AccountNumber) -> Self {
        Self { kind: kind.into(), number }
    }

    /// The path of this account's page.
    pub fn path(&self) -> String {
        format!("/accounts/{}/{}", self.kind, self.number)
    }

    /// One text that names the account, for throttles and audit rows.
    pub fn key(&self) -> String {
        format!("{}/{}", self.kind, self.number.digits())
    }

    /// The account that such a text names.
    pub fn of_key(key: &str) -> Option<Self> {
        let (kind, number) = key.split_once('/')?;
        Some(Self::new(kind, AccountNumber::parse(number).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_slides_123_and_the_full_number_are_one() {
        let short = AccountNumber::parse("123").unwrap();
        assert_eq!(short, AccountNumber::parse("00-00000123").unwrap());
        assert_eq!(short.to_string(), "00-00000123");
        for typed in [
            "00-00123456",
            "00\u{2212}00123456",
            "\u{200B}00\u{FE63}00\u{AD}123456\u{200E}",
            "٠٠٠٠١٢٣٤٥٦",
            "OO-OO123456.",
        ] {
            assert_eq!(AccountNumber::parse(typed).unwrap().to_string(), "00-00123456", "{typed:?}");
        }
    }

    #[test]
    fn nonsense_is_told_apart() {
        for typed in ["", "  ", "0", "00-00", "12a", "12345678901", "OO", "½"] {
            assert!(AccountNumber::parse(typed).is_err(), "{typed}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(number in 1u64..=9_999_999_999) {
            let number = AccountNumber(number);
            prop_assert_eq!(AccountNumber::parse(&number.to_string()), Ok(number));
            prop_assert_eq!(AccountNumber::parse(&number.digits()), Ok(number));
            let id = AccountId::new("dealer", number);
            prop_assert_eq!(AccountId::of_key(&id.key()), Some(id));
        }

        #[test]
        fn no_text_makes_it_panic(typed in "\\PC*") {
            let _ = AccountNumber::parse(&typed);
        }
    }
}
