//! The confirmation number that each submission bears (R111).

use std::fmt;

use super::{Fault, text::identifier};

/// Ten digits, shown 1-3-3-3 (`0-000-041-436`). It identifies; it never authorises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConfirmationNumber(i64);

impl ConfirmationNumber {
    const END: i64 = 10_000_000_000;

    /// The number that the database keeps.
    ///
    /// # Errors
    /// When it has more than ten digits or is negative.
    pub fn new(number: i64) -> Result<Self, Fault> {
        if (0..Self::END).contains(&number) { Ok(Self(number)) } else { Err("A confirmation number has 10 digits.") }
    }

    /// Reads what a person typed, with or without dashes.
    ///
    /// # Errors
    /// A sentence for the person, when it is not ten digits.
    pub fn parse(typed: &str) -> Result<Self, Fault> {
        let digits: String = identifier(typed).chars().filter(|letter| *letter != ' ' && *letter != '-').collect();
        if digits.len() != 10 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err("A confirmation number has 10 digits.");
        }
        digits.parse().map(Self).map_err(|_| "A confirmation number has 10 digits.")
    }

    /// The plain number.
    pub fn number(self) -> i64 {
        self.0
    }

    /// The path of its submission's page.
    pub fn path(self) -> String {
        format!("/submissions/{self}")
    }
}

impl fmt::Display for ConfirmationNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:010}", self.0);
        write!(f, "{}-{}-{}-{}", &digits[..1], &digits[1..4], &digits[4..7], &digits[7..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_slides_number() {
        let number = ConfirmationNumber::new(41436).unwrap();
        assert_eq!(number.to_string(), "0-000-041-436");
        assert_eq!(ConfirmationNumber::parse("0000041436"), Ok(number));
        assert!(ConfirmationNumber::new(10_000_000_000).is_err());
        assert!(ConfirmationNumber::parse("41436").is_err());
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(number in 0i64..10_000_000_000) {
            let number = ConfirmationNumber::new(number).unwrap();
            prop_assert_eq!(ConfirmationNumber::parse(&number.to_string()), Ok(number));
        }
    }
}
