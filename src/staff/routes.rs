//! The console's routes; every one of them asks for an employee.

use actix_web::{HttpResponse, http::StatusCode, web};
use serde::Deserialize;

use super::pages::{self, View};
use crate::{
    access,
    account::{self, Account, Status},
    audit::{self, Cursor, Deed, Filter},
    authorization_code::track,
    form::{Faults, Fields},
    http::{Caller, Fault, Portal, answer, at_address, page, see_other, seen, unprocessable, uploaded::Uploaded},
    mailbox::{
        self, Asked, Mailboxes,
        pages::Writing,
        text,
        thread::{After, Author, New},
    },
    page::{Frame, fields::Filled},
    session::{
        Staff,
        staff::{By, Clerk, Employee},
    },
    staff_member::queries::with_user_ids,
    template::{
        self,
        places::{Addressee, filled},
    },
    words::DraftId,
};

/// How much of what happened an account's page shows.
const HAPPENED: usize = 15;

/// What is searched for.
#[derive(Deserialize)]
pub struct Search {
    q: Option<String>,
    kind: Option<String>,
}

impl Search {
    /// What was found; nothing was asked for yet.
    async fn found(&self, portal: &Portal) -> Result<Option<Vec<Account>>, Fault> {
        let (agency, typed) = (portal.agency(), self.q.as_deref().unwrap_or_default().trim());
        let kind = self.kind.as_deref().filter(|kind| agency.account_type(kind).is_some());
        if typed.is_empty() && kind.is_none() {
            return Ok(None);
        }
        let all = agency.account_types.iter().map(|kind| kind.key.as_str());
        let kinds: Vec<&str> = kind.map_or_else(|| all.collect(), |kind| vec![kind]);
        Ok(Some(account::search(&portal.db, &kinds, typed).await?))
    }
}

/// The search for an account.
///
/// # Errors
/// When the database does not answer.
pub async fn search(
    _: Staff<Employee>,
    portal: Portal,
    frame: Frame,
    search: web::Query<Search>,
) -> Result<HttpResponse, Fault> {
    let found = search.found(&portal).await?;
    let (typed, kind) = (search.q.as_deref().unwrap_or_default(), search.kind.as_deref().unwrap_or_default());
    Ok(page(&frame, &pages::search(&frame, typed, kind, found.as_deref())))
}

/// What was found, for a page on which somebody types.
///
/// # Errors
/// When the database does not answer.
pub async fn results(
    _: Staff<Employee>,
    portal: Portal,
    frame: Frame,
    search: web::Query<Search>,
) -> Result<HttpResponse, Fault> {
    let found = search.found(&portal).await?;
    let typed = Fields::default()
        .with("q", search.q.as_deref().unwrap_or_default())
        .with("kind", search.kind.as_deref().unwrap_or_default());
    let shown = answer(StatusCode::OK, pages::results(&frame, found.as_deref()));
    Ok(at_address(shown, &typed.address("/staff")))
}

/// An account; the form for a message is filled from a template, if the address names one.
///
/// # Errors
/// [`Fault::NotFound`] for an account that is not on file.
pub async fn account(
    staff: Staff<Employee>,
    portal: Portal,
    frame: Frame,
    path: web::Path<(String, String)>,
    query: web::Query<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    let account = account::at(&portal, &path.0, &path.1).await?;
    audit::row(portal.now(), staff.id(), Deed::ViewedAccount, &account.id.key(), "").run(&portal.db).await?;
    let query = Fields::new(query.into_inner());
    let posted = query.text("posted").parse::<u32>().ok().map(|holders| holders.to_string());
    let fields = match template::routes::made_of(&portal, &query).await? {
        Some(made) => of_account(&made, &portal, &account),
        None => Fields::default(),
    };
    let faults = Faults::default();
    let after = After::parse(query.text("after"));
    let shown = Shown { portal: &portal, frame: &frame, account: &account, by: staff.by(), after };
    let draft = DraftId::draw();
    let form = Filled { fields: &fields, faults: &faults };
    let shown = shown.page(posted.as_deref(), None, Writing { draft: &draft, files: &[], form }).await?;
    Ok(page(&frame, &shown))
}

/// A message with this account's own facts in their places.
fn of_account(made: &Fields, portal: &Portal, account: &Account) -> Fields {
    let to = Addressee { number: account.id.number.digits(), name: account.name.clone() };
    let fill = |name: &str| filled(made.text(name), &portal.agency(), &account.id.kind, &to);
    Fields::default().with("subject", fill("subject")).with("body", fill("body"))
}

