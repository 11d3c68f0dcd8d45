//! A person's routes to the mailboxes of the accounts that they have access to.

use actix_web::{HttpResponse, http::StatusCode, web};
use maud::Markup;
use serde::Deserialize;

use super::{
    Mailboxes, files, form, lists,
    pages::{self, Reader, Writing},
    queries, receipts,
    thread::{After, Author, Folder, New, Thread},
};
use crate::{
    access::{Held, guard::own},
    db::rate_limit::Limit,
    form::{Faults, Fields},
    http::{Fault, Portal, Posted, answer, page, see_other, unprocessable, uploaded::Uploaded},
    logon,
    page::{Frame, fields::Filled},
    session::Person,
    words::{AccountId, DraftId, LogonId, measure::Measure},
};

/// What one logon may write: far more than a person does, and no flood.
const WRITES: Limit = Limit { what: "message", most: 60, within: chrono::Duration::hours(1) };
/// How many accounts a search looks into.
const SEARCHED: usize = 50;
/// How many messages it looks through, in all of them together: a second's work at most.
const SCANNED: usize = 20_000;
/// The longest search, in characters.
const LONGEST_SEARCH: usize = 100;

/// Which part of a person's correspondence is shown.
#[derive(Default, Deserialize)]
pub struct Which {
    folder: Option<String>,
    after: Option<String>,
    q: Option<String>,
}

impl Which {
    /// Whether it is the inbox's first page, which a new message changes.
    pub fn is_latest(&self) -> bool {
        self.after.is_none() && self.searched().is_empty()
    }

    /// The same in an address.
    pub fn query(&self) -> String {
        let folder = Folder::named(self.folder.as_deref().unwrap_or_default());
        format!("?folder={}", folder.word())
    }

    /// Where the shown page of the list begins.
    pub fn after(&self) -> After {
        After::parse(self.after.as_deref().unwrap_or_default())
    }

    fn searched(&self) -> String {
        self.q.as_deref().unwrap_or_default().trim().chars().take(LONGEST_SEARCH).collect()
    }
}

/// A person's correspondence: a folder, or what a search found in the accounts that they may see.
///
/// # Errors
/// When the database does not answer.
pub async fn correspondence(
    person: &Person,
    portal: &Portal,
    frame: &Frame,
    accounts: &[Held],
    which: &Which,
) -> Result<Markup, Fault> {
    let typed = which.searched();
    if typed.is_empty() {
        let folder = Folder::named(which.folder.as_deref().unwrap_or_default());
        let threads = lists::folder(&portal.db, person.logon(), folder, which.after()).await?;
        return Ok(pages::folder(frame, folder, &threads));
    }
    let searched = &accounts[..accounts.len().min(SEARCHED)];
    let scanned = i64::try_from(SCANNED / searched.len().max(1)).unwrap_or(i64::MAX);
    let (mut hits, mut has_older) = (Vec::new(), searched.len() < accounts.len());
    // One after another: a person's search keeps one processor busy, not all.
    for held in searched {
        let mut found = lists::search(&portal.db, &held.account, &typed, scanned).await?;
        hits.append(&mut found.hits);
        has_older |= found.has_older;
    }
    hits.sort_by_key(|hit| std::cmp::Reverse(hit.at));
    Ok(pages::hits(frame, &typed, &hits, has_older))
}

/// Which of a thread's messages are shown.
#[derive(Deserialize)]
pub struct Part {
    before: Option<i64>,
}

type Place = web::Path<(String, String, i64)>;

async fn find(person: &Person, portal: &Portal, path: &Place, before: Option<i64>) -> Result<Thread, Fault> {
    let account = own(person, portal, &path.0, &path.1).await?;
    let first = queries::thread_of(&portal.db, &account, path.2).await?.ok_or(Fault::NotFound)?;
    queries::open(&portal.db, person.logon(), &account, first, before).await?.ok_or(Fault::NotFound)
}

/// A thread, which is read by being opened (R139).
///
/// # Errors
/// [`Fault::NotFound`] for a message of an account that is not one's own.
pub async fn open(
    person: Person,
    portal: Portal,
    frame: Frame,
    path: Place,
    part: web::Query<Part>,
) -> Result<HttpResponse, Fault> {
    let thread = find(&person, &portal, &path, part.before).await?;
    let head = &thread.head;
    if head.confirm_by.is_some() {
        let note = receipts::note(&head.account, head.first, person.logon(), false, portal.now());
        note.run(&portal.db).await?;
    }
    if let (None, Some(last)) = (part.before, thread.messages.last())
        && queries::read(&portal.db, person.logon(), &thread.head.account, thread.head.first, last.sequence).await?
    {
        portal.count(Measure::ThreadsRead, 1);
    }
    let (fields, faults) = <(Fields, Faults)>::default();
    let writing = Writing { draft: &DraftId::draw(), files: &[], form: Filled { fields: &fields, faults: &faults } };
    Ok(page(&frame, &pages::thread(&frame, &thread, person.logon(), writing)))
}

