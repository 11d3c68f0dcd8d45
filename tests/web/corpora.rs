//! Collections of what the world types and what its programs write, which `tests/install` brings. A part of each runs with
//! every test, all of it with `SPRINGBOARD_TEST_ALL=1`.

use std::{
    collections::{BTreeMap, HashSet},
    fs,
};

use chrono::Utc;
use serde_json::Value;
use springboard::{
    post::{
        Mailer, PostFault,
        bounce::{self, Bounce},
        mail::Mail,
        paper::LetterText,
    },
    words::{EmailAddress, Keys, text},
};
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

use crate::{
    registry::{apply, bring, found, work},
    support::{Portal, is_whole, run, tools},
};

/// Languages of which names are tried each time.
const LANGUAGES: [&str; 62] = [
    "am", "ar", "az", "be", "bg", "bn", "bs", "ca", "cs", "cy", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi",
    "fil", "fr", "ga", "gl", "gu", "he", "hi", "hr", "hu", "hy", "id", "is", "it", "ja", "ka", "kk", "km", "kn", "ko",
    "lo", "lt", "lv", "mk", "ml", "mn", "ms", "my", "ne", "nl", "pa", "pl", "pt", "ro", "ru", "si", "sk", "sl", "sq",
    "sr", "sv", "ta", "th", "vi",
];
/// Words of one language that are tried each time.
const WORDS: usize = 6;

/// The letters that a language is written with, as CLDR lists them: `[a b c-f {ch} \u0327]`.
fn exemplars(language: &str) -> Vec<String> {
    let file = tools().join(format!("node_modules/cldr-misc-full/main/{language}/characters.json"));
    let json: Value = serde_json::from_slice(&fs::read(file).expect("tests/install was run")).unwrap();
    let set = json["main"][language]["characters"]["exemplarCharacters"].as_str().unwrap().to_owned();
    let mut letters: Vec<String> = Vec::new();
    let mut rest = set.trim_matches(['[', ']']).chars().peekable();
    let escaped = |rest: &mut std::iter::Peekable<std::str::Chars<'_>>| match rest.next() {
        Some('u') => {
            let digits: String = rest.by_ref().take(4).collect();
            char::from_u32(u32::from_str_radix(&digits, 16).unwrap()).unwrap()
        }
        other => other.unwrap(),
    };
    while let Some(letter) = rest.next() {
        match letter {
            ' ' => {}
            '{' => letters
                .push(rest.by_ref().take_while(|letter| *letter != '}').filter(|letter| *letter != '\\').collect()),
            '-' => {
                let (from, to) = (letters.last().unwrap().chars().next().unwrap(), rest.next().unwrap());
                letters.extend((from..=to).skip(1).map(String::from));
            }
            '\\' => letters.push(escaped(&mut rest).to_string()),
            letter => letters.push(letter.to_string()),
        }
    }
    letters
}

/// Words of six letters of a language; a mark stands on its first letter, and what joins nothing is left out.
fn words(language: &str) -> Vec<String> {
    let letters = exemplars(language);
    let is_letter = |text: &&String| {
        text.chars().next().is_some_and(|first| first.general_category_group() == GeneralCategoryGroup::Letter)
    };
    let is_mark = |text: &&String| {
        text.chars().all(|letter| {
            matches!(letter.general_category(), GeneralCategory::NonspacingMark | GeneralCategory::SpacingMark)
        })
    };
    let plain: Vec<&String> = letters.iter().filter(is_letter).collect();
    let marked: Vec<String> = letters.iter().filter(is_mark).map(|mark| format!("{}{mark}", plain[0])).collect();
    let all: Vec<&String> = plain.iter().copied().chain(&marked).collect();
    let words = all.chunks(6).map(|letters| letters.iter().map(|letter| letter.as_str()).collect());
    let most = if is_whole() { usize::MAX } else { WORDS };
    words.take(most).collect()
}

