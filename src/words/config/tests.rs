use super::*;

fn settings(profile: Profile) -> Settings {
    Settings {
        profile,
        bind: "127.0.0.1:8080".parse().unwrap(),
        ops_bind: "127.0.0.1:9090".parse().unwrap(),
        board_bind: None,
        tls_certificate: None,
        tls_key: None,
        tls_client_ca: None,
        data: "data".into(),
        database: None,
        database_user: None,
        database_password: None,
        smtp: None,
        mail_from: None,
        sms: None,
        public_url: None,
        secret_key: Some("a secret of more than thirty-two characters".into()),
        secret_key_file: None,
        audit_key_file: None,
        audit_public_keys: AuditKeys::parse(Some(&AuditKeys::draw()), "").unwrap().public().next(),
        demo_password: None,
        agency: None,
        workers: None,
        trusted_proxy: Some("127.0.0.1".into()),
        hsts_subdomains: true,
        text_messages: true,
        text_countries: "1".into(),
        smtp_ca: None,
        database_cache: None,
        letters_a_day: None,
        texts_a_day: None,
        scan: None,
        breached_passwords: None,
        fonts: None,
        bounces: None,
        printer: None,
        security_contact: None,
    }
}

#[test]
fn the_demo_needs_nothing_else() {
    let config = Config::check(settings(Profile::Demo)).unwrap();
    assert_eq!(config.public_url, "http://localhost:8080");
    assert_eq!(config.database.url, "rocksdb://data/db");
}

#[test]
fn production_names_what_is_missing() {
    let refused = |change: fn(&mut Settings)| {
        let mut settings = settings(Profile::Production);
        settings.smtp = Some("smtps://mail.example.gov".into());
        settings.public_url = Some("https://portal.example.gov".into());
        settings.secret_key = Some(Keys::draw().into());
        settings.sms = Some("twilio://AC1:token@api.example/+15550001111".into());
        settings.mail_from = Some("no-reply@portal.example.gov".into());
        settings.scan = Some("none".into());
        settings.breached_passwords = Some("none".into());
        change(&mut settings);
        Config::check(settings).err()
    };
    assert_eq!(refused(|_| {}), None);
    assert!(refused(|settings| settings.scan = None).unwrap().contains("SPRINGBOARD_SCAN"));
    assert!(refused(|settings| settings.breached_passwords = None).unwrap().contains("SPRINGBOARD_BREACHED_PASSWORDS"));
    assert!(refused(|settings| settings.smtp = None).unwrap().contains("SPRINGBOARD_SMTP"));
    assert!(refused(|settings| settings.public_url = None).unwrap().contains("SPRINGBOARD_PUBLIC_URL"));
    assert!(refused(|settings| settings.secret_key = None).unwrap().contains("SPRINGBOARD_SECRET_KEY"));
    assert!(refused(|settings| settings.secret_key = Some("short".into())).unwrap().contains("SPRINGBOARD_SECRET_KEY"));
    assert!(refused(|settings| settings.audit_public_keys = None).unwrap().contains("SPRINGBOARD_AUDIT_KEY_FILE"));
    assert!(refused(|settings| settings.audit_public_keys = Some("00".into())).unwrap().contains("AUDIT"));
    assert!(refused(|settings| settings.demo_password = Some("x".into())).unwrap().contains("DEMO"));
    let weak = |key: &str| {
        let mut settings = settings(Profile::Production);
        settings.secret_key = Some(key.to_owned().into());
        Config::check(settings).unwrap_err().contains("can be guessed")
    };
    assert!(weak(&"a".repeat(32)) && weak("correct horse battery staple correct horse"));
    assert!(!weak(&Keys::draw()));
    let far = [
        ("SMTP", (|settings| settings.smtp = Some("smtp://mail.example.gov:25".into())) as fn(&mut Settings)),
        ("SMTP", |settings| settings.smtp = Some("smtp://u:tls=required@mail.example.gov".into())),
        ("SMTP", |settings| settings.smtp = Some("smtp://mail.example.gov?tls=opportunistic".into())),
        ("DATABASE", |settings| settings.database = Some("ws://10.0.0.7:8000".into())),
        ("DATABASE_USER", |settings| settings.database = Some("wss://db.example.gov".into())),
        ("DATABASE", |settings| settings.database = Some("mem://".into())),
        ("DATABASE", |settings| settings.database = Some("rocksdb://db?sync=never".into())),
        ("SMS", |settings| settings.sms = Some("twilio+http://A:b@sms.example/+1".into())),
        ("SMS", |settings| settings.sms = None),
        ("OPS_BIND", |settings| settings.ops_bind = "0.0.0.0:9090".parse().unwrap()),
        ("BOARD_BIND", |settings| settings.board_bind = Some("203.0.113.7:9091".parse().unwrap())),
        ("SPRINGBOARD_BIND", |settings| settings.bind = "10.0.0.7:8080".parse().unwrap()),
        ("SPRINGBOARD_OPS_BIND", |settings| settings.ops_bind = "10.0.0.7:9090".parse().unwrap()),
        ("TLS_CLIENT_CA", |settings| settings.tls_certificate = Some("cert.pem".into())),
        ("TRUSTED_PROXY", |settings| settings.trusted_proxy = None),
        ("TRUSTED_PROXY", |settings| settings.trusted_proxy = Some("true".into())),
        ("MAIL_FROM", |settings| settings.mail_from = None),
    ];
    for (name, change) in far {
        assert!(refused(change).is_some_and(|said| said.contains(name)), "{name}: {:?}", refused(change));
    }
    assert_eq!(refused(|settings| settings.smtp = Some("smtp://127.0.0.1:25".into())), None, "on this machine");
    assert_eq!(refused(|settings| (settings.sms, settings.text_messages) = (None, false)), None);
    let encrypted = |settings: &mut Settings| {
        settings.bind = "10.0.0.7:8080".parse().unwrap();
        settings.tls_certificate = Some("cert.pem".into());
        settings.tls_key = Some("key.pem".into());
        settings.tls_client_ca = Some("ca.pem".into());
    };
    assert_eq!(refused(encrypted), None, "on another machine, with TLS");
    // All at once, not one after the other.
    let all = Config::check(settings(Profile::Production)).unwrap_err();
    assert!(["SMTP", "PUBLIC_URL", "SMS", "MAIL_FROM"].iter().all(|name| all.contains(name)), "{all}");
}
