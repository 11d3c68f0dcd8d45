//! Staff members, looked after by administrators: invited, given a role, disabled, unlocked, signed off, reset. Whoever is
//! made an administrator takes a second administrator; the first two are made by the operator's command.

pub mod command;
mod enrollment;
mod enrollment_routes;
pub mod jobs;
mod operations;
mod queries;
pub mod routes;
mod views;

pub use enrollment::expired;
pub use enrollment_routes::{enroll, show_enrollment};
pub use operations::StaffError;
pub use queries::{StaffMember, demo_members, find_by_user_id};

use crate::{db::value::SurrealValue, session::Role};

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

/// The role of this name, as forms and commands write it.
pub fn role_named(word: &str) -> Option<Role> {
    Role::ALL.into_iter().find(|role| role.label() == word)
}
