//! Deliveries: one row for each e-mail or text message, with its tries and what the server said.

mod history;
pub mod sent;
mod way;

use std::{sync::Arc, time::Duration};

use springboard_jobs::{Outcome, Try, Verdict};

pub use history::{History, State, Step};
pub use way::Way;

use crate::{
    db::{Db, DbError, Query, Transaction, statement},
    http::Fault,
    post::{About, Mail, Mailer, PostFault, TextGateway, TextMessage},
    words::{Clock, Moment},
};

/// The pauses between the tries to note what has left.
const NOTING: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(20)];

statement! {
    NoteTry { job: String, what: &'static str, tries: i64, outcome: &'static str, said: String, now: Moment };
    writes delivery;
    "UPSERT type::record('delivery', $job) SET what = $what, tries = $tries,
        outcome = $outcome, said = $said, at = $now RETURN NONE;"
}

/// What a handler answers when a document could not be made: only letters without a sign are nobody's fault.
pub fn document_fault(fault: PostFault) -> Fault {
    match fault {
        PostFault::Unprintable(why) => Fault::Unprintable(why),
        PostFault::Later(why) | PostFault::Never(why) => Fault::Broken(why),
    }
}

/// Hands mail and text messages over, and keeps the row.
#[derive(Clone)]
pub struct Courier {
    mailer: Mailer,
    texts: Arc<dyn TextGateway>,
    db: Db,
    clock: Clock,
}

impl Courier {
    /// A courier with its two ways out.
    pub fn new(mailer: Mailer, texts: Arc<dyn TextGateway>, db: Db, clock: Clock) -> Self {
        Self { mailer, texts, db, clock }
    }

    /// Sends an e-mail as this try of a job, and writes what is `done` by that in one transaction with its row.
    ///
    /// # Errors
    /// Whether the job may be tried again.
    pub async fn mail(&self, this: &Try, what: &'static str, mail: Mail, done: Transaction) -> Outcome {
        let sent = self.mailer.send(&mail).await;
        let (subject, text) = mail.kept();
        let keep = mail.about.as_ref().map(|about| self.keep(about, Way::Email, &mail.id, &mail.to, &subject, text));
        self.record(this, what, sent, keep.unwrap_or_default().then(done)).await
    }

    /// Sends a text message as this try of a job, and writes what is `done` by that in one transaction with its row.
    ///
    /// # Errors
    /// Whether the job may be tried again.
    pub async fn text(&self, this: &Try, what: &'static str, message: TextMessage, done: Transaction) -> Outcome {
        let keep = message
            .about
            .as_ref()
            .map(|about| self.keep(about, Way::Text, &message.id, &message.to, "Text message", message.text.clone()));
        let sent = self.texts.send(message).await;
        self.record(this, what, sent, keep.unwrap_or_default().then(done)).await
    }

    fn keep(
        &self,
        about: &About,
        way: Way,
        name: &str,
        to: &impl ToString,
        subject: &str,
        content: String,
    ) -> Transaction {
        sent::keep(sent::New {
            name,
            account: &about.account,
            logon: about.logon.as_deref(),
            way,
            recipient: to.to_string(),
            subject: subject.to_owned(),
            content,
            at: self.clock.now(),
        })
    }

    async fn record(
        &self,
        this: &Try,
        what: &'static str,
        sent: Result<String, PostFault>,
        done: Transaction,
    ) -> Outcome {
        let (outcome, said) = match &sent {
            Ok(said) => ("sent", said.clone()),
            Err(PostFault::Later(why)) if !this.is_last => ("under way", why.clone()),
            Err(PostFault::Later(why) | PostFault::Never(why) | PostFault::Unprintable(why)) => {
                ("undeliverable", why.clone())
            }
        };
        let row = NoteTry {
            job: this.job.clone(),
            what,
            tries: i64::try_from(this.number).unwrap_or(i64::MAX),
            outcome,
            said,
            now: self.clock.now(),
        };
        let row = row.then(if sent.is_ok() { done } else { Transaction::default() });
        let noted = self.note(row, sent.is_ok()).await;
        match (sent, noted) {
            (Ok(_), Ok(())) => Ok(()),
            (Ok(_), Err(fault)) => Err(Verdict::Again(format!("it was sent, and that could not be noted: {fault}"))),
            (Err(PostFault::Later(why)), _) => Err(Verdict::Again(why)),
            (Err(PostFault::Never(why) | PostFault::Unprintable(why)), _) => Err(Verdict::Never(why)),
        }
    }

    /// Writes a row. What has left has left: it is worth a minute's patience that it is not sent once more.
    async fn note(&self, row: Transaction, has_left: bool) -> Result<(), DbError> {
        let mut pauses = NOTING.iter().take(if has_left { NOTING.len() } else { 0 });
        loop {
            let Err(fault) = row.clone().run(&self.db).await else { return Ok(()) };
            tracing::warn!(%fault, "a delivery could not be noted");
            match pauses.next() {
                Some(pause) => tokio::time::sleep(*pause).await,
                None => return Err(fault),
            }
        }
    }
}
