//! Telephone numbers.

use std::fmt;

use phonenumber::{Mode, country, metadata::DATABASE};
use serde::{Deserialize, Serialize};

use super::{Fault, text::identifier};

/// A number in E.164 form, with an extension as RFC 3966 writes it (`+15555555555;ext=123`); typed without a country it is
/// taken as American (R61).
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

/// Longer than any number with its punctuation and extension.
const LONGEST: usize = 40;
/// What stands between a number and its extension in the stored form.
const EXTENSION: &str = ";ext=";
/// The most digits of an extension.
const LONGEST_EXTENSION: usize = 7;

impl PhoneNumber {
    /// Reads what a person typed or pasted ([`identifier`]), with an extension (`x123`, `ext. 123`, `#123`) or without.
    ///
    /// # Errors
    /// A sentence for the person.
    pub fn parse(typed: &str) -> Result<Self, Fault> {
        let refusal = "Enter a phone number with its area code, such as 555-555-5555. Add an extension as x123.";
        let typed = identifier(typed);
        let typed = typed.strip_prefix("tel:").unwrap_or(&typed);
        let (number, extension) = split_extension(typed).ok_or(refusal)?;
        let plain = |letter: char| letter.is_ascii_digit() || matches!(letter, '+' | '-' | '.' | '(' | ')' | ' ' | '/');
        if number.is_empty() || typed.len() > LONGEST || !number.chars().all(plain) {
            return Err(refusal);
        }
        let number = phonenumber::parse(Some(country::US), number).map_err(|_| refusal)?;
        if !is_possible(&number) {
            return Err(refusal);
        }
        let number = number.format().mode(Mode::E164).to_string();
        Ok(Self(extension.map_or_else(|| number.clone(), |extension| format!("{number}{EXTENSION}{extension}"))))
    }

    /// The same for a number that text messages go to: it has no extension.
    ///
    /// # Errors
    /// A sentence for the person.
    pub fn parse_mobile(typed: &str) -> Result<Self, Fault> {
        match Self::parse(typed)? {
            number if number.extension().is_some() => Err("Enter a mobile number without an extension."),
            number => Ok(number),
        }
    }

    /// The number in E.164 form, without an extension: `+15555555555`.
    pub fn as_e164(&self) -> &str {
        self.0.split(EXTENSION).next().unwrap_or_default()
    }

    /// The number as it is kept, with its extension: `+15555555555;ext=123` (RFC 3966).
    pub fn as_kept(&self) -> &str {
        &self.0
    }

    fn extension(&self) -> Option<&str> {
        self.0.split_once(EXTENSION).map(|(_, extension)| extension)
    }

    /// What may be shown of it: its last two digits.
    pub fn masked(&self) -> String {
        let number = self.as_e164();
        format!("(***) ***-**{}", &number[number.len().saturating_sub(2)..])
    }
}

/// A number and the digits of its extension, if it has one; nothing when letters stand there that are none.
fn split_extension(typed: &str) -> Option<(&str, Option<&str>)> {
    let Some(at) = typed.find(|letter: char| letter.is_alphabetic() || letter == '#' || letter == ';') else {
        return Some((typed, None));
    };
    let (number, rest) = typed.split_at(at);
    let rest = rest.to_ascii_lowercase();
    let marks = ["extension", "ext", "x", "#", ";ext="];
    let mark = marks.into_iter().filter(|mark| rest.starts_with(mark)).max_by_key(|mark| mark.len())?;
    let digits = typed[at + mark.len()..].trim_matches(|sign: char| matches!(sign, '.' | ':' | ' ' | '='));
    let is_extension =
        (1..=LONGEST_EXTENSION).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
    is_extension.then(|| (number.trim_end_matches([' ', ',', '-']), Some(digits)))
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
        match phonenumber::parse(None, self.as_e164()) {
            Ok(number) if number.code().value() == 1 => write!(f, "+1 {}", number.format().mode(Mode::National)),
            Ok(number) => write!(f, "{}", number.format().mode(Mode::International)),
            Err(_) => f.write_str(self.as_e164()),
        }?;
        self.extension().map_or(Ok(()), |extension| write!(f, " ext. {extension}"))
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
    fn what_phones_and_programs_put_in_does_not_matter() {
        for typed in [
            "\u{202D}(555) 555-5555\u{202C}",
            "555\u{A0}555\u{2011}5555",
            "555\u{2013}555\u{2013}5555",
            "（555）555－5555",
            "tel:+1-555-555-5555",
            "+1 (555) 555-5555.",
        ] {
            assert_eq!(PhoneNumber::parse(typed).unwrap().as_kept(), "+15555555555", "{typed:?}");
        }
    }

    #[test]
    fn an_extension_is_kept_where_there_may_be_one() {
        for typed in [
            "555-555-5555 x123",
            "555-555-5555x123",
            "(555) 555-5555 Ext. 123",
            "555-555-5555, extension 123",
            "555-555-5555 #123",
        ] {
            let number = PhoneNumber::parse(typed).unwrap();
            assert_eq!(number.to_string(), "+1 (555) 555-5555 ext. 123", "{typed}");
            assert_eq!((number.as_e164(), number.as_kept()), ("+15555555555", "+15555555555;ext=123"));
            assert_eq!(PhoneNumber::parse(&number.to_string()), Ok(number.clone()));
            assert_eq!(PhoneNumber::parse(number.as_kept()), Ok(number.clone()));
            assert_eq!(number.masked(), "(***) ***-**55");
            assert!(PhoneNumber::parse_mobile(typed).unwrap_err().contains("extension"));
        }
        for wrong in ["555-555-5555 x", "555-555-5555 x12345678", "555-555-5555 office", "x123"] {
            assert!(PhoneNumber::parse(wrong).is_err(), "{wrong}");
        }
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
