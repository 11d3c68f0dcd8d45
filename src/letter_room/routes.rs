//! The routes of the letter room.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web,
};
use serde::Deserialize;

use super::{
    Batch, Files, State,
    pages::{self, BatchView, View},
    printer, queries,
    take::taking,
};
use crate::{
    account,
    audit::{self, Deed},
    db::DbError,
    form::{Faults, Fields},
    http::{
        Done, Fault, Portal, Posted, answer,
        csv::{csv_of, moment},
        page, see_other, unprocessable,
    },
    letter::room::{self, Letter, Stage},
    page::{Frame, Page, fields::Filled},
    session::{
        Staff, StepUp,
        staff::{By, Clerk, Employee},
    },
    words::{AccountId, AccountNumber, LetterCode},
};

const ROOM: &str = "/staff/letters";
/// Batches on the room's page, and in a list that is taken away at most.
const SHOWN: i64 = 20;
const EXPORTED: i64 = 5000;
/// Letters of a batch on one page.
const ON_A_PAGE: usize = 50;

/// What was just done.
#[derive(Deserialize)]
pub struct Returned {
    returned: Option<String>,
}

/// What the room's page is made from.
struct Seen {
    waiting: i64,
    batches: Vec<Batch>,
    faulty: Vec<account::Account>,
}

async fn seen(portal: &Portal) -> Result<Seen, DbError> {
    let db = &portal.db;
    let (waiting, batches, faulty) =
        futures_util::try_join!(room::waiting(db), queries::latest(db, SHOWN), account::address::with_faulty(db))?;
    Ok(Seen { waiting, batches, faulty })
}

impl Seen {
    fn view<'a>(&'a self, portal: &Portal, returned: Option<&'a str>, by: By<'a>) -> View<'a> {
        let next = portal.agency().calendar().next_morning(portal.now());
        View { waiting: self.waiting, next, batches: &self.batches, faulty: &self.faulty, returned, by }
    }
}

/// The letter room.
///
/// # Errors
/// When the database does not answer.
pub async fn show(
    staff: Staff<Employee>,
    portal: Portal,
    frame: Frame,
    done: web::Query<Returned>,
) -> Result<HttpResponse, Fault> {
    let (fields, faults) = <(Fields, Faults)>::default();
    let seen = seen(&portal).await?;
    let view = seen.view(&portal, done.returned.as_deref(), staff.by());
    Ok(page(&frame, &pages::room(&frame, &view, Filled { fields: &fields, faults: &faults })))
}

/// The batches, for an open page that was told that something changed.
///
/// # Errors
/// When the database does not answer.
pub async fn part(staff: Staff<Employee>, portal: Portal, frame: Frame) -> Result<HttpResponse, Fault> {
    let seen = seen(&portal).await?;
    Ok(answer(StatusCode::OK, pages::batches(&frame, &seen.view(&portal, None, staff.by()))))
}

/// The batches as CSV, with those that the page leaves out.
///
/// # Errors
/// When the database does not answer.
pub async fn export(staff: Staff<Employee>, _: StepUp, portal: Portal) -> Result<HttpResponse, Fault> {
    audit::row(portal.now(), staff.id(), Deed::ExportedList, "batches", "").run(&portal.db).await?;
    let batches = queries::latest(&portal.db, EXPORTED).await?;
    let row = |batch: Batch| {
        vec![
            batch.name,
            moment(batch.created),
            batch.by_name.unwrap_or_default(),
            batch.letters.to_string(),
            batch.pages.to_string(),
            batch.printed.map(moment).unwrap_or_default(),
            batch.mailed.map(moment).unwrap_or_default(),
            batch.hash,
        ]
    };
    let columns = ["Batch", "Made", "For", "Letters", "Pages", "Printed", "Mailed", "SHA-256"];
    Ok(csv_of("batches", &columns, batches.into_iter().map(row).collect()))
}

