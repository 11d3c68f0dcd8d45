//! What holders wrote: the threads that wait for an answer, each with its answer and who looks after it.

use actix_web::{HttpResponse, http::StatusCode, web};
use serde::Deserialize;

use super::{message_pages as pages, routes::author};
use crate::{
    account,
    form::{Faults, Fields},
    http::{Caller, Done, Fault, Portal, Posted, answer, page, see_other, unprocessable, uploaded::Uploaded},
    mailbox::{
        self, Asked, Mailboxes, alert_queries, lists,
        pages::Writing,
        queries, receipts,
        thread::{After, Listed, New, Slice, Thread},
    },
    page::{Frame, fields::Filled},
    session::{
        Staff, StepUp,
        staff::{Clerk, Employee},
    },
    words::DraftId,
};

/// Which threads are listed.
#[derive(Deserialize)]
pub struct Which {
    of: Option<String>,
    after: Option<String>,
}

impl Which {
    fn is_mine(&self) -> bool {
        self.of.as_deref() == Some("me")
    }

    fn after(&self) -> After {
        After::parse(self.after.as_deref().unwrap_or_default())
    }
}

/// The threads that wait for the agency's answer: all, or those that the employee looks after.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting(
    staff: Staff<Employee>,
    portal: Portal,
    frame: Frame,
    which: web::Query<Which>,
) -> Result<HttpResponse, Fault> {
    let threads = waiting_for(&staff, &portal, &which).await?;
    Ok(page(&frame, &pages::waiting(&frame, which.is_mine(), which.after(), &threads)))
}

/// The same list, for an open page that was told that something changed.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting_part(
    staff: Staff<Employee>,
    portal: Portal,
    frame: Frame,
    which: web::Query<Which>,
) -> Result<HttpResponse, Fault> {
    let threads = waiting_for(&staff, &portal, &which).await?;
    Ok(answer(StatusCode::OK, pages::waiting_list(&frame, which.is_mine(), &threads)))
}

async fn waiting_for(staff: &Staff<Employee>, portal: &Portal, which: &Which) -> Result<Slice<Listed>, Fault> {
    let of = which.is_mine().then_some(staff.user_id());
    Ok(lists::waiting(&portal.db, of, which.after()).await?)
}

/// Which of a thread's messages are shown.
#[derive(Deserialize)]
pub struct Part {
    before: Option<i64>,
}

type Place = web::Path<(String, String, i64)>;

async fn find(portal: &Portal, path: &Place, before: Option<i64>) -> Result<Thread, Fault> {
    let id = account::at(portal, &path.0, &path.1).await?.id;
    let first = queries::thread_of(&portal.db, &id, path.2).await?.ok_or(Fault::NotFound)?;
    queries::open(&portal.db, "", &id, first, before).await?.ok_or(Fault::NotFound)
}

/// A thread with the form for an answer.
///
/// # Errors
/// [`Fault::NotFound`] for a thread that is not there.
pub async fn open(
    staff: Staff<Employee>,
    portal: Portal,
    frame: Frame,
    path: Place,
    part: web::Query<Part>,
) -> Result<HttpResponse, Fault> {
    let thread = find(&portal, &path, part.before).await?;
    let known = known(&portal, &thread).await?;
    let (fields, faults) = <(Fields, Faults)>::default();
    let writing = Writing { draft: &DraftId::draw(), files: &[], form: Filled { fields: &fields, faults: &faults } };
    Ok(page(&frame, &pages::thread(&frame, &thread, staff.by(), &known, writing)))
}

/// What is known of how the thread's first message reached people.
async fn known(portal: &Portal, thread: &Thread) -> Result<pages::Known, Fault> {
    let head = &thread.head;
    let (told, receipts) = futures_util::try_join!(
        alert_queries::of_message(&portal.db, &head.account, head.first),
        receipts::of_notice(&portal.db, &head.account, head.first),
    )?;
    Ok(pages::Known { told, receipts })
}

/// A thread's messages and what is known of them, for an open page that was told that something changed.
///
/// # Errors
/// [`Fault::NotFound`] for a thread that is not there.
pub async fn part(
    _: Staff<Employee>,
    portal: Portal,
    frame: Frame,
    path: Place,
    part: web::Query<Part>,
) -> Result<HttpResponse, Fault> {
    let thread = find(&portal, &path, part.before).await?;
    let known = known(&portal, &thread).await?;
    Ok(answer(StatusCode::OK, pages::state(&frame, &thread, &known)))
}

/// Answers a thread; it waits no longer.
///
/// # Errors
/// [`Fault::NotFound`] for a thread that is not there.
pub async fn reply(
    staff: Staff<Clerk>,
    portal: Portal,
    frame: Frame,
    mailboxes: web::Data<Mailboxes>,
    path: Place,
    mut posted: Uploaded,
) -> Result<HttpResponse, Fault> {
    let thread = find(&portal, &path, None).await?;
    let draft = mailbox::draft(&posted.fields);
    let (files, refused) = mailbox::files::take(&portal, &mut posted, &draft, staff.id()).await?;
    let asked = mailbox::asked(&posted.fields, &portal.agency(), portal.now());
    let (body, Asked { answer_by, .. }) = match refused.and(Faults::both(mailbox::answer(&posted.fields), asked)) {
        Ok(both) => both,
        Err(faults) => {
            let form = Filled { fields: &posted.fields, faults: &faults };
            let writing = Writing { draft: &draft, files: &files, form };
            let known = known(&portal, &thread).await?;
            return Ok(unprocessable(&frame, &pages::thread(&frame, &thread, staff.by(), &known, writing)));
        }
    };
    let head = thread.head;
    let new = New {
        account: head.account.clone(),
        thread: Some(head.first),
        subject: head.subject,
        body,
        author: author(staff.by()),
        answer_by,
        notice: None,
        draft,
    };
    let posted = mailboxes.of(&head.account).post(new).await?;
    Ok(see_other(&format!("{}#message-{}", pages::path(&head.account, posted.thread), posted.sequence)))
}

/// Takes a thread into one's own hands, or lets it go.
///
/// # Errors
/// [`Fault::NotFound`] for a thread that is not there.
pub async fn assign(
    staff: Staff<Clerk>,
    portal: Portal,
    path: Place,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let head = find(&portal, &path, None).await?.head;
    let to = (posted.text("take") == "yes").then_some(staff.user_id());
    queries::assign(&portal.db, &head.account, head.first, to, staff.id(), portal.now()).await?;
    let done = if to.is_some() { Done::Taken } else { Done::LetGo };
    Ok(done.then(&pages::path(&head.account, head.first)))
}

/// Hands a file of a message out.
///
/// # Errors
/// [`Fault::NotFound`] for what this account's messages do not bring.
pub async fn download(
    _: Staff<Employee>,
    portal: Portal,
    path: web::Path<(String, String, String)>,
) -> Result<HttpResponse, Fault> {
    let account = account::at(&portal, &path.0, &path.1).await?.id;
    mailbox::files::hand_out(&portal, &account, &path.2).await
}

/// The evidence of a notice, as a PDF.
///
/// # Errors
/// [`Fault::NotFound`] for a message that is no notice.
pub async fn evidence(
    staff: Staff<Employee>,
    _: StepUp,
    portal: Portal,
    caller: Caller,
    path: Place,
) -> Result<HttpResponse, Fault> {
    let account = account::at(&portal, &path.0, &path.1).await?.id;
    mailbox::notices::evidence(&portal, &caller, &account, path.2, staff.id()).await
}
