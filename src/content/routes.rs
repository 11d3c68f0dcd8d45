//! The routes of content.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::{
    Document, follow,
    form::{self, Act},
    item::Item,
    load,
    pages::{self, Draft},
    preview_pages, rows, version_pages, waiting, waiting_pages,
};
use crate::{
    form::{Faults, Fields},
    http::{Done, Fault, Portal, Posted, Published, page, see_other, unprocessable},
    page::{Frame, Page, fields::Filled},
    post::PostFault,
    session::{
        Staff,
        staff::{By, Employee, Supervisor},
    },
    store::Piece,
    words::{Agency, Moment, menu::is_page_name},
};

/// The longest word about a change, in letters.
const LONGEST_NOTE: usize = 200;
/// How often a publication looks anew because others were made meanwhile.
const LOOKS: usize = 5;

/// All documents.
///
/// # Errors
/// When the database does not answer.
pub async fn list(staff: Staff<Employee>, portal: Portal, frame: Frame) -> Result<HttpResponse, Fault> {
    let (fields, faults) = <(Fields, Faults)>::default();
    let holding = rows::holding(&portal.store).await?;
    let waiting = waiting::names(&portal.store).await?;
    let published = portal.publication.now();
    let view = pages::List { holding: &holding, waiting: &waiting, published: &published, by: staff.by() };
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
    let holding = rows::holding(&portal.store).await?;
    let waiting = waiting::names(&portal.store).await?;
    let published = portal.publication.now();
    let view = pages::List { holding: &holding, waiting: &waiting, published: &published, by: staff.by() };
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
    let versions = rows::history(&portal.store, &document, newest).await?;
    let waiting = waiting::find(&portal.store, &document).await?;
    let waits = waiting_pages::word(&frame, &document, waiting.as_ref());
    let history = version_pages::history(&frame, &portal.publication, &document, &versions, newest);
    if !staff.may::<Supervisor>() {
        let shown = preview_pages::show(&portal, &document, &published.agency);
        return Ok(page(&frame, &pages::look(&frame, &document, (&waits, &shown), &history)));
    }
    let (items, faults) = (document.items(&published.agency), Faults::default());
    let draft = Draft { base: holds, ..Draft::new(&document, &items, &faults) };
    let unfit = published.unfit.get(key.as_str()).map(String::as_str);
    let note = pages::Note { unfit, waits };
    Ok(page(&frame, &pages::edit(&frame, &draft, &history, note)))
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
    let found = rows::find(&portal.store, &document, path.1).await?;
    let configured = portal.publication.configured();
    let items = match &found {
        Some((_, items)) => items.clone().ok_or_else(|| Fault::Broken("a version of content can't be read".into()))?,
        None if path.1 == 0 && document.is_there(configured) => document.items(configured),
        None => return Err(Fault::NotFound),
    };
    let put = document.put(&items, &published.agency);
    let shown = put.map(|agency| preview_pages::show(&portal, &document, &agency));
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

/// A posted form.
struct Form<'a> {
    portal: &'a Portal,
    frame: &'a Frame,
    published: Arc<Published>,
    document: &'a Document,
    base: i64,
    items: Vec<Item>,
    is_gone: bool,
    touched: Option<usize>,
    note: String,
    is_correction: bool,
    replaces: String,
}

impl<'a> Form<'a> {
    fn read(
        portal: &'a Portal,
        frame: &'a Frame,
        published: Arc<Published>,
        document: &'a Document,
        posted: &Fields,
    ) -> Self {
        let items = form::items(posted, document, &document.items(&published.agency));
        let is_guide = matches!(document, Document::Guide(_));
        Self {
            portal,
            frame,
            document,
            base: posted.text("base").parse().unwrap_or(0),
            is_gone: is_guide && (posted.has("gone") || items.is_empty()),
            items,
            touched: None,
            note: posted.text("note").chars().filter(|letter| !letter.is_control()).take(LONGEST_NOTE).collect(),
            is_correction: document.is_terms() && posted.has("correction"),
            replaces: posted.text("replaces").to_owned(),
            published,
        }
    }

    /// What it says if it is published.
    fn said(&self) -> &[Item] {
        if self.is_gone { &[] } else { &self.items }
    }

    /// The agency as it would be; a letter has to be one that can be printed.
    async fn put(&self) -> Result<Result<Agency, Faults>, Fault> {
        let next = match self.document.put(self.said(), &self.published.agency) {
            Ok(next) => next,
            Err(faults) => return Ok(Err(faults)),
        };
        let Some(occasion) = self.document.letter() else { return Ok(Ok(next)) };
        let letter = preview_pages::letter(self.portal, occasion, &next);
        match letter.render("preview".into(), self.portal.now()).await {
            Ok(_) => Ok(Ok(next)),
            Err(PostFault::Never(_)) => {
                let sentence = "It can't be printed: it has a sign that the letter's type does not have.";
                Ok(Err(Faults::one("document", sentence)))
            }
            Err(PostFault::Later(why)) => Err(Fault::Broken(why)),
        }
    }

