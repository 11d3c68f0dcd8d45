//! The springboard's routes. Someone else's account, message or submission is not found: it is looked
//! for among one's own.

use std::sync::Arc;

use actix_web::{HttpResponse, http::StatusCode, web};
use maud::{Markup, html};

use super::{
    Facts,
    account_pages::{self, Money},
    pages::{self, Tab},
};
use crate::{
    access::{self, guard::own},
    account,
    authorization_code::track,
    http::{Fault, Portal, answer, page, see_other},
    mailbox::{self, routes::Which},
    page::{Frame, Page, parts},
    session::Person,
    submission,
    words::ConfirmationNumber,
};

/// Entries and statements on an account's page.
const ENTRIES: usize = 10;
const MONTHS: usize = 3;

async fn facts(person: &Person, portal: &Portal) -> Result<Arc<Facts>, Fault> {
    person.0.facts(Facts::load(person, portal)).await
}

/// The springboard with its accounts; who has none goes on to Account Access Options (R53).
///
/// # Errors
/// When the database does not answer.
pub async fn accounts(person: Person, portal: Portal, frame: Frame) -> Result<HttpResponse, Fault> {
    if facts(&person, &portal).await?.accounts.is_empty() {
        return Ok(see_other("/access"));
    }
    springboard(&person, &portal, &frame, Tab::Accounts, &Which::default()).await
}

/// The springboard with its submissions.
///
/// # Errors
/// When the database does not answer.
pub async fn submissions(person: Person, portal: Portal, frame: Frame) -> Result<HttpResponse, Fault> {
    springboard(&person, &portal, &frame, Tab::Submissions, &Which::default()).await
}

/// The springboard with its messages, of all accounts, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn correspondence(
    person: Person,
    portal: Portal,
    frame: Frame,
    which: web::Query<Which>,
) -> Result<HttpResponse, Fault> {
    springboard(&person, &portal, &frame, Tab::Correspondence, &which).await
}

async fn springboard(
    person: &Person,
    portal: &Portal,
    frame: &Frame,
    tab: Tab,
    which: &Which,
) -> Result<HttpResponse, Fault> {
    let facts = facts(person, portal).await?;
    let agency = &frame.agency;
    let body = if tab == Tab::Accounts {
        facts.drawn.or(|| {
            pages::springboard(agency, &facts, tab, &pages::panel(tab, "", &pages::accounts(frame, &facts.accounts)))
        })
    } else {
        let panel = panel_of(person, portal, frame, &facts, tab, which).await?;
        // An older page of a list is not swapped under its reader for the newest.
        let panel = if which.is_latest() { pages::panel(tab, &which.query(), &panel) } else { pages::still(&panel) };
        pages::springboard(agency, &facts, tab, &panel)
    };
    Ok(page(frame, &Page::new("Home", body)))
}

async fn panel_of(
    person: &Person,
    portal: &Portal,
    frame: &Frame,
    facts: &Facts,
    tab: Tab,
    which: &Which,
) -> Result<Markup, Fault> {
    Ok(match tab {
        Tab::Accounts => pages::accounts(frame, &facts.accounts),
        Tab::Submissions => pages::submissions(frame, &submission::of_logon(&portal.db, person.logon()).await?),
        Tab::Correspondence => mailbox::routes::correspondence(person, portal, frame, &facts.accounts, which).await?,
    })
}

/// A tab's panel, for an open page that was told that something changed.
///
/// # Errors
/// When the database does not answer.
pub async fn panel(
    person: Person,
    portal: Portal,
    frame: Frame,
    tab: web::Path<String>,
    which: web::Query<Which>,
) -> Result<HttpResponse, Fault> {
    let tab = Tab::named(&tab).ok_or(Fault::NotFound)?;
    let facts = facts(&person, &portal).await?;
    Ok(answer(StatusCode::OK, panel_of(&person, &portal, &frame, &facts, tab, &which).await?))
}

/// The alerts, for an open page that was told that something changed.
///
/// # Errors
/// When the database does not answer.
pub async fn alerts(person: Person, portal: Portal) -> Result<HttpResponse, Fault> {
    let facts = facts(&person, &portal).await?;
    Ok(answer(StatusCode::OK, pages::alerts(&portal.agency(), &facts)))
}

/// Account Access Options (R80–R82).
pub async fn access_options(_: Person, frame: Frame) -> HttpResponse {
    let body = html! {
        (parts::help(frame.agency.help("access")))
        section class="card" {
            h2 { "Access Requests" }
            ol {
                li { a href="/access/request-code" { "Request Code" } span class="entry-note" { "Request an Account Authorization Code" } }
                li { a href="/access/add" { "Add Account Access" } span class="entry-note" { "Enter Your Account Authorization Code to Gain Account Access" } }
            }
        }
    };
    page(&frame, &Page::new("Account Access Options", body))
}

/// An account's page.
///
/// # Errors
/// [`Fault::NotFound`] for an account that is not one's own.
pub async fn account(
    person: Person,
    portal: Portal,
    frame: Frame,
    path: web::Path<(String, String)>,
    which: web::Query<Which>,
) -> Result<HttpResponse, Fault> {
    let id = own(&person, &portal, &path.0, &path.1).await?;
    let (account, entries, months, messages, holders) = futures_util::try_join!(
        account::find(&portal.db, &id),
        account::ledger(&portal.db, &id, None, ENTRIES),
        account::months(&portal.db, &id, frame.agency.zone(), portal.now()),
        mailbox::lists::of_account(&portal.db, person.logon(), &id, which.after()),
        access::holders(&portal.db, &id),
    )?;
    let account = account.ok_or(Fault::NotFound)?;
    let money = Money { entries: &entries, months: &months[..months.len().min(MONTHS)] };
    Ok(page(&frame, &account_pages::account(&frame, &account, money, &messages, &holders)))
}

/// One of the person's own submissions, printable.
///
/// # Errors
/// [`Fault::NotFound`] for somebody else's.
pub async fn submission(
    person: Person,
    portal: Portal,
    frame: Frame,
    number: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let number = ConfirmationNumber::parse(&number).map_err(|_| Fault::NotFound)?;
    let submission = submission::find(&portal.db, person.logon(), number).await?.ok_or(Fault::NotFound)?;
    let codes = track::of_submission(&portal.db, number.number()).await?;
    let way = codes.first().map(|code| code.track(portal.now())).unwrap_or_default();
    Ok(page(&frame, &account_pages::submission(&frame, &submission, &way)))
}