/// Asks for a batch of what waits.
///
/// # Errors
/// When the database does not answer.
pub async fn make(staff: Staff<Clerk>, portal: Portal, _: Posted) -> Result<HttpResponse, Fault> {
    if room::waiting(&portal.db).await? == 0 {
        return Ok(see_other(ROOM));
    }
    let day = portal.agency().calendar().day(portal.now());
    let number = queries::of_day(&portal.db, day).await? + 1;
    let name = queries::ask_for(&portal.db, day, number, Some(staff.by()), portal.now()).await?;
    Ok(see_other(&pages::path(&name)))
}

pub(super) async fn find(portal: &Portal, name: &str) -> Result<Batch, Fault> {
    queries::find(&portal.db, name).await?.ok_or(Fault::NotFound)
}

/// Which letters of a batch are shown.
#[derive(Deserialize)]
pub struct After {
    after: Option<i64>,
}

impl After {
    fn first(&self) -> i64 {
        self.after.unwrap_or(0)
    }
}

/// A batch.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there.
pub async fn open(
    staff: Staff<Employee>,
    portal: Portal,
    frame: Frame,
    name: web::Path<String>,
    after: web::Query<After>,
) -> Result<HttpResponse, Fault> {
    let batch = find(&portal, &name).await?;
    let (letters, next) = some(&portal, &name, &after).await?;
    let view = BatchView {
        has_printer: portal.printer.is_some(),
        taking: taking(&portal, &name, staff.by()).await?,
        by: staff.by(),
    };
    let shown = pages::batch(&frame, &batch, &letters, (after.first(), next), view);
    Ok(page(&frame, &shown))
}

/// Some letters of a batch, and where the next ones begin.
async fn some(portal: &Portal, name: &str, after: &After) -> Result<(Vec<Letter>, Option<i64>), Fault> {
    let most = i64::try_from(ON_A_PAGE + 1).unwrap_or(i64::MAX);
    let mut letters = room::of_batch(&portal.db, name, after.first(), most).await?;
    let more = letters.len() > ON_A_PAGE;
    letters.truncate(ON_A_PAGE);
    let next = letters.last().filter(|_| more).map(|letter| letter.place);
    Ok((letters, next))
}

/// Where a batch stands, for an open page that was told that something changed.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there.
pub async fn state(
    staff: Staff<Employee>,
    portal: Portal,
    frame: Frame,
    name: web::Path<String>,
    after: web::Query<After>,
) -> Result<HttpResponse, Fault> {
    let batch = find(&portal, &name).await?;
    let (letters, next) = some(&portal, &name, &after).await?;
    let view = BatchView {
        has_printer: portal.printer.is_some(),
        taking: taking(&portal, &name, staff.by()).await?,
        by: staff.by(),
    };
    let state = pages::state(&frame, &batch, &letters, next, view);
    Ok(answer(StatusCode::OK, state))
}

/// What is in a batch, as CSV.
///
/// # Errors
/// [`Fault::NotFound`] for a batch that is not there, or not made.
pub async fn manifest(
    staff: Staff<Employee>,
    _: StepUp,
    portal: Portal,
    name: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    find(&portal, &name).await?;
    audit::row(portal.now(), staff.id(), Deed::ExportedList, "manifest", &name).run(&portal.db).await?;
    let bytes = tokio::fs::read(Files::of(&portal, &name).manifest()).await.map_err(|_| Fault::NotFound)?;
    Ok(file("text/csv; charset=utf-8", &format!("letters-{name}.csv")).body(bytes))
}

pub(super) fn file(kind: &str, name: &str) -> actix_web::HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer
        .content_type(kind)
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((header::CACHE_CONTROL, "private, no-store"));
    answer
}

/// Marks a batch as printed.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there.
pub async fn printed(
    staff: Staff<Clerk>,
    portal: Portal,
    name: web::Path<String>,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    mark(&portal, &name, State::Printed, staff.by()).await
}

/// Marks a batch as mailed.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there.
pub async fn mailed(
    staff: Staff<Clerk>,
    portal: Portal,
    name: web::Path<String>,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    mark(&portal, &name, State::Mailed, staff.by()).await
}