    fn draft<'b>(&'b self, faults: &'b Faults) -> Draft<'b> {
        Draft {
            base: self.base,
            touched: self.touched,
            note: &self.note,
            is_correction: self.is_correction,
            is_gone: self.is_gone,
            replaces: &self.replaces,
            ..Draft::new(self.document, &self.items, faults)
        }
    }

    async fn page(&self, faults: &Faults) -> Result<Page, Fault> {
        let holds = self.published.version(&self.document.key());
        let versions = rows::history(&self.portal.store, self.document, holds).await?;
        let publication = &self.portal.publication;
        let history = version_pages::history(self.frame, publication, self.document, &versions, holds);
        let waiting = waiting::find(&self.portal.store, self.document).await?;
        let waits = waiting_pages::word(self.frame, self.document, waiting.as_ref());
        let note = pages::Note { waits, ..pages::Note::default() };
        Ok(pages::edit(self.frame, &self.draft(faults), &history, note))
    }

    async fn again(&self, faults: &Faults) -> Result<HttpResponse, Fault> {
        Ok(page(self.frame, &self.page(faults).await?))
    }

    async fn refused(&self, faults: &Faults) -> Result<HttpResponse, Fault> {
        Ok(unprocessable(self.frame, &self.page(faults).await?))
    }

    fn preview(&self, next: &Agency) -> HttpResponse {
        let shown = preview_pages::show(self.portal, self.document, next);
        let is_there = self.document.is_there(&self.published.agency);
        let is_changed = if self.is_gone {
            is_there
        } else {
            !is_there || self.items != self.document.items(&self.published.agency)
        };
        page(self.frame, &pages::preview(self.frame, &self.draft(&Faults::default()), &shown, is_changed))
    }

    async fn print(&self, next: &Agency) -> Result<HttpResponse, Fault> {
        let occasion = self.document.letter().ok_or(Fault::NotFound)?;
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

    /// Publishes it; if something else was published meanwhile, looks anew whether it still holds together.
    async fn publish(mut self, by: By<'_>) -> Result<HttpResponse, Fault> {
        let now = self.portal.now();
        self.number_terms(now);
        if self.document.needs_release() {
            return self.submit(by).await;
        }
        for _ in 0..LOOKS {
            let new = rows::New {
                base: self.base,
                items: self.said(),
                note: &self.note,
                is_correction: self.is_correction,
                head: self.published.head,
                author: None,
            };
            match rows::publish(&self.portal.store, self.document, new, Piece::default(), by, now).await {
                Ok(()) => {
                    load(self.portal).await?;
                    let done = if self.is_gone { Done::TakenAway } else { Done::Published };
                    return Ok(done.then(&pages::path(self.document)));
                }
                Err(fault) if fault.is_refusal(rows::CHANGED) => return self.outrun().await,
                Err(fault) if fault.is_refusal(rows::MOVED) => {
                    self.look_anew().await?;
                    if let Err(faults) = self.put().await? {
                        return self.refused(&faults).await;
                    }
                }
                Err(fault) => return Err(fault.into()),
            }
        }
        Err(Fault::Away("others publish all the time".into()))
    }

    /// Has it wait for a second employee.
    async fn submit(self, by: By<'_>) -> Result<HttpResponse, Fault> {
        if self.base != self.published.version(&self.document.key()) {
            return self.outrun().await;
        }
        let (base, items, note, is_correction) = (self.base, self.said(), &self.note, self.is_correction);
        let new = waiting::New { base, items, note, is_correction, replaces: &self.replaces };
        match waiting::submit(&self.portal.store, self.document, new, by, self.portal.now()).await {
            Ok(()) => Ok(Done::Submitted.then(&pages::path(self.document))),
            Err(fault) if fault.is_refusal(waiting::TAKEN) => {
                let sentence = "Another version waits already: look at it above. It has to be published or withdrawn first, or changed by whoever wrote it.";
                self.refused(&Faults::one("document", sentence)).await
            }
            Err(fault) => Err(fault.into()),
        }
    }

    /// New terms have a version of their own; a correction keeps the one that people agreed to.
    fn number_terms(&mut self, now: Moment) {
        if self.document.is_terms() && !self.is_correction {
            let day = self.published.agency.calendar().day(now);
            let version = format!("{day}.{}", self.base.saturating_add(1));
            self.items.iter_mut().for_each(|item| drop(item.values.insert("version".into(), version.clone())));
        }
    }

    async fn look_anew(&mut self) -> Result<(), Fault> {
        follow(self.portal).await?;
        self.published = self.portal.publication.now();
        Ok(())
    }

    /// Somebody published another version since the form was opened: what was typed comes back, on top of theirs.
    async fn outrun(mut self) -> Result<HttpResponse, Fault> {
        self.look_anew().await?;
        self.base = self.published.version(&self.document.key());
        let sentence = format!(
            "Version {} was published since you opened this form. What you typed is still here: look at that version below, and publish yours if it is to take its place.",
            self.base
        );
        self.refused(&Faults::one("document", sentence)).await
    }
}
