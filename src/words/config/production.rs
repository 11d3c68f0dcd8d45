//! What the production profile refuses, and what it warns of.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
};

use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{Config, Settings};
use crate::words::mail_server::{self, Encryption, MailServer};

/// All that keeps this configuration from being served to the public.
pub(super) fn problems(
    settings: &Settings,
    smtp: Option<&MailServer>,
    public_url: &str,
    database: &str,
    trusted_proxies: &[IpNet],
) -> Vec<String> {
    let mut problems = Vec::new();
    let mut refuse = |is_refused: bool, sentence: &str| {
        if is_refused {
            problems.push(sentence.to_owned());
        }
    };
    refuse(settings.smtp.is_none(), "SPRINGBOARD_SMTP is missing: the production profile sends real mail");
    refuse(
        smtp.is_some_and(|server| server.encryption() == Encryption::None && !server.is_here()),
        "SPRINGBOARD_SMTP: smtp:// sends codes in plain text; use smtps:// or smtp+starttls://, or a relay on this machine",
    );
    refuse(
        settings.mail_from.is_none(),
        "SPRINGBOARD_MAIL_FROM is missing: mail needs an address that replies and reports can come to",
    );
    refuse(
        !public_url.starts_with("https://"),
        "SPRINGBOARD_PUBLIC_URL must begin with https:// in the production profile",
    );
    refuse(settings.demo_password.is_some(), "SPRINGBOARD_DEMO_PASSWORD belongs to the demo profile only");
    refuse(
        trusted_proxies.is_empty(),
        "SPRINGBOARD_TRUSTED_PROXY is missing: name the networks of the TLS proxies in front, or everybody shares one address",
    );
    refuse(database.starts_with("mem:"), "SPRINGBOARD_DATABASE: mem:// forgets everything when the process ends");
    refuse(
        database.contains("sync=never"),
        "SPRINGBOARD_DATABASE: sync=never loses what was acknowledged when the power fails",
    );
    refuse(is_unencrypted(database), "SPRINGBOARD_DATABASE: ws:// to another machine is not encrypted; use wss://");
    refuse(
        database.starts_with("ws") && (settings.database_user.is_none() || settings.database_password.is_none()),
        "SPRINGBOARD_DATABASE_USER or …_PASSWORD is missing: make a user with `springboard database-user NAME`",
    );
    refuse(
        settings.scan.is_none(),
        "SPRINGBOARD_SCAN is missing: name a virus scanner for attachments, or set it to none",
    );
    refuse(
        settings.breached_passwords.is_none(),
        "SPRINGBOARD_BREACHED_PASSWORDS is missing: name a file of stolen passwords, or set it to none",
    );
    let sms = exposed(settings.sms.as_ref());
    refuse(
        sms.is_some_and(|sms| sms.starts_with("twilio+http://") && !is_here(sms)),
        "SPRINGBOARD_SMS: twilio+http:// sends PINs in plain text; use twilio://",
    );
    refuse(
        sms.is_none() && settings.text_messages,
        "SPRINGBOARD_SMS is missing: name a gateway, or set SPRINGBOARD_TEXT_MESSAGES=false so that none are offered",
    );
    refuse(
        !is_inside(settings.ops_bind),
        "SPRINGBOARD_OPS_BIND must be an address of this machine or a private network: it asks for no sign-in",
    );
    refuse(
        settings.board_bind.is_some_and(|board| !is_inside(board)),
        "SPRINGBOARD_BOARD_BIND must be an address of this machine or a private network",
    );
    let is_plain = settings.tls_certificate.is_none();
    for (name, listener) in
        [("BIND", Some(settings.bind)), ("OPS_BIND", Some(settings.ops_bind)), ("BOARD_BIND", settings.board_bind)]
    {
        refuse(
            is_plain && listener.is_some_and(|listener| !is_loopback(listener.ip())),
            &format!(
                "SPRINGBOARD_{name}: what other machines connect to is encrypted; set SPRINGBOARD_TLS_CERTIFICATE, \
                 …_TLS_KEY and …_TLS_CLIENT_CA, or a loopback address"
            ),
        );
    }
    problems
}

/// What an operator may accept, and should know.
pub(super) fn risks(config: &Config) -> Vec<&'static str> {
    let mut risks = Vec::new();
    let mut warn = |is_risky: bool, sentence: &'static str| {
        if is_risky {
            risks.push(sentence);
        }
    };
    warn(config.is_demo(), "The demo profile shows mails, letters and codes to anybody. Nothing real may be in it.");
    warn(config.scan.is_none(), "SPRINGBOARD_SCAN is none: attachments are not scanned for viruses.");
    warn(
        config.breached_passwords.is_none(),
        "SPRINGBOARD_BREACHED_PASSWORDS is none: new passwords are compared with a list of common ones only.",
    );
    warn(
        config.bounces.is_none(),
        "SPRINGBOARD_BOUNCES is not set: mail that is accepted and comes back later is not noticed.",
    );
    warn(
        config.security_contact.is_none(),
        "SPRINGBOARD_SECURITY_CONTACT is not set: /.well-known/security.txt tells nobody where to report a weakness.",
    );
    warn(
        config.trusted_proxies.iter().any(|network| network.prefix_len() < 8),
        "SPRINGBOARD_TRUSTED_PROXY names a very large network: whoever is in it can pretend to be any address.",
    );
    warn(
        config.agency.is_none() && !config.is_demo(),
        "SPRINGBOARD_AGENCY is not set: the portal speaks as the example agency.",
    );
    risks
}

/// Whether a secret can be guessed. It is no sentence: zxcvbn counts as far as 10^19 guesses, which words and patterns stay below, and the
/// letters themselves have to differ as much as 100 random bits do.
pub(super) fn is_guessable(secret: &str) -> bool {
    let head: String = secret.chars().take(72).collect();
    secret.contains(char::is_whitespace) || zxcvbn::zxcvbn(&head, &[]).guesses_log10() < 19.0 || bits(secret) < 100.0
}

/// The entropy of a text by how often each of its letters comes (Shannon), in bits.
fn bits(text: &str) -> f64 {
    let mut counts: BTreeMap<char, f64> = BTreeMap::new();
    text.chars().for_each(|letter| *counts.entry(letter).or_default() += 1.0);
    let all: f64 = counts.values().sum();
    counts.values().map(|count| -count * (count / all).log2()).sum()
}

fn exposed(secret: Option<&SecretString>) -> Option<&str> {
    secret.map(ExposeSecret::expose_secret)
}

/// Whether a database server is on another machine and the way to it is not encrypted.
pub(super) fn is_unencrypted(database: &str) -> bool {
    database.starts_with("ws://") && !is_here(database)
}

/// Whether an address such as `ws://127.0.0.1:8000` is on this machine.
fn is_here(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| mail_server::is_here(&url))
}

fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

/// Whether a listener is on this machine or in a private network (RFC 1918, RFC 4193).
fn is_inside(address: SocketAddr) -> bool {
    match address.ip().to_canonical() {
        IpAddr::V4(address) => address.is_loopback() || address.is_private(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local(),
    }
}
