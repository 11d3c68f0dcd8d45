//! Reports that a mail came back: which are believed, and what they lead to.

use actix_web::{App, test as http, web};
use springboard::{
    delivery::{State, Way},
    house::{bounces, operators},
    post::maildir::Maildir,
};
use springboard_jobs::AlertByLetter;

use crate::{
    otherwise::{all, by_email, by_letter, posted, told},
    support::{Portal, request_code, run, sign_up},
};

/// What a mail server says of a mail that it could not deliver.
pub fn report(message_id: &str, address: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mail.example\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example\r\n\r\n\
         Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n\
         --b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\n\r\n--b--\r\n"
    )
}

fn message_id(mail: &str) -> String {
    mail.lines().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap().to_owned()
}

/// A maildir with these mails.
fn maildir(portal: &Portal, mails: &[&str]) -> Maildir {
    let folder = portal.folder("bounces");
    std::fs::create_dir_all(folder.join("new")).unwrap();
    for (at, mail) in mails.iter().enumerate() {
        std::fs::write(folder.join("new").join(format!("{at}.mail")), mail).unwrap();
    }
    Maildir::new(folder, portal.built.portal.keys.clone())
}

#[test]
fn an_alert_that_came_back_goes_the_next_way_once() {
    run(async {
        let (portal, ..) = posted().await;
        by_email(&portal, 0).await.unwrap();
        assert_eq!(told(&portal, 1).await.state, State::Sent);
        let mail = portal.mails_to("mechanicschool-alerts@example.com", 1).await.remove(0);
        let (id, address) = (message_id(&mail), "mechanicschool-alerts@example.com");
        let report = report(&id, address);
        let nobodys = self::report("<alert-of-nobody.0123456789abcdef@agency.example>", address);
        // Ids are guessed; a copy that was passed on elsewhere is lost while the mail has arrived.
        let guessed = self::report(&format!("<{}@agency.example>", id[1..].split_once('.').unwrap().0), address);
        let elsewhere = self::report(&id, "assistant@example.com");
        let empty = self::report("<@agency.example>", address);
        let away = "Subject: I am away\r\n\r\nhello\r\n";
        let maildir = maildir(&portal, &[&empty, &nobodys, &guessed, &elsewhere, away]);
        std::fs::create_dir(portal.folder("bounces").join("new/a-folder")).unwrap();
        assert_eq!(bounces::read_unseen(&portal.built.portal, &maildir).await.unwrap(), 0);
        portal.built.portal.tally.write(&portal.built.portal.db).await.unwrap();
        let list = portal.staff("auditor1000").await.get("/staff/overview/export").await.body;
        assert!(list.contains("bounce reports ignored") && list.contains(",0,5\r\n"), "{list}");
        assert_eq!(told(&portal, 1).await.state, State::Sent);
        let maildir = self::maildir(&portal, &[&report, &report]);
        assert_eq!(bounces::read_unseen(&portal.built.portal, &maildir).await.unwrap(), 2);
        assert_eq!(bounces::read_unseen(&portal.built.portal, &maildir).await.unwrap(), 0);
        let told = told(&portal, 1).await;
        assert_eq!((told.state, told.way), (State::Waiting, Some(Way::Letter)));
        let steps = told.steps.unwrap();
        assert_eq!((steps.len(), steps[0].said.as_str()), (1, "the e-mail came back (5.1.1)"));
        assert_eq!(all::<AlertByLetter>(&portal).await.len(), 1);
        // A job that runs again mails nothing again.
        by_email(&portal, 0).await.unwrap();
        by_letter(&portal, 0).await.unwrap();
        assert_eq!(self::told(&portal, 1).await.outcome(), "sent by letter");
        portal.stop().await;
    });
}

#[test]
fn a_mail_is_known_by_its_own_header_where_a_relay_gave_it_another_id() {
    run(async {
        let (portal, ..) = posted().await;
        by_email(&portal, 0).await.unwrap();
        let address = "mechanicschool-alerts@example.com";
        let mail = portal.mails_to(address, 1).await.remove(0);
        let own = mail.lines().find(|line| line.starts_with("Springboard-Message: ")).expect("in what is sent");
        let relayed = report("<0100018f-000000@relay.example>", address);
        let known = relayed.replace("\r\n\r\n--b--", &format!("\r\n{own}\r\n\r\n--b--"));
        let maildir = maildir(&portal, &[&relayed, &known]);
        assert_eq!(bounces::read_unseen(&portal.built.portal, &maildir).await.unwrap(), 1);
        assert_eq!(told(&portal, 1).await.way, Some(Way::Letter));
        // Operators see both.
        portal.built.portal.tally.write(&portal.built.portal.db).await.unwrap();
        let metrics = App::new().app_data(web::Data::new(portal.built.portal.clone())).configure(operators::routes);
        let metrics = http::init_service(metrics).await;
        let said = http::call_and_read_body(&metrics, http::TestRequest::get().uri("/metrics").to_request()).await;
        let said = String::from_utf8(said.to_vec()).unwrap();
        for line in ["springboard_bounces{result=\"read\"} 1\n", "springboard_bounces{result=\"ignored\"} 1\n"] {
            assert!(said.contains(line), "{line} in {said}");
        }
        portal.stop().await;
    });
}

#[test]
fn a_code_that_came_back_is_shown_to_who_asked_for_it() {
    run(async {
        let portal = Portal::with_worker().await;
        let mut browser = sign_up(&portal, "mechanicschool").await;
        request_code(&mut browser, "mechanic-school", "123456", true).await;
        let mail = portal.mails_to("email@email.com", 1).await.remove(0);
        for _ in 0..1200 {
            if browser.get("/springboard/submissions").await.says("Code e-mailed") {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        let maildir = maildir(&portal, &[&report(&message_id(&mail), "email@email.com")]);
        assert_eq!(bounces::read_unseen(&portal.built.portal, &maildir).await.unwrap(), 1);
        let page = browser.get("/springboard/submissions").await;
        assert!(page.says("The e-mail with the code came back"), "{}", page.words());
        portal.stop().await;
    });
}
