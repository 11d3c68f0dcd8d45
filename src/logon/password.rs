//! The password rules, as the slides state them (R71–R75, G10), shown live and enforced alike.

use std::io;

use actix_web::HttpRequest;

use crate::{
    form::{Faults, Fields},
    http::{Fault, Portal},
    page::{Markup, html},
    services::BreachedPasswords,
};

/// The longest password that is taken. Nothing is cut off.
const LONGEST: usize = 256;
/// Letters that a name has, and that have to be beside it.
const SHORTEST_WORD: usize = 4;
/// How many letters are compared with lists of passwords.
const COMPARED: usize = 32;

/// One rule and whether a password keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The rule, as a sentence.
    pub text: &'static str,
    /// Whether it is kept.
    pub met: bool,
}

/// What anybody would try first: the owner's user ID, the names of the agency and its portal, and what was stolen from
/// other sites (docs/rules.md).
#[derive(Default)]
pub struct Context {
    user_id: String,
    words: Vec<String>,
    breached: Option<BreachedPasswords>,
}

impl Context {
    /// What this owner's password must not be based on.
    pub fn of(portal: &Portal, user_id: &str) -> Self {
        let agency = portal.agency();
        let host = portal.public_url.split("://").last().unwrap_or_default();
        let names = [&agency.name, &agency.office, &agency.portal, &agency.logon_system, host, "springboard"];
        let words = names.iter().flat_map(|name| name.split(|letter: char| !letter.is_alphanumeric()));
        let words = words.filter(|word| word.chars().count() >= SHORTEST_WORD).map(str::to_lowercase).collect();
        Self { user_id: user_id.to_owned(), words, breached: portal.breached_passwords.clone() }
    }

    fn was_stolen(&self, password: &str) -> io::Result<bool> {
        self.breached.as_ref().map_or(Ok(false), |breached| breached.contains(password))
    }
}

/// The rules that can be told without the password's history.
///
/// `was_stolen`: whether it is in the file of stolen ones. What is longer than a password or a user ID may be is cut first:
/// comparing takes time.
fn rules(password: &str, context: &Context, was_stolen: bool) -> [Rule; 4] {
    let cut = |text: &str, longest: usize| text.chars().take(longest).collect::<String>();
    let (password, user_id) = (cut(password, LONGEST + 1), cut(&context.user_id, 64));
    let (password, user_id) = (password.as_str(), user_id.as_str());
    [
        Rule { text: "Must be at least 8 characters in length", met: password.chars().count() >= 8 },
        Rule { text: "Must include characters from 3 of the following categories:", met: categories(password) >= 3 },
        Rule {
            text: "Should not be based on your User ID",
            met: !password.is_empty() && !is_based_on(password, user_id),
        },
        Rule {
            text: "Should not be a password that many people use, or that was stolen from another site",
            met: !password.is_empty()
                && !is_common(password, user_id)
                && !is_a_name(password, &context.words)
                && !was_stolen,
        },
    ]
}

/// What each category holds. Other characters are allowed but do not count (R73).
pub const CATEGORIES: [&str; 4] =
    ["Upper case letters (A-Z)", "Lower case letters (a-z)", "Numbers (0-9)", "Special characters (!$#,%@~^&* _-+=><)"];

/// How many of the four categories a password has. The blank between `*` and `_` in the slides'
/// list counts as a special character.
fn categories(password: &str) -> usize {
    let kinds: [fn(char) -> bool; 4] = [
        |letter| letter.is_ascii_uppercase(),
        |letter| letter.is_ascii_lowercase(),
        |letter| letter.is_ascii_digit(),
        |letter| "!$#,%@~^&* _-+=><".contains(letter),
    ];
    kinds.into_iter().filter(|kind| password.chars().any(kind)).count()
}

/// Whether it holds the user ID, forwards or backwards, or hardly differs from it (R75).
fn is_based_on(password: &str, user_id: &str) -> bool {
    let (password, user_id) = (password.to_lowercase(), user_id.trim().to_lowercase());
    if user_id.chars().count() < 4 {
        return false;
    }
    let backwards: String = user_id.chars().rev().collect();
    password.contains(&user_id) || password.contains(&backwards) || distance(&password, &user_id) <= 2
}

/// Whether it is made of the names, with hardly anything else but digits and signs: `Michigan2026!`.
fn is_a_name(password: &str, words: &[String]) -> bool {
    let password = password.to_lowercase();
    let rest = words.iter().fold(password.clone(), |rest, word| rest.replace(word, ""));
    rest != password && rest.chars().filter(|letter| letter.is_alphabetic()).count() < SHORTEST_WORD
}

/// How many letters must be changed, added or taken out (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, letter) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, against) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *against);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

/// Whether it can be guessed in a million tries, by `zxcvbn`'s lists of passwords, names and words. It looks at the first
/// letters only: its time grows with the square of their number, and more of them than that are no password that many use.
fn is_common(password: &str, user_id: &str) -> bool {
    let head: String = password.chars().take(COMPARED).collect();
    zxcvbn::zxcvbn(&head, &[user_id]).guesses() < 1_000_000
}

