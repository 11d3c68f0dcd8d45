//! The mailbox actor: posts to one account go one at a time, each written first and then told to the
//! sessions of its holders.

use std::{sync::Arc, time::Duration};

use actix::{
    Actor, ActorContext, ActorFutureExt, Addr, AsyncContext, AtomicResponse, Context, Handler, Message, WrapFuture,
};

use super::{
    posting::{self, Composed},
    thread::{Author, New},
};
use crate::{
    audit::origin::{self, Origin},
    db::DbError,
    http::{Fault, Portal},
    live::{Directory, Stage, directory::Connected},
    words::{AccountId, measure::Measure},
};

/// An idle mailbox stops: memory is bounded by who is active.
const IDLE: Duration = Duration::from_secs(120);
/// How long a post may take before its sender is told that the portal is busy.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where mailboxes are found.
#[derive(Clone)]
pub struct Mailboxes {
    portal: Portal,
    stage: Stage,
    directory: Arc<Directory<AccountId, Mailbox>>,
}

/// The handle of one account's mailbox.
pub struct Mailbox(Addr<MailboxActor>);

impl Connected for Mailbox {
    fn is_connected(&self) -> bool {
        self.0.connected()
    }
}

impl Mailboxes {
    /// The mailboxes of this portal, with actors on this stage.
    pub fn new(portal: Portal, stage: Stage) -> Self {
        Self { portal, stage, directory: Arc::default() }
    }

    /// The mailbox of an account.
    pub fn of(&self, account: &AccountId) -> Arc<Mailbox> {
        self.directory.find_or_start(account, || {
            let portal = self.portal.clone();
            Mailbox(MailboxActor::start_in_arbiter(self.stage.next(), move |context: &mut Context<MailboxActor>| {
                context.set_mailbox_capacity(64);
                MailboxActor { portal, posts: 0 }
            }))
        })
    }

    /// Forgets the mailboxes whose actors stopped.
    pub fn tidy(&self) {
        self.directory.forget_stopped();
    }
}

impl Mailbox {
    /// Posts a message. When this returns, it is durable and its holders' pages are told.
    ///
    /// # Errors
    /// [`Fault::NotFound`] when the author may not post there; others when the database does not answer.
    pub async fn post(&self, message: New) -> Result<Posted, Fault> {
        match self.0.send(Post(message, origin::present())).timeout(PATIENCE).await {
            Ok(posted) => posted,
            Err(fault) => Err(Fault::Away(format!("the mailbox: {fault}"))),
        }
    }
}

/// One account's mailbox.
pub struct MailboxActor {
    portal: Portal,
    /// How many posts it has seen; when that stands still it stops.
    posts: u64,
}

impl Actor for MailboxActor {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        let mut seen = 0;
        context.run_interval(IDLE, move |actor, context| {
            if actor.posts == seen {
                context.stop();
            }
            seen = actor.posts;
        });
    }
}

/// A message to post.
#[derive(Message)]
#[rtype(result = "Result<Posted, Fault>")]
pub struct Post(New, Origin);

/// What a post came to.
#[derive(Clone, Debug)]
pub struct Posted {
    /// The message's place in its mailbox.
    pub sequence: i64,
    /// The thread's first message.
    pub thread: i64,
    /// How many people have access to it.
    pub holders: usize,
}

impl Handler<Post> for MailboxActor {
    /// Nothing else runs in this actor until the post is written.
    type Result = AtomicResponse<Self, Result<Posted, Fault>>;

    fn handle(&mut self, Post(message, origin): Post, _: &mut Context<Self>) -> Self::Result {
        self.posts += 1;
        let portal = self.portal.clone();
        let written = async move {
            let measure = match message.author {
                Author::Staff { .. } => Measure::MessagesOfStaff,
                Author::Holder { .. } => Measure::MessagesOfHolders,
            };
            let composed = portal.pools.text.run(None, move || Composed::of(message)).await;
            let composed = composed.map_err(|fault| DbError::Broken(fault.to_string()))?;
            let written = posting::post(&portal.db, &composed, portal.now()).await?;
            portal.count(measure, 1);
            Ok::<_, DbError>(written)
        };
        let written = origin::on_behalf_of(origin, written);
        AtomicResponse::new(Box::pin(written.into_actor(self).map(|written, _, _| {
            let written = written.map_err(|fault| {
                if fault.is_refusal(posting::NO_PLACE) { Fault::NotFound } else { Fault::from(fault) }
            })?;
            Ok(Posted { sequence: written.sequence, thread: written.thread, holders: written.holders })
        })))
    }
}
