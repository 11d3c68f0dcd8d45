//! Fonts of what is printed. Those of the program have Latin, Greek and Cyrillic letters; all others come from a folder of the
//! machine, by default from its own fonts.

use std::{path::PathBuf, sync::OnceLock};

use typst::foundations::{Bytes, Dict, IntoValue, Str};
use typst_as_lib::{TypstEngine, TypstTemplateMainFile, typst_kit_options::TypstKitFontOptions};

use super::paper;
use crate::words::Moment;

static FOLDER: OnceLock<PathBuf> = OnceLock::new();

/// Names the folder whose fonts are used, before anything is printed; without one they are the machine's.
pub fn use_folder(folder: PathBuf) {
    drop(FOLDER.set(folder));
}

/// An engine for a template, with all fonts that there are.
pub(super) fn engine(template: &'static str) -> TypstEngine<TypstTemplateMainFile> {
    let others = match FOLDER.get() {
        Some(folder) => TypstKitFontOptions::new().include_system_fonts(false).include_dirs([folder]),
        None => TypstKitFontOptions::new().include_system_fonts(true),
    };
    TypstEngine::builder()
        .main_file(template)
        .fonts(typst_assets::fonts().map(Bytes::new))
        .search_fonts_with(others)
        .build()
}

/// Scripts that people's and businesses' names are written in, each with a word of it.
const SCRIPTS: [(&str, &str); 22] = [
    ("Arabic", "مدرسة"),
    ("Armenian", "Դպրոց"),
    ("Bengali", "বিদ্যালয়"),
    ("Chinese", "汽車學校"),
    ("Cyrillic", "Школа"),
    ("Devanagari", "विद्यालय"),
    ("Ethiopic", "ትምህርት"),
    ("Georgian", "სკოლა"),
    ("Greek", "Σχολή"),
    ("Gujarati", "શાળા"),
    ("Gurmukhi", "ਸਕੂਲ"),
    ("Hebrew", "בית"),
    ("Japanese", "じどうしゃ"),
    ("Kannada", "ಶಾಲೆ"),
    ("Khmer", "សាលា"),
    ("Korean", "자동차"),
    ("Lao", "ໂຮງຮຽນ"),
    ("Malayalam", "സ്കൂൾ"),
    ("Myanmar", "ကျောင်း"),
    ("Tamil", "பள்ளி"),
    ("Telugu", "పాఠశాల"),
    ("Thai", "โรงเรียน"),
];

/// The scripts that can't be printed with the fonts that there are. It takes a moment.
pub fn unprintable() -> Vec<&'static str> {
    let engine = engine(
        "#import sys: inputs\n#set document(title: \"x\")\n#set text(font: \"Libertinus Serif\", lang: \"en\")\n#inputs.word",
    );
    let is_printed = |word: &str| {
        let inputs: Dict = [(Str::from("word"), word.into_value())].into_iter().collect();
        paper::pdf(&engine, inputs, "x", Moment::UNIX_EPOCH).is_ok()
    };
    SCRIPTS.iter().filter(|(_, word)| !is_printed(word)).map(|(script, _)| *script).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With the fonts that tests/install brings, those of SPRINGBOARD_FONTS' own default.
    #[test]
    fn every_script_of_the_list_is_printed_with_noto() {
        assert_eq!(unprintable(), Vec::<&str>::new());
    }
}
