//! E-mail addresses.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use super::{Fault, text::is_invisible};

/// An address whose syntax was checked (RFC 5321 and 5322, by the `email_address` crate).
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads what a person typed or pasted: what nobody sees is gone, full-width signs are narrow ones, and `mailto:` and
    /// angle brackets around it do not matter.
    ///
    /// # Errors
    /// A sentence for the person.
    pub fn parse(typed: &str) -> Result<Self, Fault> {
        let typed = cleaned(typed);
        if typed.is_empty() {
            return Err("Enter an e-mail address.");
        }
        let options =
            email_address::Options::default().with_required_tld().without_display_text().without_domain_literal();
        match email_address::EmailAddress::parse_with_options(&typed, options) {
            Ok(_) if typed.chars().all(is_of_an_address) && has_a_domain(&typed) => Ok(Self(typed)),
            _ => Err("Enter an e-mail address in the form name@example.com."),
        }
    }

    /// An address from the database, as it was taken by the rules of its day: its owner must still come in. Mail to one that
    /// is none by today's is undeliverable.
    pub fn stored(address: String) -> Self {
        Self(address)
    }

    /// The address as it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The copy under which it is looked for: without regard to case.
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }

    /// What may be shown of it (R104): the first character, five stars, the last character, the
    /// domain, in upper case. The stars never tell the length; one or two characters show the first.
    pub fn masked(&self) -> String {
        let (local, domain) = self.0.rsplit_once('@').unwrap_or((&self.0, ""));
        let mut letters = local.chars();
        let first = letters.next().map(String::from).unwrap_or_default();
        let last = if local.chars().count() > 2 { letters.next_back().map(String::from) } else { None };
        format!("{first}*****{}@{domain}", last.unwrap_or_default()).to_uppercase()
    }
}

/// Whether a letter has a sign of its own, and the same one everywhere.
fn is_of_an_address(letter: char) -> bool {
    !letter.is_whitespace()
        && !letter.is_control()
        && letter != '\u{2800}'
        && !matches!(letter.general_category(), GeneralCategory::Unassigned | GeneralCategory::PrivateUse)
}

/// Whether the domain is one that can be: letters, digits and dashes in ASCII, not too long (RFC 1123, RFC 5890).
fn has_a_domain(address: &str) -> bool {
    address.rsplit_once('@').is_some_and(|(_, domain)| idna::domain_to_ascii_strict(domain).is_ok())
}

/// An address as mail servers take it: the domain in letters of ASCII (IDNA, RFC 5891). What stands before the `@` stays:
/// its server alone knows what it means. Nothing if there is no such domain.
pub fn on_the_wire(address: &str) -> Option<String> {
    let (local, domain) = address.rsplit_once('@')?;
    let domain = idna::domain_to_ascii(domain).ok()?;
    Some(format!("{local}@{domain}"))
}

/// Whether two addresses name the same mailbox: a report writes the domain in letters of ASCII, and servers ignore capitals.
pub fn is_same(one: &str, other: &str) -> bool {
    let form = |address: &str| on_the_wire(address).unwrap_or_else(|| address.to_owned()).to_lowercase();
    form(one) == form(other)
}

/// An address without what programs put around and into it. Its letters are composed (NFC), and those that it has narrow
/// and wide (`＠`) are narrow.
fn cleaned(typed: &str) -> String {
    let is_seen = |letter: &char| !is_invisible(*letter) && !matches!(letter, '\u{200C}' | '\u{200D}');
    let seen: String = typed.chars().filter(is_seen).map(narrow).nfc().collect();
    let bare = seen.trim();
    let bare = match bare.get(..MAILTO.len()).filter(|begin| begin.eq_ignore_ascii_case(MAILTO)) {
        Some(_) => bare[MAILTO.len()..].split('?').next().unwrap_or_default().trim(),
        None => bare,
    };
    let bare = bare.strip_prefix('<').and_then(|bare| bare.strip_suffix('>')).unwrap_or(bare);
    bare.trim_end_matches([',', ';', '.', ' ']).to_owned()
}

