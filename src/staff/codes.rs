//! Authorization codes in the console: every request with its state (R143). Nobody reads a code there.

use actix_web::{HttpResponse, web};
use futures_util::stream;

use super::code_pages as pages;
use crate::{
    account,
    audit::{self, Deed},
    authorization_code::{
        Channel, acts,
        track::{self, State, Tracked, Wanted},
    },
    form::{self, Faults, Fields},
    http::{Done, Fault, Portal, Posted, csv, page, see_other, unprocessable},
    page::{Frame, fields::Filled},
    session::{
        Staff, StepUp,
        staff::{By, Clerk, Employee},
    },
    words::{AccountId, AccountNumber, ConfirmationNumber},
};

/// Codes on one page.
const ON_A_PAGE: usize = 50;
/// Codes that an export reads at a time.
const AT_ONCE: usize = 500;

/// Which codes an address asks for.
fn wanted(typed: &Fields) -> Wanted {
    let number = AccountNumber::parse(typed.text("number")).ok();
    Wanted {
        state: State::of_label(typed.text("state")),
        account: number.map(|number| AccountId::new(typed.text("kind"), number)),
    }
}

/// The codes, newest first: all, or those in one state or of one account.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    _: Staff<Employee>,
    portal: Portal,
    frame: Frame,
    query: web::Query<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    let typed = Fields::new(query.into_inner());
    let wanted = wanted(&typed);
    let after = typed.text("after").parse().unwrap_or(i64::MIN);
    let mut codes = track::list(&portal.db, &wanted, after, ON_A_PAGE + 1).await?;
    let more = codes.len() > ON_A_PAGE;
    codes.truncate(ON_A_PAGE);
    let next = codes.last().filter(|_| more).map(|code| code.rank);
    Ok(page(&frame, &pages::list(&frame, &codes, &wanted, next)))
}

/// The same as CSV, all of them.
///
/// # Errors
/// When the database does not answer.
pub async fn export(
    staff: Staff<Employee>,
    _: StepUp,
    portal: Portal,
    query: web::Query<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    audit::row(portal.now(), staff.id(), Deed::ExportedList, "codes", "").run(&portal.db).await?;
    let wanted = wanted(&Fields::new(query.into_inner()));
    let db = portal.db.clone();
    let pages = stream::try_unfold(Some(i64::MIN), move |after| {
        let (db, wanted) = (db.clone(), wanted.clone());
        async move {
            let Some(after) = after else { return Ok(None) };
            let codes = track::list(&db, &wanted, after, AT_ONCE).await?;
            let next = if codes.len() < AT_ONCE { None } else { codes.last().map(|code| code.rank) };
            Ok::<_, Fault>(Some((codes.iter().map(line).collect(), next)))
        }
    });
    let columns =
        ["Requested", "Account type", "Account number", "User ID", "By", "State", "Expires", "Confirmation number"];
    Ok(csv("authorization-codes", &columns, pages))
}

fn line(code: &Tracked) -> Vec<String> {
    let moment = |at: crate::words::Moment| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let number = ConfirmationNumber::new(code.submission).map(|number| number.to_string()).unwrap_or_default();
    vec![
        moment(code.requested),
        code.account.kind.clone(),
        code.account.number.to_string(),
        code.user_id.clone(),
        code.channel.word().to_owned(),
        code.state.label().to_owned(),
        code.expires.map(moment).unwrap_or_default(),
        number,
    ]
}

async fn find(portal: &Portal, id: &str) -> Result<Tracked, Fault> {
    track::find(&portal.db, id).await?.ok_or(Fault::NotFound)
}

/// One code: its way, and what may be done.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there.
pub async fn open(
    staff: Staff<Employee>,
    portal: Portal,
    frame: Frame,
    id: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let code = find(&portal, &id).await?;
    let (fields, faults) = <(Fields, Faults)>::default();
    Ok(page(&frame, &shown(&portal, &frame, &code, staff.by(), Filled { fields: &fields, faults: &faults }).await?))
}

async fn shown(
    portal: &Portal,
    frame: &Frame,
    code: &Tracked,
    by: By<'_>,
    form: Filled<'_>,
) -> Result<crate::page::Page, Fault> {
    let on_record = account::on_file(&portal.db, &code.account).await?;
    let by_email = on_record.is_some_and(|account| account.email.is_some());
    Ok(pages::one(frame, &pages::View { code, now: portal.now(), by_email, by }, form))
}

/// Makes a code void, with a reason.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there.
pub async fn void(
    staff: Staff<Clerk>,
    portal: Portal,
    frame: Frame,
    id: web::Path<String>,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let code = find(&portal, &id).await?;
    match form::line(posted.text("reason"), "a reason", 200) {
        Ok(reason) => {
            acts::void(&portal.db, &code, &reason, staff.by(), portal.now()).await?;
            // It may have been used in the meantime: then the page shows that.
            let is_void = find(&portal, &code.id).await?.state == State::Void;
            let path = pages::path(&code.id);
            Ok(if is_void { Done::Voided.then(&path) } else { see_other(&path) })
        }
        Err(sentence) => {
            let faults = Faults::one("reason", sentence);
            let form = Filled { fields: &posted, faults: &faults };
            Ok(unprocessable(&frame, &shown(&portal, &frame, &code, staff.by(), form).await?))
        }
    }
}

/// Sends another code in its place.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there.
pub async fn send_again(
    staff: Staff<Clerk>,
    portal: Portal,
    frame: Frame,
    id: web::Path<String>,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let code = find(&portal, &id).await?;
    let on_record = account::find(&portal.db, &code.account).await?;
    let channel = match (posted.text("by"), &on_record) {
        (_, None) => Err("The account is closed."),
        ("email", Some(account)) if account.email.is_some() => Ok(Channel::Email),
        ("letter", Some(_)) if !account::address::has_faulty(&portal.db, &code.account).await? => Ok(Channel::Letter),
        ("letter", Some(_)) => Err("A letter to this address came back. Correct the address on record first."),
        _ => Err("Select by which way."),
    };
    let sent = match channel {
        Err(sentence) => Err(sentence),
        Ok(channel) => {
            let keys = &portal.keys;
            match acts::send_again(&portal.db, keys, &code, channel, staff.by(), portal.now()).await {
                Ok(()) => Ok(()),
                Err(fault) if fault.is_refusal(acts::TOO_MANY) => {
                    Err("Four codes for this account were sent to this person within the last 30 days.")
                }
                Err(fault) => return Err(fault.into()),
            }
        }
    };
    match sent {
        Ok(()) => Ok(Done::SentAgain.then("/staff/codes")),
        Err(sentence) => {
            let faults = Faults::one("by", sentence);
            let form = Filled { fields: &posted, faults: &faults };
            Ok(unprocessable(&frame, &shown(&portal, &frame, &code, staff.by(), form).await?))
        }
    }
}
