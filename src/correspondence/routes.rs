//! The routes of an account's correspondence.

use actix_web::{HttpResponse, http::header, web};
use serde::Deserialize;

use super::pages::{self, Content, Place};
use crate::{
    access::guard::own,
    delivery::{
        Way, document_fault,
        sent::{self, Reader, Sent},
    },
    http::{Caller, Fault, Portal, page},
    mailbox::thread::{After, Slice},
    page::{Crumb, Frame, time},
    post::{LetterText, copy::Copy},
    session::Person,
    words::AccountId,
};

/// Where a page of the list begins.
#[derive(Deserialize)]
pub struct From {
    after: Option<String>,
}

/// What was sent for an account of one's own.
///
/// # Errors
/// [`Fault::NotFound`] for somebody else's account.
pub async fn list(
    person: Person,
    portal: Portal,
    frame: Frame,
    path: web::Path<(String, String)>,
    from: web::Query<From>,
) -> Result<HttpResponse, Fault> {
    let account = own(&person, &portal, &path.0, &path.1).await?;
    let place = place(&frame, &account);
    listed(&portal, &frame, Reader::Holder(person.logon()), &account, place, &from).await
}

/// One letter, e-mail or text message.
///
/// # Errors
/// [`Fault::NotFound`] for what was not sent for this account, or to another holder of it.
pub async fn open(
    person: Person,
    portal: Portal,
    frame: Frame,
    path: web::Path<(String, String, String)>,
) -> Result<HttpResponse, Fault> {
    let account = own(&person, &portal, &path.0, &path.1).await?;
    let place = place(&frame, &account);
    opened(&portal, &frame, Reader::Holder(person.logon()), &account, place, &path.2).await
}

/// The same as PDF.
///
/// # Errors
/// As [`open`].
pub async fn pdf(
    person: Person,
    portal: Portal,
    caller: Caller,
    path: web::Path<(String, String, String)>,
) -> Result<HttpResponse, Fault> {
    let account = own(&person, &portal, &path.0, &path.1).await?;
    saved(&portal, &caller, Reader::Holder(person.logon()), &account, &path.2).await
}

fn place(frame: &Frame, account: &AccountId) -> Place {
    let name = format!("{} {}", frame.agency.type_name(&account.kind), account.number);
    let crumbs = vec![Crumb::new("Home", "/springboard"), Crumb::new(name, account.path())];
    Place { path: format!("{}/correspondence", account.path()), crumbs }
}

/// A page of the list, for whoever may see it.
///
/// # Errors
/// When the database does not answer.
pub async fn listed(
    portal: &Portal,
    frame: &Frame,
    reader: Reader<'_>,
    account: &AccountId,
    place: Place,
    from: &From,
) -> Result<HttpResponse, Fault> {
    let after = from.after.as_deref().map_or(After::NOTHING, After::parse);
    let found = sent::of_account(&portal.db, reader, account, after.0, Slice::<()>::MOST + 1).await?;
    Ok(page(frame, &pages::list(frame, place, &Slice::of(found, |one| one.rank))))
}

/// One page, for whoever may see it.
///
/// # Errors
/// [`Fault::NotFound`] for what this reader may not see.
pub async fn opened(
    portal: &Portal,
    frame: &Frame,
    reader: Reader<'_>,
    account: &AccountId,
    place: Place,
    name: &str,
) -> Result<HttpResponse, Fault> {
    let sent = sent::find(&portal.db, reader, account, name).await?.ok_or(Fault::NotFound)?;
    Ok(page(frame, &pages::one(frame, place, &sent, &content(&sent)?)))
}

/// One as PDF, for whoever may see it.
///
/// # Errors
/// [`Fault::NotFound`] for what this reader may not see.
pub async fn saved(
    portal: &Portal,
    Caller(caller): &Caller,
    reader: Reader<'_>,
    account: &AccountId,
    name: &str,
) -> Result<HttpResponse, Fault> {
    let sent = sent::find(&portal.db, reader, account, name).await?.ok_or(Fault::NotFound)?;
    let agency = &portal.agency();
    let (name, at) = (sent.name.clone(), sent.at);
    let documents = &portal.pools.documents;
    let pdf = match content(&sent)? {
        Content::Letter(text) => documents.run(Some(caller), move || text.render(&name, at)).await?,
        Content::Text(body) => {
            let facts = vec![
                ("To".to_owned(), sent.recipient.clone()),
                ("Sent".to_owned(), format!("{}, by {}", time::in_full(agency, sent.at), sent.way.label())),
                ("Account".to_owned(), format!("{} {}", agency.type_name(&account.kind), account.number)),
            ];
            let copy = Copy { agency: agency.name.clone(), subject: sent.subject.clone(), facts, body };
            documents.run(Some(caller), move || copy.render(&name, at)).await?
        }
    };
    let pdf = pdf.map_err(document_fault)?;
    Ok(HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}.pdf\"", sent.name)))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .body(pdf))
}

fn content(sent: &Sent) -> Result<Content, Fault> {
    Ok(match sent.way {
        Way::Email | Way::Text => Content::Text(sent.content.clone()),
        Way::Letter => {
            let text: LetterText = serde_json::from_str(&sent.content)
                .map_err(|fault| Fault::Broken(format!("the letter {}: {fault}", sent.name)))?;
            Content::Letter(Box::new(text))
        }
    })
}
