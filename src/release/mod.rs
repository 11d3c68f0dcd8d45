//! What goes to many accounts: a second employee releases it, and staff pause it, go on with it or stop it for good. Bulk
//! posts and campaigns are two of the kind.

pub mod pages;
pub mod routes;

use crate::{
    audit::{self, Deed},
    db::{Db, DbError, Transaction, value::SurrealValue},
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
    /// The one of this id.
    fn find(db: &Db, id: &str) -> impl Future<Output = Result<Option<Self>, DbError>>;

    /// Where it stands.
    fn standing(&self) -> Standing<'_>;

    /// Where it stands once it begins, or goes on.
    fn begun(&self, now: Moment) -> State;

    /// The statement that moves it: `moves!` declares it.
    fn moved(to: Move) -> Transaction;

    /// Statements that enqueue its job, from where it came to.
    fn begin(&self, round: i64, now: Moment) -> Transaction;

    /// What the audit calls an act.
    fn deed(act: Act) -> Deed;

    /// The path of its page.
    fn path(&self) -> String;
}

/// How a bulk operation is to stand after an act, if it still stands as it was seen.
pub struct Move {
    /// Its id.
    pub id: String,
    /// Who acts.
    pub by: String,
    /// Where it was seen to stand.
    pub was: State,
    /// Where it was seen to have come to.
    pub from: String,
    /// Whether it begins or goes on, which it does only from there.
    pub begins: bool,
    /// Its round from now on.
    pub round: i64,
    /// Where it stands then.
    pub state: State,
    /// Who released it, if that is the act.
    pub released_by: Option<String>,
    /// When.
    pub now: Moment,
}

/// Declares, in the slice that owns a table of bulk operations, the statement that moves one of them. If it does not stand as
/// it was seen, the transaction ends there, and what follows is not done.
macro_rules! moves {
    ($table:ident) => {
        $crate::db::statement! {
            MoveIt {
                id: String, by: String, was: $crate::release::State, from: String, begins: bool, round: i64,
                state: $crate::release::State, released_by: Option<String>, now: $crate::words::Moment,
            };
            writes $table;
            changes Staff;
            concat!(
                "LET $moved = (UPDATE type::record('", stringify!($table), "', $id) SET state = $state, round = $round,
                    released_by = $released_by ?? released_by, changed = $now
                    WHERE state = $was AND (!$begins OR after = $from)
                        AND (state != 'unreleased' OR $released_by = NONE OR author != $by) RETURN VALUE round);
                 IF $moved = [] { RETURN NONE };"
            )
        }

        impl From<$crate::release::Move> for MoveIt {
            fn from(to: $crate::release::Move) -> Self {
                let $crate::release::Move { id, by, was, from, begins, round, state, released_by, now } = to;
                Self { id, by, was, from, begins, round, state, released_by, now }
            }
        }
    };
}
pub(crate) use moves;

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
    let moved = Move {
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
    R::moved(moved)
        .then(audit::row(now, by.id, R::deed(act), standing.id, ""))
        .then(if begins { it.begin(round, now) } else { Transaction::default() })
        .run(db)
        .await
}
