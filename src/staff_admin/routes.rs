//! The pages of staff members, for administrators, and each staff member's own settings.

use actix_web::{HttpRequest, HttpResponse, web};

use super::{
    operations::{self, Invitee, StaffError},
    views::{self, Sheet},
};
use crate::{
    approval::{self, ActionRequest, NewRequest, RestrictedAction, routes as requests},
    audit::{self, Deed},
    db::{Transaction, rate_limit::Limit},
    form::{Faults, Fields, line, required},
    http::{Done, Fault, Portal, Posted, page, see_other, unprocessable},
    logon::{Hasher, password},
    page::{Frame, fields::Filled},
    second_factor,
    session::{
        self, Desk, Kind, Role, Staff, StepUp,
        staff::{Administrator, Employee},
    },
    staff_member::{
        StaffStatus,
        queries::{self, StaffMember},
    },
    words::{DraftId, EmailAddress, UserId},
};

const LIST: &str = "/staff/members";
/// Wrong present passwords of one staff member.
const TRIES: Limit = Limit { what: "staff present password", most: 10, within: chrono::Duration::minutes(30) };
const TO_MAKE: [RestrictedAction; 2] = [RestrictedAction::InviteAdministrator, RestrictedAction::PromoteAdministrator];

fn fault(error: StaffError) -> Fault {
    match error {
        StaffError::Db(fault) => fault.into(),
        other => Fault::Broken(other.to_string()),
    }
}

/// All staff members.
///
/// # Errors
/// When the database does not answer.
pub async fn list(_: Staff<Administrator>, portal: Portal, frame: Frame) -> Result<HttpResponse, Fault> {
    Ok(page(&frame, &views::list(&queries::all(&portal.db).await?)))
}

/// The form of an invitation.
pub async fn compose(_: Staff<Administrator>, frame: Frame) -> HttpResponse {
    let (fields, faults) = <(Fields, Faults)>::default();
    page(&frame, &views::compose(&frame, Filled { fields: &fields, faults: &faults }))
}

fn parse(posted: &Fields) -> Result<Invitee, Faults> {
    let mut faults = Faults::default();
    let user_id = faults.take("user-id", UserId::parse_new(posted.text("user-id")));
    let called = faults.take("name", line(posted.text("name"), "a name", 80));
    let email = faults.take("email", EmailAddress::parse(posted.text("email")));
    let role = faults.take("role", Role::named(posted.text("role")).ok_or("Select a role."));
    let whole =
        (|| Some(Invitee { user_id: user_id?, name: called?, email: Some(email?), role: role?.label().into() }))();
    faults.or(whole)
}

/// Invites somebody; an administrator after a second one approved.
///
/// # Errors
/// When the database does not answer.
pub async fn invite(
    staff: Staff<Administrator>,
    _: StepUp,
    portal: Portal,
    frame: Frame,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let again =
        |faults: &Faults| Ok(unprocessable(&frame, &views::compose(&frame, Filled { fields: &posted, faults })));
    let invitee = match parse(&posted) {
        Ok(invitee) => invitee,
        Err(faults) => return again(&faults),
    };
    if queries::find_by_user_id(&portal.db, &invitee.user_id).await?.is_some() {
        return again(&Faults::one("user-id", StaffError::Taken.to_string()));
    }
    if invitee.role() == Role::Administrator {
        let payload = serde_json::to_string(&invitee).map_err(|fault| Fault::Broken(fault.to_string()))?;
        // Whoever approves has to see where the link goes; the audit keeps no address.
        let reason = format!("The link goes to {}.", posted.text("email").trim());
        let request = NewRequest {
            id: DraftId::draw(),
            action: RestrictedAction::InviteAdministrator,
            subject: invitee.user_id.as_str(),
            payload,
            summary: format!("{}, {}", invitee.user_id, invitee.name),
            reason: &reason,
        };
        approval::ask(request, staff.by(), portal.now()).run(&portal.db).await?;
        return Ok(Done::RequestSent.then(LIST));
    }
    match operations::invite(&portal, &invitee, true, staff.by(), Transaction::default()).await {
        Ok(_) => Ok(Done::StaffInvited.then(LIST)),
        Err(StaffError::Taken) => again(&Faults::one("user-id", StaffError::Taken.to_string())),
        Err(error) => Err(fault(error)),
    }
}

async fn member(portal: &Portal, id: &str) -> Result<StaffMember, Fault> {
    queries::find(&portal.db, id).await?.ok_or(Fault::NotFound)
}

/// One staff member.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there.
pub async fn open(
    staff: Staff<Administrator>,
    portal: Portal,
    frame: Frame,
    id: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let member = member(&portal, &id).await?;
    let (fields, faults) = <(Fields, Faults)>::default();
    let sheet = sheet(&portal, &member, staff.id()).await?;
    Ok(page(&frame, &views::sheet(&frame, &sheet, Filled { fields: &fields, faults: &faults })))
}

