//! Text messages: as files in the demo, and by Twilio's Messages API against a stub that speaks it.

use std::sync::{Arc, Mutex};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use secrecy::SecretString;
use springboard::{
    post::{PostFault, TextMessage, texts},
    words::PhoneNumber,
};

use crate::support::{Portal, run, sign_up};

type Seen = Arc<Mutex<Vec<(String, Vec<(String, String)>)>>>;

async fn messages(request: HttpRequest, seen: web::Data<Seen>, form: web::Form<Vec<(String, String)>>) -> HttpResponse {
    let who = request.headers().get("authorization").unwrap().to_str().unwrap().to_owned();
    let body = form.iter().find(|(name, _)| name == "Body").unwrap().1.clone();
    seen.lock().unwrap().push((who, form.into_inner()));
    match body.as_str() {
        "too many" => HttpResponse::TooManyRequests().finish(),
        "no such number" => HttpResponse::BadRequest().body(r#"{"code":21211}"#),
        _ => HttpResponse::Created().body(r#"{"sid":"SM1","status":"queued"}"#),
    }
}

#[test]
fn twilio_gets_its_form_and_its_answers_are_understood() {
    run(async {
        let seen = Seen::default();
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let host = listener.local_addr().unwrap();
        let data = web::Data::new(seen.clone());
        let path = "/2010-04-01/Accounts/AC1/Messages.json";
        let stub = HttpServer::new(move || App::new().app_data(data.clone()).route(path, web::post().to(messages)))
            .workers(1)
            .disable_signals()
            .listen(listener)
            .unwrap()
            .run();
        let handle = stub.handle();
        actix_web::rt::spawn(stub);
        let gateway =
            texts::twilio(&SecretString::from(format!("twilio+http://AC1:secret@{host}/+15550001111"))).unwrap();
        let message = |text: &str| TextMessage {
            id: "pin-1".into(),
            to: PhoneNumber::parse("555-555-5556").unwrap(),
            text: text.into(),
            about: None,
        };
        assert!(gateway.send(message("your PIN")).await.is_ok());
        assert!(matches!(gateway.send(message("too many")).await, Err(PostFault::Later(_))));
        assert!(matches!(gateway.send(message("no such number")).await, Err(PostFault::Never(_))));
        let (who, form) = seen.lock().unwrap()[0].clone();
        assert_eq!(who, "Basic QUMxOnNlY3JldA==");
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(form, [pair("To", "+15555555556"), pair("From", "+15550001111"), pair("Body", "your PIN")]);
        handle.stop(false).await;
        let nobody = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
        let gateway =
            texts::twilio(&SecretString::from(format!("twilio+http://AC1:secret@{nobody}/+15550001111"))).unwrap();
        assert!(matches!(gateway.send(message("nobody there")).await, Err(PostFault::Later(_))));
    });
}

/// The PIN that a text message brings to the mobile number.
fn pin_in(file: &std::path::Path) -> String {
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.starts_with("To: +1 (555) 555-5556"), "{text}");
    text.split_whitespace().find_map(|word| word.strip_suffix('.').filter(|pin| pin.len() == 8)).unwrap().to_owned()
}

#[test]
fn a_pin_comes_by_text_message_to_the_mobile_number() {
    run(async {
        let portal = Portal::with_worker().await;
        let mut person = sign_up(&portal, "mechanicschool").await;
        let mut browser = portal.browser();
        let page = browser.get("/recover/password").await;
        let page = browser.submit(&page, "/user", &[("user-id", "mechanicschool"), ("go", "next")]).await;
        assert!(!page.says("PIN by text message"), "not before the number is confirmed");

        let page = person.get("/settings/confirm/mobile").await;
        let page = person.submit(&page, "/send", &[]).await;
        let confirmation = pin_in(&portal.files("texts", 1).await[0]);
        let wrong = person.submit(&page, "/confirm/mobile", &[("pin", "00000000")]).await;
        assert!(wrong.fault("pin").is_some());
        let page = person.submit(&wrong, "/confirm/mobile", &[("pin", &confirmation)]).await;
        assert!(page.says("+1 (555) 555-5556, confirmed"), "{}", page.words());

        let page = browser.get("/recover/password/method").await;
        let page = browser.submit(&page, "/method", &[("method", "text"), ("go", "next")]).await;
        let stale = browser.submit(&page, "/proof", &[("pin", &confirmation), ("go", "next")]).await;
        assert!(stale.fault("pin").is_some(), "a PIN for the one end is none for the other");
        let pin = pin_in(&portal.files("texts", 2).await[1]);
        let page = browser.submit(&page, "/proof", &[("pin", &pin), ("go", "next")]).await;
        assert_eq!(page.path, "/recover/password/new-password", "{}", page.words());
        portal.stop().await;
    });
}
