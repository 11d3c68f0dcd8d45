//! The words that a message is searched by: folded, and reduced to their stems, so that "permits" finds "permit".

use std::collections::BTreeSet;

use rust_stemmers::{Algorithm, Stemmer};

use crate::words::text::folded;

/// The stems of a text's words, each once.
pub fn terms(text: &str) -> Vec<String> {
    let stemmer = Stemmer::create(Algorithm::English);
    let folded = folded(text);
    let words = folded.split(|letter: char| letter.is_whitespace() || letter.is_ascii_punctuation());
    let stems: BTreeSet<String> =
        words.filter(|word| !word.is_empty()).map(|word| stemmer.stem(word).into_owned()).collect();
    stems.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::terms;

    #[test]
    fn a_word_is_found_in_each_of_its_forms() {
        assert_eq!(terms("Permits, PERMIT; permitted!"), ["permit"]);
        assert_eq!(terms("Señor O\u{2019}Hara's lien"), ["hara", "lien", "o", "s", "senor"]);
        assert_eq!(terms(" .,- "), [""; 0]);
        assert_eq!(terms("山田 2026-11"), ["11", "2026", "山田"]);
    }
}