/// Names of accounts, two words each, by language.
fn names() -> Vec<(String, String)> {
    let all = || {
        let folder = tools().join("node_modules/cldr-misc-full/main");
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    let languages = if is_whole() { all() } else { LANGUAGES.map(String::from).to_vec() };
    let named = languages.iter().flat_map(|language| {
        let words = words(language);
        words.chunks(2).map(|words| (language.clone(), words.join(" "))).collect::<Vec<_>>()
    });
    // Regions write as their language does.
    let mut seen = HashSet::new();
    named.filter(|(_, name)| seen.insert(name.clone())).collect()
}

#[test]
fn names_of_the_world_are_kept_found_printed_and_mailed() {
    run(async {
        let portal = Portal::start().await;
        let mut supervisor = portal.staff("supervisor1000").await;
        let names = names();
        let number = |at: usize| format!("{}", 500_000 + at);
        let line = |(at, (_, name)): (usize, &(String, String))| {
            format!("mechanic-school,{},{name},{name},LANSING MI 48901\n", number(at))
        };
        let lines: String = names.iter().enumerate().map(line).collect();
        let page = bring(&mut supervisor, &format!("type,number,name,address_1,address_2\n{lines}"), &[]).await;
        work(&portal).await;
        let shown = supervisor.get(&page.path).await;
        assert!(shown.says(&format!("New accounts {}", names.len())), "{}", shown.words());
        apply(&portal, &page.path, &[]).await;
        work(&portal).await;
        for (at, (language, name)) in names.iter().enumerate() {
            let account = format!("mechanic-school/00-{:08}", 500_000 + at);
            let kept = supervisor.get(&format!("/staff/accounts/{account}")).await;
            assert!(kept.says(&text::name(name)), "{language}: {name} in {}", kept.words());
            // As somebody types it who knows no capitals.
            let query = name.to_lowercase();
            let query: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
            let found = found(&mut supervisor, &format!("q={query}")).await;
            assert!(found.contains(&account), "{language}: {name} is not found among {found:?}");
        }
        let all: Vec<&str> = names.iter().map(|(_, name)| name.as_str()).collect();
        for some in all.chunks(100) {
            let printed = letter(some).render("corpus", Utc::now());
            // Of all languages, some have letters that no font has; that is said then.
            assert!(
                printed.as_ref().err().is_none_or(|fault| is_whole() && is_of_a_font(fault)),
                "{:?}",
                printed.err()
            );
        }
        mail_each(&all).await;
        portal.stop().await;
    });
}

/// A letter that says these names.
pub fn letter(names: &[&str]) -> LetterText {
    LetterText {
        facts: names.iter().map(|name| ("Name".to_owned(), text::name(name))).collect(),
        address: vec!["EXAMPLE".into(), "LANSING MI 48901".into()],
        letterhead: vec!["AGENCY".into()],
        date: "November 24, 2026".into(),
        subject: "Names".into(),
        code_label: "Code".into(),
        code: None,
        steps: Vec::new(),
        aside: "Aside".into(),
        warning: "Warning".into(),
        reference: "corpus".into(),
        genuine: None,
    }
}

/// Whether a letter is held because a letter has no sign in any font, which staff see.
pub fn is_of_a_font(fault: &PostFault) -> bool {
    matches!(fault, PostFault::Unprintable(_))
}

/// Mails each name as subject and text, and reads it back.
pub async fn mail_each(names: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::parse("a secret of more than thirty-two characters").unwrap();
    let mailer = Mailer::files(folder.path().to_owned(), "Portal", "no-reply@agency.example", keys).unwrap();
    let to = EmailAddress::parse("someone@example.com").unwrap();
    for (at, name) in names.iter().enumerate() {
        let mail = Mail::new(format!("corpus-{at}"), to.clone(), (*name).to_owned(), format!("{name}\n"));
        mailer.send(&mail).await.unwrap();
        let bytes = fs::read(folder.path().join(format!("corpus-{at}.eml"))).unwrap();
        let read = mail_parser::MessageParser::default().parse(&bytes).unwrap();
        assert_eq!(read.subject(), Some(*name));
        assert_eq!(read.body_text(0).unwrap().trim_end(), *name);
    }
}

/// Reports of the programs of thirty years, and whom they name (flufl.bounce): of mail that failed for good, or not yet.
fn reports(is_temporary: bool) -> BTreeMap<String, Vec<String>> {
    let kind = if is_temporary { ", True)" } else { ", False)" };
    let source = fs::read_to_string(tools().join("flufl_bounce-6.0.0/tests/test_detectors.py"));
    let source = source.expect("tests/install was run");
    let table = source.split("DETECTORS = [").nth(1).unwrap().split("\n]").next().unwrap();
    let mut reports: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in table.split("    ('").skip(1).filter(|row| row.contains(kind)) {
        let file = row.split('\'').nth(2).unwrap();
        let addresses = row.split("b'").skip(1).map(|address| address.split('\'').next().unwrap().to_lowercase());
        reports.entry(file.to_owned()).or_default().extend(addresses);
    }
    reports
}

/// A report with the header by which the portal knows its mail, in the copy that servers send back: those of the
/// collection were taken out or never had any.
fn with_our_copy(report: &[u8]) -> Vec<u8> {
    const COPY: &str = "Springboard-Message: ours\nFrom: no-reply@agency.example\nSubject: New message\n\nText\n";
    // A letter for each byte: some are of no encoding.
    let report = report.iter().map(|byte| char::from(*byte)).collect::<String>().replace("\r\n", "\n");
    let last = report.trim_end().lines().last().unwrap_or_default().to_owned();
    let whole = match last.strip_suffix("--").filter(|last| last.starts_with("--") && report.matches(*last).count() > 1)
    {
        Some(boundary) => {
            let whole = report.trim_end().strip_suffix(&last).unwrap();
            format!("{whole}{boundary}\nContent-Type: message/rfc822\n\n{COPY}\n{last}\n")
        }
        None => format!("{}\n\n{COPY}", report.trim_end()),
    };
    whole.chars().map(|letter| letter as u8).collect()
}

#[test]
fn reports_of_the_worlds_mail_servers_are_understood() {
    let read = |file: &str| {
        let bytes = fs::read(tools().join("flufl_bounce-6.0.0/tests/data").join(file)).unwrap();
        let report = with_our_copy(&bytes);
        bounce::parse(&report, &|id| (id == "ours").then(|| id.to_owned()))
    };
    // Some are no reports, or name nobody.
    let failed: BTreeMap<_, _> = reports(false).into_iter().filter(|(_, addresses)| !addresses.is_empty()).collect();
    let waiting: Vec<String> = reports(true).into_keys().filter(|file| !failed.contains_key(file)).collect();
    assert!(failed.len() >= 100 && waiting.len() > 2, "{} {}", failed.len(), waiting.len());
    for file in &waiting {
        assert_eq!(read(file), None, "{file} tells of a delay");
    }
    let understood = |(file, addresses): &(&String, &Vec<String>)| {
        let names = |Bounce { recipients, .. }: Bounce| {
            addresses.iter().all(|address| {
                let mailbox = address.split('@').next().unwrap().to_owned();
                recipients.contains(address) || recipients.contains(&mailbox)
            })
        };
        read(file).is_some_and(names)
    };
    let (known, unknown): (Vec<_>, Vec<_>) = failed.iter().partition(understood);
    assert!(known.len() * 100 >= failed.len() * 98, "{} of {}: {unknown:#?}", known.len(), failed.len());
}
