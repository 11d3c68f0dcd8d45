//! Paper: letters rendered as PDF into a spool that a printer empties.

use std::{
    fs, io,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
};

use serde::{Deserialize, Serialize};
use typst::{
    diag::Warned,
    foundations::{Array, Datetime, Dict, IntoValue, Smart, Str, Value},
};
use typst_as_lib::{TypstEngine, TypstTemplateMainFile};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use super::{PostFault, fonts, qr};
use crate::words::{Moment, window};

static ENGINE: LazyLock<TypstEngine<TypstTemplateMainFile>> =
    LazyLock::new(|| fonts::engine(include_str!("../../assets/letters/letter.typ")));

/// What a letter says. Every text is set as it is: nothing in it is taken for markup.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LetterText {
    /// The agency's return address, one line each.
    pub letterhead: Vec<String>,
    /// Name and address for the window of the envelope, one line each.
    pub address: Vec<String>,
    /// The day it is printed.
    pub date: String,
    /// What it is about.
    pub subject: String,
    /// Names and values.
    pub facts: Vec<(String, String)>,
    /// What its code is called.
    #[serde(default = "authorization_code")]
    pub code_label: String,
    /// The authorization code in its groups, if it brings one.
    pub code: Option<String>,
    /// What to do, one step each.
    pub steps: Vec<String>,
    /// The heading of the last paragraph.
    pub aside: String,
    /// The last paragraph.
    pub warning: String,
    /// A reference in the foot.
    pub reference: String,
    /// How anybody finds out that it is genuine; letters from before had none.
    #[serde(default)]
    pub genuine: Option<Genuine>,
}

/// What codes were called when letters brought no others.
fn authorization_code() -> String {
    "Authorization code".into()
}

/// The short code of a letter, and where it is looked up.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Genuine {
    /// The code, in its groups.
    pub code: String,
    /// The address where it can be typed in.
    pub page: String,
    /// The address of its answer, for the QR code.
    pub address: String,
}

impl LetterText {
    /// Renders it again, as work for a pool: byte by byte as it was, if its texts are what they were.
    ///
    /// # Errors
    /// [`PostFault::Never`] when it can't be rendered.
    pub fn render(self, name: &str, printed: Moment) -> Result<Vec<u8>, PostFault> {
        render(self, name, printed)
    }
}

/// How the file of a letter ends that is not to be printed yet.
const UNRELEASED: &str = "part";

/// The folder of letters that wait for the printer.
#[derive(Clone)]
pub struct Spool(Arc<PathBuf>);

impl Spool {
    /// A spool in this folder.
    pub fn new(folder: PathBuf) -> Self {
        Self(Arc::new(folder))
    }

    /// Where the letter of this name is, or will be.
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(format!("{name}.pdf"))
    }

    fn unreleased(&self, name: &str) -> PathBuf {
        self.0.join(format!("{name}.{UNRELEASED}"))
    }

    /// Renders a letter and writes it beside the spool's letters, durable but not yet to be printed. One of that name
    /// that was never released is replaced.
    ///
    /// # Errors
    /// [`PostFault::Later`] when the disk refuses; [`PostFault::Never`] when it can't be rendered.
    pub async fn prepare(&self, name: &str, text: LetterText, now: Moment) -> Result<(), PostFault> {
        let (file, reference) = (self.unreleased(name), name.to_owned());
        let work = move || {
            let pdf = render(text, &reference, now)?;
            write_durable(&file, &pdf).map_err(|fault| refused(&fault))
        };
        // Rendering takes a processor for a while.
        tokio::task::spawn_blocking(work).await.map_err(|fault| PostFault::Later(fault.to_string()))?
    }

    /// Releases a prepared letter to the printer; nothing happens if that was done. So, once its record is written, a
    /// letter is printed and never again, whatever becomes of the process and whenever the printer takes it away.
    ///
    /// # Errors
    /// [`PostFault::Later`] when the disk refuses.
    pub async fn release(&self, name: &str) -> Result<(), PostFault> {
        let (from, to) = (self.unreleased(name), self.file(name));
        let work = move || match fs::rename(&from, &to) {
            Ok(()) => make_durable(&to).map_err(|fault| refused(&fault)),
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(fault) => Err(refused(&fault)),
        };
        tokio::task::spawn_blocking(work).await.map_err(|fault| PostFault::Later(fault.to_string()))?
    }

    /// The names of the letters that were prepared here and never released.
    ///
    /// # Errors
    /// [`PostFault::Later`] when the folder can't be read.
    pub async fn unreleased_names(&self) -> Result<Vec<String>, PostFault> {
        let folder = self.0.clone();
        let work = move || {
            if !folder.exists() {
                return Ok(Vec::new());
            }
            let files = fs::read_dir(&*folder).map_err(|fault| refused(&fault))?.flatten().map(|entry| entry.path());
            let parts = files.filter(|file| file.extension().is_some_and(|kind| kind == UNRELEASED));
            Ok(parts.filter_map(|file| Some(file.file_stem()?.to_str()?.to_owned())).collect())
        };
        tokio::task::spawn_blocking(work).await.map_err(|fault| PostFault::Later(fault.to_string()))?
    }
}

