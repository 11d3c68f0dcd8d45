//! The routes of content.

use actix_web::{HttpResponse, web};

use super::{
    Document,
    document::is_page_name,
    form::{self, Act},
    item::Item,
    load,
    pages::{self, Draft},
    preview_pages, rows,
};
use crate::{
    form::{Faults, Fields, optional},
    http::{Fault, Portal, Posted, page, see_other, unprocessable},
    page::{Frame, fields::Filled},
    post::PostFault,
    session::{
        Staff,
        staff::{By, Employee, Supervisor},
    },
    words::Agency,
};

/// The longest word about a change, in letters.
const LONGEST_NOTE: usize = 200;

/// All documents.
///
/// # Errors
/// When the database does not answer.
pub async fn list(staff: Staff<Employee>, portal: Portal, frame: Frame) -> Result<HttpResponse, Fault> {
    let (fields, faults) = <(Fields, Faults)>::default();
    let changed = rows::now(&portal.store).await?;
    Ok(page(&frame, &pages::list(&frame, &changed, staff.by(), Filled { fields: &fields, faults: &faults })))
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
        "Enter lower-case letters, digits and hyphens, at most 40."
    } else if portal.agency().service(&name).is_some() || portal.agency().guide(&name).is_some() {
        "Another page has this name."
    } else {
        return Ok(see_other(&pages::path(&Document::Guide(name))));
    };
    let faults = Faults::one("name", fault);
    let changed = rows::now(&portal.store).await?;
    Ok(unprocessable(&frame, &pages::list(&frame, &changed, staff.by(), Filled { fields: &typed, faults: &faults })))
}

/// Where the list of versions begins.
#[derive(serde::Deserialize)]
pub struct Look {
    before: Option<i64>,
    #[serde(default)]
    published: bool,
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
    let document = Document::of_key(&key, &frame.agency).ok_or(Fault::NotFound)?;
    let base = rows::number(&portal.store, &document).await?;
    let first = look.before.map_or(base, |before| before - 1);
    let versions = rows::history(&portal.store, &document, first.saturating_add(1)).await?;
    let history = pages::history(&frame, &document, &versions, (base, first));
    if !staff.may::<Supervisor>() {
        let shown = preview_pages::show(&portal, &document, &frame.agency);
        return Ok(page(&frame, &pages::look(&frame, &document, &shown, &history)));
    }
    let (items, faults) = (document.items(&frame.agency), Faults::default());
    let draft = Draft { document: &document, base, items: &items, faults: &faults, touched: None };
    Ok(page(&frame, &pages::edit(&frame, &draft, &history, look.published)))
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
    let document = Document::of_key(&path.0, &frame.agency).ok_or(Fault::NotFound)?;
    let base = rows::number(&portal.store, &document).await?;
    let published = rows::find(&portal.store, &document, path.1).await?;
    let items = match &published {
        Some(version) => version.items.clone(),
        None if path.1 == 0 => document.items(portal.says.configured()),
        None => return Err(Fault::NotFound),
    };
    let put = document.put(&items, &frame.agency);
    let shown = put.as_ref().map(|agency| preview_pages::show(&portal, &document, agency));
    let faults = Faults::default();
    let draft = Draft { document: &document, base, items: &items, faults: &faults, touched: None };
    let shown = shown.as_ref().map_err(|faults| *faults);
    Ok(page(&frame, &pages::version(&frame, &draft, (path.1, published.as_ref()), shown, staff.by())))
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
    let document = Document::of_key(&key, &frame.agency).ok_or(Fault::NotFound)?;
    let now = document.items(&frame.agency);
    let mut items = form::items(&posted, &document, &now);
    let act = form::act(&posted);
    let touched = match act {
        Act::Change(change, index) => form::change(&mut items, change, index, &document),
        Act::TakeAway => {
            items.clear();
            None
        }
        _ => None,
    };
    let base = posted.text("base").parse().unwrap_or(0);
    let form = Form { portal: &portal, frame: &frame, document: &document, base, items, touched };
    if matches!(act, Act::Edit | Act::Change(..)) {
        return Ok(page(&frame, &form.edit(&Faults::default()).await?));
    }
    let next = match document.put(&form.items, &frame.agency) {
        Ok(next) => next,
        Err(faults) => return Ok(unprocessable(&frame, &form.edit(&faults).await?)),
    };
    match act {
        Act::Print => form.print(&next).await,
        Act::Publish => form.publish(&posted, staff.by()).await,
        _ => Ok(page(&frame, &form.preview(&next, form.items != now))),
    }
}

