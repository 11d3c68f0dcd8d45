//! Answers: pages, redirects, and a page for each fault.

use actix_web::{
    Error, HttpRequest, HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{StatusCode, header},
    middleware::Next,
    web,
};
use maud::{Markup, html};

use super::{Fault, Portal, resend_views, visit::frame};
use crate::page::{Frame, Page};

/// A page with a status. Pages of the portal are never kept by a browser or a proxy (R7).
pub fn answer(status: StatusCode, body: Markup) -> HttpResponse {
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::VARY, "HX-Request"))
        .body(body.into_string())
}

/// A page in its frame.
pub fn page(frame: &Frame, page: &Page) -> HttpResponse {
    answer(StatusCode::OK, frame.show(page))
}

/// A part of a page whose whole is at this address: a browser that comes back to it finds it there.
pub fn at_address(mut answer: HttpResponse, path: &str) -> HttpResponse {
    if let Ok(path) = header::HeaderValue::from_str(path) {
        answer.headers_mut().insert(header::HeaderName::from_static("hx-replace-url"), path);
    }
    answer
}

/// The same page again, with what is wrong with its form.
pub fn unprocessable(frame: &Frame, page: &Page) -> HttpResponse {
    answer(StatusCode::UNPROCESSABLE_ENTITY, frame.show(page))
}

/// On to another page, by GET.
pub fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, path))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}

/// Put on the page of a fault: what was sent was not taken.
#[derive(Clone, Copy)]
pub struct IsFault;

/// Put on an answer that refuses somebody for their role, so that the trail can keep it.
#[derive(Clone, Copy)]
pub struct RefusedByRole;

/// Middleware that gives each fault its page; what is wrong with the portal goes to the log.
///
/// # Errors
/// None of its own.
pub async fn fault_page(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let answered = next.call(request).await?;
    let fault = answered.response().error().and_then(|error| error.as_error::<Fault>()).cloned();
    Ok(match fault {
        None => answered.map_into_left_body(),
        Some(fault) => {
            let mut page = of_fault(answered.request(), &fault);
            page.extensions_mut().insert(IsFault);
            answered.into_response(page).map_into_right_body()
        }
    })
}

/// The page of a fault, for a request whose visit is filled in.
pub fn of_fault(request: &HttpRequest, fault: &Fault) -> HttpResponse {
    use actix_web::ResponseError;
    let status = fault.status_code();
    if matches!(
        fault,
        Fault::Stale | Fault::OtherSession | Fault::TooMany | Fault::Slow | Fault::Unreadable | Fault::Busy
    ) && let Some(portal) = request.app_data::<web::Data<Portal>>()
    {
        portal.log_refusal(&fault.to_string(), &portal.address(request));
    }
    let (title, text) = match fault {
        Fault::SignIn(back) => return to_sign_in(request, &format!("/sign-in?back={back}")),
        Fault::Agree(back) => return to_sign_in(request, &format!("/agree?back={back}")),
        Fault::Prove(place) => return to_sign_in(request, place),
        Fault::StaffSignIn => return to_sign_in(request, "/staff/sign-in"),
        Fault::NotFound => (
            "Page not found",
            "There is no page at this address, or it is not yours to see. If you typed the address, check it.",
        ),
        Fault::Role => (
            "Not part of your role",
            "Nothing was done. Another employee may do this: one with another role, or one who did not take part in it.",
        ),
        Fault::Stale => (
            "This page is out of date",
            "Nothing was done. You may have signed in or off in another tab since this page was opened. Go back, load the page anew and try again.",
        ),
        Fault::OtherSession => (
            "Check this form and send it again",
            "It was not sent, because you signed in or logged off in another tab after you opened this page. If you chose files, choose them again.",
        ),
        Fault::Unreadable => (
            "The form could not be read",
            "Nothing was done. Go back and try again; a form can hold about 250,000 characters.",
        ),
        Fault::TooMany => {
            ("Too many tries", "You tried too often in a short time. Nothing was done. Wait ten minutes and try again.")
        }
        Fault::Slow => (
            "The form took too long to arrive",
            "Nothing was done. Check your connection, go back and send the form again.",
        ),
        Fault::Busy => ("The portal is busy", "Nothing was done. Try again in a few seconds."),
        Fault::Away(why) => {
            tracing::error!(path = request.match_pattern(), why, "the database is away");
            (
                "Please try again in a moment",
                "The portal can't reach its records at the moment, and nothing was done. Try again in a few minutes.",
            )
        }
        Fault::Unprintable(why) => {
            tracing::warn!(path = request.match_pattern(), why, "a document can't be printed");
            (
                "The PDF can't be made",
                "It has letters that no font of this portal has. The page shows the same; contact us if you need it on paper.",
            )
        }
        Fault::Broken(why) => {
            tracing::error!(path = request.match_pattern(), why, "a fault of the portal");
            (
                "Something went wrong",
                "The fault is ours. It was noted. Try again in a few minutes, or contact us if it stays.",
            )
        }
    };
    let may_pass =
        matches!(fault, Fault::OtherSession | Fault::TooMany | Fault::Busy | Fault::Away(_) | Fault::Broken(_));
    let again = frame(request).ok().filter(|_| may_pass).and_then(|frame| resend_views::again(request, &frame));
    let body = html! {
        p { (text) }
        @if let Some(again) = again { (again) }
        p { a href="/" { "Public home" } " · " a href="/springboard" { "Springboard" } " · " a href="/contact" { "Contact Us" } }
    };
    let mut shown = match frame(request) {
        Ok(frame) => answer(status, frame.show(&Page::new(title, body))),
        Err(_) => HttpResponse::build(status).content_type("text/plain; charset=utf-8").body(text),
    };
    if matches!(fault, Fault::Role) {
        shown.extensions_mut().insert(RefusedByRole);
    }
    if matches!(fault, Fault::Busy) {
        shown.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("5"));
    }
    shown
}

/// Without htmx a redirect; htmx would swap the sign-in page into a part of this one, so it is told
/// to go there with the whole page.
fn to_sign_in(request: &HttpRequest, path: &str) -> HttpResponse {
    if request.headers().contains_key("HX-Request") {
        HttpResponse::Unauthorized().insert_header(("HX-Redirect", path)).finish()
    } else {
        see_other(path)
    }
}

/// The path and query of a request, fit to come back to after signing in.
pub fn here(request: &HttpRequest) -> String {
    percent(request.uri().path_and_query().map_or("/", |path| path.as_str()))
}

/// A path and query as one value of a query.
pub fn percent(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// Only a path of this portal is gone back to; anything else leads to the springboard. An address is graphic ASCII
/// (RFC 3986): nothing else can stand in a header.
pub fn safe_back(back: &str) -> &str {
    let is_own = back.starts_with('/') && !back.starts_with("//");
    if is_own && back.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') { back } else { "/springboard" }
}

/// The page for an address that leads nowhere.
///
/// # Errors
/// Always [`Fault::NotFound`].
pub async fn nowhere(_: Portal) -> Result<HttpResponse, Fault> {
    Err(Fault::NotFound)
}

#[cfg(test)]
mod tests {
    use super::safe_back;

    #[test]
    fn nobody_is_sent_to_another_site() {
        for back in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "",
            "/a\0",
            "/a b",
            "/é",
        ] {
            assert_eq!(safe_back(back), "/springboard", "{back}");
        }
        assert_eq!(safe_back("/accounts/dealer/1"), "/accounts/dealer/1");
    }
}
