//! An account's correspondence in the console.

use actix_web::{HttpResponse, web};

use crate::{
    account::{self, Account},
    correspondence::{
        pages::Place,
        routes::{From, listed, opened, saved},
    },
    delivery::sent::Reader,
    http::{Caller, Fault, Portal},
    page::{Crumb, Frame},
    session::{Staff, staff::Employee},
};

fn place(frame: &Frame, account: &Account) -> Place {
    let own = super::pages::path(account);
    let name = format!("{} {}", frame.agency.type_name(&account.id.kind), account.id.number);
    let crumbs = vec![Crumb::of_console(), Crumb::new(name, own.clone())];
    Place { path: format!("{own}/correspondence"), crumbs }
}

/// All that was sent for an account.
///
/// # Errors
/// [`Fault::NotFound`] for an account that is not on file.
pub async fn list(
    _: Staff<Employee>,
    portal: Portal,
    frame: Frame,
    path: web::Path<(String, String)>,
    from: web::Query<From>,
) -> Result<HttpResponse, Fault> {
    let account = account::at(&portal, &path.0, &path.1).await?;
    listed(&portal, &frame, Reader::Staff, &account.id, place(&frame, &account), &from).await
}

/// One letter, e-mail or text message.
///
/// # Errors
/// [`Fault::NotFound`] for what was not sent for this account.
pub async fn open(
    _: Staff<Employee>,
    portal: Portal,
    frame: Frame,
    path: web::Path<(String, String, String)>,
) -> Result<HttpResponse, Fault> {
    let account = account::at(&portal, &path.0, &path.1).await?;
    opened(&portal, &frame, Reader::Staff, &account.id, place(&frame, &account), &path.2).await
}

/// The same as PDF.
///
/// # Errors
/// As [`open`].
pub async fn pdf(
    _: Staff<Employee>,
    portal: Portal,
    caller: Caller,
    path: web::Path<(String, String, String)>,
) -> Result<HttpResponse, Fault> {
    let account = account::at(&portal, &path.0, &path.1).await?;
    saved(&portal, &caller, Reader::Staff, &account.id, &path.2).await
}
