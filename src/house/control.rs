//! The control socket: the operator's commands reach a process that serves the embedded database through a socket in the
//! data folder. Only the process's own user, and root, may connect; it is never TCP.

use std::{
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use rustix::process::getuid;
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream},
};

use crate::{
    http::Portal,
    second_factor,
    staff_admin::command::{self, StaffCommand},
};

/// How long one conversation may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest command, in bytes.
const LONGEST: u64 = 64 * 1024;

/// What is asked for.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ControlCommand {
    /// Something with staff members.
    Staff(StaffCommand),
    /// A backup into this folder.
    Backup(PathBuf),
    /// Seals anew what older keys sealed.
    Reseal,
}

/// The socket of a data folder.
pub fn path(data: &Path) -> PathBuf {
    data.join("control.sock")
}

/// Does what is asked for; returns what is printed.
///
/// # Errors
/// A sentence for the operator.
pub async fn run(portal: &Portal, command: ControlCommand) -> Result<String, String> {
    match command {
        ControlCommand::Staff(command) => command::run(portal, command).await,
        ControlCommand::Backup(folder) => super::backup::create(portal, &folder).await,
        ControlCommand::Reseal => reseal(portal).await,
    }
}

async fn reseal(portal: &Portal) -> Result<String, String> {
    let resealed = second_factor::reseal(&portal.db, &portal.keys).await.map_err(|fault| fault.to_string())?;
    let mut said = format!("Authenticators resealed with the first key: {}.\n", resealed.anew);
    if resealed.lost > 0 {
        said +=
            &format!("Authenticators that no key opens (their owners must set them up again): {}.\n", resealed.lost);
    }
    Ok(said)
}

/// Answers commands for as long as it is polled. A second process on the same folder leaves the socket to the first.
///
/// # Errors
/// When the socket can't be opened.
pub async fn serve(portal: Portal) -> io::Result<()> {
    let path = path(&portal.data);
    if UnixStream::connect(&path).await.is_ok() {
        return Ok(());
    }
    drop(std::fs::remove_file(&path));
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(fault) => {
                tracing::warn!(%fault, "the control socket can't take a command at the moment");
                tokio::time::sleep(PATIENCE).await;
                continue;
            }
        };
        let portal = portal.clone();
        tokio::spawn(async move {
            // A backup takes as long as it takes; only reading the command has an end.
            if let Err(fault) = answer(&portal, stream).await {
                tracing::warn!(%fault, "a command could not be answered");
            }
        });
    }
}

async fn answer(portal: &Portal, stream: UnixStream) -> io::Result<()> {
    let peer = stream.peer_cred()?.uid();
    let (read, mut write) = stream.into_split();
    if peer != 0 && peer != getuid().as_raw() {
        tracing::warn!(peer, "a command of another user was refused");
        return Ok(());
    }
    let mut line = String::new();
    let mut reader = BufReader::new(read.take(LONGEST));
    tokio::time::timeout(PATIENCE, reader.read_line(&mut line)).await.map_err(io::Error::other)??;
    // Another process only looked whether somebody is here.
    if line.is_empty() {
        return Ok(());
    }
    let answered = match serde_json::from_str(&line) {
        Ok(command) => run(portal, command).await,
        Err(fault) => Err(format!("the command can't be read: {fault}")),
    };
    write.write_all(&serde_json::to_vec(&answered)?).await?;
    write.shutdown().await
}

/// Sends a command to the process that serves this data folder; none if there is no such process.
///
/// # Errors
/// When the conversation breaks.
pub async fn send(data: &Path, command: &ControlCommand) -> io::Result<Option<Result<String, String>>> {
    let Ok(mut stream) = UnixStream::connect(path(data)).await else { return Ok(None) };
    let mut line = serde_json::to_vec(command)?;
    line.push(b'\n');
    stream.write_all(&line).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(Some(serde_json::from_slice(&answer)?))
}
