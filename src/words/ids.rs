//! Identities that the portal makes itself: ULIDs, each in a type of its own.

use std::fmt;

use serde::{Deserialize, Serialize};
use ulid::Ulid;

macro_rules! identity {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(String);

        impl $name {
            /// A new one; no other process makes the same.
            pub fn draw() -> Self {
                Self(Ulid::generate().to_string())
            }

            /// The one that the database or a job names.
            pub fn known(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// Its text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

identity! {
    /// A person's logon.
    LogonId
}
identity! {
    /// An employee of the agency.
    StaffId
}
identity! {
    /// An authorization code's record.
    CodeId
}
identity! {
    /// A message to many accounts.
    BulkPostId
}
identity! {
    /// A file of the registry that was brought.
    ImportId
}
identity! {
    /// A wizard's draft, and with it the one submission that it may become.
    DraftId
}

impl DraftId {
    /// The draft that a form names; a new one when it names none.
    pub fn of_form(text: &str) -> Self {
        Ulid::from_string(text).map_or_else(|_| Self::draw(), |ulid| Self::known(ulid.to_string()))
    }
}