fn refused(fault: &io::Error) -> PostFault {
    PostFault::Later(format!("the spool refuses: {fault}"))
}

fn render(text: LetterText, identity: &str, now: Moment) -> Result<Vec<u8>, PostFault> {
    pdf(&ENGINE, inputs(text), identity, now)
}

/// Renders a template with its values as tagged PDF (PDF/UA-1).
///
/// # Errors
/// [`PostFault::Never`] when it can't be rendered.
pub(super) fn pdf(
    engine: &TypstEngine<TypstTemplateMainFile>,
    inputs: Dict,
    identity: &str,
    now: Moment,
) -> Result<Vec<u8>, PostFault> {
    use chrono::{Datelike, Timelike};
    let Warned { output, warnings } = engine.compile_with_input(inputs);
    for warning in &warnings {
        tracing::warn!(message = %warning.message, "letter template");
    }
    let document = output.map_err(|_| PostFault::Never("the letter template has a fault".into()))?;
    let small = |number: u32| u8::try_from(number).unwrap_or(0);
    let at = Datetime::from_ymd_hms(
        now.year(),
        small(now.month()),
        small(now.day()),
        small(now.hour()),
        small(now.minute()),
        small(now.second()),
    );
    let options = PdfOptions {
        ident: Smart::Custom(identity.to_owned()),
        timestamp: at.map(Timestamp::new_utc),
        standards: PdfStandards::new(&[PdfStandard::Ua_1])
            .map_err(|fault| PostFault::Never(fault.message().to_string()))?,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&document, &options).map_err(|faults| {
        let without_glyph: Vec<String> = faults.iter().filter_map(|fault| without_glyph(&fault.message)).collect();
        match without_glyph.as_slice() {
            [] => PostFault::Never("the letter can't be written as PDF".into()),
            letters => PostFault::Unprintable(format!(
                "no font has the letter {}; an operator can install one",
                letters.join(", ")
            )),
        }
    })
}

/// The letters of a text that no font shows, which PDF/UA forbids: of a message such as ``the text `"😀"` could not be
/// displayed with font …``.
fn without_glyph(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("the text `\"")?;
    let (quoted, _) = rest.split_once("\"` could not be displayed")?;
    // Letters that are not printable stand there by their numbers.
    let number = quoted.strip_prefix("\\u{").and_then(|rest| rest.strip_suffix('}'));
    let letter = number.and_then(|number| char::from_u32(u32::from_str_radix(number, 16).ok()?));
    let letters = letter.map_or_else(|| quoted.to_owned(), String::from);
    let numbers: Vec<String> = letters.chars().map(|letter| format!("U+{:04X}", u32::from(letter))).collect();
    Some(format!("“{letters}” ({})", numbers.join(" ")))
}

fn inputs(text: LetterText) -> Dict {
    let lines = |lines: Vec<String>| lines.into_value();
    let pair = |(name, value): (String, String)| {
        Value::Array([name.into_value(), value.into_value()].into_iter().collect::<Array>())
    };
    let facts: Array = text.facts.into_iter().map(pair).collect();
    let genuine = text.genuine.map(|genuine| {
        let drawing = qr::drawing(&genuine.address).unwrap_or_default();
        let entries = [("code", genuine.code), ("page", genuine.page), ("drawing", drawing)];
        Value::Dict(entries.into_iter().map(|(name, value)| (Str::from(name), value.into_value())).collect())
    });
    let entries: [(&str, Value); 12] = [
        ("letterhead", lines(text.letterhead)),
        ("address", lines(window::rows(&text.address))),
        ("date", text.date.into_value()),
        ("subject", text.subject.into_value()),
        ("facts", Value::Array(facts)),
        ("code_label", text.code_label.into_value()),
        ("code", text.code.into_value()),
        ("steps", lines(text.steps)),
        ("aside", text.aside.into_value()),
        ("warning", text.warning.into_value()),
        ("reference", text.reference.into_value()),
        ("genuine", genuine.into_value()),
    ];
    entries.into_iter().map(|(name, value)| (Str::from(name), value)).collect()
}

