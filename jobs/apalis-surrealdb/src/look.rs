//! What waits in a queue, in the order of its turns.

use chrono::{DateTime, TimeDelta, Utc};
use surrealdb::types::{Array, RecordIdKey, SurrealValue, Value, Variables};

use crate::{Database, Error, claim::ask, entry::Entry};

/// How far the clock of whoever enqueues may be ahead of the database's.
const AHEAD: TimeDelta = TimeDelta::seconds(5);
/// How many entries are read beyond those that are wanted: some are taken and not swept yet.
const BEYOND: usize = 50;

const LOOK: &str = "now: time::now(),
    first: (SELECT * FROM type::record('apalis_entry', $first..[$queue, 0]) LIMIT $first_look),
    usual: (SELECT * FROM type::record('apalis_entry', $usual..[$queue, 1]) LIMIT $usual_look)";

const LAST: &str = "(SELECT * FROM type::record('apalis_entry', $last..[$queue, ..]) LIMIT $last_look)";

/// What is looked at.
pub(crate) struct Look<'a> {
    pub queue: &'a str,
    /// From where, among those of the usual priority.
    pub from: DateTime<Utc>,
    /// Whether those of a lower priority are looked at, if there is room.
    pub with_last: bool,
}

/// What was seen.
#[derive(Default)]
pub(crate) struct Seen {
    /// What may run, in the order of its turns: those of a higher priority first.
    pub ready: Vec<Entry>,
    /// How long until the next one may run.
    pub next: Option<TimeDelta>,
}

/// One of the three ranges of a queue's entries.
struct Range {
    /// From where it is read on.
    from: Array,
    /// How many are read at a time; none, when all was read.
    look: usize,
    /// Whether what is not due is followed by nothing that is: among tasks of one priority.
    is_in_order: bool,
    ready: Vec<Entry>,
}

#[derive(SurrealValue)]
struct Pages {
    now: DateTime<Utc>,
    first: Vec<Entry>,
    usual: Vec<Entry>,
    last: Vec<Entry>,
}

impl Range {
    fn new(from: Vec<Value>, look: usize) -> Self {
        Self { from: Array::from(from), look, is_in_order: false, ready: Vec::new() }
    }

    /// Takes up what a page says; returns how long until the next one of it may run.
    fn read(&mut self, page: Vec<Entry>, now: DateTime<Utc>, most: usize) -> Option<TimeDelta> {
        let is_full = page.len() == self.look && self.look > 0;
        let end = page.last().filter(|_| is_full).map(|entry| entry.id.key.clone());
        let mut next = None;
        // A page begins with the last one of the page before.
        let from = RecordIdKey::Array(self.from.clone());
        for entry in page.into_iter().filter(|entry| !entry.is_taken() && entry.id.key != from) {
            let wait = entry.due() - now;
            if wait <= TimeDelta::zero() || (entry.is_at_once() && wait <= AHEAD) {
                self.ready.push(entry);
            } else {
                next = Some(next.map_or(wait, |next: TimeDelta| next.min(wait)));
            }
        }
        match end {
            Some(RecordIdKey::Array(end))
                if self.ready.len() < most && !(self.is_in_order && next.is_some()) && end != self.from =>
            {
                self.from = end;
            }
            _ => self.look = 0,
        }
        next
    }
}

/// Looks for up to `most` entries whose time has come.
///
/// # Errors
/// What the database answered.
pub(crate) async fn look(db: &Database, what: &Look<'_>, most: usize) -> Result<Seen, Error> {
    let page = most + BEYOND;
    let queue = || what.queue.to_owned().into_value();
    let mut first = Range::new(vec![queue()], page);
    let mut usual = Range::new(vec![queue(), 0_i64.into_value(), what.from.into_value()], page);
    usual.is_in_order = true;
    let mut last = Range::new(vec![queue(), 1_i64.into_value()], if what.with_last { page } else { 0 });
    let mut next: Option<TimeDelta> = None;
    while first.look + usual.look + last.look > 0 {
        let mut bindings = Variables::new();
        bindings.insert("queue", what.queue);
        for (name, range) in [("first", &first), ("usual", &usual), ("last", &last)] {
            bindings.insert(name, range.from.clone());
            bindings.insert(format!("{name}_look"), i64::try_from(range.look).unwrap_or(i64::MAX));
        }
        let of_last = if last.look > 0 { LAST } else { "[]" };
        let text = format!("RETURN {{ {LOOK}, last: {of_last} }}");
        let Some(pages) = ask::<Pages>(db, &text, bindings).await?.pop() else { break };
        for (range, page) in [(&mut first, pages.first), (&mut usual, pages.usual), (&mut last, pages.last)] {
            next = [next, range.read(page, pages.now, most)].into_iter().flatten().min();
        }
        if first.ready.len() + usual.ready.len() >= most {
            break;
        }
    }
    let mut ready = first.ready;
    ready.append(&mut usual.ready);
    ready.append(&mut last.ready);
    ready.truncate(most);
    Ok(Seen { ready, next })
}
