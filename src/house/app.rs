//! Puts the portal together: one way, for production and for tests.

use std::sync::Arc;

use actix_web::{
    App, Error,
    body::MessageBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    middleware::from_fn,
    web,
};
use springboard_jobs::{Queues, Worker};
use tokio::sync::Notify;

use super::{board, router, worker};
use crate::{
    access, account, content,
    db::{
        Db, Topic,
        ceiling::{self, Daily, DailyCounter},
        changes,
        counters::Tally,
        migrate,
    },
    delivery::Courier,
    http::{Portal, Publication, answer, fault_page, gate, headers, portal::Parts, posted::LONGEST},
    live::Stage,
    logon::{self, Hasher},
    mailbox::Mailboxes,
    post::{Mailer, Spool, TextGateway, maildir::Maildir, texts},
    services::{Admission, BreachedPasswords, BurstLimit, Pools},
    session::{Desk, recognise},
    submission::Numbers,
    words::{Agency, Clock, Config, agency},
};

/// Requests of all addresses that wait for their answer.
const MOST_REQUESTS: usize = 4096;
/// Open pages of all addresses.
const MOST_STREAMS: usize = 20_000;

/// The portal with its actors, before anything listens or works.
#[derive(Clone)]
pub struct Built {
    /// What every handler stands on.
    pub portal: Portal,
    /// Where sessions are found.
    pub desk: Desk,
    /// Where mailboxes are found.
    pub mailboxes: Mailboxes,
    /// Hands mail and texts over.
    pub courier: Courier,
    /// Where letters wait for the printer.
    pub spool: Spool,
    /// Where reports of undelivered mail come in, if anywhere.
    pub bounces: Option<Maildir>,
    /// Hashes passwords.
    pub hasher: Hasher,
    numbers: Numbers,
    stage: Stage,
    ending: tokio::sync::watch::Sender<bool>,
}

/// What is mounted at an address.
#[derive(Clone)]
pub enum Listener {
    /// The portal.
    Portal,
    /// The board of the queues.
    Board(Queues),
}

impl Built {
    /// Builds the portal on an open store. Within an actix system.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub async fn new(config: &Config, db: Db, clock: Clock) -> Result<Self, String> {
        let agency = agency(config)?;
        migrate::run(&db).await.map_err(|fault| format!("the database can't be set up: {fault}"))?;
        logon::prepare(&db).await.map_err(|fault| format!("the logons can't be made findable: {fault}"))?;
        account::prepare(&db).await.map_err(|fault| format!("the accounts can't be made findable: {fault}"))?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let courier = Courier::new(mailer(config, &agency)?, text_gateway(config)?, db.clone(), clock.clone());
        let portal = Portal::new(Parts {
            publication: Publication::new(agency),
            db: db.clone(),
            keys: config.keys.clone(),
            audit_keys: config.audit_keys.clone(),
            clock,
            public_url: config.public_url.clone(),
            mail_from: config.mail_from.clone(),
            data: config.data.clone(),
            demo: config.is_demo(),
            requires_factor: !config.is_demo(),
            secure: config.public_url.starts_with("https://"),
            trusted_proxies: config.trusted_proxies.clone(),
            hsts_subdomains: config.hsts_subdomains,
            offers_texts: config.text_messages,
            text_countries: config.text_countries.clone(),
            security_contact: config.security_contact.clone(),
            pools: Pools::for_processors(cores),
            requests: Admission::new(config.limits.requests_per_address, MOST_REQUESTS),
            streams: Admission::new(config.limits.streams_per_address, MOST_STREAMS),
            streams_of_person: Admission::new(config.limits.streams_per_person, MOST_STREAMS),
            password_checks: BurstLimit::new(5, 40),
            program: config.program.clone(),
            breached_passwords: config.breached_passwords.as_deref().map(BreachedPasswords::open).transpose()?,
            logged_refusals: BurstLimit::new(2, 20),
            limits: config.limits.clone(),
            scan: config.scan.clone(),
            printer: config.printer.clone(),
            tally: Tally::default(),
            daily: DailyCounter::default(),
        });
        content::check_configured(portal.publication.configured());
        content::load(&portal).await.map_err(|fault| format!("what was published can't be read: {fault}"))?;
        let stage = Stage::start(1);
        let desk = Desk::new(portal.clone(), stage.clone(), access::agreed_terms);
        let mailboxes = Mailboxes::new(portal.clone(), stage.clone());
        let built = Self {
            desk,
            mailboxes,
            courier,
            bounces: config.bounces.clone().map(|folder| Maildir::new(folder, config.keys.clone())),
            spool: Spool::new(config.data.join("letters")),
            hasher: Hasher::new(portal.pools.hashing.clone()),
            numbers: Numbers::new(db),
            stage,
            ending: tokio::sync::watch::Sender::new(false),
            portal,
        };
        built.follow_changes();
        Ok(built)
    }

    /// Passes on what any process changes, until this one stops.
    fn follow_changes(&self) {
        let mut ending = self.ending.subscribe();
        let published = Arc::new(Notify::new());
        let subscription = changes::follow(&self.portal.db, {
            let (desk, published) = (self.desk.clone(), published.clone());
            move |topic| match topic {
                Topic::Content => published.notify_one(),
                topic => desk.tell(topic),
            }
        });
        let (desk, mailboxes, portal) = (self.desk.clone(), self.mailboxes.clone(), self.portal.clone());
        self.portal.db.runtime().spawn(async move {
            let _subscription = subscription;
            let mut tidy = tokio::time::interval(std::time::Duration::from_secs(60));
            loop {
                tokio::select! {
                    () = published.notified() => read_content(&portal).await,
                    _ = tidy.tick() => {
                        desk.tidy();
                        mailboxes.tidy();
                        portal.password_checks.tidy();
                        keep_counts(&portal).await;
                        watch_ceilings(&portal).await;
                        // A hint may have come while the database was away.
                        read_content(&portal).await;
                    }
                    () = async { drop(ending.wait_for(|ending| *ending).await) } => {
                        keep_counts(&portal).await;
                        return;
                    }
                }
            }
        });
    }

    /// The worker with the handlers of all jobs.
    pub fn worker(&self) -> Worker {
        worker::of(self)
    }

    /// The app that one thread answers with at a listener. All bear the same headers, know the same sessions and
    /// give each fault its page.
    pub fn app(
        &self,
        listener: &Listener,
    ) -> App<
        impl ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<impl MessageBody + use<>>,
            Error = Error,
            InitError = (),
        > + use<>,
    > {
        App::new()
            .app_data(web::Data::new(self.portal.clone()))
            .app_data(web::Data::new(self.desk.clone()))
            .app_data(web::Data::new(self.mailboxes.clone()))
            .app_data(web::Data::new(self.hasher.clone()))
            .app_data(web::Data::new(self.numbers.clone()))
            .app_data(web::FormConfig::default().limit(LONGEST))
            .configure(|config| match listener {
                Listener::Portal => {
                    #[cfg(feature = "demo")]
                    if self.portal.demo {
                        super::demo::routes(config);
                    }
                    router::routes(config);
                }
                Listener::Board(queues) => board::routes(config, queues),
            })
            .default_service(web::to(answer::nowhere))
            .wrap(from_fn(fault_page))
            .wrap(from_fn(recognise))
            .wrap(from_fn(headers::same_site))
            .wrap(from_fn(gate::admit))
            .wrap(headers::every_answer(self.portal.secure, self.portal.hsts_subdomains))
            .wrap(from_fn(gate::head_as_get))
    }

    /// Ends the actors and what follows other processes.
    pub fn stop(&self) {
        self.ending.send_replace(true);
        self.stage.stop();
    }
}

