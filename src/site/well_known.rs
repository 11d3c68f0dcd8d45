//! What programs ask every site for: where to report a weakness (RFC 9116), what search engines may read (RFC 9309), an
//! icon.

use actix_web::{HttpResponse, http::header};

use crate::http::{Fault, Portal};

/// How long `security.txt` may be believed; RFC 9116 asks for less than a year.
const BELIEVED_FOR: chrono::Duration = chrono::Duration::days(180);

/// Where to report a weakness.
///
/// # Errors
/// [`Fault::NotFound`] where the operator names no contact.
pub async fn security(portal: Portal) -> Result<HttpResponse, Fault> {
    let contact = portal.security_contact.as_ref().ok_or(Fault::NotFound)?;
    let expires = (portal.now() + BELIEVED_FOR).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let own = format!("{}/.well-known/security.txt", portal.public_url);
    let text = format!("Contact: {contact}\nExpires: {expires}\nPreferred-Languages: en\nCanonical: {own}\n");
    Ok(plain(text))
}

/// Public pages may be read; what needs a sign-in or belongs to one person is not worth a robot's time.
pub async fn robots() -> HttpResponse {
    let own =
        ["/access", "/accounts", "/alerts", "/changes", "/letter", "/recover", "/settings", "/springboard", "/staff"];
    let lines: String = own.iter().map(|path| format!("Disallow: {path}\n")).collect();
    plain(format!("User-agent: *\n{lines}"))
}

/// For browsers that ask for it without having read a page.
pub async fn favicon() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("image/x-icon")
        .insert_header((header::CACHE_CONTROL, "public, max-age=86400"))
        .body(include_bytes!("../../assets/icons/favicon.ico").as_slice())
}

fn plain(text: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(text)
}
