//! What takes two staff members: one asks, another one decides. The slice that owns an action does it, in the transaction
//! that notes the approval.

mod queries;
pub mod routes;
pub mod views;

pub use queries::{ALREADY_DECIDED, approve, ask, find, latest, open, open_for, refuse, withdraw, withdraw_open};

use crate::{
    session::{Role, staff::By},
    words::{DraftId, Moment},
};

/// What takes two: a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestrictedAction {
    /// An administrator is invited.
    InviteAdministrator,
    /// A staff member becomes an administrator.
    PromoteAdministrator,
    /// A batch of letters is taken as PDF: it holds codes in plain.
    TakeBatch,
    /// An address on record is corrected: codes go there.
    CorrectAddress,
    /// An entry is posted to a ledger by hand.
    PostLedgerEntry,
    /// An entry of a ledger is reversed.
    ReverseLedgerEntry,
}

impl RestrictedAction {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::InviteAdministrator,
        Self::PromoteAdministrator,
        Self::TakeBatch,
        Self::CorrectAddress,
        Self::PostLedgerEntry,
        Self::ReverseLedgerEntry,
    ];

    /// Its code in records.
    pub fn code(self) -> &'static str {
        match self {
            Self::InviteAdministrator => "invite_administrator",
            Self::PromoteAdministrator => "promote_administrator",
            Self::TakeBatch => "take_batch",
            Self::CorrectAddress => "correct_address",
            Self::PostLedgerEntry => "post_ledger_entry",
            Self::ReverseLedgerEntry => "reverse_ledger_entry",
        }
    }

    /// The action of this code.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.code() == code)
    }

    /// Its name on pages.
    pub fn label(self) -> &'static str {
        match self {
            Self::InviteAdministrator => "Invite an administrator",
            Self::PromoteAdministrator => "Make a staff member an administrator",
            Self::TakeBatch => "Take a batch of letters",
            Self::CorrectAddress => "Correct an address on record",
            Self::PostLedgerEntry => "Post a ledger entry",
            Self::ReverseLedgerEntry => "Reverse a ledger entry",
        }
    }

    /// Where its requests are approved; the slice that owns it answers there.
    pub fn base(self) -> &'static str {
        match self {
            Self::InviteAdministrator | Self::PromoteAdministrator => "/staff/members/requests",
            Self::TakeBatch => "/staff/letters/requests",
            Self::CorrectAddress => "/staff/addresses/requests",
            Self::PostLedgerEntry | Self::ReverseLedgerEntry => "/staff/ledger/requests",
        }
    }

    /// Whether this role decides on it.
    pub fn is_decided_by(self, role: Role) -> bool {
        match self {
            Self::InviteAdministrator | Self::PromoteAdministrator => role == Role::Administrator,
            Self::TakeBatch => matches!(role, Role::Clerk | Role::Supervisor | Role::Administrator),
            Self::CorrectAddress | Self::PostLedgerEntry | Self::ReverseLedgerEntry => {
                matches!(role, Role::Supervisor | Role::Administrator)
            }
        }
    }

    /// Whether this role asks for it.
    pub fn is_asked_by(self, role: Role) -> bool {
        let by_clerks = matches!(self, Self::CorrectAddress | Self::PostLedgerEntry | Self::ReverseLedgerEntry);
        self.is_decided_by(role) || by_clerks && role == Role::Clerk
    }
}

/// A request.
#[derive(Clone, Debug)]
pub struct ActionRequest {
    /// Its id.
    pub id: String,
    /// What is asked for.
    pub action: RestrictedAction,
    /// Of which record: a batch's name, a staff member's id.
    pub subject: String,
    /// What the action needs, as JSON of the slice that owns it.
    pub payload: String,
    /// What is asked for, in words.
    pub summary: String,
    /// Why.
    pub reason: String,
    /// How it stands.
    pub state: String,
    /// Who asked: the id.
    pub asked_by: String,
    /// And the user ID.
    pub asked_by_name: String,
    /// Who decided.
    pub decided_by_name: Option<String>,
    /// When it was asked for.
    pub created: Moment,
    /// When it was decided.
    pub decided: Option<Moment>,
}

impl ActionRequest {
    /// Whether this staff member may decide it: not one's own.
    pub fn may_be_decided_by(&self, by: By<'_>) -> bool {
        self.asked_by != by.id && self.action.is_decided_by(by.role)
    }
}

/// What is asked for.
pub struct NewRequest<'a> {
    /// Its id: a form that is sent twice asks once.
    pub id: DraftId,
    /// Which action.
    pub action: RestrictedAction,
    /// Of which record.
    pub subject: &'a str,
    /// What the action needs.
    pub payload: String,
    /// What is asked for, in words.
    pub summary: String,
    /// Why.
    pub reason: &'a str,
}

#[cfg(test)]
mod tests {
    use super::RestrictedAction;

    #[test]
    fn every_action_is_found_by_its_code() {
        for action in RestrictedAction::ALL {
            assert_eq!(RestrictedAction::of_code(action.code()), Some(action));
        }
    }
}
