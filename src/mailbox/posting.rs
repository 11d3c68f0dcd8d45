//! Posting a message: it, its place in each holder's mailbox, and the alerts, in one transaction.
//!
//! The mailbox is read first, the rows are made here, and one transaction writes them if the mailbox is as it was read.
//! Its record is what posts and changes of access meet on. A later message of an account never bears an earlier time,
//! whatever the clocks of two processes say.

use super::{
    post_rows::{self as rows, MOVED},
    rows_of_post::{Addressed, HolderRow, Rows, SPREAD_ABOVE},
    terms::terms,
    text,
    thread::{Author, New},
};
use crate::{
    access,
    audit::{self, Deed},
    db::{Db, DbError, Query, Refusal, Topic, Transaction, Whole, statement, unless_moved, value::SurrealValue},
    words::Moment,
};

/// What a post came to.
#[derive(Clone, Debug)]
pub struct Written {
    /// The message's place in its mailbox.
    pub sequence: i64,
    /// The thread's first message.
    pub thread: i64,
    /// How many had access when it was posted.
    pub holders: usize,
}

/// A message with what is made of its text.
pub struct Composed {
    pub(super) new: New,
    pub(super) html: String,
    /// What it is searched by, beside its subject.
    pub(super) terms: Vec<String>,
}

impl Composed {
    /// Renders a message. Work for a pool.
    pub fn of(new: New) -> Self {
        let (html, terms) = (text::render(&new.body), terms(&new.body));
        Self { new, html, terms }
    }

    /// The same of many, of which one text often follows itself. Work for a pool.
    pub fn of_all(messages: Vec<New>) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::with_capacity(messages.len());
        for new in messages {
            let composed = match all.last() {
                Some(last) if last.new.body == new.body => {
                    Self { html: last.html.clone(), terms: last.terms.clone(), new }
                }
                _ => Self::of(new),
            };
            all.push(composed);
        }
        all
    }
}

/// The text that [`post`] refuses with when its author may not post there, or the thread is not there.
pub const NO_PLACE: Refusal = Refusal::new("no place for this message");

#[derive(SurrealValue)]
struct Earlier {
    sequence: i64,
    thread: i64,
}

/// A mailbox's record as it was read.
#[derive(Clone, Copy, Debug, SurrealValue)]
pub(super) struct BoxRow {
    pub last: Option<i64>,
    pub at: Option<Moment>,
    pub changes: Option<i64>,
}

#[derive(SurrealValue)]
struct Found {
    earlier: Option<Earlier>,
    mailbox: Option<BoxRow>,
    may: bool,
    subject: Option<String>,
    holders: Vec<HolderRow>,
    files: Vec<crate::db::value::RecordId>,
}

statement! {
    /// What a post stands on. Who has the thread already matters only to one that goes on.
    Stand {
        key: String,
        kind: String,
        number: String,
        thread: Option<i64>,
        logon: Option<String>,
        draft: String,
        owner: String,
        most: i64,
    } -> Whole<Found>;
    reads message_key, mailbox, access, thread, thread_state, attachment;
    "RETURN {
        earlier: (SELECT sequence, thread FROM ONLY type::record('message_key', $key)),
        mailbox: (SELECT last, at, changes FROM ONLY type::record('mailbox', [$kind, $number])),
        may: $logon = NONE OR record::exists(type::record('access', [$kind, $number, $logon ?? ''])),
        subject: IF $thread = NONE { NONE } ELSE { (SELECT VALUE subject FROM ONLY type::record('thread', [$kind, $number, $thread])) },
        holders: (SELECT logon, pace, $thread != NONE AND record::exists(type::record('thread_state', [logon, $kind, $number, $thread])) AS has_thread
            FROM type::record('access', [$kind, $number]..[$kind, $number, ..]) LIMIT $most),
        files: (SELECT VALUE id FROM attachment WHERE draft = $draft AND owner = $owner AND message = NONE)
     };"
}

/// Writes a message, its place in each holder's mailbox, and an alert for each who wants one and did not write it: one
/// transaction. A form that was posted before is not posted again. An account of very many holders gets a job as well,
/// which brings the message to them.
///
/// # Errors
/// [`DbError::Refused`] with [`NO_PLACE`]; others when the database does not answer.
pub async fn post(db: &Db, message: &Composed, now: Moment) -> Result<Written, DbError> {
    unless_moved(MOVED, || post_once(db, message, now)).await
}