async fn sheet<'a>(portal: &Portal, member: &'a StaffMember, me: &str) -> Result<Sheet<'a>, Fault> {
    let sessions = session::list_of_staff(&portal.db, &member.id, portal.now()).await?.len();
    let locked = match UserId::parse(&member.user_id) {
        Ok(user_id) => session::sign_in::locked_until(portal, Kind::Staff, &user_id).await?.is_some(),
        Err(_) => false,
    };
    Ok(Sheet { member, sessions, locked, is_me: member.id == me })
}

/// Gives a staff member another role; that of an administrator after a second one approved.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there; [`Fault::Role`] for oneself.
pub async fn set_role(
    staff: Staff<Administrator>,
    _: StepUp,
    portal: Portal,
    frame: Frame,
    desk: web::Data<Desk>,
    id: web::Path<String>,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let member = others(&portal, &id, staff.id()).await?;
    let own = views::path(&member.id);
    let refused = async |sentence: String| {
        let faults = Faults::one("role", sentence);
        let sheet = sheet(&portal, &member, staff.id()).await?;
        Ok(unprocessable(&frame, &views::sheet(&frame, &sheet, Filled { fields: &posted, faults: &faults })))
    };
    let Some(role) = Role::named(posted.text("role")) else { return refused("Select a role.".into()).await };
    if role == member.role {
        return Ok(see_other(&own));
    }
    if role == Role::Administrator {
        return ask_to_promote(&portal, &member, &staff).await;
    }
    match operations::set_role(&portal, &member, role, staff.by(), Transaction::default()).await {
        Ok(()) => {
            desk.ended_all(&member.id);
            Ok(Done::StaffChanged.then(&own))
        }
        Err(error @ StaffError::LastAdministrator) => refused(error.to_string()).await,
        Err(error) => Err(fault(error)),
    }
}

/// Asks a second administrator to make somebody one, or to let a disabled one sign in again.
async fn ask_to_promote(
    portal: &Portal,
    member: &StaffMember,
    staff: &Staff<Administrator>,
) -> Result<HttpResponse, Fault> {
    let reason = format!("Links go to {}.", member.email.as_deref().unwrap_or("no e-mail address"));
    let request = NewRequest {
        id: DraftId::draw(),
        action: RestrictedAction::PromoteAdministrator,
        subject: &member.id,
        payload: standing(member),
        summary: format!("{}, {} ({} now)", member.user_id, member.name, standing(member)),
        reason: &reason,
    };
    approval::ask(request, staff.by(), portal.now()).run(&portal.db).await?;
    Ok(Done::RequestSent.then(&views::path(&member.id)))
}

/// How somebody stands, for whoever decides what becomes of them.
fn standing(member: &StaffMember) -> String {
    format!("{}, {}", member.role.label(), member.status.label())
}

/// Another staff member: nobody does these things with themselves.
async fn others(portal: &Portal, id: &str, me: &str) -> Result<StaffMember, Fault> {
    let member = member(portal, id).await?;
    if member.id == me { Err(Fault::Role) } else { Ok(member) }
}

/// Disables, enables, signs off, unlocks or resets another staff member.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there; [`Fault::Role`] for oneself.
pub async fn act(
    staff: Staff<Administrator>,
    _: StepUp,
    portal: Portal,
    desk: web::Data<Desk>,
    frame: Frame,
    path: web::Path<(String, String)>,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let member = others(&portal, &path.0, staff.id()).await?;
    let by = staff.by();
    let (written, done) = match path.1.as_str() {
        "disable" => (operations::set_enabled(&portal, &member, false, by).await, Done::StaffChanged),
        "enable" if member.status == StaffStatus::Disabled && member.role == Role::Administrator => {
            return ask_to_promote(&portal, &member, &staff).await;
        }
        "enable" if member.status == StaffStatus::Disabled => {
            (operations::set_enabled(&portal, &member, true, by).await, Done::StaffChanged)
        }
        "end-sessions" => (operations::end_sessions(&portal, &member, by).await, Done::StaffSessionsEnded),
        "unlock" => (operations::unlock(&portal, &member, by).await, Done::StaffUnlocked),
        "reset" => (operations::reset(&portal, &member, true, by).await.map(drop), Done::StaffReset),
        _ => return Err(Fault::NotFound),
    };
    match written {
        Ok(()) => {
            if path.1 != "unlock" {
                desk.ended_all(&member.id);
            }
            Ok(done.then(&views::path(&member.id)))
        }
        Err(error @ (StaffError::LastAdministrator | StaffError::NoEmail)) => {
            let faults = Faults::one("act", error.to_string());
            let sheet = sheet(&portal, &member, staff.id()).await?;
            Ok(unprocessable(&frame, &views::sheet(&frame, &sheet, Filled { fields: &posted, faults: &faults })))
        }
        Err(error) => Err(fault(error)),
    }
}

