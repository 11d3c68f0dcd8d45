//! A transaction made of statements, each from the slice that owns the record it writes.

use std::{collections::BTreeSet, sync::Arc};

use apalis_surrealdb::{Executor, NewRows, NewTask};
use surrealdb::types::{Value, Variables};

use super::{
    Asked, Change, Db, DbError,
    changes::Feed,
    engine::Engine,
    keyed::Beside,
    queue::{Enqueue, Ring},
    record_write,
    statement::{Answer, Query, Statement},
    topic::Topic,
};

/// Statements with their values, which are durable together or not at all. Each has its variables to itself.
#[derive(Clone, Default)]
pub struct Transaction {
    parts: Vec<Part>,
    effects: Effects,
}

#[derive(Clone)]
struct Part {
    statement: &'static Statement,
    values: Vec<Value>,
    /// Whether it, or what it stands for, changes topics.
    changes: bool,
    /// The same as changes of records.
    by_key: Vec<Arc<Change>>,
}

/// What follows in this process once a transaction is committed.
#[derive(Clone, Default)]
pub(super) struct Effects {
    /// The queues of the jobs that it enqueues.
    queues: BTreeSet<String>,
    /// What pages show that it changes.
    topics: BTreeSet<Topic>,
}

/// The key of a block's answer when it came to its end, where it told the feed of its topics.
const TOLD: &str = "told";

impl Effects {
    /// Wakes the workers of its queues, and tells whoever shows its topics, unless the block ended before it changed them.
    /// Returns the block's own answer.
    pub fn follow(self, answers: Vec<Value>, engine: &Engine, feed: &Feed) -> Vec<Value> {
        if let Some(bells) = engine.bells() {
            self.queues.iter().for_each(|queue| bells.ring(queue));
        }
        if self.topics.is_empty() {
            return answers;
        }
        let own = |answer| match answer {
            Value::Object(mut whole) if whole.contains_key(TOLD) => {
                feed.publish(&self.topics);
                whole.remove(TOLD).unwrap_or_default()
            }
            answer => answer,
        };
        answers.into_iter().map(own).collect()
    }

    /// Tells whoever shows its topics of a transaction whose answer was lost: it may be durable, and its row in the feed is
    /// taken for this process's own.
    pub fn may_have_been(self, feed: &Feed) {
        feed.publish(&self.topics);
    }
}

impl<Q: Query> From<Q> for Transaction {
    fn from(query: Q) -> Self {
        let effects = Effects { topics: query.topics().into_iter().collect(), ..Effects::default() };
        Self { parts: vec![Part::of(query)], effects }
    }
}

impl Transaction {
    /// Enqueues a job, in the transaction of what causes it.
    pub fn enqueue(task: NewTask) -> Self {
        Self::enqueue_all(vec![task])
    }

