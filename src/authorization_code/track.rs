//! What became of a code, step by step: as whoever asked for it and staff see it (R143). Nobody sees the code.

use super::Channel;
use crate::{
    db::{Db, DbError, statement, value::SurrealValue},
    page::track::Mark,
    words::{AccountId, AccountNumber, Moment},
};

/// Where a code stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SurrealValue)]
#[surreal(untagged)]
pub enum State {
    /// It is not handed over yet.
    #[surreal(rename = "waiting")]
    Waiting,
    /// It is, and may be typed in.
    #[surreal(rename = "handed over")]
    HandedOver,
    /// It could not be.
    #[surreal(rename = "undeliverable")]
    Undeliverable,
    /// It was typed in.
    #[surreal(rename = "used")]
    Used,
    /// Another one took its place, or staff or wrong tries made it void.
    #[surreal(rename = "void")]
    Void,
    /// Nobody typed it in in time.
    #[surreal(rename = "expired")]
    Expired,
    /// Its letter came back.
    #[surreal(rename = "returned")]
    Returned,
}

impl State {
    /// All of them, as lists offer them.
    pub const ALL: [Self; 7] =
        [Self::Waiting, Self::HandedOver, Self::Undeliverable, Self::Used, Self::Void, Self::Expired, Self::Returned];

    /// Its name on pages and in addresses.
    pub fn label(self) -> &'static str {
        match self {
            Self::Waiting => "on its way",
            Self::HandedOver => "may be used",
            Self::Undeliverable => "undeliverable",
            Self::Used => "used",
            Self::Void => "void",
            Self::Expired => "expired",
            Self::Returned => "returned",
        }
    }

    /// The state of this name.
    pub fn of_label(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.label() == label)
    }

    fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::HandedOver => "handed over",
            other => other.label(),
        }
    }

    /// Whether it may still be made void.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Waiting | Self::HandedOver)
    }
}

#[derive(Clone, Copy, Debug, Default, SurrealValue)]
struct LetterMarks {
    printed: Option<Moment>,
    mailed: Option<Moment>,
    expected: Option<Moment>,
}

#[derive(SurrealValue)]
struct Row {
    id: String,
    kind: String,
    number: String,
    logon: String,
    user_id: Option<String>,
    channel: String,
    state: State,
    submission: i64,
    requested: Moment,
    handed_over: Option<Moment>,
    expires: Option<Moment>,
    ended: Option<Moment>,
    rank: i64,
    said: Option<String>,
    letter: Option<LetterMarks>,
}

/// A code with all that is known of it.
#[derive(Clone, Debug)]
pub struct Tracked {
    /// Its id.
    pub id: String,
    /// For which account.
    pub account: AccountId,
    /// Who asked: the logon.
    pub logon: String,
    /// And its user ID.
    pub user_id: String,
    /// How it travels.
    pub channel: Channel,
    /// Where it stands.
    pub state: State,
    /// The request's confirmation number.
    pub submission: i64,
    /// When it was asked for.
    pub requested: Moment,
    /// Until when it may be used, once it was handed over.
    pub expires: Option<Moment>,
    /// Its place in lists.
    pub rank: i64,
    /// Why it could not be delivered.
    pub said: Option<String>,
    handed_over: Option<Moment>,
    ended: Option<Moment>,
    letter: LetterMarks,
}

