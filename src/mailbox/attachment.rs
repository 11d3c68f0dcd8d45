//! Files that come with messages: which may, under which name, and where they lie.

use std::{
    io::Read,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    http::{Portal, uploaded::Incoming},
    words::{AccountId, text},
};

/// How long the operator's scanner may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// How much of a file is looked at to know what it is.
const HEAD: u64 = 8 * 1024;

/// What files may be: the end of the name, the media type, and how the bytes are recognised.
const KINDS: [(&str, &str); 14] = [
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("heic", "image/heif"),
    ("heif", "image/heif"),
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
pub const ACCEPTED: &str = ".pdf,.png,.jpg,.jpeg,.heic,.heif,.tif,.tiff,.docx,.xlsx,.odt,.ods,.txt,.csv";

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

/// The most letters of a file's name.
const LONGEST_NAME: usize = 120;

/// A name that is safe in a header, on a page and as a file's: its last part, on one line, without what nobody sees. A long
/// one is cut before its ending.
pub fn name(told: &str) -> String {
    let last = text::name(told.rsplit(['/', '\\']).next().unwrap_or_default());
    let plain = last.trim_start_matches('.').trim();
    if plain.is_empty() {
        return "file".into();
    }
    let (stem, ending) = plain.rsplit_once('.').unwrap_or((plain, ""));
    let ending = if ending.is_empty() { String::new() } else { format!(".{ending}") };
    let room = LONGEST_NAME.saturating_sub(ending.chars().count());
    let cut: String = stem.chars().take(room).chain(ending.chars()).take(LONGEST_NAME).collect();
    cut.trim().to_owned()
}

/// The media type of a file: what its name says, if its bytes do not say otherwise. Phones and programs that turn one kind of
/// picture into another often keep the name: a picture is of the kind that its bytes say.
///
/// # Errors
/// A sentence for who sent it.
pub fn media(name: &str, head: &[u8]) -> Result<&'static str, String> {
    let end = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).unwrap_or_default();
    let Some((_, media)) = KINDS.iter().find(|(known, _)| *known == end) else {
        return Err(format!("{name} is of a kind that can't be sent"));
    };
    let found = infer::get(head).map(|kind| kind.mime_type());
    if let Some(picture) = found.and_then(picture)
        && media.starts_with("image/")
    {
        return Ok(picture);
    }
    let agrees = match (*media, found) {
        // The first letters of a text may be those of a picture: `BM`, `ID3`.
        // It is handed out as a text, whatever it says.
        ("text/plain" | "text/csv", _) => is_text(head),
        (media, Some(found)) if found == media => true,
        // Some writers order a document's parts so that only its wrapping is recognised.
        (media, Some("application/zip")) => media.starts_with("application/vnd."),
        // Some programs write a mark, an empty line or a note before it; readers look at the first kilobyte.
        ("application/pdf", None) => contains(&head[..head.len().min(1024)], b"%PDF-"),
        _ => false,
    };
    if agrees { Ok(media) } else { Err(format!("{name} is not what its name says")) }
}

/// The media type of a picture that may be sent.
fn picture(found: &str) -> Option<&'static str> {
    KINDS.iter().map(|(_, media)| *media).find(|media| media.starts_with("image/") && *media == found)
}

/// A name whose ending says what the file is: a program that is told `.heic` does not open a JPEG.
fn with_ending(told: String, media: &str) -> String {
    let end = told.rsplit_once('.').map_or("", |(_, end)| end).to_ascii_lowercase();
    let is_said = KINDS.iter().any(|(known, of)| *known == end && *of == media);
    match KINDS.iter().find(|(_, of)| *of == media) {
        Some((ending, _)) if !is_said => name(&format!("{told}.{ending}")),
        _ => told,
    }
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|part| part == wanted)
}

