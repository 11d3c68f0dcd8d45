//! Bulk posts in the database.

use springboard_jobs::{BulkPost as Work, Job};

use super::{Addressee, BulkPost, State, pages};
use crate::{
    audit::{self, Deed},
    db::{Db, DbError, Query, Refusal, Transaction, statement, value::SurrealValue},
    release::{self, Act, Move, Releasable, Standing},
    session::staff::By,
    words::{BulkPostId, Moment},
};

/// What a new bulk post needs.
#[derive(Clone, Debug, SurrealValue)]
pub struct New {
    /// The subject.
    pub subject: String,
    /// The text.
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
    /// The name of the saved filter that they were found by.
    pub filter: Option<String>,
    /// How many accounts it is for.
    pub total: i64,
    /// When it is to be posted, if that is later.
    pub due: Option<Moment>,
}

fn start(id: &str, round: i64, after: &str, due: Option<Moment>) -> Transaction {
    // Rounded up: what is due at that moment is due when the job runs.
    let due = due.map(|due| due.timestamp() + i64::from(due.timestamp_subsec_nanos() > 0));
    let work = Work { bulk_post: id.to_owned(), round, after: after.to_owned(), due };
    Transaction::enqueue(work.task())
}

statement! {
    Create { bulk: New, id: String, state: State, author: String, author_name: String, now: Moment };
    reads bulk_post;
    writes bulk_post;
    changes Staff;
    "LET $bulk_post = type::record('bulk_post', $id);
     IF record::exists($bulk_post) { RETURN NONE };
     CREATE $bulk_post SET subject = $bulk.subject, body = $bulk.body, answer_by = $bulk.answer_by,
        confirm_by = $bulk.confirm_by, remind = $bulk.remind, kind = $bulk.kind, numbers = $bulk.numbers, filter = $bulk.filter, total = $bulk.total,
        due = $bulk.due, state = $state, author = $author, author_name = $author_name, posted = 0, after = '',
        round = 0, created = $now, changed = $now, rank = -time::nano($now) RETURN NONE;"
}

/// Writes a bulk post; it waits for a second employee, or for its time.
///
/// # Errors
/// When the database does not answer.
pub async fn create(
    db: &Db,
    id: &BulkPostId,
    new: New,
    by: By<'_>,
    needs_release: bool,
    now: Moment,
) -> Result<(), DbError> {
    let due = new.due;
    let create = Create {
        bulk: new,
        id: id.to_string(),
        state: if needs_release { State::Unreleased } else { State::Waiting },
        author: by.id.to_owned(),
        author_name: by.name.to_owned(),
        now,
    };
    let begun = if needs_release { Transaction::default() } else { start(id.as_str(), 0, "", due) };
    create.then(audit::row(now, by.id, Deed::WroteBulkPost, id.as_str(), "")).then(begun).run(db).await
}

statement! {
    Find { id: String } -> Option<BulkPost>;
    reads bulk_post;
    "SELECT record::id(id) AS id, subject, body, answer_by, confirm_by, remind, kind, numbers, filter, total, posted, after, round,
        state, author, author_name, released_by, created, due, changed
     FROM ONLY type::record('bulk_post', $id)"
}

/// One bulk post.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &Db, id: &str) -> Result<Option<BulkPost>, DbError> {
    if id.is_empty() {
        return Ok(None);
    }
    db.ask(Find { id: id.to_owned() }).await
}

statement! {
    Latest { most: i64 } -> Vec<BulkPost>;
    reads bulk_post;
    "SELECT record::id(id) AS id, subject, body, answer_by, confirm_by, remind, kind, NONE AS numbers, filter, total, posted, after,
        round, state, author, author_name, released_by, created, due, changed, rank
     FROM bulk_post WHERE rank < 0 ORDER BY rank LIMIT $most"
}

/// The latest bulk posts, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn latest(db: &Db, most: i64) -> Result<Vec<BulkPost>, DbError> {
    db.ask(Latest { most }).await
}

/// The next accounts of an audience after one of them, by number; closed ones are left out.
///
/// # Errors
/// When the database does not answer.
pub async fn next(db: &Db, post: &BulkPost, most: usize) -> Result<Vec<Addressee>, DbError> {
    match &post.numbers {
        None => of_type(db, &post.kind, &post.after, most).await,
        Some(numbers) => {
            let from = numbers.partition_point(|number| *number <= post.after);
            on_file(db, &post.kind, &numbers[from..(from + most).min(numbers.len())]).await
        }
    }
}

/// The first account of a type.
///
/// # Errors
/// When the database does not answer.
pub async fn first(db: &Db, kind: &str) -> Result<Option<Addressee>, DbError> {
    Ok(of_type(db, kind, "", 1).await?.into_iter().next())
}

