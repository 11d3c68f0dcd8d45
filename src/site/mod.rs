//! The public pages: home, audience pages, guides, FAQs, Contact Us, terms (R10–R46, R150).

pub mod pages;
pub mod well_known;

use actix_web::{HttpRequest, HttpResponse, http::header, web};

use crate::{
    http::{Fault, Portal, page, see_other},
    page::{Frame, assets},
};

/// The public home.
pub async fn home(frame: Frame) -> HttpResponse {
    page(&frame, &pages::home(&frame.agency))
}

/// An audience's page, or how another service is reached.
///
/// # Errors
/// [`Fault::NotFound`].
pub async fn service(frame: Frame, key: web::Path<String>) -> Result<HttpResponse, Fault> {
    if let Some(service) = frame.agency.service(&key) {
        return Ok(page(&frame, &pages::service(&frame.agency, &service)));
    }
    let guide = frame.agency.guide(&key).ok_or(Fault::NotFound)?;
    Ok(page(&frame, &pages::guide(guide)))
}

/// The short address of an audience's page, as a letter prints it (R11).
///
/// # Errors
/// [`Fault::NotFound`].
pub async fn short(portal: Portal, key: web::Path<String>) -> Result<HttpResponse, Fault> {
    portal.agency().service(&key).ok_or(Fault::NotFound)?;
    Ok(see_other(&format!("/services/{key}")))
}

/// Frequent questions.
pub async fn faqs(frame: Frame) -> HttpResponse {
    page(&frame, &pages::faqs(&frame.agency))
}

/// How the agency is reached.
pub async fn contact(frame: Frame) -> HttpResponse {
    page(&frame, &pages::contact(&frame.agency))
}

/// The terms of the portal.
pub async fn terms(frame: Frame) -> HttpResponse {
    page(&frame, &pages::terms(&frame.agency.terms))
}

/// The terms of access to an account.
pub async fn access_terms(frame: Frame) -> HttpResponse {
    page(&frame, &pages::terms(&frame.agency.access_terms))
}

/// A file for the browser, by its hashed name: it never changes.
///
/// # Errors
/// [`Fault::NotFound`].
pub async fn asset(request: HttpRequest) -> Result<HttpResponse, Fault> {
    let asset = assets::find(request.path()).ok_or(Fault::NotFound)?;
    Ok(HttpResponse::Ok()
        .content_type(asset.media)
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(asset.text.to_string()))
}

/// The agency's logo.
///
/// # Errors
/// [`Fault::NotFound`] where the agency has none.
pub async fn logo(portal: Portal) -> Result<HttpResponse, Fault> {
    let logo = portal.agency().logo.clone().ok_or(Fault::NotFound)?;
    Ok(HttpResponse::Ok()
        .content_type("image/svg+xml")
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(logo))
}

/// The agency's colours.
pub async fn theme(portal: Portal) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(portal.agency().theme_css())
}