/// A thread's messages, for an open page that was told that something changed. Nobody may be looking: it marks
/// nothing as read.
///
/// # Errors
/// [`Fault::NotFound`] for a message of an account that is not one's own.
pub async fn part(
    person: Person,
    portal: Portal,
    frame: Frame,
    path: Place,
    part: web::Query<Part>,
) -> Result<HttpResponse, Fault> {
    let thread = find(&person, &portal, &path, part.before).await?;
    let own = pages::path(&thread.head.account, thread.head.first);
    Ok(answer(StatusCode::OK, pages::messages(&frame, &thread, Reader::Holder(person.logon()), &own)))
}

/// Puts a thread away, or back into the inbox.
///
/// # Errors
/// [`Fault::NotFound`] for a message of an account that is not one's own.
pub async fn archive(
    person: Person,
    portal: Portal,
    path: Place,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    let account = own(&person, &portal, &path.0, &path.1).await?;
    let first = queries::thread_of(&portal.db, &account, path.2).await?.ok_or(Fault::NotFound)?;
    queries::archive(&portal.db, person.logon(), &account, first, posted.text("away") == "yes").await?;
    Ok(see_other("/springboard/correspondence"))
}

/// Answers in a thread.
///
/// # Errors
/// [`Fault::NotFound`] for a message of an account that is not one's own; [`Fault::TooMany`].
pub async fn reply(
    person: Person,
    portal: Portal,
    frame: Frame,
    mailboxes: web::Data<Mailboxes>,
    path: Place,
    mut posted: Uploaded,
) -> Result<HttpResponse, Fault> {
    let thread = find(&person, &portal, &path, None).await?;
    let draft = form::draft(&posted.fields);
    let (files, refused) = files::take(&portal, &mut posted, &draft, person.logon()).await?;
    let body = match refused.and(form::answer(&posted.fields)) {
        Ok(body) => body,
        Err(faults) => {
            let form = Filled { fields: &posted.fields, faults: &faults };
            let writing = Writing { draft: &draft, files: &files, form };
            return Ok(unprocessable(&frame, &pages::thread(&frame, &thread, person.logon(), writing)));
        }
    };
    let head = &thread.head;
    let words = Words { account: &head.account, thread: Some(head.first), subject: head.subject.clone(), body, draft };
    send(&person, &portal, &mailboxes, words).await
}

type Account = web::Path<(String, String)>;

/// The form of a new thread.
///
/// # Errors
/// [`Fault::NotFound`] for an account that is not one's own.
pub async fn compose(person: Person, portal: Portal, frame: Frame, path: Account) -> Result<HttpResponse, Fault> {
    let account = own(&person, &portal, &path.0, &path.1).await?;
    let (fields, faults) = <(Fields, Faults)>::default();
    let writing = Writing { draft: &DraftId::draw(), files: &[], form: Filled { fields: &fields, faults: &faults } };
    Ok(page(&frame, &pages::compose(&frame, &account, writing)))
}

/// Begins a thread.
///
/// # Errors
/// [`Fault::NotFound`] for an account that is not one's own; [`Fault::TooMany`].
pub async fn begin(
    person: Person,
    portal: Portal,
    frame: Frame,
    mailboxes: web::Data<Mailboxes>,
    path: Account,
    mut posted: Uploaded,
) -> Result<HttpResponse, Fault> {
    let account = own(&person, &portal, &path.0, &path.1).await?;
    let draft = form::draft(&posted.fields);
    let (files, refused) = files::take(&portal, &mut posted, &draft, person.logon()).await?;
    match refused.and(form::new(&posted.fields)) {
        Ok((subject, body)) => {
            let words = Words { account: &account, thread: None, subject, body, draft };
            send(&person, &portal, &mailboxes, words).await
        }
        Err(faults) => {
            let form = Filled { fields: &posted.fields, faults: &faults };
            let writing = Writing { draft: &draft, files: &files, form };
            Ok(unprocessable(&frame, &pages::compose(&frame, &account, writing)))
        }
    }
}

struct Words<'a> {
    account: &'a AccountId,
    thread: Option<i64>,
    subject: String,
    body: String,
    draft: DraftId,
}

async fn send(
    person: &Person,
    portal: &Portal,
    mailboxes: &Mailboxes,
    words: Words<'_>,
) -> Result<HttpResponse, Fault> {
    if !WRITES.allows(&portal.db, person.logon(), portal.now()).await? {
        return Err(Fault::TooMany);
    }
    let logon = logon::queries::find(&portal.db, &LogonId::known(person.logon())).await?.ok_or(Fault::NotFound)?;
    let author = Author::Holder { logon: person.logon().to_owned(), name: logon.profile.name() };
    let Words { account, thread, subject, body, draft } = words;
    let new = New { account: account.clone(), thread, subject, body, author, answer_by: None, notice: None, draft };
    let posted = mailboxes.of(account).post(new).await?;
    Ok(see_other(&format!("{}#message-{}", pages::path(account, posted.thread), posted.sequence)))
}
