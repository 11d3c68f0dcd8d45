//! What an operator decides: `springboard.toml`, then `SPRINGBOARD_…` variables over it.

mod credentials;
mod production;
mod secrets;
mod tls;

use std::{net::SocketAddr, path::PathBuf};

use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

pub use tls::Tls;

use super::{AuditKeys, Keys, Limits, MailServer};

/// How much the portal may take for granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// A first look: seeds data, shows mail and letters on a page, allows plain http.
    Demo,
    /// The public: refuses all that, and a missing secret.
    Production,
}

/// The settings as they are written, before they are checked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    profile: Profile,
    bind: SocketAddr,
    ops_bind: SocketAddr,
    board_bind: Option<SocketAddr>,
    tls_certificate: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    tls_client_ca: Option<PathBuf>,
    data: PathBuf,
    database: Option<String>,
    database_user: Option<String>,
    database_password: Option<SecretString>,
    database_cache: Option<u64>,
    smtp: Option<SecretString>,
    mail_from: Option<String>,
    sms: Option<SecretString>,
    public_url: Option<String>,
    secret_key: Option<SecretString>,
    secret_key_file: Option<PathBuf>,
    audit_key_file: Option<PathBuf>,
    audit_public_keys: Option<String>,
    demo_password: Option<SecretString>,
    agency: Option<PathBuf>,
    workers: Option<usize>,
    trusted_proxy: Option<String>,
    hsts_subdomains: bool,
    text_messages: bool,
    text_countries: String,
    smtp_ca: Option<PathBuf>,
    letters_a_day: Option<i64>,
    texts_a_day: Option<i64>,
    scan: Option<PathBuf>,
    breached_passwords: Option<PathBuf>,
    fonts: Option<PathBuf>,
    bounces: Option<PathBuf>,
    printer: Option<PathBuf>,
    security_contact: Option<String>,
}

/// How much an embedded engine may be told to cache, in MiB.
const CACHE: std::ops::RangeInclusive<u64> = 16..=1_048_576;

/// Where the database is.
#[derive(Clone, Debug)]
pub struct Database {
    /// `rocksdb://…`, `mem://` or `ws://…`.
    pub url: String,
    /// Who signs in to a database server.
    pub sign_in: Option<(String, SecretString)>,
    /// The most memory that an embedded engine caches in, in MiB; none leaves it to the engine.
    pub cache: Option<u64>,
}

impl Database {
    /// Whether it is a server's, and not in this process.
    pub fn is_server(&self) -> bool {
        self.url.starts_with("ws://") || self.url.starts_with("wss://")
    }
}

/// The checked configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// How much may be taken for granted.
    pub profile: Profile,
    /// Where people connect.
    pub bind: SocketAddr,
    /// Where operators connect: health and metrics.
    pub ops_bind: SocketAddr,
    /// Where administrators look at the queues, if anywhere.
    pub board_bind: Option<SocketAddr>,
    /// What all three are encrypted with; none means plain HTTP.
    pub tls: Option<Tls>,
    /// The folder of everything that is kept.
    pub data: PathBuf,
    /// Where the database is.
    pub database: Database,
    /// The mail server's address with its credentials; none means files in the data folder.
    pub smtp: Option<MailServer>,
    /// The address that mail comes from.
    pub mail_from: String,
    /// Twilio's account, token, host and number; none means files in the data folder.
    pub sms: Option<SecretString>,
    /// The portal's own address in mails and letters, without a slash at the end.
    pub public_url: String,
    /// Keys for hashes and seals.
    pub keys: Keys,
    /// Keys of the audit's seals.
    pub audit_keys: AuditKeys,
    /// The password of the demo's staff, if the operator chose it.
    pub demo_password: Option<SecretString>,
    /// The agency's own configuration; none means the one that the portal comes with.
    pub agency: Option<PathBuf>,
    /// Threads that answer people; none means one a core.
    pub workers: Option<usize>,
    /// The networks of the proxies in front, whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether all hosts below the portal's own are reached over TLS only (`includeSubDomains`).
    pub hsts_subdomains: bool,
    /// Whether text messages are offered.
    pub text_messages: bool,
    /// The countries that they are sent to, by calling code: `+1`.
    pub text_countries: Vec<String>,
    /// The certificate authority of the mail server, in PEM, where it is the agency's own.
    pub smtp_ca: Option<PathBuf>,
    /// Ceilings.
    pub limits: Limits,
    /// The program that looks for viruses in attachments.
    pub scan: Option<PathBuf>,
    /// The program that runs.
    pub program: PathBuf,
    /// Hashes of passwords that were stolen from other sites.
    pub breached_passwords: Option<PathBuf>,
    /// The folder of fonts for letters and PDFs; none means the machine's own.
    pub fonts: Option<PathBuf>,
    /// The maildir that reports of undelivered mail come into.
    pub bounces: Option<PathBuf>,
    /// The print provider's folder, where batches of letters are handed over.
    pub printer: Option<PathBuf>,
    /// Where weaknesses are reported: `mailto:` or `https://` (RFC 9116).
    pub security_contact: Option<String>,
}