/// Writes a file so that it is there whole and durable, or not at all: a temporary file, its bytes
/// on disk, the rename, the folder on disk. Other users of the machine can't read it.
///
/// # Errors
/// When the disk refuses; nothing is left behind then.
pub fn write_whole(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = file.with_extension("part");
    write_durable(&temporary, bytes)?;
    let renamed = fs::rename(&temporary, file).and_then(|()| make_durable(file));
    if renamed.is_err() {
        drop(fs::remove_file(&temporary));
    }
    renamed
}

/// Writes a file and waits until it is on disk.
fn write_durable(file: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(file.parent().unwrap_or(Path::new(".")))?;
    let written = (|| {
        let mut out = fs::File::options().create(true).truncate(true).write(true).mode(0o640).open(file)?;
        out.write_all(bytes)?;
        out.sync_all()?;
        make_durable(file)
    })();
    if written.is_err() {
        drop(fs::remove_file(file));
    }
    written
}

/// Waits until a file's name is on disk.
fn make_durable(file: &Path) -> io::Result<()> {
    fs::File::open(file.parent().unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(name: &str) -> LetterText {
        LetterText {
            letterhead: vec!["Department of State".into(), "Lansing MI 48918".into()],
            address: vec![name.into(), "1 MAIN ST".into(), "LANSING MI 48901".into()],
            date: "November 26, 2026".into(),
            subject: "Your authorization code".into(),
            facts: Vec::new(),
            code_label: authorization_code(),
            code: Some("ABCDE 12345".into()),
            steps: vec!["Sign in.".into()],
            aside: "Not you?".into(),
            warning: "Tell us.".into(),
            reference: "Reference 1".into(),
            genuine: None,
        }
    }

    #[test]
    fn names_of_all_scripts_are_printed_and_what_has_no_glyph_is_named() {
        for name in ["山田自動車", "한국", "ร้าน", "ĐẶNG & SØN", "مدرسة", "विद्यालय"]
        {
            assert!(letter(name).render("x", Moment::UNIX_EPOCH).is_ok(), "{name}");
        }
        let refused = letter("A\u{10FFFD}B").render("x", Moment::UNIX_EPOCH).unwrap_err();
        assert!(matches!(&refused, PostFault::Unprintable(why) if why.contains("U+10FFFD")), "{refused:?}");
    }

    /// Where the words of a letter stand on the sheet, from its left and upper edge, in points.
    fn places(pdf: &[u8]) -> Vec<(String, f64, f64, f64)> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("letter.pdf");
        std::fs::write(&file, pdf).unwrap();
        let read = std::process::Command::new("pdftotext").arg("-bbox").arg(&file).arg("-").output().unwrap();
        let text = String::from_utf8_lossy(&read.stdout).into_owned();
        let words = text.lines().filter(|line| line.contains("<word"));
        let words = words.map(|line| {
            let number = |name: &str| {
                line.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
            };
            let word = line.split('>').nth(1).unwrap().split('<').next().unwrap().to_owned();
            (word, number("xMax"), number("yMin"), number("yMax"))
        });
        words.collect()
    }

    #[test]
    fn an_address_that_fills_the_window_stays_in_it() {
        let mut text = letter(&"W".repeat(100));
        text.address = vec!["W".repeat(100), "W".repeat(40), "1 MAIN ST".into(), "LANSING MI 48901-1234".into()];
        assert!(window::check(&text.address).is_ok());
        let places = places(&text.render("x", Moment::UNIX_EPOCH).unwrap());
        assert!(places.iter().all(|(_, right, ..)| *right < 612.0 - 36.0), "{places:?}");
        let top_of = |word: &str| places.iter().find(|(found, ..)| found == word).unwrap().2;
        let bottom = places.iter().find(|(found, ..)| found == "48901-1234").unwrap().3;
        assert!(bottom < top_of("November"), "the date stands below the address: {places:?}");
    }
}
