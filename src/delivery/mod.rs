//! Deliveries: one row for each e-mail or text message, with its tries and what the server said.

use std::sync::Arc;

use springboard_jobs::{Outcome, Try, Verdict};

use crate::{
    post::{Mail, Mailer, PostFault, TextGateway, TextMessage},
    store::{Ask, Store},
    words::Clock,
};

/// Hands mail and text messages over, and keeps the row.
#[derive(Clone)]
pub struct Courier {
    mailer: Mailer,
    texts: Arc<dyn TextGateway>,
    store: Store,
    clock: Clock,
}

impl Courier {
    /// A courier with its two ways out.
    pub fn new(mailer: Mailer, texts: Arc<dyn TextGateway>, store: Store, clock: Clock) -> Self {
        Self { mailer, texts, store, clock }
    }

    /// Sends an e-mail as this try of a job.
    ///
    /// # Errors
    /// Whether the job may be tried again.
    pub async fn mail(&self, this: &Try, what: &'static str, mail: Mail) -> Outcome {
        let sent = self.mailer.send(&mail).await;
        self.record(this, what, sent).await
    }

    /// Sends a text message as this try of a job.
    ///
    /// # Errors
    /// Whether the job may be tried again.
    pub async fn text(&self, this: &Try, what: &'static str, message: TextMessage) -> Outcome {
        let sent = self.texts.send(message).await;
        self.record(this, what, sent).await
    }

    async fn record(&self, this: &Try, what: &'static str, sent: Result<String, PostFault>) -> Outcome {
        let (outcome, said) = match &sent {
            Ok(said) => ("sent", said.clone()),
            Err(PostFault::Later(why)) if !this.is_last => ("under way", why.clone()),
            Err(PostFault::Later(why) | PostFault::Never(why)) => ("undeliverable", why.clone()),
        };
        let row = Ask::new(
            "UPSERT type::record('delivery', $job) SET what = $what, tries = $tries, outcome = $outcome, said = $said, at = $now RETURN NONE",
        )
        .with("job", this.job.clone())
        .with("what", what)
        .with("tries", i64::try_from(this.number).unwrap_or(i64::MAX))
        .with("outcome", outcome)
        .with("said", said)
        .with("now", self.clock.now());
        // What left has left: a row that can't be written must not send it again.
        if let Err(fault) = self.store.ask(row).await {
            tracing::warn!(job = this.job, %fault, "a delivery could not be noted");
        }
        match sent {
            Ok(_) => Ok(()),
            Err(PostFault::Later(why)) => Err(Verdict::Again(why)),
            Err(PostFault::Never(why)) => Err(Verdict::Never(why)),
        }
    }
}
