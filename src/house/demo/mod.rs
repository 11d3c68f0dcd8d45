//! The demo: a first look with data to try. It is a feature of its own, and no part of what is released for the public.

pub mod outbox;
pub mod seeds;

use std::path::PathBuf;

use actix_web::web;
use secrecy::{ExposeSecret, SecretString};

use super::app::Built;
use crate::{post::paper, session::token, words::Config};

/// Mounts the pages that only a demo has.
pub fn routes(config: &mut web::ServiceConfig) {
    config.service(
        web::scope("/outbox")
            .route("", web::get().to(outbox::list))
            .route("/{folder}/{file}", web::get().to(outbox::file)),
    );
}

/// Loads the data, where this is a demo; returns what a newcomer is told.
///
/// # Errors
/// A sentence for the operator.
pub(super) async fn prepare(config: &Config, built: &Built) -> Result<Option<String>, String> {
    let Some(password) = demo_password(config)? else { return Ok(None) };
    seeds::load(built, &password).await?;
    Ok(Some(greeting(config, &password)))
}

/// The demo's staff password: as the operator chose it, or drawn once and kept.
fn demo_password(config: &Config) -> Result<Option<SecretString>, String> {
    if !config.is_demo() {
        return Ok(None);
    }
    if let Some(chosen) = &config.demo_password {
        return Ok(Some(chosen.clone()));
    }
    let file: PathBuf = config.data.join("demo-password");
    if let Ok(kept) = std::fs::read_to_string(&file) {
        return Ok(Some(kept.trim().into()));
    }
    let drawn = format!("Demo-{}", &token::draw()[..10]);
    paper::write_whole(&file, drawn.as_bytes()).map_err(|fault| format!("{}: {fault}", file.display()))?;
    Ok(Some(drawn.into()))
}

/// What a newcomer needs to know.
fn greeting(config: &Config, password: &SecretString) -> String {
    let url = &config.public_url;
    format!(
        "\n  Springboard runs at     {url}\n\
         \x20 Mails and letters       {url}/outbox\n\
         \x20 Try the account         Mechanic School 00-00123456 (or just 123)\n\
         \x20 Staff sign in           {url}/staff  as clerk1000, supervisor1000, admin1000 or auditor1000\n\
         \x20 with the password       {}\n",
        password.expose_secret()
    )
}