async fn read_content(portal: &Portal) {
    if let Err(fault) = content::follow(portal).await {
        tracing::error!(%fault, "what was published could not be read; the portal says what it said");
    }
}

/// Says in the log, once a minute for as long as it lasts, that four fifths of a day's ceiling are used.
async fn watch_ceilings(portal: &Portal) {
    let today = portal.agency().calendar().day(portal.now());
    for what in Daily::ALL {
        let (most, counted) = (portal.ceiling(what), ceiling::counted(&portal.db, what, today).await);
        if let Ok(counted) = counted
            && counted.saturating_mul(5) >= most.saturating_mul(4)
        {
            tracing::warn!(what = what.code(), counted, ceiling = most, "a day's ceiling is nearly reached");
        }
    }
}

async fn keep_counts(portal: &Portal) {
    if let Err(fault) = portal.tally.write(&portal.db).await {
        tracing::warn!(%fault, "what was counted could not be written yet");
    }
}

fn agency(config: &Config) -> Result<Agency, String> {
    match &config.agency {
        None => Agency::parse(agency::SEED),
        Some(file) => {
            let text = std::fs::read_to_string(file).map_err(|fault| format!("{}: {fault}", file.display()))?;
            Agency::parse(&text).map_err(|fault| format!("{}: {fault}", file.display()))
        }
    }
}

fn mailer(config: &Config, agency: &Agency) -> Result<Mailer, String> {
    match &config.smtp {
        Some(server) => {
            let authority = match &config.smtp_ca {
                Some(file) => Some(std::fs::read(file).map_err(|fault| format!("SPRINGBOARD_SMTP_CA: {fault}"))?),
                None => None,
            };
            Mailer::smtp(server, authority.as_deref(), &agency.portal, &config.mail_from, config.keys.clone())
        }
        None => Mailer::files(config.data.join("mail"), &agency.portal, &config.mail_from, config.keys.clone()),
    }
}

fn text_gateway(config: &Config) -> Result<Arc<dyn TextGateway>, String> {
    match &config.sms {
        Some(address) => texts::twilio(address),
        None => Ok(texts::files(config.data.join("texts"))),
    }
}
