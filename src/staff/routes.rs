//! The console's routes; every one of them asks for an employee.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::pages::{self, View};
use crate::{
    access,
    account::{self, Account},
    form::{Faults, Fields},
    http::{Fault, Portal, page, see_other, unprocessable, uploaded::Uploaded},
    mailbox::{
        self, Asked, Mailboxes,
        pages::Writing,
        thread::{After, Author, New},
    },
    page::{Frame, fields::Filled},
    session::StaffMember,
    words::{AccountId, AccountNumber, DraftId},
};

/// What is searched for.
#[derive(Deserialize)]
pub struct Search {
    q: Option<String>,
}

/// The search for an account.
///
/// # Errors
/// When the database does not answer.
pub async fn search(
    _: StaffMember,
    portal: Portal,
    frame: Frame,
    search: web::Query<Search>,
) -> Result<HttpResponse, Fault> {
    let typed = search.q.as_deref().unwrap_or_default().trim();
    if typed.is_empty() {
        return Ok(page(&frame, &pages::search(&frame, typed, None)));
    }
    let found = account::search(&portal.store, typed).await?;
    Ok(page(&frame, &pages::search(&frame, typed, Some(&found))))
}

/// Whether a message was just posted, and how many people it reached.
#[derive(Deserialize)]
pub struct Reached {
    posted: Option<u32>,
}

/// An account.
///
/// # Errors
/// [`Fault::NotFound`] for an account that is not on file.
pub async fn account(
    _: StaffMember,
    portal: Portal,
    frame: Frame,
    path: web::Path<(String, String)>,
    after: web::Query<Reached>,
) -> Result<HttpResponse, Fault> {
    let account = find(&portal, &path.0, &path.1).await?;
    let posted = after.posted.map(|holders| holders.to_string());
    let (fields, faults) = <(Fields, Faults)>::default();
    let shown = Shown { portal: &portal, frame: &frame, account: &account };
    let draft = DraftId::draw();
    let form = Filled { fields: &fields, faults: &faults };
    let shown = shown.page(posted.as_deref(), false, Writing { draft: &draft, files: &[], form }).await?;
    Ok(page(&frame, &shown))
}

/// Posts a message, or shows how it will look.
///
/// # Errors
/// [`Fault::NotFound`] for an account that is not on file.
pub async fn post(
    staff: StaffMember,
    portal: Portal,
    frame: Frame,
    mailboxes: web::Data<Mailboxes>,
    path: web::Path<(String, String)>,
    mut posted: Uploaded,
) -> Result<HttpResponse, Fault> {
    let account = find(&portal, &path.0, &path.1).await?;
    let shown = Shown { portal: &portal, frame: &frame, account: &account };
    let draft = mailbox::draft(&posted.fields);
    let (files, refused) = mailbox::files::take(&portal, &mut posted, &draft, &staff.0.who).await?;
    let ((subject, body), asked) = match refused.and(parse(&posted.fields, &portal)) {
        Ok(parsed) => parsed,
        Err(faults) => {
            let form = Filled { fields: &posted.fields, faults: &faults };
            let page = shown.page(None, false, Writing { draft: &draft, files: &files, form }).await?;
            return Ok(unprocessable(&frame, &page));
        }
    };
    if posted.fields.text("go") == "preview" {
        let form = Filled { fields: &posted.fields, faults: &Faults::default() };
        return Ok(page(&frame, &shown.page(None, true, Writing { draft: &draft, files: &files, form }).await?));
    }
    let (author, account_id) = (author(&staff), account.id.clone());
    let Asked { answer_by, notice } = asked;
    let new = New { account: account_id, thread: None, subject, body, author, answer_by, notice, draft };
    let done = mailboxes.of(&account.id).post(new).await?;
    Ok(see_other(&format!("{}?posted={}", pages::path(&account), done.holders)))
}

/// Subject and text, and what is asked for.
fn parse(posted: &Fields, portal: &Portal) -> Result<((String, String), Asked), Faults> {
    Faults::both(mailbox::new(posted), mailbox::asked(posted, &portal.agency, portal.now()))
}

/// The employee as the author of a message.
pub(super) fn author(staff: &StaffMember) -> Author {
    Author::Staff { id: staff.0.who.clone(), name: staff.0.user_id.clone() }
}

/// The account of a path.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not on file.
pub(super) async fn find(portal: &Portal, kind: &str, number: &str) -> Result<Account, Fault> {
    let number = AccountNumber::parse(number).map_err(|_| Fault::NotFound)?;
    account::find(&portal.store, &AccountId::new(kind, number)).await?.ok_or(Fault::NotFound)
}

/// What an account's page is made from.
struct Shown<'a> {
    portal: &'a Portal,
    frame: &'a Frame,
    account: &'a Account,
}

impl Shown<'_> {
    async fn page(
        &self,
        posted: Option<&str>,
        preview: bool,
        writing: Writing<'_>,
    ) -> Result<crate::page::Page, Fault> {
        let store = &self.portal.store;
        let (holders, messages) = futures_util::try_join!(
            access::holders(store, &self.account.id),
            mailbox::lists::of_account(store, "", &self.account.id, After::NOTHING),
        )?;
        let view = View { account: self.account, holders: &holders, threads: &messages.items, posted, preview };
        Ok(pages::account(self.frame, &view, writing))
    }
}