    /// Enqueues jobs, in the transaction of what causes them.
    pub fn enqueue_all(tasks: Vec<NewTask>) -> Self {
        if tasks.is_empty() {
            return Self::default();
        }
        let queues = tasks.iter().map(|task| task.queue().to_owned()).collect();
        let NewRows { rows, keys } = NewTask::into_rows(tasks);
        let mut enqueue = Self::from(Enqueue { rows, keys });
        enqueue.effects.queues = queues;
        enqueue
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// This, then another.
    #[must_use]
    pub fn then(mut self, next: impl Into<Self>) -> Self {
        let mut next = next.into();
        self.parts.append(&mut next.parts);
        self.effects.queues.append(&mut next.effects.queues);
        self.effects.topics.append(&mut next.effects.topics);
        self
    }

    /// Says that it changes these topics, for statements that can't say so by themselves.
    #[must_use]
    pub fn changes(mut self, topics: impl IntoIterator<Item = Topic>) -> Self {
        self.effects.topics.extend(topics);
        if let Some(last) = self.parts.last_mut() {
            last.changes |= !self.effects.topics.is_empty();
        }
        self
    }

    /// Runs the whole.
    ///
    /// # Errors
    /// As [`Db::ask`].
    pub async fn run(self, db: &Db) -> Result<(), DbError> {
        self.answer(db).await
    }

    /// Runs the whole; the answer is what its block returns. A `RETURN` ends the block: what stands after it is not run.
    ///
    /// # Errors
    /// As [`Db::ask`].
    pub async fn answer<A: Answer>(self, db: &Db) -> Result<A, DbError> {
        let Self { mut parts, effects } = self;
        debug_assert!(!may_keep_silent(&parts), "a statement may end this before others tell what they changed");
        // Whoever observes sees all that is written, as statements.
        let by_keys = db.is_embedded() && db.observer.is_none();
        let tells = !effects.topics.is_empty();
        let beside = if by_keys { take_beside(&mut parts, tells) } else { Beside::default() };
        let mut block = Block::default();
        if !effects.queues.is_empty() && !db.is_embedded() {
            // First, for a statement may end the block.
            block.add(Part::of(Ring { queues: effects.queues.iter().cloned().collect() }));
        }
        let last = if effects.topics.is_empty() { None } else { parts.pop() };
        parts.into_iter().for_each(|part| block.add(part));
        if let Some(last) = last {
            // No other process has an embedded database open.
            let row = (!db.is_embedded()).then(|| Part::of(db.feed.row(&effects.topics)));
            block.add_and_tell(last, row);
        }
        let text = if block.body.is_empty() { String::new() } else { block.text() };
        db.execute(Asked { text: text.into(), values: block.values, beside }, effects).await
    }
}

impl Part {
    fn of<Q: Query>(query: Q) -> Self {
        let statement = Q::statement();
        let by_key = query.changes().into_iter().map(Arc::new).collect();
        Self { statement, values: query.values(), changes: !statement.topics.is_empty(), by_key }
    }
}

/// Takes out what is written by keys, beside the block: unless the block may end before, or is all that could tell others.
fn take_beside(parts: &mut Vec<Part>, tells: bool) -> Beside {
    let is_plain = |part: &Part| record_write::is_plain_insert(part.statement);
    let is_beside = |part: &Part| !part.by_key.is_empty() || is_plain(part);
    let block: Vec<&Part> = parts.iter().filter(|part| !is_beside(part)).collect();
    let may_end = block.iter().any(|part| part.statement.text.contains("{ RETURN"));
    let answers = parts.last().is_some_and(|part| !part.by_key.is_empty());
    let is_alone = block.is_empty() && !answers;
    if may_end || is_alone || (tells && (block.is_empty() || answers)) {
        return Beside::default();
    }
    let mut beside = Beside { answers, ..Beside::default() };
    for part in parts.extract_if(.., |part| is_beside(part)) {
        if part.by_key.is_empty() {
            beside.rows.extend(record_write::rows(part.statement, part.values));
        }
        beside.changes.extend(part.by_key);
    }
    beside
}

/// Whether a part may end the block behind one that changed a topic: nobody would be told of that.
fn may_keep_silent(parts: &[Part]) -> bool {
    let changed = parts.iter().position(|part| part.changes);
    changed.is_some_and(|first| parts[first + 1..].iter().any(|part| part.statement.text.contains("{ RETURN")))
}

/// One block, in which the variables of each part begin with its place.
#[derive(Default)]
struct Block {
    body: String,
    places: usize,
    values: Variables,
}

impl Block {
    fn add(&mut self, part: Part) {
        let text = self.place(part);
        self.push(&text);
    }

    /// Adds the last part, and the row that tells the feed before the `RETURN` that it ends with, or after it if there is
    /// none. A block that ends before has changed nothing and tells nobody.
    fn add_and_tell(&mut self, last: Part, row: Option<Part>) {
        let text = self.place(last);
        let (acts, answer) = split_answer(&text);
        self.push(acts);
        row.into_iter().for_each(|row| self.add(row));
        let answer = if answer.is_empty() { "NONE" } else { answer };
        self.push(&format!("RETURN {{ {TOLD}: ({answer}) }}"));
    }

