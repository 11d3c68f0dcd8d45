//! Makes the rows of posts, from messages and from their mailboxes as they were read.

use std::collections::BTreeSet;

use springboard_jobs::{AlertKey, Alerts, FanOut, Job, NewTask, Reminders};

use super::{
    post_rows::{
        AlertRow, Await, Continue, InsertAlerts, InsertMessages, InsertReceipts, InsertReminders, InsertReplies,
        InsertStates, InsertThreads, MailboxRow, MessageRow, NoteSent, OpenMailboxes, ReceiptRow, ReminderRow, Renew,
        ReplyRow, StateRow, TakePlaces, ThreadRow, of,
    },
    posting::{BoxRow, Composed},
    terms::terms,
    thread::Author,
};
use crate::{
    access::Pace,
    db::{
        Topic, Transaction, record_id,
        value::{RecordId, SurrealValue},
    },
    delivery::State,
    words::{AccountId, Moment},
};

/// A message to more holders than so many is brought to them by a job.
pub(super) const SPREAD_ABOVE: usize = 500;
/// So many alerts are one job.
const ALERTS_OF_A_JOB: usize = 500;
/// A moment that comes sooner than this may have come when the transaction is durable.
const SOON: i64 = 60 * 60;

/// Who has access to an account.
#[derive(Clone, Debug, SurrealValue)]
pub(super) struct HolderRow {
    pub logon: String,
    pub pace: Pace,
    /// Whether they have the thread already.
    pub has_thread: bool,
}

/// A message with what was read of its mailbox.
pub(super) struct Addressed<'a> {
    pub message: &'a Composed,
    pub mailbox: Option<BoxRow>,
    /// The subject of the thread that it answers.
    pub subject: Option<String>,
    /// One more than [`SPREAD_ABOVE`] means that there are more.
    pub holders: Vec<HolderRow>,
}

/// A message in its place.
pub(super) struct Placed<'a> {
    pub account: &'a AccountId,
    pub sequence: i64,
    pub thread: i64,
    pub at: Moment,
    /// Newest first is ascending.
    pub sort_key: i64,
    /// The holder who wrote it.
    pub author: Option<&'a str>,
    pub is_notice: bool,
}

/// The rows of one transaction.
pub(super) struct Rows {
    now: Moment,
    taken: Vec<(RecordId, (i64, i64))>,
    opened: Vec<MailboxRow>,
    threads: Vec<ThreadRow>,
    messages: Vec<MessageRow>,
    replies: Vec<ReplyRow>,
    states: Vec<StateRow>,
    alerts: Vec<AlertRow>,
    receipts: Vec<ReceiptRow>,
    reminders: Vec<ReminderRow>,
    told: Vec<AlertKey>,
    tasks: Vec<NewTask>,
    woken: BTreeSet<Topic>,
    /// What is written for one message at a time.
    single: Transaction,
    name: String,
}

pub(super) fn mailbox_id(account: &AccountId) -> RecordId {
    record_id("mailbox", (account.kind.clone(), account.number.digits()))
}

/// The sort key of a thread whose latest message is of this moment.
fn sort_key(at: Moment) -> i64 {
    -at.timestamp_nanos_opt().unwrap_or(i64::MAX)
}

impl Rows {
    pub fn new(now: Moment) -> Self {
        Self {
            now,
            taken: Vec::new(),
            opened: Vec::new(),
            threads: Vec::new(),
            messages: Vec::new(),
            replies: Vec::new(),
            states: Vec::new(),
            alerts: Vec::new(),
            receipts: Vec::new(),
            reminders: Vec::new(),
            told: Vec::new(),
            tasks: Vec::new(),
            woken: BTreeSet::new(),
            single: Transaction::default(),
            name: String::new(),
        }
    }

