//! Staff members: who they are, their role, and how they stand. What is done with them is `staff_admin`'s, and what a role may
//! do `session::staff`'s.

pub mod queries;

use crate::db::value::SurrealValue;

/// What a staff member may do (R146).
#[derive(Clone, Copy, Debug, PartialEq, Eq, SurrealValue)]
#[surreal(untagged, rename_all = "lowercase")]
pub enum Role {
    /// Looks after accounts: posts messages, helps people, prints letters.
    Clerk,
    /// And releases what needs a second staff member, and brings the registry.
    Supervisor,
    /// And sees the audit and the queues.
    Administrator,
    /// Sees everything, the audit as well, and changes nothing.
    Auditor,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Clerk, Self::Supervisor, Self::Administrator, Self::Auditor];

    /// Its name on pages.
    pub fn label(self) -> &'static str {
        match self {
            Self::Clerk => "clerk",
            Self::Supervisor => "supervisor",
            Self::Administrator => "administrator",
            Self::Auditor => "auditor",
        }
    }

    /// The role of this name, as forms and commands write it.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.label() == word)
    }
}

/// How a staff member stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SurrealValue)]
#[surreal(untagged, rename_all = "lowercase")]
pub enum StaffStatus {
    /// Has a link, and no password yet.
    Invited,
    /// May sign in.
    Active,
    /// May not.
    Disabled,
}

impl StaffStatus {
    /// Its name on pages.
    pub fn label(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }
}
