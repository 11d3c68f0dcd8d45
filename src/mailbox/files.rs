//! The files of a form: taken in as they come, kept beside what was typed until it is sent, and handed out again.

use actix_web::{HttpResponse, http::header, web};
use futures_util::{Stream, stream};
use tokio::io::AsyncReadExt;

use super::{
    attachment::{self, Attachment, look},
    attachment_queries::{self, Staged},
};
use crate::{
    access::guard::own,
    form::Faults,
    http::{
        Fault, Portal,
        uploaded::{Incoming, MOST_FILES, Refused, Uploaded},
    },
    session::Person,
    words::{AccountId, DraftId, Moment},
};

/// No upload takes as long.
const LONGEST_UPLOAD: std::time::Duration = std::time::Duration::from_secs(3600);
/// How much of a file is read at a time.
const CHUNK: usize = 64 * 1024;

/// Takes in the files of a form, and forgets those that its sender ticked to be removed. Returns what the form now
/// brings, and what is wrong with the rest.
///
/// # Errors
/// When the database does not answer or the disk refuses.
pub async fn take(
    portal: &Portal,
    uploaded: &mut Uploaded,
    draft: &DraftId,
    owner: &str,
) -> Result<(Vec<Attachment>, Faults), Fault> {
    let db = &portal.db;
    for id in uploaded.fields.all("remove") {
        if attachment_queries::unstage(db, draft, owner, id).await? {
            discard(portal, id).await;
        }
    }
    let mut faults = Faults::default();
    for refused in &uploaded.refused {
        faults.add("files", sentence(refused));
    }
    if !uploaded.files.is_empty() {
        make_room(portal, uploaded, draft, owner).await?;
    }
    let mut staged = attachment_queries::of_draft(db, draft, owner).await?.len();
    for incoming in std::mem::take(&mut uploaded.files) {
        if staged >= MOST_FILES {
            faults.add("files", sentence(&Refused::TooMany));
            break;
        }
        match look(portal, &incoming).await {
            Ok((name, media)) => {
                keep(portal, &incoming, draft, owner, (&name, media)).await?;
                staged += 1;
            }
            Err(sentence) => faults.add("files", sentence),
        }
    }
    Ok((attachment_queries::of_draft(db, draft, owner).await?, faults))
}

/// Discards the files of the person's oldest forms that were not sent, until those that come now stay within what one
/// person may have staged.
async fn make_room(portal: &Portal, uploaded: &Uploaded, draft: &DraftId, owner: &str) -> Result<(), Fault> {
    let coming: u64 = uploaded.files.iter().map(|file| file.bytes).sum();
    while let Some((bytes, oldest, ids)) = attachment_queries::staged_elsewhere(&portal.db, draft, owner).await? {
        if u64::try_from(bytes).unwrap_or(0) + coming <= portal.limits.staged_bytes {
            break;
        }
        for id in ids {
            if attachment_queries::unstage(&portal.db, &oldest, owner, &id).await? {
                discard(portal, &id).await;
            }
        }
    }
    Ok(())
}

fn sentence(refused: &Refused) -> String {
    match refused {
        Refused::TooLarge(name) => format!("{} is larger than 10 MB", attachment::name(name)),
        Refused::TooMany => format!("A message takes up to {MOST_FILES} files"),
    }
}

async fn keep(
    portal: &Portal,
    incoming: &Incoming,
    draft: &DraftId,
    owner: &str,
    (name, media): (&str, &str),
) -> Result<(), Fault> {
    let id = ulid::Ulid::generate().to_string().to_lowercase();
    let staged = Staged {
        id: &id,
        draft,
        owner,
        name,
        media,
        bytes: i64::try_from(incoming.bytes).unwrap_or(i64::MAX),
        hash: &incoming.hash,
    };
    // The file first: a row without a file would promise what is not there.
    let disk = |fault: std::io::Error| Fault::Away(format!("the disk refuses a file: {fault}"));
    tokio::fs::rename(&incoming.path, attachment::file(portal, &id)).await.map_err(disk)?;
    Ok(attachment_queries::stage(&portal.db, &staged, portal.now()).await?)
}

async fn discard(portal: &Portal, id: &str) {
    if let Err(fault) = tokio::fs::remove_file(attachment::file(portal, id)).await {
        tracing::warn!(%fault, id, "an attachment could not be deleted");
    }
}

/// Deletes the files of forms that were not sent for a day, and what a process that was killed left of files under way.
///
/// # Errors
/// When the database does not answer.
pub async fn sweep(portal: &Portal, now: Moment) -> Result<(), Fault> {
    loop {
        let expired = attachment_queries::expired(&portal.db, now).await?;
        if expired.is_empty() {
            break;
        }
        for id in expired {
            discard(portal, &id).await;
        }
    }
    let folder = portal.data.join("attachments/incoming");
    let swept = tokio::task::spawn_blocking(move || left_behind(&folder)).await;
    if let Ok(Err(fault)) = swept {
        tracing::warn!(%fault, "files that were under way could not be swept");
    }
    Ok(())
}

/// Deletes files that have been under way for longer than any upload takes.
fn left_behind(folder: &std::path::Path) -> std::io::Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder)?.flatten() {
        let is_old = entry.metadata()?.modified()?.elapsed().is_ok_and(|age| age > LONGEST_UPLOAD);
        if is_old {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Hands a file of one's own account's message out.
///
/// # Errors
/// [`Fault::NotFound`] for somebody else's.
pub async fn download(
    person: Person,
    portal: Portal,
    path: web::Path<(String, String, String)>,
) -> Result<HttpResponse, Fault> {
    let account = own(&person, &portal, &path.0, &path.1).await?;
    hand_out(&portal, &account, &path.2).await
}

/// Hands a file of an account's message out. The browser saves it and runs nothing in it.
///
/// # Errors
/// [`Fault::NotFound`] for what this account's messages do not bring.
pub async fn hand_out(portal: &Portal, account: &AccountId, id: &str) -> Result<HttpResponse, Fault> {
    let found = attachment_queries::find(&portal.db, account, id).await?.ok_or(Fault::NotFound)?;
    let file = tokio::fs::File::open(attachment::file(portal, &found.id)).await;
    let file = file.map_err(|fault| Fault::Broken(format!("attachment {id}: {fault}")))?;
    // The name in Latin letters for old programs, and as it is (RFC 6266).
    let plain: String = found.name.chars().map(|letter| if letter.is_ascii() { letter } else { '_' }).collect();
    let whole = header::ExtendedValue {
        charset: header::Charset::Ext("UTF-8".into()),
        language_tag: None,
        value: found.name.clone().into_bytes(),
    };
    let disposition = header::ContentDisposition {
        disposition: header::DispositionType::Attachment,
        parameters: vec![header::DispositionParam::Filename(plain), header::DispositionParam::FilenameExt(whole)],
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, found.media))
        .insert_header(disposition)
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .no_chunking(u64::try_from(found.bytes).unwrap_or(0))
        .streaming(Box::pin(chunks(file))))
}

/// A file as it is sent, a piece at a time.
/// The parts of a file, as they are read.
pub fn chunks(file: tokio::fs::File) -> impl Stream<Item = std::io::Result<web::Bytes>> {
    stream::try_unfold(file, |mut file| async move {
        let mut chunk = vec![0; CHUNK];
        let read = file.read(&mut chunk).await?;
        chunk.truncate(read);
        Ok((read > 0).then(|| (web::Bytes::from(chunk), file)))
    })
}
