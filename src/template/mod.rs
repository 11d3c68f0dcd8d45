//! Templates: messages that staff write again and again, with fields that are asked for when one is used.

pub mod pages;
pub mod places;
pub mod queries;
pub mod routes;

use crate::{db::value::SurrealValue, form::Fields, words::Moment};

/// Fields that a template may have.
const MOST: usize = 12;

/// A template.
#[derive(Clone, Debug, SurrealValue)]
pub struct Template {
    /// Its id.
    pub id: String,
    /// What staff call it.
    pub name: String,
    /// The subject, with fields such as `[[Deadline]]`.
    pub subject: String,
    /// The text, likewise.
    pub body: String,
    /// Who changed it last.
    pub by_name: String,
    /// When.
    pub changed: Moment,
}

impl Template {
    /// Its fields, each once, in the order of the text.
    pub fn fields(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for text in [&self.subject, &self.body] {
            for (_, field) in places(text) {
                if !found.iter().any(|known| known == field) && found.len() < MOST {
                    found.push(field.to_owned());
                }
            }
        }
        found
    }

    /// Subject and text with what was typed in the places of the fields. What was typed is no field again.
    pub fn filled(&self, typed: &Fields) -> (String, String) {
        let fields = self.fields();
        let fill = |text: &str| {
            let mut out = String::with_capacity(text.len());
            let mut from = 0;
            for (at, field) in places(text) {
                let Some(index) = fields.iter().position(|known| known == field) else { continue };
                out.push_str(&text[from..at]);
                out.push_str(typed.text(&name(index)).trim());
                from = at + field.len() + 4;
            }
            out + &text[from..]
        };
        (fill(&self.subject), fill(&self.body))
    }
}

/// The name under which a field is asked for.
fn name(index: usize) -> String {
    format!("field-{}", index + 1)
}

/// Each field of a text, with where it begins.
fn places(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find("[[").map(|at| from + at) {
        let inner = &text[at + 2..];
        match inner.find("]]") {
            Some(length) if is_label(&inner[..length]) => {
                found.push((at, &inner[..length]));
                from = at + length + 4;
            }
            _ => from = at + 2,
        }
    }
    found
}

fn is_label(text: &str) -> bool {
    let plain = |letter: char| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '\'' | '.');
    !text.trim().is_empty() && text.chars().count() <= 60 && text.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn template(subject: &str, body: &str) -> Template {
        Template {
            id: "x".into(),
            name: "n".into(),
            subject: subject.into(),
            body: body.into(),
            by_name: "b".into(),
            changed: "2026-11-24T15:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn fields_are_asked_for_once_and_filled_everywhere() {
        let template = template("Due [[Deadline]]", "Until [[Deadline]] pay [[Amount]]. [[]] [[a[b]] {name} [[Amount");
        assert_eq!(template.fields(), ["Deadline", "Amount"]);
        let typed = Fields::default().with("field-1", "[[Amount]]").with("field-2", "$5");
        assert_eq!(
            template.filled(&typed),
            ("Due [[Amount]]".into(), "Until [[Amount]] pay $5. [[]] [[a[b]] {name} [[Amount".into())
        );
    }

    proptest! {
        #[test]
        fn a_text_without_fields_stays_as_it_is(text in "[a-z{} \\[\\]]{0,40}") {
            let template = template("s", &text);
            if template.fields().is_empty() {
                prop_assert_eq!(template.filled(&Fields::default()).1, text);
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC*") {
            let template = template(&text, &text);
            let _ = template.filled(&Fields::default());
        }
    }
}
