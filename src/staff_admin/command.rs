//! The operator's commands: what `springboard staff` asks for, whether the process that answers serves or not.

use serde::{Deserialize, Serialize};

use super::{
    StaffError,
    operations::{self, Invitee},
};
use crate::{
    db::Transaction,
    http::Portal,
    session::{Role, staff::By},
    staff_member::{
        StaffStatus,
        queries::{self, StaffMember},
    },
    words::{EmailAddress, UserId},
};

/// Administrators that may be made by command: from then on one makes another, with a second one's approval.
const BY_COMMAND: usize = 2;

/// What the operator asks for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StaffCommand {
    /// Invite somebody, and print the link.
    Add(NewStaff),
    /// List all staff members.
    List,
    /// Keep somebody from signing in.
    Disable(String),
    /// Let somebody sign in again.
    Enable(String),
    /// Give somebody another role.
    SetRole(String, String),
    /// Take somebody's password and second factors away, and print a new link.
    Reset(String),
}

/// Somebody to invite, as the operator types it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewStaff {
    /// The user ID.
    pub user_id: String,
    /// The name.
    pub name: String,
    /// The role.
    pub role: String,
    /// The e-mail address, for later links.
    pub email: Option<String>,
}

/// The operator, as the one who acts.
const OPERATOR: By<'static> = By { id: "operator", name: "operator", role: Role::Administrator };

fn shown(link: Option<String>) -> String {
    let link = link.unwrap_or_default();
    format!("Open this link within 72 hours to set a password. It works once:\n\n    {link}\n")
}

/// Does what the operator asks for; returns what is printed.
///
/// # Errors
/// A sentence for the operator.
pub async fn run(portal: &Portal, command: StaffCommand) -> Result<String, String> {
    let sentence = |error: StaffError| error.to_string();
    match command {
        StaffCommand::Add(new) => add(portal, new).await,
        StaffCommand::List => {
            let all = queries::all(&portal.db).await.map_err(|fault| fault.to_string())?;
            Ok(all.iter().map(line).collect())
        }
        StaffCommand::Disable(user_id) => {
            let member = named(portal, &user_id).await?;
            operations::set_enabled(portal, &member, false, OPERATOR).await.map_err(sentence)?;
            Ok(format!("{user_id} is disabled.\n"))
        }
        StaffCommand::Enable(user_id) => {
            let member = named(portal, &user_id).await?;
            if member.status != StaffStatus::Disabled {
                return Err(format!("{user_id} is not disabled."));
            }
            may_be_made(portal, member.role).await?;
            operations::set_enabled(portal, &member, true, OPERATOR).await.map_err(sentence)?;
            Ok(format!("{user_id} is enabled.\n"))
        }
        StaffCommand::SetRole(user_id, role) => {
            let (member, role) = (named(portal, &user_id).await?, role_of(&role)?);
            may_be_made(portal, role).await?;
            operations::set_role(portal, &member, role, OPERATOR, Transaction::default()).await.map_err(sentence)?;
            Ok(format!("{user_id} is a {} now.\n", role.label()))
        }
        StaffCommand::Reset(user_id) => {
            let member = named(portal, &user_id).await?;
            let link = operations::reset(portal, &member, false, OPERATOR).await.map_err(sentence)?;
            Ok(shown(link))
        }
    }
}

impl NewStaff {
    /// What was typed, checked.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn invitee(&self) -> Result<Invitee, String> {
        let user_id = UserId::parse_new(&self.user_id).map_err(|fault| format!("user ID: {fault}"))?;
        let name = crate::form::line(&self.name, "a name", 80).map_err(|fault| format!("name: {fault}"))?;
        let role = role_of(&self.role)?.label().to_owned();
        let email = self.email.as_deref().map(EmailAddress::parse).transpose();
        Ok(Invitee { user_id, name, email: email.map_err(|fault| format!("e-mail: {fault}"))?, role })
    }
}

async fn add(portal: &Portal, new: NewStaff) -> Result<String, String> {
    let invitee = new.invitee()?;
    may_be_made(portal, invitee.role()).await?;
    // The link is printed, and not mailed: whoever asked for it is at the machine.
    let link = operations::invite(portal, &invitee, false, OPERATOR, Transaction::default()).await;
    link.map(shown).map_err(|error| error.to_string())
}

async fn may_be_made(portal: &Portal, role: Role) -> Result<(), String> {
    let made = queries::administrators(&portal.db).await.map_err(|fault| fault.to_string())?;
    if role == Role::Administrator && made >= BY_COMMAND {
        return Err(
            "There are two administrators already: one of them invites another in the console, and the second \
            one approves."
                .into(),
        );
    }
    Ok(())
}

async fn named(portal: &Portal, user_id: &str) -> Result<StaffMember, String> {
    let parsed = UserId::parse(user_id).map_err(|fault| format!("user ID: {fault}"))?;
    let found = queries::find_by_user_id(&portal.db, &parsed).await.map_err(|fault| fault.to_string())?;
    found.ok_or_else(|| format!("There is no staff member {user_id}."))
}

fn role_of(word: &str) -> Result<Role, String> {
    Role::named(word).ok_or_else(|| "The role is clerk, supervisor, administrator or auditor.".to_owned())
}

fn line(member: &StaffMember) -> String {
    let factor = if member.has_factor { "two-step sign-in" } else { "no second factor" };
    format!(
        "{:<24} {:<14} {:<9} {:<17} {}\n",
        member.user_id,
        member.role.label(),
        member.status.label(),
        factor,
        member.name
    )
}
