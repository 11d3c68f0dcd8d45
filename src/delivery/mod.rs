//! Hands e-mails and text messages over, and keeps what was sent for an account.

mod history;
pub mod sent;
mod way;

use std::{sync::Arc, time::Duration};

use springboard_jobs::{Outcome, Try, Verdict};

pub use history::{History, State, Step};
pub use way::Way;

use crate::{
    db::{Db, Transaction},
    http::Fault,
    post::{About, Mail, Mailer, PostFault, TextGateway, TextMessage},
    words::Clock,
};

/// The pauses between the tries to note what has left.
const NOTING: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(20)];

/// What a handler answers when a document could not be made: only letters without a sign are nobody's fault.
pub fn document_fault(fault: PostFault) -> Fault {
    match fault {
        PostFault::Unprintable(why) => Fault::Unprintable(why),
        PostFault::Later(why) | PostFault::Never(why) => Fault::Broken(why),
    }
}

/// Hands mail and text messages over, and notes it.
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

    /// Sends an e-mail as this try of a job, and writes what is `done` by that in one transaction with its copy.
    ///
    /// # Errors
    /// Whether the job may be tried again.
    pub async fn mail(&self, this: &Try, mail: Mail, done: Transaction) -> Outcome {
        let sent = self.send(&mail).await;
        self.record(this, sent, sent::keep(self.copy_of(&mail).into_iter().collect()).then(done)).await
    }

    /// Sends an e-mail; what comes of it is the caller's to note, with [`Courier::copy_of`] it and [`Courier::note`].
    ///
    /// # Errors
    /// Whether it may be tried again.
    pub async fn send(&self, mail: &Mail) -> Result<String, PostFault> {
        self.mailer.send(mail).await
    }

    /// Sends a text message as this try of a job, and writes what is `done` by that in one transaction with its copy.
    ///
    /// # Errors
    /// Whether the job may be tried again.
    pub async fn text(&self, this: &Try, message: TextMessage, done: Transaction) -> Outcome {
        let copy = message.about.as_ref().map(|about| {
            self.copy(
                about,
                Way::Text,
                &message.id,
                message.to.to_string(),
                "Text message".into(),
                message.text.clone(),
            )
        });
        let sent = self.texts.send(message).await;
        self.record(this, sent, sent::keep(copy.into_iter().collect()).then(done)).await
    }

    /// The copy of an e-mail that is kept, if it is sent for an account.
    pub fn copy_of(&self, mail: &Mail) -> Option<sent::SentCopy> {
        let about = mail.about.as_ref()?;
        let (subject, text) = mail.kept();
        Some(self.copy(about, Way::Email, &mail.id, mail.to.to_string(), subject, text))
    }

    fn copy(
        &self,
        about: &About,
        way: Way,
        name: &str,
        recipient: String,
        subject: String,
        content: String,
    ) -> sent::SentCopy {
        let (account, logon, messages) = (&about.account, about.logon.as_deref(), about.messages.clone());
        let at = self.clock.now();
        sent::SentCopy::from(sent::New { name, account, logon, messages, way, recipient, subject, content, at })
    }

    async fn record(&self, this: &Try, sent: Result<String, PostFault>, done: Transaction) -> Outcome {
        match sent {
            Ok(said) => {
                tracing::debug!(job = this.job, said, "handed over");
                self.note(done).await
            }
            Err(PostFault::Later(why)) => Err(Verdict::Again(why)),
            Err(PostFault::Never(why) | PostFault::Unprintable(why)) => Err(Verdict::Never(why)),
        }
    }

    /// Notes what has left: it is worth a minute's patience that it is not sent once more.
    ///
    /// # Errors
    /// That the job is to be tried again.
    pub async fn note(&self, done: Transaction) -> Outcome {
        if done.is_empty() {
            return Ok(());
        }
        let mut pauses = NOTING.iter();
        loop {
            let Err(fault) = done.clone().run(&self.db).await else { return Ok(()) };
            tracing::warn!(%fault, "what was sent could not be noted");
            match pauses.next() {
                Some(pause) => tokio::time::sleep(*pause).await,
                None => return Err(Verdict::Again(format!("it was sent, and that could not be noted: {fault}"))),
            }
        }
    }
}
