//! Help for people: staff look a logon up, unlock it, end its sessions, suspend it, give or take access; what is risky
//! waits for a second employee, and nobody on the staff ever sets a password (R145, R146).

mod acts;
mod approval_pages;
pub mod approvals;
pub mod assisted;
mod assisted_pages;
pub mod freeze;
mod freeze_pages;
pub mod jobs;
mod pages;
pub mod queries;
pub mod recovery_letter;
pub mod routes;

use crate::{
    db::value::SurrealValue,
    words::{AccountId, AccountNumber, Moment},
};

/// What needs a second employee.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SurrealValue)]
#[surreal(untagged)]
pub enum Risky {
    /// Access without a code: nobody proved control of the address on record.
    #[surreal(rename = "grant access")]
    GrantAccess,
    /// A letter with which the person sets another password.
    #[surreal(rename = "recover by letter")]
    RecoverByLetter,
    /// A suspended logon may sign in again.
    #[surreal(rename = "reinstate")]
    Reinstate,
}

impl Risky {
    /// Its name on pages.
    pub fn label(self) -> &'static str {
        match self {
            Self::GrantAccess => "give access",
            Self::RecoverByLetter => "recover by letter",
            Self::Reinstate => "reinstate",
        }
    }
}

/// How a request for approval stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SurrealValue)]
#[surreal(untagged, rename_all = "lowercase")]
pub enum State {
    /// Nobody decided yet.
    Open,
    /// It was done.
    Approved,
    /// It was not.
    Refused,
    /// Whoever asked took it back, or the portal did: the logon was suspended or lost an access.
    Withdrawn,
    /// It was not possible any more.
    Overtaken,
}

impl State {
    /// Its name on pages.
    pub fn label(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Overtaken => "not possible any more, looked at",
        }
    }
}

/// What one employee asks for and another one decides.
#[derive(Clone, Debug, SurrealValue)]
pub struct Approval {
    /// Its id.
    pub id: String,
    /// What is asked for.
    pub act: Risky,
    /// For which logon.
    pub logon: String,
    /// Its user ID.
    pub user_id: Option<String>,
    kind: Option<String>,
    number: Option<String>,
    /// Why.
    pub reason: String,
    /// How it stands.
    pub state: State,
    /// Who asked: the employee's id.
    pub by: String,
    /// And name.
    pub by_name: String,
    /// Who decided: the name.
    pub decided_by: Option<String>,
    /// When it was asked for.
    pub created: Moment,
    /// When it was decided.
    pub decided: Option<Moment>,
}

impl Approval {
    /// For which account, if it is for one.
    pub fn account(&self) -> Option<AccountId> {
        let (kind, number) = (self.kind.clone()?, AccountNumber::parse(self.number.as_deref()?).ok()?);
        Some(AccountId::new(kind, number))
    }
}
