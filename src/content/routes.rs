//! The routes of content.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::{
    Document,
    changing::Form,
    edit_pages::{self, Draft},
    form::{self, Act},
    pages, preview_pages, publish_pages, queries, version_pages, waiting, waiting_pages,
};
use crate::{
    form::{Faults, Fields},
    http::{Fault, Portal, Posted, page, see_other, unprocessable},
    page::{Frame, fields::Filled},
    session::{
        Staff,
        staff::{Employee, Supervisor},
    },
    words::menu::is_page_name,
};

/// All documents.
///
/// # Errors
/// When the database does not answer.
pub async fn list(staff: Staff<Employee>, portal: Portal, frame: Frame) -> Result<HttpResponse, Fault> {
    let (fields, faults) = <(Fields, Faults)>::default();
    let waiting = waiting::names(&portal.db).await?;
    let published = portal.publication.now();
    let view = pages::List { waiting: &waiting, published: &published, by: staff.by() };
    Ok(page(&frame, &pages::list(&frame, &view, Filled { fields: &fields, faults: &faults })))
}

/// On to the form of a page that is not there yet.
///
/// # Errors
/// When the database does not answer.
pub async fn name_page(
    staff: Staff<Supervisor>,
    portal: Portal,
    frame: Frame,
    query: web::Query<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    let typed = Fields::new(query.into_inner());
    let name = typed.text("name").trim().to_lowercase();
    let fault = if !is_page_name(&name) {
        "Enter small letters, digits and hyphens, at most 40."
    } else if portal.agency().service(&name).is_some() || portal.agency().guide(&name).is_some() {
        "Another page has this name."
    } else {
        return Ok(see_other(&pages::path(&Document::Guide(name))));
    };
    let faults = Faults::one("name", fault);
    let waiting = waiting::names(&portal.db).await?;
    let published = portal.publication.now();
    let view = pages::List { waiting: &waiting, published: &published, by: staff.by() };
    Ok(unprocessable(&frame, &pages::list(&frame, &view, Filled { fields: &typed, faults: &faults })))
}

/// Which versions a document's page lists.
#[derive(Deserialize)]
pub struct Look {
    newest: Option<i64>,
}

/// A document: its form for whoever may change it, with its versions.
///
/// # Errors
/// [`Fault::NotFound`] for one that the agency does not have.
pub async fn open(
    staff: Staff<Employee>,
    portal: Portal,
    frame: Frame,
    key: web::Path<String>,
    look: web::Query<Look>,
) -> Result<HttpResponse, Fault> {
    let published = portal.publication.now();
    let document = Document::of_key(&key, &published.agency).ok_or(Fault::NotFound)?;
    let holds = published.version(&key);
    let newest = look.newest.unwrap_or(holds).min(holds);
    let versions = queries::history(&portal.db, &document, newest).await?;
    let waiting = waiting::find(&portal.db, &document).await?;
    let waits = waiting_pages::word(&frame, &document, waiting.as_ref());
    let history = version_pages::history(&frame, &portal.publication, &document, &versions, newest);
    if !staff.may::<Supervisor>() {
        let shown = preview_pages::show(&portal.public_url, &document, &published.agency);
        return Ok(page(&frame, &publish_pages::look(&frame, &document, (&waits, &shown), &history)));
    }
    let (items, faults) = (document.items(&published.agency), Faults::default());
    let draft = Draft { base: holds, ..Draft::new(&document, &items, &faults) };
    let unfit = published.unfit.get(key.as_str()).map(String::as_str);
    let note = edit_pages::Note { unfit, waits };
    Ok(page(&frame, &edit_pages::edit(&frame, &draft, &history, note)))
}

/// One version of a document; 0 is what the configuration says.
///
/// # Errors
/// [`Fault::NotFound`] for one that there is not.
pub async fn version(
    staff: Staff<Employee>,
    portal: Portal,
    frame: Frame,
    path: web::Path<(String, i64)>,
) -> Result<HttpResponse, Fault> {
    let published = portal.publication.now();
    let document = Document::of_key(&path.0, &published.agency).ok_or(Fault::NotFound)?;
    let found = queries::find(&portal.db, &document, path.1).await?;
    let configured = portal.publication.configured();
    let items = match &found {
        Some((_, items)) => items.clone().ok_or_else(|| Fault::Broken("a version of content can't be read".into()))?,
        None if path.1 == 0 && document.is_there(configured) => document.items(configured),
        None => return Err(Fault::NotFound),
    };
    let put = document.put(&items, &published.agency);
    let shown = put.map(|agency| preview_pages::show(&portal.public_url, &document, &agency));
    let faults = Faults::default();
    let draft = Draft { base: published.version(&path.0), ..Draft::new(&document, &items, &faults) };
    let is_unfit = published.unfit.contains_key(&path.0);
    let known = found.as_ref().map(|(version, _)| version);
    let version = version_pages::One { number: path.1, version: known, is_unfit, shown };
    Ok(page(&frame, &version_pages::one(&frame, &draft, &version, staff.by())))
}

/// Does what a button of the form says: changes the list, shows a preview, publishes.
///
/// # Errors
/// [`Fault::NotFound`] for a document that the agency does not have.
pub async fn change(
    staff: Staff<Supervisor>,
    portal: Portal,
    frame: Frame,
    key: web::Path<String>,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let published = portal.publication.now();
    let document = Document::of_key(&key, &published.agency).ok_or(Fault::NotFound)?;
    let mut form = Form::read(&portal, &frame, published, &document, &posted);
    let act = form::act(&posted);
    if let Act::Change(change, index) = act {
        form.touched = form::change(&mut form.items, change, index, &document);
        return form.again(&Faults::default()).await;
    }
    form.is_gone |= act == Act::TakeAway;
    if act == Act::Edit {
        form.is_gone = false;
        if form.items.is_empty() {
            form.items = document.items(&form.published.agency);
        }
        return form.again(&Faults::default()).await;
    }
    let next = match form.put().await? {
        Ok(next) => next,
        Err(faults) => return form.refused(&faults).await,
    };
    match act {
        Act::Print => form.print(&next).await,
        Act::Publish => form.publish(staff.by()).await,
        _ => Ok(form.preview(&next)),
    }
}
