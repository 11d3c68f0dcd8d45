//! The closed list of the portal's jobs. Each carries ids only; its handler, in the slice that owns
//! the record, loads the rest. A job is enqueued in the transaction that causes it and is safe to
//! run twice.

mod alert;
mod alert_by_letter;
mod alert_by_text;
mod alerts;
mod batch;
mod bulk_post;
mod campaign;
mod code_by_email;
mod code_by_letter;
mod code_reminder;
mod fan_out;
mod import;
mod invite;
mod notice;
mod patience;
mod pin;
mod recovery_by_letter;
mod reminder;
mod reminders;
mod staff_link;
mod sweep;
mod word_of_staff;
mod worker;

use serde::{Serialize, de::DeserializeOwned};

pub use alert::Alert;
pub use alert_by_letter::AlertByLetter;
pub use alert_by_text::AlertByText;
pub use alerts::{AlertKey, Alerts};
pub use apalis_surrealdb::NewTask;
pub use batch::{Batch, BatchStep};
pub use bulk_post::BulkPost;
pub use campaign::Campaign;
pub use code_by_email::CodeByEmail;
pub use code_by_letter::CodeByLetter;
pub use code_reminder::{CodeReminder, CodeReminderKind};
pub use fan_out::FanOut;
pub use import::{Import, ImportStep};
pub use invite::Invite;
pub use notice::{Notice, NoticeKind};
pub use patience::Patience;
pub use pin::Pin;
pub use recovery_by_letter::RecoveryByLetter;
pub use reminder::Reminder;
pub use reminders::Reminders;
pub use staff_link::StaffLink;
pub use sweep::Sweep;
pub use word_of_staff::{StaffAct, WordOfStaff};
pub use worker::{Queues, Try, Worker};

/// Every queue there is, for those who look at all of them.
pub const QUEUES: [&str; 21] = [
    CodeByEmail::QUEUE,
    CodeByLetter::QUEUE,
    Alert::QUEUE,
    Alerts::QUEUE,
    FanOut::QUEUE,
    AlertByText::QUEUE,
    AlertByLetter::QUEUE,
    CodeReminder::QUEUE,
    Batch::QUEUE,
    BulkPost::QUEUE,
    Import::QUEUE,
    Campaign::QUEUE,
    Invite::QUEUE,
    Reminder::QUEUE,
    Reminders::QUEUE,
    Notice::QUEUE,
    WordOfStaff::QUEUE,
    RecoveryByLetter::QUEUE,
    Pin::QUEUE,
    StaffLink::QUEUE,
    Sweep::QUEUE,
];

/// A job: what it is about, where it waits and how long it is tried.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + Unpin + 'static {
    /// Its queue: a stable name.
    const QUEUE: &'static str;
    /// How often and how far apart it is tried.
    const PATIENCE: Patience;
    /// How many of them a process runs at a time.
    const AT_ONCE: usize = 4;

    /// What makes it the same job: the queue takes one of each.
    fn key(&self) -> String;

    /// The job as the queue takes it, to be enqueued in the caller's transaction.
    ///
    /// # Panics
    /// Never: ids and closed enums always have a JSON form.
    fn task(&self) -> NewTask {
        task(self)
    }
}

fn task<J: Job>(job: &J) -> NewTask {
    NewTask::json(J::QUEUE, job)
        .expect("a job of ids has a JSON form")
        .idempotency_key(job.key())
        .max_attempts(J::PATIENCE.tries)
}

/// How a job failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may work later; it is tried again by the job's own patience. The text is for operators and
    /// names no address and no code.
    Again(String),
    /// It never will; staff see why.
    Never(String),
}

/// How a job ended.
pub type Outcome = Result<(), Verdict>;