/// Posts a message, or shows how it will look.
///
/// # Errors
/// [`Fault::NotFound`] for an account that is not on file.
pub async fn post(
    staff: Staff<Clerk>,
    portal: Portal,
    frame: Frame,
    mailboxes: web::Data<Mailboxes>,
    Caller(caller): Caller,
    path: web::Path<(String, String)>,
    mut posted: Uploaded,
) -> Result<HttpResponse, Fault> {
    let account = account::at(&portal, &path.0, &path.1).await?;
    if account.status == Status::Closed {
        return Err(Fault::NotFound);
    }
    let shown = Shown { portal: &portal, frame: &frame, account: &account, by: staff.by(), after: After::NOTHING };
    let draft = mailbox::draft(&posted.fields);
    let (files, refused) = mailbox::files::take(&portal, &mut posted, &draft, staff.id()).await?;
    if posted.fields.text("go") == "change" {
        let form = Filled { fields: &posted.fields, faults: &Faults::default() };
        return Ok(page(&frame, &shown.page(None, None, Writing { draft: &draft, files: &files, form }).await?));
    }
    let ((subject, body), asked) = match refused.and(parse(&posted.fields, &portal)) {
        Ok(parsed) => parsed,
        Err(faults) => {
            let form = Filled { fields: &posted.fields, faults: &faults };
            let page = shown.page(None, None, Writing { draft: &draft, files: &files, form }).await?;
            return Ok(unprocessable(&frame, &page));
        }
    };
    let names: Vec<&str> = files.iter().map(|file| file.id.as_str()).collect();
    let purpose = format!("{}/{}/{draft}/{}", staff.id(), account.id.key(), names.join(","));
    let seen = seen(&portal, &posted.fields, &pages::FIELDS, &purpose);
    if posted.fields.text("go") != "post" || posted.fields.text("seen") != seen {
        let preview = pages::Preview { body: text::preview(&portal, &caller, &body).await?, seen };
        let form = Filled { fields: &posted.fields, faults: &Faults::default() };
        return Ok(page(
            &frame,
            &shown.page(None, Some(preview), Writing { draft: &draft, files: &files, form }).await?,
        ));
    }
    let (author, account_id) = (author(staff.by()), account.id.clone());
    let Asked { answer_by, notice } = asked;
    let new = New { account: account_id, thread: None, subject, body, author, answer_by, notice, draft };
    let done = mailboxes.of(&account.id).post(new).await?;
    Ok(see_other(&format!("{}?posted={}", pages::path(&account), done.holders)))
}

/// Subject and text, and what is asked for.
fn parse(posted: &Fields, portal: &Portal) -> Result<((String, String), Asked), Faults> {
    Faults::both(mailbox::new(posted), mailbox::asked(posted, &portal.agency(), portal.now()))
}

/// The employee as the author of a message.
pub(super) fn author(by: By<'_>) -> Author {
    Author::Staff { id: by.id.to_owned(), name: by.name.to_owned() }
}

/// What an account's page is made from.
struct Shown<'a> {
    portal: &'a Portal,
    frame: &'a Frame,
    account: &'a Account,
    by: By<'a>,
    after: After,
}

impl Shown<'_> {
    async fn page(
        &self,
        posted: Option<&str>,
        preview: Option<pages::Preview>,
        writing: Writing<'_>,
    ) -> Result<crate::page::Page, Fault> {
        let db = &self.portal.db;
        let trail = Filter { what: Some(vec![self.account.id.key()]), without_views: true, ..Filter::default() };
        let (holders, messages, codes, happened, faulty, templates) = futures_util::try_join!(
            access::holders(db, &self.account.id),
            mailbox::lists::of_account(db, "", &self.account.id, self.after),
            track::of_account(db, &self.account.id),
            async { with_user_ids(db, audit::find(db, &trail, Cursor::NEWEST, HAPPENED).await?).await },
            account::address::has_faulty(db, &self.account.id),
            template::queries::names(db),
        )?;
        let view = View {
            account: self.account,
            holders: &holders,
            threads: &messages.items,
            older: messages.next,
            codes: &codes,
            happened: &happened,
            faulty,
            templates: &templates,
            posted,
            preview,
            by: self.by,
        };
        Ok(pages::account(self.frame, &view, writing))
    }
}
