//! Names: of people, businesses, files; lines of an address; subjects. They are shown beside the agency's own words, on one
//! line: nothing in them may turn that line around, break it or be there unseen.

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use super::letter::{is_invisible, is_joiner};

/// A name as it is kept: composed (NFC), on one line, single blanks, without what nobody sees. Joiners stay where a script
/// needs them, between two letters.
pub fn name(typed: &str) -> String {
    let seen = typed.chars().filter(|letter| letter.is_whitespace() || !(is_invisible(*letter) || letter.is_control()));
    let line: String = seen.map(|letter| if letter.is_whitespace() { ' ' } else { letter }).collect();
    let joined = with_joiners_between_letters(&line);
    joined.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ").nfc().collect()
}

/// Whether every letter of a name has a sign in Unicode, and at least one of them is more than a mark or a joiner: what is
/// unassigned or for private use looks different everywhere, or like nothing.
pub fn is_shown(name: &str) -> bool {
    let is_known =
        |letter: char| !matches!(letter.general_category(), GeneralCategory::Unassigned | GeneralCategory::PrivateUse);
    let is_mark = |letter: char| {
        matches!(letter.general_category(), GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark)
    };
    let is_there = |letter: char| {
        !letter.is_whitespace()
            && !is_joiner(letter)
            && !is_invisible(letter)
            && !is_mark(letter)
            && letter != '\u{2800}'
    };
    name.chars().all(is_known) && name.chars().any(is_there)
}

fn with_joiners_between_letters(line: &str) -> String {
    let letters: Vec<char> = line.chars().collect();
    let joins = |side: Option<&char>| side.is_some_and(|side| !side.is_whitespace() && !is_joiner(*side));
    let is_kept = |(place, letter): (usize, &char)| {
        let before = place.checked_sub(1).and_then(|before| letters.get(before));
        (!is_joiner(*letter) || joins(before) && joins(letters.get(place + 1))).then_some(*letter)
    };
    letters.iter().enumerate().filter_map(is_kept).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_one_line_that_everybody_sees() {
        for (typed, kept) in [
            (" Jose\u{301} ", "José"),
            ("Michigan\r\nDepartment", "Michigan Department"),
            ("a\u{202E}b\u{200B}c\u{AD}d\u{FEFF}", "abcd"),
            ("CAFÉ ☕\u{FE0F}", "CAFÉ ☕"),
            ("می\u{200C}خواهم", "می\u{200C}خواهم"),
            ("\u{200D}क\u{200D}\u{200D}", "क"),
            ("a\u{2028}b\u{85}c\td", "a b c d"),
        ] {
            assert_eq!(name(typed), kept, "{typed:?}");
        }
        for unseen in ["", "\u{200B}", "\u{AD}", "\u{3164}", "\u{200D}\u{200D}", "\u{2800}", "\u{301}"] {
            assert!(!is_shown(&name(unseen)), "{unseen:?}");
        }
        assert!(!is_shown("\u{E000}") && !is_shown("a\u{FFFF}") && is_shown("山田 & Söhne 😀"));
    }

    proptest! {
        #[test]
        fn once_is_enough_and_nothing_unseen_is_left(typed in "(\\PC|\\pC|\\p{Mn}){0,40}") {
            let once = name(&typed);
            prop_assert_eq!(name(&once), once.clone());
            prop_assert!(!once.chars().any(|letter| letter.is_control() || is_invisible(letter)), "{once:?}");
            prop_assert!(!once.contains("  ") && once.trim() == once);
        }
    }
}
