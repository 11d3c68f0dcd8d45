//! The session actor: open pages, the idle timer, facts made stale. A thin shell over
//! [`Life`], [`Memory`] and [`Pages`].

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, Message, WrapFuture};
use dashmap::DashMap;
use futures_util::stream::BoxStream;

use super::{
    Kind, Session,
    life::Life,
    memory::Memory,
    queries::{self, Agreed, AskAccessTerms},
    token,
};
use crate::{
    db::{DbError, Topic},
    http::Portal,
    live::{Directory, Hint, Mark, Pages, Stage},
    words::Moment,
};

/// How often a session that is used says so to the database.
const SAY: chrono::Duration = chrono::Duration::minutes(1);
/// How often an actor looks whether its session has ended.
const LOOK: Duration = Duration::from_secs(20);

/// Whose facts changed, if it is everybody's on the staff; no logon has this id.
const ALL_STAFF: &str = "staff";

/// Where sessions are found: the door to their actors.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

struct Inner {
    portal: Portal,
    stage: Stage,
    access_terms: AskAccessTerms,
    sessions: Directory<String, Session>,
    /// The sessions of each owner: a hint goes to them only.
    of_owner: DashMap<String, Vec<Weak<Session>>>,
}

impl Desk {
    /// A desk for this portal's sessions, with actors on this stage.
    pub fn new(portal: Portal, stage: Stage, access_terms: AskAccessTerms) -> Self {
        Self(Arc::new(Inner { portal, stage, access_terms, sessions: Directory::default(), of_owner: DashMap::new() }))
    }

    /// The session of a cookie's token: from memory, or from the database once. What a page asks for
    /// by itself is no use of the session and keeps it from nothing.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find(&self, kind: Kind, token: &str, is_use: bool) -> Result<Option<Arc<Session>>, DbError> {
        let now = self.0.portal.now();
        let key = token::record_key(token);
        if let Some(session) = self.0.sessions.find(&key)
            && session.kind == kind
            && session.life.holds(now)
        {
            self.used(&session, now, is_use);
            return Ok(Some(session));
        }
        let Some(row) = queries::find(&self.0.portal.db, kind, &key, now).await? else { return Ok(None) };
        let form_token = token::for_forms(&self.0.portal.keys, token);
        let session = self.0.sessions.find_or_start(&key, || self.start(kind, &key, form_token, row));
        self.enlist(&session);
        self.used(&session, now, is_use);
        Ok(Some(session))
    }

    fn start(&self, kind: Kind, key: &str, form_token: String, row: queries::Row) -> Session {
        let (desk, key_of_actor) = (self.clone(), key.to_owned());
        let said = row.seen;
        let address =
            SessionActor::start_in_arbiter(self.0.stage.next(), move |context: &mut Context<SessionActor>| {
                context.set_mailbox_capacity(64);
                SessionActor { desk, key: key_of_actor, pages: Pages::default(), said }
            });
        Session {
            key: key.to_owned(),
            kind,
            who: row.who,
            user_id: row.user_id,
            role: row.role,
            hint: row.hint,
            has_factor: row.has_factor,
            needs_factor: kind == Kind::Staff && self.0.portal.requires_factor,
            factor_at: row.factor_at,
            life: Life::new(row.began, row.seen),
            memory: Memory::default(),
            form_token,
            address,
        }
    }

    /// Notes that a session was used; its actor tells the database at most once a minute.
    fn used(&self, session: &Session, now: Moment, is_use: bool) {
        if is_use {
            session.life.used(now);
        }
    }

    /// Which terms a session's person agreed to.
    pub(super) async fn agreed(&self, session: &Session) -> Result<Arc<Agreed>, DbError> {
        session.facts(queries::agreed(&self.0.portal.db, &session.who, self.0.access_terms)).await
    }

    /// Another open page of a session, and how far it has heard.
    pub async fn open(&self, session: &Session, heard: Option<Mark>) -> Option<BoxStream<'static, (Hint, Mark)>> {
        session.address.send(Open(heard)).await.ok()
    }

    /// Makes the facts of a logon's sessions stale, and invites their open pages to fetch anew.
    pub fn changed(&self, logon: &str) {
        for session in self.of(logon) {
            session.memory.forget();
            session.address.do_send(Tell(Hint::Changed));
        }
    }

    /// Passes on that a topic changed.
    pub fn tell(&self, topic: &Topic) {
        match topic {
            Topic::Logon(id) => self.changed(id),
            Topic::Staff => self.changed(ALL_STAFF),
            Topic::Sessions(who) => {
                for session in self.of(who) {
                    session.address.do_send(LookNow);
                }
                self.changed(who);
            }
            Topic::Content => {}
        }
    }

    /// Ends a session in this process.
    pub fn ended(&self, session: &Arc<Session>) {
        session.life.end();
        session.address.do_send(End);
        self.0.sessions.forget(&session.key, session);
    }

    /// Has a session read anew from the database: what is known of its owner changed.
    pub fn reload(&self, session: &Arc<Session>) {
        session.address.do_send(End);
        self.0.sessions.forget(&session.key, session);
    }

    /// Ends all sessions of somebody in this process but the one with this key.
    pub fn ended_others(&self, who: &str, but: &str) {
        self.of(who).iter().filter(|session| session.key != but).for_each(|session| self.ended(session));
    }

    /// Ends one session of somebody in this process.
    pub fn ended_one(&self, who: &str, key: &str) {
        self.of(who).iter().filter(|session| session.key == key).for_each(|session| self.ended(session));
    }

    /// Ends all sessions of a logon in this process.
    pub fn ended_all(&self, logon: &str) {
        for session in self.of(logon) {
            self.ended(&session);
        }
    }

    /// Forgets the sessions whose actors stopped.
    pub fn tidy(&self) {
        self.0.sessions.forget_stopped();
        self.0.of_owner.retain(|_, sessions| sessions.iter().any(|session| session.strong_count() > 0));
    }

    fn enlist(&self, session: &Arc<Session>) {
        self.enlist_as(session.who.clone(), session);
        if session.kind == Kind::Staff {
            self.enlist_as(ALL_STAFF.to_owned(), session);
        }
    }

    fn enlist_as(&self, owner: String, session: &Arc<Session>) {
        let mut sessions = self.0.of_owner.entry(owner).or_default();
        sessions.retain(|other| other.strong_count() > 0);
        if !sessions.iter().any(|other| std::ptr::eq(other.as_ptr(), Arc::as_ptr(session))) {
            sessions.push(Arc::downgrade(session));
        }
    }

    fn of(&self, who: &str) -> Vec<Arc<Session>> {
        self.0.of_owner.get(who).map(|sessions| sessions.iter().filter_map(Weak::upgrade).collect()).unwrap_or_default()
    }
}

