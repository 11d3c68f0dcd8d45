//! What goes to many accounts: a second employee releases it, and staff pause it, go on with it or stop it for good. Bulk
//! posts and campaigns are two of the kind.

pub mod pages;
pub mod routes;

use crate::{
    audit::{self, Deed},
    db::{Db, DbError, Query, Transaction, statement, value::SurrealValue},
    session::staff::{By, Clerk, Supervisor},
    words::Moment,
};

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SurrealValue)]
#[surreal(untagged, rename_all = "lowercase")]
pub enum State {
    /// A second employee has to release it.
    Unreleased,
    /// Its time has not come.
    Waiting,
    /// Some accounts have it.
    Running,
    /// Stopped for a while.
    Paused,
    /// All accounts have it.
    Done,
    /// Stopped for good.
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

/// What staff do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Releases another employee's.
    Release,
    /// Goes on.
    Resume,
    /// Stops it for a while.
    Pause,
    /// Stops it for good.
    Cancel,
}

impl Act {
    /// All of them, in the order of their buttons.
    pub const ALL: [Self; 4] = [Self::Release, Self::Resume, Self::Pause, Self::Cancel];

    /// Its word in addresses.
    pub fn word(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Resume => "resume",
            Self::Pause => "pause",
            Self::Cancel => "cancel",
        }
    }

    /// The act of this word; a release has an address of its own, which asks for another role.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| *act != Self::Release && act.word() == word)
    }

    /// Whether it is possible now, for this employee.
    pub fn is_possible(self, standing: &Standing<'_>, by: By<'_>) -> bool {
        match self {
            Self::Release => {
                standing.state == State::Unreleased && standing.author != by.id && by.role.may::<Supervisor>()
            }
            _ if !by.role.may::<Clerk>() => false,
            Self::Resume => standing.state == State::Paused,
            Self::Pause => matches!(standing.state, State::Waiting | State::Running),
            Self::Cancel => !matches!(standing.state, State::Done | State::Cancelled),
        }
    }
}

/// Where one stands, and whose it is.
pub struct Standing<'a> {
    /// Its id.
    pub id: &'a str,
    /// Who wrote it: the employee's id.
    pub author: &'a str,
    /// Where it stands.
    pub state: State,
    /// Counted by each start.
    pub round: i64,
    /// Where it came to: the number of the last account.
    pub after: &'a str,
}

/// A kind of what goes to many accounts.
pub trait Releasable: Sized + 'static {
    /// Its table; a record has `state`, `round`, `after`, `author`, `released_by` and `changed`.
    const TABLE: &'static str;
    /// The one of this id.
    fn find(db: &Db, id: &str) -> impl Future<Output = Result<Option<Self>, DbError>>;

    /// Where it stands.
    fn standing(&self) -> Standing<'_>;

    /// Where it stands once it begins, or goes on.
    fn begun(&self, now: Moment) -> State;

    /// Statements that enqueue its job, from where it came to.
    fn begin(&self, round: i64, now: Moment) -> Transaction;

    /// What the audit calls an act.
    fn deed(act: Act) -> Deed;

    /// The path of its page.
    fn path(&self) -> String;
}

statement! {
    ActOn {
        table: &'static str, id: String, by: String, was: State, from: String, begins: bool, round: i64, state: State,
        released_by: Option<String>, now: Moment,
    };
    writes bulk_post, campaign, change;
    "LET $acted = (UPDATE type::record($table, $id) SET state = $state, round = $round,
        released_by = $released_by ?? released_by, changed = $now
        WHERE state = $was AND (!$begins OR after = $from) AND (state != 'unreleased' OR $released_by = NONE OR author != $by) RETURN VALUE round);
     IF $acted = [] { RETURN NONE };
     CREATE type::record('change', rand::ulid()) SET logons = ['staff'], what = 'facts' RETURN NONE;"
}

/// Does what an employee asks for, if it still stands as they saw it. It goes on only from where it was seen: a job that ran
/// while it was paused may have come further.
///
/// # Errors
/// When the database does not answer.
pub async fn act<R: Releasable>(db: &Db, it: &R, act: Act, by: By<'_>, now: Moment) -> Result<(), DbError> {
    let standing = it.standing();
    let (state, begins) = match act {
        Act::Release | Act::Resume => (it.begun(now), true),
        Act::Pause => (State::Paused, false),
        Act::Cancel => (State::Cancelled, false),
    };
    let round = standing.round + i64::from(begins);
    let act_on = ActOn {
        table: R::TABLE,
        id: standing.id.to_owned(),
        by: by.id.to_owned(),
        was: standing.state,
        from: standing.after.to_owned(),
        begins,
        round,
        state,
        released_by: (act == Act::Release).then(|| by.name.to_owned()),
        now,
    };
    act_on
        .then(audit::row(now, by.id, R::deed(act), standing.id, ""))
        .then(if begins { it.begin(round, now) } else { Transaction::default() })
        .run(db)
        .await
}
