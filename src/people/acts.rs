//! What staff do for and with a logon; the person is told each time.

use springboard_jobs::{Job, NewTask, StaffAct, WordOfStaff};

use super::{Approval, Risky, State, queries, recovery_letter};
use crate::{
    access::{self, Grant},
    account,
    audit::{self, Deed},
    db::{DbError, Transaction},
    http::Portal,
    invitation,
    logon::{self, queries::Logon},
    mailbox,
    session::{self, Kind, sign_in, staff::By},
    words::{AccountId, Moment},
};

fn word(act: StaffAct, logon: &str, account: Option<&AccountId>, to: Option<&str>, event: &str) -> NewTask {
    let account = account.map(|account| (account.kind.clone(), account.number.digits()));
    let (logon, to, event) = (logon.to_owned(), to.map(str::to_owned), event.to_owned());
    WordOfStaff { act, logon, account, to, event }.task()
}

fn tell(words: Vec<NewTask>) -> Transaction {
    Transaction::enqueue_all(words)
}

fn event(now: Moment) -> String {
    now.timestamp_millis().to_string()
}

/// Forgets the failures that locked a logon's sign-in.
///
/// # Errors
/// When the database does not answer.
pub async fn unlock(portal: &Portal, logon: &Logon, by: By<'_>) -> Result<(), DbError> {
    let (id, now) = (logon.id.as_str(), portal.now());
    sign_in::unlock(portal, Kind::Person, &logon.user_id)
        .then(audit::row(now, by.id, Deed::Unlocked, id, ""))
        .then(tell(vec![word(StaffAct::Unlocked, id, None, Some(id), &event(now))]))
        .run(&portal.db)
        .await
}

/// Ends all sessions of a logon.
///
/// # Errors
/// When the database does not answer.
pub async fn end_sessions(portal: &Portal, logon: &Logon, by: By<'_>) -> Result<(), DbError> {
    let (id, now) = (logon.id.as_str(), portal.now());
    session::end_others(id, "")
        .then(audit::row(now, by.id, Deed::EndedSessions, id, ""))
        .then(tell(vec![word(StaffAct::EndedSessions, id, None, Some(id), &event(now))]))
        .run(&portal.db)
        .await
}

/// Suspends a logon: it can't sign in, and its sessions end.
///
/// # Errors
/// When the database does not answer.
pub async fn suspend(portal: &Portal, logon: &Logon, reason: &str, by: By<'_>) -> Result<(), DbError> {
    let (id, now) = (logon.id.as_str(), portal.now());
    logon::queries::set_status(id, "suspended")
        .then(queries::withdraw_all(id, now))
        .then(recovery_letter::void(id))
        .then(session::end_others(id, ""))
        .then(audit::row(now, by.id, Deed::Suspended, id, reason))
        .then(tell(vec![word(StaffAct::Suspended, id, None, Some(id), &event(now))]))
        .run(&portal.db)
        .await
}

/// Takes an access away: whoever had it, the others who have, and the address on record are told.
///
/// # Errors
/// When the database does not answer.
pub async fn revoke(
    portal: &Portal,
    logon: &Logon,
    account: &AccountId,
    reason: &str,
    by: By<'_>,
) -> Result<(), DbError> {
    let (id, now) = (logon.id.as_str(), portal.now());
    let words = everyone(portal, StaffAct::RevokedAccess, id, account, &event(now)).await?;
    mailbox::holders::revoke(id, account)
        .then(queries::withdraw_all(id, now))
        .then(recovery_letter::void(id))
        .then(audit::row(now, by.id, Deed::RevokedAccess, &account.key(), &format!("{}: {reason}", logon.user_id)))
        .then(tell(words))
        .run(&portal.db)
        .await
}

/// Word for a logon, for all others who have access to an account, and for its address on record.
async fn everyone(
    portal: &Portal,
    act: StaffAct,
    logon: &str,
    account: &AccountId,
    event: &str,
) -> Result<Vec<NewTask>, DbError> {
    let holders = access::holders(&portal.db, account).await?;
    let others = holders.iter().map(|holder| holder.logon.as_str()).filter(|holder| *holder != logon);
    let told = [Some(logon), None].into_iter().chain(others.map(Some));
    Ok(told.map(|to| word(act, logon, Some(account), to, event)).collect())
}

/// Does what another employee asked for.
///
/// # Errors
/// A refusal of [`queries::DECIDED`] when somebody decided before, of [`queries::CHANGED`] when it is not possible any more.
pub async fn approve(portal: &Portal, approval: &Approval, by: By<'_>) -> Result<(), DbError> {
    let (db, logon, now) = (&portal.db, approval.logon.as_str(), portal.now());
    let decided = queries::decide(approval, State::Approved, by, now).then(queries::stands(approval, now));
    let (account, event) = (approval.account(), event(now));
    let note = format!(
        "{}, asked for by {}: {}",
        queries::named(approval.act, account.as_ref()),
        approval.by_name,
        approval.reason
    );
    let of_logon = format!("{}: {note}", approval.user_id.as_deref().unwrap_or("gone"));
    let done = match (approval.act, &account) {
        (Risky::GrantAccess, Some(account)) => {
            let words = everyone(portal, StaffAct::GrantedAccess, logon, account, &event).await?;
            // The terms of access are agreed to by whoever gains it; staff can't.
            let grant = Grant { logon, account, alerts: true, email: None, terms_version: "", code: "staff" };
            mailbox::holders::grant(&grant, now)
                .then(invitation::queries::accepted(account))
                .then(audit::row(now, by.id, Deed::GrantedAccess, &account.key(), &of_logon))
                .then(tell(words))
        }
        (Risky::RecoverByLetter, Some(account)) => {
            recovery_letter::begin(logon, account, (&approval.by, by.id), &portal.keys, now)
                .then(audit::row(now, by.id, Deed::SentRecoveryLetter, logon, &note))
                .then(tell(vec![word(StaffAct::SentRecoveryLetter, logon, None, Some(logon), &event)]))
        }
        (Risky::Reinstate, _) => logon::queries::set_status(logon, "active")
            .then(audit::row(now, by.id, Deed::Reinstated, logon, &note))
            .then(tell(vec![word(StaffAct::Reinstated, logon, None, Some(logon), &event)])),
        _ => return Err(DbError::Broken("an approval names no account".into())),
    };
    decided.then(done).run(db).await
}

/// Refuses what another employee asked for, or takes one's own request back.
///
/// # Errors
/// A refusal of [`queries::DECIDED`] when somebody decided before.
pub async fn refuse(portal: &Portal, approval: &Approval, state: State, by: By<'_>) -> Result<(), DbError> {
    let now = portal.now();
    let note = format!("{}: {}", approval.act.label(), state.label());
    queries::decide(approval, state, by, now)
        .then(audit::row(now, by.id, Deed::RefusedApproval, &approval.logon, &note))
        .run(&portal.db)
        .await
}

/// Whether a letter may go to an account's address on record.
///
/// # Errors
/// When the database does not answer.
pub async fn can_be_written_to(portal: &Portal, account: &AccountId) -> Result<bool, DbError> {
    let on_file = account::find(&portal.db, account).await?;
    Ok(on_file.is_some() && !account::address::has_faulty(&portal.db, account).await?)
}