    /// Adds a message; returns its sequence and its thread.
    pub fn add(&mut self, addressed: Addressed<'_>) -> (i64, i64) {
        let Addressed { message, mailbox, subject, mut holders } = addressed;
        let new = &message.new;
        let (sequence, at) = self.take_place(&new.account, mailbox);
        let thread = new.thread.unwrap_or(sequence);
        let author = match &new.author {
            Author::Holder { logon, .. } => Some(logon.as_str()),
            Author::Staff { .. } => None,
        };
        let is_notice = new.notice.is_some();
        let placed = Placed { account: &new.account, sequence, thread, at, sort_key: sort_key(at), author, is_notice };
        self.write(&placed, message, subject);
        self.name = format!("{}/{sequence}", new.account.key());
        if holders.len() > SPREAD_ABOVE {
            let (kind, number) = (new.account.kind.clone(), new.account.number.digits());
            self.tasks.push(FanOut { kind, number, sequence, after: String::new() }.task());
            holders.retain(|holder| Some(holder.logon.as_str()) == author);
        }
        self.bring(&placed, &holders);
        (sequence, thread)
    }

    /// Takes the next place in a mailbox.
    fn take_place(&mut self, account: &AccountId, mailbox: Option<BoxRow>) -> (i64, Moment) {
        let Some(mailbox) = mailbox else {
            self.opened.push(MailboxRow { id: (account.kind.clone(), account.number.digits()), last: 1, at: self.now });
            return (1, self.now);
        };
        let last = mailbox.last.unwrap_or(0);
        self.taken.push((mailbox_id(account), (last, mailbox.changes.unwrap_or(0))));
        let later = |at: Moment| at + chrono::TimeDelta::microseconds(1);
        (last + 1, mailbox.at.filter(|at| *at >= self.now).map_or(self.now, later))
    }

    fn write(&mut self, placed: &Placed<'_>, message: &Composed, subject: Option<String>) {
        let new = &message.new;
        let (kind, number) = (new.account.kind.clone(), new.account.number.digits());
        let (sequence, thread, at, sort_key) = (placed.sequence, placed.thread, placed.at, placed.sort_key);
        let confirm_by = new.notice.as_ref().map(|(by, _)| *by);
        let goes_on = new.thread.is_some();
        let subject = subject.unwrap_or_else(|| new.subject.clone());
        let (staff, logon, author) = match &new.author {
            Author::Staff { id, name } => (Some(id.clone()), None, name.clone()),
            Author::Holder { logon, name } => (None, Some(logon.clone()), name.clone()),
        };
        self.messages.push(MessageRow {
            id: (kind.clone(), number.clone(), -sequence),
            sequence,
            thread,
            subject: subject.clone(),
            body: new.body.clone(),
            html: message.html.clone(),
            terms: [terms(&subject), message.terms.clone()].concat(),
            staff,
            logon: logon.clone(),
            author,
            at,
            confirm_by,
        });
        let id = (kind.clone(), number.clone(), thread);
        if goes_on {
            let (k, n, answer_by) = (kind.clone(), number.clone(), new.answer_by);
            self.also(Continue { kind: k, number: n, first: thread, at, sort_key, answer_by, confirm_by });
            let id = (kind.clone(), number.clone(), thread, -sequence);
            self.replies.push(ReplyRow { id, logon: logon.clone() });
        } else {
            let answer_by = new.answer_by;
            let (kind, number) = (kind.clone(), number.clone());
            self.threads.push(ThreadRow {
                id,
                kind,
                number,
                first: thread,
                subject,
                messages: 1,
                at,
                sort_key,
                answer_by,
                confirm_by,
            });
        }
        if logon.is_some() || goes_on {
            let waiting = logon.is_some();
            self.also(Await { kind: kind.clone(), number: number.clone(), first: thread, sort_key, waiting });
            // Staff are not woken by the first message of their own: there may be many at once.
            self.woken.insert(Topic::Staff);
        }
        for remind in new.notice.iter().flat_map(|(_, reminders)| reminders) {
            // Rounded up: what is due at that moment is due when the job runs.
            let at = remind.at.timestamp() + i64::from(remind.at.timestamp_subsec_nanos() > 0);
            let days = i64::try_from(remind.days).unwrap_or(i64::MAX);
            self.reminders.push(ReminderRow { id: (at, kind.clone(), number.clone(), sequence, days) });
        }
    }

    fn also(&mut self, statement: impl Into<Transaction>) {
        self.single = std::mem::take(&mut self.single).then(statement);
    }