impl Config {
    /// Reads the file `springboard.toml` if there is one, the environment over it, and credentials over both. Under `cargo run` the profile is
    /// the demo's; a release binary has none of its own.
    ///
    /// # Errors
    /// Sentences for the operator, one a line: all that is wrong.
    pub fn load() -> Result<Self, String> {
        let profile = if cfg!(all(debug_assertions, feature = "demo")) { "demo" } else { "" };
        let source = config::Config::builder()
            .set_default("profile", profile)
            .and_then(|built| built.set_default("bind", "127.0.0.1:8080"))
            .and_then(|built| built.set_default("ops_bind", "127.0.0.1:9090"))
            .and_then(|built| built.set_default("data", "./data"))
            .and_then(|built| built.set_default("hsts_subdomains", true))
            .and_then(|built| built.set_default("text_messages", true))
            .and_then(|built| built.set_default("text_countries", "1"))
            .map_err(|fault| fault.to_string())?
            .add_source(config::File::with_name("springboard.toml").required(false))
            .add_source(config::Environment::with_prefix("SPRINGBOARD").prefix_separator("_"));
        let built = credentials::lay_over(source)?.build().map_err(|fault| format!("configuration: {fault}"))?;
        if built.get_string("profile").unwrap_or_default().is_empty() {
            return Err(NO_PROFILE.into());
        }
        let settings: Settings = built.try_deserialize().map_err(|fault| format!("configuration: {fault}"))?;
        Self::check(settings)
    }

    /// The address of the database server, read alone: its first user is made before the other settings are whole.
    ///
    /// # Errors
    /// A sentence for the operator: none is named, or the way to it is not encrypted.
    pub fn database_server() -> Result<String, String> {
        let built = config::Config::builder()
            .add_source(config::File::with_name("springboard.toml").required(false))
            .add_source(config::Environment::with_prefix("SPRINGBOARD").prefix_separator("_"))
            .build()
            .map_err(|fault| format!("configuration: {fault}"))?;
        let url = built.get_string("database").unwrap_or_default();
        if !url.starts_with("ws") {
            return Err("SPRINGBOARD_DATABASE names no server: the embedded database has no users".into());
        }
        if production::is_unencrypted(&url) {
            return Err("SPRINGBOARD_DATABASE: ws:// to another machine is not encrypted; use wss://".into());
        }
        Ok(url)
    }

