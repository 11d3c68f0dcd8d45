//! What is done with staff members, from the console and by command alike.

use serde::{Deserialize, Serialize};
use springboard_jobs::{Job, StaffLink};

use super::enrollment::Enrollment;
use crate::{
    audit::{self, Deed},
    db::{DbError, Transaction},
    http::Portal,
    second_factor,
    session::{Kind, Role, end_all_of_staff, sign_in, staff::By},
    staff_member::{
        StaffStatus,
        queries::{self, LAST_ADMINISTRATOR, StaffMember, TAKEN},
    },
    words::{EmailAddress, StaffId, UserId},
};

/// Why something was not done with a staff member.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StaffError {
    /// The user ID belongs to somebody.
    #[error("This user ID is taken.")]
    Taken,
    /// Nobody would be left who can look after the others.
    #[error("At least one administrator must stay active.")]
    LastAdministrator,
    /// A link can only be mailed to an address.
    #[error("There is no e-mail address to send the link to.")]
    NoEmail,
    /// The database does not answer.
    #[error(transparent)]
    Db(DbError),
}

impl From<DbError> for StaffError {
    fn from(fault: DbError) -> Self {
        if fault.is_refusal(TAKEN) {
            Self::Taken
        } else if fault.is_refusal(LAST_ADMINISTRATOR) {
            Self::LastAdministrator
        } else {
            Self::Db(fault)
        }
    }
}

/// Somebody to invite.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Invitee {
    /// The user ID.
    pub user_id: UserId,
    /// The name.
    pub name: String,
    /// Where links go.
    pub email: Option<EmailAddress>,
    /// The role, by its name.
    pub role: String,
}

impl Invitee {
    /// The role.
    pub fn role(&self) -> Role {
        Role::named(&self.role).unwrap_or(Role::Clerk)
    }
}

/// Invites somebody: mails the link, or returns it for the operator. `first` is written before, in the same transaction.
///
/// # Errors
/// [`StaffError::Taken`].
pub async fn invite(
    portal: &Portal,
    invitee: &Invitee,
    is_mailed: bool,
    by: By<'_>,
    first: Transaction,
) -> Result<Option<String>, StaffError> {
    if is_mailed && invitee.email.is_none() {
        return Err(StaffError::NoEmail);
    }
    let (id, now) = (StaffId::draw(), portal.now());
    let (role, email) = (invitee.role(), invitee.email.as_ref());
    let note = format!("{}, {}", invitee.user_id, role.label());
    let (link, shown) = link_for(portal, id.as_str(), is_mailed);
    first
        .then(queries::create(&id, &invitee.user_id, &invitee.name, email, role, now))
        .then(link)
        .then(audit::row(now, by.id, Deed::InvitedStaff, id.as_str(), &note))
        .run(&portal.db)
        .await?;
    Ok(shown)
}

/// Statements that make a link, and its address if it is not mailed.
fn link_for(portal: &Portal, id: &str, is_mailed: bool) -> (Transaction, Option<String>) {
    let drawn = Enrollment::draw(&portal.keys, id, is_mailed, portal.now());
    if is_mailed {
        let job = StaffLink { enrollment: drawn.key.clone() }.task();
        (drawn.written.then(Transaction::enqueue(job)), None)
    } else {
        let address = drawn.address(&portal.public_url);
        (drawn.written, Some(address))
    }
}

/// Gives a staff member another role; `first` is written before, in the same transaction. Their sessions end.
///
/// # Errors
/// [`StaffError::LastAdministrator`].
pub async fn set_role(
    portal: &Portal,
    member: &StaffMember,
    role: Role,
    by: By<'_>,
    first: Transaction,
) -> Result<(), StaffError> {
    let note = format!("{}: from {} to {}", member.user_id, member.role.label(), role.label());
    let change = queries::change(&member.id, Some(role), None, portal.now());
    written(portal, member, first.then(change), Deed::ChangedStaffRole, &note, by).await
}

/// Keeps a staff member from signing in, or lets them again. Their sessions end.
///
/// # Errors
/// [`StaffError::LastAdministrator`].
pub async fn set_enabled(portal: &Portal, member: &StaffMember, enabled: bool, by: By<'_>) -> Result<(), StaffError> {
    if enabled {
        return enable(portal, member, by, Transaction::default()).await;
    }
    let change = queries::change(&member.id, None, Some(StaffStatus::Disabled), portal.now());
    written(portal, member, change, Deed::DisabledStaff, &member.user_id, by).await
}

/// Lets a staff member sign in again; `first` is written before, in the same transaction.
///
/// # Errors
/// When the database does not answer.
pub async fn enable(portal: &Portal, member: &StaffMember, by: By<'_>, first: Transaction) -> Result<(), StaffError> {
    let change = queries::change(&member.id, None, Some(StaffStatus::Active), portal.now());
    written(portal, member, first.then(change), Deed::EnabledStaff, &member.user_id, by).await
}

/// Ends a staff member's sessions.
///
/// # Errors
/// When the database does not answer.
pub async fn end_sessions(portal: &Portal, member: &StaffMember, by: By<'_>) -> Result<(), StaffError> {
    written(portal, member, Transaction::default(), Deed::EndedStaffSessions, &member.user_id, by).await
}

/// Forgets the failures that locked a staff member's sign-in.
///
/// # Errors
/// When the database does not answer.
pub async fn unlock(portal: &Portal, member: &StaffMember, by: By<'_>) -> Result<(), StaffError> {
    let user_id = UserId::parse(&member.user_id)
        .map_err(|_| StaffError::Db(DbError::Broken("a staff member's user ID can't be read".into())))?;
    sign_in::unlock(portal, Kind::Staff, &user_id)
        .then(audit::row(portal.now(), by.id, Deed::UnlockedStaff, &member.id, &member.user_id))
        .run(&portal.db)
        .await?;
    Ok(())
}

/// Takes a staff member's password and second factors away and makes a new link: mailed, or returned for the operator.
///
/// # Errors
/// [`StaffError::NoEmail`] when it is to be mailed and there is no address.
pub async fn reset(
    portal: &Portal,
    member: &StaffMember,
    is_mailed: bool,
    by: By<'_>,
) -> Result<Option<String>, StaffError> {
    if is_mailed && member.email.is_none() {
        return Err(StaffError::NoEmail);
    }
    let (link, shown) = link_for(portal, &member.id, is_mailed);
    let change = queries::set_password(&member.id, String::new(), portal.now())
        .then(second_factor::remove_all(&member.id))
        .then(link);
    written(portal, member, change, Deed::ResetStaff, &member.user_id, by).await?;
    Ok(shown)
}

async fn written(
    portal: &Portal,
    member: &StaffMember,
    change: Transaction,
    deed: Deed,
    note: &str,
    by: By<'_>,
) -> Result<(), StaffError> {
    change
        .then(end_all_of_staff(&member.id, ""))
        .then(audit::row(portal.now(), by.id, deed, &member.id, note))
        .run(&portal.db)
        .await?;
    Ok(())
}
