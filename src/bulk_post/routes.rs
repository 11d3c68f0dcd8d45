//! The routes of bulk posts; every one of them asks for an employee.

use std::collections::HashSet;

use actix_web::{HttpResponse, http::StatusCode, web};

use super::{
    BulkPost, audience, filled, form, pages,
    queries::{self, New},
};
use crate::{
    audit::{self, Deed},
    form::{Faults, Fields},
    http::{
        Caller, Fault, Portal, Posted, answer,
        csv::{csv_of, moment},
        page, see_other, seen, unprocessable,
    },
    mailbox::text,
    page::{Frame, fields::Filled},
    session::{
        Staff, StepUp,
        staff::{Clerk, Employee},
    },
    template,
    words::BulkPostId,
};

/// How many the page shows, and a list that is taken away at most.
const SHOWN: i64 = 20;
const EXPORTED: i64 = 5000;

/// The latest bulk posts.
///
/// # Errors
/// When the database does not answer.
pub async fn list(staff: Staff<Employee>, portal: Portal, frame: Frame) -> Result<HttpResponse, Fault> {
    Ok(page(&frame, &pages::list(&frame, &queries::latest(&portal.db, SHOWN).await?, staff.by())))
}

/// The same as CSV, with those that the page leaves out.
///
/// # Errors
/// When the database does not answer.
pub async fn export(staff: Staff<Employee>, _: StepUp, portal: Portal) -> Result<HttpResponse, Fault> {
    audit::row(portal.now(), staff.id(), Deed::ExportedList, "bulk_messages", "").run(&portal.db).await?;
    let posts = queries::latest(&portal.db, EXPORTED).await?;
    let row = |post: BulkPost| {
        vec![
            moment(post.created),
            post.author_name,
            post.released_by.unwrap_or_default(),
            post.subject,
            post.kind,
            post.total.to_string(),
            post.posted.to_string(),
            post.state.label().to_owned(),
        ]
    };
    let columns = ["Written", "By", "Released by", "Subject", "Account type", "Accounts", "Posted", "State"];
    Ok(csv_of("bulk-messages", &columns, posts.into_iter().map(row).collect()))
}

async fn offer(portal: &Portal) -> Result<pages::Offer, Fault> {
    let (audiences, templates) =
        futures_util::try_join!(audience::all(&portal.db), template::queries::names(&portal.db))?;
    let audiences = audiences.into_iter().map(|audience| (audience.id, audience.name)).collect();
    Ok(pages::Offer { audiences, templates })
}

/// The form of a new one; filled from a template, if the address names one.
///
/// # Errors
/// When the database does not answer.
pub async fn compose(
    _: Staff<Clerk>,
    portal: Portal,
    frame: Frame,
    query: web::Query<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    let fields = template::routes::made_of(&portal, &Fields::new(query.into_inner())).await?.unwrap_or_default();
    let faults = Faults::default();
    let form = Filled { fields: &fields, faults: &faults };
    Ok(page(&frame, &pages::compose(&frame, &BulkPostId::draw(), &offer(&portal).await?, form)))
}

/// The accounts of a saved filter, as they are now.
struct Filtered {
    kind: String,
    numbers: Vec<String>,
    name: String,
}

/// Looks through the accounts for those of a saved filter.
async fn filtered(portal: &Portal, id: &str) -> Result<Result<Filtered, &'static str>, Fault> {
    let Some(audience) = audience::find(&portal.db, id).await? else {
        return Ok(Err("This filter was deleted. Select another one."));
    };
    let numbers = audience::numbers(&portal.db, &audience).await?;
    Ok(match numbers.len() {
        0 => Err("No account is as this filter wants it."),
        count if count > audience::MOST => Err("This filter finds more than 20,000 accounts. Narrow it."),
        _ => Ok(Filtered { kind: audience.kind, numbers, name: audience.name }),
    })
}