statement! {
    OfType { kind: String, last: String, most: i64 } -> Vec<Addressee>;
    reads account;
    "SELECT number, name FROM type::record('account', [$kind, $last]..[$kind, ..])
     WHERE number > $last AND status = 'active' LIMIT $most"
}

async fn of_type(db: &Db, kind: &str, after: &str, most: usize) -> Result<Vec<Addressee>, DbError> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    db.ask(OfType { kind: kind.to_owned(), last: after.to_owned(), most }).await
}

statement! {
    OnFile { kind: String, numbers: Vec<String> } -> Vec<Addressee>;
    reads account;
    "RETURN $numbers.map(|$number: string| (SELECT number, name FROM ONLY type::record('account', [$kind, $number])
        WHERE status = 'active')).filter(|$found: any| $found != NONE)"
}

/// Those of these numbers that are on file.
///
/// # Errors
/// When the database does not answer.
pub async fn on_file(db: &Db, kind: &str, numbers: &[String]) -> Result<Vec<Addressee>, DbError> {
    db.ask(OnFile { kind: kind.to_owned(), numbers: numbers.to_vec() }).await
}

statement! {
    Count { kind: String } -> Option<i64>;
    reads account;
    "SELECT VALUE count FROM (SELECT count() AS count FROM type::record('account', [$kind]..[$kind, ..])
        WHERE status = 'active' GROUP ALL)"
}

/// How many active accounts of a type there are.
///
/// # Errors
/// When the database does not answer.
pub async fn count(db: &Db, kind: &str) -> Result<i64, DbError> {
    Ok(db.ask(Count { kind: kind.to_owned() }).await?.unwrap_or(0))
}

statement! {
    Advance { id: String, round: i64, earlier: String, last: String, posted: i64, state: &'static str, now: Moment };
    reads bulk_post;
    writes bulk_post;
    changes Staff;
    refuses OVERTAKEN;
    "LET $stepped = (UPDATE type::record('bulk_post', $id) SET posted += $posted, after = $last,
        state = IF state IN ['waiting', 'running'] { $state } ELSE { state }, changed = $now
        WHERE round = $round AND after = $earlier AND state != 'done' RETURN VALUE state);
     IF $stepped = [] { THROW $OVERTAKEN };"
}

/// What [`advance`] throws when another job came so far.
pub const OVERTAKEN: Refusal = Refusal::new("another job came so far");

/// Notes that the next accounts have it, and enqueues the job of those after them, which does nothing if it was paused or
/// cancelled meanwhile; without any it is done. Throws [`OVERTAKEN`].
pub fn advance(post: &BulkPost, posted: &[Addressee], now: Moment) -> Transaction {
    let last = posted.last().map(|last| last.number.clone());
    let after = last.clone().unwrap_or_else(|| post.after.clone());
    let advance = Advance {
        id: post.id.clone(),
        round: post.round,
        earlier: post.after.clone(),
        last: after.clone(),
        posted: i64::try_from(posted.len()).unwrap_or(i64::MAX),
        state: if last.is_some() { "running" } else { "done" },
        now,
    };
    let (Some(first), Some(last)) = (posted.first(), last) else { return advance.into() };
    // One row of the audit for all of them: each message says itself who wrote it.
    let note = format!("{} {} to {last}: {}", post.kind, first.number, posted.len());
    audit::row(now, &post.author, Deed::PostedMessage, &post.id, &note)
        .then(advance)
        .then(start(&post.id, post.round, &after, None))
}

release::moves!(bulk_post);

impl Releasable for BulkPost {
    async fn find(db: &Db, id: &str) -> Result<Option<Self>, DbError> {
        find(db, id).await
    }

    fn standing(&self) -> Standing<'_> {
        Standing { id: &self.id, author: &self.author, state: self.state, round: self.round, after: &self.after }
    }

    fn moved(to: Move) -> Transaction {
        MoveIt::from(to).into()
    }

    fn begun(&self, now: Moment) -> State {
        let is_to_come = self.due.is_some_and(|due| due > now);
        if is_to_come || self.posted == 0 { State::Waiting } else { State::Running }
    }

    fn begin(&self, round: i64, now: Moment) -> Transaction {
        start(&self.id, round, &self.after, self.due.filter(|due| *due > now))
    }

    fn deed(act: Act) -> Deed {
        match act {
            Act::Release => Deed::ReleasedBulkPost,
            Act::Resume => Deed::ResumedBulkPost,
            Act::Pause => Deed::PausedBulkPost,
            Act::Cancel => Deed::CancelledBulkPost,
        }
    }

    fn path(&self) -> String {
        pages::path(&self.id)
    }
}
