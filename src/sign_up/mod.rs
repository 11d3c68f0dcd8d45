//! The sign-up wizard, "Create Your Account" (R54–R79).

mod act;
mod pages;
pub mod routes;

pub use act::{hash_answers, ways};
pub use pages::{new_password, recovery};

use serde::{Deserialize, Serialize};

use crate::{
    logon::Profile,
    wizard::{Step, Wizard},
};

/// The wizard.
pub struct SignUp;

/// Its steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignUpStep {
    /// Who the person is.
    Profile,
    /// User ID, password, recovery; it creates the logon.
    Security,
}

/// The answers so far. The password is never among them: it goes straight into the deed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Who the person is.
    pub profile: Option<Profile>,
    /// The version of the terms that were agreed to.
    pub terms_version: Option<String>,
}

/// A profile with the terms agreed to; the rest comes with the last form.
pub struct Complete {
    /// Who the person is.
    pub profile: Profile,
    /// The version of the terms that were agreed to.
    pub terms_version: String,
}

impl Step for SignUpStep {
    fn slug(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Security => "security",
        }
    }

    fn section(self) -> &'static str {
        match self {
            Self::Profile => "Step 1",
            Self::Security => "Step 2",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Profile => "Profile Information",
            Self::Security => "Security Setup",
        }
    }
}

impl Wizard for SignUp {
    const KEY: &'static str = "sign-up";
    const PATH: &'static str = "/sign-up";
    const TITLE: &'static str = "Create Your Account";
    const LEAVE: &'static str = "/sign-in";
    const FIELDS: &'static [&'static str] = &[
        "first",
        "middle",
        "last",
        "suffix",
        "email",
        "email-again",
        "work-phone",
        "mobile",
        "terms",
        "terms-version",
        "user-id",
        "recovery",
        "question-1",
        "question-2",
    ];
    type Step = SignUpStep;
    type Draft = Draft;
    type Complete = Complete;

    fn steps(_: &Draft) -> Vec<SignUpStep> {
        vec![SignUpStep::Profile, SignUpStep::Security]
    }

    fn is_answered(draft: &Draft, step: SignUpStep) -> bool {
        match step {
            SignUpStep::Profile => draft.profile.is_some() && draft.terms_version.is_some(),
            SignUpStep::Security => false,
        }
    }

    fn finish(draft: &Draft) -> Option<Complete> {
        Some(Complete { profile: draft.profile.clone()?, terms_version: draft.terms_version.clone()? })
    }

    fn is_secret(field: &str) -> bool {
        matches!(field, "password" | "password-again" | "answer-1" | "answer-2" | "verification")
    }
}
