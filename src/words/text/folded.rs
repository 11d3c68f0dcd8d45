//! What text is searched by.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_script::{Script, UnicodeScript};

use super::letter::{is_apostrophe, is_dash, is_invisible, is_joiner};

/// Text as it is compared: small letters, without accents and strokes (`Ł` is `l`, `ß` is `ss`, `Æ` is `ae`), with one kind
/// of apostrophe and dash, and without what nobody sees.
pub fn folded(text: &str) -> String {
    let plain =
        text.nfkd().filter(|letter| !is_combining_mark(*letter) && !is_invisible(*letter) && !is_joiner(*letter));
    let mut folded = String::with_capacity(text.len());
    for letter in plain.flat_map(char::to_lowercase) {
        if is_combining_mark(letter) {
            continue;
        } else if is_apostrophe(letter) {
            folded.push('\'');
        } else if is_dash(letter) {
            folded.push('-');
        } else if let Some(spelt) = latin(letter) {
            folded.push_str(spelt);
        } else {
            folded.push(letter);
        }
    }
    folded
}

/// A Latin letter with a stroke, or of two letters, as it is spelt with plain ones.
fn latin(letter: char) -> Option<&'static str> {
    if letter.is_ascii() || letter.script() != Script::Latin {
        return None;
    }
    let spelt = deunicode::deunicode_char(letter)?;
    let is_word = !spelt.is_empty() && spelt.bytes().all(|letter| letter.is_ascii_lowercase());
    is_word.then_some(spelt)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_hard_to_type_is_found_by_what_is_easy() {
        for (text, easy) in [
            ("ĐẶNG", "dang"),
            ("ŁUKASZ", "lukasz"),
            ("SØRENSEN", "sorensen"),
            ("Groß", "gross"),
            ("ÆGIR", "aegir"),
            ("O\u{2019}Hara", "o'hara"),
            ("İstanbul", "istanbul"),
            ("Auto\u{AD}haus", "autohaus"),
            ("A\u{2013}B", "a-b"),
            ("ＡＢＣ", "abc"),
        ] {
            assert_eq!(folded(text), easy, "{text}");
        }
        assert_eq!(folded("山田"), "山田");
    }

    proptest! {
        #[test]
        fn case_and_encoding_do_not_matter(text in "[\\p{Latin}\\p{Greek}\\p{Cyrillic} '-]{0,30}") {
            let decomposed: String = text.nfd().collect();
            prop_assert_eq!(folded(&decomposed), folded(&text));
            prop_assert_eq!(folded(&folded(&text)), folded(&text));
        }
    }
}