/// Approves that somebody is made an administrator: it is done at once.
///
/// # Errors
/// [`Fault::NotFound`] for one's own request.
pub async fn approve(
    staff: Staff<Administrator>,
    _: StepUp,
    portal: Portal,
    desk: web::Data<Desk>,
    id: web::Path<String>,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    let request = requests::of_another(&portal, &id, &TO_MAKE, staff.by()).await?;
    let approved = approval::approve(&request, staff.by(), portal.now());
    let written = match request.action {
        RestrictedAction::InviteAdministrator => {
            let invitee: Invitee =
                serde_json::from_str(&request.payload).map_err(|fault| Fault::Broken(fault.to_string()))?;
            operations::invite(&portal, &invitee, true, staff.by(), approved).await.map(drop)
        }
        _ => promote(&portal, &request, &staff, &desk, approved).await?,
    };
    match written {
        Ok(()) => Ok(Done::RequestApproved.then(requests::LIST)),
        Err(StaffError::Db(fault)) => requests::decided(Done::RequestApproved, Err(fault)),
        Err(error) => Err(fault(error)),
    }
}

async fn promote(
    portal: &Portal,
    request: &ActionRequest,
    staff: &Staff<Administrator>,
    desk: &Desk,
    approved: Transaction,
) -> Result<Result<(), StaffError>, Fault> {
    let member = member(portal, &request.subject).await?;
    // What was asked for was asked of somebody who stood so.
    if standing(&member) != request.payload {
        return Err(Fault::Stale);
    }
    let written = if member.status == StaffStatus::Disabled && member.role == Role::Administrator {
        operations::enable(portal, &member, staff.by(), approved).await
    } else {
        operations::set_role(portal, &member, Role::Administrator, staff.by(), approved).await
    };
    desk.ended_all(&member.id);
    Ok(written)
}

/// A staff member's own settings: password, second factor, sessions.
///
/// # Errors
/// When the database does not answer.
pub async fn own(staff: Staff<Employee>, portal: Portal, frame: Frame) -> Result<HttpResponse, Fault> {
    let (factors, sessions) = futures_util::try_join!(
        second_factor::find(&portal.db, staff.id()),
        session::list_of_staff(&portal.db, staff.id(), portal.now()),
    )?;
    Ok(page(&frame, &views::own(&frame, staff.user_id(), &factors, &sessions, &staff.session().key)))
}

/// The form of another password.
pub async fn own_password(staff: Staff<Employee>, frame: Frame) -> HttpResponse {
    let (fields, faults) = <(Fields, Faults)>::default();
    page(&frame, &views::own_password(&frame, staff.user_id(), Filled { fields: &fields, faults: &faults }))
}

/// Changes one's own password: all other sessions end.
///
/// # Errors
/// [`Fault::TooMany`] after too many wrong present passwords.
pub async fn change_own_password(
    staff: Staff<Employee>,
    portal: Portal,
    frame: Frame,
    hasher: Hasher,
    desk: web::Data<Desk>,
    request: HttpRequest,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let again = |faults: &Faults| {
        let form = Filled { fields: &posted, faults };
        Ok(unprocessable(&frame, &views::own_password(&frame, staff.user_id(), form)))
    };
    let now = portal.now();
    let present = required(posted.text("present"), "your present password", 256);
    let new = password::read(&portal, &request, &posted, staff.user_id()).await?;
    let present = present.map_err(|sentence| Faults::one("present", sentence));
    let (present, new) = match Faults::both(present, new) {
        Ok(both) => both,
        Err(faults) => return again(&faults),
    };
    if !TRIES.allows(&portal.db, staff.id(), now).await? {
        return Err(Fault::TooMany);
    }
    let hash = queries::password_of(&portal.db, staff.id()).await?;
    if !hasher.check(present.clone(), hash.clone()).await? {
        audit::row(now, staff.id(), Deed::GaveWrongPassword, staff.id(), "").run(&portal.db).await?;
        return again(&Faults::one("present", "This is not your present password."));
    }
    if new == present {
        return again(&Faults::one("password", "Choose a password that you have not just used."));
    }
    let changed = queries::still(staff.id(), &hash.unwrap_or_default())
        .then(queries::set_password(staff.id(), hasher.hash(new).await?, now))
        .then(session::end_all_of_staff(staff.id(), &staff.session().key))
        .then(audit::row(now, staff.id(), Deed::ChangedPassword, staff.id(), ""))
        .run(&portal.db)
        .await;
    // Reset or disabled meanwhile.
    if changed.as_ref().is_err_and(|fault| fault.is_refusal(queries::CHANGED)) {
        return Err(Fault::Stale);
    }
    changed?;
    desk.ended_others(staff.id(), &staff.session().key);
    Ok(Done::PasswordSaved.then("/staff/settings"))
}

/// Ends one's own other sessions.
///
/// # Errors
/// When the database does not answer.
pub async fn end_own_sessions(
    staff: Staff<Employee>,
    portal: Portal,
    desk: web::Data<Desk>,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    session::fresh(staff.session(), portal.now(), "/staff/settings")?;
    let (id, own, key) = (staff.id(), &staff.session().key, posted.text("session"));
    let ended = if key.is_empty() { session::end_all_of_staff(id, own) } else { session::end_one(id, key) };
    ended.then(audit::row(portal.now(), id, Deed::SignedOffOtherSessions, id, "")).run(&portal.db).await?;
    if key.is_empty() {
        desk.ended_others(id, own);
    } else {
        desk.ended_one(id, key);
    }
    Ok(see_other("/staff/settings"))
}
