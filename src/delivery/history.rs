//! What came of telling somebody, way by way.

use super::Way;
use crate::{db::value::SurrealValue, words::Moment};

/// What came of telling one person of one message. Only the first leads anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SurrealValue)]
#[surreal(untagged)]
pub enum State {
    /// Not told yet.
    #[surreal(rename = "waiting")]
    Waiting,
    /// The mail server took the e-mail.
    #[surreal(rename = "sent")]
    Sent,
    /// The person had read the message before.
    #[surreal(rename = "read before")]
    ReadBefore,
    /// The person wanted none, or had no access any more.
    #[surreal(rename = "not wanted")]
    NotWanted,
    /// The mail server refused for good, or for too long.
    #[surreal(rename = "undeliverable")]
    Undeliverable,
}

impl State {
    /// Its name in the database and on pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::ReadBefore => "read before",
            Self::NotWanted => "not wanted",
            Self::Undeliverable => "undeliverable",
        }
    }
}

/// A way that failed.
#[derive(Clone, Debug, SurrealValue)]
pub struct Step {
    /// Which.
    pub way: Way,
    /// What the server said, or what else was in the way.
    pub said: String,
    /// When.
    pub at: Moment,
}

/// What came of one alert.
#[derive(Clone, Debug, SurrealValue)]
pub struct History {
    /// Where it stands.
    pub state: State,
    /// The way that it waits for or left by, if it is not e-mail.
    pub way: Option<Way>,
    /// What the server said.
    pub said: String,
    /// Since when it stands there.
    pub changed: Moment,
    /// The ways that failed before.
    pub steps: Option<Vec<Step>>,
}

impl History {
    /// The ways that failed, in their order.
    pub fn failed(&self) -> &[Step] {
        self.steps.as_deref().unwrap_or_default()
    }

    /// Where it stands, and by which way.
    pub fn outcome(&self) -> String {
        let said = if self.said.is_empty() { String::new() } else { format!(" ({})", self.said) };
        match (self.state, self.way) {
            (State::Sent, Some(way)) => format!("sent by {}{said}", way.label()),
            (State::Waiting, Some(way)) => format!("waiting for a {}", way.label()),
            (state, _) => format!("{}{said}", state.word()),
        }
    }
}