/// Whether bytes are the beginning of a text: in UTF-16 with its mark, in UTF-8, or in letters of eight bits. Of the control
/// letters a text has only those that move on.
fn is_text(head: &[u8]) -> bool {
    let is_letter =
        |letter: char| !letter.is_control() || matches!(letter, '\t' | '\n' | '\r' | '\u{C}' | '\u{1A}' | '\u{85}');
    let pairs = |of: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = head[2..].as_chunks::<2>().0.iter().map(|pair| of(*pair)).collect();
        // The last letter may be cut in two.
        let whole = units.len().saturating_sub(1);
        char::decode_utf16(units[..whole].iter().copied()).all(|letter| letter.is_ok_and(is_letter))
    };
    match head {
        [0xFF, 0xFE, ..] => pairs(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => pairs(u16::from_be_bytes),
        head => head.iter().all(|byte| *byte >= 0x80 || is_letter(char::from(*byte))),
    }
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
        Scan::Clean => Ok((with_ending(name, media), media)),
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
            ("form.pdf", b"\xEF\xBB\xBF%PDF-1.4\n".as_slice()),
            ("form.pdf", b"\r\n\r\n%PDF-1.4\n"),
            ("form.pdf", [[b' '; 200].as_slice(), b"%PDF-1.4\n"].concat().as_slice()),
            ("notes.txt", b"BMW dealers\r\n"),
            ("notes.txt", b"ID3 is a tag\n"),
            ("notes.txt", b"<p> is a paragraph"),
            ("notes.txt", b"<!DOCTYPE html><html>"),
            ("list.csv", b"\xFF\xFEt\0y\0p\0e\0\n\0"),
            ("notes.txt", b"\xFF\xFEH\0i\0\r\0\n\0"),
            ("list.csv", b"\xFE\xFF\0t\0y\0p\0e"),
            ("list.csv", b"CAF\xC9;1\r\n"),
            ("IMG_0001.HEIC", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
        ] {
            assert!(media(name, head).is_ok(), "{name}: {:?}", media(name, head));
        }
        for (name, head) in [
            ("page.html", b"<html>".as_slice()),
            ("form.pdf", b"\xFF\xD8\xFF\xE0\0\x10JFIF\0"),
            ("photo.jpg", b"%PDF-1.7\n"),
            ("photo.jpg", b"GIF89a\x01\0\x01\0"),
            ("notes.txt", b"\xFF\xFEM\0Z\0\x01\0\0\0x\0"),
            ("notes.txt", b"a\x01b"),
            ("form.pdf", b"<html><script>"),
            ("notes.txt", b"MZ\x90\x00\x03\x00\x00\x00"),
            ("run.exe", b"MZ\x90\x00"),
            ("none", b"text"),
            ("picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg'>"),
        ] {
            assert!(media(name, head).is_err(), "{name}");
        }
    }

    #[test]
    fn a_picture_is_what_its_bytes_say() {
        let jpeg = b"\xFF\xD8\xFF\xE0\0\x10JFIF\0";
        for (told, called) in
            [("IMG_1.HEIC", "IMG_1.HEIC.jpg"), ("a.png", "a.png.jpg"), ("a.jpeg", "a.jpeg"), ("a.JPG", "a.JPG")]
        {
            assert_eq!(media(told, jpeg), Ok("image/jpeg"), "{told}");
            assert_eq!(with_ending(told.into(), "image/jpeg"), called);
        }
        assert_eq!(media("photo.jpg", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"), Ok("image/heif"));
        assert_eq!(with_ending("photo.jpg".into(), "image/heif"), "photo.jpg.heic");
        assert_eq!(with_ending("letter.pdf".into(), "application/pdf"), "letter.pdf");
        let long = with_ending(name(&format!("{}.heic", "a".repeat(300))), "image/jpeg");
        assert!(long.ends_with(".jpg") && long.chars().count() == LONGEST_NAME, "{long}");
    }

    #[test]
    fn a_name_is_only_a_name() {
        assert_eq!(name("C:\\letters\\form.pdf"), "form.pdf");
        assert_eq!(name("../../etc/passwd"), "passwd");
        assert_eq!(name("a\r\nSet-Cookie: x.pdf"), "a Set-Cookie: x.pdf");
        assert_eq!(name("...."), "file");
        assert_eq!(name("photo\u{202E}gpj.pdf"), "photogpj.pdf");
        let long = name(&format!("{}.pdf", "ä".repeat(300)));
        assert!(long.ends_with("ä.pdf") && long.chars().count() == 120, "{long}");
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