    /// Brings a message to holders.
    pub fn bring(&mut self, placed: &Placed<'_>, holders: &[HolderRow]) {
        let Placed { account, sequence, thread, at, sort_key, .. } = *placed;
        let (kind, number) = (&account.kind, &account.number.digits());
        let mut renewed: [Vec<RecordId>; 2] = Default::default();
        for holder in holders {
            let is_own = placed.author == Some(holder.logon.as_str());
            let logon = &holder.logon;
            self.woken.insert(Topic::Logon(logon.clone()));
            if holder.has_thread {
                let state = record_id("thread_state", (logon.clone(), kind.clone(), number.clone(), thread));
                renewed[usize::from(is_own)].push(state);
            } else {
                self.states.push(StateRow {
                    id: (logon.clone(), kind.clone(), number.clone(), thread),
                    logon: logon.clone(),
                    kind: kind.clone(),
                    number: number.clone(),
                    thread,
                    folder: "inbox",
                    sort_key,
                    unread: i64::from(!is_own),
                    has_unread: !is_own,
                });
            }
            if placed.is_notice {
                let id = (kind.clone(), number.clone(), sequence, logon.clone());
                self.receipts.push(ReceiptRow { id, logon: logon.clone() });
            }
            if is_own {
                let (logon, kind, number) = (logon.clone(), kind.clone(), number.clone());
                self.also(NoteSent { logon, kind, number, first: thread, sort_key });
                continue;
            }
            let is_wanted = holder.pace != Pace::Off;
            if is_wanted {
                let (kind, number) = (kind.clone(), number.clone());
                self.told.push(AlertKey { kind, number, sequence, logon: logon.clone() });
            }
            self.alerts.push(AlertRow {
                id: (kind.clone(), number.clone(), sequence, logon.clone()),
                logon: logon.clone(),
                kind: kind.clone(),
                number: number.clone(),
                sequence,
                thread,
                state: if is_wanted { State::Waiting } else { State::NotWanted },
                said: String::new(),
                posted: at,
                changed: at,
            });
        }
        for (is_own, states) in [false, true].into_iter().zip(renewed) {
            if !states.is_empty() {
                self.also(Renew { states, sort_key, sequence, is_own });
            }
        }
    }

    /// Names the alerts' jobs, which otherwise have the name of the last message.
    pub fn named(&mut self, name: String) {
        self.name = name;
    }

    /// A job to enqueue with them.
    pub fn task(&mut self, task: NewTask) {
        self.tasks.push(task);
    }

    /// How many rows of holders there are.
    pub fn holders(&self) -> usize {
        self.states.len()
    }

    /// The statements that write them all.
    pub fn transaction(mut self) -> Transaction {
        let (taken, as_read): (Vec<_>, Vec<_>) = std::mem::take(&mut self.taken).into_iter().unzip();
        let now = self.now;
        for (at, alerts) in self.told.chunks(ALERTS_OF_A_JOB).enumerate() {
            let name = if at == 0 { self.name.clone() } else { format!("{}/{at}", self.name) };
            self.tasks.push(Alerts { name, alerts: alerts.to_vec() }.task());
        }
        let reminders = self.reminder_jobs();
        // Of a moment there is one job. That it is there already undoes a little of the transaction, for which the engine goes
        // through all that was written before: so it comes first.
        Transaction::enqueue_all(reminders)
            .then(of(taken, |boxes| TakePlaces { boxes, as_read, now }))
            .then(of(self.opened, |rows| OpenMailboxes { rows }))
            .then(of(self.threads, |rows| InsertThreads { rows }))
            .then(of(self.messages, |rows| InsertMessages { rows }))
            .then(of(self.replies, |rows| InsertReplies { rows }))
            .then(self.single)
            .then(of(self.states, |rows| InsertStates { rows }))
            .then(of(self.alerts, |rows| InsertAlerts { rows }))
            .then(of(self.receipts, |rows| InsertReceipts { rows }))
            .then(of(self.reminders, |rows| InsertReminders { rows }))
            .then(Transaction::enqueue_all(self.tasks))
            .changes(self.woken)
    }

    /// One job for each moment at which somebody is reminded.
    fn reminder_jobs(&self) -> Vec<NewTask> {
        let moments: BTreeSet<i64> = self.reminders.iter().map(|row| row.id.0).collect();
        let job = |at: i64| {
            let is_soon = at - self.now.timestamp() < SOON;
            let name = if is_soon { self.name.clone() } else { String::new() };
            Reminders { at, after: None, name }.task()
        };
        moments.into_iter().map(job).collect()
    }
}