/// The actor of one session.
pub struct SessionActor {
    desk: Desk,
    key: String,
    pages: Pages,
    /// When the database last heard that the session was used.
    said: Moment,
}

impl Actor for SessionActor {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        context.run_interval(LOOK, |actor, context| actor.look(context));
    }
}

impl SessionActor {
    fn session(&self) -> Option<Arc<Session>> {
        self.desk.0.sessions.find(&self.key)
    }

    /// Tells the database of use, or finds out whether the session has ended; by the word of every
    /// process, before it is ended for idleness.
    fn look(&mut self, context: &mut Context<Self>) {
        let Some(session) = self.session() else { return self.stop(context) };
        let seen = session.life.seen();
        let say = (seen - self.said >= SAY).then_some(seen);
        let portal = self.desk.0.portal.clone();
        let key = self.key.clone();
        let asked = async move {
            match say {
                Some(seen) => queries::touch(&portal.db, &key, seen).await.map(|there| there.then_some(seen)),
                None => queries::seen(&portal.db, &key).await,
            }
        };
        context.spawn(asked.into_actor(self).map(move |answer, actor, context| match answer {
            Ok(Some(seen)) => {
                actor.said = seen;
                session.life.used(seen);
                if !session.life.holds(actor.desk.0.portal.now()) {
                    actor.stop(context);
                }
            }
            Ok(None) => actor.stop(context),
            // The database is away: the session stands by what is known of it.
            Err(fault) => tracing::warn!(%fault, "a session could not be looked up"),
        }));
    }

    fn stop(&mut self, context: &mut Context<Self>) {
        if let Some(session) = self.session() {
            session.life.end();
        }
        self.pages.close();
        context.stop();
    }
}

/// Another open page, and how far it has heard.
#[derive(Message)]
#[rtype(result = "BoxStream<'static, (Hint, Mark)>")]
pub struct Open(Option<Mark>);

impl Handler<Open> for SessionActor {
    type Result = actix::MessageResult<Open>;

    fn handle(&mut self, Open(heard): Open, _: &mut Context<Self>) -> Self::Result {
        use futures_util::StreamExt;
        actix::MessageResult(self.pages.open(heard).boxed())
    }
}

/// Tells the open pages.
#[derive(Message)]
#[rtype(result = "()")]
struct Tell(Hint);

impl Handler<Tell> for SessionActor {
    type Result = ();

    fn handle(&mut self, Tell(hint): Tell, _: &mut Context<Self>) {
        self.pages.tell(hint);
    }
}

/// Something was said about this logon's sessions: is this one still there?
#[derive(Message)]
#[rtype(result = "()")]
struct LookNow;

impl Handler<LookNow> for SessionActor {
    type Result = ();

    fn handle(&mut self, _: LookNow, context: &mut Context<Self>) {
        self.look(context);
    }
}

/// The session ended here.
#[derive(Message)]
#[rtype(result = "()")]
struct End;

impl Handler<End> for SessionActor {
    type Result = ();

    fn handle(&mut self, _: End, context: &mut Context<Self>) {
        self.pages.close();
        context.stop();
    }
}
