//! The recovery wizard: a forgotten password is replaced by a way that was chosen at sign-up (R52);
//! a forgotten user ID is mailed to the logon's own address (R50). Known and unknown user IDs are
//! answered alike.

mod act;
pub mod jobs;
mod offer;
mod pages;
pub mod routes;

use serde::{Deserialize, Serialize};

use crate::{
    challenge::pin::To,
    logon::Recovery,
    wizard::{Step, Wizard},
};

/// The wizard.
pub struct Recover;

/// Its steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoverStep {
    /// Whose password.
    UserId,
    /// By which way.
    Method,
    /// The PIN, and the answers if questions were chosen.
    Proof,
    /// The new password.
    NewPassword,
}

/// The answers so far. Neither a PIN nor an answer is ever among them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The user ID that was typed.
    pub user_id: Option<String>,
    /// The logon, if there is one; nobody is told.
    pub logon: Option<String>,
    /// The way that was chosen.
    pub method: Option<Recovery>,
    /// The PIN's record.
    pub challenge: Option<String>,
    /// Whether the proof was given.
    pub proved: bool,
}

/// A recovery with nothing missing but the new password.
pub struct Complete {
    /// Whose.
    pub logon: String,
    /// The PIN that was proved.
    pub challenge: String,
    /// Where it went.
    pub to: To,
}

impl Step for RecoverStep {
    fn slug(self) -> &'static str {
        match self {
            Self::UserId => "user",
            Self::Method => "method",
            Self::Proof => "proof",
            Self::NewPassword => "new-password",
        }
    }

    fn section(self) -> &'static str {
        match self {
            Self::UserId => "Identify",
            Self::Method | Self::Proof => "Prove",
            Self::NewPassword => "Password",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::UserId => "User ID",
            Self::Method => "Recovery Method",
            Self::Proof => "Proof",
            Self::NewPassword => "New Password",
        }
    }
}

impl Wizard for Recover {
    const KEY: &'static str = "recover";
    const PATH: &'static str = "/recover/password";
    const TITLE: &'static str = "Recover Your Password";
    const LEAVE: &'static str = "/sign-in";
    const FIELDS: &'static [&'static str] = &["user-id", "method"];
    type Step = RecoverStep;
    type Draft = Draft;
    type Complete = Complete;

    fn steps(_: &Draft) -> Vec<RecoverStep> {
        vec![RecoverStep::UserId, RecoverStep::Method, RecoverStep::Proof, RecoverStep::NewPassword]
    }

    fn is_answered(draft: &Draft, step: RecoverStep) -> bool {
        match step {
            RecoverStep::UserId => draft.user_id.is_some(),
            RecoverStep::Method => draft.method.is_some() && draft.challenge.is_some(),
            RecoverStep::Proof => draft.proved,
            RecoverStep::NewPassword => false,
        }
    }

    fn finish(draft: &Draft) -> Option<Complete> {
        let proved = draft.logon.clone().filter(|_| draft.proved);
        let to = if draft.method? == Recovery::Text { To::Mobile } else { To::Profile };
        Some(Complete { logon: proved?, challenge: draft.challenge.clone()?, to })
    }

    fn is_secret(field: &str) -> bool {
        matches!(field, "pin" | "password" | "password-again" | "answer-1" | "answer-2")
    }
}