impl Tracked {
    /// The steps of its way: those that have come, and those that will.
    pub fn track(&self, now: Moment) -> Vec<Mark> {
        let came = |label, at: Option<Moment>| Mark { label, at, is_reached: at.is_some() };
        let ended = |label, at| Mark { label, at, is_reached: true };
        let mut marks = vec![came("Requested", Some(self.requested))];
        let is_over = !self.state.is_live();
        let on_the_way = match self.channel {
            Channel::Email => vec![came("E-mailed", self.handed_over)],
            Channel::Letter => {
                let expected = self.letter.expected;
                let arrived =
                    Mark { label: "Expected by", at: expected, is_reached: expected.is_some_and(|by| by <= now) };
                vec![came("Printed", self.letter.printed), came("Mailed", self.letter.mailed), arrived]
            }
        };
        // What did not come before the end will not come any more.
        marks.extend(on_the_way.into_iter().filter(|mark| !is_over || mark.is_reached));
        marks.push(match self.state {
            State::Waiting | State::HandedOver => {
                Mark { label: "Expires", at: self.expires, is_reached: self.expires.is_some_and(|at| at <= now) }
            }
            State::Used => ended("Used", self.ended),
            State::Void => ended("Void", self.ended),
            State::Expired => ended("Expired", self.ended.or(self.expires)),
            State::Returned => ended("The letter came back", self.ended),
            State::Undeliverable => ended("Could not be delivered", self.ended),
        });
        marks
    }
}

/// Beside the code itself, what became of its letter, whose name tells the code.
macro_rules! columns {
    () => {
        "record::id(id) AS id, kind, number, logon, type::record('logon', logon).user_id AS user_id, channel, state,
         submission, requested, handed_over, expires, ended, rank, said,
         type::record('letter', 'letter-' + string::lowercase(record::id(id))).{ printed, mailed, expected } AS letter"
    };
}

fn read(row: Row) -> Result<Tracked, DbError> {
    let number = AccountNumber::parse(&row.number).map_err(|_| DbError::Broken("a code names no account".into()))?;
    Ok(Tracked {
        id: row.id,
        account: AccountId::new(row.kind, number),
        logon: row.logon,
        user_id: row.user_id.unwrap_or_else(|| "gone".into()),
        channel: if row.channel == Channel::Letter.word() { Channel::Letter } else { Channel::Email },
        state: row.state,
        submission: row.submission,
        requested: row.requested,
        expires: row.expires,
        rank: row.rank,
        said: row.said,
        handed_over: row.handed_over,
        ended: row.ended,
        letter: row.letter.unwrap_or_default(),
    })
}

/// Which codes are listed.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Those in one state.
    pub state: Option<State>,
    /// Those of one account.
    pub account: Option<AccountId>,
}

statement! {
    All { after: i64, most: i64 } -> Vec<Row>;
    reads code, letter, logon;
    concat!("SELECT ", columns!(), " FROM code WITH INDEX code_rank WHERE rank > $after ORDER BY rank LIMIT $most")
}

