//! Campaigns and invitations in the database.

use springboard_jobs::{Campaign as Work, Invite, Job, NewTask};

use super::{Campaign, Outcomes, State, pages};
use crate::{
    account::Account,
    audit::{self, Deed},
    db::{Ask, Db, DbError, Piece, value::SurrealValue},
    release::{Act, Releasable, Standing},
    session::staff::By,
    words::{AccountId, Moment},
};

const FIELDS: &str =
    "record::id(id) AS id, name, kinds, at_kind, after, letters, pace, state, round, considered, by_email, by_letter,
    author, author_name, released_by, created, changed";
/// How long an account that was invited is left alone.
const AGAIN: chrono::Duration = chrono::Duration::days(90);

/// What a new campaign needs.
#[derive(Clone, Debug, SurrealValue)]
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

#[derive(SurrealValue)]
struct Head {
    id: String,
    author: String,
    author_name: String,
    now: Moment,
}

/// Writes a campaign; it waits for a second employee.
///
/// # Errors
/// When the database does not answer.
pub async fn create(db: &Db, id: &str, new: New, by: By<'_>, now: Moment) -> Result<(), DbError> {
    let head = Head { id: id.to_owned(), author: by.id.to_owned(), author_name: by.name.to_owned(), now };
    let name = new.name.clone();
    Piece::new(
        "CREATE type::record('campaign', $head.id) SET name = $campaign.name, kinds = $campaign.kinds, letters = $campaign.letters,
            pace = $campaign.pace, state = 'unreleased', author = $head.author, author_name = $head.author_name,
            created = $head.now, changed = $head.now, rank = -time::nano($head.now) RETURN NONE;
         fn::wake('staff', 'facts');",
    )
    .with("campaign", new)
    .with("head", head)
    .then(audit::row(now, by.id, Deed::WroteCampaign, id, &name))
    .run(db)
    .await
    .map(drop)
}

/// One campaign.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &Db, id: &str) -> Result<Option<Campaign>, DbError> {
    if id.is_empty() {
        return Ok(None);
    }
    let text = format!("RETURN (SELECT {FIELDS} FROM ONLY type::record('campaign', $id));");
    Piece::new(text).with("id", id.to_owned()).run(db).await?.one(0)
}

/// The latest campaigns, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn latest(db: &Db, most: i64) -> Result<Vec<Campaign>, DbError> {
    let text = format!("RETURN (SELECT {FIELDS}, rank FROM campaign WHERE rank < 0 ORDER BY rank LIMIT $most);");
    Piece::new(text).with("most", most).run(db).await?.all(0)
}

/// Invitations that could not be sent, of those that are shown with their reason.
const SHOWN: usize = 50;

/// What came of a campaign's invitations.
///
/// # Errors
/// When the database does not answer.
pub async fn outcomes(db: &Db, id: &str) -> Result<Outcomes, DbError> {
    let count = |state: &str| {
        format!(
            "{state}: (SELECT VALUE count FROM (SELECT count() AS count FROM invitation WITH INDEX invitation_campaign WHERE campaign = $id AND state = '{state}' GROUP ALL))[0] ?? 0"
        )
    };
    let unsent = format!(
        "unsent: (SELECT record::id(id)[0] AS kind, record::id(id)[1] AS number, said ?? '' AS said
            FROM invitation WITH INDEX invitation_campaign WHERE campaign = $id AND state = 'failed' LIMIT {SHOWN})"
    );
    let counts = ["queued", "sent", "failed", "accepted"].map(count).join(", ");
    let text = format!("RETURN {{ {counts}, {unsent} }};");
    Ok(Piece::new(text).with("id", id.to_owned()).run(db).await?.one(0)?.unwrap_or_default())
}

/// Those of these accounts that nobody has access to and that were not invited lately.
///
/// # Errors
/// When the database does not answer.
pub async fn uninvited(db: &Db, kind: &str, numbers: Vec<String>, now: Moment) -> Result<Vec<String>, DbError> {
    let ask = Ask::new(
        "RETURN $numbers.filter(|$number: string|
            (SELECT VALUE logon FROM access WHERE kind = $kind AND number = $number LIMIT 1) = []
            AND ((SELECT VALUE at FROM ONLY type::record('invitation', [$kind, $number])) ?? d'1970-01-01T00:00:00Z') < $before
            AND !record::exists(type::record('address_fault', [$kind, $number])))",
    )
    .with("kind", kind.to_owned())
    .with("numbers", numbers)
    .with("before", now - AGAIN);
    db.ask(ask).await?.all(0)
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

