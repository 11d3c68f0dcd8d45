//! The page after the deed: the confirmation, printable (R111–R113).

use actix_web::{HttpResponse, web};
use maud::html;

use crate::{
    http::{Fault, Portal, page},
    page::{Crumb, Frame, Page, parts, time},
    session::Person,
    submission,
    words::ConfirmationNumber,
};

/// The confirmation of one's own request.
///
/// # Errors
/// [`Fault::NotFound`] for somebody else's number.
pub async fn requested(
    person: Person,
    portal: Portal,
    frame: Frame,
    number: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let number = ConfirmationNumber::parse(&number).map_err(|_| Fault::NotFound)?;
    let submission = submission::find(&portal.db, person.logon(), number).await?.ok_or(Fault::NotFound)?;
    let body = html! {
        (parts::help(frame.agency.help("request-code/done")))
        div class="card" {
            p { "Your submission has been submitted and your confirmation number is " strong class="whole" { (submission.number) } "." }
            (parts::recap(&[
                ("Action", html! { (submission.title) }),
                ("Account Type", html! { (frame.agency.type_name(&submission.kind)) }),
                ("Account Number", html! { (submission.account) }),
                ("Submitted", time::stamp(&frame.agency, submission.at)),
            ]))
            p { (submission.notice) }
        }
        div class="bar" {
            a class="button second" href=(submission.number.path()) { "Printable View" }
            div class="right" { a class="button" href="/access" { "OK" } }
        }
    };
    let page_of = Page::new("Confirmation", body).crumbs(vec![Crumb::new("Account Access Options", "/access")]);
    Ok(page(&frame, &page_of))
}
