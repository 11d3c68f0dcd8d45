//! Campaigns and invitations in the database.

use springboard_jobs::{Campaign as Work, Invite, Job, NewTask};

use super::{Campaign, Outcomes, State, pages};
use crate::{
    account::Account,
    audit::{self, Deed},
    db::{Db, DbError, Query, Transaction, statement, value::SurrealValue},
    release::{self, Act, Move, Releasable, Standing},
    session::staff::By,
    words::{AccountId, Moment},
};

macro_rules! columns {
    () => {
        "record::id(id) AS id, name, kinds, at_kind, after, letters, pace, state, round, considered, by_email, by_letter,
        author, author_name, released_by, created, changed"
    };
}

/// How long an account that was invited is left alone.
const AGAIN: chrono::Duration = chrono::Duration::days(90);

/// What a new campaign needs.
#[derive(Clone, Debug)]
pub struct New {
    /// What staff call it.
    pub name: String,
    /// The types.
    pub kinds: Vec<String>,
    /// Whether letters are sent.
    pub letters: bool,
    /// The most invitations in an hour.
    pub pace: i64,
}

statement! {
    Create {
        id: String,
        name: String,
        kinds: Vec<String>,
        letters: bool,
        pace: i64,
        author: String,
        author_name: String,
        now: Moment,
    };
    writes campaign;
    changes Staff;
    "CREATE type::record('campaign', $id) SET name = $name, kinds = $kinds, letters = $letters, pace = $pace, state = 'unreleased',
        author = $author, author_name = $author_name, created = $now, changed = $now, rank = -time::nano($now) RETURN NONE;"
}

/// Writes a campaign; it waits for a second employee.
///
/// # Errors
/// When the database does not answer.
pub async fn create(db: &Db, id: &str, new: New, by: By<'_>, now: Moment) -> Result<(), DbError> {
    let New { name, kinds, letters, pace } = new;
    let written = audit::row(now, by.id, Deed::WroteCampaign, id, &name);
    Create {
        id: id.to_owned(),
        name,
        kinds,
        letters,
        pace,
        author: by.id.to_owned(),
        author_name: by.name.to_owned(),
        now,
    }
    .then(written)
    .run(db)
    .await
}

statement! {
    One { id: String } -> Option<Campaign>;
    reads campaign;
    concat!("SELECT ", columns!(), " FROM ONLY type::record('campaign', $id)")
}

/// One campaign.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &Db, id: &str) -> Result<Option<Campaign>, DbError> {
    if id.is_empty() {
        return Ok(None);
    }
    db.ask(One { id: id.to_owned() }).await
}

statement! {
    Latest { most: i64 } -> Vec<Campaign>;
    reads campaign;
    concat!("SELECT ", columns!(), ", rank FROM campaign WHERE rank < 0 ORDER BY rank LIMIT $most")
}

/// The latest campaigns, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn latest(db: &Db, most: i64) -> Result<Vec<Campaign>, DbError> {
    db.ask(Latest { most }).await
}

/// Invitations that could not be sent, of those that are shown with their reason.
const SHOWN: i64 = 50;

macro_rules! count_of {
    ($state:literal) => {
        concat!(
            $state,
            ": (SELECT VALUE count FROM (SELECT count() AS count FROM invitation WITH INDEX invitation_campaign
                WHERE campaign = $id AND state = '",
            $state,
            "' GROUP ALL))[0] ?? 0, "
        )
    };
}

statement! {
    Came { id: String, most: i64 } -> Option<Outcomes>;
    reads invitation;
    concat!(
        "RETURN { ",
        count_of!("queued"),
        count_of!("sent"),
        count_of!("failed"),
        count_of!("accepted"),
        "unsent: (SELECT record::id(id)[0] AS kind, record::id(id)[1] AS number, said ?? '' AS said
            FROM invitation WITH INDEX invitation_campaign WHERE campaign = $id AND state = 'failed' LIMIT $most) }"
    )
}

