//! The queues on a board, for administrators: apalis-board, on a listener of its own because its interface can't be
//! mounted under a path. It has no sign-in, so the staff's own stands in front of it; it only shows.

use actix_web::{
    Error, Scope,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, header},
    middleware::{DefaultHeaders, Next, from_fn},
    web::{self, get, post, scope},
};
use apalis_board::actix::{
    framework::{ApiBuilder, RegisterRoute},
    sse::TracingBroadcaster,
    ui::ServeUI,
};
use springboard_jobs::{Alert, CodeByEmail, CodeByLetter, Job, Notice, Pin, Queues, Sweep};

use super::router;
use crate::{
    http::{Fault, see_other},
    second_factor::views::OF_STAFF,
    session::{Staff, StaffOnly, sign_in, staff::Administrator},
    site,
};

/// The board's own script is inline and compiled to WebAssembly; nothing from elsewhere is let in.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

/// Mounts the sign-in and, behind it, the board.
pub fn routes(config: &mut web::ServiceConfig, queues: &Queues) {
    router::second_factors(config, OF_STAFF);
    config
        .app_data(StaffOnly)
        .service(
            scope("/staff")
                .route("", get().to(|| async { see_other("/") }))
                .route("/sign-in", get().to(sign_in::show_staff))
                .route("/sign-in", post().to(sign_in::enter_staff))
                .route("/sign-out", post().to(sign_in::leave_staff)),
        )
        .service(scope("/assets").route("/{file}", get().to(site::asset)))
        .service(
            scope("")
                // The board follows a log here; the portal's stays where it is, and this one says nothing.
                .app_data(web::Data::new(TracingBroadcaster::create()))
                .service(api(queues))
                .service(ServeUI::new())
                .wrap(DefaultHeaders::new().add((header::CONTENT_SECURITY_POLICY, CONTENT_POLICY)))
                .wrap(from_fn(administrators_look)),
        );
}

fn api(queues: &Queues) -> Scope {
    ApiBuilder::new(Scope::new("/api/v1"))
        .register(CodeByEmail::QUEUE, queues.of::<CodeByEmail>())
        .register(CodeByLetter::QUEUE, queues.of::<CodeByLetter>())
        .register(Alert::QUEUE, queues.of::<Alert>())
        .register(Notice::QUEUE, queues.of::<Notice>())
        .register(Pin::QUEUE, queues.of::<Pin>())
        .register(Sweep::QUEUE, queues.of::<Sweep>())
        .build()
}

/// Lets administrators look, and nobody change anything: the board would enqueue whatever it is sent.
///
/// # Errors
/// None of its own.
async fn administrators_look(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let fault = match Staff::<Administrator>::of(request.request()) {
        Err(fault) => Some(fault),
        Ok(_) if !matches!(*request.method(), Method::GET | Method::HEAD) => Some(Fault::NotFound),
        Ok(_) => None,
    };
    match fault {
        Some(fault) => Ok(request.error_response(fault).map_into_right_body()),
        None => Ok(next.call(request).await?.map_into_left_body()),
    }
}
