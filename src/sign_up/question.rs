//! The verification question (R64): which of four words holds a letter. A text puzzle alone stops no
//! script; limits stand beside it. It is asked at sign-up only (G13).

use chrono::Duration;
use rand::{RngExt, seq::IndexedRandom};

use crate::{
    db::{Ask, value::SurrealValue},
    http::{Fault, Portal},
};

/// How long a question may be answered.
const LASTS: Duration = Duration::minutes(30);

/// Words to choose from: short, plain, and easy to tell apart.
const WORDS: [&str; 40] = [
    "carload",
    "exact",
    "assail",
    "portfolio",
    "garden",
    "window",
    "branch",
    "silver",
    "lantern",
    "market",
    "orchard",
    "pepper",
    "quarter",
    "ribbon",
    "summit",
    "timber",
    "umbrella",
    "velvet",
    "whistle",
    "yellow",
    "zipper",
    "anchor",
    "basket",
    "candle",
    "dolphin",
    "engine",
    "feather",
    "glacier",
    "harbor",
    "island",
    "jacket",
    "kitten",
    "ladder",
    "mirror",
    "needle",
    "ocean",
    "puzzle",
    "rocket",
    "saddle",
    "tunnel",
];

/// A question: four words, one of which holds the letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The words.
    pub words: Vec<String>,
    /// The letter.
    pub letter: char,
    /// Whether it was answered; then it is not asked again.
    pub answered: bool,
}

#[derive(SurrealValue)]
struct Row {
    subject: String,
    proved: bool,
}

impl Question {
    /// Draws a question.
    fn draw() -> Self {
        let mut source = rand::rng();
        loop {
            let letter = char::from(b'a' + source.random_range(0..26));
            let (with, without): (Vec<&str>, Vec<&str>) = WORDS.iter().partition(|word| word.contains(letter));
            let Some(right) = with.choose(&mut source) else { continue };
            if without.len() < 3 {
                continue;
            }
            let mut words: Vec<String> = without.sample(&mut source, 3).map(|word| (*word).to_owned()).collect();
            words.insert(source.random_range(0..=3), (*right).to_owned());
            return Self { words, letter, answered: false };
        }
    }

    fn answer(&self) -> &str {
        self.words.iter().find(|word| word.contains(self.letter)).map_or("", String::as_str)
    }

    /// The question as a sentence.
    pub fn sentence(&self) -> String {
        format!("Which word from list \"{}\" contains the letter \"{}\"?", self.words.join(", "), self.letter)
    }

    fn to_subject(&self) -> String {
        format!("{} {}", self.letter, self.words.join(" "))
    }

    fn of_subject(subject: &str, answered: bool) -> Option<Self> {
        let (letter, words) = subject.split_once(' ')?;
        Some(Self { letter: letter.chars().next()?, words: words.split(' ').map(String::from).collect(), answered })
    }

    /// The question that this browser is asked; a new one if there is none or it is too old.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn open(portal: &Portal, owner: &str) -> Result<Self, Fault> {
        let now = portal.now();
        let ask = Ask::new(
            "SELECT subject, proved FROM ONLY type::record('challenge', ['verification', $owner]) WHERE expires > $now",
        )
        .with("owner", owner.to_owned())
        .with("now", now);
        let row: Option<Row> = portal.db.ask(ask).await?.one(0)?;
        if let Some(question) = row.and_then(|row| Self::of_subject(&row.subject, row.proved)) {
            return Ok(question);
        }
        let question = Self::draw();
        let ask = Ask::new(
            "UPSERT type::record('challenge', ['verification', $owner]) SET kind = 'verification', subject = $subject,
                answer = $answer, tries = 0, proved = false, expires = $expires RETURN NONE",
        )
        .with("owner", owner.to_owned())
        .with("subject", question.to_subject())
        .with("answer", portal.keys.hash("verification", question.answer().as_bytes()))
        .with("expires", now + LASTS);
        portal.db.ask(ask).await?;
        Ok(question)
    }

    /// Whether this is the answer, without regard to case and spaces. A wrong one is used up: the
    /// next page asks another.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_answered_by(portal: &Portal, owner: &str, typed: &str) -> Result<bool, Fault> {
        let typed: String = typed.chars().filter(|letter| !letter.is_whitespace()).collect::<String>().to_lowercase();
        let ask = Ask::new(
            "{
                LET $id = type::record('challenge', ['verification', $owner]);
                LET $row = (SELECT answer, proved FROM ONLY $id WHERE expires > $now);
                IF $row = NONE { RETURN false };
                IF $row.proved { RETURN true };
                IF $row.answer IN $answers { UPDATE $id SET proved = true RETURN NONE; RETURN true };
                DELETE $id;
                RETURN false;
            }",
        )
        .with("owner", owner.to_owned())
        .with("answers", portal.keys.hashes("verification", typed.as_bytes()))
        .with("now", portal.now());
        Ok(portal.db.ask(ask).await?.one(0)?.unwrap_or(false))
    }

    /// Forgets the question, so that the next page asks another (R67).
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget(portal: &Portal, owner: &str) -> Result<(), Fault> {
        let ask =
            Ask::new("DELETE type::record('challenge', ['verification', $owner])").with("owner", owner.to_owned());
        portal.db.ask(ask).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Question;

    #[test]
    fn exactly_one_word_holds_the_letter() {
        for _ in 0..200 {
            let question = Question::draw();
            assert_eq!(question.words.len(), 4);
            assert_eq!(question.words.iter().filter(|word| word.contains(question.letter)).count(), 1);
            assert_eq!(Question::of_subject(&question.to_subject(), false), Some(question));
        }
    }
}
