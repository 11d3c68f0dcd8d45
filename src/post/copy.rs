//! A copy of an e-mail or a text message as PDF, for those who want it on paper.

use std::sync::LazyLock;

use typst::foundations::{Array, Dict, IntoValue, Str, Value};
use typst_as_lib::{TypstEngine, TypstTemplateMainFile};

use super::{PostFault, fonts, paper};
use crate::words::Moment;

static ENGINE: LazyLock<TypstEngine<TypstTemplateMainFile>> =
    LazyLock::new(|| fonts::engine(include_str!("../../assets/letters/copy.typ")));

/// What the copy says. Every text is set as it is: nothing in it is taken for markup.
pub struct Copy {
    /// Who sent it.
    pub agency: String,
    /// The subject.
    pub subject: String,
    /// Names and values.
    pub facts: Vec<(String, String)>,
    /// The text.
    pub body: String,
}

impl Copy {
    /// Renders it: work for a pool.
    ///
    /// # Errors
    /// [`PostFault::Never`] when it can't be rendered.
    pub fn render(self, name: &str, at: Moment) -> Result<Vec<u8>, PostFault> {
        paper::pdf(&ENGINE, self.inputs(), name, at)
    }

    fn inputs(self) -> Dict {
        let pair = |(name, value): (String, String)| {
            Value::Array([name.into_value(), value.into_value()].into_iter().collect::<Array>())
        };
        let facts: Array = self.facts.into_iter().map(pair).collect();
        let entries: [(&str, Value); 4] = [
            ("agency", self.agency.into_value()),
            ("subject", self.subject.into_value()),
            ("facts", Value::Array(facts)),
            ("body", self.body.into_value()),
        ];
        entries.into_iter().map(|(name, value)| (Str::from(name), value)).collect()
    }
}
