//! What an operator decides: `springboard.toml`, then `SPRINGBOARD_…` variables over it.

use std::{net::SocketAddr, path::PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::Keys;

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
    data: PathBuf,
    database: Option<String>,
    database_user: Option<String>,
    database_password: Option<SecretString>,
    smtp: Option<SecretString>,
    mail_from: Option<String>,
    sms: Option<SecretString>,
    public_url: Option<String>,
    secret_key: Option<SecretString>,
    secret_key_file: Option<PathBuf>,
    demo_password: Option<SecretString>,
    agency: Option<PathBuf>,
    workers: Option<usize>,
    trusted_proxy: bool,
    scan: Option<PathBuf>,
    bounces: Option<PathBuf>,
    printer: Option<PathBuf>,
}

/// Where the database is.
#[derive(Clone, Debug)]
pub struct Database {
    /// `rocksdb://…`, `mem://` or `ws://…`.
    pub url: String,
    /// Who signs in to a database server.
    pub sign_in: Option<(String, SecretString)>,
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
    /// The folder of everything that is kept.
    pub data: PathBuf,
    /// Where the database is.
    pub database: Database,
    /// The mail server's address with its credentials; none means files in the data folder.
    pub smtp: Option<SecretString>,
    /// The address that mail comes from.
    pub mail_from: String,
    /// Twilio's account, token, host and number; none means files in the data folder.
    pub sms: Option<SecretString>,
    /// The portal's own address in mails and letters, without a slash at the end.
    pub public_url: String,
    /// Keys for hashes and seals.
    pub keys: Keys,
    /// The password of the demo's staff, if the operator chose it.
    pub demo_password: Option<SecretString>,
    /// The agency's own configuration; none means the one that the portal comes with.
    pub agency: Option<PathBuf>,
    /// Threads that answer people; none means one a core.
    pub workers: Option<usize>,
    /// Whether a proxy in front tells the caller's address (`X-Forwarded-For`).
    pub trusted_proxy: bool,
    /// The program that looks for viruses in attachments.
    pub scan: Option<PathBuf>,
    /// The maildir that reports of undelivered mail come into.
    pub bounces: Option<PathBuf>,
    /// The print provider's folder, where batches of letters are handed over.
    pub printer: Option<PathBuf>,
}

impl Config {
    /// Reads the file `springboard.toml` if there is one, and the environment over it.
    ///
    /// # Errors
    /// A sentence that names the setting that is wrong.
    pub fn load() -> Result<Self, String> {
        let source = config::Config::builder()
            .set_default("profile", "demo")
            .and_then(|built| built.set_default("bind", "127.0.0.1:8080"))
            .and_then(|built| built.set_default("ops_bind", "127.0.0.1:9090"))
            .and_then(|built| built.set_default("data", "./data"))
            .and_then(|built| built.set_default("trusted_proxy", false))
            .map_err(|fault| fault.to_string())?
            .add_source(config::File::with_name("springboard.toml").required(false))
            .add_source(config::Environment::with_prefix("SPRINGBOARD").prefix_separator("_"));
        let settings: Settings = source
            .build()
            .and_then(config::Config::try_deserialize)
            .map_err(|fault| format!("configuration: {fault}"))?;
        Self::check(settings)
    }

    fn check(settings: Settings) -> Result<Self, String> {
        let production = settings.profile == Profile::Production;
        let keys = secret(&settings)?;
        let public_url =
            settings.public_url.unwrap_or_else(|| format!("http://{}", settings.bind)).trim_end_matches('/').to_owned();
        if production {
            if settings.smtp.is_none() {
                return Err("SPRINGBOARD_SMTP is missing: the production profile sends real mail".into());
            }
            if !public_url.starts_with("https://") {
                return Err("SPRINGBOARD_PUBLIC_URL must begin with https:// in the production profile".into());
            }
            if settings.demo_password.is_some() {
                return Err("SPRINGBOARD_DEMO_PASSWORD belongs to the demo profile only".into());
            }
        }
        let database = Database {
            url: settings.database.unwrap_or_else(|| format!("rocksdb://{}", settings.data.join("db").display())),
            sign_in: settings.database_user.zip(settings.database_password),
        };
        Ok(Self {
            profile: settings.profile,
            bind: settings.bind,
            ops_bind: settings.ops_bind,
            board_bind: settings.board_bind,
            data: settings.data,
            database,
            smtp: settings.smtp,
            mail_from: settings.mail_from.unwrap_or_else(|| "no-reply@springboard.invalid".into()),
            sms: settings.sms,
            public_url,
            keys,
            demo_password: settings.demo_password,
            agency: settings.agency,
            workers: settings.workers,
            trusted_proxy: settings.trusted_proxy,
            scan: settings.scan,
            bounces: settings.bounces,
            printer: settings.printer,
        })
    }

