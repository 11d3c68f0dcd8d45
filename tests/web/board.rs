//! The board of the queues: administrators look, and nobody enqueues.

use actix_web::HttpServer;
use reqwest::Method;
use springboard::house::app::Listener;
use springboard_jobs::Queues;

use crate::support::{Browser, Portal, request_code, run, sign_up};

async fn open(portal: &Portal) -> (String, actix_web::dev::ServerHandle) {
    let board = Listener::Board(Queues::new(portal.built.portal.db.queue()));
    let app = portal.built.clone();
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = HttpServer::new(move || app.app(&board)).workers(1).disable_signals().listen(listener).unwrap().run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    (url, handle)
}

async fn sign_in(url: &str, user_id: &str) -> Browser {
    let mut browser = Browser::new(url);
    let page = browser.get("/").await;
    assert_eq!(page.path, "/staff/sign-in", "the board asks who is there");
    let fields = [("user-id", user_id), ("password", "Staff-Password-1")];
    let page = browser.submit(&page, "/staff/sign-in", &fields).await;
    assert_eq!(page.path, "/", "{}", page.words());
    browser
}

#[test]
fn administrators_see_the_queues_and_nobody_enqueues() {
    run(async {
        let portal = Portal::start().await;
        let mut person = sign_up(&portal, "mechanicschool").await;
        request_code(&mut person, "mechanic-school", "123456", true).await;
        let (url, server) = open(&portal).await;
        // A form that the console keeps for them is offered there, and not here.
        let kept = "LET $who = (SELECT VALUE record::id(id) FROM staff WHERE folded = 'admin1000')[0];
             UPSERT type::record('kept_form', ['staff', $who, 'x']) SET path = '/staff/x', fields = '[]', at = time::now()";
        portal.built.portal.db.raw(kept).await.unwrap();
        let mut administrator = sign_in(&url, "admin1000").await;
        let page = administrator.get("/").await;
        assert!(page.status == 200 && page.body.contains("Apalis Board"), "{}", page.body);
        let queues = administrator.get("/api/v1/queues").await;
        assert!(queues.body.contains("\"code by e-mail\""), "{}", queues.body);
        let tasks = administrator.get("/api/v1/queues/code%20by%20e-mail/tasks").await;
        assert!(tasks.status == 200 && tasks.body.contains("\"code\""), "{}", tasks.body);
        for path in ["/api/v1/tasks", "/api/v1/workers", "/api/v1/overview", "/api/v1/queues/sweep/stats"] {
            assert_eq!(administrator.get(path).await.status, 200, "{path}");
        }
        let put = administrator.send(Method::PUT, "/api/v1/queues/sweep/tasks", None).await;
        assert_eq!(put.status(), 404, "the board shows, and takes nothing");

        let mut clerk = sign_in(&url, "clerk1000").await;
        assert_eq!(clerk.get("/").await.status, 403);
        assert_eq!(clerk.get("/api/v1/tasks").await.status, 403);
        // A person's session is none here, whatever cookie is sent.
        let mut stranger = Browser::new(&url);
        stranger.cookies = person.cookies.clone();
        assert_eq!(stranger.get("/api/v1/tasks").await.path, "/staff/sign-in");
        server.stop(false).await;
        portal.stop().await;
    });
}
