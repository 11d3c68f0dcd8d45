//! Messages in the database. Order is the account's own sequence, not a clock; newest first is
//! ascending on the negative sequence.

use springboard_jobs::{Alert, Job};

use crate::{
    audit,
    store::{Ask, Piece, Store, StoreFault, value::SurrealValue},
    words::{AccountId, AccountNumber, DraftId, Moment},
};

/// A message as lists show it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// To which account.
    pub account: AccountId,
    /// Its place in the mailbox, from 1.
    pub sequence: i64,
    /// Its subject.
    pub subject: String,
    /// When it was posted.
    pub at: Moment,
    /// Whether this logon has not read it.
    pub unread: bool,
}

#[derive(SurrealValue)]
struct ListedRow {
    kind: String,
    number: String,
    sequence: i64,
    subject: String,
    at: Moment,
    unread: bool,
}

/// The latest messages of an account, newest first, with what `logon` has not read.
///
/// # Errors
/// When the database does not answer.
pub async fn latest(store: &Store, logon: &str, account: &AccountId, most: i64) -> Result<Vec<Listed>, StoreFault> {
    let ask = Ask::new(
        "SELECT kind, number, sequence, subject, at, record::exists(type::record('unread', [$logon, kind, number, -sequence])) AS unread
         FROM type::record('message', [$kind, $number]..[$kind, $number, ..]) LIMIT $most",
    )
    .with("logon", logon.to_owned())
    .with("kind", account.kind.clone())
    .with("number", account.number.digits())
    .with("most", most);
    let rows: Vec<ListedRow> = store.ask(ask).await?.all(0)?;
    rows.into_iter()
        .map(|row| {
            let number = AccountNumber::parse(&row.number)
                .map_err(|_| StoreFault::Broken("a message names no account".into()))?;
            Ok(Listed {
                account: AccountId::new(row.kind, number),
                sequence: row.sequence,
                subject: row.subject,
                at: row.at,
                unread: row.unread,
            })
        })
        .collect()
}

/// An open message.
#[derive(Clone, Debug, SurrealValue)]
pub struct Message {
    /// Its subject.
    pub subject: String,
    /// Its text, as it was written.
    pub body: String,
    /// When it was posted.
    pub at: Moment,
}

/// One message of an account.
///
/// # Errors
/// When the database does not answer.
pub async fn find(store: &Store, account: &AccountId, sequence: i64) -> Result<Option<Message>, StoreFault> {
    let ask = Ask::new("SELECT subject, body, at FROM ONLY type::record('message', [$kind, $number, -$sequence])")
        .with("kind", account.kind.clone())
        .with("number", account.number.digits())
        .with("sequence", sequence);
    store.ask(ask).await?.one(0)
}

/// Notes that `logon` has read a message; true if it had not before.
///
/// # Errors
/// When the database does not answer.
pub async fn read(store: &Store, logon: &str, account: &AccountId, sequence: i64) -> Result<bool, StoreFault> {
    let ask = Ask::new(
        "{
            LET $gone = (DELETE type::record('unread', [$logon, $kind, $number, -$sequence]) RETURN BEFORE);
            IF $gone = [] { RETURN false };
            fn::wake($logon, 'facts');
            RETURN true;
        }",
    )
    .with("logon", logon.to_owned())
    .with("kind", account.kind.clone())
    .with("number", account.number.digits())
    .with("sequence", sequence);
    Ok(store.ask(ask).await?.one(0)?.unwrap_or(false))
}

/// How many messages a logon has not read, over all its accounts (R132): a count of keys.
///
/// # Errors
/// When the database does not answer.
pub async fn unread_count(store: &Store, logon: &str) -> Result<i64, StoreFault> {
    let ask = Ask::new(
        "SELECT VALUE count FROM (SELECT count() FROM type::record('unread', [$logon]..[$logon, ..]) GROUP ALL)",
    )
    .with("logon", logon.to_owned());
    Ok(store.ask(ask).await?.all::<i64>(0)?.first().copied().unwrap_or(0))
}

/// What staff post.
#[derive(Clone, Debug)]
pub struct New {
    /// To which account.
    pub account: AccountId,
    /// The subject.
    pub subject: String,
    /// The text, in Markdown.
    pub body: String,
    /// The employee.
    pub staff: String,
    /// What makes a second click the same post.
    pub draft: DraftId,
}

/// What a post came to.
#[derive(Clone, Debug, SurrealValue)]
pub struct Written {
    /// The message's place in its mailbox.
    pub sequence: i64,
    /// Everyone who had access when it was posted.
    pub holders: Vec<String>,
}

#[derive(SurrealValue)]
struct PostValues {
    kind: String,
    number: String,
    subject: String,
    body: String,
    staff: String,
    draft: String,
    now: Moment,
}

#[derive(SurrealValue)]
struct AlertShape {
    queue: String,
    max_attempts: i64,
}

/// Writes a message, what is unread with it, and an alert for each holder who wants one: one
/// transaction. A draft that was posted before is not posted again. The alerts' arguments are JSON
/// that the database writes: who has access is known only there; ids, type keys and digits need no
/// escaping.
///
/// # Errors
/// When the database does not answer.
pub async fn post(store: &Store, new: &New, now: Moment) -> Result<Written, StoreFault> {
    let values = PostValues {
        kind: new.account.kind.clone(),
        number: new.account.number.digits(),
        subject: new.subject.clone(),
        body: new.body.clone(),
        staff: new.staff.clone(),
        draft: new.draft.to_string(),
        now,
    };
    let shape = AlertShape {
        queue: Alert::QUEUE.into(),
        max_attempts: i64::try_from(Alert::PATIENCE.tries).unwrap_or(i64::MAX),
    };
    let piece = Piece::new(
        "LET $before = (SELECT VALUE sequence FROM message WHERE draft = $post.draft LIMIT 1)[0];
         IF $before != NONE { RETURN { sequence: $before, holders: [] } };
         LET $box = type::record('mailbox', [$post.kind, $post.number]);
         LET $sequence = ((SELECT VALUE last FROM ONLY $box) ?? 0) + 1;
         UPSERT $box SET last = $sequence RETURN NONE;
         CREATE type::record('message', [$post.kind, $post.number, -$sequence]) SET kind = $post.kind, number = $post.number,
            sequence = $sequence, subject = $post.subject, body = $post.body, staff = $post.staff, draft = $post.draft,
            at = $post.now RETURN NONE;
         LET $holders = (SELECT logon, alerts FROM access WHERE kind = $post.kind AND number = $post.number);
         FOR $holder IN $holders {
            CREATE type::record('unread', [$holder.logon, $post.kind, $post.number, -$sequence]) SET at = $post.now RETURN NONE;
            fn::wake($holder.logon, 'message');
            IF $holder.alerts {
                fn::apalis_enqueue({
                    id: rand::ulid(),
                    queue: $alert.queue,
                    args: <bytes> ('{\"logon\":\"' + $holder.logon + '\",\"kind\":\"' + $post.kind + '\",\"number\":\"' + $post.number + '\",\"sequence\":' + <string> $sequence + '}'),
                    max_attempts: $alert.max_attempts,
                    idempotency_key: $holder.logon + '/' + $post.kind + '/' + $post.number + '/' + <string> $sequence
                });
            };
         };",
    );
    let mut answer = piece
        .then(audit::row(now, &new.staff, "posted a message", &new.account.key(), ""))
        .then(Piece::new("RETURN { sequence: $sequence, holders: $holders.logon };"))
        .with("post", values)
        .with("alert", shape)
        .run(store)
        .await?;
    answer.whole(0)
}