async fn post_once(db: &Db, message: &Composed, now: Moment) -> Result<Written, DbError> {
    let new = &message.new;
    let (by, logon) = match &new.author {
        Author::Staff { id, .. } => (id, None),
        Author::Holder { logon, .. } => (logon, Some(logon.clone())),
    };
    // Of one form, author and account there is one message: nobody else's form stands in its way.
    let key = format!("{by}/{}/{}", new.account.key(), new.draft);
    let stand = Stand {
        key: key.clone(),
        kind: new.account.kind.clone(),
        number: new.account.number.digits(),
        thread: new.thread,
        logon,
        draft: new.draft.to_string(),
        owner: by.clone(),
        most: i64::try_from(SPREAD_ABOVE + 1).unwrap_or(i64::MAX),
    };
    let found = stand.run(db).await?.0;
    if let Some(earlier) = found.earlier {
        return Ok(Written { sequence: earlier.sequence, thread: earlier.thread, holders: 0 });
    }
    if !found.may || (new.thread.is_some() && found.subject.is_none()) {
        return Err(NO_PLACE.into());
    }
    let first = found.holders.len();
    let holders = if first > SPREAD_ABOVE { access::count(db, &new.account).await? } else { first };
    let addressed = Addressed { message, mailbox: found.mailbox, subject: found.subject, holders: found.holders };
    let mut rows = Rows::new(now);
    let (sequence, thread) = rows.add(addressed);
    let number = new.account.number.digits();
    let files = rows::of(found.files, |files| rows::BindFiles {
        files,
        kind: new.account.kind.clone(),
        number,
        first: thread,
        sequence,
    });
    Transaction::from(rows::NoteKey { key, sequence, thread })
        .then(rows.transaction())
        .then(files)
        .then(audit::row(now, by, Deed::PostedMessage, &new.account.key(), ""))
        .changes([Topic::Staff])
        .run(db)
        .await?;
    Ok(Written { sequence, thread, holders })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        db::{migrate, value::Value},
        words::{AccountId, AccountNumber, DraftId},
    };

    fn message(draft: &str, thread: Option<i64>, author: Author) -> Composed {
        Composed::of(New {
            account: AccountId::new("dealer", AccountNumber::parse("1005").unwrap()),
            thread,
            subject: "Subject".into(),
            body: "Text".into(),
            author,
            answer_by: None,
            notice: None,
            draft: DraftId::known(draft),
        })
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_post_writes_the_same_by_keys_and_by_statements() {
        let by_key = Db::in_memory().await.unwrap();
        // Whoever is observed gets the statements.
        let by_text = Db::in_memory().await.unwrap().observed(Arc::new(|_, _| Ok(())));
        let now: Moment = "2026-11-24T12:00:00Z".parse().unwrap();
        let staff = || Author::Staff { id: "clerk".into(), name: "Clerk".into() };
        let holder = || Author::Holder { logon: "holder".into(), name: "Holder".into() };
        let mut outcomes = Vec::new();
        for db in [&by_key, &by_text] {
            migrate::run(db).await.unwrap();
            let access = "CREATE type::record('access', ['dealer', '0000001005', 'holder']) SET logon = 'holder', kind = 'dealer',
                number = '0000001005', pace = 'off', email = '', terms_version = '1', terms_at = $now, granted = $now, code = ''";
            db.raw(access).bind(("now", now)).await.unwrap();
            let mut places = Vec::new();
            // Of the same moment, the second one sent twice.
            for message in [
                message("1", None, staff()),
                message("2", None, staff()),
                message("2", None, staff()),
                message("3", Some(1), holder()),
            ] {
                let written = post(db, &message, now).await.unwrap();
                places.push((written.sequence, written.thread));
            }
            let mut tables = Vec::new();
            for table in ["mailbox", "message", "message_key", "reply", "thread", "thread_state", "alert"] {
                let rows = db.raw(format!("SELECT * FROM {table} ORDER BY id")).await;
                tables.push(rows.unwrap().take::<Value>(0).unwrap());
            }
            outcomes.push((places, tables));
        }
        assert_eq!(outcomes[0].0, [(1, 1), (2, 2), (2, 2), (3, 1)]);
        assert_eq!(outcomes[0], outcomes[1]);
    }
}