/// What came of a campaign's invitations.
///
/// # Errors
/// When the database does not answer.
pub async fn outcomes(db: &Db, id: &str) -> Result<Outcomes, DbError> {
    Ok(db.ask(Came { id: id.to_owned(), most: SHOWN }).await?.unwrap_or_default())
}

statement! {
    Uninvited { kind: String, numbers: Vec<String>, earlier: Moment } -> Vec<String>;
    reads access, invitation, address_fault;
    "RETURN $numbers.filter(|$number: string|
        (SELECT VALUE logon FROM type::record('access', [$kind, $number]..[$kind, $number, ..]) LIMIT 1) = []
        AND ((SELECT VALUE at FROM ONLY type::record('invitation', [$kind, $number])) ?? d'1970-01-01T00:00:00Z') < $earlier
        AND !record::exists(type::record('address_fault', [$kind, $number])))"
}

/// Those of these accounts that nobody has access to and that were not invited lately.
///
/// # Errors
/// When the database does not answer.
pub async fn uninvited(db: &Db, kind: &str, numbers: Vec<String>, now: Moment) -> Result<Vec<String>, DbError> {
    db.ask(Uninvited { kind: kind.to_owned(), numbers, earlier: now - AGAIN }).await
}

fn next(id: &str, round: i64, step: i64, due: Option<Moment>) -> NewTask {
    Work { campaign: id.to_owned(), round, step, due: due.map(|due| due.timestamp()) }.task()
}

/// An account that is invited.
#[derive(Clone, Debug, SurrealValue)]
pub struct Invited {
    number: String,
    way: String,
}

impl Invited {
    /// An account, by the way that reaches it; none if only a letter would and none is sent.
    pub fn of(account: &Account, letters: bool) -> Option<Self> {
        let way = if account.email.is_some() { "email" } else { "letter" };
        (way == "email" || letters).then(|| Self { number: account.id.number.digits(), way: way.to_owned() })
    }
}

statement! {
    Step {
        id: String,
        round: i64,
        was_considered: i64,
        considered: i64,
        at_kind: i64,
        last: String,
        kind: String,
        invited: Vec<Invited>,
        by_email: i64,
        by_letter: i64,
        is_done: bool,
        now: Moment,
    };
    writes campaign, invitation;
    changes Staff;
    "LET $stepped = (UPDATE type::record('campaign', $id) SET considered = $considered, at_kind = $at_kind, after = $last,
        by_email += $by_email, by_letter += $by_letter, changed = $now, state = IF $is_done { 'done' } ELSE { 'running' }
        WHERE state = 'running' AND round = $round AND considered = $was_considered RETURN VALUE round);
     IF $stepped = [] { RETURN NONE };
     FOR $one IN $invited {
        UPSERT type::record('invitation', [$kind, $one.number]) SET campaign = $id, way = $one.way, state = 'queued', at = $now RETURN NONE;
     };"
}

/// Where a campaign comes to with its next accounts.
pub struct Advance {
    /// How many were gone through.
    pub considered: usize,
    /// The place of the type that is gone through then.
    pub at_kind: i64,
    /// The number of the last account of it.
    pub after: String,
    /// Those that are invited.
    pub invited: Vec<Invited>,
    /// When it goes on; never, if all are gone through.
    pub due: Option<Moment>,
}

