//! A posted form of a document: shown again, as it would be seen, printed, or published.

use std::sync::Arc;

use actix_web::HttpResponse;

use super::{
    Document,
    edit_pages::{self, Draft},
    follow, form,
    item::Item,
    load, pages, preview_pages, publish_pages, queries, version_pages, waiting, waiting_pages,
};
use crate::{
    db::Transaction,
    delivery::document_fault,
    form::{Faults, Fields},
    http::{Done, Fault, Portal, Published, page, unprocessable},
    page::{Frame, Page},
    post::{LetterText, PostFault},
    session::staff::By,
    words::{Agency, Moment, Occasion},
};

/// The longest word about a change, in letters.
const LONGEST_NOTE: usize = 200;
/// How often a publication looks anew because others were made meanwhile.
const LOOKS: usize = 5;

/// A posted form.
pub struct Form<'a> {
    portal: &'a Portal,
    frame: &'a Frame,
    /// What was published when it came.
    pub published: Arc<Published>,
    document: &'a Document,
    base: i64,
    /// What it says.
    pub items: Vec<Item>,
    /// Whether the page is to be taken away.
    pub is_gone: bool,
    /// The item that a button has just moved or added.
    pub touched: Option<usize>,
    note: String,
    is_correction: bool,
    replaces: String,
}

impl<'a> Form<'a> {
    /// Reads it.
    pub fn read(
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
    ///
    /// # Errors
    /// When it can't be tried whether the letter can be printed.
    pub async fn put(&self) -> Result<Result<Agency, Faults>, Fault> {
        let next = match self.document.put(self.said(), &self.published.agency) {
            Ok(next) => next,
            Err(faults) => return Ok(Err(faults)),
        };
        let Some(occasion) = self.document.letter() else { return Ok(Ok(next)) };
        let letter = self.letter(occasion, &next);
        match self.rendered(letter).await? {
            Ok(_) => Ok(Ok(next)),
            Err(PostFault::Never(_) | PostFault::Unprintable(_)) => {
                let sentence = "It can't be printed: it has a sign that the letter's type does not have.";
                Ok(Err(Faults::one("document", sentence)))
            }
            Err(PostFault::Later(why)) => Err(Fault::Broken(why)),
        }
    }

    /// A letter as PDF; whoever previews letters shares a quarter of the pool.
    async fn rendered(&self, letter: LetterText) -> Result<Result<Vec<u8>, PostFault>, Fault> {
        let now = self.portal.now();
        Ok(self.portal.pools.documents.run(Some("previews"), move || letter.render("preview", now)).await?)
    }

    fn letter(&self, occasion: Occasion, agency: &Agency) -> LetterText {
        preview_pages::letter((&self.portal.public_url, self.portal.now()), occasion, agency)
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
        let versions = queries::history(&self.portal.db, self.document, holds).await?;
        let publication = &self.portal.publication;
        let history = version_pages::history(self.frame, publication, self.document, &versions, holds);
        let waiting = waiting::find(&self.portal.db, self.document).await?;
        let waits = waiting_pages::word(self.frame, self.document, waiting.as_ref());
        let note = edit_pages::Note { waits, ..edit_pages::Note::default() };
        Ok(edit_pages::edit(self.frame, &self.draft(faults), &history, note))
    }

    /// The same form again.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn again(&self, faults: &Faults) -> Result<HttpResponse, Fault> {
        Ok(page(self.frame, &self.page(faults).await?))
    }

    /// The same form again, with what is wrong with it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn refused(&self, faults: &Faults) -> Result<HttpResponse, Fault> {
        Ok(unprocessable(self.frame, &self.page(faults).await?))
    }

    /// What it would look like.
    pub fn preview(&self, next: &Agency) -> HttpResponse {
        let shown = preview_pages::show(&self.portal.public_url, self.document, next);
        let is_there = self.document.is_there(&self.published.agency);
        let is_changed = if self.is_gone {
            is_there
        } else {
            !is_there || self.items != self.document.items(&self.published.agency)
        };
        page(self.frame, &publish_pages::preview(self.frame, &self.draft(&Faults::default()), &shown, is_changed))
    }

    /// The letter as it would be printed.
    ///
    /// # Errors
    /// [`Fault::NotFound`] for what is no letter.
    pub async fn print(&self, next: &Agency) -> Result<HttpResponse, Fault> {
        let occasion = self.document.letter().ok_or(Fault::NotFound)?;
        let letter = self.letter(occasion, next);
        let pdf = self.rendered(letter).await?.map_err(document_fault)?;
        Ok(HttpResponse::Ok()
            .content_type("application/pdf")
            .insert_header(("Cache-Control", "no-store"))
            .insert_header(("Content-Disposition", "inline; filename=\"preview.pdf\""))
            .body(pdf))
    }

    /// Publishes it; if something else was published meanwhile, looks anew whether it still holds together.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn publish(mut self, by: By<'_>) -> Result<HttpResponse, Fault> {
        let now = self.portal.now();
        self.number_terms(now);
        if self.document.needs_release() {
            return self.submit(by).await;
        }
        for _ in 0..LOOKS {
            let new = queries::New {
                base: self.base,
                items: self.said(),
                note: &self.note,
                is_correction: self.is_correction,
                head: self.published.head,
                author: None,
            };
            match queries::publish(&self.portal.db, self.document, new, Transaction::default(), by, now).await {
                Ok(()) => {
                    load(self.portal).await?;
                    let done = if self.is_gone { Done::TakenAway } else { Done::Published };
                    return Ok(done.then(&pages::path(self.document)));
                }
                Err(fault) if fault.is_refusal(queries::CHANGED) => return self.outrun().await,
                Err(fault) if fault.is_refusal(queries::MOVED) => {
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
        match waiting::submit(&self.portal.db, self.document, new, by, self.portal.now()).await {
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