#[derive(SurrealValue)]
struct Step {
    id: String,
    round: i64,
    was_considered: i64,
    considered: i64,
    at_kind: i64,
    after: String,
    kind: String,
    invited: Vec<Invited>,
    by_email: i64,
    by_letter: i64,
    is_done: bool,
    now: Moment,
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
    let tasks: Vec<NewTask> = advance
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
        after: advance.after,
        kind,
        invited: advance.invited,
        by_email,
        by_letter,
        is_done: advance.due.is_none(),
        now,
    };
    let follows = match advance.due {
        Some(due) => Piece::enqueue(
            "campaign_work",
            next(&campaign.id, campaign.round, step.considered + step.at_kind, Some(due)),
        ),
        None => Piece::default(),
    };
    Piece::new(
        "LET $stepped = (UPDATE type::record('campaign', $step.id) SET considered = $step.considered, at_kind = $step.at_kind,
            after = $step.after, by_email += $step.by_email, by_letter += $step.by_letter, changed = $step.now,
            state = IF $step.is_done { 'done' } ELSE { 'running' }
            WHERE state = 'running' AND round = $step.round AND considered = $step.was_considered RETURN VALUE round);
         IF $stepped = [] { RETURN NONE };
         FOR $one IN $step.invited {
            UPSERT type::record('invitation', [$step.kind, $one.number]) SET campaign = $step.id, way = $one.way, state = 'queued', at = $step.now RETURN NONE;
         };
         FOR $task IN $invitation_tasks { fn::apalis_enqueue($task); };
         fn::wake('staff', 'facts');",
    )
    .with("step", step)
    .with("invitation_tasks", tasks)
    .then(follows)
    .run(db)
    .await
    .map(drop)
}

/// Whether an account's invitation by a campaign still waits.
///
/// # Errors
/// When the database does not answer.
pub async fn is_queued(db: &Db, campaign: &str, account: &AccountId) -> Result<bool, DbError> {
    let ask = Ask::new(
        "RETURN ((SELECT VALUE state FROM ONLY type::record('invitation', [$kind, $number]) WHERE campaign = $campaign) ?? '') = 'queued'",
    )
    .with("kind", account.kind.clone())
    .with("number", account.number.digits())
    .with("campaign", campaign.to_owned());
    Ok(db.ask(ask).await?.one(0)?.unwrap_or(false))
}

#[derive(SurrealValue)]
struct Settled {
    kind: String,
    number: String,
    state: String,
    said: Option<String>,
}

/// Statements that note what came of an account's invitation.
pub fn settled(account: &AccountId, state: &str) -> Piece {
    came_of(account, state, None)
}

/// Statements that note that an account's invitation could not be sent, and why.
pub fn failed(account: &AccountId, said: &str) -> Piece {
    came_of(account, "failed", Some(said.to_owned()))
}

fn came_of(account: &AccountId, state: &str, said: Option<String>) -> Piece {
    let (kind, number) = (account.kind.clone(), account.number.digits());
    Piece::new(
        "UPDATE type::record('invitation', [$invited.kind, $invited.number]) SET state = $invited.state, said = $invited.said
            WHERE state = 'queued' RETURN NONE;",
    )
    .with("invited", Settled { kind, number, state: state.to_owned(), said })
}

/// Statements that note that somebody gained access to an account: its invitation, if there was one, worked.
pub fn accepted(account: &AccountId) -> Piece {
    let values = Settled {
        kind: account.kind.clone(),
        number: account.number.digits(),
        state: "accepted".to_owned(),
        said: None,
    };
    Piece::new("UPDATE type::record('invitation', [$accepted.kind, $accepted.number]) SET state = $accepted.state RETURN NONE;")
        .with("accepted", values)
}

impl Releasable for Campaign {
    const TABLE: &'static str = "campaign";

    async fn find(db: &Db, id: &str) -> Result<Option<Self>, DbError> {
        find(db, id).await
    }

    fn standing(&self) -> Standing<'_> {
        Standing { id: &self.id, author: &self.author, state: self.state, round: self.round, after: &self.after }
    }

    fn begun(&self, _: Moment) -> State {
        State::Running
    }

    fn begin(&self, round: i64, _: Moment) -> Piece {
        Piece::enqueue("campaign_work", next(&self.id, round, self.considered + self.at_kind, None))
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
