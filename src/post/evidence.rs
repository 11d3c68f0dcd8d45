//! Evidence of a notice, rendered as PDF.

use std::sync::LazyLock;

use typst::foundations::{Array, Dict, IntoValue, Str, Value};
use typst_as_lib::{TypstEngine, TypstTemplateMainFile};

use super::{PostFault, fonts, paper};
use crate::words::Moment;

static ENGINE: LazyLock<TypstEngine<TypstTemplateMainFile>> =
    LazyLock::new(|| fonts::engine(include_str!("../../assets/letters/evidence.typ")));

/// What the evidence says. Every text is set as it is: nothing in it is taken for markup.
pub struct Evidence {
    /// Whose it is.
    pub agency: String,
    /// The notice's subject.
    pub subject: String,
    /// Names and values.
    pub facts: Vec<(String, String)>,
    /// The notice's text, as it was written.
    pub body: String,
    /// Each person: user ID, what came of the alert, when it was read, when confirmed.
    pub people: Vec<[String; 4]>,
}

impl Evidence {
    /// Renders it: work for a pool.
    ///
    /// # Errors
    /// [`PostFault::Never`] when it can't be rendered.
    pub fn render(self, now: Moment) -> Result<Vec<u8>, PostFault> {
        let identity = format!("{} {now}", self.subject);
        paper::pdf(&ENGINE, self.inputs(), &identity, now)
    }

    fn inputs(self) -> Dict {
        let rows = |rows: Vec<Vec<String>>| {
            let row = |row: Vec<String>| Value::Array(row.into_iter().map(IntoValue::into_value).collect::<Array>());
            Value::Array(rows.into_iter().map(row).collect::<Array>())
        };
        let facts = self.facts.into_iter().map(|(name, value)| vec![name, value]).collect();
        let people = self.people.into_iter().map(Vec::from).collect();
        let entries: [(&str, Value); 5] = [
            ("agency", self.agency.into_value()),
            ("subject", self.subject.into_value()),
            ("facts", rows(facts)),
            ("body", self.body.into_value()),
            ("people", rows(people)),
        ];
        entries.into_iter().map(|(name, value)| (Str::from(name), value)).collect()
    }
}
