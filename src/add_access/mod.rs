//! The Add Account Access wizard (R117–R128): the code, the account and the logon must belong together.

mod act;
pub mod jobs;
mod pages;
pub mod routes;

use serde::{Deserialize, Serialize};

use crate::{
    wizard::{Step, Wizard},
    words::{AccountId, EmailAddress},
};

/// The wizard.
pub struct AddAccess;

/// Its steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddAccessStep {
    /// The code.
    AuthorizationCode,
    /// The account that it was sent for.
    AccountInfo,
    /// Notifications and terms.
    Email,
    /// The PIN that was sent to an address which is not the logon's own (R124).
    ConfirmEmail,
    /// All of it, to submit.
    Summary,
}

/// The answers so far. The code is in it as its keyed hashes only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The hashes of the code, one for each key in use.
    pub code: Option<Vec<String>>,
    /// The type that the account's ID is asked for.
    pub kind: Option<String>,
    /// The account, once code, account and logon were found to belong together.
    pub account: Option<AccountId>,
    /// Notifications and terms.
    pub notification: Option<Notification>,
    /// The proof that the address of the notifications is the person's, where one is asked for.
    pub proof: Option<Proof>,
}

/// A PIN that was sent to an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The address.
    pub email: EmailAddress,
    /// The PIN's record.
    pub challenge: String,
    /// Whether the PIN was typed in.
    pub given: bool,
}

/// Whether and where to tell of messages, and the terms that were agreed to (R123–R125).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// Whether at all.
    pub alerts: bool,
    /// Where to.
    pub email: EmailAddress,
    /// The version of the access terms.
    pub terms_version: String,
}

/// An access with nothing missing.
pub struct Complete {
    /// The hashes of the code.
    pub code: Vec<String>,
    /// To which account.
    pub account: AccountId,
    /// Notifications and terms.
    pub notification: Notification,
    /// The proof of an address that is not the logon's own.
    pub proof: Option<Proof>,
}

impl Step for AddAccessStep {
    fn slug(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization-code",
            Self::AccountInfo => "account-info",
            Self::Email => "email",
            Self::ConfirmEmail => "confirm-email",
            Self::Summary => "summary",
        }
    }

    fn section(self) -> &'static str {
        match self {
            Self::AuthorizationCode | Self::AccountInfo => "Access",
            Self::Email | Self::ConfirmEmail => "Account Info",
            Self::Summary => "Summary",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "Authorization Code",
            Self::AccountInfo => "Account Info",
            Self::Email => "Email",
            Self::ConfirmEmail => "Confirm Email",
            Self::Summary => "Summary",
        }
    }
}

impl Wizard for AddAccess {
    const KEY: &'static str = "add";
    const PATH: &'static str = "/access/add";
    const TITLE: &'static str = "Add Account Access";
    const LEAVE: &'static str = "/access";
    const FIELDS: &'static [&'static str] = &["number", "alerts", "email", "email-again", "terms", "terms-version"];
    type Step = AddAccessStep;
    type Draft = Draft;
    type Complete = Complete;

    fn steps(draft: &Draft) -> Vec<AddAccessStep> {
        let mut steps = vec![AddAccessStep::AuthorizationCode, AddAccessStep::AccountInfo, AddAccessStep::Email];
        steps.extend(draft.proof.as_ref().map(|_| AddAccessStep::ConfirmEmail));
        steps.push(AddAccessStep::Summary);
        steps
    }

    fn is_answered(draft: &Draft, step: AddAccessStep) -> bool {
        match step {
            AddAccessStep::AuthorizationCode => draft.code.is_some(),
            AddAccessStep::AccountInfo => draft.account.is_some(),
            AddAccessStep::Email => draft.notification.is_some(),
            AddAccessStep::ConfirmEmail => draft.proof.as_ref().is_none_or(|proof| proof.given),
            AddAccessStep::Summary => false,
        }
    }

    fn finish(draft: &Draft) -> Option<Complete> {
        if draft.proof.as_ref().is_some_and(|proof| !proof.given) {
            return None;
        }
        Some(Complete {
            code: draft.code.clone()?,
            account: draft.account.clone()?,
            notification: draft.notification.clone()?,
            proof: draft.proof.clone(),
        })
    }

    fn is_secret(field: &str) -> bool {
        matches!(field, "code" | "pin")
    }
}
