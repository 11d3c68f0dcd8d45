//! Every address of the portal, on one page.

use actix_web::web::{self, get, post};

use super::outbox;
use crate::{
    add_access::{self, AddAccess},
    recovery::{self, Recover},
    request_code::{self, RequestCode},
    session::{self, sign_in},
    settings,
    sign_up::{self, SignUp},
    site, springboard, staff,
    wizard::routes::mount,
};

/// Mounts all of it; a demo has its outbox as well.
pub fn routes(config: &mut web::ServiceConfig, demo: bool) {
    config
        // Public pages
        .route("/", get().to(site::home))
        .route("/services/{key}", get().to(site::service))
        .route("/faqs", get().to(site::faqs))
        .route("/contact", get().to(site::contact))
        .route("/terms", get().to(site::terms))
        .route("/terms/access", get().to(site::access_terms))
        .route("/assets/{file}", get().to(site::asset))
        .route("/theme.css", get().to(site::theme))
        .route("/logo.svg", get().to(site::logo))
        // Logon
        .route("/sign-in", get().to(sign_in::show))
        .route("/sign-in", post().to(sign_in::enter))
        .route("/sign-out", post().to(sign_in::leave))
        .route("/sign-up/guidelines", post().to(sign_up::routes::guidelines))
        .route("/sign-up/user-id", post().to(sign_up::routes::user_id))
        .configure(mount::<SignUp>)
        .route("/recover", get().to(|| async { crate::http::see_other("/recover/password") }))
        .route("/recover/user-id", get().to(recovery::routes::user_id))
        .route("/recover/user-id", post().to(recovery::routes::send_user_id))
        .configure(mount::<Recover>)
        // The open page
        .route("/live", get().to(session::live))
        .route("/session/notice", get().to(session::notice))
        .route("/session/stay", post().to(session::stay))
        // Access
        .route("/access", get().to(springboard::routes::access_options))
        .route("/access/requested/{number}", get().to(request_code::routes::requested))
        .route("/access/added/{number}", get().to(add_access::routes::added))
        .configure(mount::<RequestCode>)
        .configure(mount::<AddAccess>)
        // Springboard
        .route("/springboard", get().to(springboard::routes::accounts))
        .route("/springboard/submissions", get().to(springboard::routes::submissions))
        .route("/springboard/correspondence", get().to(springboard::routes::correspondence))
        .route("/springboard/alerts", get().to(springboard::routes::alerts))
        .route("/springboard/panel/{tab}", get().to(springboard::routes::panel))
        .route("/accounts/{kind}/{number}", get().to(springboard::routes::account))
        .route("/accounts/{kind}/{number}/messages/{sequence}", get().to(springboard::routes::message))
        .route("/submissions/{number}", get().to(springboard::routes::submission))
        // Settings
        .route("/settings", get().to(settings::routes::overview))
        .route("/settings/profile", get().to(settings::routes::profile))
        .route("/settings/profile", post().to(settings::routes::change_profile))
        .route("/settings/password", get().to(settings::routes::password))
        .route("/settings/password", post().to(settings::routes::change_password))
        .route("/settings/recovery", get().to(settings::routes::recovery))
        .route("/settings/recovery", post().to(settings::routes::change_recovery))
        .route("/settings/confirm/{what}", get().to(settings::ask))
        .route("/settings/confirm/{what}", post().to(settings::check))
        .route("/settings/confirm/{what}/send", post().to(settings::send))
        .route("/settings/notifications", post().to(settings::routes::notifications))
        .route("/settings/sessions", post().to(settings::routes::sessions))
        // Staff
        .route("/staff/sign-in", get().to(sign_in::show_staff))
        .route("/staff/sign-in", post().to(sign_in::enter_staff))
        .route("/staff/sign-out", post().to(sign_in::leave_staff))
        .route("/staff", get().to(staff::routes::search))
        .route("/staff/accounts/{kind}/{number}", get().to(staff::routes::account))
        .route("/staff/accounts/{kind}/{number}/messages", post().to(staff::routes::post));
    if demo {
        config.route("/outbox", get().to(outbox::list)).route("/outbox/{folder}/{file}", get().to(outbox::file));
    }
    // Last, because it takes any first word: the short address that a letter prints (R11).
    config.route("/{key}", get().to(site::short));
}
