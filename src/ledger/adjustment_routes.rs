//! The console's pages of entries by hand and reversals.

use actix_web::{HttpResponse, web};

use super::{
    adjustment::{self, Adjustment, NotPosted},
    adjustment_views as views,
};
use crate::{
    account::{self, Account, Entry},
    approval::{self, NewRequest, RestrictedAction, routes as requests},
    form::{Faults, Fields, line},
    http::{Done, Fault, Portal, Posted, page, unprocessable},
    page::{Frame, fields::Filled},
    session::{
        Staff, StepUp,
        staff::{By, Clerk, Supervisor},
    },
    words::{AccountId, DraftId},
};

/// Letters of a reason.
const LONGEST_REASON: usize = 200;

/// The form of a new entry.
///
/// # Errors
/// [`Fault::NotFound`] for an account that is not on file.
pub async fn compose(
    _: Staff<Clerk>,
    portal: Portal,
    frame: Frame,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Fault> {
    let account = account::at(&portal, &path.0, &path.1).await?;
    let (fields, faults) = (with_draft(), Faults::default());
    Ok(page(&frame, &views::entry(&frame, &account, Filled { fields: &fields, faults: &faults })))
}

/// A form that asks once, however often it is sent.
fn with_draft() -> Fields {
    Fields::default().with("draft", DraftId::draw().to_string())
}

fn reason(typed: &Fields) -> Result<String, Faults> {
    line(typed.text("reason"), "the reason", LONGEST_REASON).map_err(|sentence| Faults::one("reason", sentence))
}

/// Asks another staff member for an adjustment.
async fn request(
    portal: &Portal,
    account: &Account,
    (adjustment, entry): (&Adjustment, Option<&Entry>),
    (draft, reason): (DraftId, &str),
    by: By<'_>,
) -> Result<HttpResponse, Fault> {
    let action = match adjustment {
        Adjustment::Entry { .. } => RestrictedAction::PostLedgerEntry,
        Adjustment::Reversal { .. } => RestrictedAction::ReverseLedgerEntry,
    };
    let name = format!("{} {}", portal.agency().type_name(&account.id.kind), account.id.number);
    let new = NewRequest {
        id: draft,
        action,
        subject: &account.id.key(),
        payload: serde_json::to_string(adjustment).map_err(|fault| Fault::Broken(fault.to_string()))?,
        summary: format!("{name}: {}", adjustment.shown(entry)),
        reason,
    };
    approval::ask(new, by, portal.now()).run(&portal.db).await?;
    Ok(Done::RequestSent.then(&format!("/staff{}/ledger", account.id.path())))
}

/// Asks another staff member to post an entry.
///
/// # Errors
/// [`Fault::NotFound`] for an account that is not on file.
pub async fn ask(
    staff: Staff<Clerk>,
    portal: Portal,
    frame: Frame,
    path: web::Path<(String, String)>,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let account = account::at(&portal, &path.0, &path.1).await?;
    match Faults::both(Adjustment::parse(&posted), reason(&posted)) {
        Ok((adjustment, reason)) => {
            let draft = DraftId::of_form(posted.text("draft"));
            request(&portal, &account, (&adjustment, None), (draft, &reason), staff.by()).await
        }
        Err(faults) => {
            let form = Filled { fields: &posted, faults: &faults };
            Ok(unprocessable(&frame, &views::entry(&frame, &account, form)))
        }
    }
}

/// An entry that can be reversed: no reversal, and not reversed before.
async fn reversible(portal: &Portal, path: &(String, String, i64)) -> Result<(Account, Entry), Fault> {
    let account = account::at(portal, &path.0, &path.1).await?;
    let entry = account::entry(&portal.db, &account.id, path.2).await?;
    let entry = entry.filter(|entry| entry.reverses.is_none() && entry.reversed_by.is_none()).ok_or(Fault::NotFound)?;
    Ok((account, entry))
}

/// Asks for the reason of a reversal.
///
/// # Errors
/// [`Fault::NotFound`] for an entry that is not there, or can't be reversed.
pub async fn show_reversal(
    _: Staff<Clerk>,
    portal: Portal,
    frame: Frame,
    path: web::Path<(String, String, i64)>,
) -> Result<HttpResponse, Fault> {
    let (account, entry) = reversible(&portal, &path).await?;
    let (fields, faults) = (with_draft(), Faults::default());
    Ok(page(&frame, &views::reversal(&frame, &account, &entry, Filled { fields: &fields, faults: &faults })))
}

/// Asks another staff member to reverse an entry.
///
/// # Errors
/// As [`show_reversal`].
pub async fn ask_for_reversal(
    staff: Staff<Clerk>,
    portal: Portal,
    frame: Frame,
    path: web::Path<(String, String, i64)>,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let (account, entry) = reversible(&portal, &path).await?;
    match reason(&posted) {
        Ok(reason) => {
            let adjustment = Adjustment::Reversal { line: entry.line };
            let draft = DraftId::of_form(posted.text("draft"));
            request(&portal, &account, (&adjustment, Some(&entry)), (draft, &reason), staff.by()).await
        }
        Err(faults) => {
            let form = Filled { fields: &posted, faults: &faults };
            Ok(unprocessable(&frame, &views::reversal(&frame, &account, &entry, form)))
        }
    }
}

/// Posts what another staff member asked for.
///
/// # Errors
/// [`Fault::NotFound`] for one's own request.
pub async fn approve(
    staff: Staff<Supervisor>,
    _: StepUp,
    portal: Portal,
    id: web::Path<String>,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    const ACTIONS: [RestrictedAction; 2] = [RestrictedAction::PostLedgerEntry, RestrictedAction::ReverseLedgerEntry];
    let request = requests::of_another(&portal, &id, &ACTIONS, staff.by()).await?;
    let adjustment: Adjustment =
        serde_json::from_str(&request.payload).map_err(|fault| Fault::Broken(fault.to_string()))?;
    let account = AccountId::of_key(&request.subject).ok_or(Fault::NotFound)?;
    let account = account::on_file(&portal.db, &account).await?.ok_or(Fault::NotFound)?;
    let written = match adjustment::post(&portal, &account, &request, adjustment, staff.by()).await {
        Ok(()) => Ok(()),
        Err(NotPosted::NotFound) => return Err(Fault::NotFound),
        // Somebody else reversed it meanwhile: the request leaves the list.
        Err(NotPosted::Db(fault)) if fault.is_refusal(account::POSTED) => {
            let refused = approval::refuse(&portal.db, &request, staff.by(), portal.now()).await;
            return requests::decided(Done::Overtaken, refused);
        }
        Err(NotPosted::Db(fault)) => Err(fault),
    };
    requests::decided(Done::RequestApproved, written)
}
