//! The demo's outbox: mails, letters and texts as they were sent. In no other profile.

use actix_web::{HttpResponse, http::StatusCode, web};
use maud::html;

use crate::{
    http::{Fault, Portal, answer, page},
    page::{Crumb, Frame, Page},
};

/// The folders, with the headings of their files.
const FOLDERS: [(&str, &str); 3] = [("mail", "E-mail"), ("letters", "Letters"), ("texts", "Text messages")];

/// All that was sent, newest first.
///
/// # Errors
/// When the data folder can't be read.
pub async fn list(portal: Portal, frame: Frame) -> Result<HttpResponse, Fault> {
    let data = portal.data.clone();
    let folders = web::block(move || FOLDERS.map(|(folder, title)| (folder, title, files(&data.join(folder)))))
        .await
        .map_err(|fault| Fault::Broken(fault.to_string()))?;
    let body = html! {
        p { "In this demo nothing leaves the machine. What would be sent is kept here." }
        @for (folder, title, files) in &folders {
            section class="card" {
                h2 { (title) }
                @if files.is_empty() { p { "Nothing yet." } }
                @else { ul { @for file in files { li { a href=(format!("/outbox/{folder}/{file}")) { (file) } } } } }
            }
        }
    };
    Ok(page(&frame, &Page::new("Outbox", body).crumbs(vec![Crumb::new("Home", "/")])))
}

fn files(folder: &std::path::Path) -> Vec<String> {
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.file_name().into_string().ok()?)))
        .filter(|(_, name)| !name.ends_with(".part"))
        .collect();
    found.sort_unstable_by(|one, other| other.cmp(one));
    found.into_iter().map(|(_, name)| name).collect()
}

/// One of them.
///
/// # Errors
/// [`Fault::NotFound`].
pub async fn file(portal: Portal, frame: Frame, path: web::Path<(String, String)>) -> Result<HttpResponse, Fault> {
    let (folder, name) = path.into_inner();
    let is_plain = name.bytes().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'.'))
        && !name.starts_with('.');
    if !is_plain || !FOLDERS.iter().any(|(known, _)| *known == folder) {
        return Err(Fault::NotFound);
    }
    let bytes = tokio::fs::read(portal.data.join(folder).join(&name)).await.map_err(|_| Fault::NotFound)?;
    if name.ends_with(".pdf") {
        return Ok(HttpResponse::Ok().content_type("application/pdf").body(bytes));
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let body = html! { pre class="message-text" { (text) } };
    let shown = frame.show(&Page::new(name, body).crumbs(vec![Crumb::new("Outbox", "/outbox")]));
    Ok(answer(StatusCode::OK, shown))
}