/// Notes that the next accounts were gone through, and enqueues their invitations and the campaign's next step, in one
/// transaction; nothing happens if it was paused or cancelled meanwhile, or another job came so far.
///
/// # Errors
/// When the database does not answer.
pub async fn advance(db: &Db, campaign: &Campaign, advance: Advance, now: Moment) -> Result<(), DbError> {
    let kind = campaign.kind().unwrap_or_default().to_owned();
    let count = |way: &str| advance.invited.iter().filter(|one| one.way == way).count();
    let integer = |count: usize| i64::try_from(count).unwrap_or(0);
    let (by_email, by_letter) = (integer(count("email")), integer(count("letter")));
    let tasks = advance
        .invited
        .iter()
        .map(|one| Invite { campaign: campaign.id.clone(), kind: kind.clone(), number: one.number.clone() }.task())
        .collect();
    let step = Step {
        id: campaign.id.clone(),
        round: campaign.round,
        was_considered: campaign.considered,
        considered: campaign.considered + integer(advance.considered),
        at_kind: advance.at_kind,
        last: advance.after,
        kind,
        invited: advance.invited,
        by_email,
        by_letter,
        is_done: advance.due.is_none(),
        now,
    };
    let follows = match advance.due {
        Some(due) => {
            Transaction::enqueue(next(&campaign.id, campaign.round, step.considered + step.at_kind, Some(due)))
        }
        None => Transaction::default(),
    };
    step.then(Transaction::enqueue_all(tasks)).then(follows).run(db).await
}

statement! {
    IsQueued { kind: String, number: String, campaign: String } -> Option<bool>;
    reads invitation;
    "RETURN ((SELECT VALUE state FROM ONLY type::record('invitation', [$kind, $number]) WHERE campaign = $campaign) ?? '') = 'queued'"
}

/// Whether an account's invitation by a campaign still waits.
///
/// # Errors
/// When the database does not answer.
pub async fn is_queued(db: &Db, campaign: &str, account: &AccountId) -> Result<bool, DbError> {
    let (kind, number) = (account.kind.clone(), account.number.digits());
    Ok(db.ask(IsQueued { kind, number, campaign: campaign.to_owned() }).await?.unwrap_or(false))
}

/// Notes what came of an account's invitation.
pub fn settled(account: &AccountId, state: &str) -> Transaction {
    came_of(account, state, None)
}

/// Notes that an account's invitation could not be sent, and why.
pub fn failed(account: &AccountId, said: &str) -> Transaction {
    came_of(account, "failed", Some(said.to_owned()))
}

statement! {
    Settled { kind: String, number: String, state: String, said: Option<String> };
    writes invitation;
    "UPDATE type::record('invitation', [$kind, $number]) SET state = $state, said = $said WHERE state = 'queued' RETURN NONE;"
}

fn came_of(account: &AccountId, state: &str, said: Option<String>) -> Transaction {
    let (kind, number) = (account.kind.clone(), account.number.digits());
    Settled { kind, number, state: state.to_owned(), said }.into()
}

statement! {
    Accepted { kind: String, number: String };
    writes invitation;
    "UPDATE type::record('invitation', [$kind, $number]) SET state = 'accepted' RETURN NONE;"
}

/// Notes that somebody gained access to an account: its invitation, if there was one, worked.
pub fn accepted(account: &AccountId) -> Transaction {
    Accepted { kind: account.kind.clone(), number: account.number.digits() }.into()
}

release::moves!(campaign);

impl Releasable for Campaign {
    async fn find(db: &Db, id: &str) -> Result<Option<Self>, DbError> {
        find(db, id).await
    }

    fn standing(&self) -> Standing<'_> {
        Standing { id: &self.id, author: &self.author, state: self.state, round: self.round, after: &self.after }
    }

    fn moved(to: Move) -> Transaction {
        MoveIt::from(to).into()
    }

    fn begun(&self, _: Moment) -> State {
        State::Running
    }

    fn begin(&self, round: i64, _: Moment) -> Transaction {
        Transaction::enqueue(next(&self.id, round, self.considered + self.at_kind, None))
    }

    fn deed(act: Act) -> Deed {
        match act {
            Act::Release => Deed::ReleasedCampaign,
            Act::Resume => Deed::ResumedCampaign,
            Act::Pause => Deed::PausedCampaign,
            Act::Cancel => Deed::CancelledCampaign,
        }
    }

    fn path(&self) -> String {
        pages::path(&self.id)
    }
}
