//! Security questions: which there are, and how an answer is compared (R76).

use crate::words::text;

/// The questions to choose from.
pub const QUESTIONS: [(&str, &str); 6] = [
    ("school", "What was the name of your first school?"),
    ("street", "What street did you grow up on?"),
    ("pet", "What was the name of your first pet?"),
    ("job", "Where was your first job?"),
    ("car", "What was your first car?"),
    ("city", "In what city were your parents married?"),
];

/// How many are asked.
pub const ASKED: usize = 2;

/// The question with this key.
pub fn question(key: &str) -> Option<&'static str> {
    QUESTIONS.iter().find(|(known, _)| *known == key).map(|(_, question)| *question)
}

/// An answer as it is hashed: case, blanks and punctuation do not matter.
pub fn normalised(answer: &str) -> String {
    plain(&text::password(answer))
}

fn plain(answer: &str) -> String {
    answer.chars().filter(|letter| letter.is_alphanumeric()).collect::<String>().to_lowercase()
}

/// What an answer that is typed now may have been hashed as: as above first, then as it was before letters were composed.
/// One form for whoever types ASCII.
pub fn forms(answer: &str) -> Vec<String> {
    let mut forms: Vec<String> = Vec::new();
    for form in text::password_forms(answer).iter().map(|form| plain(form)) {
        if !forms.contains(&form) {
            forms.push(form);
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::{forms, normalised};

    #[test]
    fn an_answer_of_before_is_known() {
        assert_eq!(forms("Cafe\u{301}"), ["café", "cafe"]);
        assert_eq!(forms("Rex"), ["rex"]);
    }

    #[test]
    fn small_differences_do_not_matter() {
        assert_eq!(normalised(" St. Mary's  School"), normalised("st marys school"));
    }
}
