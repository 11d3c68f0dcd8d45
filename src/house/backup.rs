//! Backup and restore. A backup is a folder: the database as SurrealDB exports it (one snapshot, while the portal serves),
//! attachments, letters and batches, the settings without their secrets, and a manifest with the hash of each file.

use std::{
    fs,
    io::{self, Read, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::app::Built;
use crate::{
    approval,
    audit::{self, Deed},
    authorization_code, challenge,
    db::{Db, migrate},
    http::Portal,
    people, second_factor, session, staff_admin,
    wizard::draft,
    words::{Clock, Config, Moment, config::own_folder},
};

/// Lies in the data folder while it is restored: a portal that is half restored is not served.
const RESTORING: &str = "restoring";
const MANIFEST: &str = "manifest.json";
const DATABASE: &str = "database.surql";
const SETTINGS: &str = "springboard.toml";
/// Folders of the data folder that are kept. Those of letters are copied before the database is exported and again after
/// it: a letter that leaves meanwhile is in the backup all the same.
const BEFORE: [&str; 2] = ["letters", "batches"];
const AFTER: [&str; 4] = ["attachments", "imports", "letters", "batches"];

/// What a backup holds.
#[derive(Serialize, Deserialize)]
struct Manifest {
    version: String,
    created: Moment,
    /// The end of the audit's chain.
    audit_seal: String,
    /// The secret keys that open what is sealed in it.
    key_ids: Vec<String>,
    files: Vec<BackedUp>,
}

#[derive(Serialize, Deserialize)]
struct BackedUp {
    path: PathBuf,
    bytes: u64,
    sha256: String,
}

fn said(path: &Path) -> impl Fn(io::Error) -> String {
    move |fault| format!("{}: {fault}", path.display())
}

/// Whether a restore into this data folder began and did not end.
pub fn is_half_restored(data: &Path) -> bool {
    data.join(RESTORING).exists()
}

/// Writes a backup into a folder that is not there yet; returns what is printed.
///
/// # Errors
/// A sentence for the operator.
pub async fn create(portal: &Portal, folder: &Path) -> Result<String, String> {
    if folder.exists() {
        return Err(format!("{} is there already", folder.display()));
    }
    own_folder(folder).map_err(said(folder))?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).map_err(said(folder))?;
    let data = portal.data.clone();
    // Of before the export, so that the exported chain reaches it.
    let head = audit::head(&portal.db).await.map_err(|fault| fault.to_string())?;
    copy_folders(&data, folder, &BEFORE).await?;
    let exported = portal.db.export(&folder.join(DATABASE)).await;
    exported.map_err(|fault| format!("the database can't be exported (over ws:// use its own command): {fault}"))?;
    copy_folders(&data, folder, &AFTER).await?;
    if let Ok(settings) = fs::read_to_string(SETTINGS) {
        write(&folder.join(SETTINGS), without_secrets(&settings)?.as_bytes())?;
    }
    let manifest = Manifest {
        version: env!("CARGO_PKG_VERSION").into(),
        created: portal.now(),
        audit_seal: head.to_string(),
        key_ids: portal.keys.ids().map(|(id, _)| id.to_owned()).collect(),
        files: hashed(folder.to_owned()).await?,
    };
    let text = serde_json::to_vec_pretty(&manifest).map_err(|fault| fault.to_string())?;
    write(&folder.join(MANIFEST), &text)?;
    let row = audit::row(portal.now(), "", Deed::MadeBackup, "", &manifest.audit_seal);
    row.run(&portal.db).await.map_err(|fault| fault.to_string())?;
    let bytes: u64 = manifest.files.iter().map(|file| file.bytes).sum();
    Ok(format!(
        "The backup is in {}: {} files, {bytes} bytes, audit seal {}.\nThe secret keys are not in it; it opens with {}.\n",
        folder.display(),
        manifest.files.len(),
        manifest.audit_seal,
        manifest.key_ids.join(", ")
    ))
}

async fn copy_folders(data: &Path, folder: &Path, names: &[&'static str]) -> Result<(), String> {
    for name in names {
        let (from, to) = (data.join(name), folder.join(name));
        let copied = tokio::task::spawn_blocking(move || copy_all(&from, &to)).await;
        copied.map_err(|fault| fault.to_string())?.map_err(|fault| format!("{name}: {fault}"))?;
    }
    Ok(())
}

/// Copies what is not there yet. A file that is gone meanwhile is none of the backup; files that are under way are not.
fn copy_all(from: &Path, to: &Path) -> io::Result<()> {
    if !from.exists() {
        return Ok(());
    }
    own_folder(to)?;
    for entry in fs::read_dir(from)?.flatten() {
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            if entry.file_name() != "incoming" {
                copy_all(&source, &target)?;
            }
        } else if !target.exists() && source.extension().is_none_or(|kind| kind != "part") {
            match fs::copy(&source, &target) {
                Err(fault) if fault.kind() == io::ErrorKind::NotFound => {}
                copied => drop(copied?),
            }
        }
    }
    Ok(())
}

/// The settings without what is secret in them.
///
/// # Errors
/// A sentence for the operator.
fn without_secrets(settings: &str) -> Result<String, String> {
    const SECRET: [&str; 5] = ["smtp", "sms", "secret_key", "database_password", "demo_password"];
    let mut table: toml::Table = settings.parse().map_err(|fault| format!("{SETTINGS}: {fault}"))?;
    table.retain(|name, _| !SECRET.contains(&name.to_lowercase().as_str()));
    Ok(table.to_string())
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), String> {
    let written = || -> io::Result<()> {
        let mut open = fs::File::create_new(file)?;
        open.write_all(bytes)?;
        open.sync_all()
    };
    written().map_err(said(file))
}

async fn hashed(folder: PathBuf) -> Result<Vec<BackedUp>, String> {
    let work = move || {
        let mut files = Vec::new();
        hash_all(&folder, Path::new(""), &mut files)?;
        files.sort_by(|one: &BackedUp, other| one.path.cmp(&other.path));
        Ok::<_, io::Error>(files)
    };
    let done = tokio::task::spawn_blocking(work).await.map_err(|fault| fault.to_string())?;
    done.map_err(|fault| fault.to_string())
}

fn hash_all(root: &Path, inner: &Path, files: &mut Vec<BackedUp>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(inner))?.flatten() {
        let path = inner.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            hash_all(root, &path, files)?;
        } else if path != Path::new(MANIFEST) {
            let (bytes, sha256) = hash(&root.join(&path))?;
            files.push(BackedUp { path, bytes, sha256 });
        }
    }
    Ok(())
}