/// What links begin with.
const MAILTO: &str = "mailto:";

/// The forms of ASCII that stand among East Asian letters.
fn narrow(letter: char) -> char {
    match letter {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(letter) - 0xFEE0).unwrap_or(letter),
        '\u{3002}' | '\u{FF61}' => '.',
        letter => letter,
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Addresses stay out of logs: debug output shows the mask.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(hidden)")
    }
}

impl FromStr for EmailAddress {
    type Err = Fault;
    fn from_str(text: &str) -> Result<Self, Fault> {
        Self::parse(text)
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = Fault;
    fn try_from(text: String) -> Result<Self, Fault> {
        Self::parse(&text)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn masks_as_the_slide_does() {
        let mask = |text: &str| EmailAddress::parse(text).unwrap().masked();
        assert_eq!(mask("email@email.com"), "E*****L@EMAIL.COM");
        assert_eq!(mask("a.very.long.name@email.com"), "A*****E@EMAIL.COM");
        assert_eq!(mask("ab@email.com"), "A*****@EMAIL.COM");
        assert_eq!(mask("a@email.com"), "A*****@EMAIL.COM");
    }

    #[test]
    fn what_nobody_sees_is_no_part_of_an_address() {
        for typed in [
            "\u{200B}pat@example.com",
            "pat@exam\u{AD}ple.com",
            "\u{FEFF}pat@example.com\u{2060}",
            "mailto:pat@example.com",
            "<pat@example.com>",
            "pat＠example．com",
            " pat@example.com; ",
            "pat\u{200D}@example.com",
            "pat@example.com.",
            "MAILTO:pat@example.com?subject=Hello",
        ] {
            assert_eq!(EmailAddress::parse(typed).unwrap().as_str(), "pat@example.com", "{typed:?}");
        }
        assert_eq!(EmailAddress::parse("Jose\u{301}@exa\u{308}mple.com").unwrap().as_str(), "José@exämple.com");
    }

    #[test]
    fn an_address_is_the_same_in_letters_of_ascii() {
        assert!(is_same("info@exämple.com", "INFO@xn--exmple-cua.com"));
        assert!(!is_same("info@exämple.com", "info@example.com"));
        assert_eq!(on_the_wire("josé@exämple.com").unwrap(), "josé@xn--exmple-cua.com");
        assert!(EmailAddress::parse("info@xn--a.com").is_err(), "no such domain");
    }

    #[test]
    fn nonsense_is_refused() {
        for typed in ["", "name", "name@", "@example.com", "name@example", "a b@example.com", "Name <a@b.com>"] {
            assert!(EmailAddress::parse(typed).is_err(), "{typed}");
        }
        for typed in [
            "pat\u{A0}x@example.com",
            "pat@exa\u{A0}mple.com",
            "pa\u{85}t@example.com",
            "\u{E000}@example.com",
            "a@b_c.com",
        ] {
            assert!(EmailAddress::parse(typed).is_err(), "{typed:?}");
        }
        assert!(EmailAddress::parse(&format!("a@{}.com", "b".repeat(64))).is_err(), "a label is too long");
    }

    proptest! {
        #[test]
        fn what_is_taken_can_be_shown_and_mailed(local in "[\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Z}\\p{Cf}\\p{Cc}]{1,12}", domain in "[\\p{L}\\p{N}\\p{Cf}._-]{1,12}") {
            if let Ok(address) = EmailAddress::parse(&format!("{local}@{domain}.com")) {
                let shown = address.as_str();
                prop_assert!(!shown.contains(|letter: char| letter.is_whitespace() || letter.is_control() || is_invisible(letter)));
                prop_assert_eq!(&EmailAddress::parse(shown).unwrap(), &address);
                let wire = on_the_wire(shown).unwrap();
                prop_assert!(wire.rsplit_once('@').unwrap().1.is_ascii() && is_same(shown, &wire));
            }
        }
    }
}
