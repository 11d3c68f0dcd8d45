//! Bulk posts: one message to many accounts, posted by a job a few at a time, with progress that staff see, pause and
//! stop. Above a size that the agency sets, a second employee releases it.

pub mod audience;
mod audience_pages;
pub mod audience_routes;
mod form;
pub mod jobs;
mod pages;
pub mod routes;
pub mod rows;

use crate::{
    store::value::SurrealValue,
    words::{AccountNumber, Agency, Moment},
};

/// Where a bulk post stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SurrealValue)]
#[surreal(untagged)]
pub enum State {
    /// A second employee has to release it.
    #[surreal(rename = "unreleased")]
    Unreleased,
    /// Its time has not come.
    #[surreal(rename = "waiting")]
    Waiting,
    /// Some accounts have it.
    #[surreal(rename = "running")]
    Running,
    /// Stopped for a while.
    #[surreal(rename = "paused")]
    Paused,
    /// All accounts have it.
    #[surreal(rename = "done")]
    Done,
    /// Stopped for good.
    #[surreal(rename = "cancelled")]
    Cancelled,
}

impl State {
    /// Its name on pages.
    pub fn label(self) -> &'static str {
        match self {
            Self::Unreleased => "waits for its release",
            Self::Waiting => "waits for its time",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A bulk post.
#[derive(Clone, Debug, SurrealValue)]
pub struct BulkPost {
    /// Its id.
    pub id: String,
    /// The subject, with places for an account's facts.
    pub subject: String,
    /// The text, likewise.
    pub body: String,
    /// Until when an answer is asked for.
    pub answer_by: Option<Moment>,
    /// Until when everyone is asked to confirm.
    pub confirm_by: Option<Moment>,
    /// How many days before that they are reminded.
    pub remind: Vec<i64>,
    /// The accounts' type.
    pub kind: String,
    /// Their numbers, in order; none means all of the type.
    pub numbers: Option<Vec<String>>,
    /// How many accounts it is for.
    pub total: i64,
    /// How many have it.
    pub posted: i64,
    /// The number of the last one that has it.
    pub after: String,
    /// Counted by each start after a pause.
    pub round: i64,
    /// Where it stands.
    pub state: State,
    /// Who wrote it: the employee's id.
    pub author: String,
    /// And name.
    pub author_name: String,
    /// Who released it: the name.
    pub released_by: Option<String>,
    /// When it was written.
    pub created: Moment,
    /// When it is to be posted, if that is later.
    pub due: Option<Moment>,
    /// Since when it stands there.
    pub changed: Moment,
}

/// An account as a bulk post reaches it.
#[derive(Clone, Debug, SurrealValue)]
pub struct Addressee {
    /// The account's number.
    pub number: String,
    /// Its name.
    pub name: String,
}

/// A text with an account's facts in their places: `{name}`, `{number}`, `{type}`.
pub fn filled(text: &str, agency: &Agency, kind: &str, to: &Addressee) -> String {
    let number = AccountNumber::parse(&to.number).map_or_else(|_| to.number.clone(), |number| number.to_string());
    // One pass: what a name holds is no place again.
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let places = [("{name}", to.name.as_str()), ("{number}", &number), ("{type}", agency.type_name(kind))];
        match places.into_iter().find(|(place, _)| rest.starts_with(place)) {
            Some((place, value)) => {
                out.push_str(value);
                rest = &rest[place.len()..];
            }
            None => {
                out.push('{');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::{Addressee, filled};
    use crate::words::{Agency, agency::SEED};

    #[test]
    fn facts_come_into_their_places_and_nothing_else_does() {
        let agency = Agency::parse(SEED).unwrap();
        let to = Addressee { number: "0000001005".into(), name: "{number} & SONS".into() };
        let text = "For {name}, {type} {number}: {other} {{name} {";
        assert_eq!(
            filled(text, &agency, "dealer", &to),
            "For {number} & SONS, Dealer 00-00001005: {other} {{number} & SONS {"
        );
    }
}
