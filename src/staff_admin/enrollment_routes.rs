//! The page behind an enrollment link: a password is set, once, and the staff member is signed in.

use actix_web::{HttpRequest, HttpResponse, http::header, web};

use super::{enrollment, views};
use crate::{
    audit::{self, Deed},
    db::rate_limit::Limit,
    form::{Faults, Fields},
    http::{Fault, Portal, Posted, page, see_other, unprocessable},
    logon::{Hasher, password},
    page::{Frame, fields::Filled},
    session::{self, Desk, Kind, Visitor, device, sign_in},
    staff_member::{
        StaffStatus,
        queries::{self, StaffMember},
    },
    words::UserId,
};

/// Links tried from one address: nobody guesses 256 bits, but each costs a look.
const PER_ADDRESS: Limit = Limit { what: "enrollment address", most: 60, within: chrono::Duration::hours(1) };

async fn of_link(portal: &Portal, request: &HttpRequest, token: &str) -> Result<Option<StaffMember>, Fault> {
    let (address, now) = (portal.keys.hash("address", portal.address(request).as_bytes()), portal.now());
    if !PER_ADDRESS.allows(&portal.db, &address, now).await? {
        return Err(Fault::TooMany);
    }
    let Some(id) = enrollment::owner(&portal.db, token, now).await? else {
        audit::row(now, "", Deed::UsedDeadLink, "", "").run(&portal.db).await?;
        return Ok(None);
    };
    let member = queries::find(&portal.db, &id).await?;
    Ok(member.filter(|member| member.status != StaffStatus::Disabled))
}

/// Asks for a password, if the link is good. Looking uses nothing up.
///
/// # Errors
/// [`Fault::TooMany`].
pub async fn show_enrollment(
    _: Visitor,
    portal: Portal,
    frame: Frame,
    request: HttpRequest,
    token: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let (fields, faults) = <(Fields, Faults)>::default();
    Ok(match of_link(&portal, &request, &token).await? {
        Some(member) => {
            let form = Filled { fields: &fields, faults: &faults };
            page(&frame, &views::enroll(&frame, &member.user_id, &token, form))
        }
        None => unprocessable(&frame, &views::no_enrollment()),
    })
}

/// Sets the password and signs in; the second factor is asked for next, where one is required.
///
/// # Errors
/// [`Fault::TooMany`].
pub async fn enroll(
    _: Visitor,
    portal: Portal,
    frame: Frame,
    hasher: Hasher,
    request: HttpRequest,
    token: web::Path<String>,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let Some(member) = of_link(&portal, &request, &token).await? else {
        return Ok(unprocessable(&frame, &views::no_enrollment()));
    };
    let new = match password::read(&portal, &request, &posted, &member.user_id).await? {
        Ok(new) => new,
        Err(faults) => {
            let form = Filled { fields: &posted, faults: &faults };
            return Ok(unprocessable(&frame, &views::enroll(&frame, &member.user_id, &token, form)));
        }
    };
    let now = portal.now();
    let user_id = UserId::parse(&member.user_id).map_err(|fault| Fault::Broken(fault.to_string()))?;
    let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let started = session::begin(Kind::Staff, &member.id, None, agent, now);
    let written = enrollment::use_up(&token, now)
        .then(queries::set_password(&member.id, hasher.hash(new).await?, now))
        .then(session::end_all_of_staff(&member.id, ""))
        .then(started.transaction)
        // The link proves who it is: failures of strangers are forgotten, and this device is known from now on.
        .then(sign_in::unlock(&portal, Kind::Staff, &user_id))
        .then(audit::row(now, &member.id, Deed::Enrolled, &member.id, ""))
        .run(&portal.db)
        .await;
    match written {
        Ok(()) => {}
        Err(fault) if fault.is_refusal(enrollment::USED) => {
            return Ok(unprocessable(&frame, &views::no_enrollment()));
        }
        Err(fault) => return Err(fault.into()),
    }
    if let Some(desk) = request.app_data::<web::Data<Desk>>() {
        desk.ended_all(&member.id);
    }
    let mut answer = see_other("/staff");
    for cookie in
        [session::cookie_for(Kind::Staff, &started.token, &portal), device::cookie_for(&portal, Kind::Staff, &user_id)]
    {
        answer.add_cookie(&cookie).map_err(|fault| Fault::Broken(fault.to_string()))?;
    }
    Ok(answer)
}
