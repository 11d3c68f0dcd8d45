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
}

impl Step for AddAccessStep {
    fn slug(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization-code",
            Self::AccountInfo => "account-info",
            Self::Email => "email",
            Self::Summary => "summary",
        }
    }

    fn section(self) -> &'static str {
        match self {
            Self::AuthorizationCode | Self::AccountInfo => "Access",
            Self::Email => "Account Info",
            Self::Summary => "Summary",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "Authorization Code",
            Self::AccountInfo => "Account Info",
            Self::Email => "Email",
            Self::Summary => "Summary",
        }
    }
}

impl Wizard for AddAccess {
    const KEY: &'static str = "add";
    const PATH: &'static str = "/access/add";
    const TITLE: &'static str = "Add Account Access";
    const LEAVE: &'static str = "/access";
    type Step = AddAccessStep;
    type Draft = Draft;
    type Complete = Complete;

    fn steps(_: &Draft) -> Vec<AddAccessStep> {
        vec![AddAccessStep::AuthorizationCode, AddAccessStep::AccountInfo, AddAccessStep::Email, AddAccessStep::Summary]
    }

    fn is_answered(draft: &Draft, step: AddAccessStep) -> bool {
        match step {
            AddAccessStep::AuthorizationCode => draft.code.is_some(),
            AddAccessStep::AccountInfo => draft.account.is_some(),
            AddAccessStep::Email => draft.notification.is_some(),
            AddAccessStep::Summary => false,
        }
    }

    fn finish(draft: &Draft) -> Option<Complete> {
        Some(Complete {
            code: draft.code.clone()?,
            account: draft.account.clone()?,
            notification: draft.notification.clone()?,
        })
    }

    fn is_secret(field: &str) -> bool {
        field == "code"
    }
}
