//! What an account is found by: the words of its name, its number, its ZIP code and its e-mail address, each from its
//! beginning on.

use crate::words::{
    AccountNumber, EmailAddress,
    text::{folded, identifier},
};

/// Words of a name that count; the others are as good as not there.
const MOST_WORDS: usize = 12;
/// Letters of a word that count.
const LONGEST: usize = 40;

/// The words of a text, each as the parts between its apostrophes and dashes.
fn words(text: &str) -> Vec<Vec<String>> {
    let folded = folded(text);
    let words = folded.split(|letter: char| !letter.is_alphanumeric() && letter != '\'' && letter != '-');
    let parts = |word: &str| word.split(['\'', '-']).filter(|part| !part.is_empty()).map(str::to_owned).collect();
    words.map(parts).filter(|parts: &Vec<String>| !parts.is_empty()).collect()
}

fn cut(word: &str) -> String {
    word.chars().take(LONGEST).collect()
}

/// Whether people write a word in one, in two, or with a sign between: O'HARA, OHARA, O HARA; CO-OP.
fn is_short(part: &str) -> bool {
    part.chars().count() <= 2
}

/// What a name is found by: its words and, of those that are also written in one, the whole.
fn of_name(name: &str) -> Vec<String> {
    let name = name.split_whitespace().take(MOST_WORDS).collect::<Vec<_>>().join(" ");
    let words = words(&name);
    let mut terms = Vec::new();
    for (place, parts) in words.iter().enumerate() {
        terms.extend(parts.iter().map(|part| cut(part)));
        if parts.len() > 1 {
            terms.push(cut(&parts.concat()));
        }
        if let ([first], Some(next)) = (&parts[..], words.get(place + 1))
            && is_short(first)
        {
            terms.push(cut(&format!("{first}{}", next.concat())));
        }
    }
    // As a search takes them, which knows them for e-mail addresses and numbers: LUNCH@NOON, 007 MOTORS.
    for word in name.split(' ') {
        if word.contains('@') {
            terms.push(cut(&folded(word)));
        }
        terms.extend(word.split('@').filter_map(digits).map(|digits| without_zeros(&digits).to_owned()));
    }
    terms
}

/// The digits of a word that is a number, with dashes or without.
fn digits(word: &str) -> Option<String> {
    let number = identifier(word);
    let is_number = number.bytes().all(|letter| letter.is_ascii_digit() || letter == b'-');
    is_number.then(|| number.replace('-', ""))
}

/// What a typed word asks for: its parts, or the whole where it may be written in one.
fn of_typed(word: &str) -> Vec<String> {
    let has_apostrophe = folded(word).contains('\'');
    let is_one = |parts: &[String]| parts.len() > 1 && (has_apostrophe || parts.iter().any(|part| is_short(part)));
    let terms = words(word).into_iter().flat_map(|parts| if is_one(&parts) { vec![parts.concat()] } else { parts });
    terms.map(|term| cut(&term)).collect()
}

/// The ZIP code at the end of an address: its five digits.
pub fn zip(street: &[String]) -> Option<String> {
    let last = identifier(street.last()?);
    let last =
        last.strip_suffix("USA").or_else(|| last.strip_suffix("US")).unwrap_or(&last).trim_end_matches([' ', ',']);
    let is_digits = |text: &str, count| text.len() == count && text.bytes().all(|digit| digit.is_ascii_digit());
    let words: Vec<&str> = last.rsplit([' ', '-', ',']).take(2).collect();
    match words[..] {
        // With the four more: 48901-1234, 48901 1234.
        [four, five] if is_digits(four, 4) && is_digits(five, 5) => Some(five.to_owned()),
        [nine, ..] if is_digits(nine, 9) => Some(nine[..5].to_owned()),
        [five, ..] if is_digits(five, 5) => Some(five.to_owned()),
        _ => None,
    }
}

fn is_long_zip(number: &str) -> bool {
    number.split_once('-').is_some_and(|(five, four)| five.len() == 5 && four.len() == 4)
}

fn without_zeros(digits: &str) -> &str {
    digits.trim_start_matches('0')
}

/// The terms of an account, each once.
pub fn of_account(number: AccountNumber, name: &str, street: &[String], email: Option<&EmailAddress>) -> Vec<String> {
    let mut terms: Vec<String> = of_name(name);
    terms.push(without_zeros(&number.digits()).to_owned());
    terms.extend(zip(street).map(|zip| without_zeros(&zip).to_owned()));
    terms.extend(email.map(|email| folded(&email.folded()).chars().take(LONGEST).collect()));
    terms.retain(|term| !term.is_empty());
    terms.sort_unstable();
    terms.dedup();
    terms
}

