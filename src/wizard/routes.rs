//! A wizard's routes, written once: start or resume, show a step, answer it, submit once, cancel.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};

use super::{
    Act, Acted, Asked, Journey, Owner, View, Wizard,
    draft::{self, Draft},
    pages,
};
use crate::{
    db::rate_limit::Limit,
    form::{Faults, Fields},
    http::{Caller, Fault, Portal, Posted, answer, page, see_other, unprocessable},
    page::{Frame, fields::Filled},
};

/// Drafts that one address begins without signing in: a classroom of people behind one address, and no more.
const NEW_DRAFTS: Limit = Limit { what: "new draft address", most: 120, within: chrono::Duration::hours(1) };

/// Mounts a wizard in the scope of its path.
pub fn mount<W: Act>(config: &mut web::ServiceConfig) {
    config
        .route("", web::get().to(resume::<W>))
        .route("/cancel", web::get().to(ask_to_cancel::<W>))
        .route("/cancel", web::post().to(cancel::<W>))
        .route("/{step}", web::get().to(show::<W>))
        .route("/{step}", web::post().to(receive::<W>));
}

/// Goes to the first step that is not answered; after an ended one, begins anew.
///
/// # Errors
/// [`Fault::TooMany`] when one address begins too many.
async fn resume<W: Act>(owner: W::Owner, portal: Portal, Caller(caller): Caller) -> Result<HttpResponse, Fault> {
    let key = owner.draft_owner();
    let mut draft = Draft::<W>::open(&portal.db, &key).await?;
    if draft.ended.is_some() {
        draft.anew();
    }
    begin(&draft, &key, &portal, &caller).await?;
    Ok(see_other(&pages::path::<W>(Journey::<W>::of(&draft.answers).next())))
}

/// Keeps a draft that may be a new one.
async fn begin<W: Act>(draft: &Draft<W>, key: &str, portal: &Portal, caller: &str) -> Result<(), Fault> {
    if W::Owner::IS_ANONYMOUS && !draft.is_kept {
        let address = portal.keys.hash("address", caller.as_bytes());
        if !NEW_DRAFTS.allows(&portal.db, &address, portal.now()).await? {
            return Err(Fault::TooMany);
        }
    }
    draft.keep(&portal.db, key, portal.now()).await
}

async fn show<W: Act>(
    owner: W::Owner,
    portal: Portal,
    frame: Frame,
    step: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let draft = Draft::<W>::open(&portal.db, &owner.draft_owner()).await?;
    if let Some(path) = &draft.ended {
        return Ok(see_other(path));
    }
    // Opened by its own address, from a bookmark or a restored tab: what is typed there needs a draft.
    if !draft.is_kept {
        return Ok(see_other(W::PATH));
    }
    let journey = Journey::<W>::of(&draft.answers);
    let Some(step) = journey.visit(&step) else { return Ok(see_other(&pages::path::<W>(journey.next()))) };
    let typed = draft.typed(step);
    let shown = Shown { owner: &owner, portal: &portal, frame: &frame, draft: &draft };
    let shown = shown.page(step, Filled { fields: &typed, faults: &Faults::default() }, frame.partial).await?;
    Ok(page(&frame, &shown))
}

