//! Codes and numbers: account numbers, authorization codes, phone numbers, ZIP codes, confirmation numbers. Their alphabets
//! are of ASCII; what stands for one of its signs is taken for it.

use unicode_normalization::UnicodeNormalization;

use super::letter::{ascii_digit, is_dash, is_invisible, is_joiner};

/// What was typed or pasted for a code or number, as its alphabet writes it: full-width forms are narrow ones, digits of all
/// scripts and letters that look like those of ASCII (Unicode UTS 39) are ASCII's, dashes are `-`, spaces are one blank,
/// what nobody sees is gone, and so are quotes, brackets and stops around it.
///
/// Whether what is left is a code is for its own type to say.
pub fn identifier(typed: &str) -> String {
    let seen = typed.nfkc().filter(|letter| !is_invisible(*letter) && !is_joiner(*letter) && !is_control(*letter));
    let plain: String = seen.map(plain).collect();
    let words: Vec<&str> = plain.split(' ').filter(|word| !word.is_empty()).collect();
    words.join(" ").trim_matches(|sign: char| sign == ' ' || AROUND.contains(sign)).to_owned()
}

/// What sentences and letters put around a code.
const AROUND: &str = ".,;:!?\"'`´“”„‘’‚«»<>[]{}*_";

/// Control letters that are no space.
fn is_control(letter: char) -> bool {
    letter.is_control() && !letter.is_whitespace()
}

fn plain(letter: char) -> char {
    if letter.is_ascii() && !letter.is_ascii_whitespace() {
        return letter;
    }
    if letter.is_whitespace() {
        return ' ';
    }
    if is_dash(letter) {
        return '-';
    }
    ascii_digit(letter).or_else(|| look_alike(letter)).unwrap_or(letter)
}

/// The one letter of ASCII that a letter of another script looks like: Cyrillic `А`, Greek `Ο`.
fn look_alike(letter: char) -> Option<char> {
    let mut prototype = unicode_security::skeleton(letter.encode_utf8(&mut [0; 4])).collect::<Vec<_>>().into_iter();
    match (prototype.next(), prototype.next()) {
        (Some(one), None) if letter.is_alphabetic() && one.is_ascii_alphanumeric() => Some(one),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_programs_and_phones_put_in_is_taken_out() {
        for (typed, plain) in [
            ("ABCDE\u{2013}12345.", "ABCDE-12345"),
            ("\u{FEFF}ABCDE\u{A0}12345\u{200B}", "ABCDE 12345"),
            ("AB\u{AD}CDE\u{2011}12345", "ABCDE-12345"),
            ("００－００１２３４５６", "00-00123456"),
            ("٠٠-٠٠١٢٣٤٥٦", "00-00123456"),
            ("\u{202D}(555) 555-5555\u{202C}", "(555) 555-5555"),
            ("＋１ ５５５", "+1 555"),
            ("“АВСЕ”", "ABCE"),
            ("  12\t34\r\n", "12 34"),
        ] {
            assert_eq!(identifier(typed), plain, "{typed:?}");
        }
    }

    proptest! {
        #[test]
        fn once_is_enough(typed in "\\PC{0,40}") {
            let once = identifier(&typed);
            prop_assert_eq!(identifier(&once), once.clone());
            prop_assert!(!once.chars().any(|letter| is_invisible(letter) || letter.is_control() || (is_dash(letter) && letter != '-')));
        }

        #[test]
        fn what_stands_between_and_around_does_not_matter(
            code in "[A-Z0-9]{1,12}", between in "[\u{AD}\u{200B}-\u{200F}\u{202A}-\u{202E}\u{2060}\u{FEFF}\u{FE0F}]{0,3}", around in "[ \u{A0}\u{2003}\u{3000}.,“”]{0,3}",
        ) {
            let typed: String = code.chars().map(|letter| format!("{letter}{between}")).collect();
            prop_assert_eq!(identifier(&format!("{around}{typed}{around}")), code);
        }
    }
}
