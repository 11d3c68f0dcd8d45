//! Floor 1: posted text becomes values or faults. A page that shows a form again shows what was
//! typed, and each fault beside its field.

use crate::words::text;

/// What a form posted, in order. Names may repeat, as check boxes do.
#[derive(Clone, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Takes the pairs as they were posted.
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// The first value under `name`, empty if there is none.
    pub fn text(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or("")
    }

    /// Every value under `name`.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether a check box, a choice or a button of this name was sent.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// All pairs, in order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The fields that were filled in, as the query of an address, with this one in the place of its namesakes.
    pub fn query(&self, name: &str, value: &str) -> String {
        let kept = self.pairs().filter(|(key, typed)| *key != name && !typed.trim().is_empty());
        let all = kept.chain((!value.is_empty()).then_some((name, value)));
        form_urlencoded::Serializer::new(String::new()).extend_pairs(all).finish()
    }

    /// The address of a page with the fields that were filled in.
    pub fn address(&self, path: &str) -> String {
        let query = self.query("", "");
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }

    /// The same fields with one more, as a form that is filled from a record has.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.push((name.to_owned(), value.into()));
        self
    }
}

/// What is wrong with a form: sentences beside their fields, in the order they were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(Vec<(String, String)>);

impl Faults {
    /// One fault, beside one field.
    pub fn one(field: &str, sentence: impl Into<String>) -> Self {
        let mut faults = Self::default();
        faults.add(field, sentence);
        faults
    }

    /// Adds a fault beside `field`.
    pub fn add(&mut self, field: &str, sentence: impl Into<String>) {
        self.0.push((field.to_owned(), sentence.into()));
    }

    /// The value of a parse, or its fault beside `field`.
    pub fn take<T, F: Into<String>>(&mut self, field: &str, parsed: Result<T, F>) -> Option<T> {
        parsed.map_err(|fault| self.add(field, fault)).ok()
    }

    /// The fault beside `field`.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == field).map(|(_, sentence)| sentence.as_str())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, for the summary over the form.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(field, sentence)| (field.as_str(), sentence.as_str()))
    }

    /// What the rest came to, with these faults as well: nothing is said only after the next try.
    ///
    /// # Errors
    /// All faults, if there are any.
    pub fn and<T>(mut self, rest: Result<T, Self>) -> Result<T, Self> {
        match rest {
            Ok(value) if self.0.is_empty() => Ok(value),
            Ok(_) => Err(self),
            Err(others) => {
                self.0.extend(others.0);
                Err(self)
            }
        }
    }

    /// Both values, or the faults of both.
    ///
    /// # Errors
    /// The faults of either, together.
    pub fn both<A, B>(one: Result<A, Self>, other: Result<B, Self>) -> Result<(A, B), Self> {
        match (one, other) {
            (Ok(one), Ok(other)) => Ok((one, other)),
            (Err(mut faults), other) => {
                faults.0.extend(other.err().unwrap_or_default().0);
                Err(faults)
            }
            (_, Err(faults)) => Err(faults),
        }
    }

    /// `value` if nothing is wrong, else the faults.
    ///
    /// # Errors
    /// These faults, when there are any.
    pub fn or<T>(self, value: Option<T>) -> Result<T, Self> {
        match value {
            Some(value) if self.is_empty() => Ok(value),
            _ => Err(self),
        }
    }
}

/// Whether terms were agreed to, in the version that the form showed.
///
/// # Errors
/// A sentence for the person: `asking`, or that the terms changed meanwhile.
pub fn agreed(posted: &Fields, name: &str, version: &str, asking: &'static str) -> Result<(), &'static str> {
    if !posted.has(name) {
        Err(asking)
    } else if posted.text(&format!("{name}-version")) == version {
        Ok(())
    } else {
        Err("The terms changed while you read them. Please read them once more and agree.")
    }
}

/// A required text of any number of lines, with a longest length; blanks and empty lines around it do not count.
///
/// # Errors
/// A sentence for the person.
pub fn required(typed: &str, what: &str, longest: usize) -> Result<String, String> {
    let text = text::free_text(typed);
    let text = text.trim();
    if !text::is_shown(text) {
        return Err(if text.is_empty() { format!("Enter {what}.") } else { UNSEEN.into() });
    }
    within(text, longest)
}

/// A required text on one line: a person's name, a line of an address, a subject ([`text::name`]).
///
/// # Errors
/// A sentence for the person.
pub fn line(typed: &str, what: &str, longest: usize) -> Result<String, String> {
    let text = text::name(typed);
    if !text::is_shown(&text) {
        return Err(if text.is_empty() { format!("Enter {what}.") } else { UNSEEN.into() });
    }
    within(&text, longest)
}

/// What is said of letters that look different everywhere, or like nothing.
const UNSEEN: &str = "Use visible letters and symbols.";

fn within(text: &str, longest: usize) -> Result<String, String> {
    match text.chars().count() {
        count if count > longest => Err(format!("Use at most {longest} characters. You have used {count}.")),
        _ => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_keep_their_order_and_field() {
        let mut faults = Faults::default();
        let name = faults.take("first", required(" ", "your first name", 50));
        let last = faults.take("last", required("Lee", "your last name", 50));
        assert_eq!((name, last.as_deref()), (None, Some("Lee")));
        assert_eq!(faults.of("first"), Some("Enter your first name."));
        assert_eq!(faults.clone().or(last), Err(faults));
    }

    #[test]
    fn a_query_says_what_was_filled_in_once() {
        let fields = Fields::default().with("who", "a&b").with("did", "").with("after", "1");
        assert_eq!(fields.query("after", "2"), "who=a%26b&after=2");
        assert_eq!(fields.query("after", ""), "who=a%26b");
        assert_eq!(fields.address("/staff"), "/staff?who=a%26b&after=1");
        assert_eq!(Fields::default().with("q", " ").address("/staff"), "/staff");
    }

    #[test]
    fn a_name_is_one_line_that_everybody_sees() {
        assert_eq!(line(" Jose\u{301} ", "x", 60).as_deref(), Ok("José"));
        assert_eq!(line("Michigan\nDepartment", "x", 60).as_deref(), Ok("Michigan Department"));
        assert_eq!(line("\u{200B}", "your name", 60).unwrap_err(), "Enter your name.");
        for wrong in ["\u{2800}", "\u{E000}", "\u{301}"] {
            assert!(line(wrong, "your name", 60).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_text_keeps_its_lines() {
        assert_eq!(required("\r\n Avery\r\n1 Main St \n\n", "x", 60).as_deref(), Ok("Avery\n1 Main St"));
        assert!(required("\u{200B}\n", "a text", 60).is_err());
    }

    #[test]
    fn lengths_count_letters_not_bytes() {
        assert!(required(&"é".repeat(50), "x", 50).is_ok());
        assert!(required(&"é".repeat(51), "x", 50).is_err());
    }
}
