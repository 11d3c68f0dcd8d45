//! An account's mailbox as a ZIP: a page for each thread, and the files that came with it. It is written to the disk
//! thread by thread, so that a large one takes no more memory than its longest thread.

use std::{
    fs::File,
    io::{self, Write},
    path::PathBuf,
};

use actix_web::{HttpResponse, http::header, web};
use tokio::sync::mpsc;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::{attachment, export_pages, files::chunks, lists, queries, thread::After};
use crate::{
    access::guard::own,
    audit::{self, Deed},
    db::rate_limit::Limit,
    http::{Fault, Portal},
    page::Frame,
    session::Person,
    words::AccountId,
};

/// Exports of one logon: each reads a whole mailbox.
const EXPORTS: Limit = Limit { what: "export", most: 10, within: chrono::Duration::hours(1) };
/// How many parts may wait for the disk.
const WAITING: usize = 4;

enum Part {
    Page(String, String),
    Attachment(String, PathBuf),
}

/// Hands out one's own account's mailbox as a ZIP.
///
/// # Errors
/// [`Fault::NotFound`] for an account that is not one's own; [`Fault::TooMany`].
pub async fn export(
    person: Person,
    portal: Portal,
    frame: Frame,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Fault> {
    let account = own(&person, &portal, &path.0, &path.1).await?;
    let now = portal.now();
    if !EXPORTS.allows(&portal.db, person.logon(), now).await? {
        return Err(Fault::TooMany);
    }
    audit::row(now, person.logon(), Deed::ExportedMailbox, &account.key(), "").run(&portal.db).await?;
    let (send, parts) = mpsc::channel(WAITING);
    let folder = portal.data.join("exports");
    let written = tokio::task::spawn_blocking(move || write(&folder, parts));
    let read = read(&person, &portal, &frame, &account, &send).await;
    drop(send);
    let written = written.await.map_err(|fault| Fault::Broken(fault.to_string()))?;
    read?;
    let file = written.map_err(|fault| Fault::Away(format!("the disk refuses an export: {fault}")))?;
    let name = format!("messages-{}-{}.zip", account.kind, account.number);
    Ok(HttpResponse::Ok()
        .content_type("application/zip")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .streaming(Box::pin(chunks(tokio::fs::File::from_std(file)))))
}

/// Reads the mailbox, thread by thread.
async fn read(
    person: &Person,
    portal: &Portal,
    frame: &Frame,
    account: &AccountId,
    send: &mpsc::Sender<Part>,
) -> Result<(), Fault> {
    let db = &portal.db;
    // The writer's own fault is told by what it returns.
    let gone = |_| Fault::Away("the disk refuses an export".into());
    let (mut after, mut listed) = (After::NOTHING, Vec::new());
    loop {
        let page = lists::of_account(db, person.logon(), account, after).await?;
        for head in page.items {
            let mut before = None;
            let mut messages = Vec::new();
            let thread = loop {
                let mut thread =
                    queries::open(db, person.logon(), account, head.first, before).await?.ok_or(Fault::NotFound)?;
                before = thread.messages.first().map(|message| message.sequence);
                thread.messages.append(&mut messages);
                if !thread.earlier {
                    break thread;
                }
                messages = std::mem::take(&mut thread.messages);
            };
            let html = export_pages::thread(frame, &thread, person.logon()).into_string();
            send.send(Part::Page(export_pages::name(head.first), html)).await.map_err(gone)?;
            for file in &thread.files {
                let path = attachment::file(portal, &file.id);
                send.send(Part::Attachment(export_pages::file_name(file), path)).await.map_err(gone)?;
            }
            listed.push(head);
        }
        let Some(next) = page.next else { break };
        after = next;
    }
    let index = export_pages::index(frame, account, &listed).into_string();
    send.send(Part::Page("index.html".into(), index)).await.map_err(gone)
}

/// Writes the ZIP to a file that has no name any more: it is gone when the last handle is.
fn write(folder: &std::path::Path, mut parts: mpsc::Receiver<Part>) -> io::Result<File> {
    std::fs::create_dir_all(folder)?;
    let path = folder.join(ulid::Ulid::generate().to_string());
    let file = File::options().create_new(true).read(true).write(true).open(&path)?;
    std::fs::remove_file(&path)?;
    let mut zip = ZipWriter::new(file);
    let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    while let Some(part) = parts.blocking_recv() {
        match part {
            Part::Page(name, html) => {
                zip.start_file(name, packed)?;
                zip.write_all(html.as_bytes())?;
            }
            Part::Attachment(name, path) => {
                zip.start_file(name, stored)?;
                io::copy(&mut File::open(path)?, &mut zip)?;
            }
        }
    }
    let mut file = zip.finish()?;
    io::Seek::rewind(&mut file)?;
    Ok(file)
}
