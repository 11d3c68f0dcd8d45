//! Secrets from a folder with a file for each, as systemd (`CREDENTIALS_DIRECTORY`), a container engine or the agent of a
//! vault lays them out for this process alone. What they keep is encrypted at rest; the settings name no secret then.

use std::{env, fs, path::Path};

use config::{ConfigBuilder, builder::DefaultState};

/// The secrets: the file's name, and the setting that it is.
const VALUES: [&str; 4] = ["secret_key", "smtp", "sms", "database_password"];
/// Secrets that are read from a file in any case.
const FILES: [(&str, &str); 2] = [("audit_key", "audit_key_file"), ("tls_key", "tls_key")];
/// What a file's name may begin with: some stores are shared between services.
const PREFIX: &str = "springboard.";

/// Puts the secrets of the folder over all other settings.
///
/// # Errors
/// A sentence for the operator.
pub(super) fn lay_over(builder: ConfigBuilder<DefaultState>) -> Result<ConfigBuilder<DefaultState>, String> {
    match env::var_os("CREDENTIALS_DIRECTORY") {
        Some(folder) => lay_folder_over(builder, Path::new(&folder)),
        None => Ok(builder),
    }
}

fn lay_folder_over(
    mut builder: ConfigBuilder<DefaultState>,
    folder: &Path,
) -> Result<ConfigBuilder<DefaultState>, String> {
    let unread = |fault: std::io::Error| format!("credentials in {}: {fault}", folder.display());
    for entry in fs::read_dir(folder).map_err(unread)? {
        let file = entry.map_err(unread)?.path();
        let Some(name) = file.file_name().and_then(|name| name.to_str()) else { continue };
        let secret = name.strip_prefix(PREFIX).unwrap_or(name);
        let (setting, value) = if VALUES.contains(&secret) {
            let text = fs::read_to_string(&file).map_err(|fault| format!("credentials: {name}: {fault}"))?;
            (secret, text.trim_end().to_owned())
        } else if let Some((_, setting)) = FILES.iter().find(|(known, _)| *known == secret) {
            (*setting, file.display().to_string())
        } else if name.starts_with(PREFIX) {
            return Err(format!("credentials: {name} is not a secret that the portal knows"));
        } else {
            continue;
        };
        builder = builder.set_override(setting, value).map_err(|fault| fault.to_string())?;
    }
    Ok(builder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_the_folder_goes_before_all_others() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        put("springboard.smtp", "smtps://user:secret@mail.example.gov\n");
        put("secret_key", "one\ntwo\n");
        put("springboard.audit_key", "a key");
        put("another-service.password", "secret");
        let builder = config::Config::builder().set_default("smtp", "smtps://old@mail.example.gov").unwrap();
        let built = lay_folder_over(builder.clone(), folder.path()).unwrap().build().unwrap();
        assert_eq!(built.get_string("smtp").unwrap(), "smtps://user:secret@mail.example.gov");
        assert_eq!(built.get_string("secret_key").unwrap(), "one\ntwo");
        assert!(built.get_string("audit_key_file").unwrap().ends_with("springboard.audit_key"));
        put("springboard.smpt", "a slip of the pen");
        assert!(lay_folder_over(builder.clone(), folder.path()).unwrap_err().contains("springboard.smpt"));
        assert!(lay_folder_over(builder, Path::new("nowhere")).is_err());
    }
}
