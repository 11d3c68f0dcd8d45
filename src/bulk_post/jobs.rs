//! Posting to the next accounts of a bulk post.

use futures_util::{StreamExt, TryStreamExt};
use springboard_jobs::{BulkPost as Work, Outcome, Verdict};

use super::{Addressee, BulkPost, State, filled, queries};
use crate::{
    db::DbError,
    http::Portal,
    mailbox::{
        notices::reminders,
        queries as messages, text,
        thread::{Author, LONGEST_SUBJECT, New},
    },
    words::{AccountId, AccountNumber, DraftId, measure::Measure},
};

/// Accounts of one job: after each so many staff see progress, and a pause takes hold.
const AT_ONCE: usize = 100;
/// Posts that are under way at a time: their commits share the disk's syncs.
const SIDE_BY_SIDE: usize = 8;

fn again(fault: DbError) -> Verdict {
    Verdict::Again(fault.to_string())
}

/// Posts to the next accounts. Safe to run twice: each account's message has a draft of its own, and of one draft there is
/// one message.
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
    let posts: Vec<_> = next.iter().map(|to| post_to(portal, &post, to)).collect();
    let posted = futures_util::stream::iter(posts).buffer_unordered(SIDE_BY_SIDE);
    posted.try_collect::<()>().await.map_err(again)?;
    queries::advance(db, &post, &next, portal.now()).await.map_err(again)
}

async fn post_to(portal: &Portal, post: &BulkPost, to: &Addressee) -> Result<(), DbError> {
    let Ok(number) = AccountNumber::parse(&to.number) else { return Ok(()) };
    let (agency, now) = (&portal.agency(), portal.now());
    let days: Vec<u64> = post.remind.iter().filter_map(|days| u64::try_from(*days).ok()).collect();
    let subject = filled(&post.subject, agency, &post.kind, to);
    let new = New {
        account: AccountId::new(post.kind.clone(), number),
        thread: None,
        subject: subject.chars().take(LONGEST_SUBJECT).collect(),
        body: filled(&post.body, agency, &post.kind, to),
        author: Author::Staff { id: post.author.clone(), name: post.author_name.clone() },
        answer_by: post.answer_by,
        notice: post.confirm_by.map(|by| (by, reminders(by, &days, agency, now))),
        draft: DraftId::known(format!("bulk-{}-{}", post.id, to.number)),
    };
    let body = new.body.clone();
    let html = portal.pools.text.run(None, move || text::render(&body)).await;
    let html = html.map_err(|fault| DbError::Broken(fault.to_string()))?;
    messages::post(&portal.db, &new, html, now).await?;
    portal.count(Measure::MessagesOfStaff, 1);
    Ok(())
}
