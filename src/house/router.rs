//! Every address of the portal, on one page.

use actix_web::{
    Scope,
    web::{self, get, post, scope},
};

use super::console;
use crate::{
    add_access::{self, AddAccess},
    agreement, correspondence, ledger, letter_room, mailbox, people,
    recovery::{self, Recover},
    request_code::{self, RequestCode},
    second_factor::views::{OF_PEOPLE, Places},
    session::{self, Person, sign_in},
    settings,
    sign_up::{self, SignUp},
    site, springboard,
    wizard::{Act, routes::mount},
};

/// Mounts all of it. What shares a first word is one scope, so that an
/// address is compared with a dozen words and not with a hundred patterns.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        // Springboard
        .service(
            scope("/springboard")
                .route("", get().to(springboard::routes::accounts))
                .route("/submissions", get().to(springboard::routes::submissions))
                .route("/correspondence", get().to(springboard::routes::correspondence))
                .route("/alerts", get().to(springboard::routes::alerts))
                .route("/panel/{tab}", get().to(springboard::routes::panel)),
        )
        .service(
            scope("/accounts")
                .route("/{kind}/{number}", get().to(springboard::routes::account))
                .route("/{kind}/{number}/attachments/{id}", get().to(mailbox::files::download))
                .route("/{kind}/{number}/correspondence", get().to(correspondence::routes::list))
                .route("/{kind}/{number}/correspondence/{name}", get().to(correspondence::routes::open))
                .route("/{kind}/{number}/correspondence/{name}/pdf", get().to(correspondence::routes::pdf))
                .route("/{kind}/{number}/export", get().to(mailbox::export::export))
                .route("/{kind}/{number}/ledger", get().to(ledger::routes::show::<Person>))
                .route("/{kind}/{number}/ledger/export", get().to(ledger::routes::export::<Person>))
                .route("/{kind}/{number}/statements", get().to(ledger::routes::statements::<Person>))
                .route("/{kind}/{number}/statements/{month}", get().to(ledger::routes::statement::<Person>))
                .route("/{kind}/{number}/statements/{month}/csv", get().to(ledger::routes::statement_csv::<Person>))
                .route("/{kind}/{number}/statements/{month}/pdf", get().to(ledger::routes::statement_pdf::<Person>))
                .route("/{kind}/{number}/messages", post().to(mailbox::routes::begin))
                .route("/{kind}/{number}/messages/new", get().to(mailbox::routes::compose))
                .route("/{kind}/{number}/messages/{sequence}", get().to(mailbox::routes::open))
                .route("/{kind}/{number}/messages/{sequence}", post().to(mailbox::routes::reply))
                .route("/{kind}/{number}/messages/{sequence}/confirm", post().to(mailbox::notices::confirm))
                .route("/{kind}/{number}/messages/{sequence}/archive", post().to(mailbox::routes::archive)),
        )
        .service(scope("/submissions").route("/{number}", get().to(springboard::routes::submission)))
        // The open page
        .route("/live", get().to(session::live))
        .route("/live/thread/{kind}/{number}/{sequence}", get().to(mailbox::routes::part))
        .route("/session/notice", get().to(session::notice))
        .route("/session/stay", post().to(session::stay))
        // Out of an e-mail, by whoever has the address
        .route("/alerts/off/{logon}/{kind}/{number}/{proof}", get().to(mailbox::unsubscribe::ask))
        .route("/alerts/off/{logon}/{kind}/{number}/{proof}", post().to(mailbox::unsubscribe::turn_off))
        // Public pages
        .route("/", get().to(site::home))
        .service(scope("/services").route("/{key}", get().to(site::service)))
        .service(scope("/assets").route("/{file}", get().to(site::asset)))
        .route("/.well-known/security.txt", get().to(site::well_known::security))
        .route("/robots.txt", get().to(site::well_known::robots))
        .route("/favicon.ico", get().to(site::well_known::favicon))
        .route("/faqs", get().to(site::faqs))
        .route("/contact", get().to(site::contact))
        .route("/letter", get().to(letter_room::confirm::ask))
        .route("/letter", post().to(letter_room::confirm::look))
        .route("/letter/{code}", get().to(letter_room::confirm::answer))
        .route("/terms", get().to(site::terms))
        .route("/terms/access", get().to(site::access_terms))
        .route("/theme.css", get().to(site::theme))
        .route("/logo.svg", get().to(site::logo))
        // Logon
        .route("/agree", get().to(agreement::routes::ask))
        .route("/agree", post().to(agreement::routes::agree))
        .route("/sign-in", get().to(sign_in::show))
        .route("/sign-in", post().to(sign_in::enter))
        .route("/sign-out", post().to(sign_in::leave))
        .route("/sign-up/guidelines", post().to(sign_up::routes::guidelines))
        .route("/sign-up/user-id", post().to(sign_up::routes::user_id))
        .service(wizard::<SignUp>())
        .route("/recover", get().to(|| async { crate::http::see_other("/recover/password") }))
        .route("/recover/user-id", get().to(recovery::routes::user_id))
        .route("/recover/user-id", post().to(recovery::routes::send_user_id))
        .route("/recover/letter", get().to(people::assisted::ask))
        .route("/recover/letter", post().to(people::assisted::recover))
        .service(wizard::<Recover>())
        // Access
        .service(wizard::<RequestCode>())
        .service(wizard::<AddAccess>())
        .service(
            scope("/access")
                .route("", get().to(springboard::routes::access_options))
                .route("/requested/{number}", get().to(request_code::routes::requested))
                .route("/added/{number}", get().to(add_access::routes::added)),
        )
        // Out of an e-mail, by whoever has the address
        .route("/changes/{id}/{proof}", get().to(people::freeze::ask_to_freeze))
        .route("/changes/{id}/{proof}", post().to(people::freeze::freeze))
        // A form whose session had ended
        .route("/kept", get().to(session::kept::show))
        .route("/kept/{id}/send", post().to(session::kept::send))
        .route("/kept/{id}/discard", post().to(session::kept::discard))
        // Settings
        .configure(|config| second_factors(config, OF_PEOPLE))
        .service(
            scope("/settings")
                .route("", get().to(settings::routes::overview))
                .route("/profile", get().to(settings::routes::profile))
                .route("/profile", post().to(settings::routes::change_profile))
                .route("/password", get().to(settings::routes::password))
                .route("/password", post().to(settings::routes::change_password))
                .route("/recovery", get().to(settings::routes::recovery))
                .route("/recovery", post().to(settings::routes::change_recovery))
                .route("/notifications", post().to(settings::routes::notifications))
                .route("/sessions", post().to(settings::routes::sessions))
                .route("/confirm/{what}", get().to(settings::ask))
                .route("/confirm/{what}", post().to(settings::check))
                .route("/confirm/{what}/send", post().to(settings::send)),
        );
    console::mount(config);
    // Last, because it takes any first word: the short address that a letter prints (R11).
    config.route("/{key}", get().to(site::short));
}

