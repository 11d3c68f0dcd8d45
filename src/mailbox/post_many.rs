//! Posting to many accounts: one transaction for the next some hundred of them.

use std::collections::HashMap;

use super::{
    post_rows::MOVED,
    posting::{BoxRow, Composed},
    rows_of_post::{Addressed, HolderRow, Rows, SPREAD_ABOVE, mailbox_id},
};
use crate::{
    access::Pace,
    db::{
        Db, DbError, Transaction, statement, unless_moved,
        value::{RecordId, SurrealValue},
    },
    words::Moment,
};

/// So many holders are written in one transaction, if there are not more of a single account.
const HOLDERS: usize = 1_000;

#[derive(SurrealValue)]
struct BoxOf {
    number: String,
    last: Option<i64>,
    at: Option<Moment>,
    changes: Option<i64>,
}

#[derive(SurrealValue)]
struct HolderOf {
    number: String,
    logon: String,
    pace: Pace,
}

statement! {
    Boxes { boxes: Vec<RecordId> } -> Vec<BoxOf>;
    reads mailbox;
    "SELECT record::id(id)[1] AS number, last, at, changes FROM $boxes"
}

statement! {
    HoldersBetween { kind: String, first: String, last: String, most: i64 } -> Vec<HolderOf>;
    reads access;
    "SELECT number, logon, pace FROM type::record('access', [$kind, $first]..[$kind, $last, ..]) LIMIT $most"
}

statement! {
    HoldersOf { kind: String, numbers: Vec<String>, most: i64 } -> Vec<HolderOf>;
    reads access;
    "RETURN array::flatten($numbers.map(|$number: string|
        (SELECT number, logon, pace FROM type::record('access', [$kind, $number]..[$kind, $number, ..]) LIMIT $most)))"
}

/// Messages to accounts of one type, by their numbers.
pub struct PostBatch<'a> {
    /// The messages, each to another account, in the order of the accounts' numbers.
    pub messages: &'a [Composed],
    /// Whether they are all accounts of the type between the first and the last.
    pub are_neighbours: bool,
    /// Makes the jobs of their alerts the same jobs.
    pub name: String,
}

/// Posts the first of them, as many as one transaction takes, and at least one; returns how many. `step` makes, of that
/// number, the statements that note how far it came, in the same transaction.
///
/// # Errors
/// What `step` refuses; others when the database does not answer.
pub async fn post_many(
    db: &Db,
    batch: &PostBatch<'_>,
    now: Moment,
    step: impl Fn(usize) -> Transaction,
) -> Result<usize, DbError> {
    unless_moved(MOVED, || async {
        let (rows, count) = rows(db, batch, now).await?;
        rows.transaction().then(step(count)).run(db).await?;
        Ok(count)
    })
    .await
}

async fn rows(db: &Db, batch: &PostBatch<'_>, now: Moment) -> Result<(Rows, usize), DbError> {
    let mut rows = Rows::new(now);
    let Some(first) = batch.messages.first() else { return Ok((rows, 0)) };
    let kind = first.new.account.kind.clone();
    let numbers: Vec<String> = batch.messages.iter().map(|message| message.new.account.number.digits()).collect();
    let boxes = Boxes { boxes: batch.messages.iter().map(|message| mailbox_id(&message.new.account)).collect() };
    // In this order: whoever gains or loses access after the first question changes what the transaction compares.
    let boxes = db.ask(boxes).await?;
    let mut holders = Holders::read(db, kind, &numbers, batch).await?;
    let mut boxes: HashMap<String, BoxRow> =
        boxes.into_iter().map(|of| (of.number, BoxRow { last: of.last, at: of.at, changes: of.changes })).collect();
    let mut count = 0;
    for (message, number) in batch.messages.iter().zip(&numbers) {
        let Some(of_account) = holders.take(number, count == 0) else { break };
        if count > 0 && rows.holders() + of_account.len() > HOLDERS {
            break;
        }
        rows.add(Addressed { message, mailbox: boxes.remove(number), subject: None, holders: of_account });
        count += 1;
    }
    rows.named(batch.name.clone());
    Ok((rows, count))
}

/// Who has access to which account.
struct Holders {
    of: HashMap<String, Vec<HolderRow>>,
    /// The account after which it is not known, because there were more than were read.
    known_before: Option<String>,
}

impl Holders {
    async fn read(db: &Db, kind: String, numbers: &[String], batch: &PostBatch<'_>) -> Result<Self, DbError> {
        let most = 2 * HOLDERS;
        let rows = match (numbers.first(), numbers.last()) {
            (Some(first), Some(last)) if batch.are_neighbours => {
                let (first, last) = (first.clone(), last.clone());
                let most = i64::try_from(most).unwrap_or(i64::MAX);
                db.ask(HoldersBetween { kind, first, last, most }).await?
            }
            _ => {
                let most = i64::try_from(SPREAD_ABOVE + 1).unwrap_or(i64::MAX);
                db.ask(HoldersOf { kind, numbers: numbers.to_vec(), most }).await?
            }
        };
        let was_cut = batch.are_neighbours && rows.len() == most;
        let known_before = rows.last().filter(|_| was_cut).map(|row| row.number.clone());
        let mut of: HashMap<String, Vec<HolderRow>> = HashMap::new();
        for row in rows {
            of.entry(row.number).or_default().push(HolderRow { logon: row.logon, pace: row.pace, has_thread: false });
        }
        Ok(Self { of, known_before })
    }

    /// Those of an account, if all of them are known, or so many that a job brings it to them.
    fn take(&mut self, number: &str, is_first: bool) -> Option<Vec<HolderRow>> {
        if !is_first && self.known_before.as_deref().is_some_and(|last| number >= last) {
            return None;
        }
        Some(self.of.remove(number).unwrap_or_default())
    }
}
