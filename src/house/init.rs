//! Setting a portal up: settings, a secret key, the database, and the first administrator's link. What is not told on the
//! command line is asked for.

use std::{
    io::{IsTerminal, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use clap::Args;

use super::app::Built;
use crate::{
    db::Db,
    staff_admin::command::{self, NewStaff, StaffCommand},
    words::{AuditKeys, Clock, Config, Keys, config::own_folder},
};

const SETTINGS: &str = "springboard.toml";
const KEY: &str = "secret-key";
const AUDIT_KEY: &str = "audit-key.pem";

/// What a portal is set up with.
#[derive(Clone, Debug, Args)]
pub struct Init {
    /// The address at which people reach the portal, such as <https://services.example.gov>
    #[arg(long)]
    public_url: Option<String>,
    /// The mail server: smtps://user:password@host or smtp+starttls://…
    #[arg(long)]
    smtp: Option<String>,
    /// A certificate authority of the agency's own for the mail server, in PEM
    #[arg(long)]
    smtp_ca: Option<PathBuf>,
    /// The address that mail comes from
    #[arg(long)]
    mail_from: Option<String>,
    /// The networks of the proxies in front, such as 127.0.0.1
    #[arg(long)]
    proxies: Option<String>,
    /// The text gateway; without one, text messages are not offered
    #[arg(long)]
    sms: Option<String>,
    /// The virus scanner for attachments: a program such as /usr/bin/clamdscan, or none
    #[arg(long)]
    scan: Option<String>,
    /// A file of passwords that were stolen from other sites, or none
    #[arg(long)]
    breached_passwords: Option<String>,
    /// The agency's own agency.toml
    #[arg(long)]
    agency: Option<PathBuf>,
    /// Where people connect, behind the proxy
    #[arg(long, default_value = "127.0.0.1:8080")]
    bind: String,
    /// Where operators connect
    #[arg(long, default_value = "127.0.0.1:9090")]
    ops_bind: String,
    /// The portal's certificate, where other machines connect to it
    #[arg(long, requires = "tls_key", requires = "tls_client_ca")]
    tls_certificate: Option<PathBuf>,
    /// The certificate's private key
    #[arg(long, requires = "tls_certificate")]
    tls_key: Option<PathBuf>,
    /// The certificate authority of those who may connect: the proxy, a monitor
    #[arg(long, requires = "tls_certificate")]
    tls_client_ca: Option<PathBuf>,
    /// The folder of everything that is kept
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// The first administrator's user ID
    #[arg(long)]
    admin_user_id: Option<String>,
    /// The first administrator's name
    #[arg(long)]
    admin_name: Option<String>,
    /// The first administrator's e-mail address
    #[arg(long)]
    admin_email: Option<String>,
}

/// What was told or answered.
struct Answers {
    public_url: String,
    smtp: String,
    mail_from: String,
    proxies: String,
    scan: String,
    breached_passwords: String,
    admin: NewStaff,
}

impl Init {
    /// Sets the portal up in the working folder, and prints the first administrator's link.
    ///
    /// # Errors
    /// A sentence for the operator; nothing is left behind then but what was there.
    pub async fn run(self) -> Result<(), String> {
        for file in [SETTINGS, KEY, AUDIT_KEY] {
            if Path::new(file).exists() {
                return Err(format!("{file} is there already; init overwrites nothing"));
            }
        }
        let answers = self.answers()?;
        answers.admin.invitee()?;
        let written = write_secret(KEY, &format!("{}\n", Keys::draw()))
            .and_then(|()| write_secret(AUDIT_KEY, &AuditKeys::draw()))
            .and_then(|()| write_secret(SETTINGS, &self.settings(&answers)))
            .and_then(|()| Config::load());
        let config = written.inspect_err(|_| forget())?;
        let link = first_link(&config, answers.admin).await.inspect_err(|_| forget())?;
        println!(
            "\nThe portal is set up: {SETTINGS}, {KEY} and {AUDIT_KEY} are in this folder. Keep a copy of the keys elsewhere.\n"
        );
        println!("{link}");
        println!("Then start it with: springboard serve");
        Ok(())
    }

    fn answers(&self) -> Result<Answers, String> {
        let ask = |told: &Option<String>, flag: &str, question: &str| match told {
            Some(told) => Ok(told.clone()),
            None => ask(flag, question),
        };
        Ok(Answers {
            public_url: ask(&self.public_url, "--public-url", "The portal's address (https://…)")?,
            smtp: ask(&self.smtp, "--smtp", "The mail server (smtps://user:password@host)")?,
            mail_from: ask(&self.mail_from, "--mail-from", "The address that mail comes from")?,
            scan: ask(&self.scan, "--scan", "The virus scanner for attachments (/usr/bin/clamdscan, or none)")?,
            breached_passwords: ask(
                &self.breached_passwords,
                "--breached-passwords",
                "The file of stolen passwords (see docs/operating.md, or none)",
            )?,
            proxies: ask(&self.proxies, "--proxies", "The networks of the TLS proxies (127.0.0.1)")?,
            admin: NewStaff {
                user_id: ask(&self.admin_user_id, "--admin-user-id", "The first administrator's user ID")?,
                name: ask(&self.admin_name, "--admin-name", "The first administrator's name")?,
                role: "administrator".into(),
                email: self.admin_email.clone(),
            },
        })
    }

    fn settings(&self, answers: &Answers) -> String {
        let path = |path: &PathBuf| path.display().to_string();
        let mut lines = vec![
            ("profile", "production".to_owned()),
            ("bind", self.bind.clone()),
            ("ops_bind", self.ops_bind.clone()),
            ("data", path(&self.data)),
            ("public_url", answers.public_url.clone()),
            ("smtp", answers.smtp.clone()),
            ("mail_from", answers.mail_from.clone()),
            ("trusted_proxy", answers.proxies.clone()),
            ("scan", answers.scan.clone()),
            ("breached_passwords", answers.breached_passwords.clone()),
            ("secret_key_file", KEY.to_owned()),
            ("audit_key_file", AUDIT_KEY.to_owned()),
        ];
        let files = [
            ("smtp_ca", &self.smtp_ca),
            ("agency", &self.agency),
            ("tls_certificate", &self.tls_certificate),
            ("tls_key", &self.tls_key),
            ("tls_client_ca", &self.tls_client_ca),
        ];
        lines.extend(files.into_iter().filter_map(|(name, file)| Some((name, path(file.as_ref()?)))));
        lines.extend(self.sms.as_ref().map(|sms| ("sms", sms.clone())));
        let texts = format!("text_messages = {}\n", self.sms.is_some());
        let line = |(name, value): (&str, String)| format!("{name} = {}\n", toml::Value::String(value));
        lines.into_iter().map(line).collect::<String>() + &texts
    }
}

/// Sets the database up, with the first administrator; returns the text with the link.
async fn first_link(config: &Config, admin: NewStaff) -> Result<String, String> {
    own_folder(&config.data).map_err(|fault| format!("{}: {fault}", config.data.display()))?;
    let db = Db::open(&config.database).await.map_err(|fault| format!("the database: {fault}"))?;
    let built = Built::new(config, db, Clock::System).await?;
    let link = command::run(&built.portal, StaffCommand::Add(admin)).await;
    built.stop();
    link
}

/// Takes the files of a set-up that failed away, so that it can be tried again.
fn forget() {
    for file in [SETTINGS, KEY, AUDIT_KEY] {
        drop(std::fs::remove_file(file));
    }
}

/// Asks on the terminal; without one the flag is missing.
fn ask(flag: &str, question: &str) -> Result<String, String> {
    if !std::io::stdin().is_terminal() {
        return Err(format!("{flag} is missing"));
    }
    print!("{question}: ");
    std::io::stdout().flush().map_err(|fault| fault.to_string())?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(|fault| fault.to_string())?;
    match answer.trim() {
        "" => Err(format!("{flag} is missing")),
        answer => Ok(answer.to_owned()),
    }
}

/// Writes a file that only its owner reads, and that was not there.
fn write_secret(file: &str, text: &str) -> Result<(), String> {
    let written = || -> std::io::Result<()> {
        let mut open = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
        open.write_all(text.as_bytes())?;
        open.sync_all()
    };
    written().map_err(|fault| format!("{file}: {fault}"))
}