/// A posted form.
struct Form<'a> {
    portal: &'a Portal,
    frame: &'a Frame,
    document: &'a Document,
    base: i64,
    items: Vec<Item>,
    touched: Option<usize>,
}

impl Form<'_> {
    fn draft<'a>(&'a self, base: i64, faults: &'a Faults) -> Draft<'a> {
        Draft { document: self.document, base, items: &self.items, faults, touched: self.touched }
    }

    /// The form again, on top of the version that it was made from.
    async fn edit(&self, faults: &Faults) -> Result<crate::page::Page, Fault> {
        self.edit_on(self.base, faults).await
    }

    async fn edit_on(&self, base: i64, faults: &Faults) -> Result<crate::page::Page, Fault> {
        let holds = rows::number(&self.portal.store, self.document).await?;
        let versions = rows::history(&self.portal.store, self.document, holds.saturating_add(1)).await?;
        let history = pages::history(self.frame, self.document, &versions, (holds, holds));
        Ok(pages::edit(self.frame, &self.draft(base, faults), &history, false))
    }

    fn preview(&self, next: &Agency, is_changed: bool) -> crate::page::Page {
        let shown = preview_pages::show(self.portal, self.document, next);
        pages::preview(self.frame, &self.draft(self.base, &Faults::default()), &shown, is_changed)
    }

    async fn print(&self, next: &Agency) -> Result<HttpResponse, Fault> {
        let occasion = pages::as_letter(self.document).ok_or(Fault::NotFound)?;
        let letter = preview_pages::letter(self.portal, occasion, next);
        let pdf = letter.render("preview".into(), self.portal.now()).await.map_err(|fault| match fault {
            PostFault::Later(why) | PostFault::Never(why) => Fault::Broken(why),
        })?;
        Ok(HttpResponse::Ok()
            .content_type("application/pdf")
            .insert_header(("Cache-Control", "no-store"))
            .insert_header(("Content-Disposition", "inline; filename=\"preview.pdf\""))
            .body(pdf))
    }

    async fn publish(mut self, posted: &Fields, by: By<'_>) -> Result<HttpResponse, Fault> {
        let note = match optional(posted.text("note"), LONGEST_NOTE) {
            Ok(note) => note.unwrap_or_default(),
            // The page before has no room for more.
            Err(_) => posted.text("note").chars().take(LONGEST_NOTE).collect(),
        };
        let now = self.portal.now();
        if self.document.is_terms() && !posted.has("correction") {
            let day = self.portal.agency().calendar().day(now);
            for item in &mut self.items {
                item.values.insert("version".into(), format!("{day}.{}", self.base + 1));
            }
        }
        let published = (self.base, self.items.as_slice());
        match rows::publish(&self.portal.store, self.document, published, &note, by, now).await {
            Ok(()) => {
                load(self.portal).await?;
                Ok(see_other(&format!("{}?published=true", pages::path(self.document))))
            }
            Err(fault) if fault.is_refusal(rows::CHANGED) => {
                let holds = rows::number(&self.portal.store, self.document).await?;
                let sentence = format!(
                    "Version {holds} was published since you opened this form. What you typed is still here: look at that version below, and publish yours if it is to take its place."
                );
                let faults = Faults::one("document", sentence);
                Ok(unprocessable(self.frame, &self.edit_on(holds, &faults).await?))
            }
            Err(fault) => Err(fault.into()),
        }
    }
}
