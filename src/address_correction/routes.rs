//! The console's pages of a correction.

use actix_web::{HttpResponse, web};

use super::{Address, Correction, LINES, queries, views};
use crate::{
    account,
    approval::{self, NewRequest, RestrictedAction, routes as requests},
    form::{Faults, Fields, line},
    http::{Done, Fault, Portal, Posted, page, unprocessable},
    page::{Frame, fields::Filled},
    session::{
        Staff, StepUp,
        staff::{Clerk, Supervisor},
    },
    words::{AccountId, DraftId},
};

type Place = web::Path<(String, String)>;

/// The form, filled with what is on record.
///
/// # Errors
/// [`Fault::NotFound`] for an account that is not on file.
pub async fn show(_: Staff<Clerk>, portal: Portal, frame: Frame, path: Place) -> Result<HttpResponse, Fault> {
    let account = account::at(&portal, &path.0, &path.1).await?;
    let lines = LINES.into_iter().zip(&account.street).map(|(field, line)| (field.to_owned(), line.clone()));
    let email = account.email.as_ref().map(|email| ("email".to_owned(), email.to_string()));
    let fields = Fields::new(lines.chain(email).collect());
    let form = Filled { fields: &fields, faults: &Faults::default() };
    Ok(page(&frame, &views::form(&frame, &account, form)))
}

/// Asks another staff member to correct the address.
///
/// # Errors
/// [`Fault::NotFound`] for an account that is not on file.
pub async fn ask(
    staff: Staff<Clerk>,
    portal: Portal,
    frame: Frame,
    path: Place,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let account = account::at(&portal, &path.0, &path.1).await?;
    let again =
        |faults: &Faults| Ok(unprocessable(&frame, &views::form(&frame, &account, Filled { fields: &posted, faults })));
    let reason = line(posted.text("reason"), "how you know the address", 200);
    let (after, reason) = match Faults::both(
        Address::parse(&posted, &account.name),
        reason.map_err(|sentence| Faults::one("reason", sentence)),
    ) {
        Ok(both) => both,
        Err(faults) => return again(&faults),
    };
    let before = Address::of(&account);
    if after == before {
        return again(&Faults::one("line-1", "This address is on record already."));
    }
    // Whoever decides has to see both; the audit keeps no address.
    let reason = format!("{reason} – On record: {}. New: {}.", before.shown(), after.shown());
    let payload =
        serde_json::to_string(&Correction { before, after }).map_err(|fault| Fault::Broken(fault.to_string()))?;
    let request = NewRequest {
        id: DraftId::draw(),
        action: RestrictedAction::CorrectAddress,
        subject: &account.id.key(),
        payload,
        summary: format!("{} {}", portal.agency().type_name(&account.id.kind), account.id.number),
        reason: &reason,
    };
    approval::ask(request, staff.by(), portal.now()).run(&portal.db).await?;
    Ok(Done::RequestSent.then(&format!("/staff{}", account.id.path())))
}

/// Corrects the address as another staff member asked.
///
/// # Errors
/// [`Fault::NotFound`] for one's own request; [`Fault::Stale`] when the account changed since.
pub async fn approve(
    staff: Staff<Supervisor>,
    _: StepUp,
    portal: Portal,
    id: web::Path<String>,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    let request = requests::of_another(&portal, &id, &[RestrictedAction::CorrectAddress], staff.by()).await?;
    let correction: Correction =
        serde_json::from_str(&request.payload).map_err(|fault| Fault::Broken(fault.to_string()))?;
    let account = AccountId::of_key(&request.subject).ok_or(Fault::NotFound)?;
    let account = account::on_file(&portal.db, &account).await?.ok_or(Fault::NotFound)?;
    let written = queries::correct(&portal, &account, &request, &correction, staff.by()).await;
    if written.as_ref().is_err_and(|fault| fault.is_refusal(queries::CHANGED)) {
        return Err(Fault::Stale);
    }
    requests::decided(Done::RequestApproved, written)
}