async fn mark(portal: &Portal, name: &str, state: State, by: By<'_>) -> Result<HttpResponse, Fault> {
    find(portal, name).await?;
    queries::mark(&portal.db, name, state, by.id, portal.now()).await?;
    // Somebody else may have been quicker: then the page shows where it stands.
    Ok(match find(portal, name).await?.state {
        now if now != state => see_other(&pages::path(name)),
        State::Mailed => Done::MarkedMailed.then(&pages::path(name)),
        _ => Done::MarkedPrinted.then(&pages::path(name)),
    })
}

/// Has a batch's last step done again.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there.
pub async fn try_again(
    staff: Staff<Clerk>,
    portal: Portal,
    name: web::Path<String>,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    let batch = find(&portal, &name).await?;
    queries::try_again(&portal.db, &batch, staff.by(), portal.now()).await?;
    Ok(Done::TriedAgain.then(&pages::path(&name)))
}

/// Hands a batch over to the printer once more.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there, or has left.
pub async fn again(
    staff: Staff<Clerk>,
    portal: Portal,
    name: web::Path<String>,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    let batch = find(&portal, &name).await?;
    if portal.printer.is_none() || !matches!(batch.state, State::Made | State::Printed) {
        return Err(Fault::NotFound);
    }
    let handed = printer::hand_over(&portal, &Files::of(&portal, &name)).await;
    handed.map_err(|fault| Fault::Away(format!("the printer's folder refuses: {fault}")))?;
    queries::hand_over_again(&portal.db, &name, staff.by(), portal.now()).await?;
    Ok(Done::HandedOver.then(&pages::path(&name)))
}

/// Lets a letter be printed with the next batch once more.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there.
pub async fn reprint(
    staff: Staff<Clerk>,
    portal: Portal,
    name: web::Path<String>,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    let letter = room::named(&portal.db, &name).await?.ok_or(Fault::NotFound)?;
    queries::reprint(&portal.db, &letter, staff.by(), portal.now()).await?;
    Ok(Done::Reprinted.then(ROOM))
}

/// Marks a letter as returned.
///
/// # Errors
/// When the database does not answer.
pub async fn returned(
    staff: Staff<Clerk>,
    portal: Portal,
    frame: Frame,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let found = match LetterCode::parse(posted.text("code")) {
        Ok(code) => room::find(&portal.db, &code).await?.ok_or("There is no letter with this code."),
        Err(sentence) => Err(sentence),
    };
    let letter = match found {
        Ok(letter) if letter.stage == Stage::Returned => Err("This letter was marked as returned already."),
        found => found,
    };
    match letter {
        Ok(letter) => {
            queries::returned(&portal.db, &letter, staff.id(), portal.now()).await?;
            Ok(see_other(&format!("{ROOM}?returned={}", letter.account.number)))
        }
        Err(sentence) => {
            let seen = seen(&portal).await?;
            let faults = Faults::one("code", sentence);
            let form = Filled { fields: &posted, faults: &faults };
            let shown: Page = pages::room(&frame, &seen.view(&portal, None, staff.by()), form);
            Ok(unprocessable(&frame, &shown))
        }
    }
}

/// Notes that an address on record is right after all.
///
/// # Errors
/// [`Fault::NotFound`] for what is no account.
pub async fn address_is_right(
    staff: Staff<Clerk>,
    portal: Portal,
    path: web::Path<(String, String)>,
    _: Posted,
) -> Result<HttpResponse, Fault> {
    let number = AccountNumber::parse(&path.1).map_err(|_| Fault::NotFound)?;
    let account = AccountId::new(path.0.clone(), number);
    account::address::is_right(&account)
        .then(audit::row(portal.now(), staff.id(), Deed::FoundAddressRight, &account.key(), ""))
        .run(&portal.db)
        .await?;
    Ok(Done::AddressRight.then(ROOM))
}