statement! {
    InState { state: &'static str, after: i64, most: i64 } -> Vec<Row>;
    reads code, letter, logon;
    concat!(
        "SELECT ", columns!(), " FROM code WITH INDEX code_state WHERE state = $state AND rank > $after
         ORDER BY rank LIMIT $most"
    )
}

statement! {
    OfAccount { kind: String, number: String, after: i64, most: i64 } -> Vec<Row>;
    reads code, letter, logon;
    concat!(
        "SELECT ", columns!(), " FROM code WITH INDEX code_account WHERE kind = $kind AND number = $number AND rank > $after
         ORDER BY rank LIMIT $most"
    )
}

statement! {
    OfAccountInState { kind: String, number: String, state: &'static str, after: i64, most: i64 } -> Vec<Row>;
    reads code, letter, logon;
    concat!(
        "SELECT ", columns!(), " FROM code WITH INDEX code_account WHERE kind = $kind AND number = $number AND rank > $after
            AND state = $state ORDER BY rank LIMIT $most"
    )
}

/// Codes after a place, newest first: all, or those in one state.
///
/// # Errors
/// When the database does not answer.
pub async fn list(db: &Db, wanted: &Wanted, after: i64, most: usize) -> Result<Vec<Tracked>, DbError> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let of = |account: &AccountId| (account.kind.clone(), account.number.digits());
    let rows = match (wanted.state.map(State::word), wanted.account.as_ref().map(of)) {
        (None, None) => db.ask(All { after, most }).await?,
        (Some(state), None) => db.ask(InState { state, after, most }).await?,
        (None, Some((kind, number))) => db.ask(OfAccount { kind, number, after, most }).await?,
        (Some(state), Some((kind, number))) => db.ask(OfAccountInState { kind, number, state, after, most }).await?,
    };
    all(rows)
}

statement! {
    LatestOfAccount { kind: String, number: String } -> Vec<Row>;
    reads code, letter, logon;
    concat!(
        "SELECT ", columns!(), " FROM code WITH INDEX code_account WHERE kind = $kind AND number = $number
         ORDER BY rank LIMIT 10"
    )
}

/// The latest codes of an account.
///
/// # Errors
/// When the database does not answer.
pub async fn of_account(db: &Db, account: &AccountId) -> Result<Vec<Tracked>, DbError> {
    all(db.ask(LatestOfAccount { kind: account.kind.clone(), number: account.number.digits() }).await?)
}

statement! {
    OfSubmission { submission: i64 } -> Vec<Row>;
    reads code, letter, logon;
    concat!(
        "SELECT ", columns!(), " FROM code WITH INDEX code_submission WHERE submission = $submission
         ORDER BY rank LIMIT 10"
    )
}

/// The codes that a submission asked for, newest first: one, and those that were sent in its place.
///
/// # Errors
/// When the database does not answer.
pub async fn of_submission(db: &Db, number: i64) -> Result<Vec<Tracked>, DbError> {
    all(db.ask(OfSubmission { submission: number }).await?)
}

statement! {
    Find { id: String } -> Option<Row>;
    reads code, letter, logon;
    concat!("SELECT ", columns!(), " FROM ONLY type::record('code', $id)")
}

/// One code.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &Db, id: &str) -> Result<Option<Tracked>, DbError> {
    if id.is_empty() {
        return Ok(None);
    }
    db.ask(Find { id: id.to_owned() }).await?.map(read).transpose()
}

fn all(rows: Vec<Row>) -> Result<Vec<Tracked>, DbError> {
    rows.into_iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: u32) -> Moment {
        format!("2026-11-{day:02}T12:00:00Z").parse().unwrap()
    }

    fn by_letter(state: State, letter: LetterMarks, ended: Option<Moment>) -> Tracked {
        Tracked {
            id: "x".into(),
            account: AccountId::new("dealer", AccountNumber::parse("1").unwrap()),
            logon: "l".into(),
            user_id: "u".into(),
            channel: Channel::Letter,
            state,
            submission: 1,
            requested: at(1),
            expires: Some(at(30)),
            rank: 0,
            said: None,
            handed_over: Some(at(1)),
            ended,
            letter,
        }
    }

    fn labels(tracked: &Tracked, now: Moment) -> Vec<(&'static str, bool)> {
        tracked.track(now).into_iter().map(|mark| (mark.label, mark.is_reached)).collect()
    }

    #[test]
    fn a_letter_on_its_way_shows_what_will_come() {
        let letter = LetterMarks { printed: Some(at(2)), mailed: Some(at(3)), expected: Some(at(10)) };
        let code = by_letter(State::HandedOver, letter, None);
        let expected =
            [("Requested", true), ("Printed", true), ("Mailed", true), ("Expected by", false), ("Expires", false)];
        assert_eq!(labels(&code, at(4)), expected);
        assert!(labels(&code, at(11)).contains(&("Expected by", true)));
    }

    #[test]
    fn what_did_not_come_before_the_end_is_left_out() {
        let letter = LetterMarks { printed: Some(at(2)), ..LetterMarks::default() };
        let code = by_letter(State::Void, letter, Some(at(3)));
        assert_eq!(labels(&code, at(4)), [("Requested", true), ("Printed", true), ("Void", true)]);
        let code = by_letter(State::Returned, LetterMarks::default(), None);
        assert_eq!(labels(&code, at(4)), [("Requested", true), ("The letter came back", true)]);
    }

    #[test]
    fn every_state_has_a_name_of_its_own() {
        for state in State::ALL {
            assert_eq!(State::of_label(state.label()), Some(state));
        }
    }
}
