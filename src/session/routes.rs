//! The open page: its stream of hints, and the warning before a session ends.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use futures_util::StreamExt;
use maud::html;
use tokio_stream::wrappers::IntervalStream;

use super::{Desk, Person, Session, Staff, WARNING, staff::Employee};
use crate::{
    http::{Fault, Portal, Posted, answer, see_other},
    live::{Hint, Mark},
    page::Frame,
};

/// How often a silent stream says that it lives, so that proxies keep it.
const BEAT: Duration = Duration::from_secs(15);

/// The stream of hints of a person's open page (server-sent events). Watching it is no activity.
///
/// # Errors
/// [`Fault::SignIn`] when nobody is signed in: htmx goes there with the whole page.
pub async fn live(
    person: Person,
    portal: Portal,
    desk: web::Data<Desk>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    stream(&person.0, &portal, &desk, &request).await?.ok_or_else(|| Fault::SignIn("/springboard".into()))
}

/// The same for an employee's.
///
/// # Errors
/// [`Fault::StaffSignIn`] when nobody is signed in.
pub async fn live_for_staff(
    staff: Staff<Employee>,
    portal: Portal,
    desk: web::Data<Desk>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    stream(staff.session(), &portal, &desk, &request).await?.ok_or(Fault::StaffSignIn)
}

/// The hints for a page that may have been away: it names the last one that it heard of (`Last-Event-ID`).
///
/// # Errors
/// [`Fault::Busy`] when this person, or this address, has too many pages open.
async fn stream(
    session: &Session,
    portal: &Portal,
    desk: &Desk,
    request: &HttpRequest,
) -> Result<Option<HttpResponse>, Fault> {
    let tickets = (portal.streams_of_person.admit(&session.who), portal.streams.admit(&portal.address(request)));
    let (Some(of_person), Some(of_address)) = tickets else { return Err(Fault::Busy) };
    let heard = request.headers().get("last-event-id").and_then(|mark| mark.to_str().ok()).and_then(Mark::parse);
    let Some(hints) = desk.open(session, heard).await else { return Ok(None) };
    let first = futures_util::stream::once(std::future::ready(web::Bytes::from_static(b"retry: 1000\n: open\n\n")));
    let hints = hints.map(|(hint, mark)| match hint {
        Hint::Changed => web::Bytes::from(format!("id: {mark}\nevent: changed\ndata: 1\n\n")),
        Hint::Ended => web::Bytes::from_static(b"event: ended\ndata: 1\n\n"),
    });
    let beat = IntervalStream::new(tokio::time::interval(BEAT)).map(|_| None);
    // The beat ends with the hints, and with them the stream.
    let body = futures_util::stream::select(
        hints.map(Some).chain(futures_util::stream::once(async { Some(web::Bytes::new()) })),
        beat,
    )
    .take_while(|part| std::future::ready(part.as_ref().is_none_or(|bytes| !bytes.is_empty())))
    // The tickets live as long as the stream.
    .map(move |part| {
        let _held = (&of_person, &of_address);
        Ok::<_, std::convert::Infallible>(part.unwrap_or(web::Bytes::from_static(b": beat\n\n")))
    });
    let answer = HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(first.map(Ok).chain(body));
    Ok(Some(answer))
}

/// The warning before a session ends for idleness; empty until then. It asks again by itself.
pub async fn notice(person: Person, portal: Portal, frame: Frame) -> HttpResponse {
    let left = person.0.ends() - portal.now();
    let body = if left > WARNING {
        let wait = format!("load delay:{}s", (left - WARNING).num_seconds().max(5));
        html! { div data-hx-get="/session/notice" data-hx-trigger=(wait) data-hx-target="#idle" {} }
    } else {
        html! {
            div class="notice warn" role="alert" {
                p { "You will be signed off in " (left.num_minutes().max(1)) " minutes, because nothing was done for a while. What you entered in a form is kept." }
                form method="post" action="/session/stay" data-hx-post="/session/stay" data-hx-target="#idle" data-hx-swap="innerHTML" {
                    (frame.form_token())
                    button class="button" { "Stay signed in" }
                }
            }
        }
    };
    answer(actix_web::http::StatusCode::OK, body)
}

/// Keeps the session: asking for it was the activity.
pub async fn stay(person: Person, portal: Portal, frame: Frame, _: Posted) -> HttpResponse {
    if frame.partial { notice(person, portal, frame).await } else { see_other("/springboard") }
}