/// The pages of second factors, for people or for staff: open to whoever signed in by a password.
pub(super) fn second_factors(config: &mut web::ServiceConfig, places: Places) {
    use session::{factor_manage, factor_proof};
    let Places { prove, step_up, manage, .. } = places;
    config
        .route(prove, get().to(factor_proof::show_prove))
        .route(prove, post().to(factor_proof::prove))
        .route(&format!("{prove}/passkey/start"), post().to(factor_proof::begin_passkey))
        .route(&format!("{prove}/passkey"), post().to(factor_proof::prove_passkey))
        .route(step_up, get().to(factor_proof::show_step_up))
        .route(step_up, post().to(factor_proof::step_up))
        .route(&format!("{step_up}/passkey/start"), post().to(factor_proof::begin_passkey))
        .route(&format!("{step_up}/passkey"), post().to(factor_proof::step_up_passkey))
        .route(manage, get().to(factor_manage::manage))
        .route(&format!("{manage}/authenticator"), get().to(factor_manage::authenticator))
        .route(&format!("{manage}/authenticator"), post().to(factor_manage::confirm_authenticator))
        .route(&format!("{manage}/authenticator/remove"), post().to(factor_manage::remove_authenticator))
        .route(&format!("{manage}/recovery-codes"), post().to(factor_manage::recovery_codes))
        .route(&format!("{manage}/passkey/start"), post().to(factor_manage::begin_adding_passkey))
        .route(&format!("{manage}/passkey"), post().to(factor_manage::add_passkey))
        .route(&format!("{manage}/passkey/remove"), post().to(factor_manage::remove_passkey));
}

fn wizard<W: Act>() -> Scope {
    scope(W::PATH).configure(mount::<W>)
}
