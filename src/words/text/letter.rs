//! What Unicode says of one letter.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// Whether a letter has no sign of its own: marks of direction, joiners, blanks without width, soft hyphens, variation
/// selectors, tags and fillers (general category Cf, and what else Unicode calls default ignorable). The joiners that some
/// scripts need inside a word (U+200C, U+200D) are not meant.
pub fn is_invisible(letter: char) -> bool {
    !is_joiner(letter)
        && (letter.general_category() == GeneralCategory::Format
            || matches!(letter,
                '\u{34F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{2028}' | '\u{2029}'
                | '\u{2065}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{E0000}'..='\u{E0FFF}'))
}

/// The joiners that Persian, Hindi and others need inside a word.
pub(super) fn is_joiner(letter: char) -> bool {
    matches!(letter, '\u{200C}' | '\u{200D}')
}

/// Whether a letter is a dash of any kind, the minus sign included.
pub fn is_dash(letter: char) -> bool {
    letter.general_category() == GeneralCategory::DashPunctuation
        || matches!(letter, '\u{2D7}' | '\u{2043}' | '\u{2212}' | '\u{2796}')
}

/// Whether a letter is an apostrophe, or what is typed in its place.
pub(super) fn is_apostrophe(letter: char) -> bool {
    matches!(
        letter,
        '\'' | '`' | '´' | '\u{2B9}'
            ..='\u{2BC}' | '\u{2018}' | '\u{2019}' | '\u{201B}' | '\u{2032}' | '\u{A78C}' | '\u{FF07}'
    )
}

/// A decimal digit of any script as a digit of ASCII. In each script the ten stand in order, side by side.
pub(super) fn ascii_digit(letter: char) -> Option<char> {
    if letter.is_ascii_digit() {
        return Some(letter);
    }
    let is_digit =
        |code: u32| char::from_u32(code).is_some_and(|one| one.general_category() == GeneralCategory::DecimalNumber);
    let code = u32::from(letter);
    if !is_digit(code) {
        return None;
    }
    let before = (1..).take_while(|back| code.checked_sub(*back).is_some_and(is_digit)).count();
    char::from_digit(u32::try_from(before % 10).ok()?, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_all_scripts_are_digits() {
        for digits in ["0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९", "๐๑๒๓๔๕๖๗๘๙", "၀၁၂၃၄၅၆၇၈၉"]
        {
            assert_eq!(digits.chars().map(|digit| ascii_digit(digit).unwrap()).collect::<String>(), "0123456789");
        }
        assert_eq!(ascii_digit('½'), None);
        assert_eq!(ascii_digit('四'), None);
    }

    #[test]
    fn what_nobody_sees_is_told_from_what_a_script_needs() {
        for letter in [
            '\u{AD}',
            '\u{200B}',
            '\u{200E}',
            '\u{202E}',
            '\u{2060}',
            '\u{2066}',
            '\u{FEFF}',
            '\u{FE0F}',
            '\u{3164}',
            '\u{E0041}',
        ] {
            assert!(is_invisible(letter), "{:x}", u32::from(letter));
        }
        for letter in ['a', ' ', 'é', '\u{301}', '\u{200C}', '\u{200D}', '山', '-', '😀'] {
            assert!(!is_invisible(letter), "{letter}");
        }
    }
}
