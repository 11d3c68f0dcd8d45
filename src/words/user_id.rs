//! The name a person signs in with.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_security::MixedScript;

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
            return Err("A user ID can contain only letters, digits, and . _ - @ + '");
        }
        match text.chars().count() {
            0..4 => Err("A user ID must have at least 4 characters."),
            4..=64 => Ok(Self(text)),
            _ => Err("A user ID can have at most 64 characters."),
        }
    }

    /// Reads the user ID of a new logon: what is easily taken for another one is refused. Its letters are of one script and, if
    /// they are not those of ASCII, do not look like them (Unicode UTS 39).
    ///
    /// # Errors
    /// A sentence for the person.
    pub fn parse_new(typed: &str) -> Result<Self, Fault> {
        let user_id = Self::parse(typed)?;
        if !user_id.0.is_single_script() {
            return Err("Use letters of one alphabet only.");
        }
        // Capitals look alike that small letters do not: `М` and `м`.
        let as_shown =
            || unicode_security::skeleton(&user_id.0.nfkc().collect::<String>()).all(|letter| letter.is_ascii());
        if user_id.lookalike().is_some_and(|lookalike| lookalike.is_ascii() || as_shown()) {
            return Err("This user ID looks as if it were written with the letters A to Z. Use those letters.");
        }
        Ok(user_id)
    }

    /// What it looks like, if it has other letters than those of ASCII: the same for all that look alike.
    pub fn lookalike(&self) -> Option<String> {
        let folded = self.folded();
        (!folded.is_ascii()).then(|| unicode_security::skeleton(&folded).collect())
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
    fn nobody_takes_a_name_that_looks_like_another() {
        for typed in [
            "\u{405}\u{41C}\u{406}\u{422}\u{41D}4821",
            "sm\u{456}thj4821",
            "sm\u{3BF}thj4821",
            "sm\u{131}thj4821",
            "\u{441}\u{43E}\u{441}\u{43E}",
        ] {
            assert!(UserId::parse_new(typed).is_err(), "{typed}");
            assert!(UserId::parse(typed).is_ok(), "who has it signs in: {typed}");
        }
        for typed in ["smithj4821", "renée1", "山田太郎", "пользователь1", "محمد1234", "O'Neil_1"]
        {
            assert!(UserId::parse_new(typed).is_ok(), "{typed}");
        }
        let alike = |typed: &str| UserId::parse(typed).unwrap().lookalike();
        assert_eq!(alike("smithj4821"), None);
        assert_eq!(alike("Renée1"), alike("rene\u{301}e1"));
        assert_eq!(alike("жук\u{430}"), alike("жук\u{251}"), "Cyrillic a and Latin alpha");
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