fn hash(file: &Path) -> io::Result<(u64, String)> {
    let (mut open, mut hash, mut bytes) = (fs::File::open(file)?, Sha256::new(), 0);
    let mut chunk = vec![0; 1 << 20];
    loop {
        let read = open.read(&mut chunk)?;
        if read == 0 {
            return Ok((bytes, hex::encode(hash.finalize())));
        }
        hash.update(&chunk[..read]);
        bytes += read as u64;
    }
}

/// Restores a backup into an empty data folder and an empty database. All sessions are ended and all codes that were not
/// used are void: which of them were used since, nobody can know.
///
/// # Errors
/// A sentence for the operator; a backup that was changed is not restored.
pub async fn restore(config: &Config, folder: &Path) -> Result<String, String> {
    let manifest = fs::read(folder.join(MANIFEST)).map_err(said(&folder.join(MANIFEST)))?;
    let manifest: Manifest = serde_json::from_slice(&manifest).map_err(|fault| format!("{MANIFEST}: {fault}"))?;
    verify(folder, &manifest).await?;
    let known: Vec<&str> = config.keys.ids().map(|(id, _)| id).collect();
    if !manifest.key_ids.iter().all(|id| known.contains(&id.as_str())) {
        return Err(format!("the backup opens with the secret keys {}; give all of them", manifest.key_ids.join(", ")));
    }
    if ["db"].iter().chain(&AFTER).any(|name| config.data.join(name).exists()) {
        return Err(format!("{} holds a portal's data already; restore into an empty folder", config.data.display()));
    }
    own_folder(&config.data).map_err(said(&config.data))?;
    write(&config.data.join(RESTORING), b"")?;
    for name in AFTER {
        let (from, to) = (folder.join(name), config.data.join(name));
        let copied = tokio::task::spawn_blocking(move || copy_all(&from, &to)).await;
        copied.map_err(|fault| fault.to_string())?.map_err(|fault| format!("{name}: {fault}"))?;
    }
    let db = Db::open(&config.database).await.map_err(|fault| format!("the database: {fault}"))?;
    if migrate::is_set_up(&db).await.map_err(|fault| fault.to_string())? {
        return Err("the database holds a portal's data already; restore into an empty one".into());
    }
    let imported = db.import(&folder.join(DATABASE)).await;
    imported.map_err(|fault| format!("the database can't be imported: {fault}"))?;
    let built = Built::new(config, db, Clock::System).await?;
    let voided = end_what_was_open(&built.portal).await.map_err(|fault| fault.to_string())?;
    let head = audit::head(&built.portal.db).await.map_err(|fault| fault.to_string())?;
    built.stop();
    fs::remove_file(config.data.join(RESTORING)).map_err(said(&config.data))?;
    Ok(format!(
        "The backup of {} is restored. All sessions are ended; {voided} authorization codes are void.\nAudit seal: {head} (then: {}).\n",
        manifest.created.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        manifest.audit_seal
    ))
}