    /// Takes a part's values; returns its text with the variables of its place.
    fn place(&mut self, part: Part) -> String {
        let prefix = format!("p{}_", self.places);
        self.places += 1;
        for (name, value) in part.statement.parameters.iter().zip(part.values) {
            self.values.insert(format!("{prefix}{name}"), value);
        }
        part.statement.prefixed(&prefix)
    }

    fn push(&mut self, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        self.body.push('\n');
        self.body.push_str(text);
        if !text.ends_with(';') {
            self.body.push(';');
        }
    }

    fn text(&self) -> String {
        format!("{{{}\n}}", self.body)
    }
}

/// What a text does, and the value that it returns at its end, if it does.
fn split_answer(text: &str) -> (&str, &str) {
    let whole = text.trim_end().trim_end_matches(';');
    let (mut depth, mut quote, mut begins) = (0_u32, None, 0);
    for (at, letter) in whole.char_indices() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"' | '`') => quote = Some(letter),
            (None, '{' | '(' | '[') => depth += 1,
            (None, '}' | ')' | ']') => depth = depth.saturating_sub(1),
            (None, ';') if depth == 0 => begins = at + 1,
            (None, _) => {}
        }
    }
    let (acts, last) = whole.split_at(begins);
    last.trim_start().strip_prefix("RETURN").map_or((text, ""), |answer| (acts, answer.trim()))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::db::{changes, statement};

    statement! {
        Note { logon: String, note: i64 };
        writes account;
        changes Logon(logon);
        "UPSERT type::record('noted', $logon) SET note = $note RETURN NONE;"
    }

    statement! {
        NoteOnce { logon: String } -> Option<bool>;
        writes account;
        changes Logon(logon), Staff;
        "LET $id = type::record('noted', $logon);
         IF record::exists($id) { RETURN false };
         CREATE $id SET note = 0 RETURN NONE;
         RETURN true;"
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn who_shows_a_topic_is_told_before_the_caller_goes_on_and_only_of_what_changed() {
        let db = Db::in_memory().await.unwrap();
        let told: Arc<Mutex<Vec<Topic>>> = Arc::default();
        let hears = told.clone();
        let subscription = changes::follow(&db, move |topic| hears.lock().unwrap().push(topic.clone()));
        let heard = || std::mem::take(&mut *told.lock().unwrap());
        let (topic, logon) = (Topic::Logon("a".into()), || "a".to_owned());
        assert_eq!(NoteOnce { logon: logon() }.run(&db).await, Ok(Some(true)));
        assert_eq!(heard(), [topic.clone(), Topic::Staff]);
        assert_eq!(NoteOnce { logon: logon() }.run(&db).await, Ok(Some(false)));
        assert_eq!(heard(), []);
        let both = Note { logon: logon(), note: 1 }.then(Note { logon: logon(), note: 2 });
        both.changes([Topic::Content]).run(&db).await.unwrap();
        assert_eq!(heard(), [topic, Topic::Content], "each once");
        drop(subscription);
        Note { logon: logon(), note: 3 }.run(&db).await.unwrap();
        assert_eq!(heard(), []);
    }

    #[test]
    fn the_answer_of_a_text_is_its_last_return() {
        for (text, acts, answer) in [
            ("UPDATE a; RETURN 1;", "UPDATE a;", "1"),
            ("UPDATE a;\n RETURN { a: [1; 2] }", "UPDATE a;", "{ a: [1; 2] }"),
            ("RETURN 1", "", "1"),
            ("UPDATE a; IF b { RETURN 1; };", "UPDATE a; IF b { RETURN 1; };", ""),
            ("UPDATE a SET b = '; RETURN 1' RETURN NONE;", "UPDATE a SET b = '; RETURN 1' RETURN NONE;", ""),
        ] {
            assert_eq!(split_answer(text), (acts, answer), "{text}");
        }
    }
}
