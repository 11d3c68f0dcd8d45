//! The ways by which the agency reaches people.

use crate::db::value::SurrealValue;

/// A way by which somebody is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SurrealValue)]
#[surreal(untagged)]
pub enum Way {
    /// Tried first.
    #[surreal(rename = "e-mail")]
    Email,
    /// When the e-mail failed, and the person has confirmed a mobile number.
    #[surreal(rename = "text")]
    Text,
    /// When nothing else did: to the account's address on record.
    #[surreal(rename = "letter")]
    Letter,
}

impl Way {
    /// Its name on pages.
    pub fn label(self) -> &'static str {
        match self {
            Self::Email => "e-mail",
            Self::Text => "text message",
            Self::Letter => "letter",
        }
    }
}
