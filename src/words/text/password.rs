//! Passwords and answers: the same letters, however a keyboard or a password manager encodes them (NIST SP 800-63B-4,
//! 3.1.1.2 asks for a normal form; NFC here, which changes least).

use unicode_normalization::UnicodeNormalization;

/// A secret as it is hashed: composed (NFC). Nothing else is changed, and nothing is cut off.
pub fn password(typed: &str) -> String {
    typed.nfc().collect()
}

/// What a secret that is typed now may have been hashed as: composed first, then, for hashes that were made before all were
/// composed, as it was typed and decomposed. One form for whoever types ASCII.
pub fn password_forms(typed: &str) -> Vec<String> {
    let mut forms: Vec<String> = vec![password(typed)];
    for form in [typed.to_owned(), typed.nfd().collect()] {
        if !forms.contains(&form) {
            forms.push(form);
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_password_on_two_keyboards() {
        assert_eq!(password("Cafe\u{301}-Lantern-77"), "Café-Lantern-77");
        assert_eq!(password_forms("Cafe\u{301}"), ["Café", "Cafe\u{301}"]);
        assert_eq!(password_forms("Wrench-Torque7"), ["Wrench-Torque7"]);
    }

    proptest! {
        #[test]
        fn every_encoding_of_a_password_leads_to_it(typed in "\\PC{1,20}") {
            let decomposed: String = typed.nfd().collect();
            prop_assert_eq!(password(&decomposed), password(&typed));
            prop_assert!(password_forms(&password(&typed)).contains(&decomposed) || decomposed == password(&typed));
        }
    }
}
