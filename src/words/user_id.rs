//! The name a person signs in with.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::Fault;

/// A user ID (R69, R70, G1): 4 to 64 characters, no space. The slides' pattern is advice, not a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UserId(String);

impl UserId {
    /// Reads what a person typed.
    ///
    /// # Errors
    /// A sentence for the person.
    pub fn parse(typed: &str) -> Result<Self, Fault> {
        let text: String = typed.trim().nfc().collect();
        if text.is_empty() {
            return Err("Enter a user ID.");
        }
        if text.chars().any(char::is_whitespace) {
            return Err("User ID cannot contain space.");
        }
        // No colon and no slash, so that it is no address in a mail that names it; no invisible letter.
        if !text.chars().all(|letter| letter.is_alphanumeric() || "._-@+'".contains(letter)) {
            return Err("User ID can have letters, digits and . _ - @ + ' only.");
        }
        match text.chars().count() {
            0..4 => Err("User ID must have at least 4 characters."),
            4..=64 => Ok(Self(text)),
            _ => Err("User ID can have at most 64 characters."),
        }
    }

    /// The user ID as its owner wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The copy under which it is unique: without regard to case or to how a letter is encoded.
    pub fn folded(&self) -> String {
        self.0.nfkc().collect::<String>().to_lowercase()
    }

    /// The slides' pattern for a person: last name, first initial, four digits (`smithj9999`).
    pub fn suggested(first: &str, last: &str, digits: u16) -> String {
        let letters =
            |name: &str| name.chars().filter(|letter| letter.is_alphanumeric()).collect::<String>().to_lowercase();
        let initial = letters(first).chars().next().map(String::from).unwrap_or_default();
        format!("{}{initial}{:04}", letters(last), digits % 10_000)
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for UserId {
    type Error = Fault;
    fn try_from(text: String) -> Result<Self, Fault> {
        Self::parse(&text)
    }
}

impl From<UserId> for String {
    fn from(user_id: UserId) -> Self {
        user_id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slides_own_ids_are_fine() {
        for typed in ["mechanicschool", "smithj9999", " smithj9999 "] {
            assert!(UserId::parse(typed).is_ok(), "{typed}");
        }
        assert_eq!(UserId::suggested("John", "Smith", 9999), "smithj9999");
        assert_eq!(UserId::suggested("Ann", "O'Neil Ray", 7), "oneilraya0007");
    }

    #[test]
    fn case_and_encoding_make_no_second_id() {
        let composed = UserId::parse("Ren\u{e9}e1").unwrap();
        let decomposed = UserId::parse("rene\u{301}e1").unwrap();
        assert_eq!(composed.folded(), decomposed.folded());
    }

    #[test]
    fn nonsense_is_refused() {
        for typed in
            ["", "abc", "has space", "tab\tbed", &"x".repeat(65), "nul\0byte", "https://evil.example", "a\u{200B}bcd"]
        {
            assert!(UserId::parse(typed).is_err(), "{typed}");
        }
    }
}
