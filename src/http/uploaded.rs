//! A posted form that may bring files. Its token is checked before the first file is written.

use std::path::PathBuf;

use actix_multipart::{Field, Multipart};
use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web};
use futures_util::{StreamExt, future::LocalBoxFuture};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tokio::io::AsyncWriteExt;
use ulid::Ulid;

use super::{
    Fault, Portal, Posted, Visit,
    headers::is_from_own_page,
    posted::{LONGEST, other_token, within},
    resend_views,
};
use crate::form::Fields;

/// How many files one form may bring.
pub const MOST_FILES: usize = 5;
/// How large each may be, in bytes.
pub const LARGEST_FILE: u64 = 10 * 1024 * 1024;

/// What a part counts for beside its name and value, in bytes: a form has at most a few hundred.
const PART: usize = 512;

/// A file that came with a form, on the disk under a name of its own. It is gone when this is dropped, unless
/// somebody moved it.
pub struct Incoming {
    /// What it was called where it came from.
    pub name: String,
    /// Where it is now.
    pub path: PathBuf,
    /// How long it is, in bytes.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub hash: String,
}

impl Drop for Incoming {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.path));
    }
}

/// What was wrong with a file while it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is larger than it may be; its name.
    TooLarge(String),
    /// There were more than [`MOST_FILES`].
    TooMany,
}

/// The fields and files of a form that this browser was given (R7); each file may have so many bytes.
pub struct Uploaded<const LARGEST: u64 = LARGEST_FILE> {
    /// The fields.
    pub fields: Fields,
    /// The files that came whole.
    pub files: Vec<Incoming>,
    /// What was wrong with others.
    pub refused: Vec<Refused>,
}

impl<const LARGEST: u64> FromRequest for Uploaded<LARGEST> {
    type Error = Fault;
    type Future = LocalBoxFuture<'static, Result<Self, Fault>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        if !kind.is_some_and(|kind| kind.starts_with("multipart/form-data")) {
            let posted = Posted::from_request(request, payload);
            return Box::pin(async move {
                posted.await.map(|Posted(fields)| Self { fields, files: Vec::new(), refused: Vec::new() })
            });
        }
        let parts = Multipart::from_request(request, payload);
        let (visit, noting) = (Visit::of(request), request.clone());
        resend_views::expect(request);
        let portal = request.app_data::<web::Data<Portal>>().map(|portal| portal.get_ref().clone());
        Box::pin(async move {
            let portal = portal.ok_or_else(|| Fault::Broken("no portal".into()))?;
            let parts = parts.await.map_err(|_| Fault::Unreadable)?;
            let token = visit?.token.to_string();
            let deadline = Some(portal.limits.upload_deadline);
            let reading =
                Reading { portal, token, pairs: Vec::new(), read: 0, largest: LARGEST, noting: noting.clone() };
            let (fields, files, refused) = within(deadline, reading.all(parts)).await??;
            resend_views::note(&noting, &fields);
            Ok(Self { fields, files, refused })
        })
    }
}

struct Reading {
    portal: Portal,
    token: String,
    pairs: Vec<(String, String)>,
    read: usize,
    largest: u64,
    /// The request, for the page of a fault.
    noting: HttpRequest,
}

impl Reading {
    async fn all(mut self, mut parts: Multipart) -> Result<(Fields, Vec<Incoming>, Vec<Refused>), Fault> {
        let (mut files, mut refused) = (Vec::new(), Vec::new());
        while let Some(part) = parts.next().await {
            let mut part = part.map_err(|_| Fault::Unreadable)?;
            let name = part.name().unwrap_or_default().to_owned();
            self.count(PART + name.len())?;
            if self.pairs.is_empty() && name != "token" {
                return Err(Fault::Stale);
            }
            let file = part.content_disposition().and_then(|told| told.get_filename()).map(str::to_owned);
            match file {
                None => {
                    let text = self.text(&mut part).await?;
                    self.pairs.push((name, text));
                    if self.has_other_token() && !is_from_own_page(&self.noting) {
                        return Err(Fault::Stale);
                    }
                }
                // A field for files that was left empty, or a file of a page of another session.
                Some(file) if file.is_empty() || self.has_other_token() => while part.next().await.is_some() {},
                Some(file) => {
                    if files.len() >= MOST_FILES {
                        refused.push(Refused::TooMany);
                        while part.next().await.is_some() {}
                    } else {
                        let taken = self.file(file, &mut part).await;
                        if taken.is_err() {
                            resend_views::note(&self.noting, &Fields::new(self.pairs.clone()));
                        }
                        match taken? {
                            Ok(file) => files.push(file),
                            Err(why) => refused.push(why),
                        }
                    }
                }
            }
        }
        let has_other_token = self.has_other_token();
        let fields = Fields::new(self.pairs);
        if has_other_token { Err(other_token(&self.noting, &fields)) } else { Ok((fields, files, refused)) }
    }

    /// Whether the token, which stands before everything else in every form, is not the one of this session.
    fn has_other_token(&self) -> bool {
        let told = self.pairs.iter().find(|(name, _)| name == "token").map_or("", |(_, value)| value);
        !bool::from(told.as_bytes().ct_eq(self.token.as_bytes()))
    }

    /// Counts what a form keeps in memory: names and values, and something for each part.
    fn count(&mut self, bytes: usize) -> Result<(), Fault> {
        self.read += bytes;
        if self.read > LONGEST { Err(Fault::Unreadable) } else { Ok(()) }
    }

    async fn text(&mut self, part: &mut Field) -> Result<String, Fault> {
        let mut bytes = Vec::new();
        while let Some(chunk) = part.next().await {
            let chunk = chunk.map_err(|_| Fault::Unreadable)?;
            self.count(chunk.len())?;
            bytes.extend_from_slice(&chunk);
        }
        String::from_utf8(bytes).map_err(|_| Fault::Unreadable)
    }

    /// Writes a file as it comes; one that grows too large is read to its end, and forgotten.
    async fn file(&self, name: String, part: &mut Field) -> Result<Result<Incoming, Refused>, Fault> {
        let disk = |fault: std::io::Error| Fault::Away(format!("the disk refuses a file: {fault}"));
        let folder = self.portal.data.join("attachments/incoming");
        if !has_room(&self.portal).await {
            return Err(Fault::Away("the disk is nearly full: no file is taken".into()));
        }
        tokio::fs::create_dir_all(&folder).await.map_err(disk)?;
        let mut file = Incoming {
            name,
            path: folder.join(Ulid::generate().to_string().to_lowercase()),
            bytes: 0,
            hash: String::new(),
        };
        let mut out = tokio::fs::File::create_new(&file.path).await.map_err(disk)?;
        let mut hash = Sha256::new();
        while let Some(chunk) = part.next().await {
            let chunk = chunk.map_err(|_| Fault::Unreadable)?;
            file.bytes += chunk.len() as u64;
            if file.bytes <= self.largest {
                hash.update(&chunk);
                out.write_all(&chunk).await.map_err(disk)?;
            }
        }
        if file.bytes > self.largest {
            return Ok(Err(Refused::TooLarge(file.name.clone())));
        }
        out.sync_all().await.map_err(disk)?;
        file.hash = hex::encode(hash.finalize());
        Ok(Ok(file))
    }
}

/// Whether the disk has room for another file; a disk that can't be asked has.
async fn has_room(portal: &Portal) -> bool {
    let (folder, least) = (portal.data.clone(), portal.limits.free_disk);
    let asked = tokio::task::spawn_blocking(move || rustix::fs::statvfs(&folder)).await;
    asked.ok().and_then(Result::ok).is_none_or(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) >= least)
}
