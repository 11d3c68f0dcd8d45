//! The portal under test.

use std::{path::PathBuf, time::Duration};

use actix_web::{HttpServer, dev::ServerHandle};
use secrecy::SecretString;
use springboard::{
    db::Db,
    house::{
        app::{Built, Listener},
        demo::seeds,
    },
    words::{
        AuditKeys, Clock, Config, Keys, MailServer, Moment,
        config::{Database, Profile},
    },
};
use tempfile::TempDir;

use super::Browser;

/// Runs a test as the program runs: actors on a system over a runtime of several threads.
pub fn run(test: impl Future<Output = ()>) {
    let system = actix::System::with_tokio_rt(|| {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_stack_size(16 << 20)
            .enable_all()
            .build()
            .unwrap()
    });
    system.block_on(test);
}

/// A portal that listens on a port of its own.
pub struct Portal {
    /// Its parts.
    pub built: Built,
    /// Its address.
    pub url: String,
    /// Its clock, which stands until it is moved.
    pub clock: Clock,
    data: TempDir,
    server: ServerHandle,
    worker: Option<(tokio::sync::oneshot::Sender<()>, tokio::task::JoinHandle<()>)>,
}

impl Portal {
    /// A portal with the demo's data, without a worker.
    pub async fn start() -> Self {
        Self::on(Db::in_memory().await.unwrap()).await
    }

    /// A portal whose mail goes to a server at this port.
    pub async fn with_mail_server(port: u16) -> Self {
        let server = MailServer::parse(&format!("smtp://127.0.0.1:{port}")).unwrap();
        Self::build(Db::in_memory().await.unwrap(), |config| config.smtp = Some(server)).await
    }

    /// A portal that is configured otherwise.
    pub async fn configured(change: impl FnOnce(&mut Config)) -> Self {
        Self::build(Db::in_memory().await.unwrap(), change).await
    }

    /// A portal on a store that others may share.
    pub async fn on(db: Db) -> Self {
        Self::build(db, |_| {}).await
    }

    async fn build(db: Db, change: impl FnOnce(&mut Config)) -> Self {
        springboard::words::telemetry::start(true);
        let data = tempfile::tempdir().unwrap();
        let clock = Clock::standing_at("2026-11-24T15:00:00Z".parse::<Moment>().unwrap());
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let mut config = Config {
            profile: Profile::Demo,
            bind: address,
            ops_bind: address,
            board_bind: None,
            tls: None,
            data: data.path().to_owned(),
            database: Database { url: "mem://".into(), sign_in: None, cache: None },
            smtp: None,
            mail_from: "no-reply@agency.example".into(),
            sms: None,
            public_url: format!("http://{address}"),
            keys: Keys::parse("a secret for tests, longer than thirty-two characters").unwrap(),
            audit_keys: AuditKeys::parse(Some(&AuditKeys::draw()), "").unwrap(),
            demo_password: None,
            agency: None,
            workers: None,
            trusted_proxies: Vec::new(),
            hsts_subdomains: true,
            text_messages: true,
            text_countries: vec!["+1".into()],
            security_contact: None,
            smtp_ca: None,
            limits: springboard::words::Limits::default(),
            scan: None,
            program: env!("CARGO_BIN_EXE_springboard").into(),
            breached_passwords: None,
            fonts: None,
            bounces: None,
            printer: Some(data.path().join("printer")),
        };
        change(&mut config);
        let built = Built::new(&config, db, clock.clone()).await.unwrap();
        seeds::load(&built, &SecretString::from("Staff-Password-1")).await.unwrap();
        let app = built.clone();
        let server = HttpServer::new(move || app.app(&Listener::Portal))
            .workers(1)
            .disable_signals()
            .shutdown_timeout(1)
            .listen(listener)
            .unwrap()
            .run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self { built, url: config.public_url, clock, data, server: handle, worker: None }
    }

    /// The same with a worker that runs the jobs.
    pub async fn with_worker() -> Self {
        let mut portal = Self::start().await;
        portal.start_worker();
        portal
    }

    /// Starts the worker.
    pub fn start_worker(&mut self) {
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let worker = self.built.worker();
        let working = tokio::spawn(worker.run(async move { drop(stopped.await) }));
        self.worker = Some((stop, working));
    }

    /// Ends the worker, and waits until it has ended.
    pub async fn stop_worker(&mut self) {
        if let Some((stop, working)) = self.worker.take() {
            let _ = stop.send(());
            working.await.unwrap();
        }
    }

    /// A browser that was never here before.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.url)
    }

    /// An employee's browser, signed in.
    pub async fn clerk(&self) -> Browser {
        self.staff("clerk1000").await
    }

    /// One in which this employee is signed in.
    pub async fn staff(&self, user_id: &str) -> Browser {
        let mut browser = self.browser();
        let page = browser.get("/staff/sign-in").await;
        let fields = [("user-id", user_id), ("password", "Staff-Password-1")];
        let page = browser.submit(&page, "/staff/sign-in", &fields).await;
        assert_eq!(page.path, "/staff", "{}", page.body);
        browser
    }

    /// A folder of the data, which may not be there yet.
    pub fn folder(&self, name: &str) -> PathBuf {
        self.data.path().join(name)
    }

    /// The files of a folder of the data, oldest first, once there are at least `count`.
    pub async fn files(&self, folder: &str, count: usize) -> Vec<PathBuf> {
        let folder = self.folder(folder);
        within(|| {
            let mut files: Vec<_> = std::fs::read_dir(&folder)
                .into_iter()
                .flatten()
                .flatten()
                .filter(|file| file.path().extension().is_some_and(|kind| kind != "part"))
                .map(|file| (file.metadata().unwrap().modified().unwrap(), file.path()))
                .collect();
            files.sort();
            (files.len() >= count).then(|| files.into_iter().map(|(_, file)| file).collect())
        })
        .await
    }

    /// The texts of all mails to an address, once there are at least `count`.
    pub async fn mails_to(&self, address: &str, count: usize) -> Vec<String> {
        let folder = self.data.path().join("mail");
        let to = format!("To: {address}\r\n");
        within(|| {
            let texts: Vec<String> = std::fs::read_dir(&folder)
                .into_iter()
                .flatten()
                .flatten()
                .filter(|file| file.path().extension().is_some_and(|kind| kind == "eml"))
                .filter_map(|file| std::fs::read_to_string(file.path()).ok())
                .filter(|text| text.contains(&to))
                .collect();
            (texts.len() >= count).then_some(texts)
        })
        .await
    }

    /// Ends it, with its worker.
    pub async fn stop(mut self) {
        self.stop_worker().await;
        self.server.stop(false).await;
        self.built.stop();
    }
}

/// What `look` finds, as soon as it finds it. What is awaited has no other sign to wait for.
pub async fn within<T>(mut look: impl FnMut() -> Option<T>) -> T {
    for _ in 0..1200 {
        if let Some(found) = look() {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("not within thirty seconds");
}