/// Writes one, or shows how it will look and whom it is for.
///
/// # Errors
/// When the database does not answer.
pub async fn create(
    staff: Staff<Clerk>,
    portal: Portal,
    frame: Frame,
    Caller(caller): Caller,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    // Of one form there is one bulk post.
    let id =
        BulkPostId::known(posted.text("id").chars().filter(char::is_ascii_alphanumeric).take(40).collect::<String>());
    let offer = offer(&portal).await?;
    let again = |faults: &Faults| {
        let form = Filled { fields: &posted, faults };
        Ok(unprocessable(&frame, &pages::compose(&frame, &id, &offer, form)))
    };
    if id.as_str().is_empty() {
        return Err(Fault::Unreadable);
    }
    if posted.text("go") == "change" {
        let form = Filled { fields: &posted, faults: &Faults::default() };
        return Ok(page(&frame, &pages::compose(&frame, &id, &offer, form)));
    }
    let mut typed = match form::parse(&posted, &portal.agency(), portal.now()) {
        Ok(typed) => typed,
        Err(faults) => return again(&faults),
    };
    let mut filter = None;
    if let Some(audience) = &typed.audience {
        match filtered(&portal, audience).await? {
            Ok(Filtered { kind, numbers, name }) => {
                (typed.kind, typed.numbers, filter) = (kind, Some(numbers), Some(name));
            }
            Err(sentence) => {
                // Without any filter there is no field for one.
                let field = if offer.audiences.is_empty() { "kind" } else { "audience" };
                return again(&Faults::one(field, sentence));
            }
        }
    }
    let (first, total) = match &typed.numbers {
        None => (queries::first(&portal.db, &typed.kind).await?, queries::count(&portal.db, &typed.kind).await?),
        Some(numbers) => {
            let found = queries::on_file(&portal.db, &typed.kind, numbers).await?;
            let there: HashSet<&str> = found.iter().map(|one| one.number.as_str()).collect();
            let missing = numbers.iter().map(String::as_str).filter(|number| !there.contains(number));
            let missing: Vec<&str> = missing.take(10).collect();
            if !missing.is_empty() {
                let sentence = format!("Not on file as an active account of this type: {}.", missing.join(", "));
                return again(&Faults::one("numbers", &sentence));
            }
            let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
            (found.into_iter().next(), total)
        }
    };
    let Some(first) = first else { return again(&Faults::one("kind", "There are no accounts of this type.")) };
    let needs_release = total > portal.agency().release_above;
    let seen = seen(&portal, &posted, &pages::FIELDS, &format!("{}/{id}/{total}", staff.id()));
    if posted.text("go") != "post" || posted.text("seen") != seen {
        let body = text::preview(&portal, &caller, &filled(&typed.body, &portal.agency(), &typed.kind, &first)).await?;
        let preview = pages::Preview { first: &first, total, needs_release, typed: &typed, body, seen };
        return Ok(page(&frame, &pages::check(&frame, &id, &preview, &posted)));
    }
    let new = New {
        subject: typed.subject,
        body: typed.body,
        answer_by: typed.asked.answer_by,
        confirm_by: typed.asked.notice.map(|(by, _)| by),
        remind: typed.remind,
        kind: typed.kind,
        numbers: typed.numbers,
        filter,
        total,
        due: typed.due,
    };
    queries::create(&portal.db, &id, new, staff.by(), needs_release, portal.now()).await?;
    Ok(see_other(&pages::path(id.as_str())))
}

async fn find(portal: &Portal, id: &str) -> Result<BulkPost, Fault> {
    queries::find(&portal.db, id).await?.ok_or(Fault::NotFound)
}

/// One, with its progress.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there.
pub async fn open(
    staff: Staff<Employee>,
    portal: Portal,
    frame: Frame,
    Caller(caller): Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let post = find(&portal, &id).await?;
    let body = text::preview(&portal, &caller, &post.body).await?;
    Ok(page(&frame, &pages::one(&frame, &post, &body, staff.by())))
}

/// Its progress, for an open page that was told that something changed.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there.
pub async fn part(
    staff: Staff<Employee>,
    portal: Portal,
    frame: Frame,
    id: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let post = find(&portal, &id).await?;
    Ok(answer(StatusCode::OK, pages::progress(&frame, &post, staff.by())))
}