/// Takes a step's form: on to the next step, back to the one before, or the deed.
async fn receive<W: Act>(
    owner: W::Owner,
    portal: Portal,
    frame: Frame,
    request: HttpRequest,
    step: web::Path<String>,
    Caller(caller): Caller,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let key = owner.draft_owner();
    let mut draft = Draft::<W>::open(&portal.db, &key).await?;
    if !draft.is_kept {
        // Its draft was swept while the page was open: the form is taken for a new one.
        begin(&draft, &key, &portal, &caller).await?;
    } else if posted.text("draft") != draft.id.as_str() {
        return stale(Shown { owner: &owner, portal: &portal, frame: &frame, draft: &draft }, &step, &posted).await;
    }
    if let Some(path) = &draft.ended {
        return Ok(see_other(path));
    }
    let journey = Journey::<W>::of(&draft.answers);
    let Some(step) = journey.visit(&step) else {
        return stale(Shown { owner: &owner, portal: &portal, frame: &frame, draft: &draft }, &step, &posted).await;
    };
    draft.remember(step, &posted);
    let id = draft.id.clone();
    let ending = draft.ending(&key);
    let asked = Asked { portal: &portal, request: &request, draft: &id, ending: &ending };

    if posted.text("go") == "previous" {
        draft.keep(&portal.db, &key, portal.now()).await?;
        return Ok(see_other(&pages::path::<W>(journey.before(step).unwrap_or(step))));
    }
    if posted.text("go") == "reset" {
        W::reset(&owner, step, &portal).await?;
        draft.forget(step);
        draft.keep(&portal.db, &key, portal.now()).await?;
        return Ok(see_other(&pages::path::<W>(step)));
    }
    if let Err(faults) = W::answer(&owner, step, &mut draft.answers, &posted, &asked).await? {
        draft.keep(&portal.db, &key, portal.now()).await?;
        return again(Shown { owner: &owner, portal: &portal, frame: &frame, draft: &draft }, step, &posted, &faults)
            .await;
    }
    if !journey.is_last(step) {
        draft.keep(&portal.db, &key, portal.now()).await?;
        return Ok(see_other(&pages::path::<W>(Journey::<W>::of(&draft.answers).after(step))));
    }
    let Some(whole) = W::finish(&draft.answers) else { return Ok(see_other(W::PATH)) };
    match W::act(&owner, whole, &posted, &asked).await? {
        Acted::Done(path) => Ok(see_other(&path)),
        Acted::Before => Ok(see_other(Draft::<W>::open(&portal.db, &key).await?.ended.as_deref().unwrap_or(W::PATH))),
        Acted::Faulty(at, faults) => {
            draft.keep(&portal.db, &key, portal.now()).await?;
            let typed = if at == step { posted } else { draft.typed(at) };
            again(Shown { owner: &owner, portal: &portal, frame: &frame, draft: &draft }, at, &typed, &faults).await
        }
    }
}

/// A form of another draft was sent, or one whose step is not reached: two tabs, or a page from long ago. The step is shown
/// again with what was typed, for the draft that there is; where it can't be, what was typed is shown to be copied.
async fn stale<W: Act>(shown: Shown<'_, W>, step: &str, posted: &Fields) -> Result<HttpResponse, Fault> {
    let at = Journey::<W>::of(&shown.draft.answers).visit(step).filter(|_| shown.draft.ended.is_none());
    let page = match at {
        Some(step) => {
            let faults = Faults::one("step", pages::STALE);
            shown.page(step, Filled { fields: posted, faults: &faults }, false).await?
        }
        None => {
            let is_shown = |name: &str| W::FIELDS.contains(&name) && !W::is_secret(name);
            pages::stale::<W>(posted.pairs().filter(|(name, value)| is_shown(name) && !value.trim().is_empty()))
        }
    };
    Ok(answer(StatusCode::CONFLICT, shown.frame.show(&page)))
}

/// The same step again, with what is wrong.
async fn again<W: Act>(
    shown: Shown<'_, W>,
    step: W::Step,
    typed: &Fields,
    faults: &Faults,
) -> Result<HttpResponse, Fault> {
    let page = shown.page(step, Filled { fields: typed, faults }, false).await?;
    Ok(unprocessable(shown.frame, &page))
}

/// What a step's page is made from.
struct Shown<'a, W: Act> {
    owner: &'a W::Owner,
    portal: &'a Portal,
    frame: &'a Frame,
    draft: &'a Draft<W>,
}

impl<W: Act> Shown<'_, W> {
    async fn page(&self, step: W::Step, form: Filled<'_>, moved: bool) -> Result<crate::page::Page, Fault> {
        let answers = &self.draft.answers;
        let sight = W::look(self.owner, step, answers, self.portal).await?;
        let view: View<'_, W> = View { frame: self.frame, draft: answers, form, sight: &sight };
        Ok(pages::step(step, &Journey::of(answers), &self.draft.id, &view, moved))
    }
}

async fn ask_to_cancel<W: Act>(_: W::Owner, frame: Frame) -> Result<HttpResponse, Fault> {
    Ok(page(&frame, &pages::cancel::<W>(&frame, W::PATH)))
}

async fn cancel<W: Act>(owner: W::Owner, portal: Portal, _: Posted) -> Result<HttpResponse, Fault> {
    draft::discard(&portal.db, W::KEY, &owner.draft_owner()).await?;
    Ok(see_other(<W as Wizard>::LEAVE))
}
