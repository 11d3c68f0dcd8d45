//! The verification question (R64): which of four words holds a letter. A text puzzle alone stops no
//! script; limits stand beside it. It is asked at sign-up only (G13).

use chrono::Duration;
use rand::{RngExt, seq::IndexedRandom};

use crate::{
    db::{Query, statement, value::SurrealValue},
    http::{Fault, Portal},
    words::Moment,
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

statement! {
    Open { owner: String, now: Moment } -> Option<Row>;
    reads challenge;
    "SELECT subject, proved FROM ONLY type::record('challenge', ['verification', $owner]) WHERE expires > $now"
}

statement! {
    Put { owner: String, subject: String, answer: String, expires: Moment };
    writes challenge;
    "UPSERT type::record('challenge', ['verification', $owner]) SET kind = 'verification', subject = $subject,
        answer = $answer, tries = 0, proved = false, expires = $expires RETURN NONE;"
}

statement! {
    Prove { owner: String, answers: Vec<String>, now: Moment } -> Option<bool>;
    reads challenge;
    writes challenge;
    "LET $id = type::record('challenge', ['verification', $owner]);
     LET $row = (SELECT answer, proved FROM ONLY $id WHERE expires > $now);
     IF $row = NONE { RETURN false };
     IF $row.proved { RETURN true };
     IF $row.answer IN $answers { UPDATE $id SET proved = true RETURN NONE; RETURN true };
     DELETE $id;
     RETURN false;"
}

statement! {
    Forget { owner: String };
    writes challenge;
    "DELETE type::record('challenge', ['verification', $owner]);"
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
        let row = portal.db.ask(Open { owner: owner.to_owned(), now }).await?;
        if let Some(question) = row.and_then(|row| Self::of_subject(&row.subject, row.proved)) {
            return Ok(question);
        }
        let question = Self::draw();
        let put = Put {
            owner: owner.to_owned(),
            subject: question.to_subject(),
            answer: portal.keys.hash("verification", question.answer().as_bytes()),
            expires: now + LASTS,
        };
        put.run(&portal.db).await?;
        Ok(question)
    }

    /// Whether this is the answer, without regard to case and spaces. A wrong one is used up: the
    /// next page asks another.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_answered_by(portal: &Portal, owner: &str, typed: &str) -> Result<bool, Fault> {
        let typed: String = typed.chars().filter(|letter| !letter.is_whitespace()).collect::<String>().to_lowercase();
        let prove = Prove {
            owner: owner.to_owned(),
            answers: portal.keys.hashes("verification", typed.as_bytes()),
            now: portal.now(),
        };
        Ok(prove.run(&portal.db).await?.unwrap_or(false))
    }

    /// Forgets the question, so that the next page asks another (R67).
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget(portal: &Portal, owner: &str) -> Result<(), Fault> {
        Ok(Forget { owner: owner.to_owned() }.run(&portal.db).await?)
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