async fn verify(folder: &Path, manifest: &Manifest) -> Result<(), String> {
    let found = hashed(folder.to_owned()).await?;
    let is_same = found.len() == manifest.files.len()
        && found.iter().zip(&manifest.files).all(|(one, other)| one.path == other.path && one.sha256 == other.sha256);
    if is_same {
        return Ok(());
    }
    let changed =
        manifest.files.iter().find(|file| !found.iter().any(|one| one.path == file.path && one.sha256 == file.sha256));
    Err(match changed {
        Some(file) => format!("the backup is damaged: {} is not as it was written", file.path.display()),
        None => "the backup holds files that are not in its manifest".into(),
    })
}

/// Ends sessions, links, PINs, drafts, requests and codes; returns how many codes that were.
async fn end_what_was_open(portal: &Portal) -> Result<usize, crate::db::DbError> {
    let voided = authorization_code::ending::void_all(&portal.db, portal.now()).await?;
    session::end_all()
        .then(challenge::end_all())
        .then(staff_admin::end_all())
        .then(people::recovery_letter::void_all())
        .then(people::queries::withdraw_open())
        .then(approval::withdraw_open())
        .then(second_factor::end_ceremonies())
        .then(draft::discard_all())
        .then(audit::row(portal.now(), "", Deed::RestoredBackup, "", &format!("{voided} codes void")))
        .run(&portal.db)
        .await?;
    Ok(voided)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_in_the_settings_of_a_backup() {
        let settings = "profile = \"production\"\nsmtp = \"\"\"\nsmtps://user:canary@host\"\"\"\n\"sms\"=\"canary\"\n";
        let kept = without_secrets(settings).unwrap();
        assert!(kept.contains("production") && !kept.contains("canary"), "{kept}");
    }

    #[tokio::test]
    async fn a_changed_backup_is_found_out() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        fs::create_dir(folder.path().join("letters")).unwrap();
        write("letters/a.pdf", "one");
        write(DATABASE, "two");
        let files = hashed(folder.path().to_owned()).await.unwrap();
        let now = "2026-11-24T15:00:00Z".parse().unwrap();
        let manifest =
            Manifest { version: String::new(), created: now, audit_seal: String::new(), key_ids: vec![], files };
        assert_eq!(verify(folder.path(), &manifest).await, Ok(()));
        write("more", "x");
        assert!(verify(folder.path(), &manifest).await.unwrap_err().contains("not in its manifest"));
        write("letters/a.pdf", "other");
        assert!(verify(folder.path(), &manifest).await.unwrap_err().contains("letters/a.pdf"));
    }
}
