//! Who a person says they are, and how they want to recover a password.

use serde::{Deserialize, Serialize};

use crate::{
    db::value::SurrealValue,
    words::{EmailAddress, PhoneNumber},
};

/// What the sign-up's first step asks (R54–R63).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// First name.
    pub first: String,
    /// Middle initial: one letter.
    pub middle: Option<String>,
    /// Last name.
    pub last: String,
    /// Suffix: "Jr.", "III".
    pub suffix: Option<String>,
    /// The logon's own e-mail address; an account's address on record is another matter.
    pub email: EmailAddress,
    /// Work phone.
    pub work_phone: PhoneNumber,
    /// Mobile phone, for text messages.
    pub mobile: Option<PhoneNumber>,
}

impl Profile {
    /// The whole name, as the springboard shows it (R130).
    pub fn name(&self) -> String {
        let parts =
            [Some(self.first.as_str()), self.middle.as_deref(), Some(self.last.as_str()), self.suffix.as_deref()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// A way to recover a password (R76).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, SurrealValue)]
#[surreal(untagged, rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum Recovery {
    /// A PIN by e-mail.
    Email,
    /// A PIN by text message.
    Text,
    /// Security questions; never alone: together with a PIN by e-mail (G11).
    Questions,
}

impl Recovery {
    /// All of them, in the slides' order.
    pub const ALL: [Self; 3] = [Self::Email, Self::Text, Self::Questions];

    /// Those that are offered, in the slides' order.
    pub fn offered(texts: bool) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |way| texts || *way != Self::Text)
    }

    /// Its name in forms and records.
    pub fn word(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Text => "text",
            Self::Questions => "questions",
        }
    }

    /// What its button says.
    pub fn label(self) -> &'static str {
        match self {
            Self::Email => "PIN by e-mail",
            Self::Text => "PIN by text message",
            Self::Questions => "Security questions, with a PIN by e-mail",
        }
    }
}