/// The terms that were typed: an account has to have all of them, each at least as far as it was typed.
pub fn typed(text: &str) -> Vec<String> {
    let mut terms = Vec::new();
    for word in text.split_whitespace() {
        if word.contains('@') {
            terms.push(cut(&folded(word)));
        } else if let Some(digits) = digits(word) {
            // A ZIP code with its four more digits is found by its five.
            let found_by = if is_long_zip(&identifier(word)) { &digits[..5] } else { &digits };
            terms.push(without_zeros(found_by).to_owned());
        } else {
            terms.extend(of_typed(word));
        }
    }
    terms.retain(|term| !term.is_empty());
    terms.truncate(MOST_WORDS);
    terms
}

/// Whether an account with these terms is what was typed.
pub fn is_found(terms: &[String], typed: &[String]) -> bool {
    typed.iter().all(|word| terms.iter().any(|term| term.starts_with(word.as_str())))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn account() -> Vec<String> {
        let street = vec!["1 MAIN ST".to_owned(), "LANSING MI 02134-1234".to_owned()];
        let email = EmailAddress::parse("Jane.Doe@Shop.example").unwrap();
        of_account(AccountNumber::parse("123456").unwrap(), "O'HARA & CAFÉ-SCHOOL, Inc.", &street, Some(&email))
    }

    #[test]
    fn it_is_found_by_whatever_staff_know_of_it() {
        for text in [
            "hara",
            "cafe",
            "CAFÉ sch",
            "inc",
            "123",
            "00-00123456",
            "0012",
            "02134",
            "2134",
            "02134-1234",
            "jane.doe@sh",
            "school 1234",
            "o'h",
            "o’hara",
            "ohara",
            "O\u{2010}HARA",
            "cafe-school",
            "cafeschool",
        ] {
            assert!(is_found(&account(), &typed(text)), "{text} {:?}", typed(text));
        }
        for text in ["ara", "dealer", "123457", "doe@shop", "school 9"] {
            assert!(!is_found(&account(), &typed(text)), "{text}");
        }
    }

    #[test]
    fn letters_that_are_hard_to_type_are_found_by_those_that_are_easy() {
        let found = |name: &str, text: &str| {
            is_found(&of_account(AccountNumber::parse("1").unwrap(), name, &[], None), &typed(text))
        };
        for (name, text) in [
            ("ĐẶNG AUTO", "dang"),
            ("ŁUKASZ", "lukasz"),
            ("SØRENSEN", "sorensen"),
            ("GROSS", "groß"),
            ("ÆGIR", "aegir"),
            ("Auto\u{AD}haus", "autohaus"),
            ("O HARA", "o'hara"),
            ("OHARA", "o'hara"),
            ("CO OP AUTO", "co-op"),
            ("COOP AUTO", "co-op"),
            ("CO\u{2011}OP", "coop"),
            ("ＡＢＣ MOTORS", "abc"),
        ] {
            assert!(found(name, text), "{name} by {text}: {:?}", typed(text));
        }
        assert!(!found("O HARA", "harao"));
    }

    #[test]
    fn a_zip_code_is_the_end_of_the_last_line() {
        let zip_of = |last: &str| zip(&["1 MAIN ST".into(), last.into()]);
        assert_eq!(zip_of("LANSING MI 48901").as_deref(), Some("48901"));
        for last in ["48901-1234", "48901\u{2013}1234", "48901 1234", "489011234", "48901, USA", "48901-1234 US"] {
            assert_eq!(zip_of(&format!("LANSING MI {last}")).as_deref(), Some("48901"), "{last}");
        }
        for other in ["", "LANSING MI", "LANSING MI 4890", "LANSING MI 48901-12"] {
            assert_eq!(zip_of(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn every_beginning_of_a_name_finds_it(name in "[A-Za-zÀ-ÿ' &-]{1,40}", cut in 1usize..40) {
            let terms = of_account(AccountNumber::parse("1").unwrap(), &name, &[], None);
            let begun: String = name.chars().take(cut).collect();
            prop_assert!(is_found(&terms, &typed(&begun)), "{begun:?} {terms:?}");
        }

        #[test]
        fn every_name_finds_itself(name in "[\\p{L}\\p{M}\\p{N}\\p{P}\\p{S} @0-9-]{1,30}") {
            let terms = of_account(AccountNumber::parse("1").unwrap(), &name, &[], None);
            prop_assert!(is_found(&terms, &typed(&name)), "{terms:?} {:?}", typed(&name));
        }

        #[test]
        fn every_beginning_of_signs_and_digits_finds_it(name in "[a-c0-9@' -]{1,20}", cut in 1usize..20) {
            let terms = of_account(AccountNumber::parse("1").unwrap(), &name, &[], None);
            let begun: String = name.chars().take(cut).collect();
            // A ZIP code is looked for by its five digits.
            prop_assume!(!begun.split(' ').any(is_long_zip));
            prop_assert!(is_found(&terms, &typed(&begun)), "{begun:?} {terms:?} {:?}", typed(&begun));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC*") {
            let _ = typed(&text);
            let _ = zip(std::slice::from_ref(&text));
        }
    }
}
