//! The maildir that an operator has bounces put into.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    bounce::{self, Bounce},
    message_id,
};
use crate::words::Keys;

/// No report is longer than this, in bytes: what comes after it is the returned mail's text.
const LONGEST: u64 = 256 * 1024;

/// The maildir that bounces are put into.
#[derive(Clone)]
pub struct Maildir {
    folder: Arc<PathBuf>,
    keys: Keys,
}

/// A mail that lies in the maildir and that nobody has seen.
#[derive(Debug)]
pub struct Unseen {
    file: PathBuf,
    /// What it says, if it is a report that a mail of the portal's failed.
    pub bounce: Option<Bounce>,
}

impl Maildir {
    /// The maildir in this folder; the keys prove which mails are the portal's.
    pub fn new(folder: PathBuf, keys: Keys) -> Self {
        Self { folder: Arc::new(folder), keys }
    }

    /// The files of the mails that nobody has seen yet.
    ///
    /// # Errors
    /// When the folder can't be read.
    pub async fn unseen(&self) -> io::Result<Vec<PathBuf>> {
        let folder = self.folder.join("new");
        let list = move || Ok(fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect());
        tokio::task::spawn_blocking(list).await.map_err(io::Error::other)?
    }

    /// Reads one of them.
    ///
    /// # Errors
    /// When the file can't be read.
    pub async fn read(&self, file: PathBuf) -> io::Result<Unseen> {
        let this = self.clone();
        tokio::task::spawn_blocking(move || this.read_file(&file)).await.map_err(io::Error::other)?
    }

    fn read_file(&self, file: &Path) -> io::Result<Unseen> {
        let mut bytes = Vec::new();
        fs::File::open(file)?.take(LONGEST).read_to_end(&mut bytes)?;
        let bounce = bounce::parse(&bytes, &|local| message_id::id_of(&self.keys, local).map(str::to_owned));
        Ok(Unseen { file: file.to_owned(), bounce })
    }

    /// Puts a mail to those that were seen.
    ///
    /// # Errors
    /// When the folder can't be written.
    pub async fn seen(&self, mail: Unseen) -> io::Result<()> {
        let folder = self.folder.join("cur");
        tokio::task::spawn_blocking(move || {
            let name = mail.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            fs::create_dir_all(&folder)?;
            fs::rename(&mail.file, folder.join(format!("{name}:2,S")))
        })
        .await
        .map_err(io::Error::other)?
    }
}
