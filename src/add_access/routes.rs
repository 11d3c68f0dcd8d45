//! The page after the deed (R127).

use actix_web::{HttpResponse, web};
use maud::html;

use crate::{
    http::{Fault, Portal, page},
    page::{Crumb, Frame, Page, parts},
    session::Person,
    submission,
    words::ConfirmationNumber,
};

/// The confirmation of one's own access.
///
/// # Errors
/// [`Fault::NotFound`] for somebody else's number.
pub async fn added(
    person: Person,
    portal: Portal,
    frame: Frame,
    number: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let number = ConfirmationNumber::parse(&number).map_err(|_| Fault::NotFound)?;
    let submission = submission::find(&portal.db, person.logon(), number).await?.ok_or(Fault::NotFound)?;
    let body = html! {
        (parts::help(frame.agency.help("add/done")))
        div class="card" {
            p { "You have access to " (frame.agency.type_name(&submission.kind)) " " strong { (submission.account) } "." }
            p { "Your confirmation number is " strong class="whole" { (submission.number) } "." }
        }
        div class="bar" {
            a class="button second" href=(submission.number.path()) { "Printable View" }
            div class="right" { a class="button" href="/springboard" { "OK" } }
        }
    };
    let page_of = Page::new("Confirmation", body).crumbs(vec![Crumb::new("Account Access Options", "/access")]);
    Ok(page(&frame, &page_of))
}
