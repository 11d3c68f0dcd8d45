//! Posting to the next accounts of a bulk post.

use springboard_jobs::{BulkPost as Work, Outcome, Verdict};

use super::{Addressee, BulkPost, State, filled, queries};
use crate::{
    db::DbError,
    http::Portal,
    mailbox::{
        notices::reminders,
        post_many::{PostBatch, post_many},
        posting::Composed,
        thread::{Author, LONGEST_SUBJECT, New},
    },
    words::{AccountId, AccountNumber, DraftId, Moment, measure::Measure},
};

/// Accounts of one transaction: after each so many staff see progress, and a pause takes hold.
const AT_ONCE: usize = 250;

fn again(fault: DbError) -> Verdict {
    Verdict::Again(fault.to_string())
}

/// Posts to the next accounts. Safe to run twice: the bulk post says how far it came, in the transaction that posts.
///
/// # Errors
/// Whether it may be tried again.
pub async fn post(portal: &Portal, work: Work) -> Outcome {
    let db = &portal.db;
    let Some(post) = queries::find(db, &work.bulk_post).await.map_err(again)? else {
        return Err(Verdict::Never("the bulk post is gone".into()));
    };
    let stands = matches!(post.state, State::Waiting | State::Running);
    if !stands || post.round != work.round || post.after != work.after {
        return Ok(());
    }
    let next = queries::next(db, &post, AT_ONCE).await.map_err(again)?;
    if next.iter().any(|to| AccountNumber::parse(&to.number).is_err()) {
        return Err(Verdict::Never("an account on file has no number".into()));
    }
    let messages = composed(portal, &post, &next).await.map_err(again)?;
    let name = format!("bulk/{}/{}/{}", post.id, post.round, post.after);
    let batch = PostBatch { messages: &messages, are_neighbours: post.numbers.is_none(), name };
    let now = portal.now();
    let posted = post_many(db, &batch, now, |count| queries::advance(&post, &next[..count], now)).await;
    match posted {
        Ok(count) => {
            portal.count(Measure::MessagesOfStaff, count);
            Ok(())
        }
        // Another process was as far.
        Err(fault) if fault.is_refusal(queries::OVERTAKEN) => Ok(()),
        Err(fault) => Err(again(fault)),
    }
}

/// The message to each account.
async fn composed(portal: &Portal, post: &BulkPost, next: &[Addressee]) -> Result<Vec<Composed>, DbError> {
    let now = portal.now();
    let messages: Vec<New> = next.iter().filter_map(|to| message(portal, post, to, now)).collect();
    let composed = portal.pools.text.run(None, move || Composed::of_all(messages)).await;
    composed.map_err(|fault| DbError::Broken(fault.to_string()))
}

fn message(portal: &Portal, post: &BulkPost, to: &Addressee, now: Moment) -> Option<New> {
    let agency = &portal.agency();
    let days: Vec<u64> = post.remind.iter().filter_map(|days| u64::try_from(*days).ok()).collect();
    let subject = filled(&post.subject, agency, &post.kind, to);
    Some(New {
        account: AccountId::new(post.kind.clone(), AccountNumber::parse(&to.number).ok()?),
        thread: None,
        subject: subject.chars().take(LONGEST_SUBJECT).collect(),
        body: filled(&post.body, agency, &post.kind, to),
        author: Author::Staff { id: post.author.clone(), name: post.author_name.clone() },
        answer_by: post.answer_by,
        notice: post.confirm_by.map(|by| (by, reminders(by, &days, agency, now))),
        draft: DraftId::known(format!("bulk-{}", post.id)),
    })
}
