//! Secrets that are no settings: keys in files, or made once in the demo.

use std::path::Path;

use secrecy::ExposeSecret;

use super::{Profile, Settings, own_folder, production};
use crate::words::{AuditKeys, Keys};

/// The secret as it was given; in the demo, one that is made once and kept in the data folder.
pub(super) fn keys(settings: &Settings) -> Result<Keys, String> {
    let name = "SPRINGBOARD_SECRET_KEY";
    if let Some(given) = &settings.secret_key {
        return strong(settings, name, given.expose_secret());
    }
    if let Some(file) = &settings.secret_key_file {
        let lines =
            std::fs::read_to_string(file).map_err(|fault| format!("{name}_FILE {}: {fault}", file.display()))?;
        return strong(settings, &format!("{name}_FILE"), &lines);
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

/// Keys that nobody guesses, in production.
fn strong(settings: &Settings, name: &str, lines: &str) -> Result<Keys, String> {
    let keys = Keys::parse(lines).map_err(|fault| format!("{name}: {fault}"))?;
    if settings.profile == Profile::Production && keys.secrets().any(production::is_guessable) {
        return Err(format!("{name}: a secret key can be guessed; draw one with `springboard keys draw`"));
    }
    Ok(keys)
}

/// The keys of the audit's seals; in the demo, one that is made once and kept in the data folder.
pub(super) fn audit_keys(settings: &Settings) -> Result<AuditKeys, String> {
    let name = "SPRINGBOARD_AUDIT_KEY_FILE";
    let public = settings.audit_public_keys.as_deref().unwrap_or_default();
    let private = match &settings.audit_key_file {
        Some(file) => {
            Some(std::fs::read_to_string(file).map_err(|fault| format!("{name} {}: {fault}", file.display()))?)
        }
        None if settings.profile == Profile::Demo && public.is_empty() => {
            let file = settings.data.join("audit-key.pem");
            Some(std::fs::read_to_string(&file).or_else(|_| keep(&file, &AuditKeys::draw()))?)
        }
        None => None,
    };
    let keys = AuditKeys::parse(private.as_deref(), public)
        .map_err(|fault| format!("{name} or SPRINGBOARD_AUDIT_PUBLIC_KEYS: {fault}"))?;
    if keys.is_empty() {
        return Err(format!(
            "{name} is missing: a process that seals the audit needs it, and one that does not needs SPRINGBOARD_AUDIT_PUBLIC_KEYS"
        ));
    }
    Ok(keys)
}

/// Writes a secret to a file that only its owner reads.
fn keep(file: &Path, secret: &str) -> Result<String, String> {
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