    /// Whether this is a first look.
    pub fn is_demo(&self) -> bool {
        self.profile == Profile::Demo
    }
}

/// The secret as it was given; in the demo, one that is made once and kept in the data folder.
fn secret(settings: &Settings) -> Result<Keys, String> {
    let name = "SPRINGBOARD_SECRET_KEY";
    if let Some(given) = &settings.secret_key {
        return Keys::parse(given.expose_secret()).map_err(|fault| format!("{name}: {fault}"));
    }
    if let Some(file) = &settings.secret_key_file {
        let lines =
            std::fs::read_to_string(file).map_err(|fault| format!("{name}_FILE {}: {fault}", file.display()))?;
        return Keys::parse(&lines).map_err(|fault| format!("{name}_FILE: {fault}"));
    }
    if settings.profile == Profile::Production {
        return Err(format!("{name} or {name}_FILE is missing: the production profile makes no secret of its own"));
    }
    let file = settings.data.join("secret-key");
    let lines = match std::fs::read_to_string(&file) {
        Ok(lines) => lines,
        Err(_) => keep(&file, &Keys::draw())?,
    };
    Keys::parse(&lines).map_err(|fault| format!("{}: {fault}", file.display()))
}

/// Makes a folder that other users of the machine can't look into, if it is not there.
///
/// # Errors
/// When the disk refuses.
pub fn own_folder(folder: &std::path::Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o750).create(folder)
}

/// Writes a secret to a file that only its owner reads.
fn keep(file: &std::path::Path, secret: &str) -> Result<String, String> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let written = || -> std::io::Result<()> {
        if let Some(folder) = file.parent() {
            own_folder(folder)?;
        }
        let mut open = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
        open.write_all(secret.as_bytes())?;
        open.sync_all()
    };
    written().map_err(|fault| format!("{}: {fault}", file.display()))?;
    Ok(secret.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(profile: Profile) -> Settings {
        Settings {
            profile,
            bind: "127.0.0.1:8080".parse().unwrap(),
            ops_bind: "127.0.0.1:9090".parse().unwrap(),
            board_bind: None,
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
            demo_password: None,
            agency: None,
            workers: None,
            trusted_proxy: false,
            scan: None,
            bounces: None,
            printer: None,
        }
    }

    #[test]
    fn the_demo_needs_nothing_else() {
        let config = Config::check(settings(Profile::Demo)).unwrap();
        assert_eq!(config.public_url, "http://127.0.0.1:8080");
        assert_eq!(config.database.url, "rocksdb://data/db");
    }

    #[test]
    fn production_names_what_is_missing() {
        let refused = |change: fn(&mut Settings)| {
            let mut settings = settings(Profile::Production);
            settings.smtp = Some("smtps://mail.example.gov".into());
            settings.public_url = Some("https://portal.example.gov".into());
            change(&mut settings);
            Config::check(settings).err()
        };
        assert_eq!(refused(|_| {}), None);
        assert!(refused(|settings| settings.smtp = None).unwrap().contains("SPRINGBOARD_SMTP"));
        assert!(refused(|settings| settings.public_url = None).unwrap().contains("SPRINGBOARD_PUBLIC_URL"));
        assert!(refused(|settings| settings.secret_key = None).unwrap().contains("SPRINGBOARD_SECRET_KEY"));
        assert!(
            refused(|settings| settings.secret_key = Some("short".into())).unwrap().contains("SPRINGBOARD_SECRET_KEY")
        );
        assert!(refused(|settings| settings.demo_password = Some("x".into())).unwrap().contains("DEMO"));
    }
}
