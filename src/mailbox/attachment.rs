//! Files that come with messages: which may, under which name, and where they lie.

use std::{
    io::Read,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    http::{Portal, uploaded::Incoming},
    words::AccountId,
};

/// How long the operator's scanner may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// How much of a file is looked at to know what it is.
const HEAD: u64 = 8 * 1024;

/// What files may be: the end of the name, the media type, and how the bytes are recognised.
const KINDS: [(&str, &str); 12] = [
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("odt", "application/vnd.oasis.opendocument.text"),
    ("ods", "application/vnd.oasis.opendocument.spreadsheet"),
    ("txt", "text/plain"),
    ("csv", "text/csv"),
];

/// The ends of names that a form offers.
pub const ACCEPTED: &str = ".pdf,.png,.jpg,.jpeg,.tif,.tiff,.docx,.xlsx,.odt,.ods,.txt,.csv";

/// A file of a message, or of a form that was not sent yet.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// Its id, and the name of its file.
    pub id: String,
    /// What it was called where it came from.
    pub name: String,
    /// Its media type.
    pub media: String,
    /// How long it is, in bytes.
    pub bytes: i64,
    /// The message that it belongs to, once it was posted.
    pub message: Option<i64>,
}

impl Attachment {
    /// The path where it is downloaded.
    pub fn path(&self, account: &AccountId) -> String {
        format!("{}/attachments/{}", account.path(), self.id)
    }

    /// Its length as people say it.
    pub fn size(&self) -> String {
        match self.bytes {
            bytes @ ..1_024 => format!("{bytes} bytes"),
            bytes @ ..1_048_576 => format!("{} kB", bytes.div_euclid(1_024)),
            bytes => format!("{:.1} MB", bytes as f64 / 1_048_576.0),
        }
    }
}

/// Where an attachment lies.
pub fn file(portal: &Portal, id: &str) -> PathBuf {
    portal.data.join("attachments").join(id)
}

/// A name that is safe in a header, on a page and as a file's: its last part, without control characters.
pub fn name(told: &str) -> String {
    let last = told.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().filter(|letter| !letter.is_control()).take(120).collect();
    let plain = plain.trim().trim_start_matches('.').to_owned();
    if plain.is_empty() { "file".into() } else { plain }
}

/// The media type of a file: what its name says, if its bytes do not say otherwise.
///
/// # Errors
/// A sentence for who sent it.
pub fn media(name: &str, head: &[u8]) -> Result<&'static str, String> {
    let end = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).unwrap_or_default();
    let Some((_, media)) = KINDS.iter().find(|(known, _)| *known == end) else {
        return Err(format!("{name} is of a kind that can't be sent"));
    };
    let found = infer::get(head).map(|kind| kind.mime_type());
    let agrees = match (*media, found) {
        ("text/plain" | "text/csv", None) => !head.contains(&0),
        (media, Some(found)) if found == media => true,
        // Some writers order a document's parts so that only its wrapping is recognised.
        (media, Some("application/zip")) => media.starts_with("application/vnd."),
        _ => false,
    };
    if agrees { Ok(media) } else { Err(format!("{name} is not what its name says")) }
}

/// What the scanner said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scan {
    /// Nothing was found.
    Clean,
    /// Something was found.
    Infected,
    /// It could not look.
    Unknown,
}

/// Looks at a file as it came: its kind, and what the operator's scanner says of it.
///
/// # Errors
/// A sentence for who sent it.
pub async fn look(portal: &Portal, incoming: &Incoming) -> Result<(String, &'static str), String> {
    let name = name(&incoming.name);
    let path = incoming.path.clone();
    let head = tokio::task::spawn_blocking(move || head(&path)).await;
    let head = head.ok().and_then(Result::ok).ok_or_else(|| format!("{name} could not be read"))?;
    if head.is_empty() {
        return Err(format!("{name} is empty"));
    }
    let media = media(&name, &head)?;
    match scan(portal.scan.as_deref(), &incoming.path).await {
        Scan::Clean => Ok((name, media)),
        Scan::Infected => Err(format!("{name} was refused by the virus scanner")),
        Scan::Unknown => Err(format!("{name} could not be checked for viruses. Please try again in a moment")),
    }
}

fn head(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    std::fs::File::open(path)?.take(HEAD).read_to_end(&mut head)?;
    Ok(head)
}

/// Asks the operator's scanner: a program that takes the file's path and ends with 0 for clean and 1 for infected, as
/// clamdscan does.
async fn scan(program: Option<&Path>, file: &Path) -> Scan {
    let Some(program) = program else { return Scan::Clean };
    let running = tokio::process::Command::new(program)
        .arg(file)
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .kill_on_drop(true)
        .status();
    match tokio::time::timeout(PATIENCE, running).await {
        Ok(Ok(status)) if status.success() => Scan::Clean,
        Ok(Ok(status)) if status.code() == Some(1) => Scan::Infected,
        other => {
            tracing::error!(?other, "the scanner of attachments failed");
            Scan::Unknown
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_name_and_its_bytes_say() {
        assert_eq!(media("form.PDF", b"%PDF-1.7\n"), Ok("application/pdf"));
        assert_eq!(media("list.csv", b"a,b\n1,2\n"), Ok("text/csv"));
        for (name, head) in [
            ("page.html", b"<html>".as_slice()),
            ("form.pdf", b"<html><script>"),
            ("notes.txt", b"MZ\x90\x00\x03\x00\x00\x00"),
            ("notes.txt", b"<!DOCTYPE html><html>"),
            ("run.exe", b"MZ\x90\x00"),
            ("none", b"text"),
            ("picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg'>"),
        ] {
            assert!(media(name, head).is_err(), "{name}");
        }
    }

    #[test]
    fn a_name_is_only_a_name() {
        assert_eq!(name("C:\\letters\\form.pdf"), "form.pdf");
        assert_eq!(name("../../etc/passwd"), "passwd");
        assert_eq!(name("a\r\nSet-Cookie: x.pdf"), "aSet-Cookie: x.pdf");
        assert_eq!(name("...."), "file");
    }

    #[tokio::test]
    async fn a_scanner_is_asked_by_its_exit_code() {
        let file = Path::new("/dev/null");
        assert_eq!(scan(None, file).await, Scan::Clean);
        assert_eq!(scan(Some(Path::new("/bin/true")), file).await, Scan::Clean);
        assert_eq!(scan(Some(Path::new("/bin/false")), file).await, Scan::Infected);
        assert_eq!(scan(Some(Path::new("/no/such/scanner")), file).await, Scan::Unknown);
    }
}