    fn check(settings: Settings) -> Result<Self, String> {
        if settings.profile == Profile::Demo && cfg!(not(feature = "demo")) {
            return Err(NO_DEMO.into());
        }
        let mut problems = Vec::new();
        let keys = secrets::keys(&settings).map_err(|problem| problems.push(problem)).ok();
        let audit_keys = secrets::audit_keys(&settings).map_err(|problem| problems.push(problem)).ok();
        let trusted_proxies = networks(settings.trusted_proxy.as_deref().unwrap_or_default())
            .map_err(|problem| problems.push(problem))
            .unwrap_or_default();
        let codes = settings.text_countries.split([',', ' ']).filter(|code| !code.is_empty());
        let text_countries: Vec<String> = codes.map(|code| format!("+{}", code.trim_start_matches('+'))).collect();
        if text_countries.iter().any(|code| !code[1..].bytes().all(|digit| digit.is_ascii_digit())) {
            problems.push("SPRINGBOARD_TEXT_COUNTRIES: write calling codes, such as 1 or 1, 52".into());
        }
        let is_contact = |contact: &str| {
            ["mailto:", "https://"].iter().any(|begin| contact.starts_with(begin))
                && !contact.contains(char::is_whitespace)
        };
        if !settings.security_contact.as_deref().is_none_or(is_contact) {
            problems.push("SPRINGBOARD_SECURITY_CONTACT must begin with mailto: or https://".into());
        }
        let smtp = settings.smtp.as_ref().map(|address| MailServer::parse(address.expose_secret()));
        let smtp = smtp.transpose().map_err(|problem| problems.push(problem)).unwrap_or_default();
        let tls = Tls::of(&settings).map_err(|problem| problems.push(problem)).unwrap_or_default();
        let public_url = settings.public_url.clone().unwrap_or_else(|| local_url(settings.bind));
        let public_url = public_url.trim_end_matches('/').to_owned();
        if settings.database_cache.is_some_and(|cache| !CACHE.contains(&cache)) {
            problems.push("SPRINGBOARD_DATABASE_CACHE must be a number of MiB from 16 to 1048576".into());
        }
        let database = Database {
            url: settings
                .database
                .clone()
                .unwrap_or_else(|| format!("rocksdb://{}", settings.data.join("db").display())),
            sign_in: settings.database_user.clone().zip(settings.database_password.clone()),
            cache: settings.database_cache,
        };
        let mut limits = Limits::default();
        limits.letters_a_day = settings.letters_a_day.unwrap_or(limits.letters_a_day);
        limits.texts_a_day = settings.texts_a_day.unwrap_or(limits.texts_a_day);
        if settings.profile == Profile::Production {
            problems.extend(production::problems(
                &settings,
                smtp.as_ref(),
                &public_url,
                &database.url,
                &trusted_proxies,
            ));
        }
        let both = keys.zip(audit_keys).filter(|_| problems.is_empty());
        let Some((keys, audit_keys)) = both else { return Err(problems.join("\n")) };
        Ok(Self {
            profile: settings.profile,
            bind: settings.bind,
            ops_bind: settings.ops_bind,
            board_bind: settings.board_bind,
            tls,
            data: settings.data,
            database,
            smtp,
            mail_from: settings.mail_from.unwrap_or_else(|| "no-reply@springboard.invalid".into()),
            sms: settings.sms,
            public_url,
            keys,
            audit_keys,
            demo_password: settings.demo_password,
            agency: settings.agency,
            workers: settings.workers,
            trusted_proxies,
            hsts_subdomains: settings.hsts_subdomains,
            text_messages: settings.text_messages,
            text_countries,
            smtp_ca: settings.smtp_ca,
            limits,
            scan: settings.scan.filter(|program| program.as_os_str() != NONE),
            program: own_program(),
            breached_passwords: settings.breached_passwords.filter(|file| file.as_os_str() != NONE),
            fonts: settings.fonts,
            bounces: settings.bounces,
            printer: settings.printer,
            security_contact: settings.security_contact,
        })
    }

    /// What an operator should know and may accept: one sentence for each risk.
    pub fn risks(&self) -> Vec<&'static str> {
        production::risks(self)
    }

    /// Whether this is a first look.
    pub fn is_demo(&self) -> bool {
        self.profile == Profile::Demo
    }
}

/// The program that runs; without `/proc`, as it was called.
fn own_program() -> PathBuf {
    std::env::current_exe().unwrap_or_else(|_| std::env::args_os().next().unwrap_or_default().into())
}

/// What an operator sets who goes without a virus scanner, or without a file of stolen passwords.
const NONE: &str = "none";

/// Where a first look is found. Passkeys are made for names and not for numbers, so a loopback address is called by its name.
fn local_url(bind: SocketAddr) -> String {
    if bind.ip().is_loopback() { format!("http://localhost:{}", bind.port()) } else { format!("http://{bind}") }
}

/// What a release binary says that was told nothing.
#[cfg(feature = "demo")]
const NO_PROFILE: &str = "No settings were found. Run `springboard init` to set a portal up in this folder, or set \
    SPRINGBOARD_PROFILE=demo for a first look with demo data.";
#[cfg(not(feature = "demo"))]
const NO_PROFILE: &str = "No settings were found. Run `springboard init` to set a portal up in this folder.";

/// What a binary that was built without the demo says when it is asked for.
const NO_DEMO: &str =
    "SPRINGBOARD_PROFILE: this program was built for the public and has no demo; set it to production";

/// The networks of a list such as `10.0.0.0/8, 192.0.2.7`.
fn networks(list: &str) -> Result<Vec<IpNet>, String> {
    let entries = list.split([',', ' ']).filter(|entry| !entry.is_empty());
    let network = |entry: &str| {
        let parsed = entry.parse::<IpNet>().or_else(|_| entry.parse().map(|address: std::net::IpAddr| address.into()));
        parsed.map_err(|_| format!("SPRINGBOARD_TRUSTED_PROXY: {entry} is no address or network, such as 10.0.0.0/8"))
    };
    entries.map(network).collect()
}

/// Makes a folder that other users of the machine can't look into, if it is not there.
///
/// # Errors
/// When the disk refuses.
pub fn own_folder(folder: &std::path::Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o750).create(folder)
}

#[cfg(test)]
mod tests;
