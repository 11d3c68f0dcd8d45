//! The console's addresses. Each handler says in its signature which roles may call it, and none can be mounted without:
//! the table of role, route and method (docs/roles.md) is made from these very lines.

use actix_web::{
    FromRequest, Handler, Responder, Route, Scope,
    http::Method,
    web::{self, get, post, scope},
};

use super::router;
use crate::{
    address_correction, approval,
    bulk_post::{self, BulkPost},
    content,
    invitation::{self, Campaign},
    ledger, letter_room, overview, people, registry, release,
    second_factor::views::OF_STAFF,
    session::{
        self, Staff, sign_in,
        staff::{Employee, Guarded, Role},
    },
    staff, staff_admin, template,
};

/// The first word of every address of the console.
const ROOT: &str = "/staff";

/// One cell's row in the table of roles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// `GET` or `POST`.
    pub method: Method,
    /// The address, with names in braces for what varies.
    pub path: String,
    /// Who may.
    pub roles: &'static [Role],
}

/// Routes that ask for an employee, each with its line in the table.
struct Console {
    scope: Scope,
    lines: Vec<Line>,
}

impl Console {
    fn get<F, Args>(self, path: &str, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + Guarded + 'static,
        F::Output: Responder + 'static,
    {
        self.line::<Args>(Method::GET, path, get().to(handler))
    }

    fn post<F, Args>(self, path: &str, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + Guarded + 'static,
        F::Output: Responder + 'static,
    {
        self.line::<Args>(Method::POST, path, post().to(handler))
    }

    fn line<Args: Guarded>(mut self, method: Method, path: &str, route: Route) -> Self {
        self.lines.push(Line { method, path: format!("{ROOT}{path}"), roles: Args::ROLES });
        Self { scope: self.scope.route(path, route), lines: self.lines }
    }
}

/// Mounts the console, and the sign-in in front of it.
pub fn mount(config: &mut web::ServiceConfig) {
    let door = scope(ROOT)
        .route("/sign-in", get().to(sign_in::show_staff))
        .route("/sign-in", post().to(sign_in::enter_staff))
        .route("/kept", get().to(session::kept::show))
        .route("/kept/{id}/send", post().to(session::kept::send))
        .route("/kept/{id}/discard", post().to(session::kept::discard))
        .route("/enroll/{token}", get().to(staff_admin::show_enrollment))
        .route("/enroll/{token}", post().to(staff_admin::enroll));
    router::second_factors(config, OF_STAFF);
    config.service(console(door).scope);
}

/// The table of role, route and method.
pub fn table() -> Vec<Line> {
    console(scope(ROOT)).lines
}

fn console(scope: Scope) -> Console {
    Console { scope, lines: Vec::new() }
        .get("", staff::routes::search)
        .post("/sign-out", sign_in::leave_staff)
        .get("/overview", overview::routes::show)
        .get("/overview/export", overview::routes::export)
        .get("/alerts", overview::routes::alerts)
        .get("/find", staff::routes::results)
        .get("/live", session::live_for_staff)
        .get("/bulk-posts", bulk_post::routes::list)
        .post("/bulk-posts", bulk_post::routes::create)
        .get("/bulk-posts/export", bulk_post::routes::export)
        .get("/bulk-posts/new", bulk_post::routes::compose)
        .get("/bulk-posts/{id}", bulk_post::routes::open)
        .post("/bulk-posts/{id}/release", release::routes::release::<BulkPost>)
        .post("/bulk-posts/{id}/{act}", release::routes::act::<BulkPost>)
        .get("/live/bulk-posts/{id}", bulk_post::routes::part)
        .get("/live/waiting", staff::messages::waiting_part)
        .get("/live/thread/{kind}/{number}/{sequence}", staff::messages::part)
        .get("/accounts/{kind}/{number}", staff::routes::account)
        .get("/logons", people::routes::search)
        .get("/find/logons", people::routes::results)
        .get("/logons/{id}", people::routes::open)
        .post("/logons/{id}/unlock", people::routes::unlock)
        .post("/logons/{id}/end-sessions", people::routes::end_sessions)
        .post("/logons/{id}/suspend", people::routes::suspend)
        .post("/logons/{id}/revoke", people::routes::revoke)
        .post("/logons/{id}/ask/{act}", people::routes::ask)
        .get("/members", staff_admin::routes::list)
        .get("/members/new", staff_admin::routes::compose)
        .post("/members", staff_admin::routes::invite)
        .post("/members/requests/{id}/approve", staff_admin::routes::approve)
        .get("/members/{id}", staff_admin::routes::open)
        .post("/members/{id}/role", staff_admin::routes::set_role)
        .post("/members/{id}/{act}", staff_admin::routes::act)
        .get("/settings", staff_admin::routes::own)
        .get("/settings/password", staff_admin::routes::own_password)
        .post("/settings/password", staff_admin::routes::change_own_password)
        .post("/settings/sessions", staff_admin::routes::end_own_sessions)
        .post("/requests/{id}/refuse", approval::routes::refuse)
        .post("/requests/{id}/withdraw", approval::routes::withdraw)
        .get("/approvals", people::approvals::list)
        .get("/live/approvals", people::approvals::part)
        .post("/approvals/{id}/approve", people::approvals::approve)
        .post("/approvals/{id}/refuse", people::approvals::refuse)
        .post("/approvals/{id}/withdraw", people::approvals::withdraw)
        .get("/campaigns", invitation::routes::list)
        .post("/campaigns", invitation::routes::create)
        .get("/campaigns/export", invitation::routes::export)
        .get("/campaigns/{id}", invitation::routes::open)
        .get("/live/campaigns/{id}", invitation::routes::part)
        .post("/campaigns/{id}/release", release::routes::release::<Campaign>)
        .post("/campaigns/{id}/{act}", release::routes::act::<Campaign>)
        .get("/templates", template::routes::list)
        .post("/templates", template::routes::create)
        .get("/templates/new", template::routes::compose)
        .get("/templates/{id}", template::routes::open)
        .post("/templates/{id}", template::routes::change)
        .get("/templates/{id}/delete", template::routes::ask_to_delete)
        .post("/templates/{id}/delete", template::routes::delete)
        .get("/templates/{id}/use", template::routes::ask)
        .get("/content", content::routes::list)
        .get("/content/new", content::routes::name_page)
        .get("/content/{document}", content::routes::open)
        .post("/content/{document}", content::routes::change)
        .get("/content/{document}/versions/{number}", content::routes::version)
        .get("/content/{document}/waiting", content::waiting_routes::open)
        .post("/content/{document}/waiting/publish", content::waiting_routes::publish)
        .post("/content/{document}/waiting/refuse", content::waiting_routes::refuse)
        .post("/content/{document}/waiting/withdraw", content::waiting_routes::withdraw)
        .get("/audiences", bulk_post::audience_routes::list)
        .post("/audiences", bulk_post::audience_routes::create)
        .get("/audiences/{id}/delete", bulk_post::audience_routes::ask_to_delete)
        .post("/audiences/{id}/delete", bulk_post::audience_routes::delete)
        .get("/codes", staff::codes::list)
        .get("/codes/export", staff::codes::export)
        .get("/codes/{id}", staff::codes::open)
        .post("/codes/{id}/void", staff::codes::void)
        .post("/codes/{id}/again", staff::codes::send_again)
        .get("/letters", letter_room::routes::show)
        .get("/letters/export", letter_room::routes::export)
        .post("/letters/batches", letter_room::routes::make)
        .get("/letters/batches/{name}", letter_room::routes::open)
        .get("/letters/batches/{name}/pdf", letter_room::take::pdf)
        .post("/letters/batches/{name}/ask", letter_room::take::ask_for_pdf)
        .post("/letters/requests/{id}/approve", letter_room::take::approve_pdf)
        .get("/letters/batches/{name}/manifest", letter_room::routes::manifest)
        .post("/letters/batches/{name}/printed", letter_room::routes::printed)
        .post("/letters/batches/{name}/mailed", letter_room::routes::mailed)
        .post("/letters/batches/{name}/retry", letter_room::routes::try_again)
        .post("/letters/batches/{name}/again", letter_room::routes::again)
        .post("/letters/returned", letter_room::routes::returned)
        .get("/accounts/{kind}/{number}/address", address_correction::routes::show)
        .post("/accounts/{kind}/{number}/address", address_correction::routes::ask)
        .post("/addresses/requests/{id}/approve", address_correction::routes::approve)
        .post("/letters/addresses/{kind}/{number}", letter_room::routes::address_is_right)
        .post("/letters/{name}/reprint", letter_room::routes::reprint)
        .get("/live/letters", letter_room::routes::part)
        .get("/live/letters/{name}", letter_room::routes::state)
        .get("/imports", registry::routes::list)
        .get("/imports/accounts", registry::exports::export)
        .get("/imports/new", registry::routes::compose)
        .post("/imports", registry::routes::create)
        .get("/imports/{id}", registry::routes::open)
        .get("/imports/{id}/faults", registry::exports::faults)
        .get("/imports/{id}/changes", registry::exports::changes)
        .post("/imports/{id}/apply", registry::routes::apply)
        .post("/imports/{id}/cancel", registry::routes::cancel)
        .get("/live/imports/{id}", registry::routes::part)
        .get("/audit", staff::audit::search)
        .get("/audit/export", staff::audit::export)
        .post("/audit/verify", staff::audit::verify)
        .get("/messages", staff::messages::waiting)
        .get("/accounts/{kind}/{number}/ledger", ledger::routes::show::<Staff<Employee>>)
        .post("/accounts/{kind}/{number}/ledger", ledger::adjustment_routes::ask)
        .get("/accounts/{kind}/{number}/ledger/export", ledger::routes::export::<Staff<Employee>>)
        .get("/accounts/{kind}/{number}/ledger/new", ledger::adjustment_routes::compose)
        .get("/accounts/{kind}/{number}/ledger/{line}/reverse", ledger::adjustment_routes::show_reversal)
        .post("/accounts/{kind}/{number}/ledger/{line}/reverse", ledger::adjustment_routes::ask_for_reversal)
        .post("/ledger/requests/{id}/approve", ledger::adjustment_routes::approve)
        .get("/accounts/{kind}/{number}/statements", ledger::routes::statements::<Staff<Employee>>)
        .get("/accounts/{kind}/{number}/statements/{month}", ledger::routes::statement::<Staff<Employee>>)
        .get("/accounts/{kind}/{number}/statements/{month}/csv", ledger::routes::statement_csv::<Staff<Employee>>)
        .get("/accounts/{kind}/{number}/statements/{month}/pdf", ledger::routes::statement_pdf::<Staff<Employee>>)
        .get("/accounts/{kind}/{number}/attachments/{id}", staff::messages::download)
        .get("/accounts/{kind}/{number}/correspondence", staff::correspondence::list)
        .get("/accounts/{kind}/{number}/correspondence/{name}", staff::correspondence::open)
        .get("/accounts/{kind}/{number}/correspondence/{name}/pdf", staff::correspondence::pdf)
        .post("/accounts/{kind}/{number}/messages", staff::routes::post)
        .get("/accounts/{kind}/{number}/messages/{sequence}", staff::messages::open)
        .post("/accounts/{kind}/{number}/messages/{sequence}", staff::messages::reply)
        .get("/accounts/{kind}/{number}/messages/{sequence}/evidence", staff::messages::evidence)
        .post("/accounts/{kind}/{number}/messages/{sequence}/assign", staff::messages::assign)
}