/// Reads a new password, typed twice; its strength is looked at in a pool.
///
/// # Errors
/// [`Fault::TooMany`] or [`Fault::Busy`] when too many are looked at, [`Fault::Away`] when the file of stolen ones can't be
/// read: none is taken unseen. Within: what is wrong, beside the fields.
pub async fn read(
    portal: &Portal,
    request: &HttpRequest,
    posted: &Fields,
    user_id: &str,
) -> Result<Result<String, Faults>, Fault> {
    let address = portal.address(request);
    if !portal.password_checks.allows(&address) {
        return Err(Fault::TooMany);
    }
    let typed = ["password", "password-again"];
    let typed = typed.iter().fold(Fields::default(), |fields, name| fields.with(name, posted.text(name)));
    let context = Context::of(portal, user_id);
    let look = move || context.was_stolen(typed.text("password")).map(|was_stolen| parse(&typed, &context, was_stolen));
    let looked = portal.pools.text.run(Some(&address), look).await?;
    looked.map_err(|fault| Fault::Away(format!("stolen passwords can't be looked up: {fault}")))
}

/// Reads a new password, typed twice.
fn parse(fields: &Fields, context: &Context, was_stolen: bool) -> Result<String, Faults> {
    let (password, again) = (fields.text("password"), fields.text("password-again"));
    let mut faults = Faults::default();
    if password.is_empty() {
        faults.add("password", "Enter a password.");
    } else if password.chars().count() > LONGEST {
        faults.add("password", "Use at most 256 characters.");
    } else if let Some(broken) = rules(password, context, was_stolen).into_iter().find(|rule| !rule.met) {
        faults.add("password", format!("Password: {}.", broken.text.trim_end_matches(':')));
    }
    if password != again {
        faults.add("password-again", "The two passwords are not the same.");
    }
    faults.or(Some(password.to_owned()))
}

/// The list of rules with a tick at each that is kept (R79); the same function serves the page and
/// the live check.
pub fn guidelines(password: &str, context: &Context) -> Markup {
    // No more than help while typing: what is sent is looked up again, and not taken unseen.
    let was_stolen = context.was_stolen(password).unwrap_or(false);
    html! {
        @for rule in rules(password, context, was_stolen) {
            li class=[rule.met.then_some("met")] {
                span class="icon" aria-hidden="true" { (if rule.met { "✓" } else { "○" }) }
                (rule.text)
                @if rule.met { span class="unseen" { " (met)" } }
                @if rule.text.ends_with(':') { ul { @for category in CATEGORIES { li { (category) } } } }
            }
        }
        li { span class="icon" aria-hidden="true" { "○" } "Should not be one of the last 3 used passwords" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(user_id: &str) -> Context {
        Context { user_id: user_id.to_owned(), words: vec!["michigan".into(), "cars".into()], breached: None }
    }

    fn keeps_all(password: &str, user_id: &str) -> bool {
        rules(password, &of(user_id), false).iter().all(|rule| rule.met)
    }

    #[test]
    fn a_name_of_the_agency_with_a_year_is_tried_first() {
        for password in ["Michigan2026!", "!2026-michigan", "Cars-Cars-2026", "Michigan#Cars1"] {
            assert!(!keeps_all(password, "smithj9999"), "{password}");
        }
        assert!(keeps_all("Michigan-Torque7", "smithj9999"), "with words of one's own");
    }

    #[test]
    fn the_slides_rules() {
        assert!(keeps_all("Wrench-Torque7", "mechanicschool"));
        assert!(keeps_all("correct horse Battery", "mechanicschool"), "the blank counts as special");
        for broken in ["Ab1-xyz", "alllowercase", "ALLUPPER123", "Password1!", "Mechanicschool1", "loohcscinahceM1", ""]
        {
            assert!(!keeps_all(broken, "mechanicschool"), "{broken}");
        }
    }

    #[test]
    fn a_close_copy_of_the_user_id_is_based_on_it() {
        assert!(is_based_on("Sm1thj9999", "smithj9999"));
        assert!(!is_based_on("Wrench-Torque7", "smithj9999"));
    }

    #[test]
    fn a_text_without_end_takes_no_time() {
        let long = "aB3".repeat(100_000);
        assert_eq!(rules(&long, &of(&long), false).len(), 4);
        // Each letter may stand for several others: a hundred of them took a second in a release build.
        let odd = "4@8({[<369!1|0$5+7%2".repeat(5);
        assert!(rules(&odd, &of("smithj9999"), false)[0].met);
    }

    #[test]
    fn both_typings_must_be_the_same() {
        let fields = Fields::default().with("password", "Wrench-Torque7").with("password-again", "Wrench-Torque8");
        assert!(parse(&fields, &of("smithj9999"), false).unwrap_err().of("password-again").is_some());
    }
}
