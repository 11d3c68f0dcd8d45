//! Headers that every answer bears, and the refusal of what another site sends.

use actix_web::{
    Error, HttpRequest, HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, header},
    middleware::{DefaultHeaders, Next},
    web,
};

use super::Portal;

/// No script or style but the portal's own files; no frame; no form to elsewhere.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The headers. `secure` says that the portal is reached over TLS, and `subdomains` that all hosts below its own are.
pub fn every_answer(secure: bool, subdomains: bool) -> DefaultHeaders {
    let headers = DefaultHeaders::new()
        .add((header::CONTENT_SECURITY_POLICY, CONTENT_POLICY))
        .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((header::REFERRER_POLICY, "same-origin"))
        .add(("Cross-Origin-Opener-Policy", "same-origin"))
        .add(("Cross-Origin-Resource-Policy", "same-origin"))
        .add(("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"));
    match (secure, subdomains) {
        (false, _) => headers,
        (true, false) => headers.add((header::STRICT_TRANSPORT_SECURITY, "max-age=31536000")),
        (true, true) => headers.add((header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains")),
    }
}

/// Middleware that refuses a request that changes something and comes from another site, by the
/// browser's own word (Fetch Metadata). The form token stands behind it.
///
/// # Errors
/// None of its own.
pub async fn same_site(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if !safe && site(request.request()) == Site::Foreign {
        let refusal = HttpResponse::Forbidden()
            .content_type("text/plain; charset=utf-8")
            .body("This form came from another site.");
        return Ok(request.into_response(refusal).map_into_right_body());
    }
    Ok(next.call(request).await?.map_into_left_body())
}

/// Where a request comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Site {
    /// A page of this portal.
    Own,
    /// A page of another site.
    Foreign,
    /// The browser does not say, or nothing but the person asked for it.
    Unsaid,
}

/// Where a request comes from, by Fetch Metadata or, from a browser without it, by its `Origin`. No page can set either.
fn site(request: &HttpRequest) -> Site {
    let said = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    match said("Sec-Fetch-Site") {
        Some("same-origin") => Site::Own,
        Some("cross-site" | "same-site") => Site::Foreign,
        Some(_) => Site::Unsaid,
        None => said("Origin").map_or(Site::Unsaid, |origin| {
            let own = request.app_data::<web::Data<Portal>>().map(|portal| portal.public_url.as_str());
            let here = said("Host").is_some_and(|host| origin.split_once("://").is_some_and(|(_, rest)| rest == host));
            if here || own == Some(origin) { Site::Own } else { Site::Foreign }
        }),
    }
}

/// Whether the browser says that a page of this portal made a request.
pub(super) fn is_from_own_page(request: &HttpRequest) -> bool {
    site(request) == Site::Own
}
