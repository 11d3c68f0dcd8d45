//! A statement of an account's ledger, rendered as PDF.

use std::sync::LazyLock;

use typst::foundations::{Array, Dict, IntoValue, Str, Value};
use typst_as_lib::{TypstEngine, TypstTemplateMainFile};

use super::{PostFault, fonts, paper};
use crate::words::Moment;

static ENGINE: LazyLock<TypstEngine<TypstTemplateMainFile>> =
    LazyLock::new(|| fonts::engine(include_str!("../../assets/letters/statement.typ")));

/// What the statement says. Every text is set as it is: nothing in it is taken for markup.
pub struct Statement {
    /// Whose it is.
    pub agency: String,
    /// The heading.
    pub subject: String,
    /// Names and values.
    pub facts: Vec<(String, String)>,
    /// Each line: day, what for, amount, balance after it.
    pub entries: Vec<[String; 4]>,
}

impl Statement {
    /// Renders it: work for a pool.
    ///
    /// # Errors
    /// [`PostFault::Never`] when it can't be rendered.
    pub fn render(self, at: Moment) -> Result<Vec<u8>, PostFault> {
        let identity = format!("{} {at}", self.subject);
        paper::pdf(&ENGINE, self.inputs(), &identity, at)
    }

    fn inputs(self) -> Dict {
        let row = |cells: Vec<String>| Value::Array(cells.into_iter().map(IntoValue::into_value).collect::<Array>());
        let facts: Array = self.facts.into_iter().map(|(name, value)| row(vec![name, value])).collect();
        let lines: Array = self.entries.into_iter().map(|cells| row(Vec::from(cells))).collect();
        let entries: [(&str, Value); 4] = [
            ("agency", self.agency.into_value()),
            ("subject", self.subject.into_value()),
            ("facts", Value::Array(facts)),
            ("entries", Value::Array(lines)),
        ];
        entries.into_iter().map(|(name, value)| (Str::from(name), value)).collect()
    }
}
